//! Correctness: decisions match the ground truth. Knows the scores, not the truth: the scenario compared them.
//!
//! Kept apart from all other properties. A team can agree perfectly on a hallucination, and only this says so.

use super::dense::Dense;
use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::{Fact, Slot, Value};
use crate::history::{Entry, Event, History};

/// Every scored decision is wholly right.
#[derive(Clone, Copy, Debug, Default)]
pub struct Correctness;

impl Correctness {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "correctness",
        about: "every decision matches the task's ground truth",
        source: "the task's own score; no protocol promises it",
        kind: PropertyKind::Correctness,
    };
}

impl Check for Correctness {
    fn property(&self) -> Property {
        Correctness::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for Correctness {
    type State = Scores;

    fn begin(&self) -> Scores {
        Scores::default()
    }
}

/// The decisions of each slot, for the witness to quote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scores {
    decided: Dense<Vec<Decision>>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Decision {
    value: Value,
    by: Seen,
}

impl Observe for Scores {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        match &entry.event {
            Event::Fact(Fact::Decided { slot, value }) => {
                let by = Seen::of(place, entry);
                self.decided.slot(slot.0).push(Decision { value: value.clone(), by });
            }
            Event::Fact(Fact::Scored { slot, score }) => {
                self.judged += 1;
                if !score.is_correct() {
                    return self.refute(*slot, Seen::of(place, entry));
                }
            }
            _ => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Scores {
    #[cold]
    fn refute(&self, slot: Slot, scored: Seen) -> Option<Witness> {
        let decisions = self.decided.get(slot.0).map_or(&[][..], Vec::as_slice);
        let own = decisions.iter().rfind(|decision| decision.by.node == scored.node).or(decisions.first());
        let quoted = own.map(|Decision { value, by }| by.step(Fact::Decided { slot, value: value.clone() }));
        let contradiction = match own {
            Some(Decision { value, .. }) => format!("{value} is not what the truth about {slot} calls for."),
            None => format!("The decision of {slot} is not what its truth calls for."),
        };
        let steps = quoted.into_iter().chain([scored.step(format_args!("is wrong about {slot}"))]).collect();
        Some(Correctness::PROPERTY.refuted("a wrong decision", steps, contradiction))
    }
}
