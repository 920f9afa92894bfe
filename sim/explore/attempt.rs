//! One run of a sweep: which strategy made it, out of which seed, under which pins. Runs nothing.

use super::{Capsule, Strategy};
use crate::scenario::Job;
use crate::seed::{Pin, Seed};
use serde::Serialize;

/// What a sweep tried on one of its seeds, and all it takes to make that run again.
///
/// ```
/// use synod::explore::Attempt;
/// use synod::seed::Seed;
/// let job = Attempt::from(Seed(7)).job();
/// assert_eq!((job.seed, job.pins.len()), (Seed(7), 0));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// The strategy that chose it; of a portfolio, the one that this seed was given to.
    pub by: Strategy,
    /// The seed that fills its streams. Another one than the sweep's own if the run is a mutant of an earlier one.
    pub from: Seed,
    /// Draws decided in advance.
    pub pins: Vec<Pin>,
}

impl Attempt {
    /// The job that makes the run.
    #[must_use]
    pub fn job(&self) -> Job {
        Job { pins: self.pins.clone(), ..Job::of(self.from) }
    }

    /// The same run without the pins that it did not come to: those of draws that a mutation did away with.
    #[must_use]
    pub(super) fn without(mut self, idle: &[Pin]) -> Attempt {
        self.pins.retain(|pin| !idle.contains(pin));
        self
    }
}

/// A seed of a sweep and what was tried on it.
pub(super) struct Tried<'a> {
    pub(super) seed: Seed,
    pub(super) attempt: &'a Attempt,
}

/// The run of the seed alone.
impl From<Seed> for Attempt {
    fn from(seed: Seed) -> Attempt {
        Attempt { by: Strategy::Swarm, from: seed, pins: Vec::new() }
    }
}

/// The run that a capsule holds.
impl From<&Capsule> for Attempt {
    fn from(capsule: &Capsule) -> Attempt {
        Attempt { by: capsule.by, from: capsule.seed, pins: capsule.pins.clone() }
    }
}
