//! Checkers: one property per file, each a pure function from a [`History`] to a [`Verdict`].
//!
//! A checker restates its rule on its own, from the paper it cites, and shares no code with what it judges.

mod verdict;

pub use verdict::{Lane, Property, PropertyKind, Step, Verdict, Witness};

use crate::history::History;

/// A property's checker.
pub trait Check: Send + Sync {
    /// Which property this decides.
    fn property(&self) -> Property;

    /// Which lanes of the history it reads.
    fn lanes(&self) -> &'static [Lane];

    /// Decides whether the property held.
    fn check(&self, history: &History) -> Verdict;
}
