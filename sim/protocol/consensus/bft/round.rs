//! The rounds of a slot: what is voted, when a member locks, decides or goes on (Algorithm 1). Knows no link.

use super::instance::{Ballot, Finding};
use super::message::{Proposal, Statement, Timer, Vote};
use super::{Bft, Lock, Size};
use crate::fact::{Fact, Phase, Slot, Value};
use crate::protocol::Effects;
use crate::protocol::team::Reason;
use crate::time::Time;

/// Whether a rule applied.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    Applied,
    Idle,
}

impl Bft {
    /// Starts a slot in its first round, if it has not started.
    pub(super) fn open(&mut self, now: Time, slot: Slot, effects: &mut Effects<Bft>) {
        if !self.disk.slots.contains_key(&slot) {
            self.save(slot, |_| {}, effects);
            self.enter(now, slot, effects);
        }
    }

    /// Goes on after a restart with what was said before it.
    pub(super) fn resume(&mut self, now: Time, slot: Slot, effects: &mut Effects<Bft>) {
        let record = self.record(slot);
        let own = [record.prevote.clone(), record.precommit.clone()];
        for vote in own.into_iter().flatten() {
            let signed = self.key.sign(Statement::Vote(vote.clone()));
            self.on_vote(&vote, signed, effects);
        }
        if let Some(proposal) = self.own_proposal(slot) {
            self.instance(slot).proposals.insert(proposal.round, proposal);
        }
        self.enter(now, slot, effects);
        self.advance(now, slot, effects);
    }

    fn start_round(&mut self, now: Time, slot: Slot, round: u64, effects: &mut Effects<Bft>) {
        self.save(
            slot,
            |record| {
                record.round = round;
                (record.proposed, record.prevote, record.precommit) = (None, None, None);
            },
            effects,
        );
        self.enter(now, slot, effects);
    }

    /// The present round begins (lines 11 to 21).
    fn enter(&mut self, now: Time, slot: Slot, effects: &mut Effects<Bft>) {
        for timer in [Timer::Propose, Timer::Prevote, Timer::Precommit, Timer::Lease] {
            effects.disarm(timer(slot));
        }
        let round = self.round(slot);
        let instance = self.instance(slot);
        (instance.since, instance.asked) = (now, None);
        instance.awaited.clear();
        effects.arm(Timer::Beat(slot), self.config.beat..=self.config.beat);
        effects.note(Fact::Entered { slot, round });
        if self.record(slot).prevote.is_some() {
            return;
        }
        if self.proposer(slot, round) == self.me {
            self.propose(slot, effects);
        } else {
            let patience = self.config.grown(self.config.patience, round);
            effects.arm(Timer::Propose(slot), patience..=patience);
        }
    }

    /// Applies rules until none applies any more.
    pub(super) fn advance(&mut self, now: Time, slot: Slot, effects: &mut Effects<Bft>) {
        while self.record(slot).decision.is_none() {
            let applied = [Bft::try_decide, Bft::try_skip, Bft::try_prevote, Bft::try_precommit, Bft::try_wait]
                .into_iter()
                .any(|rule| rule(self, now, slot, effects) == Rule::Applied);
            if !applied {
                return;
            }
        }
    }

    /// Lines 49 to 54.
    fn try_decide(&mut self, _: Time, slot: Slot, effects: &mut Effects<Bft>) -> Rule {
        let quorum = self.quorum();
        let instance = self.instance(slot);
        let precommits = instance.votes.keys().filter(|ballot| ballot.phase == Phase::Precommit);
        let Some(certificate) = precommits.copied().find_map(|ballot| instance.certificate(slot, ballot, quorum))
        else {
            return Rule::Idle;
        };
        self.decide(certificate, effects);
        Rule::Applied
    }

    /// Lines 55 and 56.
    fn try_skip(&mut self, now: Time, slot: Slot, effects: &mut Effects<Bft>) -> Rule {
        let one_correct = Size::of(&self.members).liars() + 1;
        let round = self.round(slot);
        match self.instance(slot).reached_by(one_correct) {
            Some(reached) if reached > round => {
                self.start_round(now, slot, reached, effects);
                Rule::Applied
            }
            _ => Rule::Idle,
        }
    }

    /// Lines 22 to 33: rules 3 and 4.
    fn try_prevote(&mut self, _: Time, slot: Slot, effects: &mut Effects<Bft>) -> Rule {
        let round = self.round(slot);
        if self.record(slot).prevote.is_some() {
            return Rule::Idle;
        }
        let Some(Proposal { value, valid, .. }) = self.instance(slot).proposals.get(&round).cloned() else {
            return Rule::Idle;
        };
        if let Some(shown) = &valid {
            self.report(shown, effects);
        }
        let shown = valid.map(|certificate| certificate.round);
        let locked = self.record(slot).locked.clone().filter(|_| self.config.keeps_its_lock());
        let later = |lock: &Lock, shown: u64| lock.round <= shown || !self.config.unlocks_on_later_rounds_only();
        let free = locked.is_none_or(|lock| lock.value == value || shown.is_some_and(|shown| later(&lock, shown)));
        if !free {
            self.vote(slot, Phase::Prevote, None, None, effects);
            return Rule::Applied;
        }
        // A quorum's prevotes hold those of f + 1 correct members that checked the value.
        let finding = if shown.is_some() { Finding::Approved } else { self.finding(slot, &value, effects) };
        match finding {
            Finding::Awaited => return Rule::Idle,
            Finding::Approved => self.vote(slot, Phase::Prevote, Some(value), None, effects),
            Finding::Refused(reason) => self.vote(slot, Phase::Prevote, None, Some(reason), effects),
        }
        Rule::Applied
    }

    /// Lines 36 to 46: rule 5.
    fn try_precommit(&mut self, _: Time, slot: Slot, effects: &mut Effects<Bft>) -> Rule {
        let (round, quorum) = (self.round(slot), self.quorum());
        let record = self.record(slot);
        if record.prevote.is_none() {
            return Rule::Idle;
        }
        let votes_now = record.precommit.is_none();
        let renews = self.config.renews_valid_values();
        let known = record.valid.as_ref().is_some_and(|valid| valid.round >= round || !renews && !votes_now);
        let ballot = Ballot { round, phase: Phase::Prevote };
        if let Some(certificate) = self.instance(slot).certificate(slot, ballot, quorum).filter(|_| !known) {
            let value = certificate.value.clone();
            self.report(&certificate, effects);
            if votes_now {
                let lock = Lock { round, value: value.clone() };
                let locked = Fact::Locked { slot, round, value: value.clone() };
                let vote = Vote { slot, round, phase: Phase::Precommit, choice: Some(value), reason: None };
                let keep = move |record: &mut super::Record| {
                    record.locked = Some(lock);
                    if renews || record.valid.is_none() {
                        record.valid = Some(certificate);
                    }
                };
                self.cast(vote, keep, effects);
                effects.note(locked);
            } else {
                self.save(slot, |record| record.valid = Some(certificate), effects);
            }
            return Rule::Applied;
        }
        if votes_now && self.instance(slot).nils(ballot) >= quorum {
            self.vote(slot, Phase::Precommit, None, None, effects);
            return Rule::Applied;
        }
        Rule::Idle
    }

    /// Lines 34, 35, 47 and 48: rule 7.
    fn try_wait(&mut self, _: Time, slot: Slot, effects: &mut Effects<Bft>) -> Rule {
        let (round, quorum) = (self.round(slot), self.quorum());
        let span = self.config.grown(self.config.votes, round);
        let record = self.record(slot);
        let prevoting = record.prevote.is_some() && record.precommit.is_none();
        for (phase, timer) in [(Phase::Prevote, Timer::Prevote(slot)), (Phase::Precommit, Timer::Precommit(slot))] {
            let due = phase == Phase::Precommit || prevoting;
            let instance = self.instance(slot);
            if due && instance.turnout(Ballot { round, phase }) >= quorum && instance.awaited.insert(phase) {
                effects.arm(timer, span..=span);
            }
        }
        Rule::Idle
    }

    /// Lines 57 to 60: nothing to vote for came in time.
    pub(super) fn give_round_up(&mut self, now: Time, slot: Slot, effects: &mut Effects<Bft>) {
        if self.record(slot).decision.is_some() || self.record(slot).prevote.is_some() {
            return;
        }
        self.instance(slot).asked = None;
        let reason = self.reason_to_give_up(slot);
        self.vote(slot, Phase::Prevote, None, reason, effects);
        self.advance(now, slot, effects);
    }

    /// The votes that would end this round may be lost for good while others are ahead: one round on.
    pub(super) fn climb(&mut self, now: Time, slot: Slot, effects: &mut Effects<Bft>) {
        let record = self.record(slot);
        let (round, voted) = (record.round, record.prevote.is_some());
        let patience = self.config.grown(self.config.patience, round);
        let instance = self.instance(slot);
        let behind = instance.reached_by(1).is_some_and(|reached| reached > round);
        if voted && behind && now.since(instance.since) >= patience && self.decided(slot).is_none() {
            self.start_round(now, slot, round + 1, effects);
            self.advance(now, slot, effects);
        }
    }

    /// Lines 61 to 64.
    pub(super) fn end_prevotes(&mut self, now: Time, slot: Slot, effects: &mut Effects<Bft>) {
        let record = self.record(slot);
        if record.decision.is_none() && record.prevote.is_some() && record.precommit.is_none() {
            self.vote(slot, Phase::Precommit, None, None, effects);
            self.advance(now, slot, effects);
        }
    }

    /// Lines 65 to 67.
    pub(super) fn end_precommits(&mut self, now: Time, slot: Slot, effects: &mut Effects<Bft>) {
        if self.record(slot).decision.is_none() {
            self.start_round(now, slot, self.round(slot) + 1, effects);
            self.advance(now, slot, effects);
        }
    }

    fn vote(
        &mut self,
        slot: Slot,
        phase: Phase,
        choice: Option<Value>,
        reason: Option<Reason>,
        effects: &mut Effects<Bft>,
    ) {
        let vote = Vote { slot, round: self.round(slot), phase, choice, reason };
        self.cast(vote, |_| {}, effects);
    }

    /// Writes a vote down with all that belongs to it, then says it and counts it (rule 9).
    fn cast(&mut self, vote: Vote, with: impl FnOnce(&mut super::Record), effects: &mut Effects<Bft>) {
        let Vote { slot, round, phase, choice, .. } = vote.clone();
        let kept = vote.clone();
        self.save(
            slot,
            |record| {
                with(record);
                match phase {
                    Phase::Prevote => record.prevote = Some(kept),
                    Phase::Precommit => record.precommit = Some(kept),
                }
            },
            effects,
        );
        effects.note(Fact::Cast { slot, round, phase, choice });
        let signed = self.key.sign(Statement::Vote(vote.clone()));
        self.on_vote(&vote, signed, effects);
        self.say(Statement::Vote(vote), effects);
    }
}
