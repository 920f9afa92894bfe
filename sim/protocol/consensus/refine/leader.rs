//! The leader's half: it opens rounds, counts answers, closes rounds, and puts what they came to. Its own model is one
//! among n.

use super::{Answered, Answers, Message, Motion, Needs, Place, Refine, RefinementSet, Timer};
use crate::fact::{Fact, Slot, Value};
use crate::id::NodeId;
use crate::protocol::Effects;
use crate::protocol::consensus::vote::Ballot;
use std::collections::BTreeMap;

/// A term that this member leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lead {
    pub(super) term: Ballot,
    round: u32,
    /// What the round is about.
    set: Answers,
    /// Who answered, or said that it has no answer.
    replies: BTreeMap<NodeId, Option<Value>>,
}

crate::digestible! { struct Lead { term, round, set, replies } }

impl Lead {
    fn place(&self) -> Place {
        Place { term: self.term, round: self.round }
    }

    fn answers(&self) -> Answers {
        let given = self.replies.iter();
        given.filter_map(|(member, answer)| answer.clone().map(|value| (*member, value))).collect()
    }
}

impl Refine {
    /// A majority elected this member: it puts what may have been decided, or goes on from the latest set they keep.
    pub(super) fn lead(&mut self, slot: Slot, effects: &mut Effects<Refine>) {
        let Some(term) = self.votes.chairs(slot).filter(|_| !self.votes.has_put(slot)) else { return };
        let sets = self.votes.brought(slot).filter_map(|(_, set)| set.as_ref());
        let latest = sets.filter(|set| !set.answers.is_empty()).max_by_key(|set| set.place).cloned();
        let obliged = self.votes.obliged(slot).cloned();
        let Some(session) = self.sessions.get_mut(&slot) else { return };
        if session.lead.as_ref().is_some_and(|lead| lead.term == term) {
            return;
        }
        if self.config.counts_one_term_only() {
            session.engine.begin_term();
        }
        let spent = session.engine.refusals() >= self.config.refusals as usize;
        session.lead = Some(Lead { term, round: 0, set: Answers::new(), replies: BTreeMap::new() });
        match (obliged, latest) {
            (Some(motion), _) => self.put(slot, motion, effects),
            (None, _) if spent => self.put(slot, Motion::GiveUp, effects),
            (None, Some(RefinementSet { answers, .. })) => self.begin_round(slot, 1, answers, effects),
            (None, None) => self.begin_round(slot, 0, Answers::new(), effects),
        }
    }

    /// Opens a round: everyone hears what it is about, this member first.
    fn begin_round(&mut self, slot: Slot, round: u32, set: Answers, effects: &mut Effects<Refine>) {
        let Some(session) = self.sessions.get_mut(&slot) else { return };
        let Some(lead) = &mut session.lead else { return };
        (lead.round, lead.set, lead.replies) = (round, set, BTreeMap::new());
        effects.arm(Timer::Round(slot), self.config.patience..=self.config.patience);
        let set = RefinementSet { place: lead.place(), answers: lead.set.clone() };
        let refused = session.refused.clone();
        self.beat(slot, effects);
        self.take_set(slot, set, refused, effects);
    }

    /// Says again what the round is about. It shows that the leader's shell lives, whatever its model does.
    pub(super) fn beat(&mut self, slot: Slot, effects: &mut Effects<Refine>) {
        if self.votes.has_put(slot) {
            return;
        }
        let Some(session) = self.sessions.get(&slot) else { return };
        let Some(lead) = &session.lead else { return };
        let set = RefinementSet { place: lead.place(), answers: lead.set.clone() };
        let message = Message::Refine { slot, set, refused: session.refused.clone() };
        effects.send_all(self.members.others(self.me), &message);
        effects.arm(Timer::Beat(slot), self.config.beat..=self.config.beat);
        // The leader waits for no other leader.
        effects.disarm(Timer::Election(slot));
    }

    /// A member's answer, or its own: it counts in the round it was given in, once.
    pub(super) fn on_reply(&mut self, from: NodeId, slot: Slot, answered: Answered, effects: &mut Effects<Refine>) {
        if self.votes.has_put(slot) {
            return;
        }
        let Some(lead) = self.sessions.get_mut(&slot).and_then(|session| session.lead.as_mut()) else { return };
        if !self.config.counts(answered.place, lead.place()) {
            return;
        }
        let known = lead.replies.len();
        lead.replies.entry(from).or_insert(answered.answer);
        let (given, replied) = (lead.replies.values().flatten().count(), lead.replies.len());
        let all = replied == self.members.len();
        if given >= self.config.quorum.of(&self.members) || (all && given > 0) {
            self.close_round(slot, effects);
        } else if all && replied > known {
            // Models that fail at once would spend every round in one outage.
            effects.arm(Timer::Round(slot), self.config.lull..=self.config.lull);
        }
    }

    /// The round has had its time: a majority's reports are enough now.
    pub(super) fn end_patience(&mut self, slot: Slot, effects: &mut Effects<Refine>) {
        if self.votes.has_put(slot) {
            return;
        }
        let Some(lead) = self.sessions.get(&slot).and_then(|session| session.lead.as_ref()) else { return };
        // The own model has had its time, too.
        let waits = self.sessions[&slot].asked.is_some_and(|asked| asked.place == lead.place());
        let reports = lead.replies.len() + usize::from(waits);
        if reports >= self.members.majority() {
            self.close_round(slot, effects);
        } else {
            effects.arm(Timer::Round(slot), self.config.patience..=self.config.patience);
        }
    }

    /// The round is closed: what it came to is put to the vote, or shown to everyone in the next one.
    fn close_round(&mut self, slot: Slot, effects: &mut Effects<Refine>) {
        let overturn = self.config.overturn();
        let Some(session) = self.sessions.get_mut(&slot) else { return };
        let Some(lead) = &session.lead else { return };
        let (term, round, answers) = (lead.term.0, lead.round, lead.answers());
        let alpha = self.config.alpha.of(&self.members);
        let twice = !self.config.counts_itself_once() && answers.contains_key(&self.me);
        let needs = Needs { alpha: alpha - usize::from(twice), beta: self.config.beta };
        let agreed = session.engine.hear_with(&answers, needs, overturn);
        let set = if answers.is_empty() { lead.set.clone() } else { answers };
        let next = round + 1;
        if let Some(value) = agreed {
            let (alpha, beta, round) = (alpha as u64, u64::from(self.config.beta), u64::from(round));
            effects.note(Fact::Agreed { slot, term, round, value: value.clone(), alpha, beta });
            return self.put(slot, Motion::Adopt(value), effects);
        }
        match session.engine.favourite(&set) {
            Some(most) if next >= self.config.rounds => self.put(slot, Motion::Adopt(most.value), effects),
            None if next >= self.config.most => self.put(slot, Motion::GiveUp, effects),
            _ => self.begin_round(slot, next, set, effects),
        }
    }

    /// Puts a motion to the vote. The round it came from is over: whoever still thinks is cancelled.
    fn put(&mut self, slot: Slot, motion: Motion, effects: &mut Effects<Refine>) {
        self.cancel(slot, effects);
        effects.disarm(Timer::Beat(slot));
        effects.disarm(Timer::Round(slot));
        effects.arm(Timer::Motion(slot), self.config.patience..=self.config.patience);
        self.await_leader(slot, effects);
        let progress = self.votes.put(slot, motion, effects);
        self.follow_up(slot, progress, effects);
    }

    /// Leads no longer.
    pub(super) fn step_down(&mut self, slot: Slot, effects: &mut Effects<Refine>) {
        if let Some(session) = self.sessions.get_mut(&slot)
            && session.lead.take().is_some()
        {
            effects.disarm(Timer::Beat(slot));
            effects.disarm(Timer::Round(slot));
            effects.disarm(Timer::Motion(slot));
            self.await_leader(slot, effects);
        }
    }
}
