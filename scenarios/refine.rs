//! Quorum refinement: rounds that a quorum closes, until enough members agree for long enough.

use crate::properties::{decisions, deliberation, liveness_within, restored};
use synod::fault::Nemesis;
use synod::id::{Members, NodeId};
use synod::model::Profile;
use synod::protocol::consensus::Refine;
use synod::scenario::Scenario;
use synod::time::{Duration, seconds};

/// How long a healed core may take. With no more than a majority up, each of five rounds may wait for a slow model: its
/// agent gives a call up after 45 s, which the round's patience of 20 s notices at 60 s. An election and the vote take
/// the rest.
const BOUND: Duration = seconds(5 * 60 + 30);

/// Five members refine their answers under a leader that they elect.
pub(crate) fn refine() -> Scenario<Refine> {
    refine_of(Refine::factory)
}

/// The same with another refinement in place of the correct one: same nemesis, same budgets, same properties. Models
/// work from memory alone and each agent has its own, so that there is something to refine.
pub fn refine_of(factory: impl Fn(NodeId, &Members) -> Refine + Send + Sync + 'static) -> Scenario<Refine> {
    let scenario = Scenario::new("refine").about("five members refine answers until a quorum agrees twice in a row");
    let scenario = scenario.profile(Profile::closed_book()).models(7).team(5, factory);
    liveness_within(BOUND, restored(deliberation(decisions(scenario.sizes([3, 4, 5, 7]).nemesis(Nemesis::all())))))
}
