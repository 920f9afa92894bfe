//! Recorded replies in runs: the same run again, a run that went another way, and faults on top.

use super::support::{A1, M1, Notes, at, noted_with, only, performed, story};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use synod::fault::{Fault, Kind, Site};
use synod::model::{Cassette, Mock, Profile, Request, Speaker, Tape, Task, TaskSet};
use synod::protocol::consensus::Raft;
use synod::scenario::{Frozen, Job, Run, Runnable, Scenario, Story};
use synod::seed::{Draws, Seed};
use synod::time::{minutes, seconds};
use synod::{Agent, Sim};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
struct Review {
    change: String,
    approve: bool,
}

#[derive(Clone)]
struct Change(u64);

impl Task for Change {
    type Reply = Review;

    fn generate(draws: &mut Draws) -> (String, Change) {
        let number = draws.below(1_000);
        (format!("Is CH-{number} safe, or rather CH-{}?", number + 1), Change(number))
    }

    fn right(&self) -> Review {
        Review { change: format!("CH-{}", self.0), approve: self.0.is_multiple_of(2) }
    }
}

const SEED: u64 = 51;

/// Two rounds of questions, the second with the first answer in it, then a decision.
async fn reviewer(agent: Agent) -> synod::Result {
    let first: Review = agent.ask(agent.task()).await?;
    let again = agent.task().say(Speaker::Assistant, first.change).say(Speaker::User, "Are you sure?");
    let second: Review = agent.ask(again).await?;
    agent.decide(&second).await
}

fn mock() -> Mock {
    Mock::new(Profile::closed_book(), TaskSet::of(Change::generate))
}

/// A run of so many reviewers with whatever model this sets.
fn reviewed(agents: u16, set: impl Fn(&Sim) + Copy + Send + Sync + 'static) -> Run {
    let told = story(agents, reviewer, move |sim| {
        sim.task(Change::generate);
        set(sim);
    });
    performed(&told, SEED)
}

/// What three reviewers' model says on the seed, kept for the rest of the process.
fn recorded() -> &'static Cassette {
    static CASSETTE: std::sync::OnceLock<Cassette> = std::sync::OnceLock::new();
    CASSETTE.get_or_init(|| taped().1)
}

/// The recorded run and what is on its tape.
fn taped() -> (Run, Cassette) {
    let tape: &'static Tape = Box::leak(Box::default());
    let run = reviewed(3, move |sim| _ = sim.model(tape.record(mock())));
    assert_eq!(run.crash, None);
    (run, tape.cassette())
}

fn replay(sim: &Sim) {
    sim.model(recorded().clone());
}

#[test]
fn a_run_replayed_from_its_file_is_the_same_run() {
    let (run, cassette) = taped();
    assert_eq!(cassette.calls().count(), 6, "three agents, two turns");
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("reviewers.jsonl");
    cassette.write(&path).expect("a file");
    let read: &'static Cassette = Box::leak(Box::new(Cassette::read(&path).expect("a cassette")));
    assert_eq!(*read, cassette);
    let again = reviewed(3, move |sim| _ = sim.model(read.clone()));
    assert_eq!((again.digest, again.crash), (run.digest, None));
    assert!(run.figures.decisions > 0 && run.figures == again.figures);
}

#[test]
fn another_seed_has_the_same_replies_under_other_latencies() {
    let fixed: &'static Tape = Box::leak(Box::default());
    let ask = |agent: Agent, notes: Notes| async move {
        // The same question on every seed.
        let request = Request::about(synod::fact::Slot(0)).say(Speaker::User, "Is CH-7 safe?");
        notes.write(agent.ask::<u64>(request).await?);
        Ok(())
    };
    let scripted = || synod::model::Scripted::new(|request: &Request| request.bytes() as u64);
    let first = noted_with(1, 2, ask, move |sim| _ = sim.model(fixed.record(scripted())));
    let cassette: &'static Cassette = Box::leak(Box::new(fixed.cassette()));
    let mut second = noted_with(2, 2, ask, move |sim| _ = sim.model(cassette.clone()));
    second.sort();
    assert_eq!((first.len(), first), (2, second));
}

#[test]
fn a_run_that_goes_another_way_names_the_nearest_recorded_call() {
    let more = reviewed(4, replay).crash.expect("a crash");
    assert_eq!(more.node, Some(M1));
    assert!(more.what.contains("the cassette has no reply for turn 0 of a4"), "{more}");
    assert!(more.what.contains("the nearest recorded call is turn 0 of a1"), "{more}");
    let changed = story(
        3,
        |agent: Agent| async move {
            let request = agent.task().say(Speaker::User, "Think.");
            agent.ask::<Review>(request).await.map(|_| ())
        },
        |sim| {
            sim.task(Change::generate);
            replay(sim);
        },
    );
    let changed = performed(&changed, SEED).crash.expect("a crash");
    assert!(changed.what.contains("(user) is new: \"Think.\""), "{changed}");
}

/// What the first reviewer hears first from the cassette under this fault.
fn heard(fault: Fault) -> String {
    let fault: &'static Fault = Box::leak(Box::new(fault));
    let notes = Notes::default();
    let told = notes.clone();
    let program = move |agent: Agent| {
        let notes = told.clone();
        async move {
            match agent.ask::<Review>(agent.task()).await {
                Ok(review) if agent.id() == A1 => notes.write(format!("{review:?}")),
                Err(error) if agent.id() == A1 => notes.write(error),
                _ => {}
            }
            Ok(())
        }
    };
    let set = move |sim: &Sim| {
        sim.task(Change::generate).schedule(only(fault.clone()));
        replay(sim);
    };
    let run = performed(&story(3, program, set), SEED);
    assert_eq!(run.crash, None);
    let tally = run.ledger.tally(fault.kind);
    assert!(tally.fired > 0 && tally.felt > 0, "{}: {tally:?}", fault.kind);
    notes.lines().concat()
}

#[test]
fn faults_of_transport_and_content_strike_what_was_recorded() {
    let on = |kind| at(kind, M1, seconds(0), minutes(9));
    let plain = heard(on(Kind::SlowFirstToken));
    assert!(plain.starts_with("Review {"), "{plain}");
    for (kind, expected) in [
        (Kind::ServerError, "the provider failed: 500"),
        (Kind::TooManyRequests, "the provider failed: 429 rate limited, retry after"),
        (Kind::CutStream, "the provider failed: 200 the stream ended without its last event"),
        (Kind::ConnectionReset, "the provider failed: connection reset"),
        (Kind::ModelTimeout, "the model did not answer in time"),
        (Kind::ModelOutage, "the provider failed: 5"),
        (Kind::Refusal, "the model refused to answer"),
        (Kind::Truncated, "cut off at its token limit"),
        (Kind::MalformedJson, "JSON Schema"),
        (Kind::Empty, "JSON Schema"),
    ] {
        let heard = heard(on(kind));
        assert!(heard.contains(expected), "{kind}: {heard}");
    }
    let lie = heard(on(Kind::WrongAnswer));
    assert!(lie.starts_with("Review {") && lie != plain, "{lie}");
}

#[test]
fn whoever_loses_a_reply_to_a_fault_and_asks_again_is_told_the_same() {
    let retrying = |agent: Agent| async move {
        loop {
            match agent.ask::<Review>(agent.task()).await {
                Ok(review) => return agent.decide(&review).await,
                Err(_) => agent.sleep(seconds(1)).await,
            }
        }
    };
    let told = story(3, retrying, |sim| {
        let once = Fault::on(Kind::ServerError, Site::Caller(A1)).lasting(minutes(9)).once();
        sim.task(Change::generate).schedule(only(once));
        replay(sim);
    });
    let run = performed(&told, SEED);
    assert_eq!((run.crash.clone(), run.ledger.tally(Kind::ServerError).felt), (None, 1));
    assert!(run.figures.decisions > 0);
}

#[test]
fn a_pure_scenario_replays_too() {
    let job = Job::of(Seed(3));
    let scenario = || Scenario::new("kept").team(3, Raft::factory).workload(1, 1).expect(synod::check::Agreement);
    let tape = Tape::default();
    let diagnose = TaskSet::of(<synod::model::Diagnose as Task>::generate);
    let first = scenario().model(tape.record(Mock::new(Profile::grounded(), diagnose))).run(&job, &Frozen);
    assert!(tape.cassette().calls().count() > 0);
    let again = scenario().model(tape.cassette()).run(&job, &Frozen);
    assert_eq!((again.crash, again.digest), (None, first.digest));
    let empty = scenario().model(Cassette::default()).run(&job, &Frozen);
    assert!(empty.crash.expect("a crash").what.contains("it is empty"));
}

#[test]
fn a_story_of_a_catalogue_can_keep_a_cassette() {
    let cassette = recorded().clone();
    let told = Story::new("kept", move |sim: Sim| {
        let cassette = cassette.clone();
        async move {
            sim.task(Change::generate).team(3, reviewer).model(cassette);
            sim.run_for(minutes(10)).await;
        }
    });
    assert_eq!(performed(&told, SEED).crash, None);
}
