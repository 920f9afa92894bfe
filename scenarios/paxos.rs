//! Paxos for team decisions: holds under every fault it promises to survive.

use crate::properties::{chosen_log, decisions, liveness};
use crate::raft::quick;
use synod::check::LinearizableLog;
use synod::fault::{Moment, Nemesis};
use synod::id::{Members, NodeId};
use synod::protocol::consensus::Paxos;
use synod::protocol::consensus::paxos::{Config, Quorums};
use synod::scenario::Scenario;
use synod::time::seconds;
use synod::world::Visits;

/// Five members decide through a log of chosen commands.
pub(crate) fn paxos() -> Scenario<Paxos> {
    paxos_of(|me, members| Paxos::new(me, members, paxos_config(members)))
}

/// The configuration of the plain scenario: in a team of four, which majorities serve badly, half of the members choose
/// and three elect (Flexible Paxos, section 4.1). Every other team uses majorities.
#[must_use]
pub fn paxos_config(members: &Members) -> Config {
    let quorums = if members.len() == 4 { Quorums::Sized { promises: 3, votes: 2 } } else { Quorums::Majorities };
    Config { quorums, ..Config::default() }
}

/// The same with another Paxos in place of the correct one: same nemesis, same budgets, same properties.
pub fn paxos_of(factory: impl Fn(NodeId, &Members) -> Paxos + Send + Sync + 'static) -> Scenario<Paxos> {
    let scenario = Scenario::new("paxos").about("five members decide through Paxos' log").team(5, factory);
    // Two clients, so that entries are under way side by side and leave gaps when their leader fails.
    let scenario = scenario.workload(2, 2).sizes([3, 4, 5, 7]).nemesis(Nemesis::all());
    liveness(chosen_log(decisions(scenario)))
}

/// A team that keeps a log which is read all the time.
pub(crate) fn paxos_log() -> Scenario<Paxos> {
    paxos_log_of(|me, members| Paxos::new(me, members, paxos_log_config(members)))
}

/// The configuration of that team: snapshots every few entries, so that members that were away need them.
#[must_use]
pub fn paxos_log_config(members: &Members) -> Config {
    Config { retained: 3, ..paxos_config(members) }
}

/// The same with another Paxos in place of the correct one: decisions side by side, so that entries are under way
/// behind others that are lost, and reads all the time, each of which takes a place in the log.
pub fn paxos_log_of(factory: impl Fn(NodeId, &Members) -> Paxos + Send + Sync + 'static) -> Scenario<Paxos> {
    let scenario = Scenario::new("paxos_log").about("decisions side by side, reads and snapshots around Paxos' log");
    let scenario = scenario.profile(quick()).models(5).team(5, factory);
    let visits = Visits { readers: 3, reads: 20, ..Visits::default() };
    let scenario = scenario.workload(3, 4).thinking(seconds(5)).visits(visits).sizes([3, 4, 5]);
    let nemesis = Nemesis::all().striking_at([Moment::Restored]);
    liveness(chosen_log(decisions(scenario.nemesis(nemesis)))).expect(LinearizableLog)
}
