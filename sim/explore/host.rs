//! Where a run takes place. Knows how to start one, not what it is about.

use crate::scenario::{Frozen, Job, Run, Runnable};

/// A place to run scenarios in: with or without a runtime around it that makes standard time and randomness virtual.
pub trait Host: Send + Sync {
    /// How reports call it.
    fn name(&self) -> &'static str;

    /// Runs the job to its end on the calling thread.
    fn run(&self, scenario: &dyn Runnable, job: &Job) -> Run;
}

/// The host that adds nothing: standard time and randomness stay real for whatever agents call behind Synod's back.
#[derive(Clone, Copy, Debug, Default)]
pub struct BareHost;

impl Host for BareHost {
    fn name(&self) -> &'static str {
        "bare"
    }

    fn run(&self, scenario: &dyn Runnable, job: &Job) -> Run {
        scenario.run(job, &Frozen)
    }
}
