//! Today's usual ways to decide, and what becomes of two of them when they are mended.

use crate::properties::{decisions, liveness};
use synod::check::{Agreement, Termination};
use synod::fault::Nemesis;
use synod::model::Profile;
use synod::protocol::baseline::last_speaker::LastSpeaker;
use synod::protocol::baseline::majority::{self, Majority, Quorum};
use synod::protocol::baseline::orchestrator::{self, Orchestrator, Succession};
use synod::scenario::Scenario;

/// The last answer stands: no consensus at all.
pub(crate) fn last_speaker() -> Scenario<LastSpeaker> {
    let scenario = Scenario::new("last_speaker").about("each member takes the last answer it saw for the team's");
    decisions(scenario.team(5, LastSpeaker::factory).nemesis(Nemesis::all())).violating(Agreement)
}

/// One member decides for all, and whoever finds it silent does so too. Its models work from memory alone, so that
/// asking different ones seldom gives the same picture: each agent has a model of its own.
pub(crate) fn orchestrator() -> Scenario<Orchestrator> {
    let scenario =
        Scenario::new("orchestrator").about("one member decides alone; a standby takes over without fencing");
    let scenario = scenario.profile(Profile::closed_book()).models(5).workload(2, 3);
    let scenario = scenario.team(5, Orchestrator::factory).nemesis(Nemesis::partitions() + Nemesis::processes());
    decisions(scenario.promising(|kind| orchestrator::Config::default().tolerance(kind))).violating(Agreement)
}

/// The same with a fencing token that a majority keeps, and adoption of what may have been decided.
pub(crate) fn orchestrator_fenced() -> Scenario<Orchestrator> {
    let config = || orchestrator::Config { succession: Succession::Fenced, ..orchestrator::Config::default() };
    let scenario = Scenario::new("orchestrator_fenced").about("the standby fences a majority and adopts what it finds");
    let scenario = scenario.profile(Profile::closed_book()).models(5).workload(2, 3);
    let scenario = scenario.team(5, move |me, members| Orchestrator::new(me, members, config()));
    liveness(decisions(scenario.sizes([3, 4, 5, 7]).nemesis(Nemesis::all())))
}

/// The plurality of whatever votes came in time. A majority that agrees anyway hides it, so its models work from
/// memory, each on its own.
pub(crate) fn majority_naive() -> Scenario<Majority> {
    let config = || majority::Config { quorum: Quorum::VotesCast, ..majority::Config::default() };
    let scenario = Scenario::new("majority_naive").about("each member takes the plurality of the votes it received");
    let scenario = scenario.profile(Profile::closed_book()).models(5);
    let scenario = scenario.team(5, move |me, members| Majority::new(me, members, config()));
    decisions(scenario.promising(move |kind| config().tolerance(kind)).nemesis(Nemesis::all())).violating(Agreement)
}

/// A majority of all members, or no decision: safe, but a tie stalls it.
pub(crate) fn majority() -> Scenario<Majority> {
    let scenario = Scenario::new("majority").about("a value needs the votes of a majority of all members; ties stall");
    let scenario = scenario.team(5, Majority::factory).sizes([3, 4, 5, 7]).nemesis(Nemesis::all());
    liveness(decisions(scenario)).violating(Termination::default())
}
