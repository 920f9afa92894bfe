//! Effects in order: what an agent asks of tools takes effect in the order in which it asked.
//!
//! The anomaly is *tool-effect reordering* (named so by Khan 2026, arXiv 2606.17182): calls of one turn are sent off
//! together, and the later one's effect is there first. Looks at what tools carried out, and at the order in which the
//! caller reports that it called. A call that is carried out again is `effect_at_most_once`'s business; calls that only
//! look have no effect to be out of order.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Environment, Event, History, Nature};
use crate::id::NodeId;
use std::collections::{BTreeMap, BTreeSet};

/// Of two calls with effects that one agent made, the earlier is not carried out after the later.
#[derive(Clone, Copy, Debug, Default)]
pub struct EffectsInOrder;

impl EffectsInOrder {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "effects_in_order",
        about: "an agent's calls take effect in the order in which it made them",
        source: "Khan 2026 (arXiv 2606.17182), tool-effect reordering",
        kind: PropertyKind::Safety,
    };
}

impl Check for EffectsInOrder {
    fn property(&self) -> Property {
        EffectsInOrder::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for EffectsInOrder {
    type State = Sequences;

    fn begin(&self) -> Sequences {
        Sequences::default()
    }
}

/// The calls of each agent, and the last of them that took effect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sequences {
    /// Tools that only look.
    queries: BTreeSet<String>,
    /// By caller and call.
    called: BTreeMap<(NodeId, String), Seen>,
    /// By caller: of the calls carried out, the one made last.
    furthest: BTreeMap<NodeId, Effect>,
    done: BTreeSet<(NodeId, String)>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Effect {
    call: String,
    called: Seen,
    by: Seen,
}

impl Observe for Sequences {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        match &entry.event {
            Event::Environment(Environment::Serves { tool, nature: Nature::Query }) => {
                self.queries.insert(tool.clone());
                None
            }
            Event::Fact(Fact::Called { call, .. }) => {
                self.called.entry((entry.node, call.clone())).or_insert_with(|| Seen::of(place, entry));
                None
            }
            Event::Environment(Environment::Executed { call, tool, by, .. }) if !self.queries.contains(tool) => {
                let key = (*by, call.clone());
                let called = *self.called.get(&key)?;
                if !self.done.insert(key) {
                    return None;
                }
                self.judged += 1;
                let effect = Effect { call: call.clone(), called, by: Seen::of(place, entry) };
                let first = self.furthest.get(by).filter(|first| first.called.place > called.place);
                if let Some(first) = first {
                    return refute(&effect, first);
                }
                self.furthest.insert(*by, effect);
                None
            }
            _ => None,
        }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

#[cold]
fn refute(early: &Effect, late: &Effect) -> Option<Witness> {
    let called = |effect: &Effect| effect.called.step(format_args!("makes call {}", effect.call));
    let done = |effect: &Effect| effect.by.step(format_args!("carries out call {}", effect.call));
    let caller = early.called.node;
    let contradiction = format!("{caller} made {} before {}, and it took effect after it.", early.call, late.call);
    let steps = vec![called(early), called(late), done(late), done(early)];
    Some(EffectsInOrder::PROPERTY.refuted("effects out of order", steps, contradiction))
}
