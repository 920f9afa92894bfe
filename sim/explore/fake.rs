//! Pretended scenarios for the explorer's own tests: quick, deterministic, and broken in the ways a sweep must notice.

use crate::check::{Property, PropertyKind, Step, Verdict, Witness};
use crate::digest::digest_of;
use crate::fault::{Fault, Kind, Ledger, Schedule, Site, Tactic};
use crate::history::History;
use crate::id::{NodeId, ProcessId};
use crate::model::Spending;
use crate::scenario::{Clock, Exercised, Expectation, Figures, Job, Judged, Run, Runnable, States, Summary};
use crate::seed::{Pins, Ratio, Seed, Streams};
use crate::time::{Duration, Time, millis, seconds};
use crate::trace::{Cause, Detail, Happening, Mark, Record, Trace};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

/// What is wrong with a fake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sin {
    /// Nothing.
    None,
    /// Agreement is violated on every n-th seed, but never on seed 0.
    ViolatesEvery(u64),
    /// Termination is violated on every n-th seed, but never on seed 0.
    StallsEvery(u64),
    /// The scenario's own code panics on this seed.
    PanicsOn(u64),
    /// A counter that outlives the run gets into it.
    Remembers,
    /// The number of its process gets into it.
    DependsOnProcess,
    /// Its checkers never find anything to judge.
    Idle,
    /// Its faults never fire.
    Faultless,
}

pub struct Fake {
    pub name: &'static str,
    pub sin: Sin,
    pub expectation: Expectation,
}

pub const AGREEMENT: Property = Property {
    name: "agreement",
    about: "no two participants decide differently",
    source: "made up",
    kind: PropertyKind::Safety,
};

pub const CLIENT_AGREEMENT: Property = Property { name: "client_agreement", ..AGREEMENT };

pub const TERMINATION: Property = Property {
    name: "termination",
    about: "every participant decides in time",
    source: "made up",
    kind: PropertyKind::Liveness,
};

impl Fake {
    pub fn new(name: &'static str, sin: Sin) -> Fake {
        Fake { name, sin, expectation: Expectation::Holds }
    }

    pub fn violating(name: &'static str, sin: Sin, property: &str) -> Fake {
        Fake { name, sin, expectation: Expectation::Violates(property.to_owned()) }
    }
}

impl Runnable for Fake {
    fn summary(&self) -> Summary {
        Summary {
            name: self.name.to_owned(),
            about: "pretends".to_owned(),
            team: "fake".to_owned(),
            agents: 3,
            task: "pretend".to_owned(),
            expectation: self.expectation.clone(),
            properties: vec![AGREEMENT, CLIENT_AGREEMENT, TERMINATION],
            promises: Vec::new(),
        }
    }

    fn validate(&self) -> Result<(), String> {
        if self.name == "invalid" {
            Err("invalid has 0 agents: give it a team of at least 1".to_owned())
        } else {
            Ok(())
        }
    }

    fn run(&self, job: &Job, clock: &dyn Clock) -> Run {
        let mut run = pretend(job, self.sin, clock);
        run.digest = digest_of(&(run.trace.digest(), run.figures.messages));
        run
    }

    fn wants_fresh_thread(&self) -> bool {
        self.sin == Sin::Remembers
    }
}

/// A run of the fake that violates agreement on every n-th seed.
pub fn violating_every(n: u64, seed: u64) -> Run {
    Fake::new("fake", Sin::ViolatesEvery(n)).run(&Job::of(Seed(seed)), &crate::scenario::Frozen)
}

/// The same, told in full.
pub fn violating_told(n: u64, seed: u64) -> Run {
    let job = Job::of(Seed(seed)).detailed(Detail::Full);
    Fake::new("fake", Sin::ViolatesEvery(n)).run(&job, &crate::scenario::Frozen)
}

static MEMORY: AtomicU64 = AtomicU64::new(0);

fn pretend(job: &Job, sin: Sin, clock: &dyn Clock) -> Run {
    let seed = job.seed.0;
    assert!(sin != Sin::PanicsOn(seed), "slot {seed} is missing");
    let hits = |n: u64| seed != 0 && seed.is_multiple_of(n);
    let pins = job.book();
    let streams = Streams::pinned(job.seed, pins.clone().unwrap_or_default());
    let _ = Tactic::of(&streams);
    let delay = streams.stream(format_args!("delay/a1->a2")).within(millis(1)..=millis(9));
    let schedule = schedule(&streams);
    let mut ledger = Ledger::of(&schedule);
    if sin != Sin::Faultless {
        ledger.fired(Kind::Loss);
        ledger.felt(Kind::Loss);
    }
    let judged = if sin == Sin::Idle { 0 } else { 2 };
    let verdict = |broken: bool, property| if broken { violated(seed, property) } else { Verdict::Holds { judged } };
    let splits = matches!(sin, Sin::ViolatesEvery(n) if hits(n));
    let stalls = matches!(sin, Sin::StallsEvery(n) if hits(n));
    Run {
        seed: job.seed,
        digest: 0,
        judged: [(AGREEMENT, splits), (CLIENT_AGREEMENT, splits), (TERMINATION, stalls)]
            .map(|(property, broken)| Judged { property, verdict: verdict(broken, property) })
            .to_vec(),
        crash: None,
        idle_pins: pins.as_ref().map(Pins::idle).unwrap_or_default(),
        pin_error: pins.and_then(|pins| pins.settle()).err(),
        ledger,
        schedule,
        spending: BTreeMap::new(),
        figures: Figures {
            decisions: if sin == Sin::Idle { 0 } else { 2 },
            spending: Spending::default(),
            correct: seed % 3,
            messages: 10 + seed % 7,
            model_calls: 3,
            calls: 0,
            shared: crate::world::Traffic::default(),
            elections: 0,
            decision_time: Duration(2_000 + seed),
            virtual_time: seconds(1),
            events: 40 - seed % 7,
        },
        trace: trace(job.detail, sin, delay, clock),
        history: History::new(),
        draws: streams.pins().recorded(),
        draw_times: streams.pins().recorded_at(),
        exercised: Exercised::default(),
        // Few of them, so that a search finds something new now and again and not always.
        states: if job.states == States::Kept { BTreeSet::from([seed % 97, delay.0 % 31]) } else { BTreeSet::new() },
        waiting: Vec::new(),
        latencies: if sin == Sin::Idle { Vec::new() } else { vec![Duration(1_000), Duration(1_000 + seed)] },
    }
}

fn schedule(streams: &Streams) -> Schedule {
    let from = Time(streams.stream(format_args!("nemesis/loss")).below(1_000_000));
    let site = Site::Link { from: NodeId::agent(0), to: NodeId::agent(1) };
    let rate = Ratio::percent(10);
    Schedule { faults: vec![Fault::on(Kind::Loss, site).from(from).lasting(seconds(1)).rate(rate)] }
}

fn trace(detail: Detail, sin: Sin, delay: Duration, clock: &dyn Clock) -> Trace {
    let mut trace = Trace::new(detail);
    let remembered = match sin {
        Sin::Remembers => MEMORY.fetch_add(1, Ordering::Relaxed),
        Sin::DependsOnProcess => u64::from(std::process::id()),
        _ => 0,
    };
    let (a1, a2) = (NodeId::agent(0), NodeId::agent(1));
    let mut push = |at, node, happening, peer, cause, about, text: &str| {
        clock.advance_to(at);
        let (process, mark) = (ProcessId(0), Mark::NONE);
        trace.push(Record { at, node, process, happening, mark, peer, cause, about }, || text.to_owned())
    };
    let sent = push(Time::ZERO, a1, Happening::Sent, Some(a2), Cause::NONE, 1, "proposal rollback");
    let text = format!("proposal rollback, remembered {remembered}");
    let got = push(Time::ZERO + delay, a2, Happening::Delivered, Some(a1), sent, remembered, &text);
    push(Time::ZERO + delay, a2, Happening::Decided, None, got, 2, "rollback for slot 0");
    trace
}

fn violated(seed: u64, property: Property) -> Verdict {
    let step =
        |agent, what: &str| Step { place: None, at: Time(seed), node: NodeId::agent(agent), what: what.to_owned() };
    Verdict::Violated(Witness {
        property: property.name,
        shape: if seed.is_multiple_of(2) { "even" } else { "odd" }.to_owned(),
        steps: vec![step(0, "decides rollback for slot 0"), step(1, "decides scale up for slot 0")],
        contradiction: "Two participants decided slot 0 differently.".to_owned(),
    })
}
