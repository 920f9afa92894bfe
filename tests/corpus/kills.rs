//! Every planted bug is caught by its own property, under the very nemesis and budgets under which its twin holds.

use std::num::NonZeroUsize;
use synod::explore::{BareHost, Seeds, Sweep};
use synod_scenarios::corpus::{Bug, Family, of};

/// Every planted bug must be caught within so many seeds; the hunt stops at the first chunk that holds a failure.
const MOST_SEEDS: u64 = 25_000;

/// The properties that the first failing chunk of seeds violates. Chunks grow: most bugs show at once.
fn caught(bug: &Bug) -> Vec<String> {
    let scenario = bug.planted();
    let (mut from, mut length) = (0, 64);
    while from < MOST_SEEDS {
        let to = MOST_SEEDS.min(from + length);
        // Families are looked through side by side.
        let sweep = Sweep { jobs: NonZeroUsize::MIN, ..Sweep::of(Seeds::new(from..to).expect("a range")) };
        let report = sweep.run(&*scenario, &BareHost);
        let violated = report.harvest.failures.groups().iter().map(|group| group.property.clone());
        if report.harvest.property(bug.property).is_some_and(|tally| tally.violated > 0) {
            println!("{}: {} with seed {:?}", bug.name, bug.property, report.harvest.lowest_failing);
            return violated.collect();
        }
        (from, length) = (to, 1_024.min(length * 2));
    }
    Vec::new()
}

fn each_is_caught(family: Family) {
    for bug in of(family) {
        let violated = caught(&bug);
        assert!(violated.iter().any(|name| name == bug.property), "{} violated {violated:?}", bug.name);
    }
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
