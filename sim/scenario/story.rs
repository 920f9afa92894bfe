//! Stories: scenarios of users' async agents, written as a body that is run by seed.

use super::run::{Expectation, Job, Run, Runnable, Summary};
use super::sim::Sim;
use crate::check::{Check, Property};
use crate::id::NodeId;
use crate::seed::Pins;
use crate::time::Time;
use crate::world::{Clock, Crash};
use std::future::Future;
use std::pin::Pin;

type Body = Box<dyn Fn(Sim) -> Pin<Box<dyn Future<Output = ()>>> + Send + Sync>;

/// A body to be run by seed, with what is expected of it. `#[synod::test]` makes one of its function; a catalogue may
/// hold others.
pub struct Story {
    name: String,
    about: String,
    expectation: Expectation,
    properties: Vec<Property>,
    cast: super::sim::Cast,
    body: Body,
}

impl Story {
    /// The story of this snake-case name.
    pub fn new<F, W>(name: &str, body: F) -> Story
    where
        F: Fn(Sim) -> W + Send + Sync + 'static,
        W: Future<Output = ()> + 'static,
    {
        let body: Body = Box::new(move |sim| Box::pin(body(sim)));
        let cast = cast_of(&body);
        let (name, about) = (name.to_owned(), String::new());
        Story { name, about, expectation: Expectation::Holds, properties: Vec::new(), cast, body }
    }

    /// One line about it, for the catalogue.
    #[must_use]
    pub fn about(mut self, about: &str) -> Story {
        about.clone_into(&mut self.about);
        self
    }

    /// A property its body checks and that is to hold on every seed.
    #[must_use]
    pub fn expect(mut self, check: &impl Check) -> Story {
        self.properties.push(check.property());
        self
    }

    /// A property its body checks and that is to be violated on some seed.
    #[must_use]
    pub fn violates(mut self, check: &impl Check) -> Story {
        self.expectation = Expectation::Violates(check.property().name.to_owned());
        self.expect(check)
    }
}

/// Polls the body once: by then it has said who takes part.
fn cast_of(body: &Body) -> super::sim::Cast {
    let sim = Sim::new(&Job::of(crate::seed::Seed(0)), Pins::none());
    let mut future = body(sim.clone());
    let _ = future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
    sim.cast()
}

impl Runnable for Story {
    fn summary(&self) -> Summary {
        Summary {
            name: self.name.clone(),
            about: self.about.clone(),
            team: "async agents".to_owned(),
            agents: self.cast.agents,
            task: self.cast.task.clone(),
            expectation: self.expectation.clone(),
            properties: self.properties.clone(),
        }
    }

    fn validate(&self) -> Result<(), String> {
        let sim = Sim::new(&Job::of(crate::seed::Seed(0)), Pins::none());
        let mut future = (self.body)(sim.clone());
        let _ = future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
        match sim.misuse() {
            None => Ok(()),
            Some(what) => Err(format!("scenario '{}' cannot run: {what}", self.name)),
        }
    }

    fn run(&self, job: &Job, clock: &dyn Clock) -> Run {
        let mut pins = match Pins::new(&job.pins) {
            Ok(pins) => pins,
            Err(error) => return Run::refused(job, error),
        };
        if job.record_draws {
            pins = pins.recording();
        }
        let sim = Sim::new(job, pins);
        sim.drive((self.body)(sim.clone()), clock);
        let (run, misuse) = sim.conclude();
        let mut run = run.unwrap_or_else(|| Run::empty(job));
        if let Some(what) = misuse {
            run.crash.get_or_insert(Crash { node: NodeId::agent(0), at: Time::ZERO, what });
        }
        run
    }

    fn wants_fresh_thread(&self) -> bool {
        true
    }
}
