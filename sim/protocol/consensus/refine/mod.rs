//! Quorum refinement: reasoning agents answer in rounds, each shown what a quorum answered in the one before, until
//! enough of them agree for long enough. Whoever is slower than the quorum is cancelled.
//!
//! After Ruan, Wang, Shi, Li, *Reaching Agreement Among Reasoning LLM Agents* (2025, arXiv 2512.20184), whose protocol
//! is called Aegean. Members may crash and come back; what they answer is stochastic. None may lie: nothing here is
//! Byzantine. Knows terms, rounds and answers; never what a model says beyond its typed answer.
//!
//! # The rules, one by one
//!
//! 1. One leader a term, elected by a majority (the paper's `RequestVote` and `Vote`). A term is a ballot of the vote
//!    that ends the refinement ([`vote`]); it is promised durably, and each has one possible owner. The leader's shell
//!    leads, and its model is one of n: a leader whose model is silent costs nothing.
//! 2. Round 0 asks every member, the leader too, for an answer (`Task`, `Soln`). Each later round shows every member
//!    the *refinement set*: the answers that closed the round before (`RefmSet`, `Refm`).
//! 3. A member keeps the latest set durably before it answers, takes none of a lower term or round, and answers a round
//!    once: its answer is durable before it is sent.
//! 4. A round is closed by answers of a quorum of distinct members ([`Config::quorum`], the paper's R), of that very
//!    term and round. Everyone who has not answered by then is cancelled: the next set, or the motion, tells its shell
//!    to, and the shell cancels what it asked its model.
//! 5. The [`Engine`] takes the answer that α of the set gave as its candidate. It is put to the vote when it has been
//!    that in β rounds in a row. Another candidate, or none, begins the count anew; so does a new term.
//! 6. A new leader asks the majority that elected it for the sets they keep and goes on from the one of the highest
//!    term and, in that, the highest round (`NewTerm`, `NewTermAck`). Only if nobody keeps one it begins with round 0.
//! 7. What an earlier leader put to the vote and some member voted for may have been decided: a new leader puts it
//!    again, byte for byte, before it refines anything.
//! 8. A motion is checked by each member's agent before it votes for it. One that is refused is no candidate any more;
//!    the reasons go into the next prompts, in a new term. After [`Config::refusals`] of them the team gives up.
//! 9. After [`Config::rounds`] rounds the answer of most in the last set is put to the vote, of several the least. If
//!    nobody answers, rounds go on up to [`Config::most`], with a [lull](Config::lull) after each, so that one outage
//!    of all models does not spend them; after that the team gives up.
//! 10. The outcome is carried by durable votes of a majority in one term, and told until everyone knows it.
//!
//! # Deviations from the paper
//!
//! - The paper lets a leader output more than once, each output no worse than the last (refinement monotonicity). Here
//!   a slot is decided once: rules 7 and 10 add a vote, so that no two members ever decide differently.
//! - The paper's leader looks at round i + 1 to decide what round i proposed, so an answer is out at the earliest after
//!   a second look. Here that is what β = 2, the default and the paper's setting, says; β = 1 decides after one round
//!   and is there to show what it costs.
//! - The paper's R is n − f for f crashes; here R is any number of members from a majority on. R = n is a barrier.
//! - Sameness of answers is that of canonical values; the paper leaves it to the engine, down to a judging model.
//! - What closes a round if fewer than R members answer (models that fail, a majority that is up but R is larger) is
//!   not in the paper: here all members' reports, or a majority's after [`Config::patience`], close it too.
//! - The serving engine (token streams, admission, memory) is outside: here a cancelled call stops at the model.

mod config;
mod engine;
mod leader;
mod member;
mod message;
mod planted;

#[cfg(test)]
mod tests;

pub use config::{Config, ConfigError, Share};
pub use engine::{Answers, Engine, Needs};
pub use message::{Answered, Durable, Kept, Message, Place, RefinementSet, Timer, Write};
#[cfg(feature = "planted")]
pub use planted::Planted;

use super::vote::{self, Motion, Progress, Votes};
use crate::fact::{Slot, Value};
use crate::fault::{Kind, Tolerance};
use crate::id::{Members, NodeId, OpId};
use crate::protocol::team::{Answer, Ask, Outcome, Reason, Request};
use crate::protocol::{Effects, Event, Protocol};
use crate::time::Time;
use leader::Lead;
use std::collections::BTreeMap;

/// One slot as one member sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Session {
    /// What is durable, or will be before the next event.
    kept: Kept,
    asked: Option<Asked>,
    lead: Option<Lead>,
    engine: Engine,
    /// What was put to the vote and refused, and why: it is no candidate, and nobody is shown it any more.
    refused: BTreeMap<Value, Reason>,
    clients: Vec<OpId>,
}

crate::digestible! { struct Session { kept, asked, lead, engine, refused, clients } }

/// What the own model was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Asked {
    ticket: u64,
    place: Place,
}

crate::digestible! { struct Asked { ticket, place } }

/// One member of a team that refines.
///
/// ```
/// use synod::id::{Members, NodeId};
/// use synod::protocol::consensus::refine::{Config, Refine, Share};
/// let team = Members::of(5);
/// let barrier = Config { alpha: Share::All, quorum: Share::All, ..Config::default() };
/// assert_ne!(Refine::new(NodeId::agent(0), &team, barrier), Refine::factory(NodeId::agent(0), &team));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refine {
    me: NodeId,
    members: Members,
    config: Config,
    sessions: BTreeMap<Slot, Session>,
    votes: Votes<Option<RefinementSet>>,
}

crate::digestible! { struct Refine { me, members, config, sessions, votes } }

impl Refine {
    /// A member before its start.
    ///
    /// # Panics
    /// If the configuration cannot work for this team ([`Config::validate`]) or `me` is no member.
    #[must_use]
    pub fn new(me: NodeId, members: &Members, config: Config) -> Refine {
        assert!(members.contains(me), "{me} is no member of the team");
        config.validate(members).unwrap_or_else(|error| panic!("refine cannot run: {error}"));
        let votes = Votes::new(me, members, config.vote_rules());
        Refine { me, members: members.clone(), config, sessions: BTreeMap::new(), votes }
    }

    /// A member with the default configuration, before its start.
    #[must_use]
    pub fn factory(me: NodeId, members: &Members) -> Refine {
        Refine::new(me, members, Config::default())
    }

    /// Whether this member leads the refinement of a slot, as far as it knows.
    #[must_use]
    pub fn leads(&self, slot: Slot) -> bool {
        self.sessions.get(&slot).is_some_and(|session| session.lead.is_some())
    }

    /// Goes on where an earlier life stopped: it keeps to its terms, its sets and its answers.
    fn start(&mut self, durable: Durable, effects: &mut Effects<Refine>) {
        let Durable { kept, registers } = durable;
        self.votes.start(registers, effects);
        let voted: Vec<Slot> = self.votes.slots().collect();
        for (slot, kept) in &kept {
            // It may have crashed between a write and the report of it.
            kept.answered.iter().for_each(|answered| member::report(*slot, answered, effects));
        }
        for slot in kept.keys().copied().chain(voted) {
            if self.votes.outcome(slot).is_none() {
                let kept = kept.get(&slot).cloned().unwrap_or_default();
                self.sessions.entry(slot).or_insert_with(|| Session { kept, ..Session::default() });
                self.await_leader(slot, effects);
            }
        }
    }

    fn on_request(&mut self, op: OpId, slot: Slot, effects: &mut Effects<Refine>) {
        if let Some(motion) = self.votes.outcome(slot) {
            return effects.respond(op, motion.outcome(slot));
        }
        let new = !self.sessions.contains_key(&slot);
        let session = self.sessions.entry(slot).or_default();
        if !session.clients.contains(&op) {
            session.clients.push(op);
        }
        if new {
            self.stand(slot, effects);
        }
    }

    fn receive(&mut self, from: NodeId, message: Message, effects: &mut Effects<Refine>) {
        if !self.members.contains(from) {
            return;
        }
        match message {
            Message::Refine { slot, set, refused } => self.on_refine(from, slot, set, refused, effects),
            Message::Answer { slot, answered } => self.on_reply(from, slot, answered, effects),
            Message::Vote(letter) => self.on_letter(from, letter, effects),
        }
    }

    fn fire(&mut self, timer: Timer, effects: &mut Effects<Refine>) {
        match timer {
            Timer::Election(slot) if self.votes.has_put(slot) => self.await_leader(slot, effects),
            Timer::Election(slot) | Timer::Motion(slot) => self.stand(slot, effects),
            Timer::Beat(slot) => self.beat(slot, effects),
            Timer::Round(slot) => self.end_patience(slot, effects),
            Timer::ResendVote(slot) => self.votes.fire(vote::Timer::Resend(slot), effects),
        }
    }

    /// An answer of the own agent: to the member, or to the voter who checks a motion. One to a question that was
    /// cancelled goes nowhere.
    fn on_answer(&mut self, ticket: u64, answer: Answer, effects: &mut Effects<Refine>) {
        let is_asked = |session: &Session| session.asked.is_some_and(|asked| asked.ticket == ticket);
        let asked = self.sessions.iter().find(|(_, session)| is_asked(session)).map(|(slot, _)| *slot);
        match (asked, answer) {
            (Some(slot), Answer::Proposal(value)) => self.say(slot, Some(value), effects),
            (Some(slot), _) => self.say(slot, None, effects),
            (None, answer) => {
                if let Some(vote::VoteOf { slot, progress }) = self.votes.answer(ticket, &answer, effects) {
                    self.follow_up(slot, progress, effects);
                }
            }
        }
    }

    /// Acts on what a step of a vote came to.
    fn follow_up(&mut self, slot: Slot, progress: Progress, effects: &mut Effects<Refine>) {
        match progress {
            Progress::Open => {}
            Progress::Seated => self.lead(slot, effects),
            Progress::Preempted => self.step_down(slot, effects),
            Progress::Refused { value, reasons } => self.on_refused(slot, value, reasons, effects),
            Progress::Settled(motion) => self.settle(slot, &motion, effects),
        }
    }

    /// What was put did not pass the members' checks: it is no candidate any more, and a new term goes on without it.
    fn on_refused(&mut self, slot: Slot, value: Value, reasons: Vec<Reason>, effects: &mut Effects<Refine>) {
        let Some(session) = self.sessions.get_mut(&slot) else { return };
        if let Some(reason) = reasons.first().filter(|_| self.config.drops_what_was_refused()) {
            session.refuse(value, *reason);
        }
        self.stand(slot, effects);
    }

    /// The slot is settled: clients hear of it, and nothing else about it is wanted any more.
    fn settle(&mut self, slot: Slot, motion: &Motion, effects: &mut Effects<Refine>) {
        self.cancel(slot, effects);
        for timer in [Timer::Election(slot), Timer::Beat(slot), Timer::Round(slot), Timer::Motion(slot)] {
            effects.disarm(timer);
        }
        let clients = self.sessions.remove(&slot).map(|session| session.clients).unwrap_or_default();
        clients.into_iter().for_each(|op| effects.respond(op, motion.outcome(slot)));
    }
}

impl Session {
    fn refuse(&mut self, value: Value, reason: Reason) {
        self.engine.refuse(value.clone());
        self.refused.insert(value, reason);
    }
}

impl Protocol for Refine {
    type Message = Message;
    type Timer = Timer;
    type Durable = Durable;
    type Write = Write;
    type Request = Request;
    type Response = Outcome;
    type Ask = Ask;
    type Answer = Answer;

    fn step(&mut self, _: Time, event: Event<Refine>, effects: &mut Effects<Refine>) {
        match event {
            Event::Start(durable) => self.start(durable.unwrap_or_default(), effects),
            Event::Deliver { from, message } => self.receive(from, message, effects),
            Event::Fire(timer) => self.fire(timer, effects),
            Event::Invoke { op, request } => {
                if let Some(slot) = request.slot_or_refuse(op, effects) {
                    self.on_request(op, slot, effects);
                }
            }
            Event::Answer { ticket, answer } => self.on_answer(ticket, answer, effects),
            Event::DiskFailed(_) => effects.halt(),
        }
    }

    /// Crash faults and stochastic answers, as in the paper: whatever deceives, tampers or forgets is out of scope.
    /// Holds for a quorum of a majority; a barrier waits for whoever is down until its patience ends.
    fn tolerance(kind: Kind) -> Option<Tolerance> {
        Some(super::tolerance::of_a_durable_majority(kind))
    }

    fn corrupted(message: &Message, draw: u64) -> Option<Message> {
        Some(message.corrupted(draw))
    }
}
