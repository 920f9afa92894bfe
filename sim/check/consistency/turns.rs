//! Read–generate–write turns, or transactions: what each read and wrote, and which of two writes is certainly older.
//!
//! Knows no property. A turn is what a history calls one; operations outside of turns are nobody's turn. Only writes
//! that were answered count: what may have happened proves nothing here.

use super::chain::{Telling, noun};
use super::clocks::Clocks;
use super::ground::{Ground, Order};
use super::reads_from::{Sight, Source, replaces};
use super::threads::Threads;
use crate::call::Outcome;
use crate::history::store::{Operation, StoreHistory};

/// What a turn did, in its order, by the operations' places.
#[derive(Clone, Debug, Default)]
pub(super) struct Turn {
    pub(super) reads: Vec<u32>,
    pub(super) writes: Vec<u32>,
}

impl Turn {
    /// Whether it is more than one operation: else nothing can come between.
    pub(super) const fn is_judged(&self) -> bool {
        self.reads.len() + self.writes.len() > 1
    }
}

/// A history's turns, and the order of its writes as far as it is certain.
pub(super) struct Turns<'a> {
    pub(super) history: &'a StoreHistory,
    threads: &'a Threads,
    clocks: &'a Clocks,
    turns: Vec<Turn>,
}

impl<'a> Turns<'a> {
    /// Sorts a history's operations by turns.
    ///
    /// # Errors
    /// Why that does not help: what was read is not known, or goes in circles.
    pub(super) fn of(history: &'a StoreHistory, sight: Sight) -> Result<Turns<'a>, String> {
        let ground = Ground::of(history, sight)?;
        let Order { clocks, cycle } = ground.order(history);
        if cycle.is_some() {
            return Err("session order and what was read form a cycle, so nothing is newer than anything: check \
                 causal_consistency"
                .to_owned());
        }
        let threads = &ground.threads;
        let mut turns = vec![Turn::default(); history.turns().len()];
        for (place, operation) in (0..).zip(history.operations()) {
            let Some(turn) = operation.turn else { continue };
            let turn = &mut turns[turn.0.get() as usize - 1];
            if threads.sources.get(place as usize) != Source::None {
                turn.reads.push(place);
            }
            if replaces(operation) && operation.outcome == Outcome::Ok {
                turn.writes.push(place);
            }
        }
        Ok(Turns { history, threads, clocks, turns })
    }

    /// Every turn of more than one operation.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Turn)> {
        self.turns.iter().enumerate().filter(|(_, turn)| turn.is_judged())
    }

    /// How many turns there are to judge.
    pub(super) fn judged(&self) -> u64 {
        self.iter().count() as u64
    }

    pub(super) fn operation(&self, place: u32) -> &Operation {
        &self.history.operations()[place as usize]
    }

    pub(super) fn key(&self, place: u32) -> u32 {
        self.operation(place).key.0
    }

    /// The write that a read returned, or nothing for the initial value; no answer for a read from nowhere.
    pub(super) fn source(&self, read: u32) -> Option<Option<u32>> {
        match self.threads.sources.get(read as usize) {
            Source::Write(write) => Some(Some(write)),
            Source::Initial => Some(None),
            _ => None,
        }
    }

    /// The last read of a key that a turn made before it wrote there.
    pub(super) fn basis(&self, turn: &Turn, write: u32) -> Option<u32> {
        // A compare-and-set is a read and a write in one.
        let before = turn.reads.iter().rev().find(|read| **read <= write && self.key(**read) == self.key(write));
        before.copied()
    }

    /// Whether what was read is certainly older than a write: initial, ended before the other began, or causally
    /// before it.
    pub(super) fn is_older(&self, read: Option<u32>, write: u32) -> bool {
        let Some(read) = read else { return true };
        let in_time = self.history.has_time() && self.operation(read).returned < self.operation(write).invoked;
        read != write && (in_time || self.clocks.precedes(self.threads, read, write))
    }

    /// A turn's name.
    pub(super) fn name(&self, turn: usize) -> &str {
        self.history.turns().text(turn as u32)
    }

    /// Tells where a read's value came from.
    pub(super) fn tell_source(&self, telling: &mut Telling<'_>, read: u32) {
        if let Some(Some(write)) = self.source(read) {
            telling.edge(write as usize, read as usize, "it is what the other returned");
        } else {
            telling.event(read as usize);
        }
    }

    /// Tells that a read missed a write that is newer than what it returned.
    pub(super) fn tell_missed(&self, telling: &mut Telling<'_>, read: u32, write: u32) {
        self.tell_source(telling, read);
        let why = match self.source(read) {
            Some(Some(shown)) => format!("it returned {}, which is older", noun(self.history, shown as usize)),
            _ => "it returned what was there before every write".to_owned(),
        };
        telling.edge(read as usize, write as usize, why);
    }
}
