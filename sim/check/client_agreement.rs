//! Agreement as clients see it: no two answers about one slot differ. Reads operations only, so that members who
//! report one thing and answer another are caught.

use super::dense::Dense;
use super::online::{Observe, Online, Seen, decisive, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::{Slot, Value};
use crate::history::{Entry, Event, History, Operation};

/// No two clients hear different decisions of one slot. Twin on facts: [`Agreement`](super::Agreement).
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientAgreement;

impl ClientAgreement {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "client_agreement",
        about: "no two clients hear different decisions of one slot",
        source: "Cachin, Guerraoui, Rodrigues: Reliable and Secure Distributed Programming (2011), module 5.2, UC4",
        kind: PropertyKind::Safety,
    };
}

impl Check for ClientAgreement {
    fn property(&self) -> Property {
        ClientAgreement::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Operations]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for ClientAgreement {
    type State = Answers;

    fn begin(&self) -> Answers {
        Answers::default()
    }
}

/// The first answer about each slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    first: Dense<Answer>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Answer {
    value: Value,
    by: Seen,
}

decisive!(Answers { first });
decisive!(Answer { value });

impl Observe for Answers {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let Event::Operation(Operation::Ok { slot, value, .. }) = &entry.event else { return None };
        self.judged += 1;
        let by = Seen::of(place, entry);
        let first = self.first.get_or(slot.0, || Answer { value: value.clone(), by });
        if first.value == *value { None } else { refute(*slot, first, &Answer { value: value.clone(), by }) }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

#[cold]
fn refute(slot: Slot, first: &Answer, second: &Answer) -> Option<Witness> {
    let (one, other) = (first.by.node, second.by.node);
    let (shape, contradiction) = if one == other {
        ("two answers to one client", format!("{one} heard two decisions of {slot}."))
    } else {
        ("two answers to two clients", format!("{one} and {other} heard different decisions of {slot}."))
    };
    let steps = [first, second].map(|answer| answer.by.step(format_args!("hears {} for {slot}", answer.value)));
    Some(ClientAgreement::PROPERTY.refuted(shape, steps.into(), contradiction))
}
