//! Checkers of shared stores: one property a file, each a pure function from a store's history to a verdict.

mod causal;
mod chain;
mod clocks;
mod converged;
mod linearizable;
mod memory;
mod objects;
mod paths;
mod prefix;
mod reads_from;
mod sequential;
mod sessions;
mod threads;
mod visible;
mod wgl;
mod zones;

pub use causal::{CausalConsistency, CausalConvergence};
pub use chain::{Chain, Edge, Happening};
pub use converged::Converged;
pub use linearizable::Linearizable;
pub use memory::{CausalMemory, PipelinedRam};
pub use reads_from::Sight;
pub use sequential::SequentialConsistency;
pub use sessions::{Guarantee, SessionGuarantee};

use super::{Property, Verdict};
use crate::history::store::StoreHistory;

/// A property of stores.
pub trait CheckStore: Send + Sync {
    /// Which property this decides.
    fn property(&self) -> Property;

    /// Decides whether the property held.
    fn check(&self, history: &StoreHistory) -> Verdict<Chain>;
}

/// The answer of a property of real time to a history that has none.
fn no_time(property: &str) -> Verdict<Chain> {
    let limit = format!("{property} is about real time, and this history's format has none");
    Verdict::Unknown { limit }
}
