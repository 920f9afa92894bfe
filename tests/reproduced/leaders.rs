//! What a leader with a silent model costs: leader protocols pay a model round for each in a row, leaderless ones stay
//! flat.
//!
//! As many members' models are silent in every case; what changes is how many of those stand first in line to lead. So
//! a difference is what their place costs, not their number. What their number costs a quorum is judged by itself.

use std::ops::RangeInclusive;
use synod::check::Agreement;
use synod::explore::{BareHost, perform};
use synod::fact::Fact;
use synod::fault::{Fault, Kind, Schedule};
use synod::history::Event;
use synod::id::{Members, NodeId};
use synod::model::Profile;
use synod::protocol::baseline::majority::Majority;
use synod::protocol::consensus::refine::{self, Share};
use synod::protocol::consensus::{Bft, Debate, Paxos, Raft, Refine, paxos, raft};
use synod::protocol::team::TeamProtocol;
use synod::scenario::{Job, Runnable, Scenario};
use synod::seed::Seed;
use synod::time::{Duration, millis, seconds};
use synod::trace::Detail;
use synod::world::Frozen;

/// How long the leader protocols give a leader's model by default, in milliseconds.
const LEASE: u64 = 20_000;
const TEAM: u16 = 7;

/// A team, how many of its members' models are silent, and how many runs its means are taken over.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    silent: usize,
    runs: u64,
}

/// A lease is a big step: few runs tell it.
const fn led(name: &'static str, silent: usize) -> Case {
    Case { name, silent, runs: 120 }
}

/// Three silent of seven. One slow reply in ten makes means of few runs differ by more than what is to be told apart.
const fn leaderless(name: &'static str) -> Case {
    Case { name, silent: 3, runs: 480 }
}

/// A team without faults but that the models of these members are silent as long as the nemesis acts.
fn team<P: TeamProtocol>(
    size: u16,
    factory: impl Fn(NodeId, &Members) -> P + Send + Sync + 'static,
    silent: &[u16],
) -> Scenario<P> {
    let faults = silent.iter().map(|index| Fault::of_caller(Kind::ModelTimeout, NodeId::agent(*index))).collect();
    let scenario = Scenario::new("bad_leaders").profile(Profile::perfect()).models(size).team(size, factory);
    scenario.schedule(Schedule { faults }).phases(seconds(300), seconds(600)).expect(Agreement)
}

/// Mean milliseconds to the first decision: the second one comes after the faults.
fn latency(runs: u64, scenario: impl Fn(u64) -> Box<dyn Runnable>) -> u64 {
    let first = |seed: u64| {
        let run = perform(&*scenario(seed), &BareHost, &Job::of(Seed(seed))).expect("a run");
        run.latencies.first().map(|latency| latency.0 / 1_000_000)
    };
    let decided: Vec<u64> = (0..runs).filter_map(first).collect();
    // A vote without rounds ends undecided now and then: one of four voters that are left is too slow.
    assert!(decided.len() as u64 * 4 >= runs * 3, "{} of {runs} runs decided", decided.len());
    decided.iter().sum::<u64>() / decided.len() as u64
}

/// Latencies with none, one, two … of the silent members first in line, given everyone in line with each seed.
fn by_silent_leaders<P: TeamProtocol + 'static>(
    Case { name, silent, runs }: Case,
    line: impl Fn(u64) -> Vec<u16>,
    factory: fn(NodeId, &Members) -> P,
) -> Vec<u64> {
    let with = |first: usize| {
        latency(runs, |seed| {
            let line = line(seed);
            let last = line.iter().rev().take(silent - first);
            let chosen: Vec<u16> = line.iter().take(first).chain(last).copied().collect();
            Box::new(team(TEAM, factory, &chosen))
        })
    };
    let latencies: Vec<u64> = (0..=silent).map(with).collect();
    println!("{name}: {latencies:?} ms with 0, 1, 2 … of {silent} silent members first in line");
    latencies
}

fn pays_for_each(name: &str, latencies: &[u64]) {
    for pair in latencies.windows(2) {
        let paid = pair[1].saturating_sub(pair[0]);
        assert!(paid * 10 > LEASE * 8, "{name} pays only {paid} ms for one more bad leader: {latencies:?}");
    }
}

/// Within three twentieths of each other.
fn alike(latencies: &[u64]) -> bool {
    let (least, most) = (latencies.iter().min().expect("some"), latencies.iter().max().expect("some"));
    most * 20 <= least * 23
}

/// Members in the order of their names.
fn by_name(_: u64) -> Vec<u16> {
    (0..TEAM).collect()
}

/// The leaders that follow each other if members stand in order, then the rest. Who has just heard a leader refuses the
/// next one, so that the first successor is the fourth of seven: the first to find a majority that has waited long
/// enough.
fn following(_: u64) -> Vec<u16> {
    vec![0, 3, 1, 2, 4, 5, 6]
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

#[test]
fn raft_pays_a_model_round_for_each_bad_leader_in_a_row() {
    pays_for_each("raft", &by_silent_leaders(led("raft", 2), following, raft_in_order));
}

#[test]
fn paxos_pays_a_model_round_for_each_bad_leader_in_a_row() {
    pays_for_each("paxos", &by_silent_leaders(led("paxos", 2), following, paxos_in_order));
}

#[test]
fn bft_pays_a_model_round_for_each_bad_proposer_in_a_row() {
    pays_for_each("bft", &by_silent_leaders(led("bft", 3), by_name, Bft::factory));
}

#[test]
fn teams_that_no_model_leads_stay_flat() {
    // A debate's chair goes round in the order of names.
    for latencies in [
        by_silent_leaders(leaderless("majority"), by_name, Majority::factory),
        by_silent_leaders(leaderless("debate"), by_name, Debate::factory),
    ] {
        assert!(alike(&latencies), "{latencies:?}");
    }
}

/// Whoever is asked first leads a refinement, and after it those with later names. Faults of models change neither.
fn leaders_of_refinement(seed: u64) -> Vec<u16> {
    let run = team(TEAM, Refine::factory, &[]).run(&Job::of(Seed(seed)).detailed(Detail::Full), &Frozen);
    let agreed = run.history.entries().iter().find(|entry| matches!(entry.event, Event::Fact(Fact::Agreed { .. })));
    let leader = u16::try_from(agreed.expect("they agree").node.index()).expect("few");
    (leader..leader + TEAM).map(|place| place % TEAM).collect()
}

/// A refinement's leader leads by its shell: a silent model of its costs what anybody's does.
#[test]
fn refinement_stays_flat_however_many_of_the_silent_lead() {
    // Its latency is that of the slowest of several answers, which varies the most.
    let case = Case { runs: 800, ..leaderless("refine") };
    let lines: Vec<Vec<u16>> = (0..case.runs).map(leaders_of_refinement).collect();
    let line = |seed: u64| lines[usize::try_from(seed).expect("few")].clone();
    let latencies = by_silent_leaders(case, line, Refine::factory);
    assert!(alike(&latencies), "{latencies:?}");
}

/// Of seven members that need four answers, the more are silent the longer the fourth one takes: that of three is the
/// slowest of all. It is what the same quorum costs a team that never had the silent ones, and nothing on top.
#[test]
fn silent_members_cost_refinement_what_their_absence_costs() {
    let four = |me: NodeId, members: &Members| {
        let four = Share::Exactly(4);
        Refine::new(me, members, refine::Config { alpha: four, quorum: four, ..refine::Config::default() })
    };
    let mean = |size: u16, silent: &[u16]| latency(120, |_| Box::new(team(size, four, silent)));
    let whole = mean(TEAM, &[]);
    for silent in 1..=3 {
        let (with, without) = (mean(TEAM, &by_name(0)[..usize::from(silent)]), mean(TEAM - silent, &[]));
        println!("refine: {with} ms with {silent} silent of {TEAM}, {without} ms without them, {whole} ms with none");
        assert!(alike(&[with, without]), "{silent} silent: {with} and {without} ms");
        assert!(silent < 3 || with > whole, "the slowest of four takes longer than the fourth of seven");
    }
}
