//! Faults as data: the catalogue, single faults, schedules, what protocols tolerate, and the ledger.
//!
//! Nothing here acts. The nemesis plans, the world applies, the ledger counts what came of it.

mod class;
mod kind;
mod ledger;
mod nemesis;
mod origin;
mod persistence;
mod planned;
mod planner;
mod profile;
mod schedule;
mod tactic;
mod tactics;
mod twins;

pub use class::Class;
pub use kind::{Kind, Part};
pub use ledger::{Ledger, Tally};
pub use nemesis::{Nemesis, PlanError, Team};
pub use origin::{Name, Origin};
pub use persistence::Persistence;
pub use planned::Fault;
pub use profile::FaultProfile;
pub use schedule::{Moment, Position, Schedule, Site, When};
pub use tactic::Tactic;

use serde::Serialize;

/// What a protocol promises under a kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tolerance {
    /// Safe, and live again once a quorum is healed.
    Tolerated,
    /// Safe while at most this many members are affected over the whole run.
    UpTo(u16),
    /// Safe while fewer than a third of the members are affected over the whole run.
    UpToThird,
    /// Safe, but it may never decide again.
    LivenessOnly,
    /// No promise at all; a plan holds it only if it is asked for by name.
    OutOfScope,
}
