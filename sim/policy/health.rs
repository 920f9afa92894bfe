//! Whether a participant may be given work: what four signs say together. Knows no network, no model and no reply.

use super::Detector;
use super::planted::Bug;
use crate::time::{Duration, Time, seconds};

/// Is this participant well? Its shell beats, its model makes progress, its replies fit their schema, and a second
/// agent agrees with them: four signs of four different things, and none vouches for another.
///
/// A heartbeat says nothing of a model that hangs, so a slow generation never makes its shell look dead, and a shell
/// that beats never makes a model look busy. Who fell ill otherwise than by silence gets no work for a while and is
/// then tried again.
///
/// ```
/// use synod::policy::{Condition, Detector, Health, Sign, Vitals};
/// use synod::time::{seconds, Time};
/// let now = Time::ZERO;
/// let mut health = Health::new(Vitals::usual(), Detector::fixed(seconds(3), now));
/// health.handed(now);
/// (1..=60).for_each(|second| health.heard(now + seconds(second)));
/// let later = now + seconds(60);
/// assert_eq!(health.condition(later), Condition::Stuck, "its shell beats, its model yields nothing");
/// health.told(later, Sign::Usable);
/// assert_eq!(health.condition(later), Condition::Well);
/// assert_eq!(health.condition(later + seconds(4)), Condition::Gone);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    vitals: Vitals,
    pulse: Detector,
    /// Since when its model owes something.
    owing: Option<Time>,
    unusable: u32,
    refuted: u32,
    rest: Option<Rest>,
    bug: Bug,
}

/// What makes a participant ill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vitals {
    /// How long its model may yield nothing while it has work.
    pub progress: Duration,
    /// So many replies in a row that cannot be used.
    pub unusable: u32,
    /// So many answers in a row that a second agent refutes.
    pub refuted: u32,
    /// How long it gets no work then.
    pub rest: Duration,
}

/// How a participant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It may be given work.
    Well,
    /// Its shell is not heard of: its work is for another, under a number that fences it off.
    Gone,
    /// Its shell beats and its model yields nothing.
    Stuck,
    /// Its replies cannot be used.
    Garbling,
    /// Others refute its answers.
    Refuted,
}

/// What is noticed of a participant's model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It yields something: a token of a reply that is not over, say.
    Progress,
    /// A reply came that fits its schema.
    Usable,
    /// A reply came that does not.
    Unusable,
    /// A second agent agrees with an answer.
    Confirmed,
    /// A second agent does not.
    Refuted,
    /// Its work was taken back and given to another.
    TakenBack,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rest {
    condition: Condition,
    until: Time,
}

crate::digestible! { struct Health { vitals, pulse, owing, unusable, refuted, rest, bug } }
crate::digestible! { struct Vitals { progress, unusable, refuted, rest } }
crate::digestible! { enum Condition { 1 = Well, 2 = Gone, 3 = Stuck, 4 = Garbling, 5 = Refuted } }
crate::digestible! { struct Rest { condition, until } }

impl Vitals {
    /// Half a minute without progress, which nineteen in twenty whole replies of measured chat models take less than;
    /// two useless replies in a row, since strict output is invalid once in a thousand; two refuted answers; and a
    /// minute of rest, as long as the usual outage of a provider's single model lasts at least.
    #[must_use]
    pub const fn usual() -> Vitals {
        Vitals { progress: seconds(30), unusable: 2, refuted: 2, rest: seconds(60) }
    }
}

impl Health {
    /// A participant of whom nothing is known but that this detector listens to its shell.
    ///
    /// # Panics
    /// If no reply at all makes it ill.
    #[must_use]
    pub const fn new(vitals: Vitals, pulse: Detector) -> Health {
        assert!(vitals.unusable > 0 && vitals.refuted > 0, "a participant falls ill by one bad reply at least");
        Health { vitals, pulse, owing: None, unusable: 0, refuted: 0, rest: None, bug: Bug::NONE }
    }

    /// The same with a bug.
    #[cfg(feature = "planted")]
    #[must_use]
    pub const fn planted(mut self, bug: super::Planted) -> Health {
        self.bug = Bug::of(bug);
        self
    }

    /// A heartbeat of its shell came.
    pub fn heard(&mut self, now: Time) {
        self.pulse.heard(now);
        if has!(self.bug, ShellVouches) {
            self.owing = self.owing.map(|_| now);
        }
    }

    /// Work was handed to its model.
    pub fn handed(&mut self, now: Time) {
        self.owing = Some(now);
    }

    /// Something was noticed of its model.
    pub fn told(&mut self, now: Time, sign: Sign) {
        match sign {
            Sign::Progress => self.owing = self.owing.map(|_| now),
            Sign::Usable => {
                self.owing = None;
                self.unusable = 0;
                self.recover(Condition::Garbling);
                self.recover(Condition::Stuck);
            }
            Sign::Unusable => {
                self.owing = None;
                self.unusable += u32::from(!has!(self.bug, ForgivesGarbage));
                if self.unusable >= self.vitals.unusable {
                    self.unusable = 0;
                    self.fall_ill(now, Condition::Garbling);
                }
            }
            Sign::Confirmed => {
                self.refuted = 0;
                self.recover(Condition::Refuted);
            }
            Sign::Refuted => {
                self.refuted += u32::from(!has!(self.bug, ForgivesRefuted));
                if self.refuted >= self.vitals.refuted {
                    self.refuted = 0;
                    self.fall_ill(now, Condition::Refuted);
                }
            }
            Sign::TakenBack => {
                self.owing = None;
                self.fall_ill(now, Condition::Stuck);
            }
        }
    }

    /// How it is now. Of several illnesses, the one that says most: silence, then a stuck model, then bad replies.
    #[must_use]
    pub fn condition(&self, now: Time) -> Condition {
        if self.pulse.suspects(now) {
            return Condition::Gone;
        }
        if self.owing.is_some_and(|since| now.since(since) >= self.vitals.progress) {
            return Condition::Stuck;
        }
        self.rest.filter(|rest| now < rest.until).map_or(Condition::Well, |rest| rest.condition)
    }

    /// Whether it may be given work now.
    #[must_use]
    pub fn is_well(&self, now: Time) -> bool {
        self.condition(now) == Condition::Well
    }

    fn fall_ill(&mut self, now: Time, condition: Condition) {
        self.rest = Some(Rest { condition, until: now + self.vitals.rest });
    }

    fn recover(&mut self, from: Condition) {
        self.rest = self.rest.filter(|rest| rest.condition != from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Copy, Debug)]
    enum Deed {
        Wait(u64),
        Beat,
        Hand,
        Tell(Sign),
    }

    fn deeds() -> impl Strategy<Value = Vec<Deed>> {
        let signs = vec![Sign::Progress, Sign::Usable, Sign::Unusable, Sign::Confirmed, Sign::Refuted, Sign::TakenBack];
        let deed = prop_oneof![
            (0_u64..20).prop_map(Deed::Wait),
            Just(Deed::Beat),
            Just(Deed::Hand),
            prop::sample::select(signs).prop_map(Deed::Tell),
        ];
        prop::collection::vec(deed, 0..80)
    }

    fn fresh() -> Health {
        Health::new(Vitals::usual(), Detector::fixed(seconds(1_000_000), Time::ZERO))
    }

    proptest! {
        #[test]
        fn a_beating_shell_changes_nothing_of_what_is_thought_of_its_model(deeds in deeds()) {
            let (mut beating, mut silent, mut now) = (fresh(), fresh(), Time::ZERO);
            for deed in deeds {
                match deed {
                    Deed::Wait(span) => now += seconds(span),
                    Deed::Beat => beating.heard(now),
                    Deed::Hand => [&mut beating, &mut silent].into_iter().for_each(|health| health.handed(now)),
                    Deed::Tell(sign) => {
                        [&mut beating, &mut silent].into_iter().for_each(|health| health.told(now, sign));
                    }
                }
                prop_assert_eq!(beating.condition(now), silent.condition(now));
            }
        }

        #[test]
        fn whoever_is_heard_of_is_never_gone_and_rests_no_longer_than_told(deeds in deeds()) {
            let mut health = Health::new(Vitals::usual(), Detector::fixed(seconds(3), Time::ZERO));
            let mut now = Time::ZERO;
            for deed in deeds {
                match deed {
                    Deed::Wait(span) => now += seconds(span),
                    Deed::Beat => {}
                    Deed::Hand => health.handed(now),
                    Deed::Tell(sign) => health.told(now, sign),
                }
                health.heard(now);
                prop_assert_ne!(health.condition(now), Condition::Gone);
            }
            health.told(now, Sign::Progress);
            let later = now + seconds(60);
            health.heard(later);
            prop_assert!(matches!(health.condition(later), Condition::Well | Condition::Stuck));
        }
    }

    #[test]
    fn two_useless_replies_in_a_row_make_ill_and_a_rest_makes_well() {
        let (mut health, now) = (fresh(), Time::ZERO);
        for sign in [Sign::Unusable, Sign::Usable, Sign::Unusable] {
            health.told(now, sign);
            assert!(health.is_well(now), "not two in a row");
        }
        health.told(now, Sign::Unusable);
        assert_eq!(health.condition(now), Condition::Garbling);
        health.told(now, Sign::Confirmed);
        assert_eq!(health.condition(now), Condition::Garbling, "one sign does not vouch for another");
        assert!(health.is_well(now + seconds(60)));
    }
}
