//! An agent whose tasks share what they may have under way at once: four calls, whatever they are. One service hangs,
//! and its callers hold every seat. With a compartment for each service, the others go on.

use super::search::{Search, query};
use super::{Work, together};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use synod::agent::Compartment;
use synod::check::{Check, DeadlinesKept, Lane, Property, PropertyKind, Step, Verdict, Witness};
use synod::fact::Fact;
use synod::fault::{Fault, Kind, Schedule};
use synod::history::{Event, History, Nature};
use synod::id::NodeId;
use synod::model::ToolCall;
use synod::policy::Bulkhead;
use synod::scenario::Story;
use synod::seed::Draws;
use synod::time::{Duration, Time, minutes, seconds};
use synod::tool::{Invocation, Service, Toolbox};
use synod::{Agent, Result, Sim};

/// Tasks that search, and tasks that have reports made.
const TASKS: u64 = 4;
const THINK: Duration = seconds(4);
/// How long a search waits for its answer: the service serves all four in 3.6 s at most.
const PATIENCE: Duration = seconds(6);
/// By when a search is to have ended, its wait for a seat included.
const DUE: Duration = seconds(12);
/// How long a report may take: such services take their time.
const LONG: Duration = seconds(30);
/// Calls under way at once: of one pool, or of each of two compartments half as many.
const SEATS: u32 = 4;
const END: Duration = minutes(3);

/// Makes reports.
struct Report;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Subject {
    about: u64,
}

impl Service for Report {
    type Arguments = Subject;
    type Output = String;
    type State = ();
    const NAME: &'static str = "report";
    const ABOUT: &'static str = "Makes a report.";

    fn call(&self, (): &mut (), Subject { about }: Subject) -> std::result::Result<String, String> {
        Ok(format!("report about {about}"))
    }

    fn nature(&self) -> Nature {
        Nature::Query
    }
}

static TOOLS: LazyLock<Toolbox> = LazyLock::new(|| Toolbox::default().with(Search).with(Report));

/// Searches again and again, each within its deadline.
async fn searches(agent: Agent, task: u64, pool: Compartment) {
    let mut number = task;
    while agent.now() + THINK + DUE < Time::ZERO + END {
        agent.sleep(Duration(agent.draw(THINK.0))).await;
        let call = query(&agent, number);
        agent.undertake(&call.id, DUE);
        let found = agent.seated(&pool, agent.call(Invocation::of(&call).within(PATIENCE))).await;
        agent.conclude(&call.id, found.err().map(|_| call.id.clone()).into_iter().collect());
        number += TASKS;
    }
}

/// Has reports made, for which nobody waits.
async fn reports(agent: Agent, task: u64, pool: Compartment) {
    let mut number = task;
    while agent.now() + THINK + LONG < Time::ZERO + END {
        agent.sleep(Duration(agent.draw(THINK.0))).await;
        let (id, arguments) = (format!("report-{number}"), format!(r#"{{"about":{number}}}"#));
        let call = ToolCall { id, name: Report::NAME.to_owned(), arguments };
        // Turned away or not: there is a next one.
        let _ = agent.seated(&pool, agent.call(Invocation::of(&call).within(LONG))).await;
        number += TASKS;
    }
}

async fn agent(agent: Agent, Pools { searching, reporting }: Pools) -> Result<()> {
    let searching = (0..TASKS).map(|task| -> Work<'_> { Box::pin(searches(agent.clone(), task, searching.clone())) });
    let reporting = (0..TASKS).map(|task| -> Work<'_> { Box::pin(reports(agent.clone(), task, reporting.clone())) });
    // With a look at the clock: whoever waits for a seat that nobody gives back waits until then, and is overdue.
    let _ = agent.timeout(END + minutes(1), together(searching.chain(reporting).collect())).await;
    agent.decide("searched and reported").await
}

/// Where the calls of the two services sit.
struct Pools {
    searching: Compartment,
    reporting: Compartment,
}

/// All calls share the seats.
fn shared() -> Pools {
    let all = Compartment::new(Bulkhead::new(SEATS, 2 * TASKS as usize));
    Pools { searching: all.clone(), reporting: all }
}

/// Each service has half of them. A report that finds no seat is made another time.
fn parted(made: impl Fn(Bulkhead) -> Bulkhead) -> Pools {
    Pools {
        searching: Compartment::new(made(Bulkhead::new(SEATS / 2, TASKS as usize))),
        reporting: Compartment::new(made(Bulkhead::new(SEATS / 2, 1))),
    }
}

/// The service that makes reports hangs for two thirds of a minute or so.
fn trouble(draws: &mut Draws) -> Schedule {
    let from = Time::ZERO + seconds(20) + Duration(draws.below(seconds(40).0));
    let hangs = Fault::at(Kind::Pause, NodeId::tool(1)).from(from).lasting(seconds(draws.choose(35, 50, 35)));
    Schedule { faults: vec![hangs] }
}

/// That no more calls of a tool are under way than there are seats for.
struct Seats {
    tool: &'static str,
    most: usize,
}

impl Check for Seats {
    fn property(&self) -> Property {
        Property {
            name: "seats",
            about: "no more calls of a tool are under way than there are seats",
            source: "Nygard 2007 (Release It!), section 5.3",
            kind: PropertyKind::Safety,
        }
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        let (mut open, mut judged) = (BTreeSet::new(), 0);
        for (place, entry) in history.entries().iter().enumerate() {
            match &entry.event {
                Event::Fact(Fact::Called { call, tool, .. }) if tool == self.tool => {
                    judged += 1;
                    open.insert(call.clone());
                }
                Event::Fact(Fact::CallEnded { call, .. }) => _ = open.remove(call),
                _ => {}
            }
            if open.len() > self.most {
                let what = format!("calls {}", self.tool);
                return Verdict::Violated(Witness {
                    property: self.property().name,
                    shape: "more calls than seats".to_owned(),
                    steps: vec![Step { place: Some(place), at: entry.at, node: entry.node, what }],
                    contradiction: format!("{} calls of {} are under way at once.", open.len(), self.tool),
                });
            }
        }
        Verdict::Holds { judged }
    }
}

fn story(name: &str, pools: impl Fn() -> Pools + Copy + Send + Sync + 'static, seats: u32) -> Story {
    let reporting = Seats { tool: Report::NAME, most: seats as usize };
    Story::new(name, move |sim: Sim| async move {
        sim.team(1, move |one| agent(one, pools())).tools(TOOLS.clone());
        sim.schedule_drawn(trouble).run_for(END).await;
        sim.check(DeadlinesKept);
        sim.check(Seats { tool: Report::NAME, most: seats as usize });
    })
    .expect(&reporting)
}

/// One pool for all.
pub(crate) fn pools() -> Story {
    story("pools", shared, SEATS)
        .about("eight tasks of an agent share four seats for calls of two services, and one service hangs")
        .violates(&DeadlinesKept)
}

/// A compartment for each.
pub(crate) fn pools_parted() -> Story {
    pools_parted_of(|bulkhead| bulkhead)
}

/// The same with bulkheads made so.
#[must_use]
pub fn pools_parted_of(made: impl Fn(Bulkhead) -> Bulkhead + Copy + Send + Sync + 'static) -> Story {
    story("pools_parted", move || parted(made), SEATS / 2)
        .about("the same with two seats for each service: what hangs holds its own")
        .expect(&DeadlinesKept)
}
