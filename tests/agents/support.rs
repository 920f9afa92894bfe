//! Running one seed of a team and reading what came of it.

use std::future::Future;
use std::sync::{Arc, Mutex};
use synod::explore::perform;
use synod::fault::{Fault, Kind, Schedule, Site};
use synod::id::NodeId;
use synod::runtime::default_host;
use synod::scenario::{Job, Run, Runnable, Story};
use synod::seed::Seed;
use synod::time::{Duration, Time, minutes};
use synod::trace::Detail;
use synod::{Agent, Sim};

/// The first three members and the first sub-agent of three.
pub const A1: NodeId = NodeId::agent(0);
pub const A2: NodeId = NodeId::agent(1);
pub const A3: NodeId = NodeId::agent(2);
pub const A4: NodeId = NodeId::agent(3);
pub const M1: NodeId = NodeId::model(0);

/// What agents write down during a run. Shared behind Synod's back, which only a test that runs one seed may do.
#[derive(Clone, Default)]
pub struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    pub fn write(&self, line: impl ToString) {
        self.0.lock().unwrap().push(line.to_string());
    }

    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// One run of ten minutes, in full detail, on the default host.
pub fn run<F, W>(seed: u64, agents: u16, program: F) -> Run
where
    F: Fn(Agent) -> W + Clone + Send + Sync + 'static,
    W: Future<Output = synod::Result> + Send + 'static,
{
    run_with(seed, agents, program, |_| ())
}

/// The same after a word with the simulation.
pub fn run_with<F, W>(seed: u64, agents: u16, program: F, set: impl Fn(&Sim) + Copy + Send + Sync + 'static) -> Run
where
    F: Fn(Agent) -> W + Clone + Send + Sync + 'static,
    W: Future<Output = synod::Result> + Send + 'static,
{
    performed(&story(agents, program, set), seed)
}

/// The story of such a run.
pub fn story<F, W>(agents: u16, program: F, set: impl Fn(&Sim) + Copy + Send + Sync + 'static) -> Story
where
    F: Fn(Agent) -> W + Clone + Send + Sync + 'static,
    W: Future<Output = synod::Result> + Send + 'static,
{
    Story::new("agents", move |sim: Sim| {
        let program = program.clone();
        async move {
            sim.team(agents, program);
            set(&sim);
            sim.run_for(minutes(10)).await;
        }
    })
}

pub fn performed(story: &Story, seed: u64) -> Run {
    perform(story, default_host(), &Job::of(Seed(seed)).detailed(Detail::Full)).expect("the run is contained")
}

/// What agents wrote down in a run that nobody crashed.
pub fn noted<F, W>(seed: u64, agents: u16, program: F) -> Vec<String>
where
    F: Fn(Agent, Notes) -> W + Clone + Send + Sync + 'static,
    W: Future<Output = synod::Result> + Send + 'static,
{
    noted_with(seed, agents, program, |_| ())
}

/// The same after a word with the simulation.
pub fn noted_with<F, W>(
    seed: u64,
    agents: u16,
    program: F,
    set: impl Fn(&Sim) + Copy + Send + Sync + 'static,
) -> Vec<String>
where
    F: Fn(Agent, Notes) -> W + Clone + Send + Sync + 'static,
    W: Future<Output = synod::Result> + Send + 'static,
{
    let notes = Notes::default();
    let told = {
        let notes = notes.clone();
        // The story is rehearsed before it runs, but its agents are not: notes hold one run.
        story(agents, move |agent| program(agent, notes.clone()), set)
    };
    let run = performed(&told, seed);
    assert_eq!(run.crash, None);
    notes.lines()
}

/// One fault at a node from an instant on.
pub fn at(kind: Kind, node: NodeId, from: Duration, span: Duration) -> Fault {
    Fault::at(kind, node).from(Time::ZERO + from).lasting(span)
}

/// One fault on a link from the start on.
pub fn on(kind: Kind, from: NodeId, to: NodeId, span: Duration) -> Fault {
    Fault::on(kind, Site::Link { from, to }).lasting(span)
}

pub fn only(fault: Fault) -> Schedule {
    Schedule { faults: vec![fault] }
}

/// The lines of the trace in which this node does that.
pub fn traced(run: &Run, node: NodeId, verb: &str) -> Vec<String> {
    let records = run.trace.records().iter().enumerate();
    let matching = records.filter(|(_, record)| record.node == node && record.happening.verb() == verb);
    matching.map(|(place, _)| run.trace.text(place).to_owned()).collect()
}

/// Why a story cannot run.
pub fn refusal(story: &Story) -> String {
    story.validate().expect_err("a story that cannot run")
}
