//! The shared scratchpad: one note that every member reads, improves and writes back, whenever it is ready.

use super::desk::{AGAIN, steadily, think};
use super::draft::{Draft, add_to};
use crate::clerks::works;
use synod::agent::Notes;
use synod::model::{Diagnose, Task};
use synod::scenario::{Parts, Pattern, Rung, Story};
use synod::time::{Duration, seconds};
use synod::{Agent, Result};

const ABOUT: &str = "every member improves one shared draft; the first decides what it says when all had their turn";

/// How long the editor waits for everyone's turn: beyond the p99 of two replies.
const EDITOR: Duration = seconds(100);

const PARTS: Parts = Parts::Store;

pub(super) fn pattern() -> Pattern {
    Pattern::new("scratchpad", ABOUT, PARTS, include_str!("scratchpad.rs"), on)
}

fn on(name: &str, rung: Rung) -> Story {
    super::cell(name, ABOUT, PARTS, move |sim| {
        sim.task(Diagnose::generate).team(3, move |agent| member(agent, rung));
        rung.store.into_iter().for_each(|level| _ = sim.store(level));
    })
}

async fn member(agent: Agent, rung: Rung) -> Result<()> {
    let mut notes = Notes::open(&agent)?;
    let add = |page| add_to(agent.clone(), page);
    steadily!(agent, notes.revise("draft", rung.revision(), add))?;
    if !works(&agent) {
        return Ok(());
    }
    let (members, until) = (agent.members().len(), agent.now() + EDITOR);
    let draft = loop {
        let draft: Option<Draft> = steadily!(agent, notes.read("draft"))?;
        match draft {
            Some(draft) if draft.is_whole(members) => break draft,
            draft if agent.now() >= until => break draft.unwrap_or_default(),
            _ => agent.sleep(AGAIN).await,
        }
    };
    // A draft that nobody wrote, as far as one can see.
    let answer = if draft.answer.is_null() { think(&agent, agent.task()).await? } else { draft.answer };
    agent.decide(answer).await
}
