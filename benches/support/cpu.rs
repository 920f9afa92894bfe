//! Time that this thread spent on a processor: what a busy machine does not stretch. Where the build has no libc, the
//! clock on the wall measures.
#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "a bench measures real time")]

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use std::time::Instant;

/// Nanoseconds of this thread on a processor.
pub struct CpuTime;

/// Where a measurement began.
pub struct Begun {
    at: Instant,
    spent: Option<u64>,
}

/// The kernel's account of this thread, read to the nanosecond: `/proc/thread-self/schedstat` tells the same, but only
/// as of the scheduler's last tick, so that short spans come out as nothing.
#[cfg(madsim)]
#[allow(unsafe_code, reason = "a clock of libc is read through a pointer")]
fn on_processor() -> Option<u64> {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a timespec of this frame.
    let told = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut now) };
    let nanos = u64::try_from(now.tv_sec).ok()?.checked_mul(1_000_000_000)? + u64::try_from(now.tv_nsec).ok()?;
    (told == 0).then_some(nanos)
}

#[cfg(not(madsim))]
fn on_processor() -> Option<u64> {
    None
}

impl CpuTime {
    /// What this work takes.
    pub fn of(work: impl FnOnce()) -> u64 {
        let begun = CpuTime.start();
        work();
        CpuTime.end(begun)
    }
}

impl Measurement for CpuTime {
    type Intermediate = Begun;
    type Value = u64;

    fn start(&self) -> Begun {
        Begun { at: Instant::now(), spent: on_processor() }
    }

    fn end(&self, Begun { at, spent }: Begun) -> u64 {
        let wall = || u64::try_from(at.elapsed().as_nanos()).expect("less than centuries");
        spent.zip(on_processor()).map_or_else(wall, |(before, after)| after - before)
    }

    fn add(&self, one: &u64, other: &u64) -> u64 {
        one + other
    }

    fn zero(&self) -> u64 {
        0
    }

    fn to_f64(&self, value: &u64) -> f64 {
        *value as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}
