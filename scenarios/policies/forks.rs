//! Three agents that need two of three files each, one at a time. Each takes its own first and waits for its
//! neighbour's, or asks its model which to take first; in one order for all nobody ever waits in a circle.
//!
//! Identical reasoning deadlocks five agents in 25 to 90 % of runs; with an order of resources in none (arXiv
//! 2602.13255).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::sync::LazyLock;
use synod::check::NoWaitCycle;
use synod::fact::Fact;
use synod::fault::{Kind, Nemesis};
use synod::id::NodeId;
use synod::model::{Profile, Request, Schema, Speaker};
use synod::scenario::Story;
use synod::time::{Duration, minutes, seconds};
use synod::{Agent, Result, Sim};

/// The keeper of the files and three agents that edit them.
const AGENTS: u16 = 4;
const KEEPER: NodeId = NodeId::agent(0);
const FILES: u64 = 3;
const ROUNDS: u64 = 8;
/// Nobody waits for an edit: what is on trial is whether it ever ends.
const DUE: Duration = minutes(5);

/// What an agent wants of the keeper.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Wish {
    Lock(u64),
    Unlock(u64),
}

/// The keeper gives a file.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Given(u64);

fn file(number: u64) -> String {
    format!("file-{number}")
}

/// Gives each file to one agent at a time, in the order in which they asked.
async fn keeper(agent: Agent) -> Result<()> {
    let mut queues: BTreeMap<u64, VecDeque<NodeId>> = BTreeMap::new();
    loop {
        let wish = agent.recv::<Wish>().await;
        let (file, first) = match wish.message {
            Wish::Lock(file) => {
                let queue = queues.entry(file).or_default();
                queue.push_back(wish.from);
                (file, (queue.len() == 1).then_some(wish.from))
            }
            Wish::Unlock(file) => {
                let queue = queues.entry(file).or_default();
                queue.pop_front();
                (file, queue.front().copied())
            }
        };
        if let Some(first) = first {
            agent.send(first, &Given(file)).await?;
        }
    }
}

/// In which order an agent locks the files that it needs.
pub type Order = fn([u64; 2]) -> [u64; 2];

/// Edits two files at a time, locked in this order.
async fn editor(agent: Agent, order: Order) -> Result<()> {
    let files = order(needed(&agent));
    for round in 1..=ROUNDS {
        agent.sleep(Duration(agent.draw(seconds(10).0))).await;
        edit(&agent, round, files).await?;
    }
    agent.decide("edited").await
}

/// Its own file and its neighbour's.
fn needed(agent: &Agent) -> [u64; 2] {
    let own = agent.id().index() as u64 - 1;
    [own, (own + 1) % FILES]
}

/// Locks both files, in this order, and gives them back.
async fn edit(agent: &Agent, round: u64, files: [u64; 2]) -> Result<()> {
    let work = format!("edit-{}-{round}", agent.id());
    agent.undertake(&work, DUE);
    for number in files {
        agent.note(Fact::Awaits { thing: file(number) });
        agent.send(KEEPER, &Wish::Lock(number)).await?;
        while agent.recv::<Given>().await.message.0 != number {}
        agent.note(Fact::Holds { thing: file(number) });
        // Reads it before it reaches for the next one.
        agent.sleep(Duration(agent.draw(seconds(2).0))).await;
    }
    for number in files {
        agent.note(Fact::Yields { thing: file(number) });
        agent.send(KEEPER, &Wish::Unlock(number)).await?;
    }
    agent.conclude(&work, Vec::new());
    Ok(())
}

/// Which of its two files an agent takes first, as its model has it. Either is as good.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
enum First {
    Left,
    Right,
}

static FIRST: LazyLock<Schema> = LazyLock::new(Schema::of::<First>);

/// How long a round is: nineteen of twenty answers are there by then, and all begin at once.
const BEAT: Duration = seconds(30);

/// Edits two files at a time; its model says which to lock first, each time anew.
async fn asker(agent: Agent) -> Result<()> {
    let [left, right] = needed(&agent);
    for round in 1..=ROUNDS {
        let words = format!("Round {round}. You need the file on your left and the one on your right. Which first?");
        let request = Request::about(agent.task().slot).say(Speaker::User, words).expecting(&FIRST);
        let files = match agent.ask_within::<First>(request, BEAT).await {
            Ok(First::Left) | Err(_) => [left, right],
            Ok(First::Right) => [right, left],
        };
        let begins = synod::time::Time::ZERO + BEAT * round;
        agent.sleep(begins.since(agent.now()) + Duration(agent.draw(seconds(1).0))).await;
        edit(&agent, round, files).await?;
    }
    agent.decide("edited").await
}

fn story(name: &str, order: Order) -> Story {
    Story::new(name, move |sim: Sim| async move {
        sim.team(AGENTS, move |agent: Agent| async move {
            if agent.id() == KEEPER { keeper(agent).await } else { editor(agent, order).await }
        });
        sim.run_for(minutes(5)).await;
        sim.check(NoWaitCycle);
    })
}

/// Its own file first, whatever the numbers.
fn own_first(files: [u64; 2]) -> [u64; 2] {
    files
}

/// The file with the smaller number first.
fn smaller_first([one, other]: [u64; 2]) -> [u64; 2] {
    [one.min(other), one.max(other)]
}

/// Each takes its own file first.
pub(crate) fn forks() -> Story {
    story("forks", own_first).about("three agents lock two files each, their own first").violates(&NoWaitCycle)
}

/// Each takes first what its own model says, which is asked alike and chooses alike more often than by chance.
pub(crate) fn forks_asked() -> Story {
    let body = |sim: Sim| async move {
        sim.team(AGENTS, |agent: Agent| async move {
            if agent.id() == KEEPER { keeper(agent).await } else { asker(agent).await }
        });
        sim.model(Profile::grounded()).models(AGENTS).nemesis(Nemesis::only(Kind::CorrelatedChoice));
        sim.run_for(minutes(5)).await;
        sim.check(NoWaitCycle);
    };
    Story::new("forks_asked", body)
        .about("the same; each asks its model which of the two to lock first, all at once")
        .violates(&NoWaitCycle)
}

/// All take the file with the smaller number first.
pub(crate) fn forks_ordered() -> Story {
    forks_ordered_of(smaller_first)
}

/// The same in this order.
#[must_use]
pub fn forks_ordered_of(order: Order) -> Story {
    story("forks_ordered", order)
        .about("the same: everyone locks the file with the smaller number first")
        .expect(&NoWaitCycle)
}
