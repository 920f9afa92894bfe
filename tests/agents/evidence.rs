//! Evidence spread over the members of a team: who keeps it to itself guesses, who shares it knows.

use synod::id::{Members, NodeId};
use synod::model::{Diagnose, Diagnosis, Evidence, Profile, Speaker, Task};
use synod::protocol::baseline::majority::Majority;
use synod::protocol::consensus::Debate;
use synod::protocol::team::TeamProtocol;
use synod::scenario::{Frozen, Job, Runnable, Scenario, Sim, Story};
use synod::seed::Seed;
use synod::time::{minutes, seconds};
use synod::{Agent, Result, agreed, all, quorum};

const SEEDS: u64 = 300;

/// Everyone asks its model about its own share, and the majority's answer stands.
async fn alone(agent: Agent) -> Result<()> {
    let mine: Diagnosis = agent.ask(agent.task()).await?;
    vote(agent, mine).await
}

/// Everyone tells the others what it has, and asks when it has heard from all.
async fn together(agent: Agent) -> Result<()> {
    agent.broadcast(&agent.evidence()).await?;
    let mut request = agent.task();
    for _ in agent.members().iter() {
        let heard = agent.recv::<String>().await;
        request = request.say(Speaker::Peer(heard.from), heard.message);
    }
    let mine: Diagnosis = agent.ask(request).await?;
    vote(agent, mine).await
}

async fn vote(agent: Agent, mine: Diagnosis) -> Result<()> {
    agent.broadcast(&mine).await?;
    let votes: Vec<Diagnosis> = agent.gather(all(3), seconds(90)).await;
    match agreed(&votes, quorum(3)) {
        Some(agreed) => agent.decide(agreed).await,
        None => agent.abstain().await,
    }
}

/// On how many seeds the team decides correctly.
fn right(story: &dyn Runnable) -> u64 {
    (0..SEEDS).map(|seed| story.run(&Job::of(Seed(seed)), &Frozen).figures.correct).sum()
}

#[test]
fn a_team_that_shares_its_evidence_is_right_far_more_often() {
    let set = |sim: &Sim, evidence| {
        // Company::Ignored: words of peers are evidence here, not pressure.
        let model = Profile { company: synod::model::Company::Ignored, ..Profile::grounded() };
        sim.task(Diagnose::generate).model(model).evidence(evidence);
    };
    let kept = Story::new("kept", move |sim: Sim| async move {
        set(&sim, Evidence::Spread);
        sim.team(3, alone).run_for(minutes(5)).await;
    });
    let shared = Story::new("shared", move |sim: Sim| async move {
        set(&sim, Evidence::Spread);
        sim.team(3, together).run_for(minutes(5)).await;
    });
    let whole = Story::new("whole", move |sim: Sim| async move {
        set(&sim, Evidence::Whole);
        sim.team(3, alone).run_for(minutes(5)).await;
    });
    let (kept, shared, whole) = (right(&kept), right(&shared), right(&whole));
    println!("of {SEEDS}: kept {kept}, shared {shared}, whole {whole}");
    // Of ten lines a member has five or six, so it fails on .08 + .92 · .47 of its tries: a majority of such members is
    // right about every second time. Three standard deviations of the difference are 29.
    assert!(kept + 100 < shared, "kept to themselves {kept}, shared {shared} of {SEEDS}");
    // Three standard deviations of 300 draws at .9 are 16.
    assert!(shared.abs_diff(whole) <= 16, "shared {shared}, had by all from the start {whole} of {SEEDS}");
}

/// How many decisions of a team of three are right, and how many there are.
fn decided<P: TeamProtocol + 'static>(member: fn(NodeId, &Members) -> P, evidence: Evidence) -> (u64, u64) {
    let scenario = Scenario::new("shares").team(3, member).profile(Profile::perfect());
    let scenario = scenario.workload(1, 1).evidence(evidence).expect(synod::check::Agreement);
    let runs = (0..60).map(|seed| scenario.run(&Job::of(Seed(seed)), &Frozen).figures);
    runs.fold((0, 0), |(correct, all), figures| (correct + figures.correct, all + figures.decisions))
}

fn decides_from_its_shares<P: TeamProtocol + 'static>(member: fn(NodeId, &Members) -> P) {
    let (correct, all) = decided(member, Evidence::Whole);
    assert!(all > 50 && correct == all, "{correct} of {all}");
    let (correct, all) = decided(member, Evidence::Spread);
    // A perfect model that misses .47 of the lines; three standard deviations of 45 tries are .22.
    assert!(all > 30 && correct * 4 < all * 3, "{correct} of {all}");
}

#[test]
fn members_of_a_protocol_propose_from_their_share() {
    decides_from_its_shares(Majority::factory);
}

/// Whoever thinks again has what it had, and what its peers said.
#[test]
fn members_that_think_again_have_their_share_still() {
    decides_from_its_shares(Debate::factory);
}
