//! Raft for team decisions: holds under every fault it promises to survive.

use crate::properties::{decisions, liveness, replicated_log};
use synod::fault::Nemesis;
use synod::id::{Members, NodeId};
use synod::protocol::consensus::Raft;
use synod::scenario::Scenario;

/// Five members decide through a replicated log.
pub(crate) fn raft() -> Scenario<Raft> {
    raft_of(Raft::factory)
}

/// The same with another Raft in place of the correct one: same nemesis, same budgets, same properties.
pub fn raft_of(factory: impl Fn(NodeId, &Members) -> Raft + Send + Sync + 'static) -> Scenario<Raft> {
    let scenario = Scenario::new("raft").about("five members decide through Raft's log").team(5, factory);
    liveness(replicated_log(decisions(scenario.sizes([3, 4, 5, 7]).nemesis(Nemesis::all()))))
}
