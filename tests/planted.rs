//! Planted bugs: each is caught under the very nemesis and budgets under which the correct protocol holds.

use synod::explore::{BareHost, Seeds, Sweep};
use synod::protocol::consensus::Raft;
use synod::protocol::consensus::raft::{Config, Planted};
use synod::scenario::Scenario;
use synod_scenarios::raft_of;

/// Every planted bug must be caught within so many seeds; the search stops at the first chunk that holds a failure.
const MOST_SEEDS: u64 = 10_000;
const CHUNK: u64 = 500;

fn raft_with(bug: Planted) -> Scenario<Raft> {
    raft_of(move |me, members| Raft::new(me, members, Config { planted: Some(bug), ..Config::default() }))
}

/// The properties that the lowest failing chunk of seeds violates.
fn caught(bug: Planted) -> Vec<String> {
    let scenario = raft_with(bug);
    for chunk in 0..MOST_SEEDS / CHUNK {
        let seeds = Seeds::new(chunk * CHUNK..(chunk + 1) * CHUNK).expect("a range");
        let report = Sweep::of(seeds).run(&scenario, &BareHost);
        if let Some(first) = report.first_failure() {
            println!("{bug:?}: {} with seed {}", first.property, first.example.seed);
            return report.harvest.failures.groups().iter().map(|group| group.property.clone()).collect();
        }
    }
    Vec::new()
}

fn check(bug: Planted, property: &str) {
    let violated = caught(bug);
    assert!(violated.iter().any(|name| name == property), "{bug:?} violated {violated:?}, not {property}");
}

#[test]
fn a_vote_that_is_not_persisted_elects_two_leaders() {
    check(Planted::VoteNotPersisted, "election_safety");
}

#[test]
fn a_term_that_is_not_persisted_elects_two_leaders() {
    check(Planted::TermNotPersisted, "election_safety");
}

#[test]
fn an_earlier_terms_entry_committed_by_counting_is_lost() {
    check(Planted::CommitsEarlierTerm, "leader_completeness");
}

#[test]
fn a_vote_for_an_older_log_loses_a_committed_entry() {
    check(Planted::SkipsUpToDateCheck, "leader_completeness");
}

#[test]
fn an_adopted_paraphrase_is_another_decision() {
    check(Planted::AdoptsParaphrase, "agreement");
}

#[test]
fn a_leader_that_never_steps_down_stalls_the_team() {
    check(Planted::NeverStepsDown, "termination");
}
