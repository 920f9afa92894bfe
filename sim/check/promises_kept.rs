//! Promises kept: no acceptor votes below its promise, in whatever life. Reads what acceptors promise and accept.

use super::dense::{Dense, key_of};
use super::online::{Observe, Online, Seen, decisive, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Event, History};

/// No member accepts or promises a ballot below one it promised or accepted in before. Twin on operations:
/// [`ClientAgreement`](super::ClientAgreement).
///
/// A promise outlives the process that made it: a restart excuses nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct PromisesKept;

impl PromisesKept {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "promises_kept",
        about: "no acceptor promises or accepts a ballot below an earlier promise, across restarts",
        source: "Lamport: Paxos Made Simple (2001), section 2.2, P1a",
        kind: PropertyKind::Safety,
    };
}

impl Check for PromisesKept {
    fn property(&self) -> Property {
        PromisesKept::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for PromisesKept {
    type State = Promises;

    fn begin(&self) -> Promises {
        Promises::default()
    }
}

/// The highest ballot each acceptor took part in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Promises {
    by_node: Dense<Promise>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Promise {
    ballot: u64,
    fact: Fact,
    by: Seen,
}

decisive!(Promises { by_node });
decisive!(Promise { ballot });

impl Observe for Promises {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let Event::Fact(fact) = &entry.event else { return None };
        let (Fact::Promised { ballot } | Fact::Accepted { ballot, .. }) = fact else { return None };
        self.judged += 1;
        let now = || Promise { ballot: *ballot, fact: fact.clone(), by: Seen::of(place, entry) };
        let highest = self.by_node.get_or(key_of(entry.node), now);
        if *ballot < highest.ballot {
            return refute(highest, &now());
        }
        if *ballot > highest.ballot {
            *highest = now();
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

#[cold]
fn refute(promise: &Promise, breach: &Promise) -> Option<Witness> {
    let shape = match (promise.by.process == breach.by.process, &breach.fact) {
        (true, Fact::Promised { .. }) => "a promise below a promise",
        (true, _) => "a vote below a promise",
        (false, _) => "a promise forgotten by a restart",
    };
    let (who, kept, broken) = (breach.by.node, promise.ballot, breach.ballot);
    let steps = [promise, breach].map(|part| part.by.step(&part.fact));
    let contradiction = format!("{who} took part in ballot {broken} after it had forsworn all below {kept}.");
    Some(PromisesKept::PROPERTY.refuted(shape, steps.into(), contradiction))
}
