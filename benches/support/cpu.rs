//! Time that this thread spent on a processor: what a busy machine does not stretch. Knows Linux only; elsewhere the
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

/// The scheduler's account of this thread: its first number is nanoseconds on a processor.
const ACCOUNT: &str = "/proc/thread-self/schedstat";

fn on_processor() -> Option<u64> {
    std::fs::read_to_string(ACCOUNT).ok()?.split(' ').next()?.parse().ok()
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
