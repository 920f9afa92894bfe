//! Answers that say how sure they are, in the hands of a team that goes by that.

use super::support::story;
use synod::agent::all;
use synod::model::{Company, Confidence, Diagnose, Diagnosis, Profile, Stated, Sure, Task};
use synod::scenario::{Frozen, Job, Runnable};
use synod::seed::Seed;
use synod::time::minutes;
use synod::{Agent, Sim};

const MEMBERS: u16 = 3;
const SEEDS: u64 = 300;

/// Tells the others what its model says, and decides what the surest of them does; the first if all are as sure.
async fn believer(agent: Agent) -> synod::Result {
    let mine: Stated<Diagnosis> = agent.ask(agent.task()).await?;
    agent.broadcast(&mine).await?;
    let all: Vec<Stated<Diagnosis>> = agent.gather(all(usize::from(MEMBERS)), minutes(3)).await;
    let surest = all.iter().rev().max_by_key(|said| said.confidence).ok_or("nobody answered")?;
    agent.decide(surest).await
}

/// How many in a thousand decisions are right.
fn right(confidence: Confidence) -> u64 {
    let (mut right, mut all) = (0, 0);
    let set = move |sim: &Sim| {
        let profile = Profile { confidence, company: Company::Ignored, ..Profile::closed_book() };
        sim.task(Sure::<Diagnose>::generate).model(profile.without_slips()).models(MEMBERS);
    };
    for seed in 0..SEEDS {
        let run = story(MEMBERS, believer, set).run(&Job::of(Seed(seed)), &Frozen);
        assert_eq!(run.crash, None);
        right += run.figures.correct;
        all += run.figures.decisions;
    }
    right * 1_000 / all
}

#[test]
fn a_team_that_goes_by_the_surest_is_right_more_often_only_if_confidence_says_something() {
    let (told, untold) = (right(Confidence::Informative), right(Confidence::Uninformative));
    // Without information the surest is anyone: .65, and five standard deviations of 300 teams are .14.
    assert!((510..=790).contains(&untold), "{untold} in a thousand");
    assert!(told > untold + 140, "{told} with confidence, {untold} without, in a thousand");
}
