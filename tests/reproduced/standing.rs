//! What it is worth to ask before standing for leader: a member that hears nobody, though all hear it, deposes nobody.

use super::{mean_latency, sweep};
use synod::check::Agreement;
use synod::fault::{Fault, Kind, Schedule, Site};
use synod::id::{Members, NodeId};
use synod::model::Profile;
use synod::protocol::consensus::{Paxos, Raft, paxos, raft};
use synod::protocol::team::TeamProtocol;
use synod::scenario::Scenario;
use synod::time::seconds;

/// How often somebody was elected, and mean milliseconds to a decision, while nothing reaches the last of five members.
struct Cost {
    elections: u64,
    latency: u64,
}

fn cost<P: TeamProtocol>(factory: impl Fn(NodeId, &Members) -> P + Send + Sync + 'static) -> Cost {
    let deaf = |from| Fault::on(Kind::Cut, Site::Link { from: NodeId::agent(from), to: NodeId::agent(4) });
    let faults = (0..4).map(|from| deaf(from).lasting(seconds(100))).collect();
    let scenario = Scenario::new("deaf").profile(Profile::perfect()).models(5).team(5, factory);
    let scenario = scenario.schedule(Schedule { faults }).phases(seconds(100), seconds(600)).expect(Agreement);
    let report = sweep(&scenario, 40);
    Cost { elections: report.harvest.exercised.elections, latency: mean_latency(&report) }
}

fn check(name: &str, asking: &Cost, unasked: &Cost) {
    for (way, Cost { elections, latency }) in [("asking", asking), ("unasked", unasked)] {
        println!("{name}, {way}: {elections} elections in 40 runs, {latency} ms to a decision");
    }
    assert!(unasked.elections > 3 * asking.elections, "{name}");
    assert!(unasked.latency > asking.latency, "{name}");
}

#[test]
fn whoever_asks_before_it_stands_deposes_no_leader_that_is_heard() {
    let raft = |planted| {
        move |me, members: &Members| Raft::new(me, members, raft::Config { planted, ..raft::Config::default() })
    };
    check("raft", &cost(raft(None)), &cost(raft(Some(raft::Planted::StandsUnasked))));
    let paxos = |planted| {
        move |me, members: &Members| Paxos::new(me, members, paxos::Config { planted, ..paxos::Config::default() })
    };
    check("paxos", &cost(paxos(None)), &cost(paxos(Some(paxos::Planted::StandsUnasked))));
}
