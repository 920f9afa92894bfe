//! Terms, indexes and positions: where in history an entry stands.

use crate::digest::{Digest, Digester};
pub use crate::protocol::consensus::log::Index;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A term: Raft's logical clock (§5.1). At most one leader each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Term(pub u64);

/// An entry as others name it: by index and term, which together fix the whole log up to it (§5.3, log matching).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Where.
    pub index: Index,
    /// Of which term.
    pub term: Term,
}

crate::digestible! { struct Position { index, term } }

impl Term {
    /// The term in which everyone starts and nobody leads.
    pub const FIRST: Term = Term(0);

    /// The term after this one.
    #[must_use]
    pub const fn next(self) -> Term {
        Term(self.0 + 1)
    }
}

impl Position {
    /// Before the first entry.
    pub const ORIGIN: Position = Position { index: Index::ORIGIN, term: Term::FIRST };

    /// Whether a log that ends here is at least as up to date as one that ends at `other` (§5.4.1).
    #[must_use]
    pub fn is_up_to_date_with(self, other: Position) -> bool {
        (self.term, self.index) >= (other.term, other.index)
    }
}

impl Digest for Term {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.0);
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.index.0, self.term.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_term_is_more_up_to_date_than_a_longer_log() {
        let longer = Position { index: Index(9), term: Term(2) };
        let later = Position { index: Index(3), term: Term(3) };
        assert!(later.is_up_to_date_with(longer) && !longer.is_up_to_date_with(later));
        assert!(longer.is_up_to_date_with(longer));
    }
}
