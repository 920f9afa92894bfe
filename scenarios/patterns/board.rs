//! The task board: every member posts an item, whoever is free claims one, works on it and leaves the result there. The
//! first member decides when the board is done.

use super::desk::{AGAIN, steadily, think};
use super::draft::Draft;
use crate::clerks::works;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use synod::agent::{Notes, Page};
use synod::model::{Board, Task};
use synod::scenario::{Parts, Pattern, Rung, Story};
use synod::time::{Duration, seconds};
use synod::{Agent, Result};

const ABOUT: &str = "members post items, claim open ones and leave results; the first decides when all are done";

/// How long a board may take: everyone works on all of it in a row.
const LIMIT: Duration = seconds(150);

/// A card of the board.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Card {
    /// What is to be looked at.
    lines: BTreeSet<String>,
    /// Who works on it.
    claimed: Option<String>,
}

const PARTS: Parts = Parts::Store;

pub(super) fn pattern() -> Pattern {
    Pattern::new("board", ABOUT, PARTS, include_str!("board.rs"), on)
}

fn on(name: &str, rung: Rung) -> Story {
    super::cell(name, ABOUT, PARTS, move |sim| {
        sim.task(Board::<3>::generate).team(3, move |agent| member(agent, rung));
        rung.store.into_iter().for_each(|level| _ = sim.store(level));
    })
}

async fn member(agent: Agent, rung: Rung) -> Result<()> {
    let mut notes = Notes::open(&agent)?;
    let (me, members) = (agent.id(), agent.members());
    let until = agent.now() + LIMIT;
    let own = card_of(&me.to_string());
    notes.begin_turn();
    let posted: Option<Card> = steadily!(agent, notes.read(&own))?;
    if posted.is_none() {
        let card = Card { lines: agent.evidence().lines().map(str::to_owned).collect(), claimed: None };
        steadily!(agent, notes.write(&own, &card))?;
    }
    // Two rounds: what was not to be seen in the first may have been posted since.
    let posters: Vec<String> = members.iter().map(|poster| poster.to_string()).collect();
    for poster in posters.iter().cycle().skip(me.index()).take(2 * members.len()) {
        let claim = |page| claim(agent.clone(), page);
        steadily!(agent, notes.consider(&card_of(poster), rung.revision(), claim))?;
        work_on(&agent, &mut notes, poster).await?;
    }
    if !works(&agent) {
        return Ok(());
    }
    let answer = loop {
        let answer = sum_up(&agent, &mut notes).await?;
        match answer {
            Some(answer) => break answer,
            None if agent.now() >= until => break think(&agent, notes.prompt(agent.task())).await?,
            None => agent.sleep(AGAIN).await,
        }
    };
    agent.decide(answer).await
}

fn card_of(poster: &str) -> String {
    format!("card/{poster}")
}

fn result_of(poster: &str) -> String {
    format!("result/{poster}")
}

/// One turn about a card: claims it if it is there and nobody has. Its model has to read it first.
async fn claim(agent: Agent, page: Page<Card>) -> Result<Option<Card>> {
    let Some(card) = page.note.filter(|card| card.claimed.is_none()) else { return Ok(None) };
    think(&agent, page.request).await?;
    Ok(Some(Card { claimed: Some(agent.id().to_string()), ..card }))
}

/// One turn: reads a card, and if it is its own, leaves the result, unless that is there from an earlier life.
async fn work_on(agent: &Agent, notes: &mut Notes, poster: &str) -> Result<()> {
    notes.begin_turn();
    let card: Option<Card> = steadily!(agent, notes.read(&card_of(poster)))?;
    let Some(card) = card.filter(|card| card.claimed == Some(agent.id().to_string())) else { return Ok(()) };
    let key = result_of(poster);
    if steadily!(agent, notes.read::<Draft>(&key))?.is_some() {
        return Ok(());
    }
    let answer = think(agent, notes.prompt(agent.task())).await?;
    let mut result = Draft::default().signed(agent, answer);
    result.lines.extend(card.lines);
    steadily!(agent, notes.write(&key, &result))
}

/// One turn: reads every result, and answers if all are there.
async fn sum_up(agent: &Agent, notes: &mut Notes) -> Result<Option<serde_json::Value>> {
    notes.begin_turn();
    let mut done = 0;
    for poster in agent.members().iter() {
        let result: Option<Draft> = steadily!(agent, notes.read(&result_of(&poster.to_string())))?;
        done += usize::from(result.is_some());
    }
    if done < agent.members().len() {
        return Ok(None);
    }
    think(agent, notes.prompt(agent.task())).await.map(Some)
}
