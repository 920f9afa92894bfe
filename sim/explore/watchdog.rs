//! A wall clock for runs that never end. Knows when each worker began its seed, nothing of the run itself.
//!
//! A loop that never yields cannot be stopped from inside, so the process ends with exit code 4 after naming the seed.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "watches real time; no run sees it")]

use super::Exit;
use crate::seed::Seed;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a seed may take: some thousand times what the slowest scenario needs in a debug build on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How often the watchdog looks: late by this much at most, and invisible in a profile.
const LOOK: Duration = Duration::from_millis(250);

/// The time on the wall. Only this file and the sweep's stopwatch may ask for it.
pub(super) fn now() -> Instant {
    Instant::now()
}

pub(super) struct Watchdog {
    patience: Duration,
    benches: Vec<Mutex<Option<Begun>>>,
    done: Mutex<Done>,
    rung: Condvar,
}

#[derive(Clone, Copy)]
struct Begun {
    seed: Seed,
    at: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    NotYet,
    All,
}

impl Watchdog {
    pub(super) fn new(workers: usize, patience: Duration) -> Watchdog {
        let benches = (0..workers).map(|_| Mutex::new(None)).collect();
        Watchdog { patience, benches, done: Mutex::new(Done::NotYet), rung: Condvar::new() }
    }

    /// Times `work` as this worker's run of a seed.
    pub(super) fn time<T>(&self, worker: usize, seed: Seed, work: impl FnOnce() -> T) -> T {
        *lock(&self.benches[worker]) = Some(Begun { seed, at: now() });
        let result = work();
        *lock(&self.benches[worker]) = None;
        result
    }

    /// Does `work` while a monitoring thread looks after it; ends the process if a seed outlasts the patience.
    pub(super) fn guard<T>(&self, scenario: &str, work: impl FnOnce() -> T) -> T {
        thread::scope(|scope| {
            scope.spawn(|| self.monitor(scenario));
            let _bell = Bell(self);
            work()
        })
    }

    fn monitor(&self, scenario: &str) {
        let mut done = lock(&self.done);
        while *done == Done::NotYet {
            if let Some(seed) = self.overdue(now()) {
                give_up(scenario, seed, self.patience);
            }
            done = self.rung.wait_timeout(done, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// A seed that has run longer than the patience.
    fn overdue(&self, now: Instant) -> Option<Seed> {
        let begun = self.benches.iter().filter_map(|bench| *lock(bench));
        begun.filter(|begun| now.duration_since(begun.at) > self.patience).map(|begun| begun.seed).min()
    }
}

fn give_up(scenario: &str, seed: Seed, patience: Duration) -> ! {
    eprintln!(
        "{scenario}, seed {seed}: not finished after {} s on the wall. Some code in it loops without waiting for \
         anything. The same again: synod replay {scenario} --seed {seed}, or SYNOD_SEED={seed} with its test",
        patience.as_secs()
    );
    std::process::exit(i32::from(Exit::Crashed.code()));
}

/// Ends the monitoring when the work ends, even by a panic.
struct Bell<'a>(&'a Watchdog);

impl Drop for Bell<'_> {
    fn drop(&mut self) {
        *lock(&self.0.done) = Done::All;
        self.0.rung.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_seed_that_outlasts_the_patience_is_overdue() {
        let dog = Watchdog::new(2, Duration::from_secs(5));
        let start = now();
        dog.time(0, Seed(9), || {
            dog.time(1, Seed(4), || {
                assert_eq!(dog.overdue(start + Duration::from_secs(4)), None);
                assert_eq!(dog.overdue(now() + Duration::from_secs(6)), Some(Seed(4)), "the lowest is named");
            });
            assert_eq!(dog.overdue(now() + Duration::from_secs(6)), Some(Seed(9)));
        });
        assert_eq!(dog.overdue(now() + Duration::from_secs(60)), None);
    }

    #[test]
    fn guarding_ends_with_the_work() {
        assert_eq!(Watchdog::new(1, PATIENCE).guard("quick", || 7), 7);
    }
}
