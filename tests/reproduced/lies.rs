//! Correlated hallucination: every model has the same falsehood in mind. All teams agree, on it.

use super::sweep;
use synod::check::{Agreement, Correctness};
use synod::fault::{Fault, Kind, Schedule};
use synod::id::{Members, NodeId};
use synod::model::Profile;
use synod::protocol::baseline::last_speaker::LastSpeaker;
use synod::protocol::baseline::majority::Majority;
use synod::protocol::baseline::orchestrator::Orchestrator;
use synod::protocol::consensus::{Bft, Debate, Paxos, Raft, Refine};
use synod::protocol::team::TeamProtocol;
use synod::scenario::Scenario;
use synod::time::seconds;

const AGENTS: u16 = 4;
const SEEDS: u64 = 60;

/// Each run decides twice: once under the lie, and once after it.
fn check<P: TeamProtocol>(name: &str, factory: fn(NodeId, &Members) -> P) {
    let with = |faults| {
        let scenario = Scenario::new("correlated").profile(Profile::perfect()).models(AGENTS).team(AGENTS, factory);
        let scenario = scenario.schedule(Schedule { faults }).phases(seconds(300), seconds(600));
        sweep(&scenario.expect(Agreement).expect(Correctness), SEEDS)
    };
    let models = (0..AGENTS).map(NodeId::model).collect();
    let (lying, sound) = (with(vec![Fault::at_models(Kind::CorrelatedError, models)]), with(Vec::new()));
    let tally = |report: &synod::explore::SweepReport, name| report.harvest.property(name).expect("judged").clone();
    // Nine in ten at least: baselines miss a decision now and then, without any fault.
    let nearly = |count: u64, all: u64| count <= all && count * 10 >= all * 9;
    for report in [&lying, &sound] {
        assert_eq!(tally(report, "agreement").violated, 0, "{name} disagrees");
        assert!(nearly(report.harvest.figures.decisions, 2 * SEEDS), "{name} decides hardly anything");
    }
    let [lies, right] = [&lying, &sound].map(|report| report.harvest.figures.correct);
    let violated = tally(&lying, "correctness").violated;
    assert!(nearly(violated, SEEDS), "{name} sees through a lie that all its models believe: {violated} of {SEEDS}");
    assert!(lies <= SEEDS, "{name}: only what was decided after the lie can be right");
    assert_eq!(right, sound.harvest.figures.decisions, "{name}: without it, all is right");
}

#[test]
fn a_lie_that_all_models_share_keeps_agreement_and_breaks_correctness_in_every_team() {
    check("last_speaker", LastSpeaker::factory);
    check("orchestrator", Orchestrator::factory);
    check("majority", Majority::factory);
    check("raft", Raft::factory);
    check("paxos", Paxos::factory);
    check("bft", Bft::factory);
    check("debate", Debate::factory);
    check("refine", Refine::factory);
}
