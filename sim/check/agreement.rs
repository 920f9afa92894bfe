//! Agreement among members: no two decisions of one slot differ. Reads what members report, nothing else.
//!
//! Uniform agreement: whoever decided counts, also one that crashed since, also an earlier life of the same member.

use super::dense::Dense;
use super::online::{Observe, Online, Seen, decisive, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::{Fact, Slot, Value};
use crate::history::{Entry, Event, History};

/// No two members decide differently about one slot. Twin on operations: [`ClientAgreement`](super::ClientAgreement).
#[derive(Clone, Copy, Debug, Default)]
pub struct Agreement;

impl Agreement {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "agreement",
        about: "no two decisions of one slot differ, whoever made them and in whichever life",
        source: "Cachin, Guerraoui, Rodrigues: Reliable and Secure Distributed Programming (2011), module 5.2, UC4",
        kind: PropertyKind::Safety,
    };
}

impl Check for Agreement {
    fn property(&self) -> Property {
        Agreement::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for Agreement {
    type State = Decisions;

    fn begin(&self) -> Decisions {
        Decisions::default()
    }
}

/// The first decision of each slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    first: Dense<Decision>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Decision {
    value: Value,
    by: Seen,
}

decisive!(Decisions { first });
decisive!(Decision { value });

impl Observe for Decisions {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let Event::Fact(Fact::Decided { slot, value }) = &entry.event else { return None };
        self.judged += 1;
        let by = Seen::of(place, entry);
        let first = self.first.get_or(slot.0, || Decision { value: value.clone(), by });
        if first.value == *value { None } else { refute(*slot, first, &Decision { value: value.clone(), by }) }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

#[cold]
fn refute(slot: Slot, first: &Decision, second: &Decision) -> Option<Witness> {
    let (one, other) = (first.by.node, second.by.node);
    let (shape, contradiction) = if one != other {
        ("two values by two members", format!("{one} and {other} decided differently for {slot}."))
    } else if first.by.process != second.by.process {
        ("same member changed its mind after a restart", format!("{one} decided {slot} anew after a restart."))
    } else {
        ("same member changed its mind", format!("{one} decided {slot} twice, differently."))
    };
    let steps = [first, second].map(|decision| {
        let fact = Fact::Decided { slot, value: decision.value.clone() };
        decision.by.step(fact)
    });
    Some(Agreement::PROPERTY.refuted(shape, steps.into(), contradiction))
}
