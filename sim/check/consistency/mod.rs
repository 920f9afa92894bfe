//! Checkers of shared stores: each a pure function from a store's history to a verdict with a chain of causes.
//!
//! | property | restates | file |
//! |---|---|---|
//! | [`Linearizable`] | Herlihy, Wing 1990; Gibbons, Korach 1997; Lowe 2017 | `linearizable.rs`: zones, prefixes, search |
//! | [`SequentialConsistency`] | Lamport 1979 | `sequential.rs` |
//! | [`CausalConvergence`], [`CausalConsistency`] | Bouajjani et al. 2017, sections 3 and 5 | `causal.rs` |
//! | [`CausalMemory`] | the same; Ahamad et al. 1995 | `memory.rs` |
//! | [`PipelinedRam`] | Lipton, Sandberg 1988 | `memory.rs` |
//! | [`SessionGuarantee`] | Terry et al. 1994, section 3 | `sessions.rs` |
//!
//! All are single-threaded and give the same bytes for the same history. An operation that never ended may have taken
//! effect. Initial values come before everything. What a budget or a missing source leaves open is `Unknown`, never a
//! pass.

mod catalogue;
mod causal;
mod chain;
mod clocks;
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

pub use catalogue::{Look, aliases, all, by_name, names};
pub use causal::{CausalConsistency, CausalConvergence};
pub use chain::{Chain, Edge, Happening};
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
