//! How long to wait after so many failures, as a range. Draws nothing.

use crate::time::{Duration, millis, seconds};
use std::ops::RangeInclusive;

/// Exponential backoff: after each failure twice as long as after the one before, up to a cap.
///
/// Full jitter (Brooker, "Exponential Backoff And Jitter", 2015): the wait is uniform between nothing and that span, so
/// that callers who failed together do not come back together.
///
/// ```
/// use synod::policy::{Backoff, Jitter};
/// use synod::time::{millis, seconds};
/// let backoff = Backoff::usual();
/// assert_eq!(backoff.wait(1), millis(0)..=millis(500));
/// assert_eq!(backoff.wait(3), millis(0)..=seconds(2));
/// assert_eq!(Backoff { jitter: Jitter::None, ..backoff }.wait(99), seconds(8)..=seconds(8));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The longest wait after the first failure.
    pub first: Duration,
    /// The longest wait of all.
    pub most: Duration,
    /// How much of it is left to chance.
    pub jitter: Jitter,
}

/// How much of a wait is left to chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// All of it.
    Full,
    /// Nothing: everyone who failed together comes back together.
    None,
}

crate::digestible! { struct Backoff { first, most, jitter } }
crate::digestible! { enum Jitter { 1 = Full, 2 = None } }

impl Backoff {
    /// From half a second to eight, as the SDKs of model providers have it, but with full jitter.
    #[must_use]
    pub const fn usual() -> Backoff {
        Backoff { first: millis(500), most: seconds(8), jitter: Jitter::Full }
    }

    /// How long to wait after so many failures in a row, from 1.
    #[must_use]
    pub fn wait(&self, failures: u32) -> RangeInclusive<Duration> {
        let longest = self.longest(failures);
        match self.jitter {
            Jitter::Full => Duration::ZERO..=longest,
            Jitter::None => longest..=longest,
        }
    }

    fn longest(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1);
        let times = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
        Duration((self.first * times).0.min(self.most.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn waits_grow_up_to_the_cap_and_never_beyond(
            first in 0_u64..1 << 40, most in 0_u64..1 << 40, failures in 1_u32..,
        ) {
            for jitter in [Jitter::Full, Jitter::None] {
                let backoff = Backoff { first: Duration(first), most: Duration(most), jitter };
                let (now, later) = (backoff.wait(failures), backoff.wait(failures.saturating_add(1)));
                prop_assert!(now.end() <= later.end() && later.end().0 <= most);
                prop_assert!(now.start() <= now.end());
            }
        }
    }
}
