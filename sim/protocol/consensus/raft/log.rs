//! The replicated log: entries under indexes from 1, or from where a snapshot ends. Knows nothing of who replicates it.
//!
//! Indexes go through [`Log`] alone, so that a compacted log begins above 1 without its users noticing.

use super::{Index, Position, Term};
use crate::fact::Slot;
use crate::id::{Members, NodeId};
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    /// The last entry that is not kept: where a snapshot ends, or the origin.
    base: Position,
    entries: Vec<Entry>,
}

crate::digestible! { struct Log { base, entries } }

impl Log {
    /// The last entry that is not kept.
    #[must_use]
    pub fn base(&self) -> Position {
        self.base
    }

    /// Where the log ends; its base if it is empty.
    #[must_use]
    pub fn last(&self) -> Position {
        let index = self.base.index.plus(self.entries.len());
        self.entries.last().map_or(self.base, |entry| Position { index, term: entry.term })
    }

    /// The term of the entry at an index. The base is known by its term alone; the origin counts as an entry of term 0.
    #[must_use]
    pub fn term_at(&self, index: Index) -> Option<Term> {
        if index == self.base.index { Some(self.base.term) } else { self.get(index).map(|entry| entry.term) }
    }

    /// The entry at an index, if it is kept.
    #[must_use]
    pub fn get(&self, index: Index) -> Option<&Entry> {
        self.entries.get(self.place(index)?)
    }

    /// Whether the log has an entry of this term at this index.
    #[must_use]
    pub fn holds(&self, position: Position) -> bool {
        self.term_at(position.index) == Some(position.term)
    }

    /// At most `limit` entries from an index on, of those that are kept.
    #[must_use]
    pub fn from(&self, index: Index, limit: usize) -> &[Entry] {
        let start = self.place(index.max(self.base.index.next()));
        let rest = start.and_then(|start| self.entries.get(start..)).unwrap_or_default();
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
        let index = self.base.index.plus(self.entries.partition_point(|entry| entry.term <= term));
        Some(index).filter(|index| self.term_at(*index) == Some(term))
    }

    fn first_of(&self, term: Term) -> Option<Index> {
        let index = self.base.index.plus(self.entries.partition_point(|entry| entry.term < term)).next();
        Some(index).filter(|index| self.term_at(*index) == Some(term))
    }

    /// Who votes by the last entry up to an index that says so, and where it stands.
    #[must_use]
    pub fn seated_by(&self, upto: Index) -> Option<(Index, &Members)> {
        let kept = upto.0.saturating_sub(self.base.index.0).min(self.entries.len() as u64);
        (0..usize::try_from(kept).expect("an index of memory")).rev().find_map(|place| {
            match &self.entries[place].command {
                Command::Seat { voters } => Some((self.base.index.plus(place + 1), voters)),
                Command::Noop | Command::Decide { .. } => None,
            }
        })
    }

    /// Everyone who votes by some entry after an index.
    pub fn seated_after(&self, after: Index) -> impl Iterator<Item = NodeId> + '_ {
        let entries = self.from(after.next(), usize::MAX).iter();
        let seats = entries.filter_map(|entry| match &entry.command {
            Command::Seat { voters } => Some(voters),
            Command::Noop | Command::Decide { .. } => None,
        });
        seats.flat_map(Members::iter)
    }

    /// Whether an entry after an index decides the slot.
    #[must_use]
    pub fn decides_after(&self, after: Index, slot: Slot) -> bool {
        self.from(after.next(), usize::MAX).iter().any(|entry| entry.command.is_about(slot))
    }

    /// Removes everything after an index and puts entries in its place.
    ///
    /// # Panics
    /// If the index lies before the base: what is there is committed.
    pub fn replace_after(&mut self, after: Index, entries: &[Entry]) {
        assert!(after >= self.base.index, "entries up to {} are committed and cannot be replaced", self.base.index.0);
        self.entries.truncate(usize::try_from(after.0 - self.base.index.0).expect("an index of memory"));
        self.entries.extend_from_slice(entries);
    }

    /// Keeps only what follows a position, whose entry must be in the log.
    pub(super) fn forget_up_to(&mut self, base: Position) {
        let gone = base.index.0.saturating_sub(self.base.index.0);
        self.entries.drain(..usize::try_from(gone).map_or(self.entries.len(), |gone| gone.min(self.entries.len())));
        self.base = base;
    }

    /// Keeps nothing, and goes on after a position.
    pub(super) fn begin_after(&mut self, base: Position) {
        self.entries.clear();
        self.base = base;
    }

    /// Where an index lies in memory; the base and what is before it lie nowhere.
    fn place(&self, index: Index) -> Option<usize> {
        index.0.checked_sub(self.base.index.0 + 1).and_then(|place| usize::try_from(place).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(terms: &[u64]) -> Log {
        let entries = terms.iter().map(|term| Entry { term: Term(*term), command: Command::Noop });
        Log { base: Position::ORIGIN, entries: entries.collect() }
    }

    #[test]
    fn a_compacted_log_answers_as_before_about_what_it_keeps() {
        let whole = log(&[1, 1, 2, 2, 2, 4]);
        let mut short = whole.clone();
        short.forget_up_to(Position { index: Index(4), term: Term(2) });
        assert_eq!((short.last(), short.from(Index(5), 9)), (whole.last(), whole.from(Index(5), 9)));
        assert_eq!(
            [3, 4, 5, 6, 7].map(|index| short.term_at(Index(index))),
            [None, Some(Term(2)), Some(Term(2)), Some(Term(4)), None]
        );
        assert_eq!([1, 2, 4].map(|term| short.last_of(Term(term))), [None, Some(Index(5)), Some(Index(6))]);
        let refused = Position { index: Index(5), term: Term(3) };
        assert_eq!(short.conflict(refused), Conflict { term: Some(Term(2)), index: Index(5) });
    }

    #[test]
    fn who_votes_is_what_the_last_entry_up_to_an_index_says() {
        let mut log = log(&[1, 1, 2]);
        let seat = |size| Command::Seat { voters: Members::of(size) };
        log.entries[1].command = seat(3);
        log.entries[2].command = seat(4);
        assert_eq!(log.seated_by(Index(1)), None);
        assert_eq!(log.seated_by(Index(2)), Some((Index(2), &Members::of(3))));
        assert_eq!(log.seated_by(Index(9)), Some((Index(3), &Members::of(4))));
        log.forget_up_to(Position { index: Index(2), term: Term(1) });
        assert_eq!(log.seated_by(Index(2)), None);
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
