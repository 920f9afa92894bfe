//! Planted bugs of Raft that take reads, snapshots, changes of members or handovers to show, or that show sooner among
//! them: each is caught under the very nemesis and workload under which the correct protocol holds.

#[path = "support/hunt.rs"]
mod hunt;

use hunt::expect;
use synod::protocol::consensus::Raft;
use synod::protocol::consensus::raft::{Config, Planted};
use synod_scenarios::{raft_log_config, raft_log_of};

fn check(bug: Planted, property: &str) {
    let config = move || Config { planted: Some(bug), ..raft_log_config() };
    let scenario = raft_log_of(move |me, members| Raft::new(me, members, config()));
    expect(&format!("{bug:?}"), &scenario, property);
}

#[test]
fn an_acknowledged_log_end_loses_what_was_committed() {
    check(Planted::AcksLogEnd, "leader_completeness");
}

#[test]
fn votes_of_an_earlier_candidacy_elect_two_leaders() {
    check(Planted::CountsStaleVotes, "election_safety");
}

#[test]
fn a_vote_counted_twice_elects_two_leaders() {
    check(Planted::CountsVotesTwice, "election_safety");
}

#[test]
fn half_of_the_voters_elect_a_leader_each() {
    check(Planted::QuorumOffByOne, "election_safety");
}

#[test]
fn an_unconfirmed_read_is_stale() {
    check(Planted::ReadsUnconfirmed, "linearizable_log");
}

#[test]
fn a_read_before_the_own_commit_is_stale() {
    check(Planted::ReadsBeforeOwnCommit, "linearizable_log");
}

#[test]
fn a_read_confirmed_by_answers_to_earlier_heartbeats_is_stale() {
    check(Planted::ReusesReadRound, "linearizable_log");
}

#[test]
fn a_read_while_leadership_is_handed_over_is_stale() {
    check(Planted::ReadsWhileHandingOver, "linearizable_log");
}

#[test]
fn two_leaders_change_voters_beside_each_other() {
    check(Planted::ChangesBeforeOwnCommit, "leader_completeness");
}

#[test]
fn changes_side_by_side_elect_two_leaders() {
    check(Planted::ChangesSideBySide, "leader_completeness");
}

#[test]
fn a_commit_that_counts_members_without_a_vote_is_lost() {
    check(Planted::CountsLearners, "leader_completeness");
}

#[test]
fn an_old_snapshot_takes_back_what_was_committed() {
    check(Planted::InstallsOldSnapshot, "leader_completeness");
}

#[test]
fn a_snapshot_taken_for_a_conflict_costs_the_log() {
    check(Planted::DistrustsSnapshot, "leader_completeness");
}

#[test]
fn entries_behind_another_term_make_unlike_logs() {
    check(Planted::ComparesIndexOnly, "log_matching");
}
