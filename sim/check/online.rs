//! Checkers that judge entry by entry, so that a run can be judged while it runs. Knows no property.

use super::verdict::{Step, Verdict, Witness};
use super::{Check, Property};
use crate::digest::{Digest, Digester, digest_of};
use crate::history::{Entry, History};
use crate::id::{NodeId, ProcessId};
use crate::time::Time;
use std::fmt;

/// A checker that needs each entry once, in order.
///
/// ```
/// use synod::check::{Agreement, Observe, Online};
/// use synod::fact::{Fact, Slot, Value};
/// use synod::history::{Entry, Event};
/// use synod::id::{NodeId, ProcessId};
/// use synod::time::Time;
///
/// let decides = |index, value| Entry {
///     at: Time::ZERO,
///     node: NodeId::agent(index),
///     process: ProcessId(0),
///     event: Event::Fact(Fact::Decided { slot: Slot(0), value: Value::from(value) }),
/// };
/// let mut state = Agreement.begin();
/// assert_eq!(state.observe(0, &decides(0, "rollback")), None);
/// assert!(state.observe(1, &decides(1, "restart")).is_some());
/// ```
pub trait Online: Check {
    /// What it remembers of the entries so far.
    type State: Observe;

    /// The state before the first entry.
    fn begin(&self) -> Self::State;
}

/// A checker's state in the middle of a history.
///
/// Where it is also a [`Digest`] of what decides about entries to come, the checker can take part in an exhaustive
/// search, which counts it as a part of its own state.
pub trait Observe: Clone + Eq + fmt::Debug {
    /// Takes one entry in. A witness is final: the state is of no use after it.
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness>;

    /// The verdict on what was observed, if nothing proved a violation before.
    fn conclude(self) -> Verdict;
}

/// Digests what of a checker's state decides about entries to come, field by field. Where and when something was seen
/// and how much was judged is left out: two histories that differ in nothing else are one to an exhaustive search.
macro_rules! decisive {
    ($name:ident { $($field:ident),* }) => {
        impl crate::digest::Digest for $name {
            fn digest(&self, digester: &mut crate::digest::Digester) {
                $(crate::digest::Digest::digest(&self.$field, digester);)*
            }
        }
    };
}
pub(super) use decisive;

/// Digests things whose order tells only which came first.
pub(super) fn unordered(things: impl Iterator<Item = impl Digest>, digester: &mut Digester) {
    let mut digests: Vec<u64> = things.map(|thing| digest_of(&thing)).collect();
    digests.sort_unstable();
    digests.digest(digester);
}

/// Judges a whole history.
pub(super) fn judge(mut state: impl Observe, history: &History) -> Verdict {
    let violation = history.entries().iter().enumerate().find_map(|(place, entry)| state.observe(place, entry));
    violation.map_or_else(|| state.conclude(), Verdict::Violated)
}

/// Where an entry stood and who it was about: all that a later witness needs of it besides its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) place: usize,
    pub(super) at: Time,
    pub(super) node: NodeId,
    pub(super) process: ProcessId,
}

/// Who it was about: the place in a history decides nothing.
impl Digest for Seen {
    fn digest(&self, digester: &mut Digester) {
        (self.node, self.process).digest(digester);
    }
}

impl Seen {
    /// The place of this entry.
    #[inline]
    pub(super) const fn of(place: usize, entry: &Entry) -> Seen {
        Seen { place, at: entry.at, node: entry.node, process: entry.process }
    }

    /// The step of a witness that this entry is.
    pub(super) fn step(self, what: impl fmt::Display) -> Step {
        Step { place: Some(self.place), at: self.at, node: self.node, what: what.to_string() }
    }

    /// Something the node failed to do by an instant.
    pub(super) fn missing(at: Time, node: NodeId, what: impl fmt::Display) -> Step {
        Step { place: None, at, node, what: what.to_string() }
    }
}

impl Property {
    /// A witness against this property; its steps in the order they happened.
    pub(super) fn refuted(self, shape: &str, mut steps: Vec<Step>, contradiction: impl fmt::Display) -> Witness {
        // What did not happen is told at its time but has no place: it comes last.
        steps.sort_by_key(|step| step.place.unwrap_or(usize::MAX));
        steps.dedup_by(|step, before| step.place.is_some() && step.place == before.place);
        let (shape, contradiction) = (shape.to_owned(), contradiction.to_string());
        Witness { property: self.name, shape, steps, contradiction }
    }
}

/// Two names joined, or one if both are the same.
pub(super) fn both(one: NodeId, other: NodeId) -> String {
    if one == other { one.to_string() } else { format!("{one} and {other}") }
}
