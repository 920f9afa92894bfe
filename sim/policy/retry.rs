//! Whether to try again, when, and in which words. Knows what kind of failure it was and nothing of the work.

use super::planted::Bug;
use super::{Backoff, Budget, Class, Deadline};
use crate::time::{Duration, Time, seconds};
use std::ops::RangeInclusive;

/// Tries again what may succeed, and nothing else.
///
/// ```
/// use synod::policy::{Again, Class, Retry, Stop, Wording};
/// use synod::time::{millis, seconds, Time};
/// let retry = Retry::times(3);
/// let now = Time::ZERO;
/// let first = retry.after(1, Class::Busy { after: None }, now, None, None);
/// assert_eq!(first, Again::After { wait: millis(0)..=millis(500), wording: Wording::Same });
/// assert_eq!(retry.after(3, Class::Failed, now, None, None), Again::Never(Stop::OutOfTries));
/// assert_eq!(retry.after(1, Class::Permanent, now, None, None), Again::Never(Stop::Permanent));
/// let once = retry.once_only();
/// assert_eq!(once.after(1, Class::Unsure, now, None, None), Again::Never(Stop::MayHaveHappened));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    tries: u32,
    backoff: Backoff,
    longest: Duration,
    work: Repeatable,
    rewords: Rewords,
    bug: Bug,
}

/// After which failures other words are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rewords {
    Never,
    /// After an answer that could not be used.
    Unusable,
    /// After every failure.
    Always,
}

/// Whether work may be done twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeatable {
    /// Twice is as good as once: it has no effect, or carries an idempotency key.
    Idempotent,
    /// Once too often is once too often.
    OnceOnly,
}

/// In which words to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// In the same.
    Same,
    /// In others, because of an answer that could not be used. How often a model fails on a task depends on the task
    /// first and on the words second: the same words mostly get the same answer.
    Other,
    /// In fewer, because no answer came: what was too much to answer in time, or came upon an outage, may be less.
    Plainer,
}

/// What to do after a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Again {
    /// Try once more after a span of this range, drawn uniformly.
    After {
        /// The range.
        wait: RangeInclusive<Duration>,
        /// In which words.
        wording: Wording,
    },
    /// Give up.
    Never(Stop),
}

/// Why not to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The same request fails again.
    #[error("it would fail again")]
    Permanent,
    /// It was tried often enough.
    #[error("it was tried as often as it may be")]
    OutOfTries,
    /// What is left of the deadline is too short.
    #[error("there is no time left")]
    OutOfTime,
    /// All retries together are as many as they may be.
    #[error("the retries that callers share are used up")]
    OutOfBudget,
    /// It may have had its effect, which must not come twice.
    #[error("it may have had its effect, which must not come twice")]
    MayHaveHappened,
    /// The other side asks for more patience than there is.
    #[error("the other side asks to wait for too long")]
    AskedTooLong,
}

crate::digestible! { struct Retry { tries, backoff, longest, work, rewords, bug } }
crate::digestible! { enum Rewords { 1 = Never, 2 = Unusable, 3 = Always } }
crate::digestible! { enum Repeatable { 1 = Idempotent, 2 = OnceOnly } }
crate::digestible! { enum Wording { 1 = Same, 2 = Other, 3 = Plainer } }
crate::digestible! { enum Stop {
    1 = Permanent, 2 = OutOfTries, 3 = OutOfTime, 4 = OutOfBudget, 5 = MayHaveHappened, 6 = AskedTooLong
} }

impl Retry {
    /// At most so many tries of work that may be repeated, the first included, with the usual backoff.
    ///
    /// A `retry-after` beyond a minute is not waited for: one of the two usual SDKs has that bound, the other twice as
    /// much.
    #[must_use]
    pub const fn times(tries: u32) -> Retry {
        let (backoff, longest) = (Backoff::usual(), seconds(60));
        let (work, rewords) = (Repeatable::Idempotent, Rewords::Unusable);
        Retry { tries, backoff, longest, work, rewords, bug: Bug::NONE }
    }

    /// One try.
    #[must_use]
    pub const fn never() -> Retry {
        Retry::times(1)
    }

    /// The same with this backoff.
    #[must_use]
    pub const fn backoff(mut self, backoff: Backoff) -> Retry {
        self.backoff = backoff;
        self
    }

    /// The same for work that must not be done twice: it is repeated only if it certainly had no effect.
    #[must_use]
    pub const fn once_only(mut self) -> Retry {
        self.work = Repeatable::OnceOnly;
        self
    }

    /// The same, asking in the same words again even if an answer could not be used.
    #[must_use]
    pub const fn verbatim(mut self) -> Retry {
        self.rewords = Rewords::Never;
        self
    }

    /// The same, asking in other words after every failure, not only after an answer that could not be used: what was
    /// not answered in time, or not at all, is asked for in plainer ones.
    #[must_use]
    pub const fn rephrased(mut self) -> Retry {
        self.rewords = Rewords::Always;
        self
    }

    /// The same with a bug.
    #[cfg(feature = "planted")]
    #[must_use]
    pub const fn planted(mut self, bug: super::Planted) -> Retry {
        self.bug = Bug::of(bug);
        self
    }

    /// What to do after the last of so many tries failed so, with this deadline and this budget, if any. A retry is
    /// paid for at once.
    #[must_use]
    pub fn after(
        &self,
        tried: u32,
        class: Class,
        now: Time,
        deadline: Option<Deadline>,
        budget: Option<&mut Budget>,
    ) -> Again {
        if class == Class::Permanent && !has!(self.bug, RetriesPermanent) {
            return Again::Never(Stop::Permanent);
        }
        let harmless = self.work == Repeatable::Idempotent || class.is_without_effect();
        if !harmless && !has!(self.bug, RepeatsOnceOnly) {
            return Again::Never(Stop::MayHaveHappened);
        }
        if tried >= self.tries {
            return Again::Never(Stop::OutOfTries);
        }
        let wait = match self.wait(tried, class, now, deadline) {
            Ok(wait) => wait,
            Err(stop) => return Again::Never(stop),
        };
        let paid = has!(self.bug, IgnoresBudget) || budget.is_none_or(Budget::take);
        if !paid {
            return Again::Never(Stop::OutOfBudget);
        }
        Again::After { wait, wording: self.wording(class) }
    }

    fn wording(&self, class: Class) -> Wording {
        match (self.rewords, class) {
            (Rewords::Unusable | Rewords::Always, Class::Unusable) => Wording::Other,
            (Rewords::Always, _) if !has!(self.bug, SaysItAgain) => Wording::Plainer,
            _ => Wording::Same,
        }
    }

    fn wait(
        &self,
        tried: u32,
        class: Class,
        now: Time,
        deadline: Option<Deadline>,
    ) -> Result<RangeInclusive<Duration>, Stop> {
        let mut range = self.backoff.wait(tried.max(1));
        if has!(self.bug, NoJitter) {
            range = *range.end()..=*range.end();
        }
        if has!(self.bug, NoWait) {
            range = Duration::ZERO..=Duration::ZERO;
        }
        if let Class::Busy { after: Some(asked) } = class {
            if asked > self.longest {
                return Err(Stop::AskedTooLong);
            }
            // Everyone who was turned away was told the same: the jitter comes on top.
            range = asked + *range.start()..=asked + *range.end();
        }
        let Some(left) = deadline.map(|deadline| deadline.left(now)) else { return Ok(range) };
        if has!(self.bug, WaitsPastDeadline) {
            return Ok(range);
        }
        // A try that begins at the deadline has no time.
        if *range.start() >= left {
            return Err(Stop::OutOfTime);
        }
        let last = Duration(left.0 - 1);
        Ok(*range.start()..=(*range.end()).min(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn classes() -> impl Strategy<Value = Class> {
        let after = prop::option::of(0_u64..120_000_000_000).prop_map(|after| after.map(Duration));
        prop_oneof![
            after.prop_map(|after| Class::Busy { after }),
            Just(Class::Failed),
            Just(Class::Unsure),
            Just(Class::Unusable),
            Just(Class::Permanent),
        ]
    }

    proptest! {
        #[test]
        fn a_retry_begins_before_its_deadline_and_not_before_it_was_asked_to(
            tries in 1_u32..9, tried in 1_u32..12, class in classes(), left in 0_u64..100_000_000_000,
        ) {
            let now = Time::ZERO + seconds(5);
            let deadline = Deadline::within(now, Duration(left));
            let retry = Retry::times(tries);
            if let Again::After { wait, .. } = retry.after(tried, class, now, Some(deadline), None) {
                prop_assert!(tried < tries && class != Class::Permanent);
                prop_assert!(wait.start() <= wait.end());
                prop_assert!(now + *wait.end() < deadline.at());
                if let Class::Busy { after: Some(asked) } = class {
                    prop_assert!(*wait.start() >= asked);
                }
            }
        }

        #[test]
        fn work_that_must_not_be_done_twice_is_repeated_only_without_effect(tried in 1_u32..5, class in classes()) {
            let again = Retry::times(9).once_only().after(tried, class, Time::ZERO, None, None);
            if matches!(again, Again::After { .. }) {
                prop_assert!(class.is_without_effect());
            }
        }
    }

    #[test]
    fn only_an_answer_that_cannot_be_used_asks_for_other_words() {
        let wording = |retry: Retry, class| match retry.after(1, class, Time::ZERO, None, None) {
            Again::After { wording, .. } => Some(wording),
            Again::Never(_) => None,
        };
        assert_eq!(wording(Retry::times(2), Class::Unusable), Some(Wording::Other));
        assert_eq!(wording(Retry::times(2).verbatim(), Class::Unusable), Some(Wording::Same));
        assert_eq!(wording(Retry::times(2), Class::Unsure), Some(Wording::Same));
    }

    #[test]
    fn whoever_rephrases_asks_in_other_words_after_every_failure() {
        let classes = [Class::Busy { after: None }, Class::Failed, Class::Unsure, Class::Unusable];
        let wording = |class| match Retry::times(2).rephrased().after(1, class, Time::ZERO, None, None) {
            Again::After { wording, .. } => wording,
            Again::Never(stop) => panic!("{stop}"),
        };
        let [busy, failed, unsure, unusable] = classes.map(wording);
        assert_eq!([busy, failed, unsure], [Wording::Plainer; 3]);
        assert_eq!(unusable, Wording::Other);
    }

    #[test]
    fn a_retry_that_is_not_paid_for_is_not_made() {
        let mut budget = Budget::new(10, 1);
        let mut again = || Retry::times(9).after(1, Class::Failed, Time::ZERO, None, Some(&mut budget));
        assert!(matches!(again(), Again::After { .. }));
        assert_eq!(again(), Again::Never(Stop::OutOfBudget));
    }

    #[test]
    fn a_long_retry_after_is_not_waited_for() {
        let class = Class::Busy { after: Some(seconds(61)) };
        assert_eq!(Retry::times(9).after(1, class, Time::ZERO, None, None), Again::Never(Stop::AskedTooLong));
    }
}
