//! Shrinking: the least of a failing run that still fails alike, found by pinning draws to their harmless choices.
//!
//! Delta debugging (Zeller, Hildebrandt: *Simplifying and Isolating Failure-Inducing Input*, TSE 28, 2002) over faults,
//! operations, strikes and replies. Every draw has a name, so what is taken out moves nothing else. What cannot be
//! taken out is weakened: a lie becomes a late answer, a crash a pause, a long fault a short one. Counts runs, never
//! seconds, and depends on nothing but scenario, seed, pins and budget.

mod told;
mod trials;
mod units;

use super::{Attempt, Capsule, Fingerprint, Group, Host, Outcome, SweepReport};
use crate::history::Event;
use crate::id::Role;
use crate::scenario::{Job, Run, Runnable};
use crate::seed::{Pin, PinError, Seed};
use crate::trace::Detail;
use serde::Serialize;
use trials::{Trials, with};
use units::{Class, Unit, lowerings, weakenings};

/// Runs that a shrink may take unless told otherwise: most end before, and those that do not take a second or two.
pub const SHRINK_BUDGET: u64 = 500;

/// How to shrink.
#[derive(Clone, Copy)]
pub struct Shrink<'a> {
    /// What failed.
    pub scenario: &'a dyn Runnable,
    /// Where it runs.
    pub host: &'a dyn Host,
    /// How many runs it may take.
    pub budget: u64,
}

/// Why a run cannot be shrunk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShrinkError {
    /// It fails nothing.
    #[error("{scenario} with seed {seed} fails nothing: there is nothing to shrink")]
    Fine {
        /// The scenario.
        scenario: String,
        /// The seed.
        seed: Seed,
    },
    /// It does not fail as it is said to.
    #[error("{scenario} with seed {seed} fails, but not as it is said to: `synod replay` shows how")]
    Otherwise {
        /// The scenario.
        scenario: String,
        /// The seed.
        seed: Seed,
    },
    /// Its own code panics and leaves no run to take anything out of.
    #[error("{scenario} with seed {seed}: the scenario itself panics, which leaves no run to shrink: {what}")]
    Panics {
        /// The scenario.
        scenario: String,
        /// The seed.
        seed: Seed,
        /// What the panic said.
        what: String,
    },
    /// It failed when it was tried, and not when it was told.
    #[error("{scenario} with seed {seed} is not reproducible: the same pins fail once and not again")]
    Flaky {
        /// The scenario.
        scenario: String,
        /// The seed.
        seed: Seed,
    },
    /// The pins to begin with do not fit.
    #[error(transparent)]
    Pin(#[from] PinError),
}

/// How much of a run there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Size {
    /// Members, and sub-agents that they made.
    pub agents: u64,
    /// Faults planned.
    pub faults: u64,
    /// Times they struck.
    pub strikes: u64,
    /// Operations that clients began.
    pub operations: u64,
    /// Events handled.
    pub events: u64,
}

impl Size {
    fn of(run: &Run) -> Size {
        let began = |event: &Event| matches!(event, Event::Operation(operation) if operation.begins());
        let mut agents: Vec<_> =
            run.trace.records().iter().map(|record| record.node).filter(|node| node.role() == Role::Agent).collect();
        agents.sort_unstable();
        agents.dedup();
        Size {
            agents: agents.len() as u64,
            faults: run.schedule.faults.len() as u64,
            strikes: run.ledger.total().fired,
            operations: run.history.entries().iter().filter(|entry| began(&entry.event)).count() as u64,
            events: run.figures.events,
        }
    }
}

/// How far a shrink came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// Nothing that is left can be taken out alone.
    Minimal,
    /// The budget ended it. Shrinking its capsule goes on where it stopped.
    Cut,
}

/// The least run found.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The scenario.
    pub scenario: String,
    /// How it fails: the same as before.
    pub fingerprint: Fingerprint,
    /// Its failure, with the evidence of the least run.
    pub group: Group,
    /// The draws that are pinned.
    pub pins: Vec<Pin>,
    /// The run, in full detail.
    pub run: Run,
    /// How much there was.
    pub before: Size,
    /// How much is left.
    pub after: Size,
    /// Runs that it took.
    pub runs: u64,
    /// Whether it ended by itself.
    pub extent: Extent,
}

impl Shrink<'_> {
    /// Shrinks the run of a seed, by the failure that a sweep of it alone would show first.
    ///
    /// # Errors
    /// If it fails nothing, or panics.
    pub fn seed(&self, seed: Seed) -> Result<Shrunk, ShrinkError> {
        self.attempt(seed, &Attempt::from(seed))
    }

    /// Shrinks what was tried on a seed, by the failure that a sweep of it alone would show first.
    ///
    /// # Errors
    /// If it fails nothing, or panics.
    pub fn attempt(&self, seed: Seed, attempt: &Attempt) -> Result<Shrunk, ShrinkError> {
        self.from(seed, attempt, |report| report.first_failure().cloned())
    }

    /// Shrinks the example of a group of failures, by what the group shares.
    ///
    /// # Errors
    /// If it does not fail so.
    pub fn group(&self, group: &Group) -> Result<Shrunk, ShrinkError> {
        self.alike(group.example.seed, &group.example.attempt, &Fingerprint::of(group))
    }

    /// Shrinks what was tried on a seed, by this failure.
    ///
    /// # Errors
    /// If it does not fail so.
    pub fn alike(&self, seed: Seed, attempt: &Attempt, alike: &Fingerprint) -> Result<Shrunk, ShrinkError> {
        self.from(seed, attempt, |report| find(report, alike))
    }

    /// Shrinks the run of a seed by this failure.
    ///
    /// # Errors
    /// If it does not fail so.
    pub fn failure(&self, seed: Seed, alike: &Fingerprint) -> Result<Shrunk, ShrinkError> {
        self.alike(seed, &Attempt::from(seed), alike)
    }

    /// Goes on from a capsule: what it pins already is not tried again.
    ///
    /// # Errors
    /// If its pins do not fit or its run does not fail as it says.
    pub fn capsule(&self, capsule: &Capsule) -> Result<Shrunk, ShrinkError> {
        let alike = |group: &&Group| {
            let property = capsule.property.as_ref().is_none_or(|property| group.property == *property);
            property && capsule.shape.as_ref().is_none_or(|shape| group.shape == *shape)
        };
        self.from(capsule.seed, &Attempt::from(capsule), |report| {
            report.harvest.failures.groups().iter().find(alike).cloned()
        })
    }

    fn from(
        &self,
        seed: Seed,
        attempt: &Attempt,
        failure: impl Fn(&SweepReport) -> Option<Group>,
    ) -> Result<Shrunk, ShrinkError> {
        let trials = Trials::new(self.scenario, self.host, attempt.from, self.budget);
        let whole = self.told(&trials, &attempt.pins);
        let group = failure(&SweepReport::of_one(self.scenario.summary(), self.host, seed, attempt, &whole));
        let scenario = self.scenario.summary().name;
        let run = match whole {
            Ok(run) => run,
            Err(escape) => return Err(ShrinkError::Panics { scenario, seed, what: escape.what }),
        };
        if let Some(error) = run.pin_error {
            return Err(error.into());
        }
        let group = match group {
            Some(group) => group,
            None if run.failed() => return Err(ShrinkError::Otherwise { scenario, seed }),
            None => return Err(ShrinkError::Fine { scenario, seed }),
        };
        let fingerprint = Fingerprint::of(&group);
        let mut least = Least { trials, alike: fingerprint.clone(), pins: attempt.pins.clone() };
        least.shrink();
        let extent = if least.trials.left == 0 { Extent::Cut } else { Extent::Minimal };
        let (pins, runs) = (least.pins, self.budget - least.trials.left);
        let outcome = self.told(&least.trials, &pins);
        let (Some(mut group), Ok(after)) = (fingerprint.find(&outcome), outcome) else {
            return Err(ShrinkError::Flaky { scenario, seed });
        };
        (group.example.seed, group.example.attempt) = (seed, Attempt { pins: pins.clone(), ..attempt.clone() });
        let (before, size) = (Size::of(&run), Size::of(&after));
        Ok(Shrunk { scenario, fingerprint, group, pins, run: after, before, after: size, runs, extent })
    }

    fn told(&self, trials: &Trials<'_>, pins: &[Pin]) -> Outcome {
        trials.perform(&Job { pins: pins.to_vec(), ..Job::of(trials.seed).detailed(Detail::Full) })
    }
}

fn find(report: &SweepReport, alike: &Fingerprint) -> Option<Group> {
    report.harvest.failures.groups().iter().find(|group| Fingerprint::of(group) == *alike).cloned()
}

/// The least run so far.
struct Least<'a> {
    trials: Trials<'a>,
    alike: Fingerprint,
    pins: Vec<Pin>,
}

/// Whether something became less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Less,
    Same,
}

impl Least<'_> {
    /// Takes out and weakens until nothing more goes, or the budget is spent. A last round in which nothing went has
    /// tried every single thing that is left.
    fn shrink(&mut self) {
        let mut reduce: fn(&mut Self, &[Unit]) = Least::halve;
        loop {
            let before = self.pins.clone();
            self.lower();
            for class in Class::ALL {
                if let Some(run) = self.trials.recorded(&self.pins) {
                    reduce(self, &class.units(&run));
                }
                if class == Class::Faults {
                    self.weaken();
                }
            }
            if self.pins == before || self.trials.left == 0 {
                return;
            }
            reduce = Least::one_by_one;
        }
    }

    /// Takes out as many as go, by halves.
    fn halve(&mut self, units: &[Unit]) {
        if units.is_empty() || self.take_out(units) == Progress::Less || units.len() == 1 {
            return;
        }
        let (first, second) = units.split_at(units.len() / 2);
        self.halve(first);
        self.halve(second);
    }

    /// Takes out each one that goes. Most of what is left by now stays: halves would only be tried in vain.
    fn one_by_one(&mut self, units: &[Unit]) {
        for unit in units {
            self.take_out(std::slice::from_ref(unit));
        }
    }

    /// Puts weaker kinds in the place of faults, as long as that works.
    fn weaken(&mut self) {
        loop {
            let Some(run) = self.trials.recorded(&self.pins) else { return };
            let weaker = weakenings(&run)
                .iter()
                .filter(|unit| self.take_out(std::slice::from_ref(unit)) == Progress::Less)
                .count();
            if weaker == 0 {
                return;
            }
        }
    }

    /// Fewer members, quicker links, shorter faults: the least choice that still fails.
    fn lower(&mut self) {
        let Some(run) = self.trials.recorded(&self.pins) else { return };
        for choices in lowerings(&run) {
            let _ = choices.iter().find(|choice| self.take_out(std::slice::from_ref(choice)) == Progress::Less);
        }
    }

    fn take_out(&mut self, units: &[Unit]) -> Progress {
        let more: Vec<Pin> = units.iter().flat_map(|unit| unit.pins.clone()).collect();
        let wanted = with(&self.pins, &more);
        if wanted == self.pins {
            return Progress::Same;
        }
        match self.trials.fails_alike(&wanted, &self.alike) {
            Some(pins) => {
                let progress = if pins == self.pins { Progress::Same } else { Progress::Less };
                self.pins = pins;
                progress
            }
            None => Progress::Same,
        }
    }
}

#[cfg(test)]
mod tests;
