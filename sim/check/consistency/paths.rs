//! Shortest ways from one operation to another by session order, reads-from and what a checker derived beside them.
//!
//! For witnesses only: a checker that found a violation by its clocks shows it by its edges. Knows no property.

use super::chain::{self, Telling, noun};
use super::threads::Threads;
use crate::history::store::StoreHistory;
use std::collections::{BTreeMap, VecDeque};

/// An edge that a checker derived: `before` comes before `after`, as `read` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Derived {
    pub(super) after: u32,
    pub(super) before: u32,
    /// The read that returned `after` although `before`, a write under its key, was in its past.
    pub(super) read: u32,
}

/// Which edges there are.
pub(super) struct Paths<'a> {
    pub(super) history: &'a StoreHistory,
    pub(super) threads: &'a Threads,
    /// Sorted by `after`.
    pub(super) derived: &'a [Derived],
    /// Whose reads order anything: everyone's, or only one thread's.
    pub(super) reader: Option<u32>,
}

/// Why one operation comes right before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    Session,
    Read,
    Derived(u32),
}

#[derive(Clone, Copy)]
struct Hop {
    before: u32,
    cause: Cause,
}

impl Paths<'_> {
    fn hops(&self, operation: u32) -> Vec<Hop> {
        let place = self.threads.place(operation);
        let orders = self.reader.is_none() || place.is_some_and(|place| Some(place.thread) == self.reader);
        let source = self.threads.source(operation).filter(|_| orders);
        let session = self.threads.before(operation);
        let first = self.derived.partition_point(|edge| edge.after < operation);
        let derived = self.derived[first..].iter().take_while(|edge| edge.after == operation);
        let read = source.map(|before| Hop { before, cause: Cause::Read });
        let session = session.map(|before| Hop { before, cause: Cause::Session });
        let derived = derived.map(|edge| Hop { before: edge.before, cause: Cause::Derived(edge.read) });
        read.into_iter().chain(session).chain(derived).collect()
    }

    /// Tells the shortest way from one operation to another; `false` if there is none.
    pub(super) fn tell(&self, telling: &mut Telling<'_>, from: u32, to: u32) -> bool {
        let Some(way) = self.shortest(from, to) else { return false };
        for pair in way.windows(2) {
            let hop = self.hops(pair[1]).into_iter().find(|hop| hop.before == pair[0]);
            let (before, after) = (pair[0] as usize, pair[1] as usize);
            let session = |operation: usize| self.history.operations()[operation].session;
            let whose = |operation: usize| chain::session(self.history, session(operation));
            match hop.map(|hop| hop.cause) {
                Some(Cause::Read) => {
                    let (reader, writer) = (whose(after), whose(before));
                    telling.edge(before, after, format!("{reader} read what {writer} had written"));
                }
                Some(Cause::Derived(read)) => {
                    let read = noun(self.history, read as usize);
                    telling.edge(before, after, format!("{read} returned the latter with the former in its past"));
                }
                _ => telling.edge(before, after, chain::in_turn(self.history, session(after))),
            }
        }
        true
    }

    /// The operations on a shortest way, both ends included.
    pub(super) fn shortest(&self, from: u32, to: u32) -> Option<Vec<u32>> {
        if from == to {
            return None;
        }
        // Backwards from the end: what comes right before an operation is known without an index.
        let mut toward: BTreeMap<u32, u32> = BTreeMap::new();
        let mut queue = VecDeque::from([to]);
        while let Some(operation) = queue.pop_front() {
            for hop in self.hops(operation) {
                if hop.before == to || toward.contains_key(&hop.before) {
                    continue;
                }
                toward.insert(hop.before, operation);
                if hop.before == from {
                    let way = std::iter::successors(Some(from), |at| toward.get(at).copied());
                    return Some(way.collect());
                }
                queue.push_back(hop.before);
            }
        }
        None
    }
}
