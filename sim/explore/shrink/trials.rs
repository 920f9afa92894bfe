//! Runs of a shrinker: does it still fail alike? Counts them against a budget. Knows nothing of what pins mean.

use super::super::perform::{Outcome, perform_freshly, perform_here};
use super::super::watchdog::{PATIENCE, Watchdog};
use super::super::{Fingerprint, Host};
use crate::scenario::{Job, Run, Runnable};
use crate::seed::{Pin, PinError, Seed};

/// Runs candidates.
pub(super) struct Trials<'a> {
    pub(super) scenario: &'a dyn Runnable,
    pub(super) host: &'a dyn Host,
    pub(super) seed: Seed,
    /// Runs that may still be made.
    pub(super) left: u64,
    dog: Watchdog,
}

impl<'a> Trials<'a> {
    pub(super) fn new(scenario: &'a dyn Runnable, host: &'a dyn Host, seed: Seed, budget: u64) -> Trials<'a> {
        Trials { scenario, host, seed, left: budget, dog: Watchdog::new(1, PATIENCE) }
    }

    /// One run, on the house: what it takes to begin and to end.
    pub(super) fn perform(&self, job: &Job) -> Outcome {
        let perform = if self.scenario.wants_fresh_thread() { perform_freshly } else { perform_here };
        let name = self.scenario.summary().name;
        self.dog.guard(&name, || self.dog.time(0, self.seed, || perform(self.scenario, self.host, job)))
    }

    /// The run under these pins with every draw recorded.
    pub(super) fn recorded(&mut self, pins: &[Pin]) -> Option<Run> {
        self.left = self.left.checked_sub(1)?;
        let job = Job { pins: pins.to_vec(), record_draws: true, ..Job::of(self.seed) };
        self.perform(&job).ok()
    }

    /// If the run under these pins fails alike: those pins that it came to, which give the very same run.
    pub(super) fn fails_alike(&mut self, pins: &[Pin], alike: &Fingerprint) -> Option<Vec<Pin>> {
        self.left = self.left.checked_sub(1)?;
        let job = Job { pins: pins.to_vec(), ..Job::of(self.seed) };
        let outcome = self.perform(&job);
        alike.find(&outcome)?;
        let run = outcome.ok()?;
        match run.pin_error {
            None | Some(PinError::NeverConsumed { .. }) => Some(without(pins, &run.idle_pins)),
            Some(PinError::OutOfDomain { .. } | PinError::Twice { .. }) => None,
        }
    }
}

/// Pins but for some of them.
pub(super) fn without(pins: &[Pin], idle: &[Pin]) -> Vec<Pin> {
    pins.iter().filter(|pin| !idle.contains(pin)).cloned().collect()
}

/// Pins and more pins, which take the place of those of the same draws; in the order of their names.
pub(super) fn with(pins: &[Pin], more: &[Pin]) -> Vec<Pin> {
    let same = |one: &Pin, other: &Pin| one.stream == other.stream && one.index == other.index;
    let others = pins.iter().filter(|pin| !more.iter().any(|new| same(new, pin)));
    let mut all: Vec<Pin> = others.chain(more).cloned().collect();
    all.sort_by(|one, other| (&one.stream, one.index).cmp(&(&other.stream, other.index)));
    all
}
