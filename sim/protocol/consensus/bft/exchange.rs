//! What comes in and what is said again: requests, statements, certificates, beats. Knows nothing of how votes are
//! weighed, nor of when an answer may be given.

use super::instance::{Heard, Stage};
use super::message::{Message, Proposal, Statement, Timer, Vote};
use super::{Adoption, Bft, Certificate, Write};
use crate::fact::{Decision, Fact, Phase, Slot};
use crate::id::{NodeId, OpId};
use crate::protocol::Effects;
use crate::protocol::consensus::log::{Command, Index, reworded};
use crate::protocol::signed::Signed;
use crate::protocol::team::{Outcome, Request};
use crate::time::Time;

/// How many reasons a prompt carries: the latest say most.
const MOST_REASONS: usize = 16;

/// How many slots a member can want at once in the eyes of others: a liar that wants more takes up no memory.
const MOST_WANTS: usize = 64;

/// How many proofs are sent at once to who lacks them, and kept ahead of their turn; the next question goes on there.
const BATCH: usize = 64;

impl Bft {
    /// A client wants a slot decided, or to read the log. Any member takes both, and answers once it may.
    pub(super) fn on_request(&mut self, now: Time, op: OpId, request: Request, effects: &mut Effects<Bft>) {
        match request {
            Request::Propose { slot } => {
                let waiting = self.clients.entry(slot).or_default();
                if !waiting.contains(&op) {
                    waiting.push(op);
                }
                if self.has_decided(slot) {
                    self.poll(op, effects);
                } else {
                    self.report_log(effects);
                    self.go_on(now, effects);
                }
            }
            Request::Read => self.on_read(op, effects),
            Request::Admit { .. } | Request::Remove { .. } | Request::Transfer { .. } | Request::Store(_) => {
                effects.respond(op, Outcome::Refused);
            }
        }
    }

    /// A message arrives. Who delivered it does not matter; who signed it does (rule 10).
    pub(super) fn receive(&mut self, now: Time, message: Message, effects: &mut Effects<Bft>) {
        match message {
            Message::Said(signed) => {
                if self.members.contains(signed.signer()) && self.config.trusts(&signed) {
                    self.hear(now, signed, effects);
                }
            }
            Message::Proof(certificate) => {
                let (height, next) = (certificate.height, self.height());
                let due = height >= next && height < next.plus(BATCH) && certificate.phase == Phase::Precommit;
                if due && certificate.is_valid(&self.members, &self.config) {
                    self.proofs.insert(height, certificate);
                    if let Some(certificate) = self.proofs.remove(&next) {
                        self.decide(now, certificate, effects);
                    }
                }
            }
        }
    }

    fn hear(&mut self, now: Time, signed: Signed<Statement>, effects: &mut Effects<Bft>) {
        let speaker = signed.signer();
        match signed.statement().clone() {
            Statement::Report { next, wants } => {
                self.wants.insert(speaker, wants.into_iter().take(MOST_WANTS).collect());
                self.hear_reach(speaker, next, effects);
                self.go_on(now, effects);
            }
            Statement::Poll { op, next } => {
                self.hear_reach(speaker, next, effects);
                self.say_to(speaker, Statement::Reach { op, next: self.height() }, effects);
            }
            Statement::Reach { op, next } => self.on_reach(speaker, op, next, effects),
            Statement::Thinking { .. } | Statement::Propose(_) | Statement::Vote(_) => {
                self.hear_of_round(now, speaker, signed, effects);
            }
        }
    }

    /// A statement of a round. Those of other heights say nothing here: who is behind learns by its reports.
    fn hear_of_round(&mut self, now: Time, speaker: NodeId, signed: Signed<Statement>, effects: &mut Effects<Bft>) {
        if signed.statement().height() != Some(self.height()) {
            return;
        }
        self.begin(now, effects);
        if let Some(round) = signed.statement().round() {
            let latest = self.present.rounds.entry(speaker).or_default();
            *latest = round.max(*latest);
        }
        match signed.statement().clone() {
            Statement::Thinking { round, .. } => self.on_thinking(now, round, speaker, effects),
            Statement::Propose(proposal) => self.on_proposal(proposal, speaker, effects),
            Statement::Vote(vote) => self.on_vote(&vote, signed, effects),
            Statement::Report { .. } | Statement::Poll { .. } | Statement::Reach { .. } => {}
        }
        self.advance(now, effects);
    }

    /// The proposer's first proposal of a round is the one; another is proof against it.
    fn on_proposal(&mut self, mut proposal: Proposal, speaker: NodeId, effects: &mut Effects<Bft>) {
        let round = proposal.round;
        if speaker != self.proposer(round) {
            return;
        }
        if let Some(shown) = &proposal.valid {
            let fits = shown.phase == Phase::Prevote && shown.height == proposal.height && shown.round < round;
            if !fits || shown.decision != proposal.decision || !shown.is_valid(&self.members, &self.config) {
                return;
            }
        }
        if self.config.adoption == Adoption::Reworded {
            proposal.decision.value = reworded(&proposal.decision.value, self.me.index());
        }
        match self.present.proposals.get(&round) {
            None => _ = self.present.proposals.insert(round, proposal),
            Some(known) if known.decision != proposal.decision => self.accuse(round, speaker, effects),
            Some(_) => {}
        }
    }

    pub(super) fn on_vote(&mut self, vote: &Vote, signed: Signed<Statement>, effects: &mut Effects<Bft>) {
        let speaker = signed.signer();
        // No certificate with it would be believed: a liar's reason would spoil what a quorum voted for.
        if vote.choice.is_some() && vote.reason.is_some() {
            return;
        }
        match self.present.hear(vote, signed, &self.config) {
            Heard::New => {
                self.present.refusals.extend(vote.reason);
                let excess = self.present.refusals.len().saturating_sub(MOST_REASONS);
                self.present.refusals.drain(..excess);
            }
            Heard::Known => {}
            Heard::Contradiction => self.accuse(vote.round, speaker, effects),
        }
    }

    fn accuse(&mut self, round: u64, member: NodeId, effects: &mut Effects<Bft>) {
        if self.present.accused.insert(member) {
            effects.note(Fact::Accused { member, height: self.height().0, round });
        }
    }

    /// Says something to all others, signed.
    pub(super) fn say(&self, statement: Statement, effects: &mut Effects<Bft>) {
        let message = Message::Said(self.key.sign(statement));
        effects.send_all(self.members.others(self.me), &message);
    }

    /// Says something to one member, signed.
    pub(super) fn say_to(&self, member: NodeId, statement: Statement, effects: &mut Effects<Bft>) {
        effects.send(member, Message::Said(self.key.sign(statement)));
    }

    /// How far the own log reaches, and what the own clients wait for.
    pub(super) fn own_report(&self) -> Statement {
        let wants = self.wanted_by(self.me).take(MOST_WANTS).collect();
        Statement::Report { next: self.height(), wants }
    }

    /// Tells everyone how far the own log reaches and what the own clients wait for.
    pub(super) fn report_log(&self, effects: &mut Effects<Bft>) {
        self.say(self.own_report(), effects);
    }

    /// Sends a member what its log lacks, as far as one answer goes.
    pub(super) fn teach(&self, member: NodeId, next: Index, effects: &mut Effects<Bft>) {
        let first = usize::try_from(next.back().0).unwrap_or(usize::MAX);
        let missing = self.disk.log.iter().skip(first).take(BATCH);
        missing.for_each(|proof| effects.send(member, Message::Proof(proof.clone())));
    }

    /// Says again what was said in the present round, and what is still wanted.
    pub(super) fn beat(&mut self, now: Time, effects: &mut Effects<Bft>) {
        effects.arm(Timer::Beat, self.config.beat..=self.config.beat);
        let begun = self.present.stage == Stage::Begun;
        if begun || !self.clients.is_empty() {
            self.report_log(effects);
        }
        self.poll_again(effects);
        if !begun {
            return;
        }
        if self.proposer(self.round()) == self.me {
            match self.own_proposal() {
                Some(proposal) => self.say(Statement::Propose(proposal), effects),
                None if self.present.asked.is_some() => self.say_thinking(effects),
                None => {}
            }
        }
        let votes = [self.disk.record.prevote.clone(), self.disk.record.precommit.clone()];
        votes.into_iter().flatten().for_each(|vote| self.say(Statement::Vote(vote), effects));
        self.climb(now, effects);
    }

    /// A quorum precommitted: the height is decided (rule 6), and so are those after it whose proofs came early.
    pub(super) fn decide(&mut self, now: Time, certificate: Certificate, effects: &mut Effects<Bft>) {
        self.append(certificate, effects);
        while let Some(certificate) = self.proofs.remove(&self.height()) {
            self.append(certificate, effects);
        }
        self.report_log(effects);
        self.answer_clients(effects);
        self.go_on(now, effects);
    }

    /// The next height begins, or goes on, if anyone wants anything.
    fn go_on(&mut self, now: Time, effects: &mut Effects<Bft>) {
        if self.next_wanted().is_some() {
            self.begin(now, effects);
            self.propose(effects);
            self.advance(now, effects);
        }
    }

    /// Puts a proved decision at the end of the log.
    fn append(&mut self, certificate: Certificate, effects: &mut Effects<Bft>) {
        self.report(&certificate, effects);
        let proof = Message::Proof(certificate.clone());
        self.write(Write::Decided(certificate.clone()), effects);
        for timer in [Timer::Propose, Timer::Prevote, Timer::Precommit, Timer::Lease] {
            effects.disarm(timer);
        }
        self.present = super::Instance::default();
        self.apply(&certificate, effects);
        effects.send_all(self.members.others(self.me), &proof);
    }

    /// What an entry of the log comes to. A slot is decided by its first entry.
    pub(super) fn apply(&mut self, certificate: &Certificate, effects: &mut Effects<Bft>) {
        let Decision { slot, value } = certificate.decision.clone();
        let command = Command::Decide { slot, value: value.clone() }.name();
        effects.note(Fact::Applied { index: certificate.height.0, command });
        if !self.has_decided(slot) {
            self.places.insert(slot, certificate.height);
            effects.decide(slot, value);
        }
    }

    /// Tells checkers of a certificate.
    pub(super) fn report(&self, certificate: &Certificate, effects: &mut Effects<Bft>) {
        effects.note(Fact::Certified {
            height: certificate.height.0,
            round: certificate.round,
            phase: certificate.phase,
            decision: certificate.decision.clone(),
            voters: certificate.voters(),
        });
    }

    /// The slots that a member's clients wait for and that are not decided here.
    pub(super) fn wanted_by(&self, member: NodeId) -> impl Iterator<Item = Slot> + '_ {
        let own = self.clients.keys().filter(move |_| member == self.me);
        let told = self.wants.get(&member).into_iter().flatten();
        own.chain(told).copied().filter(|slot| !self.has_decided(*slot))
    }

    /// What the present height should be about: each member's wants come first once in as many heights as there are
    /// members, so that a liar that wants without end takes up one height in n.
    pub(super) fn next_wanted(&self) -> Option<Slot> {
        let turns = (0..self.members.len() as u64).map(|turn| self.proposer(turn));
        turns.into_iter().find_map(|member| self.wanted_by(member).next())
    }
}
