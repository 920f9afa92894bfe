//! A rate that callers share: who may call now, and how long the others wait. Knows no call.

use super::planted::Bug;
use crate::time::{Duration, Time, minutes};

/// So many calls a minute, and so many at once after a pause: what a provider admits, kept on the callers' side, so
/// that none is turned away and each has its share.
///
/// The generic cell rate algorithm (ITU-T I.371, 1993): one instant says it all, when the next call would come if calls
/// came evenly.
///
/// ```
/// use synod::policy::Allowance;
/// use synod::time::{seconds, Time};
/// let mut allowance = Allowance::per_minute(30, 2);
/// let now = Time::ZERO;
/// assert_eq!((allowance.take(now), allowance.take(now)), (Ok(()), Ok(())));
/// assert_eq!(allowance.take(now), Err(seconds(2)), "one every two seconds");
/// assert_eq!(allowance.take(now + seconds(2)), Ok(()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Between two calls if they come evenly.
    every: Duration,
    burst: u32,
    /// When the next call would come.
    next: Time,
    bug: Bug,
}

crate::digestible! { struct Allowance { every, burst, next, bug } }

impl Allowance {
    /// So many calls a minute, and so many at once.
    ///
    /// # Panics
    /// If it allows none.
    #[must_use]
    pub const fn per_minute(calls: u32, burst: u32) -> Allowance {
        assert!(calls > 0 && burst > 0, "an allowance of nothing");
        let every = Duration(minutes(1).0.div_ceil(calls as u64));
        Allowance { every, burst, next: Time::ZERO, bug: Bug::NONE }
    }

    /// The same with a bug.
    #[cfg(feature = "planted")]
    #[must_use]
    pub const fn planted(mut self, bug: super::Planted) -> Allowance {
        self.bug = Bug::of(bug);
        self
    }

    /// A part of it for each of so many holders, who need not know of each other: all of them together stay within the
    /// whole rate. The least burst of a holder is one call.
    ///
    /// # Panics
    /// If there is no holder.
    #[must_use]
    pub fn share(mut self, holders: u32) -> Allowance {
        assert!(holders > 0, "a share for nobody");
        if has!(self.bug, SharesWhole) {
            return self;
        }
        self.every = Duration(self.every.0 * u64::from(holders));
        let part = self.burst / holders;
        self.burst = if part == 0 { 1 } else { part };
        self
    }

    /// Takes one call from it.
    ///
    /// # Errors
    /// How long to wait before asking again, if none is left.
    pub fn take(&mut self, now: Time) -> Result<(), Duration> {
        let next = self.next.max(now);
        // So far ahead of an even course calls may come.
        let ahead = Duration(self.every.0 * u64::from(self.burst - 1));
        let early = next.since(now);
        if early > ahead {
            return Err(early - ahead);
        }
        if !has!(self.bug, ForgetsTaken) {
            self.next = next + self.every;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{millis, seconds};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_stretch_of_time_sees_more_calls_than_the_rate_and_the_burst(
            calls in 1_u32..200, burst in 1_u32..20, gaps in prop::collection::vec(0_u64..4_000, 1..120),
        ) {
            let mut allowance = Allowance::per_minute(calls, burst);
            let (mut now, mut taken) = (Time::ZERO, Vec::new());
            for gap in gaps {
                now += millis(gap);
                if allowance.take(now).is_ok() {
                    taken.push(now);
                }
            }
            for (place, first) in taken.iter().enumerate() {
                for (count, last) in taken[place..].iter().enumerate() {
                    let evenly = last.since(*first).0 * u64::from(calls) / minutes(1).0;
                    prop_assert!(count as u64 + 1 <= evenly + u64::from(burst) + 1);
                }
            }
        }

        #[test]
        fn whoever_waits_as_told_may_call(calls in 1_u32..200, burst in 1_u32..20, tries in 1_usize..60) {
            let (mut allowance, mut now) = (Allowance::per_minute(calls, burst), Time::ZERO);
            for _ in 0..tries {
                if let Err(wait) = allowance.take(now) {
                    prop_assert!(wait > Duration::ZERO);
                    now += wait;
                    prop_assert_eq!(allowance.take(now), Ok(()));
                }
            }
        }
    }

    #[test]
    fn shares_add_up_to_no_more_than_the_whole() {
        let mut shares = [Allowance::per_minute(60, 4).share(4); 4];
        let mut taken = 0;
        for second in 0..60 {
            let now = Time::ZERO + seconds(second);
            taken += shares.iter_mut().filter_map(|share| share.take(now).ok()).count();
        }
        assert_eq!(taken, 60);
    }
}
