//! Scenarios: team, task, workload, nemesis, properties and expectation as one value that can be run by seed.

mod catalogue;
mod run;

pub use catalogue::{Catalogue, UnknownScenario};
pub use run::{Clock, Crash, Expectation, Figures, Frozen, Job, Judged, Run, Runnable, Summary};
