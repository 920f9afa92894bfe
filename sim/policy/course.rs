//! One request from its begin to its end: tries, waits, fallbacks, all before a deadline. Knows no work: it is told
//! how each try ended and says what to do next.

use super::planted::Bug;
use super::{Again, Budget, Class, Deadline, Retry, Stop, Wording};
use crate::time::{Duration, Time, seconds};
use std::ops::RangeInclusive;

/// What is to be done about one request: rungs of a ladder, the best first, each with its own retries, and the time for
/// all of it. Tries of the first rungs should leave time for the last: at the deadline it is over, whatever is left to
/// try.
///
/// ```
/// use synod::policy::{Class, Course, Move, Plan, Retry, Try, Wording};
/// use synod::time::{seconds, Time};
/// let plan = Plan::new(Retry::times(2)).fallback(Retry::never()).within(seconds(30)).each(seconds(20));
/// let mut now = Time::ZERO;
/// let mut course = Course::new(plan, now);
/// let first = Try { rung: 0, number: 1, within: seconds(20), wording: Wording::Same };
/// assert_eq!(course.next(now), Move::Try(first));
/// now += seconds(20);
/// let Move::Wait(range) = course.failed(now, Class::Unusable, None) else { panic!("tries again") };
/// now += *range.end();
/// let Move::Try(second) = course.next(now) else { panic!("tries again") };
/// assert_eq!((second.rung, second.number, second.wording), (0, 2, Wording::Other));
/// assert_eq!(now + second.within, Time::ZERO + seconds(30), "what is left of the deadline");
/// let Move::Try(last) = course.failed(now, Class::Unusable, None) else { panic!("falls back") };
/// assert_eq!((last.rung, last.number), (1, 1));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    rungs: Vec<Retry>,
    span: Option<Duration>,
    each: Duration,
    bug: Bug,
}

/// A request under a plan. Who drives it performs its moves and tells it of each try's failure; after a success it is
/// dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    plan: Plan,
    began: Time,
    rung: usize,
    tried: u32,
    wording: Wording,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// Make this try.
    Try(Try),
    /// Wait for a span drawn uniformly from this range, then ask for the [next](Course::next) move.
    Wait(RangeInclusive<Duration>),
    /// Give up, for the reason of the last rung.
    GiveUp(Stop),
}

/// One try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Try {
    /// Which rung of the ladder, from 0, the best.
    pub rung: usize,
    /// Which try on this rung, from 1.
    pub number: u32,
    /// How long it may take.
    pub within: Duration,
    /// In which words.
    pub wording: Wording,
}

crate::digestible! { struct Plan { rungs, span, each, bug } }
crate::digestible! { struct Course { plan, began, rung, tried, wording } }
crate::digestible! { struct Try { rung, number, within, wording } }

impl Plan {
    /// A plan of one rung without a deadline. A try may take a minute.
    #[must_use]
    pub fn new(retry: Retry) -> Plan {
        Plan { rungs: vec![retry], span: None, each: seconds(60), bug: Bug::NONE }
    }

    /// The plan with one more rung, taken when the ones before have failed.
    #[must_use]
    pub fn fallback(mut self, retry: Retry) -> Plan {
        self.rungs.push(retry);
        self
    }

    /// The plan with another retry policy for its first rung.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Plan {
        self.rungs[0] = retry;
        self
    }

    /// The plan with a deadline for all of it.
    #[must_use]
    pub fn within(mut self, span: Duration) -> Plan {
        self.span = Some(span);
        self
    }

    /// The plan in which a try may take so long.
    #[must_use]
    pub fn each(mut self, span: Duration) -> Plan {
        self.each = span;
        self
    }

    /// The plan with a bug.
    #[cfg(feature = "planted")]
    #[must_use]
    pub fn planted(mut self, bug: super::Planted) -> Plan {
        self.bug = Bug::of(bug);
        self
    }

    /// How many rungs it has.
    #[must_use]
    pub fn rungs(&self) -> usize {
        self.rungs.len()
    }
}

impl Course {
    /// A request that begins now.
    #[must_use]
    pub fn new(plan: Plan, now: Time) -> Course {
        Course { plan, began: now, rung: 0, tried: 0, wording: Wording::Same }
    }

    /// The instant by which it is over, if its plan has one.
    #[must_use]
    pub fn deadline(&self) -> Option<Deadline> {
        self.plan.span.map(|span| Deadline::within(self.began, span))
    }

    /// The next try, or the end: what to do first, and after each wait.
    pub fn next(&mut self, now: Time) -> Move {
        let afresh = has!(self.plan.bug, DeadlineStartsAfresh);
        let within = match self.deadline() {
            Some(deadline) if !afresh => deadline.share(now, self.plan.each),
            _ => self.plan.each,
        };
        if within == Duration::ZERO {
            return Move::GiveUp(Stop::OutOfTime);
        }
        self.tried += 1;
        Move::Try(Try { rung: self.rung, number: self.tried, within, wording: self.wording })
    }

    /// The last try failed so.
    pub fn failed(&mut self, now: Time, class: Class, budget: Option<&mut Budget>) -> Move {
        let deadline = self.deadline();
        match self.plan.rungs[self.rung].after(self.tried, class, now, deadline, budget) {
            Again::After { wait, wording } => {
                if wording != Wording::Same {
                    self.wording = wording;
                }
                Move::Wait(wait)
            }
            Again::Never(stop) => self.fall_back(now, stop),
        }
    }

    fn fall_back(&mut self, now: Time, stop: Stop) -> Move {
        // What may have happened must not happen again, on whatever rung.
        let last = self.rung + 1 >= self.plan.rungs.len() || stop == Stop::MayHaveHappened;
        if last || has!(self.plan.bug, StopsAtFirstRung) {
            return Move::GiveUp(stop);
        }
        self.rung += 1;
        if has!(self.plan.bug, SkipsRung) {
            self.rung += 1;
            if self.rung >= self.plan.rungs.len() {
                return Move::GiveUp(stop);
            }
        }
        self.tried = 0;
        self.wording = Wording::Same;
        self.next(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::millis;
    use proptest::prelude::*;

    fn class(number: u8) -> Class {
        [Class::Busy { after: Some(millis(700)) }, Class::Failed, Class::Unsure, Class::Unusable, Class::Permanent]
            [usize::from(number % 5)]
    }

    proptest! {
        #[test]
        fn a_course_ends_by_its_deadline_and_after_its_tries_whatever_happens(
            rungs in prop::collection::vec(1_u32..5, 1..4),
            span in 1_u64..60, each in 1_u64..40,
            fates in prop::collection::vec((0_u8..5, 0_u64..100, 0_u64..100), 40),
        ) {
            let mut plan = Plan::new(Retry::times(rungs[0])).within(seconds(span)).each(seconds(each));
            for tries in &rungs[1..] {
                plan = plan.fallback(Retry::times(*tries));
            }
            let end = Time::ZERO + seconds(span);
            let (mut now, mut tries) = (Time::ZERO, 0_u32);
            let mut course = Course::new(plan, now);
            let mut step = course.next(now);
            for (fate, took, waited) in fates {
                match step {
                    Move::GiveUp(_) => break,
                    Move::Wait(range) => {
                        prop_assert!(now + *range.end() < end);
                        now += *range.start() + Duration((range.end().0 - range.start().0) * waited / 100);
                        step = course.next(now);
                    }
                    Move::Try(Try { within, .. }) => {
                        tries += 1;
                        prop_assert!(now + within <= end);
                        now += Duration(within.0 * took / 100);
                        step = course.failed(now, class(fate), None);
                    }
                }
            }
            prop_assert!(tries <= rungs.iter().sum::<u32>() && now <= end);
        }
    }

    /// What a pure protocol keeps as a part of its state.
    fn is_state<T: Clone + std::fmt::Debug + Eq + crate::digest::Digest>(_: &T) {}

    #[test]
    fn a_protocol_can_keep_its_policies_in_its_state() {
        is_state(&Course::new(Plan::new(Retry::never()), Time::ZERO));
        is_state(&Budget::new(10, 1));
        is_state(&crate::policy::Breaker::usual());
    }

    #[test]
    fn what_may_have_happened_is_not_tried_on_another_rung() {
        let mut course = Course::new(Plan::new(Retry::times(3).once_only()).fallback(Retry::never()), Time::ZERO);
        let _ = course.next(Time::ZERO);
        assert_eq!(course.failed(Time::ZERO, Class::Unsure, None), Move::GiveUp(Stop::MayHaveHappened));
    }
}
