//! What a member keeps while it orchestrates or is about to. All of it volatile: a crash clears the desk.

use super::message::{Accepted, Epoch, Report};
use crate::fact::{Slot, Value};
use crate::id::{NodeId, OpId};
use std::collections::{BTreeMap, BTreeSet};

/// What a member does at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Duty {
    /// It answers when asked and watches for silence.
    Worker,
    /// It gathers promises and does not decide yet.
    Fencing(Box<Desk>),
    /// It collects and decides.
    Orchestrating(Box<Desk>),
}

crate::digestible! { enum Duty { 1 = Worker, 2 = Fencing(desk), 3 = Orchestrating(desk) } }

/// The work of one reign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Desk {
    pub(super) epoch: Epoch,
    /// Who promised to refuse earlier epochs.
    pub(super) promises: BTreeSet<NodeId>,
    /// By slot, what those had accepted in the highest epoch.
    pub(super) found: BTreeMap<Slot, Accepted>,
    pub(super) cases: BTreeMap<Slot, Case>,
    /// Clients that wait for a slot.
    pub(super) clients: BTreeMap<Slot, Vec<OpId>>,
    /// Who has not acknowledged a decision.
    pub(super) unheard: BTreeMap<Slot, BTreeSet<NodeId>>,
}

crate::digestible! { struct Desk { epoch, promises, found, cases, clients, unheard } }

/// One undecided slot on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Case {
    /// Answers come in.
    Collecting { reports: BTreeMap<NodeId, Report> },
    /// A majority is asked to accept this value, the only one of this slot in this epoch.
    Accepting { value: Value, acceptors: BTreeSet<NodeId> },
}

crate::digestible! { enum Case { 1 = Collecting { reports }, 2 = Accepting { value, acceptors } } }

impl Desk {
    /// Keeps, by slot, the value of the highest epoch.
    pub(super) fn find(&mut self, accepted: BTreeMap<Slot, Accepted>) {
        for (slot, accepted) in accepted {
            match self.found.get(&slot) {
                Some(known) if known.epoch >= accepted.epoch => {}
                _ => _ = self.found.insert(slot, accepted),
            }
        }
    }
}
