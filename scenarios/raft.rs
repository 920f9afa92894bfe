//! Raft for team decisions: holds under every fault it promises to survive.

use crate::properties::{decisions, liveness, replicated_log};
use synod::fault::Nemesis;
use synod::protocol::consensus::Raft;
use synod::scenario::Scenario;

/// Five members decide through a replicated log.
pub(crate) fn raft() -> Scenario<Raft> {
    let scenario = Scenario::new("raft").about("five members decide through Raft's log").team(5, Raft::factory);
    liveness(replicated_log(decisions(scenario.nemesis(Nemesis::all()))))
}
