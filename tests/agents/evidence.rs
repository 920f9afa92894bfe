//! Evidence spread over the members of a team: who keeps it to itself guesses, who shares it knows.

use synod::model::{Diagnose, Diagnosis, Evidence, Profile, Speaker, Task};
use synod::protocol::baseline::majority::Majority;
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

#[test]
fn members_of_a_protocol_propose_from_their_share() {
    let scenario = |evidence| {
        let scenario = Scenario::new("shares").team(3, Majority::factory).profile(Profile::perfect());
        scenario.workload(1, 1).evidence(evidence).expect(synod::check::Agreement)
    };
    let decided = |evidence| {
        let scenario = scenario(evidence);
        let runs = (0..60).map(|seed| scenario.run(&Job::of(Seed(seed)), &Frozen).figures);
        runs.fold((0, 0), |(correct, all), figures| (correct + figures.correct, all + figures.decisions))
    };
    let (correct, all) = decided(Evidence::Whole);
    assert!(all > 50 && correct == all, "{correct} of {all}");
    let (correct, all) = decided(Evidence::Spread);
    // A perfect model that misses .47 of the lines; three standard deviations of 45 tries are .22.
    assert!(all > 30 && correct * 4 < all * 3, "{correct} of {all}");
}
