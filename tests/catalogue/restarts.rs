//! What async agents keep and lose: saves complete in order, a crash keeps a prefix of them, and who starts again finds
//! the world as it is.

use crate::senders::told;
use crate::{LINK, a, at, fault};
use futures::future::join3;
use std::collections::BTreeSet;
use synod::fact::Fact;
use synod::fault::{Fault, Kind, Schedule, Site, When};
use synod::scenario::{Frozen, Job, Run, Runnable, Sim, Story};
use synod::seed::Seed;
use synod::time::{Duration, millis, seconds};
use synod::trace::Detail;
use synod::{Agent, Result};

/// Begins three saves at once, or decides what survived.
async fn saver(agent: Agent) -> Result<()> {
    if agent.now() >= at(1_000) {
        return agent.decide(agent.recall::<u64>().unwrap_or_default()).await;
    }
    agent.sleep(millis(500)).await;
    let (first, second, third) = join3(agent.save(&1u64), agent.save(&2u64), agent.save(&3u64)).await;
    first.and(second).and(third)?;
    agent.sleep(seconds(1)).await;
    agent.decide(agent.recall::<u64>().unwrap_or_default()).await
}

fn run(faults: Vec<Fault>, seed: u64) -> Run {
    let story = Story::new("saves", move |sim: Sim| {
        let schedule = Schedule { faults: faults.clone() };
        async move {
            sim.team(1, saver).schedule(schedule);
            sim.run_for(seconds(10)).await;
        }
    });
    let run = story.run(&Job::of(Seed(seed)).detailed(Detail::Full), &Frozen);
    assert!(run.crash.is_none(), "{:?}", run.crash);
    run
}

/// What `a1` recalled in the end.
fn recalled(run: &Run) -> String {
    let decided = run.history.facts().filter_map(|(_, _, fact)| match fact {
        Fact::Decided { value, .. } => Some(value.to_string()),
        _ => None,
    });
    decided.last().expect("a decision")
}

fn here(kind: Kind, when: When) -> Fault {
    Fault { when, ..fault(kind, Site::Node(a(1)), Duration::ZERO) }
}

#[test]
fn saves_complete_in_the_order_they_were_begun() {
    for seed in 0..40 {
        assert_eq!(recalled(&run(Vec::new(), seed)), "3", "seed {seed}");
    }
}

#[test]
fn a_crash_keeps_a_prefix_of_the_saves_under_way() {
    let survivors: BTreeSet<String> =
        (0..200).map(|seed| recalled(&run(vec![here(Kind::Crash, When::Nth(2))], seed))).collect();
    assert_eq!(survivors, ["0", "1", "2", "3"].map(str::to_owned).into(), "any prefix, on some seed");
}

#[test]
fn what_was_only_said_to_be_saved_is_gone_after_a_crash() {
    let crash = || here(Kind::Crash, When::At(at(1_000)));
    let lie = here(Kind::LostWrite, When::At(at(400)));
    assert_eq!(
        (recalled(&run(vec![crash()], 1)), recalled(&run(vec![lie, crash()], 1))),
        ("3".to_owned(), "0".to_owned())
    );
}

#[test]
fn an_agent_that_cannot_read_its_disk_recalls_nothing() {
    let crash = here(Kind::Crash, When::At(at(1_000)));
    let unreadable = Fault { span: seconds(5), ..here(Kind::ReadError, When::At(at(400))) };
    let run = run(vec![unreadable, crash], 1);
    assert_eq!(recalled(&run), "0");
    assert_eq!(run.ledger.tally(Kind::ReadError).felt, 1);
}

#[test]
fn an_agent_that_starts_behind_a_cut_is_told_so() {
    let crash = Fault { span: millis(200), ..here(Kind::Crash, When::At(at(1_500))) };
    let cut = Fault { span: seconds(2), ..fault(Kind::Cut, LINK, Duration::ZERO) };
    let run = crate::senders::run(vec![cut, crash]);
    assert!(
        (15..=20).contains(&told(&run, "refused")),
        "five before the crash and a dozen after: {}",
        told(&run, "refused")
    );
}
