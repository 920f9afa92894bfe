//! No repeated step: nothing is done twice, under whatever name. Looks at what tools did, not at who asked.
//!
//! Stronger than [`EffectAtMostOnce`](super::EffectAtMostOnce): two calls with names of their own and the same
//! arguments are the same step to whoever pays for it. Fits tools whose arguments say what it is about; where the same
//! call twice is two things, as with a counter, it does not.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Value;
use crate::history::{Entry, Environment, Event, History, Nature};
use std::collections::{BTreeMap, BTreeSet};

/// No tool carries out two calls with the same arguments.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRepeatedStep;

impl NoRepeatedStep {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "no_repeated_step",
        about: "no tool carries out two calls with the same arguments",
        source: "Cemri et al. 2025 (MAST, arXiv 2503.13657), failure mode 1.3",
        kind: PropertyKind::Safety,
    };
}

impl Check for NoRepeatedStep {
    fn property(&self) -> Property {
        NoRepeatedStep::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for NoRepeatedStep {
    type State = Steps;

    fn begin(&self) -> Steps {
        Steps::default()
    }
}

/// The steps taken so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// Tools that only look.
    queries: BTreeSet<String>,
    taken: BTreeMap<(String, Value), Taken>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Taken {
    call: String,
    by: Seen,
}

impl Observe for Steps {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        match &entry.event {
            Event::Environment(Environment::Serves { tool, nature: Nature::Query }) => {
                self.queries.insert(tool.clone());
            }
            Event::Environment(Environment::Executed { call, tool, arguments, .. }) if !self.queries.contains(tool) => {
                self.judged += 1;
                let taken = Taken { call: call.clone(), by: Seen::of(place, entry) };
                if let Some(first) = self.taken.insert((tool.clone(), arguments.clone()), taken.clone()) {
                    return refute(tool, arguments, &first, &taken);
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

#[cold]
fn refute(tool: &str, arguments: &Value, first: &Taken, second: &Taken) -> Option<Witness> {
    let step = |taken: &Taken| taken.by.step(format_args!("carries out {tool}({arguments}) as {}", taken.call));
    let contradiction = format!("{tool}({arguments}) was done twice.");
    Some(NoRepeatedStep::PROPERTY.refuted("a step taken twice", vec![step(first), step(second)], contradiction))
}
