//! A proposer's side of a round, and a member's check of what is proposed. Knows nothing of locks.

use super::instance::{Asked, Check, Finding};
use super::message::{Proposal, Statement, Timer};
use super::{Acceptance, Bft, Handover, Heartbeats};
use crate::fact::{Fact, Slot, Value};
use crate::id::NodeId;
use crate::protocol::Effects;
use crate::protocol::team::{Answer, Ask, Reason};
use crate::time::Time;

impl Bft {
    /// This member proposes in the round that begins: the valid value if it knows one (rule 2), or what its model says.
    pub(super) fn propose(&mut self, slot: Slot, effects: &mut Effects<Bft>) {
        if self.own_proposal(slot).is_some() {
            return;
        }
        let valid = self.record(slot).valid.clone().filter(|_| self.config.carries_valid_values());
        match valid {
            Some(certificate) => self.put_forward(slot, certificate.value, effects),
            None => {
                if self.config.handover == Handover::Yields {
                    effects.arm(Timer::Lease(slot), self.config.lease..=self.config.lease);
                }
                self.ask_model(slot, 1, effects);
                self.say_thinking(slot, effects);
            }
        }
    }

    /// This member's model is at work.
    pub(super) fn say_thinking(&self, slot: Slot, effects: &mut Effects<Bft>) {
        if self.config.heartbeats == Heartbeats::FromShell {
            self.say(Statement::Thinking { slot, round: self.round(slot) }, effects);
        }
    }

    fn ask_model(&mut self, slot: Slot, attempt: u32, effects: &mut Effects<Bft>) {
        let ticket = self.next_ticket();
        let instance = self.instance(slot);
        instance.asked = Some(Asked { ticket, attempt });
        effects.ask(ticket, Ask::Propose { slot, refusals: instance.refusals.clone() });
    }

    /// The proposal this member made in the present round.
    pub(super) fn own_proposal(&self, slot: Slot) -> Option<Proposal> {
        let record = self.record(slot);
        let (value, round) = (record.proposed.clone()?, record.round);
        let valid = record.valid.clone().filter(|valid| valid.value == value && valid.round < round);
        Some(Proposal { slot, round, value, valid })
    }

    fn put_forward(&mut self, slot: Slot, value: Value, effects: &mut Effects<Bft>) {
        effects.disarm(Timer::Lease(slot));
        self.instance(slot).asked = None;
        effects.note(Fact::Proposed { slot, value: value.clone() });
        self.save(slot, |record| record.proposed = Some(value), effects);
        let Some(proposal) = self.own_proposal(slot) else { return };
        self.instance(slot).proposals.insert(proposal.round, proposal.clone());
        self.say(Statement::Propose(proposal), effects);
    }

    /// The own agent answers.
    pub(super) fn on_answer(&mut self, now: Time, ticket: u64, answer: Answer, effects: &mut Effects<Bft>) {
        let asked = |asked: &Option<Asked>| asked.as_ref().is_some_and(|asked| asked.ticket == ticket);
        if let Some(slot) = self.slots.iter().find(|(_, instance)| asked(&instance.asked)).map(|(slot, _)| *slot) {
            self.on_own_proposal(now, slot, answer, effects);
            return self.advance(now, slot, effects);
        }
        let awaits = |check: &Check| check.ticket == ticket && check.finding == Finding::Awaited;
        for (slot, instance) in &mut self.slots {
            let Some(check) = instance.check.as_mut().filter(|check| awaits(check)) else { continue };
            check.finding = match answer {
                Answer::Approved => Finding::Approved,
                // What was not checked is not approved.
                Answer::Refused(reason) | Answer::Nothing(reason) => Finding::Refused(reason),
                Answer::Proposal(_) => return,
            };
            let slot = *slot;
            return self.advance(now, slot, effects);
        }
    }

    fn on_own_proposal(&mut self, now: Time, slot: Slot, answer: Answer, effects: &mut Effects<Bft>) {
        let attempt = self.instance(slot).asked.as_ref().map_or(0, |asked| asked.attempt);
        match answer {
            Answer::Proposal(value) => self.put_forward(slot, value, effects),
            Answer::Nothing(reason) | Answer::Refused(reason) => {
                self.instance(slot).refusals.push(reason);
                if attempt < self.config.attempts || self.config.handover == Handover::Stays {
                    self.ask_model(slot, attempt.saturating_add(1), effects);
                } else {
                    // The shell lives, its model does not: the round goes to the next proposer.
                    self.give_round_up(now, slot, effects);
                }
            }
            Answer::Approved => {}
        }
    }

    /// The proposer's shell lives and its model is at work: its round goes on, up to the lease.
    pub(super) fn on_thinking(
        &mut self,
        now: Time,
        slot: Slot,
        round: u64,
        speaker: NodeId,
        effects: &mut Effects<Bft>,
    ) {
        let (present, waits) = (self.round(slot), self.record(slot).prevote.is_none());
        let since = self.instance(slot).since;
        let known = self.instance(slot).proposals.contains_key(&round);
        let speaks = speaker == self.proposer(slot, round) && round == present;
        let leased = now.since(since) < self.config.lease || self.config.handover == Handover::Stays;
        if speaks && waits && !known && leased {
            let patience = self.config.grown(self.config.patience, round);
            effects.arm(Timer::Propose(slot), patience..=patience);
        }
    }

    /// What the own agent finds of a proposed value; asks it the first time.
    pub(super) fn finding(&mut self, slot: Slot, value: &Value, effects: &mut Effects<Bft>) -> Finding {
        if self.config.acceptance == Acceptance::Unchecked {
            return Finding::Approved;
        }
        if let Some(check) = self.instance(slot).check.as_ref().filter(|check| check.value == *value) {
            return check.finding;
        }
        let ticket = self.next_ticket();
        let value = value.clone();
        effects.ask(ticket, Ask::Validate { slot, value: value.clone() });
        effects.arm(Timer::Propose(slot), self.config.review..=self.config.review);
        self.instance(slot).check = Some(Check { ticket, value, finding: Finding::Awaited });
        Finding::Awaited
    }

    /// Why a round that is given up came to nothing.
    pub(super) fn reason_to_give_up(&self, slot: Slot) -> Option<Reason> {
        let checking = self.slots.get(&slot)?.check.as_ref()?;
        (checking.finding == Finding::Awaited).then_some(Reason::Timeout)
    }
}
