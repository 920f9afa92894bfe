//! Debate: rounds of thinking again, then a vote that holds under every fault it promises to survive.

use crate::properties::{decisions, deliberation, liveness, restored};
use synod::fault::{Kind, Nemesis};
use synod::id::{Members, NodeId};
use synod::model::Profile;
use synod::protocol::consensus::Debate;
use synod::scenario::Scenario;
use synod::world::Validation;

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
    liveness(restored(deliberation(decisions(scenario.sizes([3, 4, 5, 7]).nemesis(Nemesis::all())))))
}

/// Five members debate as always; what is put to the vote is looked at by each voter's model too, and models do in
/// conversations what MAST (arXiv 2503.13657) found them doing: judge wrongly or without a look, begin anew, ignore
/// their peers, answer another question. A motion may fall because of that again and again, so nothing is said of when
/// the team decides; what it decides is one thing.
pub(crate) fn debate_reviewed() -> Scenario<Debate> {
    let about = "the same; every voter's model has its say, and conversations fail as models have them fail";
    let scenario = Scenario::new("debate_reviewed").about(about).validation(Validation::WithOpinion);
    let scenario = scenario.profile(Profile::closed_book()).models(7).team(5, Debate::factory);
    let lapses = [Kind::Derailment, Kind::ConversationReset, Kind::IgnoredPeers, Kind::WrongVerdict];
    let nemesis = lapses.into_iter().map(Nemesis::only).fold(Nemesis::hallucinations(), |all, one| all + one);
    deliberation(decisions(scenario.sizes([3, 4, 5, 7]).nemesis(nemesis)))
}
