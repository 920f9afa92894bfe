//! Deterministic simulation testing for teams of LLM agents.

extern crate self as synod;

pub mod check;
pub mod digest;
pub mod fact;
pub mod fault;
pub mod history;
pub mod id;
pub mod protocol;
pub mod seed;
pub mod time;

#[cfg(feature = "simulator")]
pub mod agent;
#[cfg(feature = "command")]
mod command;
#[cfg(feature = "simulator")]
pub mod explore;
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
