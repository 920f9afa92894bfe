//! One request, driven twice: by an async agent that awaits it, and step by step, as a pure protocol does. Both decide
//! alike for the same events.

#[path = "../agents/support.rs"]
#[expect(dead_code, reason = "shared with tests/agents, which uses all of it")]
pub mod support;

use std::collections::BTreeMap;
use support::{A1, noted_with, only};
use synod::Error;
use synod::fault::{Fault, Kind};
use synod::model::{ErrorKind, Profile, ProviderError};
use synod::policy::{Classify, Course, Move, Plan, Retry, Stop, Wording};
use synod::time::{Time, seconds};

fn plan() -> Plan {
    Plan::new(Retry::times(3)).fallback(Retry::never()).each(seconds(5)).within(seconds(30))
}

/// What an async agent's request was asked to do, when, and how each try ended: `try at rung number within`.
fn awaited() -> Vec<String> {
    let program = |agent: synod::Agent, notes: support::Notes| async move {
        let _: synod::Result<u8> = agent
            .pursue(plan(), None, |attempt| {
                let (agent, notes) = (agent.clone(), notes.clone());
                async move {
                    let at = agent.now();
                    let answer: synod::Result<u8> = agent.ask_within(agent.task(), attempt.within).await;
                    let error = answer.expect_err("nobody answers");
                    notes.write(format!("{} {} {attempt:?} {error}", at.0, agent.now().0));
                    Err(error)
                }
            })
            .await;
        notes.write(format!("{} over", agent.now().0));
        Ok(())
    };
    noted_with(7, 1, program, |sim| {
        sim.schedule(only(Fault::of_caller(Kind::Overloaded, A1)));
    })
}

#[test]
fn an_async_agent_and_a_stepped_course_decide_alike() {
    let lines = awaited();
    let overloaded = Error::Provider(ProviderError::of(ErrorKind::Overloaded)).class();
    let mut course = Course::new(plan(), Time::ZERO);
    let mut step = course.next(Time::ZERO);
    assert_eq!(lines.len(), 5, "three tries, a fallback and the end: {lines:?}");
    let mut ended = Time::ZERO;
    for line in &lines[..4] {
        let mut words = line.splitn(3, ' ');
        let mut instant = || Time(words.next().unwrap().parse().unwrap());
        let (began, over) = (instant(), instant());
        if let Move::Wait(range) = step {
            // The agent drew its wait from the range that the course gives.
            assert!(range.contains(&began.since(ended)), "{range:?} {began} {ended}");
            step = course.next(began);
        }
        let Move::Try(attempt) = step else { panic!("{step:?} where the agent tried: {line}") };
        assert!(words.next().unwrap().starts_with(&format!("{attempt:?}")), "{attempt:?} where the agent did: {line}");
        step = course.failed(over, overloaded, None);
        ended = over;
    }
    assert_eq!(step, Move::GiveUp(Stop::OutOfTries));
    assert_eq!(lines[4], format!("{} over", ended.0));
}

#[test]
fn other_words_are_asked_for_after_an_answer_that_cannot_be_used() {
    let mut course = Course::new(plan(), Time::ZERO);
    let _ = course.next(Time::ZERO);
    let unusable = Error::Reply(synod::model::ReplyError::Schema).class();
    let Move::Wait(_) = course.failed(Time::ZERO, unusable, None) else { panic!("tries again") };
    let Move::Try(second) = course.next(Time::ZERO) else { panic!("tries again") };
    assert_eq!(second.wording, Wording::Other);
}

#[test]
fn a_question_with_policies_gets_its_fallback_within_its_deadline() {
    let program = |agent: synod::Agent, notes: support::Notes| async move {
        let asked = agent.ask::<u8>(agent.task()).retry(Retry::times(3)).fallback(|_| async { Ok(7) });
        let answer = asked.each(seconds(4)).deadline(seconds(20)).await;
        notes.write(format!("{answer:?}"));
        let bare = agent.ask::<u8>(agent.task()).retry(Retry::times(3)).each(seconds(4)).deadline(seconds(20));
        let began = agent.now();
        let answer = bare.await;
        notes.write(format!("{answer:?} {}", agent.now().since(began) <= seconds(20)));
        Ok(())
    };
    let lines = noted_with(3, 1, program, |sim| {
        sim.schedule(only(Fault::of_caller(Kind::Overloaded, A1)));
    });
    assert_eq!(lines[0], "Ok(7)");
    assert!(lines[1].starts_with("Err(Provider(") && lines[1].ends_with("true"), "{lines:?}");
}

#[test]
fn a_hedged_question_is_asked_twice_and_the_loser_is_cancelled() {
    let run = support::run_with(
        5,
        1,
        |agent: synod::Agent| async move {
            let answer: synod::Result<BTreeMap<String, u8>> = agent.ask(agent.task()).hedge(seconds(3)).await;
            assert!(answer.is_ok(), "{answer:?}");
            Ok(())
        },
        move |sim| {
            sim.model(Profile::perfect()).schedule(only(slow()));
        },
    );
    assert_eq!(run.figures.model_calls, 2);
    assert_eq!(support::traced(&run, support::M1, "stops generating").len(), 1);
}

/// The first answer takes most of a minute longer.
fn slow() -> Fault {
    Fault::of_caller(Kind::SlowFirstToken, A1).at_call(0).once().strength(seconds(50).0)
}
