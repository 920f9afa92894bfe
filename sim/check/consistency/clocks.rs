//! Vector clocks over causal order: the least transitive order that contains session order and reads-from.
//!
//! One pass, each operation once, O(n·k) time for n operations in k threads, and 4·k bytes a write: a row says how many
//! writes of each thread come before or at a write. Operations are taken in the history's own order as far as that is
//! causal; one that read from a later one waits for it. What waits for itself is a cycle. Knows no property.

use super::reads_from::replaces;
use super::threads::{NOBODY, Threads};
use crate::history::store::StoreHistory;
use std::collections::BTreeMap;

/// By write: how many writes of each thread are in its causal past, itself included.
#[derive(Debug)]
pub(super) struct Clocks {
    width: usize,
    rows: Vec<u32>,
    /// By operation: its row, if it writes. Rows are in the order of the pass, which is a causal one.
    row_of: Vec<u32>,
    /// Every operation, in the order of the pass.
    order: Vec<u32>,
}

impl Clocks {
    /// Goes over every operation in causal order, as far as it reaches: with it comes a cycle of session order and
    /// reads-from, each operation after the one before it, if there is one.
    pub(super) fn of(history: &StoreHistory, threads: &Threads) -> (Clocks, Option<Vec<u32>>) {
        let (width, count) = (threads.count(), history.operations().len());
        let rows = Vec::with_capacity(width * history.operations().iter().filter(|one| replaces(one)).count());
        let clocks = Clocks { width, rows, row_of: vec![NOBODY; count], order: Vec::with_capacity(count) };
        let (current, waiting, ready) = (vec![0; width * width], BTreeMap::new(), Vec::new());
        let mut pass = Pass { history, threads, clocks, current, done: vec![0; width], waiting, ready };
        for operation in 0..count as u32 {
            if let Some(place) = threads.place(operation) {
                pass.advance(place.thread, operation);
            }
        }
        let cycle = pass.cycle();
        (pass.clocks, cycle)
    }

    /// Shows every operation in the order of the pass with the clock of its past, what it read from included and itself
    /// not, until something is found.
    pub(super) fn find<T>(
        &self,
        history: &StoreHistory,
        threads: &Threads,
        mut visit: impl FnMut(u32, &[u32]) -> Option<T>,
    ) -> Option<T> {
        let width = self.width;
        // By thread: its clock.
        let mut current = vec![0; width * width];
        for operation in &self.order {
            let Some(place) = threads.place(*operation) else { continue };
            let thread = place.thread as usize;
            let current = &mut current[thread * width..(thread + 1) * width];
            self.go_on(current, history, threads, *operation);
            let found = visit(*operation, current);
            if found.is_some() {
                return found;
            }
            if replaces(&history.operations()[*operation as usize]) {
                current[thread] = place.number;
            }
        }
        None
    }

    /// Makes a thread's clock that of an operation's past.
    #[inline]
    fn go_on(&self, current: &mut [u32], history: &StoreHistory, threads: &Threads, operation: u32) {
        if let Some(before) = threads.begins_after(operation) {
            // A thread of its own begins with what its session had seen until then.
            let past = past_of(history, threads, before, |write| self.row(write), |read| threads.source(read));
            join(current, &past);
        }
        if let Some(source) = threads.source(operation) {
            join(current, self.row(source));
        }
    }

    /// Session order alone: a row says which writes of its own thread, and of the one it comes after, are at or before
    /// it.
    pub(super) fn by_session(history: &StoreHistory, threads: &Threads) -> Clocks {
        let width = threads.count();
        let mut clocks =
            Clocks { width, rows: Vec::new(), row_of: vec![NOBODY; history.operations().len()], order: Vec::new() };
        // Threads that come after another stand after it, so its rows are there.
        for thread in 0..width {
            for operation in threads.operations(thread) {
                clocks.order.push(*operation);
                let place = threads.place(*operation).filter(|_| replaces(&history.operations()[*operation as usize]));
                let Some(place) = place else { continue };
                let mut row = vec![0; width];
                if place.number == 1
                    && let Some(before) = threads.before(threads.operations(thread)[0])
                {
                    row = past_of(history, threads, before, |write| clocks.row(write), |_| None);
                }
                row[thread] = place.number;
                clocks.row_of[*operation as usize] = (clocks.rows.len() / width) as u32;
                clocks.rows.extend_from_slice(&row);
            }
        }
        clocks
    }

    /// Every operation, in the order of the pass.
    pub(super) fn order(&self) -> &[u32] {
        &self.order
    }

    /// A write's row.
    pub(super) fn row(&self, write: u32) -> &[u32] {
        let row = self.row_of[write as usize] as usize;
        &self.rows[row * self.width..(row + 1) * self.width]
    }

    /// When the pass came to a write: a causal order of all writes.
    pub(super) fn rank(&self, write: u32) -> u32 {
        self.row_of[write as usize]
    }

    /// A copy of every row, to be made greater.
    pub(super) fn rows(&self) -> Vec<u32> {
        self.rows.clone()
    }

    /// How many threads there are.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// Whether one write comes causally before another.
    pub(super) fn precedes(&self, threads: &Threads, one: u32, other: u32) -> bool {
        let place = threads.place(one);
        one != other && place.is_some_and(|place| self.row(other)[place.thread as usize] >= place.number)
    }
}

/// Makes a clock at least another.
#[inline]
pub(super) fn join(clock: &mut [u32], other: &[u32]) {
    for (mine, theirs) in clock.iter_mut().zip(other) {
        *mine = (*mine).max(*theirs);
    }
}

struct Pass<'a> {
    history: &'a StoreHistory,
    threads: &'a Threads,
    clocks: Clocks,
    /// By thread: its clock.
    current: Vec<u32>,
    /// By thread: how many of its operations are done.
    done: Vec<u32>,
    /// By operation that is not done: the threads that wait for it.
    waiting: BTreeMap<u32, Vec<u32>>,
    /// Threads that may go on.
    ready: Vec<u32>,
}

impl Pass<'_> {
    /// Does a thread's operations up to `last`, as far as they can be done, and those of others that waited for them.
    fn advance(&mut self, thread: u32, last: u32) {
        self.ready.push(thread);
        while let Some(thread) = self.ready.pop() {
            while let Some(operation) = self.next(thread).filter(|operation| *operation <= last) {
                if let Some(missing) = self.missing(operation) {
                    let waiting = self.waiting.entry(missing).or_default();
                    if !waiting.contains(&thread) {
                        waiting.push(thread);
                    }
                    break;
                }
                self.perform(thread as usize, operation);
                if !self.waiting.is_empty() {
                    self.ready.extend(self.waiting.remove(&operation).unwrap_or_default());
                }
            }
        }
    }

    fn next(&self, thread: u32) -> Option<u32> {
        self.threads.operations(thread as usize).get(self.done[thread as usize] as usize).copied()
    }

    fn is_done(&self, operation: u32) -> bool {
        let place = self.threads.place(operation);
        place.is_none_or(|place| place.index < self.done[place.thread as usize])
    }

    /// What has to be done before: what it read from, or what its thread comes after.
    fn missing(&self, operation: u32) -> Option<u32> {
        let before = self.threads.before(operation);
        let causes = [self.threads.source(operation), before];
        causes.into_iter().flatten().find(|cause| !self.is_done(*cause))
    }

    fn perform(&mut self, thread: usize, operation: u32) {
        let width = self.clocks.width;
        let current = &mut self.current[thread * width..(thread + 1) * width];
        self.clocks.go_on(current, self.history, self.threads, operation);
        if replaces(&self.history.operations()[operation as usize]) {
            current[thread] += 1;
            self.clocks.row_of[operation as usize] = (self.clocks.rows.len() / width) as u32;
            self.clocks.rows.extend_from_slice(current);
        }
        self.clocks.order.push(operation);
        self.done[thread] += 1;
    }

    fn cycle(&self) -> Option<Vec<u32>> {
        let mut at = (0..self.threads.count() as u32).find_map(|thread| self.next(thread))?;
        // Each of these waits for another that waits: follow them until one comes again.
        let mut path: Vec<u32> = Vec::new();
        while !path.contains(&at) {
            path.push(at);
            let thread = self.threads.place(at).map_or(0, |place| place.thread);
            at = match self.missing(at) {
                Some(missing) if self.next(thread) == Some(at) => missing,
                // Not the next of its thread: what comes before it by session is what it waits for.
                _ => self.next(thread).unwrap_or(at),
            };
        }
        let start = path.iter().position(|operation| *operation == at).unwrap_or_default();
        path.drain(..start);
        path.reverse();
        Some(path)
    }
}

/// The clock right after an operation of a session that may have gone on since: its last write's row, and those of what
/// it read after that.
pub(super) fn past_of<'r>(
    history: &StoreHistory,
    threads: &Threads,
    operation: u32,
    row: impl Fn(u32) -> &'r [u32],
    source: impl Fn(u32) -> Option<u32>,
) -> Vec<u32> {
    let mut clock = vec![0; threads.count()];
    let mut at = Some(operation);
    while let Some(operation) = at {
        let own = replaces(&history.operations()[operation as usize]).then_some(operation);
        for write in source(operation).into_iter().chain(own) {
            join(&mut clock, row(write));
        }
        at = if own.is_some() { None } else { threads.before(operation) };
    }
    clock
}
