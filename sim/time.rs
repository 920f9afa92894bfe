//! Virtual time: integer nanoseconds. Knows no clock.

use crate::digest::{Digest, Digester};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, AddAssign, Mul, Sub};

/// An instant of virtual time: nanoseconds since the run began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Time(pub u64);

/// A span of virtual time in nanoseconds. Converts from and to [`std::time::Duration`].
///
/// ```
/// use synod::time::{minutes, seconds};
/// assert_eq!(seconds(60), minutes(1));
/// assert_eq!(seconds(90).to_string(), "90 s");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Duration(pub u64);

/// Nanoseconds in a microsecond, millisecond and second.
const MICRO: u64 = 1_000;
const MILLI: u64 = 1_000 * MICRO;
const SECOND: u64 = 1_000 * MILLI;

/// A span of so many microseconds.
#[must_use]
pub const fn micros(count: u64) -> Duration {
    Duration(count * MICRO)
}

/// A span of so many milliseconds.
#[must_use]
pub const fn millis(count: u64) -> Duration {
    Duration(count * MILLI)
}

/// A span of so many seconds.
#[must_use]
pub const fn seconds(count: u64) -> Duration {
    Duration(count * SECOND)
}

/// A span of so many minutes.
#[must_use]
pub const fn minutes(count: u64) -> Duration {
    Duration(count * 60 * SECOND)
}

impl Time {
    /// The start of every run.
    pub const ZERO: Time = Time(0);

    /// The span from `earlier` to this instant; zero if it is not earlier.
    #[must_use]
    pub const fn since(self, earlier: Time) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Duration {
    /// No time at all.
    pub const ZERO: Duration = Duration(0);

    /// The span in whole nanoseconds.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }
}

impl Add<Duration> for Time {
    type Output = Time;

    fn add(self, span: Duration) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Duration> for Time {
    fn add_assign(&mut self, span: Duration) {
        *self = *self + span;
    }
}

impl Add for Duration {
    type Output = Duration;

    fn add(self, other: Duration) -> Duration {
        Duration(self.0.saturating_add(other.0))
    }
}

impl Sub for Duration {
    type Output = Duration;

    fn sub(self, other: Duration) -> Duration {
        Duration(self.0.saturating_sub(other.0))
    }
}

impl Mul<u64> for Duration {
    type Output = Duration;

    fn mul(self, times: u64) -> Duration {
        Duration(self.0.saturating_mul(times))
    }
}

impl From<std::time::Duration> for Duration {
    fn from(span: std::time::Duration) -> Duration {
        Duration(u64::try_from(span.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl From<Duration> for std::time::Duration {
    fn from(span: Duration) -> std::time::Duration {
        std::time::Duration::from_nanos(span.0)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, name) = match self.0 {
            0..MICRO => return write!(f, "{} ns", self.0),
            MICRO..MILLI => (MICRO, "µs"),
            MILLI..SECOND => (MILLI, "ms"),
            _ => (SECOND, "s"),
        };
        let (whole, rest) = (self.0 / unit, self.0 % unit * 1_000 / unit);
        if rest == 0 { write!(f, "{whole} {name}") } else { write!(f, "{whole}.{rest:03} {name}") }
    }
}

impl fmt::Debug for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Seconds with six decimals, so that columns of times line up.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06} s", self.0 / SECOND, self.0 % SECOND / MICRO)
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Digest for Time {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.0);
    }
}

impl Digest for Duration {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_print_in_their_own_unit() {
        let cases =
            [(Duration(7), "7 ns"), (micros(3), "3 µs"), (Duration(1_500_000), "1.500 ms"), (minutes(2), "120 s")];
        for (span, text) in cases {
            assert_eq!(span.to_string(), text);
        }
        assert_eq!((Time::ZERO + millis(41_000) + micros(7)).to_string(), "41.000007 s");
    }
}
