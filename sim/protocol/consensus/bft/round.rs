//! The rounds of a height: what is voted, when a member locks, decides or goes on (Algorithm 1). Knows no link.

use super::instance::{Ballot, Finding, Stage};
use super::message::{Proposal, Statement, Timer, Vote};
use super::{Bft, Lock, Record, Size};
use crate::fact::{Decision, Fact, Phase};
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
    /// Begins the present height, if it has not begun.
    pub(super) fn begin(&mut self, now: Time, effects: &mut Effects<Bft>) {
        if self.present.stage == Stage::Idle {
            self.present.stage = Stage::Begun;
            self.enter(now, effects);
        }
    }

    /// Goes on after a restart with what was said before it.
    pub(super) fn resume(&mut self, now: Time, effects: &mut Effects<Bft>) {
        let own = [self.disk.record.prevote.clone(), self.disk.record.precommit.clone()];
        for vote in own.into_iter().flatten() {
            let signed = self.key.sign(Statement::Vote(vote.clone()));
            self.on_vote(&vote, signed, effects);
        }
        if let Some(proposal) = self.own_proposal() {
            self.present.proposals.insert(proposal.round, proposal);
        }
        self.begin(now, effects);
        self.advance(now, effects);
    }

    fn start_round(&mut self, now: Time, round: u64, effects: &mut Effects<Bft>) {
        self.save(
            |record| {
                record.round = round;
                (record.proposed, record.prevote, record.precommit) = (None, None, None);
            },
            effects,
        );
        self.enter(now, effects);
    }

    /// The present round begins (lines 11 to 21).
    fn enter(&mut self, now: Time, effects: &mut Effects<Bft>) {
        for timer in [Timer::Propose, Timer::Prevote, Timer::Precommit, Timer::Lease] {
            effects.disarm(timer);
        }
        let round = self.round();
        (self.present.since, self.present.asked) = (now, None);
        self.present.awaited.clear();
        effects.note(Fact::Entered { height: self.height().0, round });
        if self.disk.record.prevote.is_some() {
            return;
        }
        if self.proposer(round) == self.me {
            self.propose(effects);
        } else {
            let patience = self.config.grown(self.config.patience, round);
            effects.arm(Timer::Propose, patience..=patience);
        }
    }

    /// Applies rules until none applies any more.
    pub(super) fn advance(&mut self, now: Time, effects: &mut Effects<Bft>) {
        while self.present.stage == Stage::Begun {
            let applied = [Bft::try_decide, Bft::try_skip, Bft::try_prevote, Bft::try_precommit, Bft::try_wait]
                .into_iter()
                .any(|rule| rule(self, now, effects) == Rule::Applied);
            if !applied {
                return;
            }
        }
    }

    /// Lines 49 to 54.
    fn try_decide(&mut self, now: Time, effects: &mut Effects<Bft>) -> Rule {
        let (height, quorum) = (self.height(), self.quorum());
        let twice = self.config.votes_twice_before_it_decides();
        let precommits = self.present.votes.keys().filter(|ballot| ballot.phase == Phase::Precommit || !twice);
        let found = precommits.copied().find_map(|ballot| self.present.certificate(height, ballot, quorum));
        let Some(certificate) = found else { return Rule::Idle };
        self.decide(now, certificate, effects);
        Rule::Applied
    }

    /// Lines 55 and 56.
    fn try_skip(&mut self, now: Time, effects: &mut Effects<Bft>) -> Rule {
        let one_correct = Size::of(&self.members).liars() + 1;
        match self.present.reached_by(one_correct).filter(|_| self.config.skips_rounds()) {
            Some(reached) if reached > self.round() => {
                self.start_round(now, reached, effects);
                Rule::Applied
            }
            _ => Rule::Idle,
        }
    }

    /// Lines 22 to 33: rules 3 and 4.
    fn try_prevote(&mut self, _: Time, effects: &mut Effects<Bft>) -> Rule {
        if self.disk.record.prevote.is_some() {
            return Rule::Idle;
        }
        let Some(Proposal { decision, valid, .. }) = self.present.proposals.get(&self.round()).cloned() else {
            return Rule::Idle;
        };
        if let Some(shown) = &valid {
            self.report(shown, effects);
        }
        let shown = valid.map(|certificate| certificate.round);
        let locked = self.disk.record.locked.clone().filter(|_| self.config.keeps_its_lock());
        let later = |lock: &Lock, shown: u64| lock.round <= shown || !self.config.unlocks_on_later_rounds_only();
        let may = |lock: Lock| lock.decision == decision || shown.is_some_and(|shown| later(&lock, shown));
        if !locked.is_none_or(may) {
            self.vote(Phase::Prevote, None, None, effects);
            return Rule::Applied;
        }
        // A quorum's prevotes hold those of f + 1 correct members that checked the value.
        let finding = if shown.is_some() { Finding::Approved } else { self.finding(&decision, effects) };
        match finding {
            Finding::Awaited => return Rule::Idle,
            Finding::Approved => self.vote(Phase::Prevote, Some(decision), None, effects),
            Finding::Refused(reason) => self.vote(Phase::Prevote, None, Some(reason), effects),
        }
        Rule::Applied
    }

    /// Lines 36 to 46: rule 5.
    fn try_precommit(&mut self, _: Time, effects: &mut Effects<Bft>) -> Rule {
        let (height, round, quorum) = (self.height(), self.round(), self.quorum());
        let record = &self.disk.record;
        if record.prevote.is_none() {
            return Rule::Idle;
        }
        let votes_now = record.precommit.is_none();
        let renews = self.config.renews_valid_values();
        let known = record.valid.as_ref().is_some_and(|valid| valid.round >= round || !renews && !votes_now);
        let ballot = Ballot { round, phase: Phase::Prevote };
        if let Some(certificate) = self.present.certificate(height, ballot, quorum).filter(|_| !known) {
            self.report(&certificate, effects);
            if !votes_now {
                self.save(|record| record.valid = Some(certificate), effects);
                return Rule::Applied;
            }
            let decision = certificate.decision.clone();
            let lock = Lock { round, decision: decision.clone() };
            let locked = Fact::Locked { height: height.0, round, decision: decision.clone() };
            let vote = Vote { height, round, phase: Phase::Precommit, choice: Some(decision), reason: None };
            let keep = move |record: &mut Record| {
                record.locked = Some(lock);
                if renews || record.valid.is_none() {
                    record.valid = Some(certificate);
                }
            };
            self.cast(vote, keep, effects);
            effects.note(locked);
            return Rule::Applied;
        }
        if votes_now && self.present.nils(ballot) >= quorum {
            self.vote(Phase::Precommit, None, None, effects);
            return Rule::Applied;
        }
        Rule::Idle
    }

    /// Lines 34, 35, 47 and 48: rule 7.
    fn try_wait(&mut self, _: Time, effects: &mut Effects<Bft>) -> Rule {
        let (round, quorum) = (self.round(), self.quorum());
        let span = self.config.grown(self.config.votes, round);
        let prevoting = self.disk.record.prevote.is_some() && self.disk.record.precommit.is_none();
        for (phase, timer) in [(Phase::Prevote, Timer::Prevote), (Phase::Precommit, Timer::Precommit)] {
            let due = (phase == Phase::Precommit || prevoting) && self.config.bounds_its_waiting();
            if due && self.present.turnout(Ballot { round, phase }) >= quorum && self.present.awaited.insert(phase) {
                effects.arm(timer, span..=span);
            }
        }
        Rule::Idle
    }

    /// Lines 57 to 60: nothing to vote for came in time.
    pub(super) fn give_round_up(&mut self, now: Time, effects: &mut Effects<Bft>) {
        if self.present.stage == Stage::Idle || self.disk.record.prevote.is_some() {
            return;
        }
        self.present.asked = None;
        let reason = self.reason_to_give_up();
        self.vote(Phase::Prevote, None, reason, effects);
        self.advance(now, effects);
    }

    /// The votes that would end this round may be lost for good while others are ahead: one round on.
    pub(super) fn climb(&mut self, now: Time, effects: &mut Effects<Bft>) {
        let (round, voted) = (self.round(), self.disk.record.prevote.is_some());
        let patience = self.config.grown(self.config.patience, round);
        let behind = self.present.reached_by(1).is_some_and(|reached| reached > round);
        if voted && behind && now.since(self.present.since) >= patience {
            self.start_round(now, round + 1, effects);
            self.advance(now, effects);
        }
    }

    /// Lines 61 to 64.
    pub(super) fn end_prevotes(&mut self, now: Time, effects: &mut Effects<Bft>) {
        if self.disk.record.prevote.is_some() && self.disk.record.precommit.is_none() {
            self.vote(Phase::Precommit, None, None, effects);
            self.advance(now, effects);
        }
    }

    /// Lines 65 to 67.
    pub(super) fn end_precommits(&mut self, now: Time, effects: &mut Effects<Bft>) {
        if self.present.stage == Stage::Begun {
            self.start_round(now, self.round() + 1, effects);
            self.advance(now, effects);
        }
    }

    fn vote(&mut self, phase: Phase, choice: Option<Decision>, reason: Option<Reason>, effects: &mut Effects<Bft>) {
        let vote = Vote { height: self.height(), round: self.round(), phase, choice, reason };
        self.cast(vote, |_| {}, effects);
    }

    /// Writes a vote down with all that belongs to it, then says it and counts it (rule 9).
    fn cast(&mut self, vote: Vote, with: impl FnOnce(&mut Record), effects: &mut Effects<Bft>) {
        let Vote { height, round, phase, choice, .. } = vote.clone();
        let kept = vote.clone();
        self.save(
            |record| {
                with(record);
                match phase {
                    Phase::Prevote => record.prevote = Some(kept),
                    Phase::Precommit => record.precommit = Some(kept),
                }
            },
            effects,
        );
        if !self.config.votes_in(self.me, &self.members) {
            return;
        }
        effects.note(Fact::Cast { height: height.0, round, phase, choice });
        let signed = self.key.sign(Statement::Vote(vote.clone()));
        self.on_vote(&vote, signed, effects);
        self.say(Statement::Vote(vote), effects);
    }
}
