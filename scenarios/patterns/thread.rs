//! The message thread of a group chat: members speak in turn, each after reading the whole thread.

use super::desk::{steadily, think};
use super::draft::Draft;
use super::mail::Mail;
use synod::agent::Notes;
use synod::model::{Extract, Task};
use synod::scenario::{Parts, Pattern, Rung, Story};
use synod::{Agent, Result};

const ABOUT: &str = "members speak in turn in one thread, each told by letter that it is next; the last one decides";

const PARTS: Parts = Parts::Both;

pub(super) fn pattern() -> Pattern {
    Pattern::new("thread", ABOUT, PARTS, include_str!("thread.rs"), on)
}

fn on(name: &str, rung: Rung) -> Story {
    super::cell(name, ABOUT, PARTS, move |sim| {
        sim.task(Extract::generate).team(3, move |agent| speaker(agent, rung));
        rung.store.into_iter().for_each(|level| _ = sim.store(level));
    })
}

async fn speaker(agent: Agent, rung: Rung) -> Result<()> {
    let (mut notes, mut mail) = (Notes::open(&agent)?, Mail::open(&agent, rung.channel).await?);
    let (turn, last) = (agent.id().index() as u32, agent.members().len() as u32 - 1);
    if turn > 0 {
        mail.await_step(turn - 1, 1, &mut notes, rung.passes()).await?;
    }
    if !mail.said(turn) {
        let spoken = mail.during(speak(&agent, &mut notes)).await??;
        if turn == last {
            agent.decide(spoken.answer).await?;
        }
        mail.tell(turn, rung.passes().of(&notes), None).await?;
    }
    if turn == last { mail.close().await } else { mail.linger().await }
}

/// One turn: reads what was said, and says something.
async fn speak(agent: &Agent, notes: &mut Notes) -> Result<Draft> {
    notes.begin_turn();
    steadily!(agent, notes.thread::<Draft>("chat"))?;
    let answer = think(agent, notes.prompt(agent.task())).await?;
    let entry = Draft::default().signed(agent, answer);
    steadily!(agent, notes.append("chat", &entry))?;
    Ok(entry)
}
