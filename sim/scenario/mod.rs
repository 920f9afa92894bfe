//! Scenarios: team, task, workload, nemesis, properties and expectation as one value that can be run by seed.

mod run;

pub use run::{Clock, Crash, Expectation, Figures, Frozen, Job, Judged, Run, Runnable, Summary};
