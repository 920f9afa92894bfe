//! What a sender is told of its message, which only async agents are: `false_success` has its story here.

use crate::{LINK, a, fault};
use synod::fault::{Fault, Kind, Schedule};
use synod::scenario::{Frozen, Job, Run, Runnable, Sim, Story};
use synod::seed::Seed;
use synod::time::{Duration, millis, seconds};
use synod::trace::{Detail, Happening};
use synod::{Agent, Result};

/// The kind on trial.
pub const KIND: Kind = Kind::FalseSuccess;

/// `a1` greets `a2` ten times a second and writes down what it was told.
async fn greeter(agent: Agent) -> Result<()> {
    if agent.id() != a(1) {
        loop {
            agent.recv::<u64>().await;
        }
    }
    for greeting in 0..30u64 {
        let told = if agent.send(a(2), &greeting).await.is_ok() { "accepted" } else { "refused" };
        agent.save(&told).await?;
        agent.sleep(millis(100)).await;
    }
    Ok(())
}

pub fn run(faults: Vec<Fault>) -> Run {
    let story = Story::new("greetings", move |sim: Sim| {
        let schedule = Schedule { faults: faults.clone() };
        async move {
            sim.team(2, greeter).schedule(schedule);
            sim.run_for(seconds(10)).await;
        }
    });
    let run = story.run(&Job::of(Seed(7)).detailed(Detail::Full), &Frozen);
    assert!(run.crash.is_none(), "{:?}", run.crash);
    run
}

/// How often `a1` wrote this down.
pub fn told(run: &Run, what: &str) -> usize {
    let records = run.trace.records().iter().enumerate();
    let texts =
        records.filter(|(_, record)| record.happening == Happening::Persisting).map(|(place, _)| run.trace.text(place));
    texts.filter(|text| text.contains(what)).count()
}

fn greeted(run: &Run) -> usize {
    let records = run.trace.records().iter();
    records.filter(|record| record.happening == Happening::Delivered && record.node == a(2)).count()
}

#[test]
fn a_sender_is_told_of_success_for_a_message_that_never_arrives() {
    let (quiet, with) = (run(Vec::new()), run(vec![fault(KIND, LINK, Duration::ZERO)]));
    let tally = with.ledger.tally(KIND);
    assert!(tally.planned == 1 && tally.fired >= 1 && tally.felt >= 1, "{tally:?}");
    assert_eq!((told(&quiet, "accepted"), told(&with, "accepted")), (30, 30), "it cannot know");
    assert_eq!(greeted(&quiet), 30);
    assert!((19..=22).contains(&greeted(&with)), "a second of greetings never arrives: {}", greeted(&with));
}

#[test]
fn a_sender_is_told_that_a_link_is_cut_unless_the_link_lies() {
    let cut = || fault(Kind::Cut, LINK, Duration::ZERO);
    let (honest, lying) = (run(vec![cut()]), run(vec![fault(KIND, LINK, Duration::ZERO), cut()]));
    assert!((9..=11).contains(&told(&honest, "refused")), "{}", told(&honest, "refused"));
    assert_eq!(told(&lying, "refused"), 0);
    assert_eq!(greeted(&honest), greeted(&lying), "no greeting arrives on either");
    assert!(lying.ledger.tally(KIND).felt >= 9);
    assert_eq!(honest.ledger.tally(KIND).fired, 0);
}
