//! A step that five agents take together, and one of them is late: wait for all, ask twice, or go on with a quorum and
//! say who is missing.

use serde::{Deserialize, Serialize};
use synod::check::{Check, DeadlinesKept, Lane, NoSilentLoss, Property, PropertyKind, Step, Verdict, Witness};
use synod::fact::Fact;
use synod::fault::{Fault, Kind, Schedule};
use synod::history::History;
use synod::id::NodeId;
use synod::model::{Diagnose, Pace, Profile, Task};
use synod::policy::{Hedge, Partial, Repeatable};
use synod::scenario::Story;
use synod::seed::{Draws, Ratio};
use synod::time::{Duration, minutes, seconds};
use synod::{Agent, Enough, Result, Sim, all, majority, quorum};

const AGENTS: u16 = 5;
const LEAD: NodeId = NodeId::agent(0);
/// By when the step is due.
const DUE: Duration = seconds(50);
/// The lead concludes so long before, with what has come by then.
const MARGIN: Duration = seconds(2);
/// When an answer is late: a model that does not reason at length is done by then in all but few cases.
const LATE: Duration = seconds(10);
/// The whole step; the parts are named after it.
const STEP: &str = "step";

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
    /// Whether a late answer is asked for again, and when.
    hedge: Option<Hedge>,
    /// How many parts the lead waits for.
    enough: Enough,
    /// How long it waits.
    patience: Duration,
    /// What the step is collected in.
    report: M,
}

fn part_of(node: NodeId) -> String {
    format!("{STEP}/{node}")
}

async fn member(agent: Agent, way: Way<impl Fn(Partial<Found>) -> Partial<Found>>) -> Result<()> {
    let began = agent.now();
    let lead = agent.id() == LEAD;
    if lead {
        agent.undertake(STEP, DUE);
    }
    // A part by itself is never overdue: the step is what has to end in time.
    agent.undertake(&part_of(agent.id()), minutes(9));
    // The lead's own part has a deadline too: without one, the lead itself may be the straggler.
    let asked = || {
        let asked = agent.ask(agent.task());
        let left = way.patience - agent.now().since(began);
        if way.patience < DUE { asked.deadline(left) } else { asked }
    };
    let found = match way.hedge {
        Some(hedge) => agent.hedged(hedge, None, |_| asked()).await,
        None => asked().await,
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
        agent.conclude(STEP, step.missing().into_iter().map(|missing| missing.part).collect());
        let found: Vec<Found> = step.have().map(|(_, found)| found.clone()).collect();
        return if found.is_empty() { agent.abstain().await } else { agent.decide(majority(&found)).await };
    }
    Ok(())
}

fn plain(report: Partial<Found>) -> Partial<Found> {
    report
}

/// A quick model, so that who is late is late for a reason: it does not reason before it answers.
fn model() -> Profile {
    let pace = Pace { reasoning: 0, long: Ratio::NEVER, ..Pace::usual() };
    Profile { pace, ..Profile::grounded() }.without_slips()
}

/// One to three of the five are stragglers: the first call of each hangs, or is answered after a minute and more.
fn stragglers(draws: &mut Draws) -> Schedule {
    let (first, count) = (draws.below(u64::from(AGENTS)), draws.choose(1, 3, 1));
    let members = (0..count).map(|step| (first + step) % u64::from(AGENTS));
    let late = |member: u64| {
        let kind = *draws.pick(&[Kind::ModelTimeout, Kind::SlowFirstToken]);
        let caller = NodeId::agent(u16::try_from(member).expect("one of five"));
        Fault::of_caller(kind, caller).at_call(0).once().strength(seconds(70 + draws.below(60)).0)
    };
    Schedule { faults: members.map(late).collect() }
}

/// That a step is concluded whole: nobody is missing.
struct WholeStep;

impl Check for WholeStep {
    fn property(&self) -> Property {
        Property {
            name: "whole_step",
            about: "a step is concluded with everybody's part",
            source: "Dean, Barroso 2013 (The Tail at Scale): a second request in place of the straggler's",
            kind: PropertyKind::Liveness,
        }
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        let mut judged = 0;
        for (place, entry, fact) in history.facts() {
            let Fact::Concluded { work, missing } = fact else { continue };
            judged += u64::from(work == STEP);
            if work == STEP && !missing.is_empty() {
                let what = format!("concludes {work} without {}", missing.join(", "));
                return Verdict::Violated(Witness {
                    property: self.property().name,
                    shape: "a step that leaves stragglers out".to_owned(),
                    steps: vec![Step { place: Some(place), at: entry.at, node: entry.node, what }],
                    contradiction: "Whoever was late would have been quick the second time.".to_owned(),
                });
            }
        }
        Verdict::Holds { judged }
    }
}

fn story(
    name: &str,
    way: Way<impl Fn(Partial<Found>) -> Partial<Found> + Copy + Send + Sync + 'static>,
    judge: impl Fn(&Sim) + Copy + Send + Sync + 'static,
) -> Story {
    let body = move |sim: Sim| async move {
        sim.task(Diagnose::generate).team(AGENTS, move |agent| member(agent, way)).model(model());
        sim.schedule_drawn(stragglers);
        sim.run_for(minutes(5)).await;
        sim.check(DeadlinesKept);
        sim.check(NoSilentLoss);
        judge(&sim);
    };
    Story::new(name, body).expect(&NoSilentLoss)
}

/// Waits for everyone, however long it takes.
pub(crate) fn barrier() -> Story {
    story("barrier", Way { hedge: None, enough: all(5), patience: minutes(3), report: plain }, |_| ())
        .about("five agents take a step together; the lead waits for all of them, and some are late")
        .violates(&DeadlinesKept)
}

/// Asks again what is late.
pub(crate) fn barrier_hedged() -> Story {
    barrier_hedged_of(Hedge::after(LATE, Repeatable::Idempotent))
}

/// The same with this hedge.
#[must_use]
pub fn barrier_hedged_of(hedge: Hedge) -> Story {
    let way = Way { hedge: Some(hedge), enough: all(5), patience: DUE - MARGIN, report: plain };
    story("barrier_hedged", way, |sim| sim.check(WholeStep))
        .about("the same: a question that is late is asked again beside it, and the step ends in time, with all parts")
        .expect(&DeadlinesKept)
        .expect(&WholeStep)
}

/// Goes on with a quorum.
pub(crate) fn barrier_quorum() -> Story {
    barrier_quorum_of(plain)
}

/// The same, collected so.
#[must_use]
pub fn barrier_quorum_of(report: impl Fn(Partial<Found>) -> Partial<Found> + Copy + Send + Sync + 'static) -> Story {
    story("barrier_quorum", Way { hedge: None, enough: quorum(5), patience: DUE - MARGIN, report }, |_| ())
        .about("the same: three of five are enough, and the step says who is missing")
        .expect(&DeadlinesKept)
}
