//! A proposer's side of a round, and a member's check of what is proposed. Knows nothing of locks.

use super::instance::{Asked, Check, Finding, Stage};
use super::message::{Proposal, Statement, Timer};
use super::{Acceptance, Bft, Handover, Heartbeats};
use crate::fact::{Decision, Fact, Slot};
use crate::id::NodeId;
use crate::protocol::Effects;
use crate::protocol::team::{Answer, Ask, Reason};
use crate::time::Time;

impl Bft {
    /// This member proposes in the present round: the valid decision if it knows one (rule 2), or what its model says
    /// about a slot that someone wants. It does nothing if it is not its turn, or if it has done so already.
    pub(super) fn propose(&mut self, effects: &mut Effects<Bft>) {
        let begun = self.present.stage == Stage::Begun && self.disk.record.prevote.is_none();
        let idle = self.present.asked.is_none() && self.disk.record.proposed.is_none();
        if !begun || !idle || self.proposer(self.round()) != self.me {
            return;
        }
        let valid = self.disk.record.valid.clone().filter(|_| self.config.carries_valid_values());
        match (valid, self.next_wanted()) {
            (Some(certificate), _) => self.put_forward(certificate.decision, effects),
            (None, Some(slot)) => {
                effects.disarm(Timer::Propose);
                if self.config.handover == Handover::Yields {
                    effects.arm(Timer::Lease, self.config.lease..=self.config.lease);
                }
                self.ask_model(slot, 1, effects);
                self.say_thinking(effects);
            }
            // What the others began for it has not heard of yet.
            (None, None) => {
                let patience = self.config.grown(self.config.patience, self.round());
                effects.arm(Timer::Propose, patience..=patience);
            }
        }
    }

    /// This member's model is at work.
    pub(super) fn say_thinking(&self, effects: &mut Effects<Bft>) {
        if self.config.heartbeats == Heartbeats::FromShell {
            self.say(Statement::Thinking { height: self.height(), round: self.round() }, effects);
        }
    }

    fn ask_model(&mut self, slot: Slot, attempt: u32, effects: &mut Effects<Bft>) {
        let ticket = self.next_ticket();
        self.present.asked = Some(Asked { ticket, slot, attempt });
        effects.ask(ticket, Ask::Propose { slot, refusals: self.present.refusals.clone() });
    }

    /// The proposal this member made in the present round.
    pub(super) fn own_proposal(&self) -> Option<Proposal> {
        let (height, record) = (self.height(), &self.disk.record);
        let (decision, round) = (record.proposed.clone()?, record.round);
        let valid = record.valid.clone().filter(|valid| valid.decision == decision && valid.round < round);
        Some(Proposal { height, round, decision, valid })
    }

    fn put_forward(&mut self, decision: Decision, effects: &mut Effects<Bft>) {
        effects.disarm(Timer::Lease);
        self.present.asked = None;
        let Decision { slot, value } = decision.clone();
        effects.note(Fact::Proposed { slot, value });
        self.save(|record| record.proposed = Some(decision), effects);
        let Some(proposal) = self.own_proposal() else { return };
        self.present.proposals.insert(proposal.round, proposal.clone());
        self.say(Statement::Propose(proposal), effects);
    }

    /// The own agent answers.
    pub(super) fn on_answer(&mut self, now: Time, ticket: u64, answer: Answer, effects: &mut Effects<Bft>) {
        if let Some(asked) = self.present.asked.clone().filter(|asked| asked.ticket == ticket) {
            self.on_own_proposal(now, &asked, answer, effects);
            return self.advance(now, effects);
        }
        let awaits = |check: &&mut Check| check.ticket == ticket && check.finding == Finding::Awaited;
        let Some(check) = self.present.check.as_mut().filter(awaits) else { return };
        check.finding = match answer {
            Answer::Approved => Finding::Approved,
            // What was not checked is not approved.
            Answer::Refused(reason) | Answer::Nothing(reason) => Finding::Refused(reason),
            Answer::Proposal(_) => return,
        };
        self.advance(now, effects);
    }

    fn on_own_proposal(&mut self, now: Time, asked: &Asked, answer: Answer, effects: &mut Effects<Bft>) {
        match answer {
            Answer::Proposal(value) => self.put_forward(Decision { slot: asked.slot, value }, effects),
            Answer::Nothing(reason) | Answer::Refused(reason) => {
                self.present.refusals.push(reason);
                if asked.attempt < self.config.attempts || self.config.handover == Handover::Stays {
                    self.ask_model(asked.slot, asked.attempt.saturating_add(1), effects);
                } else {
                    // The shell lives, its model does not: the round goes to the next proposer.
                    self.give_round_up(now, effects);
                }
            }
            Answer::Approved => {}
        }
    }

    /// The proposer's shell lives and its model is at work: its round goes on, up to the lease.
    pub(super) fn on_thinking(&mut self, now: Time, round: u64, speaker: NodeId, effects: &mut Effects<Bft>) {
        let speaks = speaker == self.proposer(round) && round == self.round();
        let waits = self.disk.record.prevote.is_none() && !self.present.proposals.contains_key(&round);
        let leased = now.since(self.present.since) < self.config.lease || self.config.handover == Handover::Stays;
        if speaks && waits && leased {
            let patience = self.config.grown(self.config.patience, round);
            effects.arm(Timer::Propose, patience..=patience);
        }
    }

    /// What the own agent finds of what is proposed; asks it the first time. What is decided already needs no place.
    pub(super) fn finding(&mut self, decision: &Decision, effects: &mut Effects<Bft>) -> Finding {
        if self.has_decided(decision.slot) {
            return Finding::Refused(Reason::Facts);
        }
        if self.config.acceptance == Acceptance::Unchecked {
            return Finding::Approved;
        }
        if let Some(check) = self.present.check.as_ref().filter(|check| check.decision == *decision) {
            return check.finding;
        }
        let ticket = self.next_ticket();
        let Decision { slot, value } = decision.clone();
        effects.ask(ticket, Ask::Validate { slot, value });
        effects.arm(Timer::Propose, self.config.review..=self.config.review);
        self.present.check = Some(Check { ticket, decision: decision.clone(), finding: Finding::Awaited });
        Finding::Awaited
    }

    /// Why a round that is given up came to nothing.
    pub(super) fn reason_to_give_up(&self) -> Option<Reason> {
        let checking = self.present.check.as_ref()?;
        (checking.finding == Finding::Awaited).then_some(Reason::Timeout)
    }
}
