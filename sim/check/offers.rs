//! What models offered, as the world recorded it. Knows nothing of what became of an offer.

use super::dense::Dense;
use super::online::{Seen, unordered};
use super::{Property, Witness};
use crate::digest::{Digest, Digester};
use crate::fact::{Slot, Value};
use crate::history::{Entry, Environment, Event};

/// Every value offered so far, by slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Offers {
    /// A team asks a handful of models about a slot, so a list beats a tree.
    by_slot: Dense<Vec<Offer>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Offer {
    value: Value,
    by: Seen,
}

/// Who offered a value first decides nothing.
impl Digest for Offers {
    fn digest(&self, digester: &mut Digester) {
        for (slot, offers) in self.by_slot.iter() {
            slot.digest(digester);
            unordered(offers.iter().map(|offer| &offer.value), digester);
        }
    }
}

impl Offers {
    /// Takes an entry in if it is an offer.
    #[inline]
    pub(super) fn observe(&mut self, place: usize, entry: &Entry) {
        if let Event::Environment(Environment::Offered { slot, value }) = &entry.event {
            let offers = self.by_slot.slot(slot.0);
            if offers.iter().all(|offer| offer.value != *value) {
                offers.push(Offer { value: value.clone(), by: Seen::of(place, entry) });
            }
        }
    }

    /// Whether the value was offered for the slot.
    #[inline]
    pub(super) fn include(&self, slot: Slot, value: &Value) -> bool {
        self.for_slot(slot).iter().any(|offer| offer.value == *value)
    }

    /// The witness that `by` came to a value nobody offered; `verb` is how it came to it.
    #[cold]
    pub(super) fn refute(
        &self,
        property: Property,
        by: Seen,
        verb: &str,
        slot: Slot,
        value: &Value,
    ) -> Option<Witness> {
        let mut steps: Vec<_> = self.for_slot(slot).iter().map(|offer| offer.step(slot)).collect();
        let elsewhere = self.by_slot.iter().find_map(|(other, offers)| {
            offers.iter().find(|offer| offer.value == *value).map(|offer| (Slot(other), offer))
        });
        let (shape, contradiction) = match elsewhere {
            Some((other, offer)) => {
                steps = vec![offer.step(other)];
                ("a value offered for another slot", format!("{value} was offered for {other}, never for {slot}."))
            }
            None if steps.is_empty() => {
                ("a value before any offer", format!("No model had offered anything for {slot}."))
            }
            None => ("a value nobody offered", format!("No model had offered {value} for {slot}.")),
        };
        steps.push(by.step(format_args!("{verb} {value} for {slot}")));
        Some(property.refuted(shape, steps, contradiction))
    }

    fn for_slot(&self, slot: Slot) -> &[Offer] {
        self.by_slot.get(slot.0).map_or(&[], Vec::as_slice)
    }
}

impl Offer {
    fn step(&self, slot: Slot) -> super::Step {
        self.by.step(format_args!("is offered {} for {slot}", self.value))
    }
}
