//! Integrity among members: a process decides a slot once. Whether others decide the same is agreement's question.
//!
//! A restarted member is a new process: it may learn the decision again, but must not learn another one.

use super::dense::Dense;
use super::online::{Observe, Online, Seen, decisive, judge, unordered};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::digest::{Digest, Digester};
use crate::fact::{Fact, Slot, Value};
use crate::history::{Entry, Event, History};

/// No process decides a slot twice, and no member decides otherwise after a restart. Twin on operations:
/// [`ClientIntegrity`](super::ClientIntegrity).
#[derive(Clone, Copy, Debug, Default)]
pub struct Integrity;

impl Integrity {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "integrity",
        about: "a process decides a slot at most once, and a restarted member only the same again",
        source: "Cachin, Guerraoui, Rodrigues: Reliable and Secure Distributed Programming (2011), module 5.2, UC3",
        kind: PropertyKind::Safety,
    };
}

impl Check for Integrity {
    fn property(&self) -> Property {
        Integrity::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for Integrity {
    type State = DecidedOnce;

    fn begin(&self) -> DecidedOnce {
        DecidedOnce::default()
    }
}

/// Each process's decision of each slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecidedOnce {
    /// A slot has as many decisions as the team has processes, so a list beats a tree.
    by_slot: Dense<Made>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Decision {
    value: Value,
    by: Seen,
}

/// The decisions of one slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Made(Vec<Decision>);

impl Digest for Made {
    fn digest(&self, digester: &mut Digester) {
        unordered(self.0.iter(), digester);
    }
}

decisive!(DecidedOnce { by_slot });
decisive!(Decision { value, by });

impl Observe for DecidedOnce {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let Event::Fact(Fact::Decided { slot, value }) = &entry.event else { return None };
        self.judged += 1;
        let decision = Decision { value: value.clone(), by: Seen::of(place, entry) };
        let Made(earlier) = self.by_slot.slot(slot.0);
        if let Some(clash) = earlier.iter().find(|earlier| earlier.clashes_with(&decision)) {
            return refute(*slot, clash, &decision);
        }
        earlier.push(decision);
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Decision {
    fn clashes_with(&self, later: &Decision) -> bool {
        self.by.node == later.by.node && (self.by.process == later.by.process || self.value != later.value)
    }
}

#[cold]
fn refute(slot: Slot, first: &Decision, second: &Decision) -> Option<Witness> {
    let node = second.by.node;
    let (shape, contradiction) = if first.by.process != second.by.process {
        ("another decision after a restart", format!("{node} came back and decided {slot} otherwise."))
    } else if first.value != second.value {
        ("decided twice, differently", format!("{node} decided {slot} twice in one life, differently."))
    } else {
        ("decided twice", format!("{node} decided {slot} twice in one life."))
    };
    let steps = [first, second].map(|decision| {
        let fact = Fact::Decided { slot, value: decision.value.clone() };
        decision.by.step(fact)
    });
    Some(Integrity::PROPERTY.refuted(shape, steps.into(), contradiction))
}
