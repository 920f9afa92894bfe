//! Scenarios: team, task, workload, nemesis, properties and expectation as one value that can be run by seed.
//!
//! A [`Scenario`] runs a pure protocol, a [`Story`] users' async agents through a [`Sim`]. Both score decisions against
//! the truth, which the world does not know.

mod abstraction;
mod build;
mod catalogue;
mod contestant;
mod crowd;
mod exercised;
mod instead;
mod judge;
mod pairing;
mod pattern;
mod question;
mod run;
mod setting;
mod sim;
mod story;
mod untitled;

pub use crate::model::BuiltIn;
pub use crate::protocol::store::Level;
pub use crate::world::{Clock, Crash, Figures, Frozen};
pub use build::Scenario;
pub(crate) use catalogue::nearest;
pub use catalogue::{Catalogue, ON_TASK, UNDER, UnknownFaults, UnknownScenario, UnknownTask, built_in, fault_profile};
pub use contestant::{Ablated, Contestant};
pub use exercised::{Declared, Exercised, Goal};
pub use pairing::Pairing;
pub use pattern::{Parts, Passes, Pattern, Rung, Sequence, UnknownSequence};
pub use run::{Expectation, Job, Judged, Promise, Run, Runnable, States, Summary};
pub use setting::{Setting, Trouble};
pub use sim::{IntoModel, Sim};
pub use story::Story;
pub(crate) use untitled::UNTITLED;
