//! What only a leader keeps: how far each follower is, who waits for what, which proposals are under way. All volatile.

use super::{Index, proposal::Proposal};
use crate::fact::Slot;
use crate::id::{NodeId, OpId};
use std::collections::BTreeMap;

/// A leader's memory, new with every term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leadership {
    /// One row per other member, in identity order.
    pub(super) progress: Vec<Progress>,
    /// Clients that wait for a slot.
    pub(super) requests: BTreeMap<Slot, Vec<OpId>>,
    /// Proposals that are not in the log yet.
    pub(super) proposals: BTreeMap<Slot, Proposal>,
}

crate::digestible! { struct Leadership { progress, requests, proposals } }

/// How far one follower is (Figure 2, volatile state on leaders).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Progress {
    /// The follower.
    pub(super) member: NodeId,
    /// The next entry to send.
    pub(super) next: Index,
    /// Up to where its log is known to equal the leader's. Never decreases within a term.
    pub(super) matched: Index,
    pub(super) pace: Pace,
    pub(super) contact: Contact,
}

crate::digestible! { struct Progress { member, next, matched, pace, contact } }

/// How much is sent at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// One entry, until it is known where the logs meet: a refused message carried its load in vain.
    Probe,
    /// As many as a message carries.
    Stream,
}

crate::digestible! { enum Pace { 1 = Probe, 2 = Stream } }

/// Whether a follower answered since the last look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contact {
    Heard,
    Silent,
}

crate::digestible! { enum Contact { 1 = Heard, 2 = Silent } }

impl Leadership {
    /// The memory of a leader whose log ended at `last` when it won. Whoever voted was in touch just now, and the
    /// others get one period to show up.
    pub(super) fn new(others: impl Iterator<Item = NodeId>, last: Index) -> Leadership {
        let start = |member| Progress {
            member,
            next: last.next(),
            matched: Index::ORIGIN,
            pace: Pace::Probe,
            contact: Contact::Heard,
        };
        Leadership { progress: others.map(start).collect(), requests: BTreeMap::new(), proposals: BTreeMap::new() }
    }

    pub(super) fn of(&mut self, member: NodeId) -> Option<&mut Progress> {
        self.progress.iter_mut().find(|progress| progress.member == member)
    }

    /// How many followers answered since the last look; the next look starts from none.
    pub(super) fn take_contacts(&mut self) -> usize {
        let heard = self.progress.iter().filter(|progress| progress.contact == Contact::Heard).count();
        self.progress.iter_mut().for_each(|progress| progress.contact = Contact::Silent);
        heard
    }

    /// The greatest index that this many members hold, counting the leader, who holds everything up to `mine`.
    pub(super) fn held_by(&self, majority: usize, mine: Index) -> Index {
        let holders = |index: Index| 1 + self.progress.iter().filter(|progress| progress.matched >= index).count();
        let held = self.progress.iter().map(|progress| progress.matched).chain([mine]);
        held.filter(|index| holders(*index) >= majority).max().unwrap_or(Index::ORIGIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_majority_holds_what_its_slowest_part_holds() {
        let others = (1..5).map(NodeId::agent);
        let mut leadership = Leadership::new(others, Index(7));
        // Unsorted on purpose: a scan that takes the order of members for the order of progress is a known bug (R28).
        for (progress, matched) in leadership.progress.iter_mut().zip([2, 6, 1, 4]) {
            progress.matched = Index(matched);
        }
        assert_eq!(leadership.held_by(3, Index(7)), Index(4));
        assert_eq!(leadership.held_by(1, Index(7)), Index(7));
        assert_eq!(leadership.held_by(5, Index(7)), Index(1));
    }
}
