//! Effects at most once: a call is carried out once however often it is sent, and so is a key. Looks at what tools
//! did, not at what anyone says of it.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::history::{Entry, Environment, Event, History, Nature};
use std::collections::{BTreeMap, BTreeSet};

/// No tool carries the same call out twice, nor two calls under the same key. Calls that only look may be repeated.
#[derive(Clone, Copy, Debug, Default)]
pub struct EffectAtMostOnce;

impl EffectAtMostOnce {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "effect_at_most_once",
        about: "a tool carries out each call, and each idempotency key, at most once",
        source: "Birrell, Nelson: Implementing Remote Procedure Calls (1984), at-most-once calls",
        kind: PropertyKind::Safety,
    };
}

impl Check for EffectAtMostOnce {
    fn property(&self) -> Property {
        EffectAtMostOnce::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for EffectAtMostOnce {
    type State = Effects;

    fn begin(&self) -> Effects {
        Effects::default()
    }
}

/// What was carried out so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Tools that only look.
    queries: BTreeSet<String>,
    by_call: BTreeMap<Named, Done>,
    by_key: BTreeMap<Named, Done>,
    judged: u64,
}

/// A call or a key as one tool knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    tool: String,
    name: String,
}

/// An effect.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Done {
    call: String,
    by: Seen,
}

impl Observe for Effects {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        match &entry.event {
            Event::Environment(Environment::Serves { tool, nature: Nature::Query }) => {
                self.queries.insert(tool.clone());
            }
            Event::Environment(Environment::Executed { call, tool, key, .. }) if !self.queries.contains(tool) => {
                self.judged += 1;
                let done = Done { call: call.clone(), by: Seen::of(place, entry) };
                let named = |name: &str| Named { tool: tool.clone(), name: name.to_owned() };
                if let Some(first) = self.by_call.insert(named(call), done.clone()) {
                    return refute("a call carried out twice", tool, [first, done], format!("call {call}"));
                }
                let key = key.as_ref()?;
                if let Some(first) = self.by_key.insert(named(key), done.clone()) {
                    return refute("a key carried out twice", tool, [first, done], format!("key {key}"));
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
fn refute(shape: &str, tool: &str, effects: [Done; 2], what: String) -> Option<Witness> {
    let steps = effects.map(|Done { call, by }| by.step(format_args!("carries out {tool} as {call}")));
    let contradiction = format!("The effect of {what} happened twice.");
    Some(EffectAtMostOnce::PROPERTY.refuted(shape, steps.into(), contradiction))
}
