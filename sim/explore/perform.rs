//! One run, contained, on this thread or on one of its own.

use super::contain::contained;
use super::watchdog::{PATIENCE, Watchdog};
use super::{Escape, Host};
use crate::scenario::{Job, Run, Runnable};
use std::panic;
use std::thread;

/// What a run gave, or the panic that left nothing of it.
pub type Outcome = Result<Run, Escape>;

/// Runs one job under the watchdog, on a thread of its own; a panic becomes a value.
///
/// # Errors
/// If the scenario's own code panicked.
pub fn perform(scenario: &dyn Runnable, host: &dyn Host, job: &Job) -> Outcome {
    let dog = Watchdog::new(1, PATIENCE);
    dog.guard(&scenario.summary().name, || dog.time(0, job.seed, || perform_freshly(scenario, host, job)))
}

/// Runs one job on this thread.
pub(super) fn perform_here(scenario: &dyn Runnable, host: &dyn Host, job: &Job) -> Outcome {
    contained(|| host.run(scenario, job))
}

/// Runs one job on a new thread, on which nothing ran before: standard hash keys and thread-local state are fresh.
pub(super) fn perform_freshly(scenario: &dyn Runnable, host: &dyn Host, job: &Job) -> Outcome {
    let joined = thread::scope(|scope| scope.spawn(|| perform_here(scenario, host, job)).join());
    joined.unwrap_or_else(|payload| panic::resume_unwind(payload))
}
