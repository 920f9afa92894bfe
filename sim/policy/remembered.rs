//! The last good answer, for when there is no better one. Knows no question.

use super::planted::Bug;
use crate::time::{Duration, Time};

/// An answer that was good once, with its age: better than none for so long, and not for longer.
///
/// ```
/// use synod::policy::Remembered;
/// use synod::time::{seconds, Time};
/// let mut weather = Remembered::for_at_most(seconds(60));
/// weather.keep(Time::ZERO, "rain");
/// assert_eq!(weather.recall(Time::ZERO + seconds(60)), Some(&"rain"));
/// assert_eq!(weather.recall(Time::ZERO + seconds(61)), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered<T> {
    longest: Duration,
    kept: Option<Kept<T>>,
    bug: Bug,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept<T> {
    at: Time,
    answer: T,
}

impl<T> Remembered<T> {
    /// Remembers nothing yet, and nothing for longer than this.
    #[must_use]
    pub const fn for_at_most(longest: Duration) -> Remembered<T> {
        Remembered { longest, kept: None, bug: Bug::NONE }
    }

    /// The same with a bug.
    #[cfg(feature = "planted")]
    #[must_use]
    pub fn planted(mut self, bug: super::Planted) -> Remembered<T> {
        self.bug = Bug::of(bug);
        self
    }

    /// An answer came that is good now.
    pub fn keep(&mut self, now: Time, answer: T) {
        match &mut self.kept {
            Some(kept) if has!(self.bug, KeepsFirst) => kept.at = now,
            kept => *kept = Some(Kept { at: now, answer }),
        }
    }

    /// The last one, if it is not too old.
    #[must_use]
    pub fn recall(&self, now: Time) -> Option<&T> {
        let fresh = |kept: &&Kept<T>| now.since(kept.at) <= self.longest || has!(self.bug, RecallsTooOld);
        self.kept.as_ref().filter(fresh).map(|kept| &kept.answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_older_than_it_may_be_is_recalled_and_nothing_but_the_last(
            longest in 0_u64..100, gaps in prop::collection::vec(0_u64..50, 1..20), wait in 0_u64..200,
        ) {
            let (mut memory, mut now) = (Remembered::for_at_most(Duration(longest)), Time::ZERO);
            prop_assert_eq!(memory.recall(now), None);
            for (number, gap) in gaps.iter().enumerate() {
                now += Duration(*gap);
                memory.keep(now, number);
            }
            let last = gaps.len() - 1;
            prop_assert_eq!(memory.recall(now + Duration(wait)), (wait <= longest).then_some(&last));
        }
    }
}
