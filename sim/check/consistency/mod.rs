//! Checkers of shared stores: each a pure function from a store's history to a verdict with a chain of causes.
//!
//! | property | restates | file |
//! |---|---|---|
//! | [`Linearizable`] | Herlihy, Wing 1990; Gibbons, Korach 1997; Lowe 2017 | `linearizable.rs` |
//! | [`SequentialConsistency`] | Lamport 1979 | `sequential.rs` |
//! | [`CausalConvergence`], [`CausalConsistency`] | Bouajjani et al. 2017, sections 3 and 5 | `causal.rs` |
//! | [`CausalMemory`] | the same; Ahamad et al. 1995 | `memory.rs` |
//! | [`PipelinedRam`] | Lipton, Sandberg 1988 | `memory.rs` |
//! | [`SessionGuarantee`] | Terry et al. 1994, section 3 | `sessions.rs` |
//! | [`EventualConvergence`], [`StrongConvergence`] | Shapiro et al. 2011 | `convergence.rs` |
//! | [`BoundedStaleness`] | Golab, Li, Shah 2011 | `staleness.rs` |
//! | [`NoLostUpdate`] | Berenson et al. 1995, P4 | `lost_update.rs` |
//! | [`NoWriteSkew`] | the same, A5B | `write_skew.rs` |
//! | [`NoLongFork`] | Sovran et al. 2011 | `long_fork.rs` |
//! | [`NoStaleGeneration`] | Khan 2026 (arXiv 2606.17182) | `stale_generation.rs` |
//! | [`NoPhantomTool`] | the same | `phantom_tool.rs` |
//! | [`NoCausalCascade`] | the same | `causal_cascade.rs` |
//!
//! Of Khan's paper only the abstract and summaries were at hand: the names are its, the rules, stated in each file, are
//! ours. The last of Khan's four anomalies, tool-effect reordering, is about tools and not stores:
//! [`EffectsInOrder`](super::EffectsInOrder).
//!
//! All are single-threaded and give the same bytes for the same history. An operation that never ended may have taken
//! effect. Initial values come before everything. What a budget or a missing source leaves open is `Unknown`, never a
//! pass.

mod catalogue;
mod causal;
mod causal_cascade;
mod chain;
mod clocks;
mod convergence;
mod ground;
mod linearizable;
mod long_fork;
mod lost_update;
mod memory;
mod objects;
mod paths;
mod phantom_tool;
mod prefix;
mod reads_from;
mod sequential;
mod sessions;
mod stale_generation;
mod staleness;
mod threads;
mod turns;
mod visible;
mod wgl;
mod write_skew;
mod zones;

pub use catalogue::{Look, aliases, all, by_name, names};
pub use causal::{CausalConsistency, CausalConvergence};
pub use causal_cascade::NoCausalCascade;
pub use chain::{Chain, Edge, Happening, Kind};
pub use convergence::{EventualConvergence, StrongConvergence};
pub use linearizable::Linearizable;
pub use long_fork::NoLongFork;
pub use lost_update::NoLostUpdate;
pub use memory::{CausalMemory, PipelinedRam};
pub use phantom_tool::NoPhantomTool;
pub use reads_from::Sight;
pub use sequential::SequentialConsistency;
pub use sessions::{Guarantee, SessionGuarantee};
pub use stale_generation::NoStaleGeneration;
pub use staleness::{BoundedStaleness, Lag, lags};
pub use write_skew::NoWriteSkew;

use super::{Property, Verdict};
use crate::history::store::StoreHistory;

/// A property of stores.
pub trait CheckStore: Send + Sync {
    /// Which property this decides.
    fn property(&self) -> Property;

    /// Decides whether the property held.
    fn check(&self, history: &StoreHistory) -> Verdict<Chain>;
}

/// Why a property of single operations is not decided of this history, if it is one of transactions.
fn of_transactions(history: &StoreHistory, property: &str) -> Option<String> {
    let turn = history.transaction()?;
    let name = history.turns().text(turn.0.get() - 1);
    Some(format!(
        "{property} is decided for single operations, and transaction {name} has several: whoever sees one of its \
         writes would have to see them all"
    ))
}

/// The answer of a property of real time to a history that has none.
fn no_time(property: &str) -> Verdict<Chain> {
    let limit = format!("{property} is about real time, and this history's format has none");
    Verdict::Unknown { limit }
}
