//! The replicated log: entries under indexes from 1. Knows nothing of who replicates it.
//!
//! Indexes go through [`Log`] alone, so that a compacted log can later begin above 1 without its users noticing.

use super::{Index, Position, Term};
use crate::digest::digest_of;
use crate::fact::Slot;
pub use crate::protocol::consensus::log::{Command, NOOP};
use serde::{Deserialize, Serialize};

/// One place of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The term of the leader that created it.
    pub term: Term,
    /// What it does.
    pub command: Command,
}

crate::digestible! { struct Entry { term, command } }

/// Where a follower's log disagrees with its leader's: enough to skip a whole term at once (§5.3, last paragraphs).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The follower's term at the refused place; `None` if its log ends before.
    pub term: Option<Term>,
    /// The first index of that term, or where the log ends.
    pub index: Index,
}

crate::digestible! { struct Conflict { term, index } }

/// The entries, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    entries: Vec<Entry>,
}

crate::digestible! { struct Log { entries } }

impl Log {
    /// Where the log ends; the origin if it is empty.
    #[must_use]
    pub fn last(&self) -> Position {
        let index = Index(self.entries.len() as u64);
        Position { index, term: self.term_at(index).expect("the last entry is in the log") }
    }

    /// The term of the entry at an index. The origin counts as an entry of term 0.
    #[must_use]
    pub fn term_at(&self, index: Index) -> Option<Term> {
        if index == Index::ORIGIN { Some(Term::FIRST) } else { self.get(index).map(|entry| entry.term) }
    }

    /// The entry at an index.
    #[must_use]
    pub fn get(&self, index: Index) -> Option<&Entry> {
        self.entries.get(place(index)?)
    }

    /// Whether the log has an entry of this term at this index.
    #[must_use]
    pub fn holds(&self, position: Position) -> bool {
        self.term_at(position.index) == Some(position.term)
    }

    /// At most `limit` entries from an index on.
    #[must_use]
    pub fn from(&self, index: Index, limit: usize) -> &[Entry] {
        let rest = place(index).and_then(|start| self.entries.get(start..)).unwrap_or_default();
        &rest[..rest.len().min(limit)]
    }

    /// Why the log does not hold `refused`.
    #[must_use]
    pub fn conflict(&self, refused: Position) -> Conflict {
        match self.term_at(refused.index) {
            None => Conflict { term: None, index: self.last().index.next() },
            Some(term) => Conflict { term: Some(term), index: self.first_of(term).unwrap_or(refused.index) },
        }
    }

    /// The last index of a term. Terms never decrease along a log, so it can be searched by halves.
    #[must_use]
    pub fn last_of(&self, term: Term) -> Option<Index> {
        let end = self.entries.partition_point(|entry| entry.term <= term);
        let index = Index(end as u64);
        self.get(index).filter(|entry| entry.term == term).map(|_| index)
    }

    fn first_of(&self, term: Term) -> Option<Index> {
        let index = Index(self.entries.partition_point(|entry| entry.term < term) as u64).next();
        self.get(index).filter(|entry| entry.term == term).map(|_| index)
    }

    /// Whether an entry after an index decides the slot.
    #[must_use]
    pub fn decides_after(&self, after: Index, slot: Slot) -> bool {
        self.from(after.next(), usize::MAX).iter().any(|entry| entry.command.is_about(slot))
    }

    /// Removes everything after an index and puts entries in its place.
    pub fn replace_after(&mut self, after: Index, entries: &[Entry]) {
        self.entries.truncate(usize::try_from(after.0).expect("an index of memory"));
        self.entries.extend_from_slice(entries);
    }

    /// The digest of what is in the log up to an index, for tests and tools that compare logs.
    #[must_use]
    pub fn digest_up_to(&self, index: Index) -> u64 {
        digest_of(self.from(Index::ORIGIN.next(), usize::try_from(index.0).unwrap_or(usize::MAX)))
    }
}

/// Where an index lies in memory; the origin lies nowhere.
fn place(index: Index) -> Option<usize> {
    index.0.checked_sub(1).and_then(|place| usize::try_from(place).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(terms: &[u64]) -> Log {
        let entries = terms.iter().map(|term| Entry { term: Term(*term), command: Command::Noop });
        Log { entries: entries.collect() }
    }

    #[test]
    fn a_conflict_names_the_first_index_of_its_term() {
        let log = log(&[1, 1, 2, 2, 2, 4]);
        let refused = Position { index: Index(5), term: Term(3) };
        assert_eq!(log.conflict(refused), Conflict { term: Some(Term(2)), index: Index(3) });
        let beyond = Position { index: Index(9), term: Term(4) };
        assert_eq!(log.conflict(beyond), Conflict { term: None, index: Index(7) });
    }

    #[test]
    fn a_term_ends_where_the_next_begins() {
        let log = log(&[1, 1, 2, 2, 2, 4]);
        assert_eq!(
            [1, 2, 3, 4, 5].map(|term| log.last_of(Term(term))),
            [Some(Index(2)), Some(Index(5)), None, Some(Index(6)), None]
        );
    }

    #[test]
    fn the_origin_is_in_every_log() {
        assert!(log(&[]).holds(Position::ORIGIN) && log(&[3]).holds(Position::ORIGIN));
        assert_eq!(log(&[]).last(), Position::ORIGIN);
    }
}
