//! The acceptor's side of both phases: promise, vote, or say which higher ballot stands in the way.

use super::election::Votes;
use super::message::Message;
use super::{Accepted, Ballot, Index, Paxos, Placed, Write};
use crate::fact::Fact;
use crate::id::NodeId;
use crate::protocol::Effects;
use crate::protocol::consensus::drafting::Review;
use crate::time::Time;

impl Paxos {
    /// Phase 1b. A question that comes twice gets its answer twice: only the ballot's owner can have asked it.
    pub(super) fn on_prepare(&mut self, candidate: NodeId, ballot: Ballot, first: Index, effects: &mut Effects<Paxos>) {
        self.met = self.met.max(ballot);
        if ballot < self.disk.promised {
            return self.preempt(candidate, effects);
        }
        if ballot > self.disk.promised {
            self.step_down(None, effects);
            self.save(Write::Promise { ballot }, effects);
            effects.note(Fact::Promised { ballot: ballot.0 });
            // The candidate gets its time to win.
            self.await_leader(effects);
        }
        let snapshot = (self.disk.snapshot.upto >= first).then(|| self.disk.snapshot.clone());
        let accepted = if self.config.promises_with_votes() { self.votes_from(first) } else { Votes::new() };
        effects.send(candidate, Message::Promise { ballot, accepted, snapshot });
    }

    /// Phase 2b, and a leader's sign of life.
    pub(super) fn on_accept(
        &mut self,
        now: Time,
        leader: NodeId,
        ballot: Ballot,
        entries: Vec<Placed>,
        chosen: Index,
        effects: &mut Effects<Paxos>,
    ) {
        self.met = self.met.max(ballot);
        let forsworn = ballot < self.disk.promised;
        if forsworn && (self.config.keeps_promises() || self.own_ballot().is_some()) {
            return self.preempt(leader, effects);
        }
        self.hear(now, leader, effects);
        let behind = entries.iter().any(|entry| entry.index <= self.disk.snapshot.upto);
        let asked: Vec<Index> = entries.iter().map(|entry| entry.index).collect();
        self.vote(ballot, entries, effects);
        let cast = |index: &Index| self.disk.accepted.get(index).is_some_and(|vote| vote.ballot == ballot);
        let indexes = asked.into_iter().filter(cast).collect();
        effects.send(leader, Message::Voted { ballot, indexes });
        if behind {
            // Votes below the snapshot are gone; what they came to is chosen, which is more.
            self.teach(leader, Index::ORIGIN.next(), effects);
        }
        self.believe(ballot, chosen, effects);
        if self.applied < chosen {
            effects.send(leader, Message::Fetch { from: self.applied.next() });
        }
    }

    /// Votes for what it has not voted for in this or a higher ballot, durably, and reports it once it is.
    pub(super) fn vote(&mut self, ballot: Ballot, entries: Vec<Placed>, effects: &mut Effects<Paxos>) {
        let fresh = |entry: &Placed| {
            let open = entry.index > self.disk.snapshot.upto;
            open && self.disk.accepted.get(&entry.index).is_none_or(|vote| vote.ballot < ballot)
        };
        let mut entries: Vec<Placed> = entries.into_iter().filter(fresh).collect();
        if entries.is_empty() && ballot <= self.disk.promised {
            return;
        }
        if !self.config.adopts_verbatim() && ballot.leader(&self.members) != Some(self.me) {
            let habit = self.me.index();
            entries = entries
                .into_iter()
                .map(|Placed { index, command }| Placed { index, command: command.reworded(habit) })
                .collect();
        }
        let told: Vec<(Index, u64)> = entries.iter().map(|entry| (entry.index, entry.command.name())).collect();
        self.save(Write::Accept { ballot, entries }, effects);
        for (index, command) in told {
            effects.note(Fact::Accepted { index: index.0, ballot: ballot.0, command });
        }
    }

    /// Reports again what it may have been stopped from reporting: a crash can fall between a vote and its report, and
    /// then the vote was the last write, so its ballot is the promise. Earlier ones were reported in their time.
    pub(super) fn report_last_votes(&self, effects: &mut Effects<Paxos>) {
        let ballot = self.disk.promised;
        for (index, vote) in self.disk.accepted.iter().filter(|(_, vote)| vote.ballot == ballot) {
            effects.note(Fact::Accepted { index: index.0, ballot: ballot.0, command: vote.command.name() });
        }
    }

    /// Every vote from an index on.
    pub(super) fn votes_from(&self, first: Index) -> Votes {
        let votes = self.disk.accepted.range(first..);
        votes
            .map(|(index, Accepted { ballot, command })| {
                (*index, Accepted { ballot: *ballot, command: command.clone() })
            })
            .collect()
    }

    /// A leader wants a proposal checked, which shows it alive. A ballot is promised by phases 1 and 2 alone.
    pub(super) fn on_review(&mut self, now: Time, leader: NodeId, review: Review, effects: &mut Effects<Paxos>) {
        let ballot = Ballot(review.epoch);
        self.met = self.met.max(ballot);
        if ballot < self.disk.promised {
            return self.preempt(leader, effects);
        }
        self.hear(now, leader, effects);
        self.drafts.on_review(leader, review, effects);
    }

    fn preempt(&self, whom: NodeId, effects: &mut Effects<Paxos>) {
        effects.send(whom, Message::Preempted { promised: self.disk.promised });
    }
}
