//! What is left of a quota, as providers tell it with every response. Knows no header.

use crate::time::{Duration, Time};

/// What is left of one bucket.
///
/// ```
/// use synod::model::Bucket;
/// use synod::time::{seconds, Time};
/// let mut bucket = Bucket::full(60, 60);
/// bucket.spend(Time::ZERO, 20);
/// let meter = bucket.meter(Time::ZERO + seconds(5));
/// assert_eq!((meter.limit, meter.remaining, meter.reset), (60, 45, seconds(15)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Meter {
    /// What a full bucket holds.
    pub limit: u32,
    /// What is in it, in whole parts.
    pub remaining: u32,
    /// Until it is full again, if nothing more is taken.
    pub reset: Duration,
}

impl Meter {
    /// Two buckets as one: both providers also tell tokens read and written together.
    #[must_use]
    pub fn with(self, other: Meter) -> Meter {
        Meter {
            limit: self.limit.saturating_add(other.limit),
            remaining: self.remaining.saturating_add(other.remaining),
            reset: self.reset.max(other.reset),
        }
    }
}

/// What is left of an organisation's buckets. A bucket that there is not says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meters {
    /// Calls.
    pub requests: Option<Meter>,
    /// Tokens read and written together.
    pub tokens: Option<Meter>,
    /// Tokens read.
    pub input_tokens: Option<Meter>,
    /// Tokens written.
    pub output_tokens: Option<Meter>,
}

/// What a provider stamps on a response: when it sent it, by its own clock, and what was left then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// When.
    pub at: Time,
    /// What was left.
    pub meters: Meters,
}

impl Meters {
    /// Meters of these buckets; tokens together are the sum of what there is.
    #[must_use]
    pub fn of(requests: Option<Meter>, input: Option<Meter>, output: Option<Meter>) -> Meters {
        let tokens = match (input, output) {
            (Some(input), Some(output)) => Some(input.with(output)),
            (one, other) => one.or(other),
        };
        Meters { requests, tokens, input_tokens: input, output_tokens: output }
    }
}
