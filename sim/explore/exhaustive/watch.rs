//! Checkers as parts of a state, whatever they check. Knows no property.

use crate::check::{Observe, Online, Property, Verdict};
use crate::digest::{Digest, wide_digest_of};
use crate::history::{Entry, History};
use std::sync::Arc;

/// A checker with what it remembers.
pub(super) trait Watch {
    fn property(&self) -> Property;

    /// A copy with the same memory.
    fn copy(&self) -> Box<dyn Watch>;

    /// Takes an entry in; says whether that proves a violation.
    fn observe(&mut self, entry: &Entry) -> Sight;

    /// What is remembered, as far as it decides about what comes.
    fn memory(&self) -> u128;

    /// Judges a whole history, with the places of it.
    fn judge(&self, history: &History) -> Verdict;
}

/// What a checker made of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    Fine,
    Violation,
}

struct Watching<C: Online> {
    checker: Arc<C>,
    state: C::State,
}

/// A checker before the first entry.
pub(super) fn watching<C: Online + 'static>(checker: C) -> Box<dyn Watch>
where
    C::State: Digest + 'static,
{
    let state = checker.begin();
    Box::new(Watching { checker: Arc::new(checker), state })
}

impl<C: Online + 'static> Watch for Watching<C>
where
    C::State: Digest + 'static,
{
    fn property(&self) -> Property {
        self.checker.property()
    }

    fn copy(&self) -> Box<dyn Watch> {
        Box::new(Watching { checker: Arc::clone(&self.checker), state: self.state.clone() })
    }

    fn observe(&mut self, entry: &Entry) -> Sight {
        // The place is told apart only once the way is known, by `judge`.
        match self.state.observe(0, entry) {
            None => Sight::Fine,
            Some(_) => Sight::Violation,
        }
    }

    fn memory(&self) -> u128 {
        wide_digest_of(&self.state)
    }

    fn judge(&self, history: &History) -> Verdict {
        self.checker.check(history)
    }
}
