//! Exploring a scenario: sweeps over seeds, what failed and whether it fails again, capsules, exit codes.
//!
//! Knows scenarios as [`Runnable`](crate::scenario::Runnable)s that a [`Host`] runs; knows nothing of protocols, faults
//! or checkers beyond what a run says of them. The only module besides `runtime` and `command` that starts threads or
//! looks at a wall clock, and neither can reach a run.

mod asked;
mod attempt;
mod capsule;
mod contain;
mod corpus;
mod costs;
mod coverage;
mod crew;
mod digests;
mod elsewhere;
pub mod exhaustive;
mod exit;
mod extension;
mod failure;
mod failures;
#[cfg(test)]
pub(crate) mod fake;
mod fingerprint;
mod harvest;
mod host;
mod kept;
mod labour;
mod latencies;
mod perform;
mod range;
mod reproduce;
mod shortest;
mod shrink;
mod strategy;
mod sweep;
mod sweep_report;
mod threads;
mod trail;
mod watchdog;
mod why;

pub use asked::{Asked, AskedError};
pub use attempt::Attempt;
pub use capsule::{Capsule, CapsuleError, Fit, Parameters};
pub use contain::Escape;
pub use corpus::{Corpus, GENERATION};
pub use costs::{Cost, Costs};
pub use coverage::Coverage;
pub use digests::digests;
pub use elsewhere::ERRAND;
#[cfg(feature = "runtime")]
pub(crate) use elsewhere::{Errand, Test};
pub use exit::Exit;
pub use extension::SweepExt;
pub use failure::{Failure, Found};
pub use failures::{CRASH, Evidence, Example, Failures, Gravity, Group, MOST_GROUPS};
pub use fingerprint::Fingerprint;
pub use harvest::{Harvest, PropertyTally, Yield};
pub use host::{BareHost, Host};
pub(crate) use kept::REGRESSIONS;
pub use kept::{Rerun, kept};
pub use labour::Labour;
pub use latencies::Latencies;
pub use perform::{Outcome, perform};
pub use range::{RangeError, Seeds};
pub use reproduce::{Divergence, NotReproducible};
pub use shortest::Shortest;
pub use shrink::{Extent, SHRINK_BUDGET, Shrink, ShrinkError, Shrunk, Size};
pub use strategy::{NotAlone, Strategy, Unfit, UnknownStrategy};
pub use sweep::{Progress, Stop, Sweep};
pub use sweep_report::{Gap, Met, SweepReport};
pub use threads::{MOST_THREADS, NoThreads, number_of_threads};
pub use trail::{Parting, Trail};
pub use watchdog::PATIENCE;
pub use why::{Causality, INSTANTS, Instant, TRIES, Why};
