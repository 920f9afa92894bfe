//! The hand-off chain, also called prompt chaining: each member goes on with the note that the one before it left, and
//! hands over by letter.

use super::desk::steadily;
use super::draft::add_to;
use super::mail::Mail;
use synod::agent::Notes;
use synod::model::{Plan, Task};
use synod::scenario::{Parts, Pattern, Rung, Story};
use synod::{Agent, Result};

const ABOUT: &str = "each member goes on with the note that the one before it left and hands over by letter";

const PARTS: Parts = Parts::Both;

pub(super) fn pattern() -> Pattern {
    Pattern::new("hand_off", ABOUT, PARTS, include_str!("hand_off.rs"), on)
}

fn on(name: &str, rung: Rung) -> Story {
    super::cell(name, ABOUT, PARTS, move |sim| {
        sim.task(Plan::generate).team(3, move |agent| link(agent, rung));
        rung.store.into_iter().for_each(|level| _ = sim.store(level));
    })
}

async fn link(agent: Agent, rung: Rung) -> Result<()> {
    let (mut notes, mut mail) = (Notes::open(&agent)?, Mail::open(&agent, rung.channel).await?);
    let (place, last) = (agent.id().index() as u32, agent.members().len() as u32 - 1);
    if place > 0 {
        mail.await_step(place - 1, 1, &mut notes, rung.passes()).await?;
    }
    if !mail.said(place) {
        let add = |page| add_to(agent.clone(), page);
        let draft = mail.during(async { steadily!(agent, notes.revise("work", rung.revision(), add)) }).await??;
        if place == last {
            agent.decide(draft.answer).await?;
        }
        mail.tell(place, rung.passes().of(&notes), None).await?;
    }
    if place == last { mail.close().await } else { mail.linger().await }
}
