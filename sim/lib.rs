//! Deterministic simulation testing for teams of LLM agents.

extern crate self as synod;

// First, for its macros.
#[macro_use]
mod planted;

pub mod call;
pub mod check;
pub mod digest;
pub mod fact;
pub mod fault;
pub mod history;
pub mod id;
pub mod policy;
pub mod protocol;
pub mod seed;
pub mod spec;
mod text;
pub mod time;

#[cfg(feature = "simulator")]
pub mod agent;
#[cfg(feature = "proptest")]
pub mod arbitrary;
#[cfg(feature = "command")]
mod command;
#[cfg(feature = "simulator")]
pub mod explore;
#[cfg(feature = "live")]
pub mod live;
#[cfg(feature = "simulator")]
pub mod model;
#[cfg(feature = "simulator")]
pub mod report;
#[cfg(feature = "runtime")]
pub mod runtime;
#[cfg(feature = "simulator")]
pub mod scenario;
#[cfg(feature = "runtime")]
pub mod testing;
#[cfg(feature = "simulator")]
pub mod tool;
#[cfg(feature = "simulator")]
pub mod trace;
#[cfg(feature = "simulator")]
pub mod world;

#[cfg(feature = "simulator")]
pub use agent::{Agent, Enough, Error, Result, agreed, all, majority, quorum};
#[cfg(feature = "command")]
pub use command::main;
#[cfg(feature = "simulator")]
pub use scenario::Sim;
#[cfg(feature = "runtime")]
pub use synod_macros::test;

/// What a test of an agent team usually needs.
#[cfg(feature = "runtime")]
pub mod prelude {
    pub use crate::agent::{Agent, Result, agreed, all, majority, quorum};
    pub use crate::check::{Agreement, Integrity, Validity};
    pub use crate::explore::SweepExt;
    pub use crate::fault::Nemesis;
    pub use crate::model::{Profile, Scripted, Task};
    pub use crate::scenario::{Scenario, Sim};
    pub use crate::seed::Draws;
    pub use crate::time::{millis, minutes, seconds};
}
