//! The workflow graph: a superstep of parallel branches, a join that merges them by a reducer and leaves a checkpoint,
//! and a last node that goes on from it. A node that starts again goes on where its notes and letters left off.

use super::desk::{steadily, think};
use super::draft::Draft;
use super::mail::Mail;
use synod::agent::Notes;
use synod::model::{Diagnose, Task};
use synod::scenario::{Parts, Pattern, Rung, Story};
use synod::{Agent, Result};

const ABOUT: &str =
    "parallel branches, a join that merges them into a checkpoint, and a last node that goes on from it";

/// A branch is done; the join is done.
const BRANCH: u32 = 0;
const JOIN: u32 = 1;

const PARTS: Parts = Parts::Both;

pub(super) fn pattern() -> Pattern {
    Pattern::new("graph", ABOUT, PARTS, include_str!("graph.rs"), on)
}

fn on(name: &str, rung: Rung) -> Story {
    super::cell(name, ABOUT, PARTS, move |sim| {
        sim.task(Diagnose::generate).team(3, move |agent| node(agent, rung));
        rung.store.into_iter().for_each(|level| _ = sim.store(level));
    })
}

async fn node(agent: Agent, rung: Rung) -> Result<()> {
    let (mut notes, mut mail) = (Notes::open(&agent)?, Mail::open(&agent, rung.channel).await?);
    let (place, members) = (agent.id().index(), agent.members().len());
    if !mail.said(BRANCH) {
        mail.during(branch(&agent, &mut notes)).await??;
        mail.tell(BRANCH, rung.passes().of(&notes), None).await?;
    }
    if place == 0 && !mail.said(JOIN) {
        mail.await_step(BRANCH, members, &mut notes, rung.passes()).await?;
        mail.during(join(&agent, &mut notes)).await??;
        mail.tell(JOIN, rung.passes().of(&notes), None).await?;
    }
    if place + 1 == members {
        mail.await_step(JOIN, 1, &mut notes, rung.passes()).await?;
        let answer = mail.during(last(&agent, &mut notes)).await??;
        agent.decide(answer).await?;
        return mail.close().await;
    }
    mail.linger().await
}

fn branch_of(node: &str) -> String {
    format!("branch/{node}")
}

/// One turn: a branch of the first superstep.
async fn branch(agent: &Agent, notes: &mut Notes) -> Result<()> {
    notes.begin_turn();
    let answer = think(agent, agent.task()).await?;
    let result = Draft::default().signed(agent, answer);
    steadily!(agent, notes.write(&branch_of(&agent.id().to_string()), &result))
}

/// One turn: the reducer is the union of what the branches rest on.
async fn join(agent: &Agent, notes: &mut Notes) -> Result<()> {
    notes.begin_turn();
    let mut state = Draft::default();
    for node in agent.members().iter() {
        let branch: Option<Draft> = steadily!(agent, notes.read(&branch_of(&node.to_string())))?;
        state = state.with(branch.unwrap_or_default());
    }
    state.answer = think(agent, notes.prompt(agent.task())).await?;
    steadily!(agent, notes.write("state", &state))
}

/// One turn: goes on from the checkpoint.
async fn last(agent: &Agent, notes: &mut Notes) -> Result<serde_json::Value> {
    notes.begin_turn();
    steadily!(agent, notes.read::<Draft>("state"))?;
    think(agent, notes.prompt(agent.task())).await
}
