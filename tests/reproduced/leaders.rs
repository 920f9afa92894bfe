//! What a leader with a silent model costs: leader protocols pay a model round for each in a row, leaderless ones stay
//! flat.

use super::{mean_latency, sweep};
use std::ops::RangeInclusive;
use synod::check::Agreement;
use synod::fault::{Fault, Kind, Schedule};
use synod::id::{Members, NodeId};
use synod::model::Profile;
use synod::protocol::baseline::majority::Majority;
use synod::protocol::consensus::{Bft, Debate, Paxos, Raft, Refine, paxos, raft};
use synod::protocol::team::TeamProtocol;
use synod::scenario::Scenario;
use synod::time::{Duration, millis, seconds};

/// How long the leader protocols give a leader's model by default.
const LEASE: u64 = 20_000;
/// The first proposers, in order.
const FIRST: [u16; 3] = [0, 1, 2];
/// The leaders that follow each other if members stand in order. Who has just heard a leader refuses the next one, so
/// that the first successor is the fourth of seven: the first to find a majority that has waited long enough.
const FOLLOWING: [u16; 2] = [0, 3];

/// Mean latency of the first of two decisions and the second together, with the models of so many first members silent.
/// The second begins after the faults, and is the same whatever came before.
fn latency<P: TeamProtocol>(bad: &[u16], factory: fn(NodeId, &Members) -> P) -> u64 {
    let faults = bad.iter().map(|index| Fault::of_caller(Kind::ModelTimeout, NodeId::agent(*index))).collect();
    let scenario = Scenario::new("bad_leaders").profile(Profile::perfect()).models(7).team(7, factory);
    let scenario = scenario.schedule(Schedule { faults }).phases(seconds(300), seconds(600)).expect(Agreement);
    let report = sweep(&scenario, 60);
    let wanted = 2 * report.harvest.runs;
    // A vote without rounds ends undecided now and then: one of four voters that are left is too slow.
    assert!(report.harvest.figures.decisions * 4 >= wanted * 3, "{} of {wanted}", report.harvest.figures.decisions);
    // Two decisions a run.
    2 * mean_latency(&report)
}

/// Members stand in the order of their names, and who yielded stands no more.
fn in_order(me: NodeId) -> RangeInclusive<Duration> {
    let wait = millis(2_000) + millis(400) * me.index() as u64;
    wait..=wait
}

const NEVER_AGAIN: RangeInclusive<Duration> = seconds(3_000)..=seconds(3_000);

fn raft_in_order(me: NodeId, members: &Members) -> Raft {
    Raft::new(me, members, raft::Config { election: in_order(me), yielding: NEVER_AGAIN, ..raft::Config::default() })
}

fn paxos_in_order(me: NodeId, members: &Members) -> Paxos {
    Paxos::new(me, members, paxos::Config { election: in_order(me), yielding: NEVER_AGAIN, ..paxos::Config::default() })
}

fn by_bad_leaders<P: TeamProtocol>(name: &str, bad: &[u16], factory: fn(NodeId, &Members) -> P) -> Vec<u64> {
    let latencies: Vec<u64> = (0..=bad.len()).map(|count| latency(&bad[..count], factory)).collect();
    println!("{name}: {latencies:?} ms with 0, 1, 2 … bad leaders in a row");
    latencies
}

fn pays_for_each(name: &str, latencies: &[u64]) {
    for pair in latencies.windows(2) {
        let paid = pair[1].saturating_sub(pair[0]);
        assert!(paid * 10 > LEASE * 8, "{name} pays only {paid} ms for one more bad leader: {latencies:?}");
    }
}

fn stays_flat(name: &str, latencies: &[u64]) {
    let most = latencies.iter().max().expect("some");
    let paid = most - latencies[0];
    assert!(paid < LEASE, "{name} pays {paid} ms, a lease or more, for bad members: {latencies:?}");
}

#[test]
fn raft_pays_a_model_round_for_each_bad_leader_in_a_row() {
    pays_for_each("raft", &by_bad_leaders("raft", &FOLLOWING, raft_in_order));
}

#[test]
fn paxos_pays_a_model_round_for_each_bad_leader_in_a_row() {
    pays_for_each("paxos", &by_bad_leaders("paxos", &FOLLOWING, paxos_in_order));
}

#[test]
fn bft_pays_a_model_round_for_each_bad_proposer_in_a_row() {
    pays_for_each("bft", &by_bad_leaders("bft", &FIRST, Bft::factory));
}

#[test]
fn teams_that_no_model_leads_stay_flat() {
    stays_flat("majority", &by_bad_leaders("majority", &FIRST, Majority::factory));
    stays_flat("debate", &by_bad_leaders("debate", &FIRST, Debate::factory));
}

/// Refinement has a leader, but any quorum's models close a round: while a quorum has a member to spare it stays flat.
/// With three of seven models silent it has none, and each of its rounds waits for the slowest of four.
#[test]
fn refinement_stays_flat_until_a_quorum_has_no_member_to_spare() {
    let latencies = by_bad_leaders("refine", &FIRST, Refine::factory);
    stays_flat("refine", &latencies[..3]);
    assert!(latencies[3] - latencies[2] > (latencies[2] - latencies[0]), "the last member to spare costs the most");
}

/// What tells a leader's cost from everyone's: bad members that are never asked to lead cost a leader protocol nothing,
/// and refinement as much as bad ones that stand first. Its third bad member of seven costs what a quorum without a
/// member to spare costs, whoever it is.
#[test]
fn refinement_pays_for_how_many_are_bad_and_leader_protocols_for_which() {
    let costs = |name: &str, first: u64, last: u64| {
        println!("{name}: {first} ms with the bad members first in line, {last} ms with them last");
        (first, last)
    };
    let (first, last) = costs("refine", latency(&FIRST, Refine::factory), latency(&[4, 5, 6], Refine::factory));
    assert!(first.abs_diff(last) * 5 < first.max(last), "refine: {first} and {last} ms");
    let (first, last) = costs("raft", latency(&FOLLOWING, raft_in_order), latency(&[5, 6], raft_in_order));
    assert!(first > last + LEASE, "raft: {first} and {last} ms");
}
