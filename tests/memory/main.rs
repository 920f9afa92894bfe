//! What Synod keeps in memory: nothing of a run that is over, and little of a history that is judged; and what the mock
//! takes of a run's time. A binary of its own, whose tests take turns: what runs beside would allocate and run beside.
//!
//! What is measured is what is allocated and not freed, counted by the allocator itself: unlike the resident set it
//! does not depend on what else the machine does. `CONTRIBUTING.md` has the command that shows the same over a million
//! seeds.
#![allow(unsafe_code, reason = "an allocator cannot be written without")]

mod checkers;
#[path = "../../benches/support/mocked.rs"]
#[allow(dead_code, reason = "the bench uses all of it")]
mod mocked;
#[path = "../../benches/support/pair.rs"]
mod pair;
mod sweeps;
mod time;
#[path = "../support/workloads.rs"]
mod workloads;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Counts the bytes that are allocated and not freed, and the most that there ever were.
struct Counting {
    live: AtomicUsize,
    peak: AtomicUsize,
}

#[global_allocator]
static ALLOCATOR: Counting = Counting { live: AtomicUsize::new(0), peak: AtomicUsize::new(0) };

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = self.live.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        self.peak.fetch_max(live, Ordering::Relaxed);
        // SAFETY: the caller's promises are the system allocator's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        self.live.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are the system allocator's.
        unsafe { System.dealloc(place, layout) }
    }
}

/// Bytes allocated and not freed.
fn live() -> usize {
    ALLOCATOR.live.load(Ordering::Relaxed)
}

/// The most bytes that were ever needed at once while `work` was done, beyond those allocated before.
fn needed_by(work: impl FnOnce()) -> usize {
    let before = live();
    ALLOCATOR.peak.store(before, Ordering::Relaxed);
    work();
    ALLOCATOR.peak.load(Ordering::Relaxed) - before
}

/// A test's turn: no other allocates while it is held.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
