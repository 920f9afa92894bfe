//! The README's team: three reviewers that exchange their verdicts, as usually written and as it should be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod::check::{Agreement, Integrity, Validity};
use synod::fault::Nemesis;
use synod::model::{Profile, Task};
use synod::scenario::Story;
use synod::seed::Draws;
use synod::time::{minutes, seconds};
use synod::{Agent, Result, Sim, agreed, all, majority, quorum};

/// A change that is sound or not.
#[derive(Clone)]
struct Change {
    sound: bool,
}

/// What a reviewer says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Review {
    accept: bool,
}

impl Task for Change {
    type Reply = Review;

    fn generate(draws: &mut Draws) -> (String, Change) {
        let sound = draws.below(2) == 0;
        let tests = if sound { "all pass" } else { "3 of 40 fail" };
        (format!("Review this change. Its tests: {tests}."), Change { sound })
    }

    fn right(&self) -> Review {
        Review { accept: self.sound }
    }
}

/// As usually written: whoever has heard from two reviewers decides.
async fn hasty(agent: Agent) -> Result<()> {
    let mine: Review = agent.ask(agent.task()).await?;
    agent.broadcast(&mine).await?;
    let peers: Vec<Review> = agent.gather(quorum(3), seconds(30)).await;
    agent.decide(majority(&peers)).await
}

/// As it should be: a verdict needs the voices of a majority of all reviewers.
async fn patient(agent: Agent) -> Result<()> {
    let mine: Review = agent.ask(agent.task()).await?;
    agent.broadcast(&mine).await?;
    let peers: Vec<Review> = agent.gather(all(3), seconds(30)).await;
    match agreed(&peers, quorum(3)) {
        Some(review) => agent.decide(review).await,
        None => agent.abstain().await,
    }
}

/// Three hasty reviewers.
pub(crate) fn reviewers() -> Story {
    let body = |sim: Sim| async move {
        sim.task(Change::generate).team(3, hasty).model(Profile::grounded());
        sim.role("reviewer");
        run(sim).await;
    };
    judged(
        Story::new("reviewers", body).about("three async agents; each decides after two reviews").violates(&Agreement),
    )
}

/// Three patient reviewers.
pub(crate) fn reviewers_quorum() -> Story {
    let body = |sim: Sim| async move {
        sim.task(Change::generate).team(3, patient).model(Profile::grounded());
        sim.role("reviewer");
        run(sim).await;
    };
    judged(Story::new("reviewers_quorum", body).about("the same; a verdict needs two of all three").expect(&Agreement))
}

async fn run(sim: Sim) {
    sim.nemesis(Nemesis::partitions() + Nemesis::hallucinations());
    sim.run_for(minutes(10)).await;
    sim.check(Agreement);
    sim.check(Validity);
    sim.check(Integrity);
}

fn judged(story: Story) -> Story {
    story.expect(&Validity).expect(&Integrity)
}
