//! A process's own clock: true time, ahead by a skew, fast by a drift.

use crate::time::{Duration, Time};

/// One million: drift is counted in parts per million.
const MILLION: u128 = 1_000_000;

/// How a process's clock differs from true time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LocalClock {
    /// How far it is ahead.
    ahead: Duration,
    /// How much faster it runs, in parts per million.
    fast: u64,
    /// When it began to run faster.
    since: Time,
}

impl LocalClock {
    /// What the clock shows at an instant of true time.
    #[inline]
    pub(super) fn read(&self, now: Time) -> Time {
        if self.fast == 0 {
            return now + self.ahead;
        }
        let gained = u128::from(now.since(self.since).0) * u128::from(self.fast) / MILLION;
        now + self.ahead + Duration(u64::try_from(gained).unwrap_or(u64::MAX))
    }

    /// How long a span of this clock takes in true time, rounded up: when it is over, the clock shows that it is.
    /// Rounded down, the last nanosecond took no time at all, and who waited for it by the clock waited for ever.
    #[inline]
    pub(super) fn true_span(&self, span: Duration) -> Duration {
        if self.fast == 0 {
            return span;
        }
        let nanos = (u128::from(span.0) * MILLION).div_ceil(MILLION + u128::from(self.fast));
        Duration(u64::try_from(nanos).expect("a shorter span"))
    }

    /// Puts the clock ahead by so much.
    pub(super) fn jump(&mut self, ahead: Duration) {
        self.ahead = self.ahead + ahead;
    }

    /// Takes back a skew.
    pub(super) fn back(&mut self, ahead: Duration) {
        self.ahead = self.ahead - ahead;
    }

    /// Runs faster by so much from now on, until it slows down again. What it gains stays gained.
    pub(super) fn speed_up(&mut self, now: Time, by: u64) {
        self.settle(now);
        self.fast += by;
    }

    /// Runs faster by so much no more.
    pub(super) fn slow_down(&mut self, now: Time, by: u64) {
        self.settle(now);
        self.fast = self.fast.saturating_sub(by);
    }

    fn settle(&mut self, now: Time) {
        self.ahead = self.read(now).since(now);
        self.since = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_a_span_is_over_the_clock_shows_it_however_it_drifts() {
        for drift in [1, 7, 100, 50_000, 999_999] {
            let mut clock = LocalClock::default();
            clock.speed_up(Time(3), drift);
            for begun in (3..2_000).step_by(7) {
                for span in [1, 2, 999, 1_000_000_007] {
                    let (begun, due) = (Time(begun), clock.read(Time(begun)) + Duration(span));
                    let took = clock.true_span(Duration(span));
                    assert!(clock.read(begun + took) >= due, "{span} ns from {begun} at {drift} ppm took {took}");
                    assert!(took > Duration::ZERO && took <= Duration(span));
                }
            }
        }
    }
}
