//! Every planted bug that is not known to be hard is caught by its own property, under the very nemesis and budgets
//! under which its twin holds.

use std::num::NonZeroUsize;
use synod::explore::{BareHost, Seeds, Sweep};
use synod_scenarios::corpus::{Bug, Family, of};

/// Every planted bug must be caught within so many seeds; the hunt stops at the first chunk that holds a failure.
const MOST_SEEDS: u64 = 25_000;

/// Whether some seed violates the bug's own property. Chunks of seeds grow: most bugs show at once.
fn is_caught(bug: &Bug) -> bool {
    let scenario = bug.planted();
    let (mut from, mut length) = (0, 64);
    while from < MOST_SEEDS {
        let to = MOST_SEEDS.min(from + length);
        // Families are looked through side by side.
        let sweep = Sweep { jobs: NonZeroUsize::MIN, ..Sweep::of(Seeds::new(from..to).expect("a range")) };
        let report = sweep.run(&*scenario, &BareHost);
        if let Some(seed) = report.harvest.property(bug.property).and_then(|tally| tally.lowest) {
            println!("{}: {} with seed {seed}", bug.name, bug.property);
            return true;
        }
        (from, length) = (to, 1_024.min(length * 2));
    }
    false
}

fn each_is_caught(family: Family) {
    let mut missed = of(family);
    missed.retain(|bug| bug.hard().is_none() && !is_caught(bug));
    let missed: Vec<_> = missed.iter().map(|bug| format!("{}: {}", bug.name, bug.property)).collect();
    assert!(missed.is_empty(), "not within {MOST_SEEDS} seeds: {missed:?}");
}

#[test]
fn every_planted_bug_of_raft_is_caught() {
    each_is_caught(Family::Raft);
}

#[test]
fn every_planted_bug_of_paxos_is_caught() {
    each_is_caught(Family::Paxos);
}

#[test]
fn every_planted_bug_of_byzantine_agreement_is_caught() {
    each_is_caught(Family::Bft);
}

#[test]
fn every_planted_bug_of_debate_and_refinement_is_caught() {
    each_is_caught(Family::Deliberation);
}

#[test]
fn every_planted_bug_of_channels_is_caught() {
    each_is_caught(Family::Channels);
}

#[test]
fn every_planted_bug_of_stores_is_caught() {
    each_is_caught(Family::Stores);
}

#[test]
fn every_planted_bug_of_policies_is_caught() {
    each_is_caught(Family::Policies);
}

#[test]
fn every_planted_bug_of_teams_is_caught() {
    each_is_caught(Family::Teams);
}
