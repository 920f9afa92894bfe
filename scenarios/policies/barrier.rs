//! A step that five agents take together, and one of them is late: wait for all, ask twice, or go on with a quorum and
//! say who is missing.

use serde::{Deserialize, Serialize};
use synod::check::{DeadlinesKept, NoSilentLoss};
use synod::fault::{Kind, Nemesis};
use synod::id::NodeId;
use synod::model::{Diagnose, Profile, Task};
use synod::policy::{Partial, Retry};
use synod::scenario::Story;
use synod::time::{Duration, minutes, seconds};
use synod::{Agent, Enough, Result, Sim, all, majority, quorum};

const AGENTS: u16 = 5;
const LEAD: NodeId = NodeId::agent(0);
/// By when the step is due: longer than nineteen in twenty replies take (24 s).
const DUE: Duration = seconds(50);
/// The lead concludes so long before, with what has come by then.
const MARGIN: Duration = seconds(2);
/// When an answer is late: the p95 of a short reply is 23.6 s (see `Pace::usual`).
const LATE: Duration = seconds(24);

/// What a member finds.
pub type Found = <Diagnose as Task>::Reply;

/// One agent's part.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Part {
    by: NodeId,
    found: Found,
}

/// How a team takes the step.
#[derive(Clone, Copy)]
struct Way<M> {
    /// Whether a late answer is asked for again.
    hedge: Option<Duration>,
    /// How many parts the lead waits for.
    enough: Enough,
    /// How long it waits.
    patience: Duration,
    /// What the step is collected in.
    report: M,
}

fn part_of(node: NodeId) -> String {
    format!("step/{node}")
}

async fn member(agent: Agent, way: Way<impl Fn(Partial<Found>) -> Partial<Found>>) -> Result<()> {
    let began = agent.now();
    let lead = agent.id() == LEAD;
    if lead {
        agent.undertake("step", DUE);
    }
    // A part by itself is never overdue: the step is what has to end in time.
    agent.undertake(&part_of(agent.id()), minutes(9));
    let asked = agent.ask(agent.task());
    // The lead's own part has a deadline too: without one, the lead itself may be the straggler.
    let found = match (way.hedge, way.patience < DUE) {
        (Some(late), _) => asked.retry(Retry::times(3)).hedge(late).deadline(way.patience).await,
        (None, true) => asked.deadline(way.patience).await,
        (None, false) => asked.await,
    };
    let missing = found.as_ref().err().map(|_| part_of(agent.id()));
    agent.conclude(&part_of(agent.id()), missing.into_iter().collect());
    if let Ok(found) = found {
        agent.send(LEAD, &Part { by: agent.id(), found }).await?;
    }
    if lead {
        let parts: Vec<Part> = agent.gather(way.enough, way.patience - agent.now().since(began)).await;
        let mut step = (way.report)(Partial::of(agent.members().iter().map(part_of)));
        parts.into_iter().for_each(|part| step.put(&part_of(part.by), part.found));
        agent.conclude("step", step.missing().into_iter().map(|missing| missing.part).collect());
        let found: Vec<Found> = step.have().map(|(_, found)| found.clone()).collect();
        return if found.is_empty() { agent.abstain().await } else { agent.decide(majority(&found)).await };
    }
    Ok(())
}

fn plain(report: Partial<Found>) -> Partial<Found> {
    report
}

fn story(name: &str, way: Way<impl Fn(Partial<Found>) -> Partial<Found> + Copy + Send + Sync + 'static>) -> Story {
    let body = move |sim: Sim| async move {
        sim.task(Diagnose::generate).team(AGENTS, move |agent| member(agent, way)).model(Profile::grounded());
        sim.nemesis(Nemesis::only(Kind::ModelTimeout) + Nemesis::only(Kind::SlowFirstToken));
        sim.run_for(minutes(5)).await;
        sim.check(DeadlinesKept);
        sim.check(NoSilentLoss);
    };
    Story::new(name, body).expect(&NoSilentLoss)
}

/// Waits for everyone, however long it takes.
pub(crate) fn barrier() -> Story {
    story("barrier", Way { hedge: None, enough: all(5), patience: minutes(3), report: plain })
        .about("five agents take a step together; the lead waits for all of them")
        .violates(&DeadlinesKept)
}

/// Asks again what is late.
pub(crate) fn barrier_hedged() -> Story {
    story("barrier_hedged", Way { hedge: Some(LATE), enough: all(5), patience: DUE - MARGIN, report: plain })
        .about("the same: a question that is late is asked again, and the step ends in time, whoever is missing")
        .expect(&DeadlinesKept)
}

/// Goes on with a quorum.
pub(crate) fn barrier_quorum() -> Story {
    barrier_quorum_of(plain)
}

/// The same, collected so.
#[must_use]
pub fn barrier_quorum_of(report: impl Fn(Partial<Found>) -> Partial<Found> + Copy + Send + Sync + 'static) -> Story {
    story("barrier_quorum", Way { hedge: None, enough: quorum(5), patience: DUE - MARGIN, report })
        .about("the same: three of five are enough, and the step says who is missing")
        .expect(&DeadlinesKept)
}
