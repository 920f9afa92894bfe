//! The leader's way from a client's request to an entry: ask the own model, have a majority check, append.
//!
//! The model writes proposals and opinions only. Which answer counts, how often it may try and who leads is decided
//! here.

use super::election::Standing;
use super::leader::Leadership;
use super::message::{Message, Review, Timer, Verdict};
use super::{Acceptance, Command, Entry, Handover, Heartbeats, Raft};
use crate::fact::{Fact, Slot, Value};
use crate::id::{NodeId, OpId};
use crate::protocol::Effects;
use crate::protocol::team::{Answer, Ask, Outcome, Reason};
use std::collections::BTreeMap;

/// How many reasons a prompt carries: the latest say most, and a leader that never yields must not collect them for
/// ever.
const MOST_REASONS: usize = 16;

/// A slot's way into the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proposal {
    /// How many times the model was asked.
    attempt: u32,
    /// Why earlier attempts came to nothing, oldest first.
    refusals: Vec<Reason>,
    stage: Stage,
}

crate::digestible! { struct Proposal { attempt, refusals, stage } }

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// The model was asked under this ticket.
    Asked { ticket: u64 },
    /// The members were asked; the own check runs under this ticket.
    UnderReview { ticket: u64, value: Value, verdicts: BTreeMap<NodeId, Verdict> },
}

crate::digestible! { enum Stage { 1 = Asked { ticket }, 2 = UnderReview { ticket, value, verdicts } } }

impl Stage {
    fn ticket(&self) -> u64 {
        match self {
            Stage::Asked { ticket } | Stage::UnderReview { ticket, .. } => *ticket,
        }
    }
}

impl Raft {
    /// A client wants a slot decided. One slot is proposed once, however many ask.
    pub(super) fn on_request(&mut self, op: OpId, slot: Slot, effects: &mut Effects<Raft>) {
        // A decision never changes, so whoever knows it may say it.
        if let Some(value) = self.decided.get(&slot) {
            return effects.respond(op, Outcome::Decided { slot, value: value.clone() });
        }
        let on_its_way = self.disk.log.decides_after(self.applied, slot);
        match &mut self.standing {
            Standing::Leader(leadership) => {
                leadership.requests.entry(slot).or_default().push(op);
                if !on_its_way && !leadership.proposals.contains_key(&slot) {
                    self.ask_model(slot, 1, Vec::new(), effects);
                }
            }
            Standing::Follower { leader } => effects.respond(op, Outcome::Elsewhere { hint: *leader }),
            _ => effects.respond(op, Outcome::Elsewhere { hint: None }),
        }
    }

    fn ask_model(&mut self, slot: Slot, attempt: u32, refusals: Vec<Reason>, effects: &mut Effects<Raft>) {
        let ticket = self.next_ticket();
        let Standing::Leader(leadership) = &mut self.standing else { return };
        effects.ask(ticket, Ask::Propose { slot, refusals: refusals.clone() });
        if self.config.handover == Handover::Yields {
            effects.arm(Timer::Lease(slot), self.config.lease..=self.config.lease);
        }
        leadership.proposals.insert(slot, Proposal { attempt, refusals, stage: Stage::Asked { ticket } });
    }

    /// An answer to what the leader asked its own agent. Returns it if it belongs to no proposal of this term.
    pub(super) fn answer_to_leader(
        &mut self,
        ticket: u64,
        answer: Answer,
        effects: &mut Effects<Raft>,
    ) -> Option<Answer> {
        let Standing::Leader(leadership) = &self.standing else { return Some(answer) };
        let mut open = leadership.proposals.iter();
        let Some((slot, proposal)) = open.find(|(_, proposal)| proposal.stage.ticket() == ticket) else {
            return Some(answer);
        };
        let slot = *slot;
        match (&proposal.stage, answer) {
            (Stage::Asked { .. }, Answer::Proposal(value)) => self.put_forward(slot, value, effects),
            (Stage::Asked { .. }, Answer::Nothing(reason) | Answer::Refused(reason)) => {
                self.try_again(slot, vec![reason], effects);
            }
            (Stage::UnderReview { .. }, answer) => {
                if let Some(verdict) = verdict_of(&answer) {
                    self.on_verdict(self.me, slot, verdict, effects);
                }
            }
            (Stage::Asked { .. }, Answer::Approved) => {}
        }
        None
    }

    /// The leader's model yielded a proposal: the progress lease is kept.
    fn put_forward(&mut self, slot: Slot, value: Value, effects: &mut Effects<Raft>) {
        effects.disarm(Timer::Lease(slot));
        effects.note(Fact::Proposed { slot, value: value.clone() });
        if self.config.acceptance == Acceptance::Unchecked {
            return self.append_decision(slot, value, effects);
        }
        let ticket = self.next_ticket();
        let Standing::Leader(leadership) = &mut self.standing else { return };
        let Some(proposal) = leadership.proposals.get_mut(&slot) else { return };
        proposal.stage = Stage::UnderReview { ticket, value: value.clone(), verdicts: BTreeMap::new() };
        effects.arm(Timer::Review(slot), self.config.review..=self.config.review);
        self.remind(slot, effects);
        effects.ask(ticket, Ask::Validate { slot, value });
    }

    /// Sends the proposal to every member that has not answered, and again after a while.
    pub(super) fn remind(&mut self, slot: Slot, effects: &mut Effects<Raft>) {
        let Standing::Leader(leadership) = &self.standing else { return };
        let Some(Proposal { attempt, stage: Stage::UnderReview { value, verdicts, .. }, .. }) =
            leadership.proposals.get(&slot)
        else {
            return;
        };
        let silent = self.members.others(self.me).filter(|member| !verdicts.contains_key(member));
        let review = Review { term: self.disk.term, slot, attempt: *attempt, value: value.clone() };
        effects.send_all(silent, &Message::Review(review));
        effects.arm(Timer::Reminder(slot), self.config.reminder..=self.config.reminder);
    }

    /// A validator's verdict on the proposal under this attempt; those on earlier ones no longer matter.
    pub(super) fn on_opinion(
        &mut self,
        from: NodeId,
        slot: Slot,
        attempt: u32,
        verdict: Verdict,
        effects: &mut Effects<Raft>,
    ) {
        let Standing::Leader(leadership) = &self.standing else { return };
        if leadership.proposals.get(&slot).is_some_and(|proposal| proposal.attempt == attempt) {
            self.on_verdict(from, slot, verdict, effects);
        }
    }

    /// Counts each member's first verdict once. A majority of the *members* must approve; silence is no approval.
    fn on_verdict(&mut self, from: NodeId, slot: Slot, verdict: Verdict, effects: &mut Effects<Raft>) {
        let Some(Stage::UnderReview { value, verdicts, .. }) = self.stage_of(slot) else { return };
        verdicts.entry(from).or_insert(verdict);
        let approvals = verdicts.values().filter(|verdict| **verdict == Verdict::Approved).count();
        let refusals = verdicts.len() - approvals;
        let value = value.clone();
        if approvals >= self.members.majority() {
            self.append_decision(slot, value, effects);
        } else if self.members.len() - refusals < self.members.majority() {
            self.end_review(slot, effects);
        }
    }

    /// The review came to nothing, by refusals or by its timer: the model hears why.
    pub(super) fn end_review(&mut self, slot: Slot, effects: &mut Effects<Raft>) {
        let Some(Stage::UnderReview { verdicts, .. }) = self.stage_of(slot) else { return };
        let mut reasons: Vec<Reason> = verdicts.values().filter_map(reason_of).collect();
        if reasons.is_empty() {
            reasons.push(Reason::Timeout);
        }
        self.try_again(slot, reasons, effects);
    }

    fn try_again(&mut self, slot: Slot, reasons: Vec<Reason>, effects: &mut Effects<Raft>) {
        let Some(proposal) = self.leadership().and_then(|leadership| leadership.proposals.remove(&slot)) else {
            return;
        };
        disarm_proposal(slot, effects);
        if proposal.attempt >= self.config.attempts && self.config.handover == Handover::Yields {
            return self.yield_leadership(effects);
        }
        let mut refusals = proposal.refusals;
        refusals.extend(reasons);
        refusals.drain(..refusals.len().saturating_sub(MOST_REASONS));
        self.ask_model(slot, proposal.attempt + 1, refusals, effects);
    }

    /// The lease timer fired: the shell is alive but its model yields nothing.
    pub(super) fn end_lease(&mut self, slot: Slot, effects: &mut Effects<Raft>) {
        if matches!(self.stage_of(slot), Some(Stage::Asked { .. })) {
            self.yield_leadership(effects);
        }
    }

    fn append_decision(&mut self, slot: Slot, value: Value, effects: &mut Effects<Raft>) {
        let (term, last) = (self.disk.term, self.disk.log.last().index);
        if let Some(leadership) = self.leadership() {
            leadership.proposals.remove(&slot);
        }
        disarm_proposal(slot, effects);
        self.append(last, vec![Entry { term, command: Command::Decide { slot, value } }], effects);
        self.replicate(effects);
        self.commit_what_a_majority_holds(effects);
    }

    /// Whether this leader's heartbeats wait for its model, and it is generating.
    pub(super) fn is_stuck_in_generation(&self) -> bool {
        let Standing::Leader(leadership) = &self.standing else { return false };
        self.config.heartbeats == Heartbeats::BetweenAnswers
            && leadership.proposals.values().any(Proposal::waits_for_own_model)
    }

    fn leadership(&mut self) -> Option<&mut Leadership> {
        match &mut self.standing {
            Standing::Leader(leadership) => Some(leadership),
            _ => None,
        }
    }

    fn stage_of(&mut self, slot: Slot) -> Option<&mut Stage> {
        self.leadership()?.proposals.get_mut(&slot).map(|proposal| &mut proposal.stage)
    }
}

impl Proposal {
    fn waits_for_own_model(&self) -> bool {
        matches!(self.stage, Stage::Asked { .. })
    }
}

/// Stops every timer that a slot's proposal may have.
pub(super) fn disarm_proposal(slot: Slot, effects: &mut Effects<Raft>) {
    for timer in [Timer::Lease(slot), Timer::Review(slot), Timer::Reminder(slot)] {
        effects.disarm(timer);
    }
}

/// What an answer to a validation says. Nothing usable is a refusal: what was not checked is not approved.
pub(super) fn verdict_of(answer: &Answer) -> Option<Verdict> {
    match answer {
        Answer::Approved => Some(Verdict::Approved),
        Answer::Refused(reason) | Answer::Nothing(reason) => Some(Verdict::Refused(*reason)),
        Answer::Proposal(_) => None,
    }
}

fn reason_of(verdict: &Verdict) -> Option<Reason> {
    match verdict {
        Verdict::Approved => None,
        Verdict::Refused(reason) => Some(*reason),
    }
}
