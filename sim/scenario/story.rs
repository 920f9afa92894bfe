//! Stories: scenarios of users' async agents, written as a body that is run by seed.

use super::catalogue::UNDER;
use super::run::{Expectation, Job, Run, Runnable, Summary};
use super::sim::{Body, Cast, Instead, Sim};
use crate::check::{Check, Property};
use crate::fault::{FaultProfile, Schedule};
use crate::seed::{Pins, Seed};
use crate::world::{Clock, OnStage};
use std::future::Future;
use std::sync::Arc;

type Script = Arc<dyn Fn(Sim) -> Body + Send + Sync>;

/// A body to be run by seed, with what is expected of it. `#[synod::test]` makes one of its function; a catalogue may
/// hold others.
#[derive(Clone)]
pub struct Story {
    name: String,
    about: String,
    expectation: Expectation,
    properties: Vec<Property>,
    cast: Cast,
    script: Script,
    /// What goes wrong in place of what the body says.
    instead: Option<Instead>,
}

impl Story {
    /// The story of this snake-case name.
    pub fn new<F, W>(name: &str, body: F) -> Story
    where
        F: Fn(Sim) -> W + Send + Sync + 'static,
        W: Future<Output = ()> + 'static,
    {
        let script: Script = Arc::new(move |sim| Box::pin(body(sim)));
        let sim = rehearsal();
        let _ = sim.rehearse(script(sim.clone()));
        let (name, about, cast) = (name.to_owned(), String::new(), sim.cast());
        Story { name, about, expectation: Expectation::Holds, properties: Vec::new(), cast, script, instead: None }
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

    /// Exactly these faults in every run, whatever its body says of faults.
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Story {
        self.instead = Some(Instead::Exactly(schedule));
        self
    }

    /// A property its body checks and that is to be violated on some seed.
    #[must_use]
    pub fn violates(mut self, check: &impl Check) -> Story {
        self.expectation = Expectation::Violates(check.property().name.to_owned());
        self.expect(check)
    }
}

/// A handle to a run that is never driven.
fn rehearsal() -> Sim {
    Sim::new(&Job::of(Seed(0)), Pins::none())
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
            promises: Vec::new(),
        }
    }

    fn validate(&self) -> Result<(), String> {
        let sim = rehearsal();
        match sim.rehearse((self.script)(sim.clone())) {
            None => Ok(()),
            Some(what) => Err(format!("scenario '{}' cannot run: {what}", self.name)),
        }
    }

    fn run(&self, job: &Job, clock: &dyn Clock) -> Run {
        let pins = match job.book() {
            Ok(pins) => pins,
            Err(error) => return Run::refused(job, error),
        };
        let _run = OnStage::enter();
        let sim = Sim::new(job, pins).under(self.instead.clone());
        sim.drive((self.script)(sim.clone()), clock);
        sim.conclude()
    }

    fn under(&self, faults: &FaultProfile) -> Option<Box<dyn Runnable>> {
        let name = format!("{}{UNDER}{}", self.name, faults.name);
        Some(Box::new(Story { name, instead: Some(Instead::Drawn(faults.nemesis())), ..self.clone() }))
    }

    fn wants_fresh_thread(&self) -> bool {
        true
    }
}
