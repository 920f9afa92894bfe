//! From a client's request to a decision everyone has heard. Knows of succession only whether a decision needs
//! acceptors.

use super::desk::{Case, Desk, Duty};
use super::message::{Accepted, Epoch, Message, Report, Timer, Write};
use super::{Orchestrator, Succession};
use crate::fact::{Fact, Slot, Value};
use crate::id::{NodeId, OpId};
use crate::protocol::Effects;
use crate::protocol::baseline::plurality::plurality;
use crate::protocol::team::{Answer, Ask, Outcome};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// What became of asking the own model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Own {
    /// It was asked under this ticket; these want to know.
    Asked { ticket: u64, askers: BTreeSet<NodeId> },
    /// It answered this, whoever asks.
    Answered(Value),
}

crate::digestible! { enum Own { 1 = Asked { ticket, askers }, 2 = Answered(value) } }

impl Orchestrator {
    pub(super) fn on_request(&mut self, op: OpId, slot: Slot, effects: &mut Effects<Orchestrator>) {
        if let Some(value) = self.decided.get(&slot) {
            return effects.respond(op, Outcome::Decided { slot, value: value.clone() });
        }
        match &mut self.duty {
            Duty::Worker => effects.respond(op, Outcome::Elsewhere { hint: self.chief }),
            Duty::Fencing(desk) => desk.clients.entry(slot).or_default().push(op),
            Duty::Orchestrating(desk) => {
                desk.clients.entry(slot).or_default().push(op);
                self.collect(slot, effects);
            }
        }
    }

    /// Asks every member's model for a slot that is not on its way yet.
    pub(super) fn collect(&mut self, slot: Slot, effects: &mut Effects<Orchestrator>) {
        let Some(desk) = self.desk().filter(|desk| !desk.cases.contains_key(&slot)) else { return };
        desk.cases.insert(slot, Case::Collecting { reports: BTreeMap::new() });
        effects.arm(Timer::Deadline(slot), self.config.deadline..=self.config.deadline);
        effects.send_all(self.members.others(self.me), &Message::Collect { slot });
        self.on_collect(self.me, slot, effects);
    }

    /// Asks the own model once, whoever asks how often, and reports what it gave.
    pub(super) fn on_collect(&mut self, from: NodeId, slot: Slot, effects: &mut Effects<Orchestrator>) {
        match self.own.get_mut(&slot) {
            Some(Own::Answered(value)) => {
                let report = Report::Answer(value.clone());
                self.report(from, slot, report, effects);
            }
            Some(Own::Asked { askers, .. }) => _ = askers.insert(from),
            None => {
                self.tickets += 1;
                let ticket = self.tickets;
                self.own.insert(slot, Own::Asked { ticket, askers: BTreeSet::from([from]) });
                effects.ask(ticket, Ask::Propose { slot, refusals: Vec::new() });
            }
        }
    }

    pub(super) fn on_answer(&mut self, ticket: u64, answer: Answer, effects: &mut Effects<Orchestrator>) {
        let asked = |own: &Own| matches!(own, Own::Asked { ticket: open, .. } if *open == ticket);
        let Some(slot) = self.own.iter().find(|(_, own)| asked(own)).map(|(slot, _)| *slot) else { return };
        let Some(Own::Asked { askers, .. }) = self.own.remove(&slot) else { return };
        let report = match answer {
            Answer::Proposal(value) => {
                self.own.insert(slot, Own::Answered(value.clone()));
                Report::Answer(value)
            }
            // Not kept: a model that had nothing to say may be asked again.
            _ => Report::Nothing,
        };
        for asker in askers {
            self.report(asker, slot, report.clone(), effects);
        }
    }

    fn report(&mut self, to: NodeId, slot: Slot, report: Report, effects: &mut Effects<Orchestrator>) {
        if to == self.me {
            self.on_report(self.me, slot, report, effects);
        } else {
            effects.send(to, Message::Report { slot, report });
        }
    }

    pub(super) fn on_report(&mut self, from: NodeId, slot: Slot, report: Report, effects: &mut Effects<Orchestrator>) {
        let all = self.members.len();
        let Some(Case::Collecting { reports }) = self.case(slot) else { return };
        reports.insert(from, report);
        if reports.len() == all {
            self.pick(slot, effects);
        }
    }

    /// Picks the most frequent answer, all being there or the deadline being over. Without any the slot is given up,
    /// for good unless fenced.
    pub(super) fn pick(&mut self, slot: Slot, effects: &mut Effects<Orchestrator>) {
        let Some(Case::Collecting { reports }) = self.case(slot) else { return };
        let answers = reports.values().filter_map(|report| match report {
            Report::Answer(value) => Some(value),
            Report::Nothing => None,
        });
        let picked = plurality(answers);
        effects.disarm(Timer::Deadline(slot));
        let Some(value) = picked else { return self.give_up(slot, effects) };
        effects.note(Fact::Proposed { slot, value: value.clone() });
        match self.config.succession {
            Succession::Unfenced => self.decide(slot, value, effects),
            Succession::Fenced => self.have_accepted(slot, value, effects),
        }
    }

    fn give_up(&mut self, slot: Slot, effects: &mut Effects<Orchestrator>) {
        let Some(desk) = self.desk() else { return };
        desk.cases.remove(&slot);
        let clients = desk.clients.remove(&slot).unwrap_or_default();
        let outcome = match self.config.succession {
            Succession::Unfenced => {
                effects.note(Fact::Abstained { slot });
                Outcome::GaveUp { slot }
            }
            // Nothing was decided and nothing forbids another try: the client asks again, and so does this member.
            Succession::Fenced => Outcome::Elsewhere { hint: Some(self.me) },
        };
        clients.into_iter().for_each(|op| effects.respond(op, outcome.clone()));
    }

    /// Has a majority accept a value, this member first.
    pub(super) fn have_accepted(&mut self, slot: Slot, value: Value, effects: &mut Effects<Orchestrator>) {
        let me = self.me;
        let Some(desk) = self.desk() else { return };
        let epoch = desk.epoch;
        desk.cases.insert(slot, Case::Accepting { value: value.clone(), acceptors: BTreeSet::new() });
        self.save(Write::Accept { slot, accepted: Accepted { epoch, value: value.clone() } }, effects);
        effects.send_all(self.members.others(me), &Message::Accept { epoch, slot, value });
        self.on_accepted(me, epoch, slot, effects);
    }

    /// Accepts what the orchestrator of the latest epoch wants, durably.
    pub(super) fn on_accept(
        &mut self,
        from: NodeId,
        slot: Slot,
        accepted: Accepted,
        effects: &mut Effects<Orchestrator>,
    ) {
        let epoch = accepted.epoch;
        self.on_beat(from, epoch, effects);
        if epoch < self.disk.promised {
            return;
        }
        if self.disk.accepted.get(&slot) != Some(&accepted) {
            self.save(Write::Accept { slot, accepted }, effects);
        }
        effects.send(from, Message::Accepted { epoch, slot });
    }

    pub(super) fn on_accepted(&mut self, from: NodeId, epoch: Epoch, slot: Slot, effects: &mut Effects<Orchestrator>) {
        let majority = self.members.majority();
        let Some(desk) = self.desk().filter(|desk| desk.epoch == epoch) else { return };
        let Some(Case::Accepting { value, acceptors }) = desk.cases.get_mut(&slot) else { return };
        acceptors.insert(from);
        if acceptors.len() >= majority {
            let value = value.clone();
            self.decide(slot, value, effects);
        }
    }

    fn decide(&mut self, slot: Slot, value: Value, effects: &mut Effects<Orchestrator>) {
        self.learn(slot, &value, effects);
        self.announce(slot, &value, effects);
    }

    /// Tells everyone until each has acknowledged it.
    pub(super) fn announce(&mut self, slot: Slot, value: &Value, effects: &mut Effects<Orchestrator>) {
        let others: BTreeSet<NodeId> = self.members.others(self.me).collect();
        effects.send_all(others.iter().copied(), &Message::Decision { slot, value: value.clone() });
        if let Some(desk) = self.desk() {
            desk.unheard.insert(slot, others);
        }
    }

    pub(super) fn on_decision(&mut self, from: NodeId, slot: Slot, value: &Value, effects: &mut Effects<Orchestrator>) {
        let news = !self.decided.contains_key(&slot);
        self.learn(slot, value, effects);
        effects.send(from, Message::Heard { slot });
        // Whoever decided it tells nobody any more once it is fenced.
        if news && self.config.succession == Succession::Fenced && self.is_orchestrating() {
            self.announce(slot, value, effects);
        }
    }

    /// Decides, once; what comes later is not listened to.
    fn learn(&mut self, slot: Slot, value: &Value, effects: &mut Effects<Orchestrator>) {
        if let Entry::Vacant(undecided) = self.decided.entry(slot) {
            undecided.insert(value.clone());
            effects.decide(slot, value.clone());
        }
        let known = self.decided[&slot].clone();
        let (Duty::Fencing(desk) | Duty::Orchestrating(desk)) = &mut self.duty else { return };
        if desk.cases.remove(&slot).is_some() {
            effects.disarm(Timer::Deadline(slot));
        }
        for op in desk.clients.remove(&slot).unwrap_or_default() {
            effects.respond(op, Outcome::Decided { slot, value: known.clone() });
        }
    }

    pub(super) fn on_heard(&mut self, from: NodeId, slot: Slot) {
        let Some(desk) = self.desk() else { return };
        if let Some(unheard) = desk.unheard.get_mut(&slot) {
            unheard.remove(&from);
        }
        desk.unheard.retain(|_, unheard| !unheard.is_empty());
    }

    /// Sends again what was not answered, and looks again after a while.
    pub(super) fn resend(&mut self, effects: &mut Effects<Orchestrator>) {
        let Duty::Orchestrating(desk) = &self.duty else { return };
        effects.arm(Timer::Resend, self.config.resend..=self.config.resend);
        for (slot, case) in &desk.cases {
            let slot = *slot;
            for member in self.members.others(self.me) {
                match case {
                    Case::Collecting { reports } if !reports.contains_key(&member) => {
                        effects.send(member, Message::Collect { slot });
                    }
                    Case::Accepting { value, acceptors } if !acceptors.contains(&member) => {
                        effects.send(member, Message::Accept { epoch: desk.epoch, slot, value: value.clone() });
                    }
                    _ => {}
                }
            }
        }
        for (slot, unheard) in &desk.unheard {
            if let Some(value) = self.decided.get(slot) {
                effects.send_all(unheard.iter().copied(), &Message::Decision { slot: *slot, value: value.clone() });
            }
        }
    }

    fn desk(&mut self) -> Option<&mut Desk> {
        match &mut self.duty {
            Duty::Orchestrating(desk) => Some(desk),
            Duty::Worker | Duty::Fencing(_) => None,
        }
    }

    fn case(&mut self, slot: Slot) -> Option<&mut Case> {
        self.desk()?.cases.get_mut(&slot)
    }
}
