//! One request, driven twice: by an async agent that awaits it, and step by step, as a pure protocol does. Both decide
//! alike for the same events.

#[path = "../agents/support.rs"]
#[expect(dead_code, reason = "shared with tests/agents, which uses all of it")]
pub mod support;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use support::{A1, noted_with, only};
use synod::Error;
use synod::agent::Shared;
use synod::fault::{Fault, Kind, Schedule, Tolerance};
use synod::id::OpId;
use synod::model::Profile;
use synod::policy::{Budget, Class, Classify, Course, Latencies, Move, Plan, Retry, Try, Wording};
use synod::protocol::{Effect, Effects, Event, Protocol};
use synod::seed::Ratio;
use synod::time::{Time, seconds};

/// What the model says if nobody set it a task.
type Answer = BTreeMap<String, u64>;

/// A request as a part of a pure protocol: its course is state, its waits are timers, its tries are asks. What the
/// composing agent answers is how a try failed; `None`: it did not.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asker {
    course: Course,
    budget: Budget,
    ticket: u64,
}

synod::digestible! { struct Asker { course, budget, ticket } }

impl Asker {
    fn make(&mut self, step: Move, effects: &mut Effects<Asker>) {
        match step {
            Move::Try(attempt) => {
                self.ticket += 1;
                effects.ask(self.ticket, attempt);
            }
            Move::Wait(range) => effects.arm((), range),
            Move::GiveUp(_) => effects.respond(OpId(0), ()),
        }
    }
}

impl Protocol for Asker {
    type Message = ();
    type Timer = ();
    type Durable = ();
    type Write = ();
    type Request = ();
    type Response = ();
    type Ask = Try;
    type Answer = Option<Class>;

    fn step(&mut self, now: Time, event: Event<Asker>, effects: &mut Effects<Asker>) {
        match event {
            Event::Invoke { .. } => {
                self.budget.tried();
                self.course = Course::new(plan(), now);
                let step = self.course.next(now);
                self.make(step, effects);
            }
            Event::Fire(()) => {
                let step = self.course.next(now);
                self.make(step, effects);
            }
            Event::Answer { answer: Some(class), .. } => {
                let step = self.course.failed(now, class, Some(&mut self.budget));
                self.make(step, effects);
            }
            Event::Answer { answer: None, .. } => effects.respond(OpId(0), ()),
            Event::Start(_) | Event::Deliver { .. } | Event::DiskFailed(_) => {}
        }
    }

    fn tolerance(_: Kind) -> Option<Tolerance> {
        None
    }
}

const REQUESTS: u64 = 12;
const SEEDS: u64 = 12;
/// Retries that all requests of a run have together, beside a tenth of their number: some are refused for it.
const RESERVE: u32 = 4;

fn plan() -> Plan {
    Plan::new(Retry::times(3)).fallback(Retry::times(2)).each(seconds(15)).within(seconds(50))
}

/// One try of an async agent: when it began and ended, what it was asked to be, and how it failed.
#[derive(Clone, Copy, Debug)]
struct Tried {
    request: u64,
    began: Time,
    over: Time,
    attempt: Try,
    failed: Option<Class>,
}

/// Every try of an agent whose model fails in most ways there are, and when each request was over.
fn awaited(seed: u64) -> (Vec<Tried>, Vec<Time>) {
    let (tries, ends) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
    let told = (tries.clone(), ends.clone());
    let program = move |agent: synod::Agent| {
        let (tries, ends) = told.clone();
        async move {
            let budget = Shared::new(Budget::new(10, RESERVE));
            for request in 0..REQUESTS {
                let _: synod::Result<Answer> = agent
                    .pursue(plan(), Some(&budget), |attempt| {
                        let (agent, tries, began) = (agent.clone(), tries.clone(), agent.now());
                        async move {
                            let answer: synod::Result<Answer> = agent.ask_within(agent.task(), attempt.within).await;
                            let failed = answer.as_ref().err().map(Classify::class);
                            tries.lock().unwrap().push(Tried { request, began, over: agent.now(), attempt, failed });
                            answer
                        }
                    })
                    .await;
                ends.lock().unwrap().push(agent.now());
            }
            Ok(())
        }
    };
    let run = support::run_with(seed, 1, program, |sim| {
        sim.model(Profile::careful()).schedule(Schedule { faults: trouble() });
    });
    assert_eq!(run.crash, None);
    let tries = tries.lock().unwrap().clone();
    let ends = ends.lock().unwrap().clone();
    (tries, ends)
}

/// Failures of every class, now and then.
fn trouble() -> Vec<Fault> {
    let kinds = [Kind::Overloaded, Kind::TooManyRequests, Kind::MalformedJson, Kind::ModelTimeout];
    let now_and_then = |kind| Fault::of_caller(kind, A1).rate(Ratio::percent(20));
    kinds.map(now_and_then).to_vec()
}

#[test]
fn an_async_agent_and_a_pure_protocol_decide_alike_for_the_same_events() {
    let (mut waits, mut fallbacks, mut answered, mut given_up) = (0, 0, 0, 0);
    for seed in 0..SEEDS {
        let (tries, ends) = awaited(seed);
        let start = Course::new(plan(), Time::ZERO);
        let mut asker = Asker { course: start, budget: Budget::new(10, RESERVE), ticket: 0 };
        let mut step = |now, event| {
            let mut effects = Effects::default();
            asker.step(now, event, &mut effects);
            let only: Vec<Effect<Asker>> = effects.drain().collect();
            let [effect] = only.try_into().expect("one move");
            effect
        };
        for request in 0..REQUESTS {
            let own: Vec<&Tried> = tries.iter().filter(|tried| tried.request == request).collect();
            let (first, end) = (own[0], ends[usize::try_from(request).unwrap()]);
            let mut effect = step(first.began, Event::Invoke { op: OpId(0), request: () });
            let mut before = first.began;
            for tried in own {
                if let Effect::Arm { within, .. } = &effect {
                    // The agent drew its wait from the range that the protocol arms.
                    assert!(within.contains(&tried.began.since(before)), "{within:?}, {tried:?}");
                    effect = step(tried.began, Event::Fire(()));
                    waits += 1;
                }
                let Effect::Ask { ticket, ask } = effect else { panic!("{effect:?} where the agent tried: {tried:?}") };
                assert_eq!(ask, tried.attempt, "seed {seed}, request {request}");
                fallbacks += u64::from(ask.rung == 1 && ask.number == 1);
                effect = step(tried.over, Event::Answer { ticket, answer: tried.failed });
                answered += u64::from(tried.failed.is_none());
                before = tried.over;
            }
            assert!(matches!(effect, Effect::Return { .. }), "{effect:?} where the agent was done, seed {seed}");
            assert_eq!(end, before, "it is done as soon as its last try is, seed {seed}");
            given_up += 1;
        }
    }
    given_up -= answered;
    println!("{waits} waits, {fallbacks} fallbacks, {answered} answers, {given_up} given up");
    assert!(waits > 10 && fallbacks > 10 && answered > 10 && given_up > 10);
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

#[test]
fn a_question_is_hedged_when_it_is_later_than_nineteen_in_twenty_before_it() {
    let asked = |questions: u64| {
        let program = move |agent: synod::Agent| async move {
            let latencies = Shared::new(Latencies::of_last(100));
            for _ in 0..questions {
                let asked = agent.ask::<Answer>(agent.task()).hedge_late(&latencies, seconds(59));
                let began = agent.now();
                assert!(asked.await.is_ok());
                let took = agent.now().since(began);
                assert!(took < seconds(50), "the slow answer is not waited for: {took}");
            }
            Ok(())
        };
        let run = support::run_with(5, 1, program, |sim| {
            sim.model(Profile::perfect()).schedule(only(slow_at(20)));
        });
        assert_eq!(run.crash, None);
        run.figures.model_calls
    };
    // As long as a twentieth of what is known is less than one, it waits as long as it was told to.
    assert_eq!(asked(20), 20);
    assert_eq!(asked(21), 22);
}

/// The first answer takes most of a minute longer.
fn slow() -> Fault {
    slow_at(0)
}

/// The answer to this question does.
fn slow_at(question: u64) -> Fault {
    Fault::of_caller(Kind::SlowFirstToken, A1).at_call(question).once().strength(seconds(50).0)
}
