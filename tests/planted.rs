//! Planted bugs: each is caught under the very nemesis and budgets under which the correct protocol holds.

#[path = "support/hunt.rs"]
mod hunt;

use hunt::{caught, expect};
use synod::fault::{Fault, Kind, Schedule, Site};
use synod::id::NodeId;
use synod::protocol::consensus::bft::{self, Bft};
use synod::protocol::consensus::raft::{Config, Planted};
use synod::protocol::consensus::{Paxos, Raft, paxos};
use synod::scenario::Scenario;
use synod::time::seconds;
use synod_scenarios::{bft_of, paxos_config, paxos_of, raft_of};

fn raft_with(bug: Planted) -> Scenario<Raft> {
    raft_of(move |me, members| Raft::new(me, members, Config { planted: Some(bug), ..Config::default() }))
}

fn paxos_with(bug: paxos::Planted) -> Scenario<Paxos> {
    paxos_of(move |me, members| Paxos::new(me, members, paxos::Config { planted: Some(bug), ..paxos_config(members) }))
}

fn bft_with(bug: bft::Planted) -> Scenario<Bft> {
    bft_of(move |me, members| Bft::new(me, members, bft::Config { planted: Some(bug), ..bft::Config::default() }))
}

fn check(bug: Planted, property: &str) {
    expect(&format!("{bug:?}"), &raft_with(bug), property);
}

fn check_paxos(bug: paxos::Planted, property: &str) {
    expect(&format!("{bug:?}"), &paxos_with(bug), property);
}

fn check_bft(bug: bft::Planted, property: &str) {
    expect(&format!("{bug:?}"), &bft_with(bug), property);
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
fn a_quorum_of_2f_certifies_two_values() {
    check_bft(bft::Planted::QuorumTooSmall, "certificates");
}

#[test]
fn a_member_without_a_lock_votes_against_what_may_be_decided() {
    check_bft(bft::Planted::NoLock, "locked_value");
}

#[test]
fn a_round_change_that_drops_the_valid_value_proposes_past_it() {
    check_bft(bft::Planted::DropsValidValue, "locked_value");
}

#[test]
fn a_voter_that_counts_twice_makes_a_certificate_of_too_few() {
    check_bft(bft::Planted::CountsVoterTwice, "certificates");
}

#[test]
fn a_forged_sender_that_is_believed_gets_a_correct_member_accused() {
    check_bft(bft::Planted::TrustsAnyName, "accountability");
}

#[test]
fn a_lock_that_is_not_persisted_is_voted_against_after_a_restart() {
    check_bft(bft::Planted::LockNotPersisted, "locked_value");
}

#[test]
fn a_certificate_that_nobody_checks_is_believed_though_nobody_signed_it() {
    check_bft(bft::Planted::SkipsCertificateCheck, "certificates");
}

#[test]
fn entries_that_are_not_persisted_are_lost_after_they_were_counted() {
    check(Planted::EntriesNotPersisted, "leader_completeness");
}

#[test]
fn a_member_of_raft_that_outlives_its_disk_says_what_it_will_forget() {
    check(Planted::OutlivesItsDisk, "leader_completeness");
}

#[test]
fn a_promise_without_votes_lets_a_chosen_value_be_overtaken() {
    check_paxos(paxos::Planted::PromisesWithoutVotes, "chosen_once");
}

#[test]
fn a_vote_of_another_ballot_taken_for_chosen_is_another_command() {
    check_paxos(paxos::Planted::BelievesAnyBallot, "state_machine_safety");
}

#[test]
fn a_member_of_paxos_that_outlives_its_disk_says_what_it_will_forget() {
    check_paxos(paxos::Planted::OutlivesItsDisk, "chosen_once");
}

#[test]
fn a_leader_of_paxos_that_never_steps_down_stalls_the_team() {
    check_paxos(paxos::Planted::NeverStepsDown, "termination");
}

#[test]
fn a_vote_of_bft_that_is_not_persisted_gets_a_correct_member_accused() {
    check_bft(bft::Planted::VoteNotPersisted, "accountability");
}

#[test]
fn a_decision_after_one_vote_cannot_be_proved_to_anyone_else() {
    check_bft(bft::Planted::DecidesOnPrevotes, "termination");
}

#[test]
fn votes_that_are_waited_for_without_end_stall_the_team() {
    check_bft(bft::Planted::WaitsForEver, "termination");
}

/// Beyond the budget, which is asked for by name: half of four members equivocate all the time while the other two
/// cannot hear each other.
#[test]
fn two_liars_among_four_are_one_too_many() {
    let always = |kind, site| Fault::on(kind, site).lasting(seconds(38));
    let liar = |index| always(Kind::EquivocatingShell, Site::Node(NodeId::agent(index)));
    let link = |from, to| always(Kind::Cut, Site::Link { from: NodeId::agent(from), to: NodeId::agent(to) });
    let plan = vec![liar(0), liar(3), link(1, 2), link(2, 1)];
    let scenario = bft_of(Bft::factory).sizes([4]).schedule(Schedule { faults: plan });
    let violated = caught("two liars", &scenario);
    assert!(violated.iter().any(|name| name == "agreement" || name == "certificates"), "{violated:?}");
}
