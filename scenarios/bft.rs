//! Byzantine agreement for team decisions: holds although fewer than a third of the members lie.

use crate::properties::{byzantine_agreement, decisions, liveness};
use crate::raft::quick;
use synod::check::LinearizableLog;
use synod::fault::Nemesis;
use synod::id::{Members, NodeId};
use synod::model::Profile;
use synod::protocol::consensus::Bft;
use synod::scenario::Scenario;
use synod::time::seconds;
use synod::world::Visits;

/// Four or seven members decide through certificates, one or two of them lying.
pub(crate) fn bft() -> Scenario<Bft> {
    bft_of(Bft::factory)
}

/// The same with another member in place of the correct one: same nemesis, same budgets, same properties. Models work
/// from memory alone and each agent has its own, so that there is something to disagree about.
pub fn bft_of(factory: impl Fn(NodeId, &Members) -> Bft + Send + Sync + 'static) -> Scenario<Bft> {
    let scenario = Scenario::new("bft").about("four or seven members decide although fewer than a third of them lie");
    let scenario = scenario.profile(Profile::closed_book()).models(4).team(4, factory);
    liveness(byzantine_agreement(decisions(scenario.sizes([4, 7]).nemesis(Nemesis::all() + Nemesis::twins()))))
}

/// A team that keeps a log which is read all the time, some of its members lying.
pub(crate) fn bft_log() -> Scenario<Bft> {
    bft_log_of(Bft::factory)
}

/// The same with another member in place of the correct one: decisions wanted side by side, and reads all the time.
pub fn bft_log_of(factory: impl Fn(NodeId, &Members) -> Bft + Send + Sync + 'static) -> Scenario<Bft> {
    let scenario = Scenario::new("bft_log").about("decisions side by side and reads around a log some of whom lie");
    let scenario = scenario.profile(quick()).models(4).team(4, factory);
    let visits = Visits { readers: 3, reads: 20, ..Visits::default() };
    let scenario = scenario.workload(3, 4).thinking(seconds(5)).visits(visits).sizes([4, 7]);
    let scenario = decisions(scenario.nemesis(Nemesis::all() + Nemesis::twins()));
    liveness(byzantine_agreement(scenario)).expect(LinearizableLog)
}
