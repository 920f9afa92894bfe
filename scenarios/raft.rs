//! Raft for team decisions: holds under every fault it promises to survive.

use crate::properties::{decisions, liveness, replicated_log, restored};
use synod::check::LinearizableLog;
use synod::fault::{Moment, Nemesis};
use synod::id::{Members, NodeId};
use synod::model::{Pace, Profile};
use synod::protocol::consensus::Raft;
use synod::protocol::consensus::raft::Config;
use synod::scenario::Scenario;
use synod::seed::Ratio;
use synod::time::{micros, millis, seconds};
use synod::world::Visits;

/// Five members decide through a replicated log.
pub(crate) fn raft() -> Scenario<Raft> {
    raft_of(Raft::factory)
}

/// The same with another Raft in place of the correct one: same nemesis, same budgets, same properties.
pub fn raft_of(factory: impl Fn(NodeId, &Members) -> Raft + Send + Sync + 'static) -> Scenario<Raft> {
    let scenario = Scenario::new("raft").about("five members decide through Raft's log").team(5, factory);
    led(liveness(replicated_log(decisions(scenario.sizes([3, 4, 5, 7]).nemesis(Nemesis::all())))))
}

/// What a sweep of a team with a leader is to come across.
fn led(scenario: Scenario<Raft>) -> Scenario<Raft> {
    let scenario = scenario.sometimes("a leader is replaced", |seen| seen.elections > 1);
    let scenario = scenario.sometimes("a term is contested", |seen| seen.contested_terms > 0);
    restored(scenario)
}

/// A team that keeps a log and whose members change.
pub(crate) fn raft_log() -> Scenario<Raft> {
    raft_log_of(|me, members| Raft::new(me, members, raft_log_config()))
}

/// The configuration of that team: snapshots every few entries, so that members that were away need them.
#[must_use]
pub fn raft_log_config() -> Config {
    Config { retained: 3, ..Config::default() }
}

/// The same with another Raft in place of the correct one. Everything a log is for happens at once: decisions side by
/// side, reads all the time, members that come and go, handovers. Small and even sizes, in which a wrong count tells.
pub fn raft_log_of(factory: impl Fn(NodeId, &Members) -> Raft + Send + Sync + 'static) -> Scenario<Raft> {
    let scenario = Scenario::new("raft_log").about("reads, snapshots, changes of members and handovers around a log");
    let scenario = scenario.profile(quick()).models(5).team(4, factory);
    let visits = Visits { readers: 3, reads: 20, administrators: 2, changes: 6 };
    let scenario = scenario.workload(3, 4).thinking(seconds(5)).visits(visits).sizes([3, 4, 5, 6]);
    let nemesis = Nemesis::all().striking_at([Moment::Reconfigured, Moment::Restored]);
    led(liveness(replicated_log(decisions(scenario.nemesis(nemesis))))).expect(LinearizableLog)
}

/// Models that answer at once: what is on trial is the log, and a leader must get something decided before the next one
/// leads.
pub(crate) fn quick() -> Profile {
    let long = Ratio::NEVER;
    let pace = Pace { first_token: millis(60), per_token: micros(200), reasoning: 0, long, ..Pace::usual() };
    Profile { pace, ..Profile::closed_book() }
}
