//! Accountability: whoever is accused of contradicting itself did. Reads accusations and which nodes faults turned.

use super::online::{Observe, Online, Seen, decisive, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Environment, Event, History};
use crate::id::NodeId;
use std::collections::BTreeSet;

/// A correct member never accuses a correct member: two contradicting statements under one name come from a node that
/// a fault turned before.
#[derive(Clone, Copy, Debug, Default)]
pub struct Accountability;

impl Accountability {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "accountability",
        about: "no correct member is proven to have contradicted itself",
        source: "Buchman: Tendermint: Byzantine Fault Tolerance in the Age of Blockchains (thesis, 2016), section 3.4",
        kind: PropertyKind::Safety,
    };
}

impl Check for Accountability {
    fn property(&self) -> Property {
        Accountability::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for Accountability {
    type State = Turned;

    fn begin(&self) -> Turned {
        Turned::default()
    }
}

/// Whom faults turned so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turned {
    nodes: BTreeSet<NodeId>,
    judged: u64,
}

decisive!(Turned { nodes });

impl Observe for Turned {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        match &entry.event {
            Event::Environment(Environment::Suborned) => {
                self.nodes.insert(entry.node);
            }
            Event::Fact(fact @ Fact::Accused { member, .. }) if !self.nodes.contains(&entry.node) => {
                self.judged += 1;
                if !self.nodes.contains(member) {
                    let step = Seen::of(place, entry).step(fact);
                    let said = format!("{member} was accused by {}, yet no fault ever turned it.", entry.node);
                    return Some(Accountability::PROPERTY.refuted("a correct member is accused", vec![step], said));
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
