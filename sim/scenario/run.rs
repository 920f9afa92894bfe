//! What it takes to run a scenario once, and what a run gives.

use super::exercised::Exercised;
use crate::check::{Check, Property, PropertyKind, Verdict};
use crate::fault::{FaultProfile, Kind, Ledger, Schedule, Tolerance};
use crate::history::History;
use crate::id::NodeId;
use crate::model::{Spending, TaskSet};
use crate::seed::{Misfits, Pin, PinError, Pins, Seed};
use crate::time::{Duration, Time};
use crate::trace::{Detail, Trace};
use crate::world::{Clock, Crash, Figures};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Something that can be run by seed: a function from a job to a run. The catalogue holds these.
pub trait Runnable: Send + Sync {
    /// What it is and what it promises.
    fn summary(&self) -> Summary;

    /// Whether it can run at all.
    ///
    /// # Errors
    /// One line naming the place and the remedy.
    fn validate(&self) -> Result<(), String>;

    /// Runs it. The clock is told of every instant before anything happens at it.
    fn run(&self, job: &Job, clock: &dyn Clock) -> Run;

    /// The same team with another task, under the name `<scenario>@<task>`; `None` if what it decides about is of its
    /// agents' own types.
    fn on_task(&self, task: &TaskSet) -> Option<Box<dyn Runnable>> {
        let _ = task;
        None
    }

    /// The same under the faults of a profile instead of its own, under the name `<scenario>+<profile>`; `None` if its
    /// faults are not to be exchanged, or its team promises nothing under these.
    fn under(&self, faults: &FaultProfile) -> Option<Box<dyn Runnable>> {
        let _ = faults;
        None
    }

    /// Whether a run must have a thread of its own, because users' code in it may depend on thread-local state.
    fn wants_fresh_thread(&self) -> bool;
}

/// What a catalogue says of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Its snake-case name.
    pub name: String,
    /// One line about it.
    pub about: String,
    /// The protocol or pattern its team runs.
    pub team: String,
    /// How many agents.
    pub agents: u16,
    /// The task they decide about.
    pub task: String,
    /// What is expected of it.
    pub expectation: Expectation,
    /// The properties it judges.
    pub properties: Vec<Property>,
    /// What its team promises under each kind of fault; empty for async agents, which declare nothing.
    pub promises: Vec<Promise>,
}

/// What a team promises under one kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Promise {
    /// The kind.
    pub kind: Kind,
    /// The promise.
    pub tolerance: Tolerance,
}

/// What a scenario is expected to do over enough seeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Expectation {
    /// Every property but correctness holds on every seed.
    Holds,
    /// This property is violated on some seed, and no other but correctness.
    Violates(String),
}

/// Which run is wanted.
#[derive(Clone, Debug)]
pub struct Job {
    /// The seed.
    pub seed: Seed,
    /// Draws decided in advance.
    pub pins: Vec<Pin>,
    /// How much to keep.
    pub detail: Detail,
    /// Whether to record every draw as a pin.
    pub record_draws: bool,
    /// What becomes of pins that do not fit.
    pub misfits: Misfits,
    /// Whether to keep the abstract states that the run came to.
    pub states: States,
}

/// Whether a run keeps the abstract states that it came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum States {
    /// It does not: most runs are judged and forgotten.
    #[default]
    Unseen,
    /// It does, for a search that looks for new ones.
    Kept,
}

impl Job {
    /// The run of a seed, digest only.
    #[must_use]
    pub fn of(seed: Seed) -> Job {
        let (misfits, states) = (Misfits::Wrong, States::Unseen);
        Job { seed, pins: Vec::new(), detail: Detail::Digest, record_draws: false, misfits, states }
    }

    /// The pins as the run consumes them, recording draws if that is asked for.
    ///
    /// # Errors
    /// If one draw is pinned twice, or a choice lies outside its own domain.
    pub fn book(&self) -> Result<Pins, PinError> {
        let pins = Pins::new(&self.pins)?.with(self.misfits);
        Ok(if self.record_draws { pins.recording() } else { pins })
    }

    /// The same run, keeping this much.
    #[must_use]
    pub fn detailed(mut self, detail: Detail) -> Job {
        self.detail = detail;
        self
    }
}

/// What a run gave.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its seed.
    pub seed: Seed,
    /// The digest of trace, verdicts and figures.
    pub digest: u64,
    /// Each property with its verdict.
    pub judged: Vec<Judged>,
    /// A panic in the tested code, an agent that waits for nothing, a loop that never ends.
    pub crash: Option<Crash>,
    /// A pin that did not fit.
    pub pin_error: Option<PinError>,
    /// The pins that no draw came to: without them the run is the same.
    pub idle_pins: Vec<Pin>,
    /// Planned, fired, felt.
    pub ledger: Ledger,
    /// What the nemesis planned.
    pub schedule: Schedule,
    /// Counts.
    pub figures: Figures,
    /// From each decided slot's invocation to its first decision, in the order of these decisions.
    pub latencies: Vec<Duration>,
    /// The trace, as detailed as asked for.
    pub trace: Trace,
    /// The history the verdicts are about; empty unless in full detail.
    pub history: History,
    /// Every draw, if they were recorded.
    pub draws: Vec<Pin>,
    /// When each of them was first made.
    pub draw_times: Vec<Time>,
    /// What it exercised.
    pub exercised: Exercised,
    /// The abstract states that it came to, if they were kept.
    pub states: BTreeSet<u64>,
    /// Which agents still waited for what when the run ended.
    pub waiting: Vec<String>,
    /// What each agent's calls have cost.
    pub spending: BTreeMap<NodeId, Spending>,
}

impl Run {
    /// A run that never began, because its pins do not fit.
    #[must_use]
    pub fn refused(job: &Job, error: PinError) -> Run {
        Run { pin_error: Some(error), ..Run::empty(job) }
    }

    /// A run in which nothing happened.
    #[must_use]
    pub fn empty(job: &Job) -> Run {
        Run {
            seed: job.seed,
            digest: 0,
            judged: Vec::new(),
            crash: None,
            pin_error: None,
            idle_pins: Vec::new(),
            ledger: Ledger::default(),
            schedule: Schedule::default(),
            figures: Figures::default(),
            latencies: Vec::new(),
            trace: Trace::new(job.detail),
            history: History::new(),
            draws: Vec::new(),
            draw_times: Vec::new(),
            exercised: Exercised::default(),
            states: BTreeSet::new(),
            waiting: Vec::new(),
            spending: BTreeMap::new(),
        }
    }

    /// The first violated property of the gravest kind: safety before liveness; correctness is no failure.
    #[must_use]
    pub fn violation(&self) -> Option<&Judged> {
        let violated = |kind: PropertyKind| {
            self.judged.iter().find(move |judged| judged.property.kind == kind && judged.verdict.witness().is_some())
        };
        violated(PropertyKind::Safety).or_else(|| violated(PropertyKind::Liveness))
    }

    /// Whether the run crashed or violated safety or liveness.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.crash.is_some() || self.violation().is_some()
    }
}

/// A property and what its checker answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// The property.
    pub property: Property,
    /// The verdict.
    pub verdict: Verdict,
}

impl Judged {
    /// What a checker makes of a history.
    #[must_use]
    pub fn by(check: &dyn Check, history: &History) -> Judged {
        Judged { property: check.property(), verdict: check.check(history) }
    }
}
