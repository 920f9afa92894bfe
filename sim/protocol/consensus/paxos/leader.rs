//! What only a leader keeps: its ballot, what it proposed, who voted, who was in touch. All volatile.

use super::reads::Read;
use super::{Ballot, Command, Index};
use crate::fact::Slot;
use crate::id::{NodeId, OpId};
use std::collections::{BTreeMap, BTreeSet};

/// A leader's memory, new with every ballot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leadership {
    pub(super) ballot: Ballot,
    /// The first index nothing was proposed for.
    pub(super) next: Index,
    /// What was proposed in this ballot and is not known chosen.
    pub(super) pending: BTreeMap<Index, Pending>,
    /// Voters taken over from promises: none, but for a planted bug.
    pub(super) reported: BTreeMap<Index, BTreeSet<NodeId>>,
    /// Clients that wait for a slot.
    pub(super) requests: BTreeMap<Slot, Vec<OpId>>,
    /// Readers, by the place in the log that their read took.
    pub(super) reads: BTreeMap<Index, Read>,
    /// The other members, in identity order, and whether each answered since the last look.
    contacts: BTreeMap<NodeId, Contact>,
}

crate::digestible! { struct Leadership { ballot, next, pending, reported, requests, reads, contacts } }

/// A proposal under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pending {
    pub(super) command: Command,
    /// Who voted for it in this ballot.
    pub(super) voters: BTreeSet<NodeId>,
}

crate::digestible! { struct Pending { command, voters } }

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Contact {
    Heard,
    Silent,
}

crate::digestible! { enum Contact { 1 = Heard, 2 = Silent } }

impl Leadership {
    /// The memory of a leader that was just elected. Whoever promised was in touch just now, and the others get one
    /// period to show up.
    pub(super) fn new(others: impl Iterator<Item = NodeId>, ballot: Ballot, next: Index) -> Leadership {
        Leadership {
            ballot,
            next,
            pending: BTreeMap::new(),
            reported: BTreeMap::new(),
            requests: BTreeMap::new(),
            reads: BTreeMap::new(),
            contacts: others.map(|member| (member, Contact::Heard)).collect(),
        }
    }

    pub(super) fn hear_from(&mut self, member: NodeId) {
        if let Some(contact) = self.contacts.get_mut(&member) {
            *contact = Contact::Heard;
        }
    }

    /// How many members answered since the last look; the next look starts from none.
    pub(super) fn take_contacts(&mut self) -> usize {
        let heard = self.contacts.values().filter(|contact| **contact == Contact::Heard).count();
        self.contacts.values_mut().for_each(|contact| *contact = Contact::Silent);
        heard
    }
}
