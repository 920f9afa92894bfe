//! The leader's side of phase 2: from a client's request to a chosen index. Knows nothing of how it came to lead.

use super::election::Standing;
use super::leader::{Leadership, Pending};
use super::message::{Message, Timer};
use super::reads::Read;
use super::{Ballot, Command, Heartbeats, Index, Paxos, Placed};
use crate::fact::{Fact, Slot, Value};
use crate::id::{NodeId, OpId};
use crate::protocol::Effects;
use crate::protocol::consensus::drafting::Progress;
use crate::protocol::team::Outcome;
use std::collections::BTreeSet;

impl Paxos {
    /// A client wants a slot decided. One slot is proposed once, however many ask.
    pub(super) fn on_request(&mut self, op: OpId, slot: Slot, effects: &mut Effects<Paxos>) {
        // A decision never changes, so whoever knows it may say it.
        if let Some(value) = self.decided.get(slot) {
            return effects.respond(op, Outcome::Decided { slot, value: value.clone() });
        }
        let on_its_way = self.is_on_its_way(slot);
        match &mut self.standing {
            Standing::Leader(leadership) => {
                leadership.requests.entry(slot).or_default().push(op);
                if !on_its_way {
                    self.drafts.open(leadership.ballot.0, slot, effects);
                }
            }
            Standing::Follower { leader } => effects.respond(op, Outcome::Elsewhere { hint: *leader }),
            _ => effects.respond(op, Outcome::Elsewhere { hint: None }),
        }
    }

    /// Whether a command for the slot is proposed, or chosen behind a gap.
    fn is_on_its_way(&self, slot: Slot) -> bool {
        let Standing::Leader(leadership) = &self.standing else { return false };
        leadership.pending.values().any(|pending| pending.command.is_about(slot))
            || self.chosen.range(self.applied.next()..).any(|(_, command)| command.is_about(slot))
    }

    /// What drafting came to.
    pub(super) fn follow_up(&mut self, progress: Progress, effects: &mut Effects<Paxos>) {
        match progress {
            Progress::Open => {}
            Progress::Exhausted => self.yield_leadership(effects),
            Progress::Approved { slot, value } => self.append_decision(slot, value, effects),
        }
    }

    fn append_decision(&mut self, slot: Slot, value: Value, effects: &mut Effects<Paxos>) {
        let Standing::Leader(leadership) = &mut self.standing else { return };
        let index = leadership.next;
        leadership.next = index.next();
        self.propose(vec![Placed { index, command: Command::Decide { slot, value } }], effects);
    }

    /// Phase 2a: votes for it itself, then asks everyone. Entries that are under way already are not sent again with
    /// it, so one that is lost leaves a gap below others until the next heartbeat.
    pub(super) fn propose(&mut self, entries: Vec<Placed>, effects: &mut Effects<Paxos>) {
        let Standing::Leader(leadership) = &mut self.standing else { return };
        let ballot = leadership.ballot;
        let indexes: Vec<Index> = entries.iter().map(|entry| entry.index).collect();
        for Placed { index, command } in &entries {
            let voters = leadership.reported.remove(index).unwrap_or_default();
            leadership.pending.insert(*index, Pending { command: command.clone(), voters });
        }
        self.vote(ballot, entries.clone(), effects);
        let first: Vec<Placed> = entries.into_iter().take(self.config.batch).collect();
        effects
            .send_all(self.members.others(self.me), &Message::Accept { ballot, entries: first, chosen: self.applied });
        self.count(self.me, &indexes, effects);
    }

    /// The heartbeat timer fired. What was not voted for goes out again with it.
    pub(super) fn beat(&mut self, effects: &mut Effects<Paxos>) {
        if !self.is_leader() {
            return;
        }
        effects.arm(Timer::Heartbeat, self.config.heartbeat..=self.config.heartbeat);
        let stuck = self.config.heartbeats == Heartbeats::BetweenAnswers && self.drafts.wait_for_own_model();
        if !stuck {
            self.replicate(effects);
        }
    }

    /// Sends every member what it has not voted for, or a heartbeat.
    fn replicate(&self, effects: &mut Effects<Paxos>) {
        let Standing::Leader(leadership) = &self.standing else { return };
        for member in self.members.others(self.me) {
            let entries = lacking(leadership, member).take(self.config.batch).collect();
            effects.send(member, Message::Accept { ballot: leadership.ballot, entries, chosen: self.applied });
        }
    }

    /// Votes of the own ballot count; others answer questions nobody asks any more.
    pub(super) fn on_voted(&mut self, from: NodeId, ballot: Ballot, indexes: &[Index], effects: &mut Effects<Paxos>) {
        let Standing::Leader(leadership) = &mut self.standing else { return };
        if leadership.ballot == ballot {
            leadership.hear_from(from);
            self.count(from, indexes, effects);
        }
    }

    /// An index is chosen by a quorum of distinct voters (rule 6).
    fn count(&mut self, voter: NodeId, indexes: &[Index], effects: &mut Effects<Paxos>) {
        for index in indexes {
            let Standing::Leader(leadership) = &mut self.standing else { return };
            let Some(pending) = leadership.pending.get_mut(index) else { continue };
            pending.voters.insert(voter);
            if pending.voters.len() < self.quorums.votes {
                continue;
            }
            let (ballot, command) = (leadership.ballot, pending.command.clone());
            leadership.reads.get_mut(index).into_iter().for_each(Read::place_chosen);
            effects.note(Fact::Chosen { index: index.0, ballot: ballot.0, command: command.name() });
            self.learn(*index, command, effects);
        }
    }

    /// An index is known chosen, whoever found out.
    pub(super) fn settle(&mut self, index: Index) {
        if let Standing::Leader(leadership) = &mut self.standing {
            leadership.pending.remove(&index);
            leadership.next = leadership.next.max(index.next());
        }
    }
}

/// What is pending and lacks this member's vote.
fn lacking(leadership: &Leadership, member: NodeId) -> impl Iterator<Item = Placed> + '_ {
    let without = move |voters: &BTreeSet<NodeId>| !voters.contains(&member);
    let pending = leadership.pending.iter().filter(move |(_, pending)| without(&pending.voters));
    pending.map(|(index, pending)| Placed { index: *index, command: pending.command.clone() })
}
