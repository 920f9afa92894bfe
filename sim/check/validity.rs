//! Validity among members: what is decided was offered before. A paraphrase is another value, hence invalid.
//!
//! Offers are read from the environment, so a member that invents its own proposals is caught; whether an offer is
//! *right* is another question, see [`Correctness`](super::Correctness).

use super::offers::Offers;
use super::online::{Observe, Online, Seen, decisive, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Event, History};

/// A member decides only what some model offered earlier for that slot. Twin on operations:
/// [`ClientValidity`](super::ClientValidity).
#[derive(Clone, Copy, Debug, Default)]
pub struct Validity;

impl Validity {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "validity",
        about: "a decided value was offered by some model for that slot before",
        source: "Cachin, Guerraoui, Rodrigues: Reliable and Secure Distributed Programming (2011), module 5.2, UC2",
        kind: PropertyKind::Safety,
    };
}

impl Check for Validity {
    fn property(&self) -> Property {
        Validity::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for Validity {
    type State = OfferedDecisions;

    fn begin(&self) -> OfferedDecisions {
        OfferedDecisions::default()
    }
}

/// The offers so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfferedDecisions {
    offers: Offers,
    judged: u64,
}

decisive!(OfferedDecisions { offers });

impl Observe for OfferedDecisions {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        self.offers.observe(place, entry);
        let Event::Fact(Fact::Decided { slot, value }) = &entry.event else { return None };
        self.judged += 1;
        if self.offers.include(*slot, value) {
            return None;
        }
        self.offers.refute(Validity::PROPERTY, Seen::of(place, entry), "decides", *slot, value)
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}
