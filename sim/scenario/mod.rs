//! Scenarios: team, task, workload, nemesis, properties and expectation as one value that can be run by seed.

mod run;

pub use crate::world::{Clock, Crash, Figures, Frozen};
pub use run::{Expectation, Job, Judged, Run, Runnable, Summary};
