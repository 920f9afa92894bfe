//! A history as threads: what is ordered by session, with every operation's source. The ground of all causal checkers.
//!
//! A thread is a session without what certainly had no effect or no answer. An open write that somebody read and after
//! which its
//! session went on is a thread of its own: it comes after what its session did before, but nothing comes after it, for
//! it may have taken effect at any later time. An open write nobody read is left out. Knows no property.

use super::chain;
use super::reads_from::{ReadsFrom, Sight, Source, replaces};
use crate::call::{Call, Outcome};
use crate::history::store::{Answer, Operation, StoreHistory};

/// No operation.
pub(super) const NOBODY: u32 = u32::MAX;

/// The threads of a history.
#[derive(Debug)]
pub(super) struct Threads {
    pub(super) sources: ReadsFrom,
    /// Every thread's operations, one thread after the other.
    operations: Vec<u32>,
    /// By thread: where its operations begin in `operations`.
    starts: Vec<u32>,
    /// By thread: the operation of another thread that it comes after.
    after: Vec<u32>,
    /// By operation: its thread and, if it writes, which of the thread's writes it is, from 1.
    places: Vec<Place>,
}

/// Where an operation stands. `number` counts the thread's writes up to this operation, itself included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) thread: u32,
    pub(super) index: u32,
    pub(super) number: u32,
}

impl Threads {
    /// Splits a history into threads.
    ///
    /// # Errors
    /// Why it cannot be done: what operations mean or read is not known.
    pub(super) fn of(history: &StoreHistory, sight: Sight) -> Result<Threads, String> {
        let operations = history.operations();
        let sources = ReadsFrom::of(history, sight);
        for (place, operation) in operations.iter().enumerate() {
            understand(history, operation)?;
            if sources.get(place) == Source::Ambiguous {
                let key = chain::key(history, operation.key);
                let what = match (operation.call, operation.answer) {
                    (Call::Cas, _) => history.show(operation.expected),
                    (_, Answer::Value(value)) => history.show(value),
                    (_, Answer::List(_)) => "a list".to_owned(),
                };
                return Err(format!(
                    "which write a read of {what} from {key} returned is unknown: write every value once, or record \
                     versions"
                ));
            }
        }
        let mut was_read = vec![false; operations.len()];
        for place in 0..operations.len() {
            if let Source::Write(write) = sources.get(place) {
                was_read[write as usize] = true;
            }
        }
        Ok(Threads::split(history, sources, &was_read))
    }

    fn split(history: &StoreHistory, sources: ReadsFrom, was_read: &[bool]) -> Threads {
        let operations = history.operations();
        let sessions = history.sessions().len();
        let mut last: Vec<u32> = vec![NOBODY; sessions];
        for (place, operation) in (0..).zip(operations) {
            last[operation.session.0 as usize] = place;
        }
        let alone = |place: u32, operation: &Operation| {
            operation.outcome == Outcome::Open && replaces(operation) && last[operation.session.0 as usize] != place
        };
        let stays = |place: u32, operation: &Operation| {
            let read = was_read[place as usize];
            if alone(place, operation) {
                return read;
            }
            let writes = replaces(operation) && (operation.outcome == Outcome::Ok || read);
            writes || sources.get(place as usize) != Source::None
        };
        // By thread: how many operations it has, then where they begin.
        let mut starts = vec![0u32; sessions + 1];
        let mut after = vec![NOBODY; sessions];
        let mut places = vec![Place { thread: NOBODY, index: 0, number: 0 }; operations.len()];
        let mut ends: Vec<Place> = vec![Place { thread: NOBODY, index: 0, number: 0 }; sessions];
        let mut latest: Vec<u32> = vec![NOBODY; sessions];
        for (place, operation) in (0..).zip(operations).filter(|(place, operation)| stays(*place, operation)) {
            let session = operation.session.0 as usize;
            let writes = u32::from(replaces(operation));
            if alone(place, operation) {
                places[place as usize] = Place { thread: after.len() as u32, index: 0, number: writes };
                after.push(latest[session]);
                starts.push(1);
                continue;
            }
            let end = &mut ends[session];
            end.number += writes;
            places[place as usize] = Place { thread: session as u32, ..*end };
            end.index += 1;
            starts[session + 1] += 1;
            latest[session] = place;
        }
        for thread in 1..starts.len() {
            starts[thread] += starts[thread - 1];
        }
        let mut flat = vec![NOBODY; starts.last().map_or(0, |count| *count as usize)];
        for (place, at) in (0..).zip(&places).filter(|(_, at)| at.thread != NOBODY) {
            flat[(starts[at.thread as usize] + at.index) as usize] = place;
        }
        Threads { sources, operations: flat, starts, after, places }
    }

    /// How many threads there are.
    pub(super) fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// A thread's operations, in order.
    pub(super) fn operations(&self, thread: usize) -> &[u32] {
        &self.operations[self.starts[thread] as usize..self.starts[thread + 1] as usize]
    }

    /// Where an operation stands, if it stands in a thread.
    pub(super) fn place(&self, operation: u32) -> Option<Place> {
        let place = self.places[operation as usize];
        (place.thread != NOBODY).then_some(place)
    }

    /// The operation right before this one by session.
    pub(super) fn before(&self, operation: u32) -> Option<u32> {
        let Place { thread, index, .. } = self.place(operation)?;
        match index.checked_sub(1) {
            Some(index) => Some(self.operations(thread as usize)[index as usize]),
            None => Some(self.after[thread as usize]).filter(|before| *before != NOBODY),
        }
    }

    /// The operation of another thread that an operation's thread comes after, if the operation is the thread's first.
    #[inline]
    pub(super) fn begins_after(&self, operation: u32) -> Option<u32> {
        let Place { thread, index, .. } = self.place(operation)?;
        Some(self.after[thread as usize]).filter(|before| index == 0 && *before != NOBODY)
    }

    /// The write that an operation read from.
    pub(super) fn source(&self, operation: u32) -> Option<u32> {
        match self.sources.get(operation as usize) {
            Source::Write(write) => Some(write),
            _ => None,
        }
    }

    /// How many operations stand in threads.
    pub(super) fn judged(&self) -> u64 {
        self.operations.len() as u64
    }
}

/// Refuses what causal checkers cannot judge.
fn understand(history: &StoreHistory, operation: &Operation) -> Result<(), String> {
    let known = matches!(operation.call, Call::Read | Call::Write | Call::Remove | Call::Cas);
    let is_list = matches!(operation.answer, Answer::List(_));
    if known && !is_list {
        return Ok(());
    }
    let (call, key) = (operation.call, chain::key(history, operation.key));
    Err(format!("causal order is decided for reads and writes of single values, and under {key} there is: {call}"))
}
