//! A chain of four agents that hand an answer on, each asking its model once more with the answer before in view. One
//! model's invention reaches the books, as models give in to what they are shown; a check at each hand-off stops it.

use super::ledger::{BOOKS, Invoice, NothingFalse, Sum, added_up, post};
use serde::{Deserialize, Serialize};
use synod::fault::Nemesis;
use synod::id::NodeId;
use synod::model::{Profile, Request, Speaker, Task};
use synod::policy::Retry;
use synod::scenario::Story;
use synod::time::{Duration, minutes, seconds};
use synod::{Agent, Result, Sim};

/// Reader, clerk, controller and bookkeeper; each has a model of its own.
const AGENTS: u16 = 4;
/// What the chain is there for, and by when: as long as it runs.
const WORK: &str = "invoice";
const DUE: Duration = minutes(12);
const PATIENCE: Duration = seconds(40);
/// How often a stage asks before it gives the rule's sum: more would outlast whoever waits.
const TRIES: u32 = 3;

/// What one stage hands to the next; nothing if it has nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct HandOff {
    said: Option<Sum>,
}

/// The question of a stage that sees what the one before said.
fn question(agent: &Agent, before: Option<(NodeId, &Sum)>) -> Result<Request> {
    let Some((peer, said)) = before else { return Ok(agent.task()) };
    let shown = serde_json::to_string(said).map_err(|error| error.to_string())?;
    Ok(agent.task().say(Speaker::Peer(peer), shown))
}

/// What the stage before hands over; nothing for the first.
async fn handed(agent: &Agent) -> Option<(NodeId, HandOff)> {
    if agent.id().index() == 0 {
        agent.undertake(WORK, DUE);
        return None;
    }
    let arrived = agent.recv::<HandOff>().await;
    Some((arrived.from, arrived.message))
}

async fn hand_on(agent: &Agent, said: Option<Sum>) -> Result<()> {
    let next = agent.id().index() as u16 + 1;
    match said {
        said if next < AGENTS => agent.send(NodeId::agent(next), &HandOff { said }).await,
        Some(said) => {
            post(agent, &said).await?;
            agent.conclude(WORK, Vec::new());
            Ok(())
        }
        None => {
            agent.conclude(WORK, vec![WORK.to_owned()]);
            agent.abstain().await
        }
    }
}

/// As usually written: what the model makes of what it is handed goes on.
async fn trusting(agent: Agent) -> Result<()> {
    let before = handed(&agent).await;
    let shown = before.as_ref().and_then(|(peer, HandOff { said })| Some((*peer, said.as_ref()?)));
    let asked = agent.ask::<Sum>(question(&agent, shown)?).retry(Retry::times(2)).deadline(PATIENCE);
    // A stage whose model does not answer hands on what it was handed.
    let said = asked.await.ok().or_else(|| before.and_then(|(_, HandOff { said })| said));
    hand_on(&agent, said).await
}

/// As it should be: what is handed over is held against the invoice, and so is what is handed on.
async fn checking(agent: Agent) -> Result<()> {
    let rule = added_up(&agent.evidence());
    let before = handed(&agent).await;
    // What does not stand the check is no help to a model, and goes no further.
    let shown = before.as_ref().and_then(|(peer, HandOff { said })| Some((*peer, said.as_ref()?)));
    let shown = shown.filter(|(_, said)| **said == rule);
    let mut request = question(&agent, shown)?;
    for _ in 0..TRIES {
        let asked = agent.ask::<Sum>(request.clone()).deadline(PATIENCE).await;
        if asked.as_ref().is_ok_and(|said| *said == rule) {
            return hand_on(&agent, asked.ok()).await;
        }
        request = request.say(Speaker::User, "That is not what the items add up to. Add up again.");
    }
    let confirmed = shown.map_or(rule, |(_, said)| said.clone());
    hand_on(&agent, Some(confirmed)).await
}

fn set(sim: &Sim) {
    sim.task(Invoice::generate).tools(BOOKS.clone()).model(Profile::grounded()).models(AGENTS);
    sim.nemesis(Nemesis::hallucinations());
}

/// A chain that believes.
pub(crate) fn chain() -> Story {
    let body = |sim: Sim| async move {
        set(&sim);
        sim.team(AGENTS, trusting).run_for(minutes(12)).await;
        sim.check(NothingFalse);
    };
    Story::new("chain", body)
        .about("four agents hand a sum on, each with its model's word on it; the last one posts it")
        .violates(&NothingFalse)
}

/// A chain that checks at each hand-off.
pub(crate) fn chain_checked() -> Story {
    let body = |sim: Sim| async move {
        set(&sim);
        sim.team(AGENTS, checking).run_for(minutes(12)).await;
        sim.check(NothingFalse);
    };
    Story::new("chain_checked", body)
        .about("the same; at each hand-off the sum is held against the invoice")
        .expect(&NothingFalse)
}
