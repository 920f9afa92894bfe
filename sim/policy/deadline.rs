//! The instant by which a request is worth something. Knows no clock: whoever asks says what time it is.

use crate::time::{Duration, Time};

/// A deadline that travels with its request: every try, wait and sub-request fits into what is left of it.
///
/// What travels is the span that is left, not the instant: clocks of two nodes differ. (So does gRPC's `grpc-timeout`.)
///
/// ```
/// use synod::policy::Deadline;
/// use synod::time::{seconds, Time};
/// let now = Time::ZERO + seconds(100);
/// let mine = Deadline::within(now, seconds(30));
/// let later = now + seconds(20);
/// assert_eq!(mine.left(later), seconds(10));
/// assert_eq!(mine.share(later, seconds(60)), seconds(10), "a try that may take a minute has ten seconds left");
/// // A helper whose clock is an hour ahead is told what is left.
/// let there = later + seconds(3_600);
/// assert_eq!(Deadline::within(there, mine.left(later)).left(there), seconds(10));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline {
    at: Time,
}

crate::digestible! { struct Deadline { at } }

impl Deadline {
    /// So long from now.
    #[must_use]
    pub fn within(now: Time, span: Duration) -> Deadline {
        Deadline { at: now + span }
    }

    /// The instant, by the clock that set it.
    #[must_use]
    pub const fn at(self) -> Time {
        self.at
    }

    /// What is left of it; nothing once it is over.
    #[must_use]
    pub const fn left(self, now: Time) -> Duration {
        self.at.since(now)
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_over(self, now: Time) -> bool {
        now >= self.at
    }

    /// A span, cut down to what is left.
    #[must_use]
    pub fn share(self, now: Time, span: Duration) -> Duration {
        span.min(self.left(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_share_never_ends_after_the_deadline(
            set in 0_u64..1 << 50, span in 0_u64..1 << 50, now in 0_u64..1 << 51, want: u64,
        ) {
            let deadline = Deadline::within(Time(set), Duration(span));
            let now = Time(now);
            let share = deadline.share(now, Duration(want));
            prop_assert!(share == Duration::ZERO || now + share <= deadline.at());
            prop_assert_eq!(deadline.is_over(now), deadline.left(now) == Duration::ZERO);
        }
    }
}
