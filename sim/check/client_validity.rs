//! Validity as clients see it: what is answered was offered before. Reads no fact, so no member's word counts.

use super::offers::Offers;
use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::history::{Entry, Event, History, Operation};

/// A client hears only what some model offered earlier for that slot. Twin on facts: [`Validity`](super::Validity).
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientValidity;

impl ClientValidity {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "client_validity",
        about: "what a client hears was offered by some model for that slot before",
        source: "Cachin, Guerraoui, Rodrigues: Reliable and Secure Distributed Programming (2011), module 5.2, UC2",
        kind: PropertyKind::Safety,
    };
}

impl Check for ClientValidity {
    fn property(&self) -> Property {
        ClientValidity::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Operations, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for ClientValidity {
    type State = OfferedAnswers;

    fn begin(&self) -> OfferedAnswers {
        OfferedAnswers::default()
    }
}

/// The offers so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfferedAnswers {
    offers: Offers,
    judged: u64,
}

impl Observe for OfferedAnswers {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        self.offers.observe(place, entry);
        let Event::Operation(Operation::Ok { slot, value, .. }) = &entry.event else { return None };
        self.judged += 1;
        if self.offers.include(*slot, value) {
            return None;
        }
        self.offers.refute(ClientValidity::PROPERTY, Seen::of(place, entry), "hears", *slot, value)
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}
