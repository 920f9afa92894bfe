//! A circuit breaker. Knows no call: it is asked before each one and told after it.

use super::planted::Bug;
use crate::fact::Circuit;
use crate::time::{Duration, Time, seconds};

/// Stops calling what fails: closed, open, half-open (Nygard, "Release It!", 2007, section 5.2).
///
/// Closed, all calls pass; so many failures in a row open it. Open, all are refused for a while. Then one single call,
/// the probe, decides: it closes the breaker or opens it again, however long it takes, so every call that passed has to
/// be reported, one that nobody waits for any more as ended badly. The ends of calls that passed before the breaker
/// last switched decide nothing.
///
/// ```
/// use synod::policy::{Admission, Breaker, Circuit, Ended};
/// use synod::time::{seconds, Time};
/// let mut breaker = Breaker::new(1, seconds(5));
/// let Admission::Passes(pass) = breaker.admit(Time::ZERO) else { panic!("closed") };
/// breaker.ended(Time::ZERO, pass, Ended::Badly);
/// assert_eq!(breaker.admit(Time::ZERO), Admission::Refused { wait: seconds(5) });
/// let later = Time::ZERO + seconds(5);
/// let Admission::Passes(probe) = breaker.admit(later) else { panic!("half-open") };
/// assert!(matches!(breaker.admit(later), Admission::Refused { .. }), "one probe is enough");
/// breaker.ended(later, probe, Ended::Well);
/// assert_eq!(breaker.circuit(), Circuit::Closed);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// Failures in a row that open it.
    failures: u32,
    /// How long it stays open.
    cooling: Duration,
    state: State,
    /// How often it switched: passes of earlier states decide nothing.
    epoch: u64,
    bug: Bug,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed {
        failed: u32,
    },
    Open {
        until: Time,
    },
    /// The probe is out. It takes until then, one may suppose.
    HalfOpen {
        until: Time,
    },
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may be made; its end is to be reported under this pass.
    Passes(Pass),
    /// It may not.
    Refused {
        /// After how long it is worth asking again.
        wait: Duration,
    },
}

/// The right to one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass {
    epoch: u64,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The other side works.
    Well,
    /// It does not.
    Badly,
}

crate::digestible! { struct Breaker { failures, cooling, state, epoch, bug } }
crate::digestible! { enum State { 1 = Closed { failed }, 2 = Open { until }, 3 = HalfOpen { until } } }
crate::digestible! { struct Pass { epoch } }

impl Breaker {
    /// A closed breaker that opens after so many failures in a row and stays open for so long.
    ///
    /// # Panics
    /// If it would open without a failure.
    #[must_use]
    pub const fn new(failures: u32, cooling: Duration) -> Breaker {
        assert!(failures > 0, "a breaker opens after one failure at least");
        Breaker { failures, cooling, state: State::Closed { failed: 0 }, epoch: 0, bug: Bug::NONE }
    }

    /// Five failures, half a minute: the usual defaults of breaker libraries lie around these.
    #[must_use]
    pub const fn usual() -> Breaker {
        Breaker::new(5, seconds(30))
    }

    /// The same with a bug.
    #[cfg(feature = "planted")]
    #[must_use]
    pub const fn planted(mut self, bug: super::Planted) -> Breaker {
        self.bug = Bug::of(bug);
        self
    }

    /// Its state as it was when it was last asked or told something.
    #[must_use]
    pub const fn circuit(&self) -> Circuit {
        match self.state {
            State::Closed { .. } => Circuit::Closed,
            State::Open { .. } => Circuit::Open,
            State::HalfOpen { .. } => Circuit::HalfOpen,
        }
    }

    /// Whether a call may be made now.
    pub fn admit(&mut self, now: Time) -> Admission {
        match self.state {
            State::Closed { .. } => self.pass(),
            State::Open { until } if now >= until => {
                self.switch(State::HalfOpen { until: now + self.cooling });
                self.pass()
            }
            State::HalfOpen { .. } if has!(self.bug, EveryoneProbes) => self.pass(),
            State::Open { .. } if has!(self.bug, OpenLeaks) => self.pass(),
            State::HalfOpen { until } if now >= until => Admission::Refused { wait: self.cooling },
            State::Open { until } | State::HalfOpen { until } => Admission::Refused { wait: until.since(now) },
        }
    }

    /// A call that passed has ended.
    pub fn ended(&mut self, now: Time, pass: Pass, ended: Ended) {
        if pass.epoch != self.epoch {
            return;
        }
        match (self.state, ended) {
            (State::Closed { .. }, Ended::Well) => self.state = State::Closed { failed: 0 },
            (State::Closed { failed }, Ended::Badly) if failed + 1 < self.failures => {
                self.state = State::Closed { failed: failed + 1 };
            }
            (State::HalfOpen { .. }, Ended::Well) => self.switch(State::Closed { failed: 0 }),
            (State::Closed { .. } | State::HalfOpen { .. }, Ended::Badly) => {
                self.switch(State::Open { until: now + self.cooling });
            }
            // No call passes an open breaker, so none ends there.
            (State::Open { .. }, _) => {}
        }
    }

    fn switch(&mut self, state: State) {
        self.state = state;
        self.epoch += 1;
    }

    fn pass(&self) -> Admission {
        Admission::Passes(Pass { epoch: self.epoch })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Copy, Debug)]
    enum Deed {
        Ask,
        End(usize, Ended),
        Wait(u64),
    }

    fn deeds() -> impl Strategy<Value = Vec<Deed>> {
        let ended = prop_oneof![Just(Ended::Well), Just(Ended::Badly)];
        let deed = prop_oneof![
            3 => Just(Deed::Ask),
            3 => (0_usize..8, ended).prop_map(|(which, ended)| Deed::End(which, ended)),
            1 => (0_u64..4).prop_map(Deed::Wait),
        ];
        prop::collection::vec(deed, 0..200)
    }

    proptest! {
        #[test]
        fn a_breaker_never_lets_two_probes_through_and_nothing_while_open(failures in 1_u32..4, deeds in deeds()) {
            let mut breaker = Breaker::new(failures, seconds(3));
            let mut now = Time::ZERO;
            let mut passes: Vec<Pass> = Vec::new();
            let mut opened = None;
            let mut probing = false;
            for deed in deeds {
                let before = breaker.circuit();
                match deed {
                    Deed::Wait(span) => now += seconds(span),
                    Deed::End(which, ended) if which < passes.len() => {
                        breaker.ended(now, passes.swap_remove(which), ended);
                    }
                    Deed::End(..) => {}
                    Deed::Ask => {
                        if let Admission::Passes(pass) = breaker.admit(now) {
                            passes.push(pass);
                            match breaker.circuit() {
                                Circuit::Closed => {}
                                Circuit::Open => prop_assert!(false, "a call passed an open breaker"),
                                Circuit::HalfOpen => {
                                    prop_assert!(opened.is_some_and(|then: Time| now >= then + seconds(3)));
                                    prop_assert!(!probing, "two probes");
                                    probing = true;
                                }
                            }
                        }
                    }
                }
                if before != breaker.circuit() && breaker.circuit() != Circuit::HalfOpen {
                    probing = false;
                    opened = (breaker.circuit() == Circuit::Open).then_some(now);
                }
            }
        }
    }

    #[test]
    fn an_answer_from_before_it_opened_does_not_close_it() {
        let mut breaker = Breaker::new(1, seconds(5));
        let mut pass = || match breaker.admit(Time::ZERO) {
            Admission::Passes(pass) => pass,
            Admission::Refused { .. } => unreachable!("it is closed"),
        };
        let (slow, quick) = (pass(), pass());
        breaker.ended(Time::ZERO, quick, Ended::Badly);
        breaker.ended(Time::ZERO, slow, Ended::Well);
        assert_eq!(breaker.circuit(), Circuit::Open);
        let later = Time::ZERO + seconds(5);
        assert!(matches!(breaker.admit(later), Admission::Passes(_)));
        breaker.ended(later, slow, Ended::Well);
        assert_eq!(breaker.circuit(), Circuit::HalfOpen, "only the probe decides");
    }
}
