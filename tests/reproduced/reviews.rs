//! The agents' side, end to end: a validator whose own model disagrees refuses, the reason reaches the next prompts,
//! and after a bound somebody else proposes or the team gives up. And what is cancelled is not paid for.

use super::sweep;
use synod::check::Agreement;
use synod::fault::{Fault, Kind, Schedule};
use synod::id::{Members, NodeId};
use synod::model::Profile;
use synod::protocol::consensus::refine::{Config, Share};
use synod::protocol::consensus::{Debate, Paxos, Raft, Refine};
use synod::protocol::team::TeamProtocol;
use synod::scenario::{Job, Runnable, Scenario};
use synod::seed::Seed;
use synod::time::seconds;
use synod::trace::{Detail, Happening};
use synod::world::{Frozen, Validation};

const DISAGREES: &str = "it disagrees with your conclusion";

/// Three members with one model that judges perfectly, but whose first so many answers are the same falsehood.
fn reviewed<P: TeamProtocol>(lies: u32, factory: fn(NodeId, &Members) -> P, validation: Validation) -> Scenario<P> {
    let faults = vec![Fault::at(Kind::CorrelatedError, NodeId::model(0)).at_call(0).burst(lies)];
    let scenario = Scenario::new("reviewed").profile(Profile::perfect()).team(3, factory);
    scenario.validation(validation).schedule(Schedule { faults }).phases(seconds(300), seconds(600)).expect(Agreement)
}

/// How many prompts of some runs carry the reason.
fn told_why<P: TeamProtocol>(scenario: &Scenario<P>) -> usize {
    let prompts = |seed| {
        let run = scenario.run(&Job::of(Seed(seed)).detailed(Detail::Full), &Frozen);
        let records = run.trace.records().iter().enumerate();
        let prompted = records.filter(|(_, record)| record.happening == Happening::Prompted);
        prompted.filter(|(place, _)| run.trace.text(*place).contains(DISAGREES)).count()
    };
    (0..20).map(prompts).sum()
}

fn check<P: TeamProtocol>(name: &str, lies: u32, factory: fn(NodeId, &Members) -> P) {
    let [local, asked] = [Validation::Local, Validation::WithOpinion].map(|how| reviewed(lies, factory, how));
    assert_eq!(told_why(&local), 0, "{name}: no opinion was asked for");
    assert!(told_why(&asked) > 0, "{name}: the reason reaches no prompt");
    let figures = sweep(&asked, 20).harvest.figures;
    assert_eq!(figures.decisions, 40, "{name}: a refusal costs time, not the decision");
    let unchecked = sweep(&local, 20).harvest.figures;
    assert!(figures.correct > unchecked.correct, "{name}: {} and {}", figures.correct, unchecked.correct);
}

#[test]
fn a_validator_whose_model_disagrees_refuses_and_the_reason_reaches_the_proposers_next_prompt() {
    check("raft", 1, Raft::factory);
    check("paxos", 1, Paxos::factory);
}

#[test]
fn a_motion_that_models_disagree_with_falls_out_and_the_next_prompts_say_why() {
    check("debate", 3, Debate::factory);
    check("refine", 3, |me, members| Refine::new(me, members, Config { beta: 1, ..Config::default() }));
}

/// A quorum that closes rounds cancels whoever is slower. Waiting for all cancels nobody and pays for every token.
#[test]
fn what_a_cancelled_model_has_not_written_is_not_paid_for() {
    let with = |quorum| {
        let config = Config { quorum, alpha: quorum, beta: 1, patience: seconds(200), ..Config::default() };
        let scenario = Scenario::new("cancelled").profile(Profile::perfect()).models(5);
        let scenario = scenario.team(5, move |me, members| Refine::new(me, members, config.clone()));
        let scenario = scenario.phases(seconds(200), seconds(400)).expect(Agreement);
        let stopped = |seed| {
            let run = scenario.run(&Job::of(Seed(seed)).detailed(Detail::Records), &Frozen);
            run.trace.records().iter().filter(|record| record.happening == Happening::Cancelled).count()
        };
        let stopped: usize = (0..20).map(stopped).sum();
        (stopped, sweep(&scenario, 20).harvest.figures.spending)
    };
    let ((some, quorum), (none, barrier)) = (with(Share::Majority), with(Share::All));
    assert!(some > 0 && none == 0, "{some} and {none} calls were cancelled");
    let (cheap, dear) = (quorum.output_tokens * barrier.calls, barrier.output_tokens * quorum.calls);
    assert!(cheap < dear, "a call that may be cancelled costs less on average: {quorum:?} and {barrier:?}");
}
