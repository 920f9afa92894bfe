//! No wait cycle: participants never wait for each other in a circle. Looks at what they say they have and wait for.
//!
//! A thing that one participant at a time can have makes whoever waits for it wait for whoever has it. Once such waits
//! form a circle nobody in it ever gets on: the witness is the circle at the instant it closes, who waits for whom.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Environment, Event, History};
use crate::id::NodeId;
use std::collections::BTreeMap;

/// The graph of who waits for whom has no circle.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoWaitCycle;

impl NoWaitCycle {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "no_wait_cycle",
        about: "participants never wait for each other in a circle",
        source: "Coffman, Elphick, Shoshani 1971 (System Deadlocks), section 2; Holt 1972",
        kind: PropertyKind::Liveness,
    };
}

impl Check for NoWaitCycle {
    fn property(&self) -> Property {
        NoWaitCycle::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for NoWaitCycle {
    type State = Waits;

    fn begin(&self) -> Waits {
        Waits::default()
    }
}

/// Who has what, and who waits for what. A participant waits for one thing at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    holders: BTreeMap<String, Holder>,
    waiting: BTreeMap<NodeId, Want>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Holder {
    node: NodeId,
    by: Seen,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Want {
    thing: String,
    by: Seen,
}

impl Observe for Waits {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let (node, by) = (entry.node, Seen::of(place, entry));
        match &entry.event {
            Event::Fact(Fact::Awaits { thing }) => {
                self.judged += 1;
                self.waiting.insert(node, Want { thing: thing.clone(), by });
                return self.circle(node);
            }
            Event::Fact(Fact::Holds { thing }) => {
                self.waiting.remove(&node);
                self.holders.insert(thing.clone(), Holder { node, by });
            }
            Event::Fact(Fact::Yields { thing }) => {
                self.holders.remove(thing);
                if self.waiting.get(&node).is_some_and(|want| want.thing == *thing) {
                    self.waiting.remove(&node);
                }
            }
            Event::Environment(Environment::Crashed) => {
                self.waiting.remove(&node);
            }
            _ => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Waits {
    /// The circle that this node has just closed, if it has.
    fn circle(&self, closer: NodeId) -> Option<Witness> {
        let (mut path, mut node) = (Vec::new(), closer);
        loop {
            let want = self.waiting.get(&node)?;
            let holder = self.holders.get(&want.thing)?;
            path.push((want, holder));
            node = holder.node;
            if node == closer {
                break;
            }
            // A circle that does not lead through the closer was closed, and reported, earlier.
            if path.len() > self.waiting.len() {
                return None;
            }
        }
        Some(refute(&path))
    }
}

#[cold]
fn refute(path: &[(&Want, &Holder)]) -> Witness {
    let mut steps = Vec::new();
    for (want, holder) in path {
        steps.push(holder.by.step(format_args!("has {}", want.thing)));
        steps.push(want.by.step(format_args!("waits for {}, which {} has", want.thing, holder.node)));
    }
    let links: Vec<String> =
        path.iter().map(|(want, holder)| format!("{} for {}", want.by.node, holder.node)).collect();
    let contradiction = format!("They wait for each other: {}.", links.join(", "));
    NoWaitCycle::PROPERTY.refuted("a circle of waits", steps, contradiction)
}
