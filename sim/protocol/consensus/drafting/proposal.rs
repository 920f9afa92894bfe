//! The leader's half: which attempt a slot is at, who said what of it, what the model hears next.

use super::review::{Opinion, Review, Verdict};
use super::{Acceptance, Composes, Drafts, Handover, Progress, Timer, disarm};
use crate::fact::{Fact, Slot, Value};
use crate::id::NodeId;
use crate::protocol::Effects;
use crate::protocol::team::{Answer, Ask, Reason};
use std::collections::BTreeMap;

/// How many reasons a prompt carries: the latest say most, and a leader that never yields must not collect them for
/// ever.
const MOST_REASONS: usize = 16;

/// A slot's way to approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proposal {
    /// The leadership it belongs to: a ballot's or a term's number.
    epoch: u64,
    /// How many times the model was asked.
    attempt: u32,
    /// Why earlier attempts came to nothing, oldest first.
    refusals: Vec<Reason>,
    stage: Stage,
}

crate::digestible! { struct Proposal { epoch, attempt, refusals, stage } }

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// The model was asked under this ticket.
    Asked { ticket: u64 },
    /// The members were asked; the own check runs under this ticket.
    UnderReview { ticket: u64, value: Value, verdicts: BTreeMap<NodeId, Verdict> },
}

crate::digestible! { enum Stage { 1 = Asked { ticket }, 2 = UnderReview { ticket, value, verdicts } } }

impl Proposal {
    pub(super) fn waits_for_own_model(&self) -> bool {
        matches!(self.stage, Stage::Asked { .. })
    }

    fn ticket(&self) -> u64 {
        match self.stage {
            Stage::Asked { ticket } | Stage::UnderReview { ticket, .. } => ticket,
        }
    }
}

impl Drafts {
    /// Has the own model propose for a slot, as leader of this epoch. One draft a slot, however many clients ask.
    pub fn open<P: Composes>(&mut self, epoch: u64, slot: Slot, effects: &mut Effects<P>) {
        if !self.is_open(slot) {
            self.ask_model(epoch, slot, 1, Vec::new(), effects);
        }
    }

    fn ask_model<P: Composes>(
        &mut self,
        epoch: u64,
        slot: Slot,
        attempt: u32,
        refusals: Vec<Reason>,
        effects: &mut Effects<P>,
    ) {
        let ticket = self.next_ticket();
        effects.ask(ticket, Ask::Propose { slot, refusals: refusals.clone() });
        if self.rules.handover == Handover::Yields {
            effects.arm(Timer::Lease(slot).into(), self.rules.lease..=self.rules.lease);
        }
        self.proposals.insert(slot, Proposal { epoch, attempt, refusals, stage: Stage::Asked { ticket } });
    }

    pub(super) fn slot_of(&self, ticket: u64) -> Option<Slot> {
        self.proposals.iter().find(|(_, proposal)| proposal.ticket() == ticket).map(|(slot, _)| *slot)
    }

    pub(super) fn answer_to_leader<P: Composes>(
        &mut self,
        slot: Slot,
        answer: Answer,
        effects: &mut Effects<P>,
    ) -> Progress {
        let Some(proposal) = self.proposals.get(&slot) else { return Progress::Open };
        match (&proposal.stage, answer) {
            (Stage::Asked { .. }, Answer::Proposal(value)) => self.put_forward(slot, value, effects),
            (Stage::Asked { .. }, Answer::Nothing(reason) | Answer::Refused(reason)) => {
                self.try_again(slot, vec![reason], effects)
            }
            (Stage::UnderReview { .. }, answer) => match Verdict::of(&answer) {
                Some(verdict) => self.count(self.me, slot, verdict, effects),
                None => Progress::Open,
            },
            (Stage::Asked { .. }, Answer::Approved) => Progress::Open,
        }
    }

    /// The model yielded a proposal: the progress lease is kept.
    fn put_forward<P: Composes>(&mut self, slot: Slot, value: Value, effects: &mut Effects<P>) -> Progress {
        effects.disarm(Timer::Lease(slot).into());
        effects.note(Fact::Proposed { slot, value: value.clone() });
        if self.rules.acceptance == Acceptance::Unchecked {
            return self.approve(slot, value, effects);
        }
        let ticket = self.next_ticket();
        let Some(proposal) = self.proposals.get_mut(&slot) else { return Progress::Open };
        proposal.stage = Stage::UnderReview { ticket, value: value.clone(), verdicts: BTreeMap::new() };
        effects.arm(Timer::Review(slot).into(), self.rules.review..=self.rules.review);
        self.remind(slot, effects);
        effects.ask(ticket, Ask::Validate { slot, value });
        Progress::Open
    }

    /// Sends the proposal to every member that has not answered, and again after a while.
    pub(super) fn remind<P: Composes>(&mut self, slot: Slot, effects: &mut Effects<P>) {
        let Some(Proposal { epoch, attempt, stage: Stage::UnderReview { value, verdicts, .. }, .. }) =
            self.proposals.get(&slot)
        else {
            return;
        };
        let silent = self.members.others(self.me).filter(|member| !verdicts.contains_key(member));
        let review = Review { epoch: *epoch, slot, attempt: *attempt, value: value.clone() };
        effects.send_all(silent, &review.into());
        effects.arm(Timer::Reminder(slot).into(), self.rules.reminder..=self.rules.reminder);
    }

    /// A validator's opinion; those on earlier attempts or of earlier epochs no longer matter.
    pub fn on_opinion<P: Composes>(&mut self, from: NodeId, opinion: Opinion, effects: &mut Effects<P>) -> Progress {
        let Opinion { epoch, slot, attempt, verdict } = opinion;
        match self.proposals.get(&slot) {
            Some(proposal) if (proposal.epoch, proposal.attempt) == (epoch, attempt) => {
                self.count(from, slot, verdict, effects)
            }
            _ => Progress::Open,
        }
    }

    /// Counts each member's first verdict once. A majority of the *members* must approve; silence is no approval.
    fn count<P: Composes>(&mut self, from: NodeId, slot: Slot, verdict: Verdict, effects: &mut Effects<P>) -> Progress {
        let under_review = self.proposals.get_mut(&slot).map(|proposal| &mut proposal.stage);
        let Some(Stage::UnderReview { value, verdicts, .. }) = under_review else { return Progress::Open };
        verdicts.entry(from).or_insert(verdict);
        // Members come and go while a review lasts: who does not vote is not counted.
        let counted = verdicts.iter().filter(|(node, _)| self.members.contains(**node));
        let (approvals, refusals): (Vec<_>, Vec<_>) = counted.partition(|(_, verdict)| **verdict == Verdict::Approved);
        let (approvals, refusals) = (approvals.len(), refusals.len());
        let value = value.clone();
        if approvals >= self.members.majority() {
            return self.approve(slot, value, effects);
        }
        if self.members.len() - refusals < self.members.majority() {
            return self.end_review(slot, effects);
        }
        Progress::Open
    }

    fn approve<P: Composes>(&mut self, slot: Slot, value: Value, effects: &mut Effects<P>) -> Progress {
        self.proposals.remove(&slot);
        disarm(slot, effects);
        Progress::Approved { slot, value }
    }

    /// The review came to nothing, by refusals or by its timer: the model hears why.
    pub(super) fn end_review<P: Composes>(&mut self, slot: Slot, effects: &mut Effects<P>) -> Progress {
        let Some(Stage::UnderReview { verdicts, .. }) = self.stage_of(slot) else { return Progress::Open };
        let mut reasons: Vec<Reason> = verdicts.values().filter_map(|verdict| verdict.reason()).collect();
        if reasons.is_empty() {
            reasons.push(Reason::Timeout);
        }
        self.try_again(slot, reasons, effects)
    }

    fn try_again<P: Composes>(&mut self, slot: Slot, reasons: Vec<Reason>, effects: &mut Effects<P>) -> Progress {
        let Some(Proposal { epoch, attempt, mut refusals, .. }) = self.proposals.remove(&slot) else {
            return Progress::Open;
        };
        disarm(slot, effects);
        if attempt >= self.rules.attempts && self.rules.handover == Handover::Yields {
            return Progress::Exhausted;
        }
        refusals.extend(reasons);
        refusals.drain(..refusals.len().saturating_sub(MOST_REASONS));
        self.ask_model(epoch, slot, attempt.saturating_add(1), refusals, effects);
        Progress::Open
    }

    /// The lease timer fired: the shell is alive but its model yields nothing.
    pub(super) fn end_lease(&mut self, slot: Slot) -> Progress {
        match self.stage_of(slot) {
            Some(Stage::Asked { .. }) => Progress::Exhausted,
            _ => Progress::Open,
        }
    }

    fn stage_of(&mut self, slot: Slot) -> Option<&mut Stage> {
        self.proposals.get_mut(&slot).map(|proposal| &mut proposal.stage)
    }
}
