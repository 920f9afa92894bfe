//! Supervisor and workers: the first member briefs the others in a note, they leave their results in notes, letters say
//! when. The supervisor decides from what it finds.

use super::desk::{steadily, think};
use super::draft::Draft;
use super::mail::Mail;
use crate::clerks::works;
use synod::agent::Notes;
use synod::model::{Review, Task};
use synod::scenario::{Parts, Pattern, Rung, Story};
use synod::{Agent, Result};

const ABOUT: &str = "a supervisor briefs workers by note, they leave results in notes, letters say when";

/// The supervisor's letter, then a worker's.
const GO: u32 = 0;
const DONE: u32 = 1;

const PARTS: Parts = Parts::Both;

pub(super) fn pattern() -> Pattern {
    Pattern::new("fan_out", ABOUT, PARTS, include_str!("fan_out.rs"), on)
}

fn on(name: &str, rung: Rung) -> Story {
    super::cell(name, ABOUT, PARTS, move |sim| {
        sim.task(Review::generate).team(3, move |agent| member(agent, rung));
        rung.store.into_iter().for_each(|level| _ = sim.store(level));
    })
}

async fn member(agent: Agent, rung: Rung) -> Result<()> {
    let (mut notes, mut mail) = (Notes::open(&agent)?, Mail::open(&agent, rung.channel).await?);
    if works(&agent) {
        mail.during(report(&agent, &mut notes, "brief")).await??;
        mail.tell(GO, rung.passes().of(&notes), None).await?;
        let workers = agent.members().len() - 1;
        mail.await_step(DONE, workers, &mut notes, rung.passes()).await?;
        let answer = mail.during(sum_up(&agent, &mut notes)).await??;
        agent.decide(answer).await?;
        return mail.close().await;
    }
    mail.await_step(GO, 1, &mut notes, rung.passes()).await?;
    if !mail.said(DONE) {
        let key = result_of(&agent.id().to_string());
        mail.during(report(&agent, &mut notes, &key)).await??;
        mail.tell(DONE, rung.passes().of(&notes), None).await?;
    }
    mail.linger().await
}

fn result_of(worker: &str) -> String {
    format!("result/{worker}")
}

/// One turn: reads the brief and writes what comes of it.
async fn report(agent: &Agent, notes: &mut Notes, key: &str) -> Result<()> {
    notes.begin_turn();
    steadily!(agent, notes.read::<Draft>("brief"))?;
    let answer = think(agent, notes.prompt(agent.task())).await?;
    let result = Draft::default().signed(agent, answer);
    steadily!(agent, notes.write(key, &result))
}

/// One turn: reads every result and answers.
async fn sum_up(agent: &Agent, notes: &mut Notes) -> Result<serde_json::Value> {
    notes.begin_turn();
    for worker in agent.members().others(agent.id()) {
        steadily!(agent, notes.read::<Draft>(&result_of(&worker.to_string())))?;
    }
    think(agent, notes.prompt(agent.task())).await
}
