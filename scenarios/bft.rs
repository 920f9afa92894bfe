//! Byzantine agreement for team decisions: holds although fewer than a third of the members lie.

use crate::properties::{byzantine_agreement, decisions, liveness};
use synod::fault::Nemesis;
use synod::id::{Members, NodeId};
use synod::model::Profile;
use synod::protocol::consensus::Bft;
use synod::scenario::Scenario;

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
