//! What only a leader keeps: how far each member is, who waits for what, what it is about to change. All volatile.

use super::Index;
use super::membership::Change;
use super::reads::Read;
use super::transfer::Transfer;
use crate::fact::Slot;
use crate::id::{Members, NodeId, OpId};
use std::collections::BTreeMap;

/// A leader's memory, new with every term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leadership {
    /// One row per other identity of the team, voting or not, in identity order.
    pub(super) progress: Vec<Progress>,
    /// Clients that wait for a slot.
    pub(super) requests: BTreeMap<Slot, Vec<OpId>>,
    /// How many rounds of messages to all it has begun.
    pub(super) round: u64,
    /// Reads that wait for a round to show that it still leads.
    pub(super) reads: Vec<Read>,
    /// The change of members under way that an administrator waits for.
    pub(super) change: Option<Change>,
    /// Whom it is handing leadership to.
    pub(super) transfer: Option<Transfer>,
}

crate::digestible! { struct Leadership { progress, requests, round, reads, change, transfer } }

/// How far one follower is (Figure 2, volatile state on leaders).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Progress {
    /// The follower.
    pub(super) member: NodeId,
    /// The next entry to send.
    pub(super) next: Index,
    /// Up to where its log is known to equal the leader's. Never decreases within a term.
    pub(super) matched: Index,
    /// The latest round it answered a message of.
    pub(super) round: u64,
    pub(super) pace: Pace,
    pub(super) contact: Contact,
}

crate::digestible! { struct Progress { member, next, matched, round, pace, contact } }

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

/// Who is counted, and how many of them make a quorum.
#[derive(Clone, Copy)]
pub(super) struct Count<'a> {
    /// The leader, who is counted if it votes.
    pub(super) me: NodeId,
    /// Whose log, answer and contact count.
    pub(super) counted: &'a Members,
    /// How many of them it takes.
    pub(super) quorum: usize,
}

impl Leadership {
    /// The memory of a leader whose log ended at `last` when it won. Whoever voted was in touch just now, and the
    /// others get one period to show up.
    pub(super) fn new(others: impl Iterator<Item = NodeId>, last: Index) -> Leadership {
        let start = |member| Progress {
            member,
            next: last.next(),
            matched: Index::ORIGIN,
            round: 0,
            pace: Pace::Probe,
            contact: Contact::Heard,
        };
        Leadership {
            progress: others.map(start).collect(),
            requests: BTreeMap::new(),
            round: 0,
            reads: Vec::new(),
            change: None,
            transfer: None,
        }
    }

    pub(super) fn of(&mut self, member: NodeId) -> Option<&mut Progress> {
        self.progress.iter_mut().find(|progress| progress.member == member)
    }

    /// Whether somebody waits for what followers answer, besides those who wait for a decision.
    pub(super) fn is_waited_for(&self) -> bool {
        !self.reads.is_empty() || self.transfer.is_some() || self.change.is_some()
    }

    /// Whether a quorum answered since the last look.
    pub(super) fn is_in_touch(&self, count: Count<'_>) -> bool {
        self.holders(count, |progress| progress.contact == Contact::Heard) >= count.quorum
    }

    /// Nobody has answered since this look.
    pub(super) fn forget_contacts(&mut self) {
        self.progress.iter_mut().for_each(|progress| progress.contact = Contact::Silent);
    }

    /// The greatest index that a quorum holds; the leader holds everything up to `mine`.
    pub(super) fn held_by(&self, count: Count<'_>, mine: Index) -> Index {
        let held = self.progress.iter().map(|progress| progress.matched).chain([mine]);
        let enough = |index: &Index| self.holders(count, |progress| progress.matched >= *index) >= count.quorum;
        held.filter(enough).max().unwrap_or(Index::ORIGIN)
    }

    /// How far the voter goes that completes a quorum in the order of names: what [`held_by`](Leadership::held_by)
    /// would be if that were the order of logs (R28). Only ever asked for by a planted bug.
    pub(super) fn held_in_order(&self, count: Count<'_>, mine: Index) -> Index {
        let voters = self.progress.iter().filter(|progress| count.counted.contains(progress.member));
        let own = count.counted.contains(count.me).then_some(mine);
        let mut held = own.into_iter().chain(voters.map(|progress| progress.matched));
        held.nth(count.quorum.saturating_sub(1)).unwrap_or(Index::ORIGIN)
    }

    /// The latest round of which a quorum answered a message.
    pub(super) fn confirmed(&self, count: Count<'_>) -> u64 {
        let rounds = self.progress.iter().map(|progress| progress.round).chain([self.round]);
        let enough = |round: &u64| self.holders(count, |progress| progress.round >= *round) >= count.quorum;
        rounds.filter(enough).max().unwrap_or(0)
    }

    /// How many of those counted are so, the leader among them if it is.
    fn holders(&self, count: Count<'_>, so: impl Fn(&Progress) -> bool) -> usize {
        let others = self.progress.iter().filter(|progress| count.counted.contains(progress.member) && so(progress));
        others.count() + usize::from(count.counted.contains(count.me))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: NodeId = NodeId::agent(0);

    fn leadership() -> Leadership {
        let mut leadership = Leadership::new((1..5).map(NodeId::agent), Index(7));
        // Unsorted on purpose: a scan that takes the order of members for the order of progress is a known bug (R28).
        for (progress, matched) in leadership.progress.iter_mut().zip([2, 6, 1, 4]) {
            (progress.matched, progress.round) = (Index(matched), matched);
        }
        leadership.round = 7;
        leadership
    }

    #[test]
    fn a_majority_holds_what_its_slowest_part_holds() {
        let all = Members::of(5);
        let held = |quorum| leadership().held_by(Count { me: ME, counted: &all, quorum }, Index(7));
        assert_eq!([1, 3, 5].map(held), [Index(7), Index(4), Index(1)]);
        assert_eq!(leadership().confirmed(Count { me: ME, counted: &all, quorum: 3 }), 4);
    }

    #[test]
    fn who_does_not_vote_is_not_counted_be_it_the_leader() {
        let voters = Members::of(5).without(NodeId::agent(2)).without(ME);
        let held = leadership().held_by(Count { me: ME, counted: &voters, quorum: 2 }, Index(7));
        assert_eq!(held, Index(2));
    }
}
