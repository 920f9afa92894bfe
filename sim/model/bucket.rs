//! Token buckets in integers: what they admit is exact. Knows no clock and no provider.

use super::Meter;
use crate::time::{Duration, Time, minutes};

/// A token bucket, continuously refilled.
///
/// It counts parts of tokens: a token has as many as a minute has nanoseconds, so that every nanosecond adds a whole
/// number of them and nothing is ever rounded.
///
/// ```
/// use synod::model::Bucket;
/// use synod::time::{Time, seconds};
/// let mut bucket = Bucket::full(2, 60);
/// assert_eq!(bucket.take(Time::ZERO, 2), Ok(()));
/// assert_eq!(bucket.take(Time::ZERO, 1), Err(seconds(1)));
/// assert_eq!(bucket.take(Time::ZERO + seconds(1), 1), Ok(()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Parts at most.
    capacity: i128,
    /// Parts added in a nanosecond, which is tokens added in a minute.
    refill: u32,
    /// Parts that were there at `seen`; below zero if more was taken than there was.
    level: i128,
    seen: Time,
}

/// Parts of a token.
const TOKEN: i128 = minutes(1).as_nanos() as i128;

impl Bucket {
    /// A bucket for so many tokens, full at the beginning of the run, refilled by so many a minute.
    ///
    /// # Panics
    /// If either is zero: nothing could ever be admitted.
    #[must_use]
    pub fn full(capacity: u32, per_minute: u32) -> Bucket {
        assert!(capacity > 0 && per_minute > 0, "a bucket must admit at least one token a minute");
        let capacity = i128::from(capacity) * TOKEN;
        Bucket { capacity, refill: per_minute, level: capacity, seen: Time::ZERO }
    }

    /// How long until so many tokens are there, of which a full bucket's worth is the most that is ever waited for.
    #[must_use]
    pub fn wait(&self, now: Time, tokens: u32) -> Duration {
        let missing = (i128::from(tokens) * TOKEN).min(self.capacity) - self.level_at(now);
        let refill = i128::from(self.refill);
        Duration(u64::try_from((missing.max(0) + refill - 1) / refill).unwrap_or(u64::MAX))
    }

    /// Takes so many tokens, if they are there. A request for more than the bucket holds is met by a full one.
    ///
    /// # Errors
    /// How long until they are there.
    pub fn take(&mut self, now: Time, tokens: u32) -> Result<(), Duration> {
        match self.wait(now, tokens) {
            Duration::ZERO => {
                self.spend(now, tokens);
                Ok(())
            }
            wait => Err(wait),
        }
    }

    /// Takes so many tokens whether they are there or not: what a reply has cost is known only afterwards.
    pub fn spend(&mut self, now: Time, tokens: u32) {
        self.level = self.level_at(now) - i128::from(tokens) * TOKEN;
        self.seen = now;
    }

    /// Puts so many tokens back that were taken and not used. The bucket never holds more than its capacity.
    pub fn give_back(&mut self, now: Time, tokens: u32) {
        self.level = (self.level_at(now) + i128::from(tokens) * TOKEN).min(self.capacity);
        self.seen = now;
    }

    /// What is left. A bucket that was overdrawn has nothing left, and takes the longer to fill.
    #[must_use]
    pub fn meter(&self, now: Time) -> Meter {
        let level = self.level_at(now);
        let whole = |parts: i128| u32::try_from((parts / TOKEN).max(0)).unwrap_or(u32::MAX);
        let refill = i128::from(self.refill);
        let reset = Duration(u64::try_from((self.capacity - level + refill - 1) / refill).unwrap_or(u64::MAX));
        Meter { limit: whole(self.capacity), remaining: whole(level), reset }
    }

    fn level_at(&self, now: Time) -> i128 {
        let added = i128::from(now.since(self.seen).as_nanos()) * i128::from(self.refill);
        (self.level + added).min(self.capacity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A request that was admitted.
    struct Admitted {
        at: u64,
        tokens: u64,
    }

    /// The closed form: a bucket that was full at the start admits a request if and only if between any earlier
    /// admission and now no more is admitted than its capacity and what was added since.
    fn conforms(admitted: &[Admitted], capacity: u64, rate: u64, at: u64, tokens: u64) -> bool {
        let mut sum = u128::from(tokens);
        let minute = u128::from(minutes(1).0);
        let fits = |sum: u128, since: u64| {
            sum * minute <= u128::from(capacity) * minute + u128::from(rate) * u128::from(at - since)
        };
        fits(sum, at)
            && admitted.iter().rev().all(|earlier| {
                sum += u128::from(earlier.tokens);
                fits(sum, earlier.at)
            })
    }

    proptest! {
        #[test]
        fn admits_exactly_what_a_token_bucket_admits(
            capacity in 1u32..40,
            rate in 1u32..5_000,
            asked in prop::collection::vec((0u64..3_000_000_000, 1u32..12), 1..80),
        ) {
            let mut bucket = Bucket::full(capacity, rate);
            let (mut now, mut admitted) = (0, Vec::new());
            for (pause, tokens) in asked {
                now += pause;
                let tokens = tokens.min(capacity);
                let expected = conforms(&admitted, capacity.into(), rate.into(), now, tokens.into());
                let meter = bucket.meter(Time(now));
                prop_assert_eq!(meter.remaining >= tokens, expected, "a meter shows what would be admitted");
                match bucket.take(Time(now), tokens) {
                    Ok(()) => {
                        prop_assert!(expected);
                        admitted.push(Admitted { at: now, tokens: tokens.into() });
                    }
                    Err(wait) => {
                        prop_assert!(!expected);
                        let at = |after: u64| conforms(&admitted, capacity.into(), rate.into(), after, tokens.into());
                        prop_assert!(at(now + wait.0) && !at(now + wait.0 - 1), "retry-after is exact: {wait}");
                    }
                }
            }
        }
    }
}
