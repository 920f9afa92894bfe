//! Planted bugs of logs that take reads, snapshots, changes of members or handovers to show, or that show sooner among
//! them: each is caught under the very nemesis and workload under which the correct protocol holds.
//!
//! Raft's `AcksLogEnd` (R09) is not among them, nor could it be: see `Planted::AcksLogEnd`.

#[path = "support/hunt.rs"]
mod hunt;

use hunt::expect;
use std::collections::BTreeSet;
use synod::explore::{BareHost, Seeds, Sweep, perform};
use synod::fact::Fact;
use synod::fault::{Fault, Kind, Schedule, Site};
use synod::history::{Entry, Event, History};
use synod::id::NodeId;
use synod::protocol::consensus::raft::{Config, Planted};
use synod::protocol::consensus::{Bft, Paxos, Raft, bft, paxos};
use synod::scenario::{Job, Runnable, Scenario};
use synod::seed::Seed;
use synod::time::{Time, seconds};
use synod::world::Visits;
use synod_scenarios::{bft_log_of, bft_of, paxos_log_config, paxos_log_of, raft_log_config, raft_log_of};

fn check(bug: Planted, property: &str) {
    let config = move || Config { planted: Some(bug), ..raft_log_config() };
    let scenario = raft_log_of(move |me, members| Raft::new(me, members, config()));
    expect(&format!("{bug:?}"), &scenario, property);
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
    check(Planted::InstallsOldSnapshot, "log_matching");
}

#[test]
fn a_snapshot_taken_for_a_conflict_costs_the_log() {
    check(Planted::DistrustsSnapshot, "leader_completeness");
}

#[test]
fn entries_behind_another_term_make_unlike_logs() {
    check(Planted::ComparesIndexOnly, "log_matching");
}

fn check_paxos(bug: paxos::Planted, property: &str) {
    let scenario = paxos_log_of(move |me, members| {
        Paxos::new(me, members, paxos::Config { planted: Some(bug), ..paxos_log_config(members) })
    });
    expect(&format!("{bug:?}"), &scenario, property);
}

#[test]
fn a_gap_that_nobody_fills_stalls_a_team_of_paxos() {
    check_paxos(paxos::Planted::LeavesGaps, "termination");
}

#[test]
fn what_is_applied_over_a_gap_is_applied_out_of_order() {
    check_paxos(paxos::Planted::AppliesOverGaps, "state_machine_safety");
}

#[test]
fn a_read_that_takes_no_place_in_the_log_is_stale() {
    check_paxos(paxos::Planted::ReadsAlone, "linearizable_log");
}

fn check_bft(bug: bft::Planted, property: &str) {
    let config = move || bft::Config { planted: Some(bug), ..bft::Config::default() };
    expect(&format!("{bug:?}"), &bft_log_of(move |me, members| Bft::new(me, members, config())), property);
}

#[test]
fn a_read_of_one_members_log_among_liars_is_stale() {
    check_bft(bft::Planted::ReadsAlone, "linearizable_log");
}

#[test]
fn a_read_that_counts_logs_longer_than_the_own_one_is_stale() {
    check_bft(bft::Planted::ReadsWithoutWaiting, "linearizable_log");
}

#[test]
fn an_answer_that_no_quorum_holds_is_missed_by_a_later_read() {
    check_bft(bft::Planted::AnswersAlone, "linearizable_log");
}

/// What is sent to a1 takes four seconds, so that answers from before it lost the lead reach it long after it; and for
/// a while nothing that it sends arrives. Random plans hold up both links too seldom. Leaders beat as seldom as they
/// may, so that another one is there before the next beat once leadership is handed over.
fn hears_late(planted: Option<Planted>) -> Scenario<Raft> {
    let member = NodeId::agent;
    let late = |from| {
        let late = Fault::on(Kind::DelayConstant, Site::Link { from: member(from), to: member(0) });
        late.strength(seconds(4).0).from(Time::ZERO + seconds(10)).lasting(seconds(28))
    };
    let unheard = |at| {
        let fault = Fault::on(Kind::PartitionOneWay, Site::Side(vec![member(0)]));
        fault.from(Time::ZERO + seconds(at)).lasting(seconds(4))
    };
    let faults = vec![late(1), late(2), unheard(18), unheard(28)];
    let config = move || Config {
        planted,
        heartbeat: seconds(1),
        election: seconds(2)..=seconds(4),
        yielding: seconds(5)..=seconds(7),
        ..raft_log_config()
    };
    let visits = Visits { readers: 6, reads: 60, administrators: 2, changes: 10 };
    let scenario = raft_log_of(move |me, members| Raft::new(me, members, config())).sizes([3]);
    scenario.workload(3, 8).thinking(seconds(3)).visits(visits).schedule(Schedule { faults })
}

fn check_reads(bug: Planted) {
    expect(&format!("{bug:?}"), &hears_late(Some(bug)), "linearizable_log");
}

#[test]
fn a_read_confirmed_by_answers_to_earlier_heartbeats_is_stale() {
    check_reads(Planted::ReusesReadRound);
}

#[test]
fn a_read_while_leadership_is_handed_over_is_stale() {
    check_reads(Planted::ReadsWhileHandingOver);
}

/// Nothing fails in the first so many seeds.
fn holds(scenario: &dyn Runnable, seeds: u64) {
    let report = Sweep::of(Seeds::new(0..seeds).expect("a range")).run(scenario, &BareHost);
    let failed = report.first_failure().map(|group| (group.property.clone(), group.example.seed));
    assert_eq!(failed, None);
}

#[test]
fn a_correct_leader_that_hears_late_tells_nothing_stale() {
    holds(&hears_late(None), 2_000);
}

#[test]
fn byzantine_agreement_fills_a_log_that_three_clients_want_at_once() {
    holds(&bft_of(Bft::factory).workload(3, 6).thinking(seconds(2)), 1_000);
}

/// How often a member went on from another one's snapshot, not from its own after a restart, and then applied more.
fn caught_up(history: &History) -> usize {
    let mut restarted = BTreeSet::new();
    let mut taught = BTreeSet::new();
    let mut went_on = 0;
    for Entry { at, node, process, event } in history.entries() {
        match event {
            Event::Fact(Fact::Recovered { .. }) => _ = restarted.insert((*node, *process, *at)),
            Event::Fact(Fact::Installed { .. }) if !restarted.contains(&(*node, *process, *at)) => {
                taught.insert((*node, *process));
            }
            Event::Fact(Fact::Applied { .. }) if taught.remove(&(*node, *process)) => went_on += 1,
            _ => {}
        }
    }
    went_on
}

#[test]
fn members_of_paxos_that_lag_take_snapshots_of_others_and_go_on_from_them() {
    let scenario = paxos_log_of(|me, members| Paxos::new(me, members, paxos_log_config(members)));
    let runs = (0..200).map(|seed| perform(&scenario, &BareHost, &Job::of(Seed(seed))).expect("a run"));
    let often: Vec<usize> = runs.map(|run| caught_up(&run.history)).collect();
    let (times, seeds) = (often.iter().sum::<usize>(), often.iter().filter(|times| **times > 0).count());
    println!("went on from another member's snapshot {times} times, in {seeds} of 200 runs");
    assert!(seeds >= 20, "{times} times in {seeds} runs");
}
