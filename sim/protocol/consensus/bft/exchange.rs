//! What comes in and what is said again: requests, statements, certificates, beats. Knows nothing of how votes are
//! weighed.

use super::instance::Heard;
use super::message::{Message, Proposal, Statement, Timer, Vote};
use super::{Adoption, Bft, Certificate};
use crate::fact::{Fact, Phase, Slot};
use crate::id::{NodeId, OpId};
use crate::protocol::Effects;
use crate::protocol::consensus::log::reworded;
use crate::protocol::signed::Signed;
use crate::protocol::team::Outcome;
use crate::time::Time;

/// How many reasons a prompt carries: the latest say most.
const MOST_REASONS: usize = 16;

/// How many decisions one question about the log is answered with; the next one goes on from there.
const BATCH: usize = 64;

impl Bft {
    /// Asks everyone for what was decided without this member, now and then: it may have lost its disk, or slept.
    pub(super) fn ask_for_log(&mut self, effects: &mut Effects<Bft>) {
        let decided = |slot: &u64| self.decided(Slot(*slot)).is_some();
        let from = (0..).find(|slot| !decided(slot)).expect("a log has an end");
        self.say(Statement::Log { from: Slot(from) }, effects);
        effects.arm(Timer::BeatLog, self.config.log..=self.config.log);
    }

    /// A client wants a slot decided. Any member takes the request and answers once it knows.
    pub(super) fn on_request(&mut self, now: Time, op: OpId, slot: Slot, effects: &mut Effects<Bft>) {
        if let Some(value) = self.decided(slot).cloned() {
            return effects.respond(op, Outcome::Decided { slot, value });
        }
        let requests = &mut self.instance(slot).requests;
        if !requests.contains(&op) {
            requests.push(op);
        }
        self.open(now, slot, effects);
        self.say(Statement::Wanted { slot }, effects);
    }

    /// A message arrives. Who delivered it does not matter; who signed it does (rule 10).
    pub(super) fn receive(&mut self, now: Time, from: NodeId, message: Message, effects: &mut Effects<Bft>) {
        match message {
            Message::Said(signed) => {
                if self.members.contains(signed.signer()) && self.config.trusts(&signed) {
                    self.hear(now, from, signed, effects);
                }
            }
            Message::Proof(certificate) => {
                if certificate.phase == Phase::Precommit && certificate.is_valid(&self.members, &self.config) {
                    self.open(now, certificate.slot, effects);
                    self.decide(certificate, effects);
                }
            }
        }
    }

    fn hear(&mut self, now: Time, from: NodeId, signed: Signed<Statement>, effects: &mut Effects<Bft>) {
        let (slot, speaker) = (signed.statement().slot(), signed.signer());
        if matches!(signed.statement(), Statement::Log { .. }) {
            let known = self.disk.slots.range(slot..).filter_map(|(_, record)| record.decision.clone());
            known.take(BATCH).for_each(|decision| effects.send(speaker, Message::Proof(decision)));
            return;
        }
        if let Some(decision) = self.disk.slots.get(&slot).and_then(|record| record.decision.clone()) {
            // Whoever still wants it gets the proof; other statements are of rounds that are over.
            if matches!(signed.statement(), Statement::Wanted { .. }) && self.members.contains(from) {
                effects.send(from, Message::Proof(decision));
            }
            return;
        }
        self.open(now, slot, effects);
        if let Some(round) = signed.statement().round() {
            let latest = self.instance(slot).rounds.entry(speaker).or_default();
            *latest = round.max(*latest);
        }
        match signed.statement().clone() {
            Statement::Wanted { .. } | Statement::Log { .. } => {}
            Statement::Thinking { round, .. } => self.on_thinking(now, slot, round, speaker, effects),
            Statement::Propose(proposal) => self.on_proposal(proposal, speaker, effects),
            Statement::Vote(vote) => self.on_vote(&vote, signed, effects),
        }
        self.advance(now, slot, effects);
    }

    /// The proposer's first proposal of a round is the one; another is proof against it.
    fn on_proposal(&mut self, mut proposal: Proposal, speaker: NodeId, effects: &mut Effects<Bft>) {
        let (slot, round) = (proposal.slot, proposal.round);
        if speaker != self.proposer(slot, round) {
            return;
        }
        if let Some(shown) = &proposal.valid {
            let fits = shown.phase == Phase::Prevote && shown.slot == slot && shown.round < round;
            if !fits || shown.value != proposal.value || !shown.is_valid(&self.members, &self.config) {
                return;
            }
        }
        if self.config.adoption == Adoption::Reworded {
            proposal.value = reworded(&proposal.value, self.me.index());
        }
        match self.instance(slot).proposals.get(&round) {
            None => _ = self.instance(slot).proposals.insert(round, proposal),
            Some(known) if known.value != proposal.value => self.accuse(slot, round, speaker, effects),
            Some(_) => {}
        }
    }

    pub(super) fn on_vote(&mut self, vote: &Vote, signed: Signed<Statement>, effects: &mut Effects<Bft>) {
        let (slot, speaker) = (vote.slot, signed.signer());
        let config = self.config.clone();
        let instance = self.instance(slot);
        match instance.hear(vote, signed, &config) {
            Heard::New => {
                instance.refusals.extend(vote.reason);
                let excess = instance.refusals.len().saturating_sub(MOST_REASONS);
                instance.refusals.drain(..excess);
            }
            Heard::Known => {}
            Heard::Contradiction => self.accuse(slot, vote.round, speaker, effects),
        }
    }

    fn accuse(&mut self, slot: Slot, round: u64, member: NodeId, effects: &mut Effects<Bft>) {
        if self.instance(slot).accused.insert(member) {
            effects.note(Fact::Accused { member, slot, round });
        }
    }

    /// Says something to all others, signed.
    pub(super) fn say(&self, statement: Statement, effects: &mut Effects<Bft>) {
        let message = Message::Said(self.key.sign(statement));
        effects.send_all(self.members.others(self.me), &message);
    }

    /// Says again what was said in the present round, and that the decision is still wanted.
    pub(super) fn beat(&mut self, slot: Slot, effects: &mut Effects<Bft>) {
        let record = self.record(slot);
        if record.decision.is_some() {
            return;
        }
        let round = record.round;
        let votes = [record.prevote.clone(), record.precommit.clone()];
        effects.arm(Timer::Beat(slot), self.config.beat..=self.config.beat);
        self.say(Statement::Wanted { slot }, effects);
        if self.proposer(slot, round) == self.me {
            match self.own_proposal(slot) {
                Some(proposal) => self.say(Statement::Propose(proposal), effects),
                None if self.instance(slot).asked.is_some() => self.say_thinking(slot, effects),
                None => {}
            }
        }
        votes.into_iter().flatten().for_each(|vote| self.say(Statement::Vote(vote), effects));
    }

    /// A quorum precommitted a value: it is decided (rule 6).
    pub(super) fn decide(&mut self, certificate: Certificate, effects: &mut Effects<Bft>) {
        let (slot, value) = (certificate.slot, certificate.value.clone());
        if self.record(slot).decision.is_some() {
            return;
        }
        self.report(&certificate, effects);
        let proof = Message::Proof(certificate.clone());
        self.save(slot, |record| record.decision = Some(certificate), effects);
        for timer in [Timer::Propose, Timer::Prevote, Timer::Precommit, Timer::Lease, Timer::Beat] {
            effects.disarm(timer(slot));
        }
        effects.decide(slot, value.clone());
        effects.send_all(self.members.others(self.me), &proof);
        for op in std::mem::take(&mut self.instance(slot).requests) {
            effects.respond(op, Outcome::Decided { slot, value: value.clone() });
        }
    }

    /// Tells checkers of a certificate.
    pub(super) fn report(&self, certificate: &Certificate, effects: &mut Effects<Bft>) {
        effects.note(Fact::Certified {
            slot: certificate.slot,
            round: certificate.round,
            phase: certificate.phase,
            value: certificate.value.clone(),
            voters: certificate.voters(),
        });
    }
}
