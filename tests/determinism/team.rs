//! A team that uses all an async agent has: draws, sleeps, a model, a disk, messages, a sub-agent. Under every fault.

use synod::check::{Agreement, Validity};
use synod::fault::Nemesis;
use synod::model::{Diagnose, Diagnosis, Task};
use synod::scenario::{Sim, Story};
use synod::time::{millis, minutes, seconds};
use synod::{Agent, Result, majority, quorum};

/// Most milliseconds that a member dawdles, so that who comes first is a matter of draws.
const PAUSE: u64 = 400;

async fn member(agent: Agent) -> Result<()> {
    let lives: u64 = agent.recall().unwrap_or(0);
    dawdle(&agent).await;
    // Without its disk it forgets how often it started, and that is all.
    let _ = agent.save(&(lives + 1)).await;
    let Ok(mine) = agent.ask::<Diagnosis>(agent.task()).await else { return agent.abstain().await };
    agent.delegate("scribe", seconds(20), scribe).await;
    // Whom it cannot reach now, it cannot reach.
    let _ = agent.broadcast(&mine).await;
    let heard: Vec<Diagnosis> = agent.gather(quorum(3), seconds(30)).await;
    if heard.is_empty() { agent.abstain().await } else { agent.decide(majority(&heard)).await }
}

async fn scribe(agent: Agent) -> Result<()> {
    dawdle(&agent).await;
    agent.save(&"written down").await
}

async fn dawdle(agent: &Agent) {
    agent.sleep(millis(agent.draw(PAUSE))).await;
}

pub fn story() -> Story {
    let story = Story::new("determinism_team", |sim: Sim| async move {
        sim.task(Diagnose::generate).team(4, member).nemesis(Nemesis::all());
        sim.run_for(minutes(5)).await;
        sim.check(Agreement);
        sim.check(Validity);
    });
    story.expect(&Agreement).expect(&Validity)
}
