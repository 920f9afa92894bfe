//! The other built-in tasks, each decided by a team that suits it, for better or worse.

use crate::properties::{decisions, liveness, replicated_log};
use synod::check::{Agreement, Integrity, Termination, Validity};
use synod::fault::Nemesis;
use synod::model::{Assignment, Board, Estimate, Extract, Plan, Profile, Review, Task};
use synod::protocol::baseline::last_speaker::LastSpeaker;
use synod::protocol::baseline::majority::{self, Majority, Quorum};
use synod::protocol::consensus::Raft;
use synod::scenario::{Scenario, Story};
use synod::time::{minutes, seconds};
use synod::{Agent, Result, Sim, agreed, all, quorum};

/// Raft agrees on one of several right orders.
pub(crate) fn raft_plan() -> Scenario<Raft> {
    let scenario = Scenario::new("raft_plan").about("five members agree on one of several right orders of a release");
    let scenario = scenario.task(Plan::generate).team(5, Raft::factory).nemesis(Nemesis::all());
    liveness(replicated_log(decisions(scenario)))
}

/// Different wrong numbers make no majority, so the vote may stall.
pub(crate) fn majority_estimate() -> Scenario<Majority> {
    let scenario = Scenario::new("majority_estimate").about("five models of their own vote on a number; ties stall");
    let scenario = scenario.task(Estimate::generate).profile(Profile::closed_book()).models(5);
    let scenario = scenario.team(5, Majority::factory).nemesis(Nemesis::all());
    liveness(decisions(scenario)).violating(Termination::default())
}

/// Whose citations stand is whoever spoke last.
pub(crate) fn last_speaker_extract() -> Scenario<LastSpeaker> {
    let scenario = Scenario::new("last_speaker_extract").about("the last list of facts and citations stands");
    let scenario = scenario.task(Extract::generate).team(5, LastSpeaker::factory).nemesis(Nemesis::all());
    decisions(scenario).violating(Agreement)
}

/// A change is merged here and rejected there.
pub(crate) fn majority_naive_review() -> Scenario<Majority> {
    let config = || majority::Config { quorum: Quorum::VotesCast, ..majority::Config::default() };
    let scenario =
        Scenario::new("majority_naive_review").about("reviewers take the plurality of the verdicts they got");
    let scenario = scenario.task(Review::generate).models(5);
    let scenario = scenario.team(5, move |me, members| Majority::new(me, members, config()));
    decisions(scenario.promising(move |kind| config().tolerance(kind)).nemesis(Nemesis::all())).violating(Agreement)
}

/// How long an agent works on a file: the median reply with one edit takes 10 s (data of arXiv 2603.12229).
const WORK: synod::time::Duration = seconds(10);

/// Agrees with the team on who owns which file, then works through its own in order.
async fn owner(agent: Agent) -> Result<()> {
    let mine: Assignment = agent.ask(agent.task()).await?;
    agent.broadcast(&mine).await?;
    let peers: Vec<Assignment> = agent.gather(all(3), seconds(30)).await;
    let Some(assignment) = agreed(&peers, quorum(3)) else { return agent.abstain().await };
    let me = agent.id().to_string();
    agent.decide(assignment.clone()).await?;
    for file in assignment.files_of(&me) {
        agent.sleep(WORK).await;
        agent.broadcast(file).await?;
    }
    Ok(())
}

/// Three agents share out twenty files and work through them.
pub(crate) fn board() -> Story {
    let body = |sim: Sim| async move {
        sim.task(Board::<3>::generate).team(3, owner).model(Profile::grounded());
        sim.nemesis(Nemesis::partitions() + Nemesis::hallucinations());
        sim.run_for(minutes(10)).await;
        sim.check(Agreement);
        sim.check(Validity);
        sim.check(Integrity);
    };
    let story =
        Story::new("board", body).about("three async agents share out twenty files, then each works through its own");
    story.expect(&Agreement).expect(&Validity).expect(&Integrity)
}
