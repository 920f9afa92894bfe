//! A keeper that takes work in, says that it has it, and does it piece by piece. As usually written, what it took in is
//! in its memory when it says so; it should be on its disk.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use synod::check::NoLostWork;
use synod::fact::Fact;
use synod::fault::{Fault, Kind, Schedule};
use synod::id::NodeId;
use synod::scenario::Story;
use synod::seed::Draws;
use synod::time::{Duration, Time, minutes, seconds};
use synod::{Agent, Error, Result, Sim};

/// The keeper and three who bring work.
const AGENTS: u16 = 4;
const KEEPER: NodeId = NodeId::agent(0);
const PIECES: u64 = 6;
/// Between two pieces of one client, at most.
const THINK: Duration = seconds(20);
/// A piece takes up to so long: three clients bring one in four seconds, on average.
const WORK: Duration = seconds(5);
/// Before a client asks again whether its piece is taken.
const PATIENCE: Duration = seconds(3);
const END: Duration = minutes(6);

/// Brings a piece of work.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Bring {
    work: String,
}

/// It is taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Taken {
    work: String,
}

/// What a keeper does before it says that it has taken work in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// Nothing: a crash takes the work away.
    Volatile,
    /// It writes the work down.
    Durable,
}

/// What a keeper must not forget.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Kept {
    open: VecDeque<String>,
    done: Vec<String>,
}

async fn keeper(agent: Agent, memory: Memory) -> Result<()> {
    let mut kept: Kept = agent.recover().await.unwrap_or_default();
    let mut busy_until: Option<Time> = None;
    loop {
        let left = match (busy_until, kept.open.is_empty()) {
            (None, false) => {
                let span = Duration(agent.draw(WORK.0));
                busy_until = Some(agent.now() + span);
                span
            }
            (Some(until), _) => until.since(agent.now()),
            (None, true) => minutes(1),
        };
        match agent.timeout(left, agent.recv::<Bring>()).await {
            Some(brought) => {
                let Bring { work } = brought.message;
                let known = kept.open.contains(&work) || kept.done.contains(&work);
                if !known {
                    kept.open.push_back(work.clone());
                    write_down(&agent, &kept, memory).await?;
                }
                agent.note(Fact::Acknowledged { work: work.clone() });
                let _ = agent.send(brought.from, &Taken { work }).await;
            }
            None if busy_until.take().is_some() => {
                let Some(work) = kept.open.pop_front() else { continue };
                agent.conclude(&work, Vec::new());
                kept.done.push(work);
                write_down(&agent, &kept, memory).await?;
            }
            None => {}
        }
    }
}

/// Has it on disk before it goes on, however long the disk is full: nothing is acknowledged meanwhile.
async fn write_down(agent: &Agent, kept: &Kept, memory: Memory) -> Result<()> {
    if memory == Memory::Volatile {
        return Ok(());
    }
    loop {
        match agent.save(kept).await {
            Err(Error::DiskFull) => agent.sleep(PATIENCE).await,
            saved => return saved,
        }
    }
}

/// Brings its pieces, each until it is taken.
async fn client(agent: Agent) -> Result<()> {
    for number in 0..PIECES {
        agent.sleep(Duration(agent.draw(THINK.0))).await;
        let work = format!("piece-{}-{number}", agent.id());
        agent.undertake(&work, END);
        loop {
            // A link that is cut is the same as a message that is lost.
            let _ = agent.send(KEEPER, &Bring { work: work.clone() }).await;
            match agent.timeout(PATIENCE, agent.recv::<Taken>()).await {
                Some(taken) if taken.message.work == work => break,
                _ => {}
            }
        }
    }
    agent.decide("all is taken").await
}

/// The keeper is down twice, for a few seconds, while work is brought.
fn trouble(draws: &mut Draws) -> Schedule {
    let mut down = |after: u64| {
        let from = Time::ZERO + seconds(after) + Duration(draws.below(seconds(15).0));
        Fault::at(Kind::Crash, KEEPER).from(from).lasting(seconds(draws.choose(3, 8, 3)))
    };
    Schedule { faults: vec![down(20), down(60)] }
}

/// The same keeper whose disk is full for a while.
#[must_use]
pub fn inbox_durable_on_a_full_disk() -> Story {
    let full = |draws: &mut Draws| {
        let mut faults = trouble(draws).faults;
        let from = Time::ZERO + Duration(draws.below(seconds(40).0));
        faults.push(Fault::at(Kind::DiskFull, KEEPER).from(from).lasting(seconds(30)));
        Schedule { faults }
    };
    story_under("inbox_durable", Memory::Durable, full).expect(&NoLostWork::DEFAULT)
}

fn story(name: &str, memory: Memory) -> Story {
    story_under(name, memory, trouble)
}

fn story_under(name: &str, memory: Memory, trouble: fn(&mut Draws) -> Schedule) -> Story {
    Story::new(name, move |sim: Sim| async move {
        sim.team(AGENTS, move |agent: Agent| async move {
            if agent.id() == KEEPER { keeper(agent, memory).await } else { client(agent).await }
        });
        sim.schedule_drawn(trouble).run_for(END).await;
        sim.check(NoLostWork::DEFAULT);
    })
}

/// A keeper that says yes from memory.
pub(crate) fn inbox() -> Story {
    story("inbox", Memory::Volatile)
        .about("a keeper takes work in and acknowledges it, in memory; it crashes twice")
        .violates(&NoLostWork::DEFAULT)
}

/// A keeper that says yes once it is written down.
pub(crate) fn inbox_durable() -> Story {
    inbox_durable_of(Memory::Durable)
}

/// The same with this memory.
#[must_use]
pub fn inbox_durable_of(memory: Memory) -> Story {
    story("inbox_durable", memory)
        .about("the same; work is on disk before it is acknowledged")
        .expect(&NoLostWork::DEFAULT)
}
