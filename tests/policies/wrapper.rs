//! What an agent adds to a question or to a piece of work: a remembered answer, a peer's, a seat, a rate, a saga.

use crate::driving::support::{self, A1, A2, Notes, noted_with, only};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use synod::agent::{Compartment, Shared};
use synod::check::{BreakerLegality, Check, Herd, RetryGaps, Verdict};
use synod::fact::Fact;
use synod::fault::{Fault, Kind, Schedule};
use synod::model::Profile;
use synod::policy::{Allowance, Breaker, Budget, Bulkhead, Circuit, Ending, Plan, Remembered, Retry, Saga};
use synod::seed::Ratio;
use synod::time::{Duration, Time, millis, minutes, seconds};
use synod::{Agent, Error};

/// What the model says if nobody set it a task.
type Answer = BTreeMap<String, u64>;

/// The model answers this caller's first question and no other.
fn once(caller: synod::id::NodeId) -> Schedule {
    only(Fault::of_caller(Kind::Overloaded, caller).at_call(1))
}

#[test]
fn the_last_good_answer_is_given_until_it_is_too_old() {
    let program = |agent: Agent, notes: Notes| async move {
        let memory = Shared::new(Remembered::for_at_most(seconds(90)));
        for _ in 0..3 {
            let began = agent.now();
            let answer: synod::Result<Answer> = agent.ask(agent.task()).remembered(&memory).await;
            notes.write(format!("{:?}", answer.map_err(|error| error.to_string())));
            agent.sleep(seconds(60) - agent.now().since(began)).await;
        }
        Ok(())
    };
    let lines = noted_with(1, 1, program, |sim| _ = sim.model(Profile::perfect()).schedule(once(A1)));
    assert!(lines[0].starts_with("Ok(") && lines[1] == lines[0], "{lines:?}");
    assert_eq!(lines[2], r#"Err("no answer is remembered")"#);
}

#[test]
fn a_peer_with_another_model_answers_when_the_own_one_does_not() {
    let program = |agent: Agent, notes: Notes| async move {
        if agent.id() == A2 {
            return agent.help_peers::<Answer>().await;
        }
        agent.ask::<Answer>(agent.task()).await?;
        let answer = agent.ask::<Answer>(agent.task()).peer(A2, seconds(60)).await;
        notes.write(answer.is_ok());
        Ok(())
    };
    let lines = noted_with(2, 2, program, |sim| _ = sim.model(Profile::perfect()).models(2).schedule(once(A1)));
    assert_eq!(lines, ["true"]);
}

#[test]
fn a_peer_that_does_not_help_is_waited_for_no_longer_than_said() {
    let program = |agent: Agent, notes: Notes| async move {
        if agent.id() == A1 {
            let began = agent.now();
            let answer = agent.ask_peer::<Answer>(A2, agent.task(), seconds(7)).await;
            notes.write(format!("{answer:?} after {}", agent.now().since(began)));
        }
        Ok(())
    };
    assert_eq!(noted_with(2, 2, program, |_| ()), ["Err(ModelTimeout) after 7 s"]);
}

/// Whatever this caller asks, this happens to it.
fn always(kind: Kind, caller: synod::id::NodeId) -> Schedule {
    only(lasting(kind, caller))
}

fn lasting(kind: Kind, caller: synod::id::NodeId) -> Fault {
    Fault::of_caller(kind, caller).lasting(minutes(30))
}

#[test]
fn a_peer_is_told_what_is_left_of_the_deadline() {
    let program = |agent: Agent, notes: Notes| async move {
        if agent.id() == A2 {
            return agent.help_peers::<Answer>().await;
        }
        let asked = agent.ask::<Answer>(agent.task()).each(seconds(30)).peer(A2, seconds(60)).deadline(seconds(40));
        notes.write(asked.await.is_err());
        // The peer would go on for a minute if it had been told that it may.
        agent.sleep(minutes(3)).await;
        Ok(())
    };
    let hang = || Schedule { faults: [A1, A2].map(|who| lasting(Kind::ModelTimeout, who)).to_vec() };
    let run = support::run_with(
        2,
        2,
        move |agent: Agent| program(agent, Notes::default()),
        move |sim| _ = sim.model(Profile::perfect()).models(2).schedule(hang()),
    );
    let records = run.trace.records().iter().enumerate();
    let gave_up = records.filter(|(place, record)| {
        record.node == A2 && run.trace.text(*place).contains("waits no longer for its model")
    });
    let after: Vec<u64> = gave_up.map(|(_, record)| record.at.since(Time::ZERO).0 / seconds(1).0).collect();
    assert_eq!(after, [40], "the peer was told of the deadline");
}

#[test]
fn a_breaker_hears_of_questions_that_nobody_waits_for_any_more() {
    let program = |agent: Agent, notes: Notes| async move {
        let breaker = Shared::new(Breaker::new(2, minutes(5)));
        for _ in 0..3 {
            // Both questions of a hedge are still out when the try is over.
            let asked = agent.ask::<Answer>(agent.task()).each(seconds(10)).hedge(seconds(4)).breaker(&breaker);
            notes.write(asked.await.expect_err("the model hangs"));
        }
        notes.write(breaker.with(|breaker| breaker.circuit() == Circuit::Open));
        Ok(())
    };
    let lines = noted_with(1, 1, program, |sim| _ = sim.schedule(always(Kind::ModelTimeout, A1)));
    assert_eq!(lines[..2], [Error::ModelTimeout.to_string(), Error::ModelTimeout.to_string()]);
    assert_eq!(lines[2..], [Error::Guarded(minutes(5)).to_string(), "true".to_owned()]);
}

#[test]
fn retries_and_hedges_of_a_question_are_paid_from_its_budget() {
    let program = |agent: Agent, _: Notes| async move {
        let budget = Shared::new(Budget::new(10, 1));
        let asked = agent.ask::<Answer>(agent.task()).retry(Retry::times(5)).budget(&budget).each(seconds(9));
        assert!(asked.await.is_err(), "the model refuses");
        let hedged = agent.ask::<Answer>(agent.task()).hedge(Duration(1)).budget(&budget);
        assert!(hedged.await.is_err(), "the model refuses");
        Ok(())
    };
    let run = support::run_with(
        1,
        1,
        move |agent: Agent| program(agent, Notes::default()),
        |sim| {
            _ = sim.schedule(always(Kind::Overloaded, A1));
        },
    );
    // The first question, one retry from the reserve, and the second question.
    assert_eq!((run.crash, run.figures.model_calls), (None, 3));
}

#[test]
fn a_model_that_says_how_long_to_wait_is_not_asked_before() {
    let program = |agent: Agent, notes: Notes| async move {
        let first = agent.ask::<Answer>(agent.task()).await.expect_err("it is over its quota");
        let Error::Provider(error) = first else { panic!("{first}") };
        let after = error.retry_after.expect("a 429 of this kind says how long");
        let began = agent.now();
        let asked = agent.ask::<Answer>(agent.task()).retry(Retry::times(2)).each(minutes(2)).deadline(minutes(9));
        // Backoff alone would have it asked again within a second or so. Whether it answers then is its own affair.
        _ = asked.await;
        notes.write(agent.now().since(began) >= after);
        Ok(())
    };
    let twice =
        || Schedule { faults: [0, 1].map(|nth| Fault::of_caller(Kind::TooManyRequests, A1).at_call(nth)).to_vec() };
    let lines = noted_with(3, 1, program, move |sim| _ = sim.model(Profile::perfect()).schedule(twice()));
    assert_eq!(lines, ["true"]);
}

#[test]
fn a_question_waits_for_a_seat() {
    let program = |agent: Agent, notes: Notes| async move {
        let compartment = Compartment::new(Bulkhead::new(1, 0));
        let (busy, held) = (compartment.clone(), agent.clone());
        let holder = Box::pin(async move {
            let rest = held.clone();
            let work = async move {
                rest.sleep(seconds(20)).await;
                Ok(())
            };
            held.seated(&busy, work).await.expect("a free seat");
        });
        let asker = Box::pin(async move {
            let turned_away = agent.ask::<Answer>(agent.task()).seated(&compartment).await;
            notes.write(turned_away.expect_err("the seat is taken"));
            agent.sleep(seconds(30)).await;
            notes.write(agent.ask::<Answer>(agent.task()).seated(&compartment).await.is_ok());
        });
        together(vec![holder, asker]).await;
        Ok(())
    };
    let lines = noted_with(1, 1, program, |sim| _ = sim.model(Profile::perfect()));
    assert_eq!(lines, [Error::Full.to_string(), "true".to_owned()]);
}

/// Does all of these to their end.
async fn together(mut works: Vec<Pin<Box<dyn Future<Output = ()> + Send>>>) {
    poll_fn(|context| {
        works.retain_mut(|work| work.as_mut().poll(context).is_pending());
        if works.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[test]
fn a_compartment_lets_in_as_many_as_have_seats_in_the_order_in_which_they_came() {
    let program = |agent: Agent, notes: Notes| async move {
        let compartment = Compartment::new(Bulkhead::new(1, 2));
        let task = |number: u64| -> Pin<Box<dyn Future<Output = ()> + Send>> {
            let (agent, compartment, notes) = (agent.clone(), compartment.clone(), notes.clone());
            Box::pin(async move {
                agent.sleep(millis(number)).await;
                let work = async {
                    agent.sleep(seconds(5)).await;
                    Ok(())
                };
                // The second one waits for no longer than two seconds: its place is another's then.
                let patience = if number == 1 { seconds(2) } else { seconds(60) };
                let ended = agent.timeout(patience, agent.seated(&compartment, work)).await;
                let ended = match ended {
                    None => "waits no more".to_owned(),
                    Some(Ok(())) => "is done".to_owned(),
                    Some(Err(error)) => error.to_string(),
                };
                notes.write(format!("{number} {ended} at {}", agent.now().0 / seconds(1).0));
            })
        };
        let late = {
            let (task, agent) = (task(4), agent.clone());
            Box::pin(async move {
                agent.sleep(seconds(3)).await;
                task.await;
            })
        };
        together((0..4).map(task).chain([late as Pin<Box<dyn Future<Output = ()> + Send>>]).collect()).await;
        Ok(())
    };
    let lines = noted_with(4, 1, program, |_| ());
    let expected = [
        "3 the compartment is full at 0",
        "1 waits no more at 2",
        "0 is done at 5",
        "2 is done at 10",
        "4 is done at 15",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn paced_questions_come_no_faster_than_they_may() {
    let run = support::run_with(
        3,
        1,
        |agent: Agent| async move {
            let allowance = Shared::new(Allowance::per_minute(1, 1));
            let began = agent.now();
            for _ in 0..3 {
                // The wait for the allowance is part of the try.
                let asked = agent.ask::<Answer>(agent.task()).paced(&allowance).each(seconds(90));
                let answer = asked.await;
                assert!(answer.is_ok(), "{answer:?}");
            }
            assert!(agent.now().since(began) >= seconds(120));
            Ok(())
        },
        |sim| _ = sim.model(Profile::perfect()),
    );
    assert_eq!((run.crash, run.figures.model_calls), (None, 3));
}

/// The agent crashes while its second step is under way.
fn crash() -> Schedule {
    only(Fault::at(Kind::Crash, A1).from(Time::ZERO + seconds(15)).lasting(seconds(5)))
}

#[test]
fn a_saga_goes_on_where_a_crash_left_it() {
    let program = |agent: Agent, notes: Notes| async move {
        notes.write(format!("{:?}", agent.last_saga().await));
        let steps = ["one", "two", "three"];
        let saga = agent.saga(Saga::new("work", steps), Plan::new(Retry::never()), |act| {
            let (agent, notes) = (agent.clone(), notes.clone());
            async move {
                notes.write(&act.key);
                agent.sleep(seconds(10)).await;
                if act.step == "three" { Err(Error::Other("refused".to_owned())) } else { Ok(()) }
            }
        });
        notes.write(saga.await? == Ending::Undone);
        Ok(())
    };
    let lines = noted_with(5, 1, program, |sim| _ = sim.schedule(crash()));
    let expected = [
        "None",
        "work/one",
        "work/two",
        r#"Some("work")"#,
        "work/two",
        "work/three",
        "work/two/undo",
        "work/one/undo",
        "true",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn checkers_of_breakers_herds_and_gaps_see_what_is_asked_of_models() {
    let program = |agent: Agent| async move {
        let breaker = Shared::new(Breaker::new(2, seconds(5)));
        for _ in 0..6 {
            let asked = agent.ask::<Answer>(agent.task()).retry(Retry::times(3)).breaker(&breaker);
            let _ = asked.each(seconds(10)).await;
            agent.sleep(seconds(6)).await;
        }
        Ok(())
    };
    let run = support::run_with(3, 1, program, |sim| {
        let fails = Fault::of_caller(Kind::Overloaded, A1).rate(Ratio::percent(60));
        sim.model(Profile::perfect()).schedule(only(fails));
    });
    let judged = |check: &dyn Check| match check.check(&run.history) {
        Verdict::Holds { judged } => judged,
        other => panic!("{}: {other:?}", check.property().name),
    };
    let put = run.history.facts().filter(|(_, _, fact)| matches!(fact, Fact::Questioned { .. })).count() as u64;
    let settled = run.history.facts().filter(|(_, _, fact)| matches!(fact, Fact::Settled { .. })).count() as u64;
    assert!(put > 6 && put == settled, "{put} put, {settled} settled");
    assert_eq!([judged(&RetryGaps::DEFAULT), judged(&Herd::DEFAULT)], [put; 2]);
    assert!((1..put).contains(&judged(&BreakerLegality)), "what is put before the first switch is nobody's matter");
}
