//! Planted bugs: each is caught under the very nemesis and budgets under which the correct protocol holds.

use synod::explore::{BareHost, Seeds, Sweep};
use synod::protocol::consensus::raft::{Config, Planted};
use synod::protocol::consensus::{Paxos, Raft, paxos};
use synod::scenario::{Runnable, Scenario};
use synod_scenarios::{paxos_config, paxos_of, raft_of};

/// Every planted bug must be caught within so many seeds; the search stops at the first chunk that holds a failure.
const MOST_SEEDS: u64 = 10_000;
const CHUNK: u64 = 500;

fn raft_with(bug: Planted) -> Scenario<Raft> {
    raft_of(move |me, members| Raft::new(me, members, Config { planted: Some(bug), ..Config::default() }))
}

fn paxos_with(bug: paxos::Planted) -> Scenario<Paxos> {
    paxos_of(move |me, members| Paxos::new(me, members, paxos::Config { planted: Some(bug), ..paxos_config(members) }))
}

/// The properties that the lowest failing chunk of seeds violates.
fn caught(bug: &str, scenario: &dyn Runnable) -> Vec<String> {
    for chunk in 0..MOST_SEEDS / CHUNK {
        let seeds = Seeds::new(chunk * CHUNK..(chunk + 1) * CHUNK).expect("a range");
        let report = Sweep::of(seeds).run(scenario, &BareHost);
        if let Some(first) = report.first_failure() {
            println!("{bug}: {} with seed {}", first.property, first.example.seed);
            return report.harvest.failures.groups().iter().map(|group| group.property.clone()).collect();
        }
    }
    Vec::new()
}

fn check(bug: Planted, property: &str) {
    expect(&format!("{bug:?}"), &raft_with(bug), property);
}

fn check_paxos(bug: paxos::Planted, property: &str) {
    expect(&format!("{bug:?}"), &paxos_with(bug), property);
}

fn expect(bug: &str, scenario: &dyn Runnable, property: &str) {
    let violated = caught(bug, scenario);
    assert!(violated.iter().any(|name| name == property), "{bug} violated {violated:?}, not {property}");
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

#[test]
fn a_promise_that_is_not_persisted_is_broken() {
    check_paxos(paxos::Planted::PromiseNotPersisted, "promises_kept");
}

#[test]
fn a_vote_that_is_not_persisted_lets_two_values_be_chosen() {
    check_paxos(paxos::Planted::VoteNotPersisted, "chosen_once");
}

#[test]
fn a_proposer_that_keeps_its_own_value_overtakes_a_chosen_one() {
    check_paxos(paxos::Planted::KeepsOwnValue, "chosen_once");
}

#[test]
fn a_ballot_used_again_has_two_leaders() {
    check_paxos(paxos::Planted::ReusesBallot, "election_safety");
}

#[test]
fn quorums_that_miss_each_other_choose_two_values() {
    check_paxos(paxos::Planted::DisjointQuorums, "chosen_once");
}

#[test]
fn votes_of_different_ballots_added_up_choose_nothing() {
    check_paxos(paxos::Planted::CountsAcrossBallots, "chosen_once");
}

#[test]
fn a_vote_below_a_promise_breaks_it() {
    check_paxos(paxos::Planted::VotesBelowPromise, "promises_kept");
}

#[test]
fn a_paraphrase_adopted_in_a_vote_is_another_value() {
    check_paxos(paxos::Planted::AdoptsParaphrase, "one_value_per_ballot");
}

#[test]
fn a_gap_left_open_stalls_the_team() {
    check_paxos(paxos::Planted::LeavesGaps, "termination");
}
