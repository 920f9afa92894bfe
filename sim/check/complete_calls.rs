//! Complete calls: what was cut off is not carried out. Looks at what reached the agent and what tools did.
//!
//! A call that a model's limit cut off may still be made to look whole, as lenient parsers do; what it would have said
//! is unknown, so whatever it then does is not what was meant.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::history::{Entry, Environment, Event, Extent, History};
use std::collections::BTreeMap;

/// No tool carries out a call of which only the beginning arrived.
#[derive(Clone, Copy, Debug, Default)]
pub struct CompleteCalls;

impl CompleteCalls {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "complete_calls",
        about: "no tool carries out a call that was cut off",
        source: "the chat APIs' stop reasons max_tokens and length: a reply that ends so may hold an incomplete call",
        kind: PropertyKind::Safety,
    };
}

impl Check for CompleteCalls {
    fn property(&self) -> Property {
        CompleteCalls::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for CompleteCalls {
    type State = Requests;

    fn begin(&self) -> Requests {
        Requests::default()
    }
}

/// The calls that models asked for so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    cut: BTreeMap<String, Seen>,
    judged: u64,
}

impl Observe for Requests {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        match &entry.event {
            Event::Environment(Environment::Requested { call, extent, .. }) => {
                self.judged += 1;
                match extent {
                    Extent::Cut => _ = self.cut.insert(call.clone(), Seen::of(place, entry)),
                    // Asked for again, and now all of it is there.
                    Extent::Whole => _ = self.cut.remove(call),
                }
            }
            Event::Environment(Environment::Executed { call, tool, arguments, .. }) => {
                let asked = self.cut.get(call)?;
                let done = Seen::of(place, entry).step(format_args!("carries out {tool}({arguments}) as {call}"));
                let steps = vec![asked.step(format_args!("hears the beginning of {call}")), done];
                let contradiction = format!("{call} was cut off, and {tool} carried it out all the same.");
                return Some(CompleteCalls::PROPERTY.refuted("an effect of half a call", steps, contradiction));
            }
            _ => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}
