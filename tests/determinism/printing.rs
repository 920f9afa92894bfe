//! A run that is no function of its seed is noticed, and the first event that differs is shown.

use super::explain;
use super::places::{ALONE, BESIDE, REUSED};
use std::sync::atomic::{AtomicU64, Ordering};
use synod::explore::{Failure, NotReproducible, Seeds, Sweep};
use synod::runtime::default_host;
use synod::scenario::{Sim, Story};
use synod::seed::Seed;
use synod::time::{millis, seconds};
use synod::{Agent, Result};

static RUNS: AtomicU64 = AtomicU64::new(0);

/// An agent that remembers, across runs, how often it ran.
async fn forgetful(agent: Agent) -> Result<()> {
    agent.sleep(seconds(1)).await;
    agent.sleep(millis(1 + RUNS.fetch_add(1, Ordering::Relaxed))).await;
    agent.decide("rollback").await
}

fn leaky() -> Story {
    Story::new("leaky", |sim: Sim| async move {
        sim.team(1, forgetful);
        sim.run_for(seconds(3_600)).await;
    })
}

/// The message names both runs' first event that differs: the end of the second sleep, not of the first.
fn assert_shows_the_first_difference(said: &str) {
    let event = |word: &str| {
        let line = said.lines().find(|line| line.trim_start().starts_with(word));
        line.unwrap_or_else(|| panic!("no line begins with {word:?}:\n{said}")).to_owned()
    };
    let [once, again] = ["once", "again"].map(event);
    assert!(once.contains("1.0") && again.contains("1.0") && once.contains("wakes") && once != again, "{said}");
    assert!(said.contains("leaky, seed 0") && said.contains("statics"), "{said}");
}

#[test]
fn a_sweep_shows_the_first_event_that_differs() {
    let report = Sweep::of(Seeds::new(0..8).expect("a range")).run(&leaky(), default_host());
    let failure = Failure::of(&report, |_| String::new()).expect("two runs of one seed differ");
    assert!(matches!(failure, Failure::NotReproducible(_)), "{failure}");
    assert_shows_the_first_difference(&failure.to_string());
}

#[test]
fn the_contract_shows_the_first_event_that_differs() {
    for place in [REUSED, BESIDE] {
        let unlike: NotReproducible = explain(&leaky(), Seed(0), &ALONE, &place);
        assert_shows_the_first_difference(&unlike.to_string());
    }
}
