//! The learner: what is chosen, applying it in order, snapshots, and helping those that lag. Knows no quorums.

use super::election::Standing;
use super::message::Message;
use super::{Ballot, Command, Index, Paxos, Placed, Snapshot, Write};
use crate::fact::{Decision, Fact, Slot, Value};
use crate::id::NodeId;
use crate::protocol::Effects;
use crate::protocol::team::Outcome;

impl Paxos {
    /// The leader of a ballot says its log is chosen up to here. That names the own vote of the same ballot, which can
    /// only be for the same command, and says nothing of votes of other ballots (rule 8).
    pub(super) fn believe(&mut self, ballot: Ballot, chosen: Index, effects: &mut Effects<Paxos>) {
        let first = self.applied.next();
        if first > chosen {
            return;
        }
        let counts = |voted: Ballot| voted == ballot || !self.config.believes_its_own_ballot_only();
        let votes = self.disk.accepted.range(first..=chosen).filter(|(_, vote)| counts(vote.ballot));
        let known: Vec<Placed> =
            votes.map(|(index, vote)| Placed { index: *index, command: vote.command.clone() }).collect();
        self.learn_all(known, effects);
    }

    /// Someone lags, or lost its memory.
    pub(super) fn on_fetch(&mut self, asker: NodeId, first: Index, effects: &mut Effects<Paxos>) {
        self.teach(asker, first, effects);
    }

    /// Sends what is chosen from an index on: a snapshot for what is no longer kept, and at most a batch of the rest.
    pub(super) fn teach(&self, whom: NodeId, first: Index, effects: &mut Effects<Paxos>) {
        let snapshot = (self.disk.snapshot.upto >= first).then(|| self.disk.snapshot.clone());
        let rest = self.chosen.range(first..).take(self.config.batch);
        let entries: Vec<Placed> =
            rest.map(|(index, command)| Placed { index: *index, command: command.clone() }).collect();
        if snapshot.is_some() || !entries.is_empty() {
            effects.send(whom, Message::Learn { snapshot, entries });
        }
    }

    /// What is chosen is chosen for good, so this needs no ballot.
    pub(super) fn on_learn(&mut self, snapshot: Option<Snapshot>, entries: Vec<Placed>, effects: &mut Effects<Paxos>) {
        self.install(snapshot, effects);
        self.learn_all(entries, effects);
    }

    pub(super) fn learn(&mut self, index: Index, command: Command, effects: &mut Effects<Paxos>) {
        self.learn_all(vec![Placed { index, command }], effects);
    }

    fn learn_all(&mut self, entries: Vec<Placed>, effects: &mut Effects<Paxos>) {
        for Placed { index, command } in entries {
            if index > self.applied {
                self.chosen.entry(index).or_insert(command);
            }
            self.settle(index);
        }
        self.apply(effects);
    }

    /// Applies what is chosen, in order and never over a gap. A slot is decided by its first command.
    fn apply(&mut self, effects: &mut Effects<Paxos>) {
        while let Some((index, command)) = self.chosen.range(self.applied.next()..).next() {
            if *index != self.applied.next() && self.config.applies_in_order() {
                break;
            }
            self.applied = *index;
            effects.note(Fact::Applied { index: self.applied.0, command: command.name() });
            if let Command::Decide { slot, value } = command {
                let (slot, value) = (*slot, value.clone());
                self.decide(slot, value, effects);
            }
        }
        self.answer_reads(effects);
        let kept = self.applied.0.saturating_sub(self.disk.snapshot.upto.0);
        if kept >= self.config.retained as u64 {
            let snapshot = Snapshot { upto: self.applied, decided: self.decided.clone() };
            self.chosen.retain(|index, _| *index > snapshot.upto);
            self.save(Write::Compact(snapshot), effects);
        }
    }

    /// Takes a snapshot in place of what it came from, if it reaches further than what was applied.
    pub(super) fn install(&mut self, snapshot: Option<Snapshot>, effects: &mut Effects<Paxos>) {
        let Some(snapshot) = snapshot.filter(|snapshot| snapshot.upto > self.applied) else { return };
        self.save(Write::Compact(snapshot.clone()), effects);
        self.take_over(snapshot, effects);
        self.apply(effects);
    }

    /// Goes on from a snapshot that is durable here.
    pub(super) fn take_over(&mut self, snapshot: Snapshot, effects: &mut Effects<Paxos>) {
        let Snapshot { upto, decided } = snapshot;
        if upto == Index::ORIGIN {
            return;
        }
        self.applied = upto;
        self.chosen.retain(|index, _| *index > upto);
        effects.note(Fact::Installed { index: upto.0 });
        if let Standing::Leader(leadership) = &mut self.standing {
            leadership.pending.retain(|index, _| *index > upto);
            leadership.next = leadership.next.max(upto.next());
        }
        for Decision { slot, value } in decided.iter() {
            self.decide(slot, value, effects);
        }
    }

    fn decide(&mut self, slot: Slot, value: Value, effects: &mut Effects<Paxos>) {
        if !self.decided.add(slot, value.clone()) {
            return;
        }
        effects.decide(slot, value.clone());
        self.drafts.close(slot, effects);
        if let Standing::Leader(leadership) = &mut self.standing {
            for op in leadership.requests.remove(&slot).unwrap_or_default() {
                effects.respond(op, Outcome::Decided { slot, value: value.clone() });
            }
        }
    }
}
