//! What a provider admits, in integers: token buckets of an organisation. Knows no queue.

use super::{Bucket, ErrorKind, Meters, MicroDollars, ProviderError};
use crate::time::{Duration, Time, minutes};
use serde::Serialize;

/// What a provider admits. Whoever shares a model's organisation shares its buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Quota {
    /// Calls that each model serves at the same time; the others wait.
    pub concurrent: u16,
    /// Calls admitted in a minute.
    pub per_minute: u32,
    /// Calls admitted at once after a pause: the capacity of their bucket.
    pub burst: u32,
    /// Tokens read in a minute, which is also their bucket's capacity; `None`: any number.
    pub input_per_minute: Option<u32>,
    /// Tokens written in a minute, which is also their bucket's capacity; `None`: any number. A call is admitted while
    /// any are left and charged when its length is known.
    pub output_per_minute: Option<u32>,
    /// How fast the calls of a minute may grow; `None`: at will.
    pub acceleration: Option<Acceleration>,
    /// Money after which nothing is admitted any more; `None`: the organisation is rich.
    pub spend_cap: Option<MicroDollars>,
    /// What becomes of calls beyond the rates.
    pub excess: Excess,
}

/// How fast an organisation's calls may grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Acceleration {
    /// Calls of a minute that are never too many.
    pub floor: u32,
    /// Calls of a minute in percent of the minute before.
    pub growth_percent: u32,
}

/// What becomes of calls beyond the rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Excess {
    /// They wait for their turn, as behind a client that paces itself.
    Waits,
    /// They get a 429 with the exact time to wait.
    Rejected,
}

impl Quota {
    /// A choice of ours: a team of seven that asks once a second each stays below it. Calls beyond it wait, so that a
    /// team without a retry policy still runs.
    #[must_use]
    pub const fn usual() -> Quota {
        Quota {
            concurrent: 16,
            per_minute: 600,
            burst: 1,
            input_per_minute: None,
            output_per_minute: None,
            acceleration: None,
            spend_cap: None,
            excess: Excess::Waits,
        }
    }

    /// So many calls a minute, as many at once after a pause; a call beyond them is rejected.
    ///
    /// ```
    /// use synod::model::{Profile, Quota};
    /// let strict = Profile { quota: Quota::strict(50), ..Profile::grounded() };
    /// assert_eq!(strict.quota.per_minute, 50);
    /// ```
    #[must_use]
    pub const fn strict(per_minute: u32) -> Quota {
        Quota { per_minute, burst: per_minute, excess: Excess::Rejected, ..Quota::usual() }
    }
}

/// What an organisation has used of its quota.
#[derive(Clone, Debug)]
pub struct Organisation {
    quota: Quota,
    requests: Bucket,
    input: Option<Bucket>,
    output: Option<Bucket>,
    spent: MicroDollars,
    /// The minute the last call fell into, the calls in it, and those in the one before.
    minute: u64,
    calls: u64,
    calls_before: u64,
}

impl Organisation {
    /// An organisation that has used nothing yet.
    ///
    /// # Panics
    /// If the quota admits nothing.
    #[must_use]
    pub fn new(quota: Quota) -> Organisation {
        let bucket = |per_minute: u32| Bucket::full(per_minute, per_minute);
        Organisation {
            requests: Bucket::full(quota.burst, quota.per_minute),
            input: quota.input_per_minute.map(bucket),
            output: quota.output_per_minute.map(bucket),
            quota,
            spent: MicroDollars(0),
            minute: 0,
            calls: 0,
            calls_before: 0,
        }
    }

    /// Whether a call may come at all: there is money left, and the rate has not grown too fast. Counts the call if it
    /// may.
    ///
    /// # Errors
    /// A spend cap's 429 without `retry-after`, or one that asks to wait for the next minute.
    pub fn knock(&mut self, now: Time) -> Result<(), ProviderError> {
        if self.has_spent_all() {
            return Err(ProviderError::of(ErrorKind::SpendCap));
        }
        let minute = now.0 / minutes(1).0;
        if minute != self.minute {
            self.calls_before = if minute == self.minute + 1 { self.calls } else { 0 };
            (self.minute, self.calls) = (minute, 0);
        }
        if let Some(Acceleration { floor, growth_percent }) = self.quota.acceleration {
            let most = (self.calls_before * u64::from(growth_percent) / 100).max(u64::from(floor));
            if self.calls >= most {
                let next = Time((minute + 1) * minutes(1).0);
                return Err(ProviderError::of(ErrorKind::SlowDown).after(next.since(now)));
            }
        }
        self.calls += 1;
        Ok(())
    }

    /// Whether the money is used up.
    #[must_use]
    pub fn has_spent_all(&self) -> bool {
        self.quota.spend_cap.is_some_and(|cap| self.spent >= cap)
    }

    /// Takes a call and the tokens it sends from the buckets, if none of them is empty.
    ///
    /// # Errors
    /// How long until it could be admitted.
    pub fn admit(&mut self, now: Time, input_tokens: u32) -> Result<(), Duration> {
        let input = self.input.as_ref().map_or(Duration::ZERO, |input| input.wait(now, input_tokens));
        let output = self.output.as_ref().map_or(Duration::ZERO, |output| output.wait(now, 1));
        let wait = self.requests.wait(now, 1).max(input).max(output);
        if wait > Duration::ZERO {
            return Err(wait);
        }
        self.requests.spend(now, 1);
        if let Some(input) = &mut self.input {
            input.spend(now, input_tokens);
        }
        Ok(())
    }

    /// A reply will not be written to its end.
    pub fn refund(&mut self, now: Time, output_tokens: u32, cost: MicroDollars) {
        if let Some(output) = &mut self.output {
            output.give_back(now, output_tokens);
        }
        self.spent.0 = self.spent.0.saturating_sub(cost.0);
    }

    /// What its calls have cost so far.
    #[must_use]
    pub const fn spent(&self) -> MicroDollars {
        self.spent
    }

    /// What is left of the buckets, as the provider tells its callers.
    #[must_use]
    pub fn meters(&self, now: Time) -> Meters {
        let of = |bucket: &Option<Bucket>| bucket.as_ref().map(|bucket| bucket.meter(now));
        Meters::of(Some(self.requests.meter(now)), of(&self.input), of(&self.output))
    }

    /// A reply was written and costs so much.
    pub fn charge(&mut self, now: Time, output_tokens: u32, cost: MicroDollars) {
        if let Some(output) = &mut self.output {
            output.spend(now, output_tokens);
        }
        self.spent.0 += cost.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::seconds;

    fn at(second: u64) -> Time {
        Time::ZERO + seconds(second)
    }

    #[test]
    fn any_empty_bucket_says_how_long_to_wait() {
        let tokens = Quota { input_per_minute: Some(600), output_per_minute: Some(60), ..Quota::strict(60) };
        let mut organisation = Organisation::new(tokens);
        assert_eq!(organisation.admit(at(0), 600), Ok(()));
        assert_eq!(organisation.admit(at(0), 30), Err(seconds(3)), "ten tokens are read a second");
        organisation.charge(at(0), 62, MicroDollars(0));
        assert_eq!(organisation.admit(at(1), 1), Err(seconds(2)), "a reply was longer than what was left");
        assert_eq!(organisation.admit(at(3), 30), Ok(()));
    }

    #[test]
    fn a_spend_cap_admits_nothing_more_and_never_says_when() {
        let mut organisation = Organisation::new(Quota { spend_cap: Some(MicroDollars(10)), ..Quota::usual() });
        assert_eq!(organisation.knock(at(0)), Ok(()));
        organisation.charge(at(0), 1, MicroDollars(10));
        assert_eq!(organisation.knock(at(9_999)), Err(ProviderError::of(ErrorKind::SpendCap)));
    }

    #[test]
    fn calls_may_grow_only_so_fast() {
        let acceleration = Some(Acceleration { floor: 2, growth_percent: 200 });
        let mut organisation = Organisation::new(Quota { acceleration, ..Quota::usual() });
        let mut admitted = |minute: u64| (0..20).filter(|_| organisation.knock(at(minute * 60 + 15)).is_ok()).count();
        assert_eq!([admitted(0), admitted(1), admitted(2), admitted(9)], [2, 4, 8, 2]);
        let error = organisation.knock(at(9 * 60 + 15)).expect_err("too many");
        assert_eq!(error, ProviderError::of(ErrorKind::SlowDown).after(seconds(45)));
    }
}
