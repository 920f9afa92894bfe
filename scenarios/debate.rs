//! Debate: rounds of thinking again, then a vote that holds under every fault it promises to survive.

use crate::properties::{decisions, deliberation, liveness};
use synod::fault::Nemesis;
use synod::id::{Members, NodeId};
use synod::model::Profile;
use synod::protocol::consensus::Debate;
use synod::scenario::Scenario;

/// Five members debate, then vote.
pub(crate) fn debate() -> Scenario<Debate> {
    debate_of(Debate::factory)
}

/// The same with another debate in place of the correct one: same nemesis, same budgets, same properties. Models work
/// from memory alone and each agent has its own, so that there is something to debate.
pub fn debate_of(factory: impl Fn(NodeId, &Members) -> Debate + Send + Sync + 'static) -> Scenario<Debate> {
    let scenario =
        Scenario::new("debate").about("five members answer, see each other's answers, think again, and vote");
    let scenario = scenario.profile(Profile::closed_book()).models(7).team(5, factory);
    liveness(deliberation(decisions(scenario.sizes([3, 4, 5, 7]).nemesis(Nemesis::all()))))
}
