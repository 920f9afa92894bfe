//! Worker threads that share numbered work. Knows nothing of what the work is.
//!
//! Results are handed on in the order of their numbers, so nothing downstream can depend on how many threads there
//! were.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Results that may wait for an earlier one: enough that no worker idles behind a slow neighbour for long, few enough
/// that memory stays flat however many pieces of work there are.
const WINDOW: u64 = 256;

struct Line<T, F> {
    next: u64,
    waiting: BTreeMap<u64, T>,
    take: F,
    abandoned: bool,
}

struct Crew<T, F> {
    counter: AtomicU64,
    line: Mutex<Line<T, F>>,
    moved: Condvar,
}

/// Does the work numbered `0..pieces` on `jobs` threads and gives each result to `take`, in order. `work` is told the
/// worker's number and the piece's.
pub(super) fn in_order<T: Send>(
    jobs: NonZeroUsize,
    pieces: u64,
    work: impl Fn(usize, u64) -> T + Sync,
    take: impl FnMut(T) + Send,
) {
    let line = Line { next: 0, waiting: BTreeMap::new(), take, abandoned: false };
    let crew = Crew { counter: AtomicU64::new(0), line: Mutex::new(line), moved: Condvar::new() };
    thread::scope(|scope| {
        for worker in 0..jobs.get() {
            let (crew, work) = (&crew, &work);
            scope.spawn(move || {
                let _leave = Leave(crew);
                while let Some(piece) = crew.next_piece(pieces) {
                    let result = work(worker, piece);
                    crew.hand_in(piece, result);
                }
            });
        }
    });
}

impl<T, F: FnMut(T)> Crew<T, F> {
    fn next_piece(&self, pieces: u64) -> Option<u64> {
        let piece = self.counter.fetch_add(1, Ordering::Relaxed);
        (piece < pieces).then_some(piece)
    }

    fn hand_in(&self, piece: u64, result: T) {
        let mut line = self.lock();
        while piece >= line.next + WINDOW && !line.abandoned {
            line = self.moved.wait(line).unwrap_or_else(PoisonError::into_inner);
        }
        line.waiting.insert(piece, result);
        let line = &mut *line;
        while let Some(result) = line.waiting.remove(&line.next) {
            line.next += 1;
            (line.take)(result);
        }
        self.moved.notify_all();
    }
}

impl<T, F> Crew<T, F> {
    fn lock(&self) -> MutexGuard<'_, Line<T, F>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets waiting workers go when one of them panics, so that the panic is reported instead of a hang.
struct Leave<'a, T, F>(&'a Crew<T, F>);

impl<T, F> Drop for Leave<'_, T, F> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.lock().abandoned = true;
            self.0.moved.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_on_any_number_of_threads() {
        for jobs in [1, 2, 7] {
            let mut taken = Vec::new();
            in_order(NonZeroUsize::new(jobs).unwrap(), 2_000, |_, piece| piece, |piece| taken.push(piece));
            assert!(taken.iter().copied().eq(0..2_000), "{jobs} threads");
        }
    }

    #[test]
    fn a_panicking_worker_does_not_leave_the_others_waiting() {
        let work = |_: usize, piece: u64| assert_ne!(piece, 3, "planted");
        let crew = || in_order(NonZeroUsize::new(2).unwrap(), 5_000, work, |()| ());
        assert!(super::super::contain::contained(crew).is_err());
    }
}
