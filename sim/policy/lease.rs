//! Claims of tasks that end by themselves, with numbers that fence off whoever claimed before. Knows no task.

use super::planted::Bug;
use crate::time::{Duration, Time};
use std::collections::BTreeMap;

/// Who claims which task until when. Each claim gets a greater number than all before; what is done under a claim
/// carries its number, and whoever does it refuses a number that is not the task's latest. So a holder that was
/// paused, lost its claim and wakes up can do no harm (Burrows 2006, Chubby's sequencers; Kleppmann 2016, "How to do
/// distributed locking").
///
/// ```
/// use synod::policy::Leases;
/// use synod::time::{seconds, Time};
/// let mut leases = Leases::new();
/// let (now, later) = (Time::ZERO, Time::ZERO + seconds(30));
/// let slow = leases.claim("task 1", now, seconds(20)).expect("free");
/// assert!(leases.claim("task 1", now, seconds(20)).is_err(), "taken");
/// let quick = leases.claim("task 1", later, seconds(20)).expect("the claim has ended");
/// assert!(quick > slow);
/// assert!(leases.admit("task 1", slow).is_err(), "fenced off");
/// assert!(leases.admit("task 1", quick).is_ok());
/// ```
///
/// Whoever keeps claims has them on disk before it gives one: a keeper that is started again and counts from 1 gives
/// numbers that others hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Leases {
    last: u64,
    claims: BTreeMap<String, Claim>,
    #[serde(skip)]
    bug: Bug,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Claim {
    token: Token,
    until: Time,
}

/// The number of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "simulator", derive(schemars::JsonSchema))]
pub struct Token(pub u64);

/// The task is claimed by somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is claimed under number {} for {left} yet", token.0)]
pub struct Held {
    /// The number of the claim.
    pub token: Token,
    /// How long it lasts yet.
    pub left: Duration,
}

/// The number is not that of the task's latest claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("number {} is not that of the latest claim", .0.0)]
pub struct Stale(pub Token);

impl Leases {
    /// No claims.
    #[must_use]
    pub fn new() -> Leases {
        Leases::default()
    }

    /// The same with a bug.
    #[cfg(feature = "planted")]
    #[must_use]
    pub fn planted(mut self, bug: super::Planted) -> Leases {
        self.bug = Bug::of(bug);
        self
    }

    /// Claims a task for so long.
    ///
    /// # Errors
    /// If somebody's claim still lasts.
    pub fn claim(&mut self, task: &str, now: Time, span: Duration) -> Result<Token, Held> {
        if let Some(Claim { token, until }) =
            self.claims.get(task).filter(|claim| now < claim.until && !has!(self.bug, ClaimsTwice))
        {
            return Err(Held { token: *token, left: until.since(now) });
        }
        if !has!(self.bug, SameToken) || self.last == 0 {
            self.last += 1;
        }
        let token = Token(self.last);
        self.claims.insert(task.to_owned(), Claim { token, until: now + span });
        Ok(token)
    }

    /// Whether something done under this number may be done: it is that of the task's latest claim. A claim whose time
    /// is over still counts until there is another: nobody else is at it.
    ///
    /// # Errors
    /// If it is not.
    pub fn admit(&self, task: &str, token: Token) -> Result<(), Stale> {
        let latest = self.claims.get(task).is_some_and(|claim| claim.token == token);
        if latest { Ok(()) } else { Err(Stale(token)) }
    }

    /// Lengthens a claim to so long from now.
    ///
    /// # Errors
    /// If another claim came after it.
    pub fn renew(&mut self, task: &str, token: Token, now: Time, span: Duration) -> Result<(), Stale> {
        self.admit(task, token)?;
        if let Some(claim) = self.claims.get_mut(task) {
            claim.until = now + span;
        }
        Ok(())
    }

    /// Ends a claim. A stale number ends nothing.
    pub fn release(&mut self, task: &str, token: Token, now: Time) {
        if let Some(claim) = self.claims.get_mut(task).filter(|claim| claim.token == token) {
            claim.until = claim.until.min(now);
        }
    }
}

/// Guards a resource that claims are about: it admits only what comes under the greatest number it has seen of a task.
/// It needs to know no claim and no clock.
///
/// ```
/// use synod::policy::{Fence, Token};
/// let mut fence = Fence::default();
/// assert!(fence.admit("task 1", Token(2)).is_ok());
/// assert!(fence.admit("task 1", Token(1)).is_err(), "a holder that woke up too late");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fence {
    seen: BTreeMap<String, Token>,
    bug: Bug,
}

impl Fence {
    /// The same with a bug.
    #[cfg(feature = "planted")]
    #[must_use]
    pub fn planted(mut self, bug: super::Planted) -> Fence {
        self.bug = Bug::of(bug);
        self
    }

    /// Whether something may be done under this number, which is remembered.
    ///
    /// # Errors
    /// If a greater one was seen.
    pub fn admit(&mut self, task: &str, token: Token) -> Result<(), Stale> {
        let greatest = self.seen.get(task).is_none_or(|seen| *seen <= token);
        if !greatest && !has!(self.bug, TakesAnyToken) {
            return Err(Stale(token));
        }
        if !has!(self.bug, ForgetsSeen) {
            self.seen.insert(task.to_owned(), token);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::seconds;
    use proptest::prelude::*;

    #[derive(Clone, Copy, Debug)]
    enum Deed {
        Claim(usize),
        Admit(usize, usize),
        Renew(usize, usize),
        Release(usize, usize),
        Wait(u64),
        /// The keeper is started again from what it wrote down.
        Restart,
    }

    fn deeds() -> impl Strategy<Value = Vec<Deed>> {
        let deed = prop_oneof![
            (0_usize..3).prop_map(Deed::Claim),
            (0_usize..3, 0_usize..20).prop_map(|(task, token)| Deed::Admit(task, token)),
            (0_usize..3, 0_usize..20).prop_map(|(task, token)| Deed::Renew(task, token)),
            (0_usize..3, 0_usize..20).prop_map(|(task, token)| Deed::Release(task, token)),
            (0_u64..9).prop_map(Deed::Wait),
            Just(Deed::Restart),
        ];
        prop::collection::vec(deed, 0..120)
    }

    proptest! {
        #[test]
        fn numbers_grow_and_only_the_latest_of_a_task_is_admitted(deeds in deeds()) {
            let mut leases = Leases::new();
            let (mut now, mut given) = (Time::ZERO, Vec::<(usize, Token)>::new());
            for deed in deeds {
                let names = ["x", "y", "z"];
                match deed {
                    Deed::Wait(span) => now += seconds(span),
                    Deed::Restart => {
                        let written = serde_json::to_string(&leases).expect("claims have a JSON form");
                        let read: Leases = serde_json::from_str(&written).expect("what was written can be read");
                        prop_assert_eq!(&read, &leases);
                        leases = read;
                    }
                    Deed::Claim(task) => if let Ok(token) = leases.claim(names[task], now, seconds(10)) {
                        prop_assert!(given.iter().all(|(_, earlier)| *earlier < token));
                        given.push((task, token));
                    },
                    Deed::Admit(task, which) | Deed::Renew(task, which) | Deed::Release(task, which) => {
                        let Some((_, token)) = given.get(which).copied() else { continue };
                        let last = given.iter().rev().find(|(of, _)| *of == task);
                        let latest = last.is_some_and(|(_, last)| *last == token);
                        match deed {
                            Deed::Renew(..) => {
                                prop_assert_eq!(leases.renew(names[task], token, now, seconds(10)).is_ok(), latest);
                            }
                            Deed::Release(..) => leases.release(names[task], token, now),
                            _ => prop_assert_eq!(leases.admit(names[task], token).is_ok(), latest),
                        }
                    }
                }
            }
        }
    }
}
