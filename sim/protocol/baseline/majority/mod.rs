//! Self-consistency: every member answers for itself, and an answer that enough members gave is the decision.
//!
//! After Wang et al., *Self-Consistency Improves Chain of Thought Reasoning* (ICLR 2023), with one sample per member.
//! Knows no rounds: members never see each other's answers before they vote, and nobody votes twice.
//!
//! 1. A request at any member calls all members to vote; each asks its own model, once per slot.
//! 2. A member's answer is its vote; nothing usable in time is an abstention. Either is durable before it is sent.
//! 3. Votes are a set by voter; members pass on all votes they know, so a vote outlives its voter's connection.
//! 4. A member calls for missing votes until it has every member's.
//! 5. By [`Quorum::Members`] an answer is decided by the votes of a majority of all *members*: two majorities share a
//!    member, who voted once. When no answer can get there any more (ties, abstentions) every member gives the slot up,
//!    for good.
//! 6. By [`Quorum::VotesCast`], as usually shipped, a member decides at its deadline what most of the votes it has
//!    *seen* say.

mod config;
mod message;

#[cfg(test)]
mod tests;

pub use config::{Config, ConfigError, Quorum};
pub use message::{Ballot, Durable, Message, Timer, Write};

use super::plurality::plurality;
use crate::fact::{Fact, Slot, Value};
use crate::fault::{Kind, Tolerance};
use crate::id::{Members, NodeId, OpId};
use crate::protocol::team::{Answer, Ask, Outcome, Request};
use crate::protocol::{Effects, Event, Protocol};
use crate::time::Time;
use std::collections::BTreeMap;

/// One slot as one member sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Poll {
    ticket: Option<u64>,
    ballots: BTreeMap<NodeId, Ballot>,
    result: Result,
    clients: Vec<OpId>,
}

crate::digestible! { struct Poll { ticket, ballots, result, clients } }

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Result {
    #[default]
    Open,
    Decided(Value),
    Hopeless,
}

crate::digestible! { enum Result { 1 = Open, 2 = Decided(value), 3 = Hopeless } }

/// One member of a team that votes.
///
/// ```
/// use synod::id::{Members, NodeId};
/// use synod::protocol::baseline::majority::{Config, Majority, Quorum};
/// let team = Members::of(5);
/// let naive = Majority::new(NodeId::agent(0), &team, Config { quorum: Quorum::VotesCast, ..Config::default() });
/// assert_ne!(naive, Majority::factory(NodeId::agent(0), &team));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Majority {
    me: NodeId,
    members: Members,
    config: Config,
    polls: BTreeMap<Slot, Poll>,
    tickets: u64,
}

crate::digestible! { struct Majority { me, members, config, polls, tickets } }

impl Majority {
    /// A member before its start.
    ///
    /// # Panics
    /// If the configuration cannot work ([`Config::validate`]) or `me` is no member.
    #[must_use]
    pub fn new(me: NodeId, members: &Members, config: Config) -> Majority {
        assert!(members.contains(me), "{me} is no member of the team");
        config.validate().unwrap_or_else(|error| panic!("majority cannot run: {error}"));
        Majority { me, members: members.clone(), config, polls: BTreeMap::new(), tickets: 0 }
    }

    /// A member with the default configuration, before its start.
    #[must_use]
    pub fn factory(me: NodeId, members: &Members) -> Majority {
        Majority::new(me, members, Config::default())
    }

    /// Takes the votes of an earlier life up again. Whether they decided anything was not kept; the others know.
    fn start(&mut self, durable: Durable, effects: &mut Effects<Majority>) {
        for (slot, ballot) in durable.votes {
            let me = self.me;
            self.poll(slot, effects).ballots.insert(me, ballot);
            self.call(slot, effects);
            self.tally(slot, effects);
        }
    }

    fn on_request(&mut self, op: OpId, slot: Slot, effects: &mut Effects<Majority>) {
        let known = self.polls.contains_key(&slot);
        let poll = self.poll(slot, effects);
        match &poll.result {
            Result::Decided(value) => effects.respond(op, Outcome::Decided { slot, value: value.clone() }),
            Result::Hopeless => effects.respond(op, Outcome::GaveUp { slot }),
            Result::Open => poll.clients.push(op),
        }
        if !known {
            self.join(slot, effects);
        }
    }

    /// The poll on a slot, opened if it was not. A naive tally counts its time from here.
    fn poll(&mut self, slot: Slot, effects: &mut Effects<Majority>) -> &mut Poll {
        let Config { quorum, deadline, .. } = self.config;
        self.polls.entry(slot).or_insert_with(|| {
            if quorum == Quorum::VotesCast {
                effects.arm(Timer::Deadline(slot), deadline..=deadline);
            }
            Poll::default()
        })
    }

    /// Asks the own model, once, and calls the others.
    fn join(&mut self, slot: Slot, effects: &mut Effects<Majority>) {
        self.tickets += 1;
        let ticket = self.tickets;
        self.poll(slot, effects).ticket = Some(ticket);
        effects.ask(ticket, Ask::Propose { slot, refusals: Vec::new() });
        effects.arm(Timer::Patience(slot), self.config.patience..=self.config.patience);
        self.call(slot, effects);
    }

    /// Calls whoever's vote is missing, and again after a while.
    fn call(&mut self, slot: Slot, effects: &mut Effects<Majority>) {
        let Some(poll) = self.polls.get(&slot) else { return };
        let missing: Vec<NodeId> = self.members.others(self.me).filter(|it| !poll.ballots.contains_key(it)).collect();
        if !missing.is_empty() {
            effects.send_all(missing.into_iter(), &Message::Call { slot });
            effects.arm(Timer::Resend(slot), self.config.resend..=self.config.resend);
        }
    }

    fn on_answer(&mut self, ticket: u64, answer: Answer, effects: &mut Effects<Majority>) {
        let Some((slot, _)) = self.polls.iter().find(|(_, poll)| poll.ticket == Some(ticket)) else { return };
        let slot = *slot;
        match answer {
            Answer::Proposal(value) => {
                effects.note(Fact::Proposed { slot, value: value.clone() });
                self.vote(slot, Ballot::For(value), effects);
            }
            _ => self.vote(slot, Ballot::Abstention, effects),
        }
    }

    /// Votes, once: durable before anyone hears of it.
    fn vote(&mut self, slot: Slot, ballot: Ballot, effects: &mut Effects<Majority>) {
        let Some(poll) = self.polls.get_mut(&slot) else { return };
        if poll.ticket.take().is_none() {
            return;
        }
        effects.disarm(Timer::Patience(slot));
        effects.persist(Write { slot, ballot: ballot.clone() });
        poll.ballots.insert(self.me, ballot);
        let message = Message::Votes { slot, ballots: poll.ballots.clone() };
        effects.send_all(self.members.others(self.me), &message);
        self.tally(slot, effects);
    }

    fn receive(&mut self, from: NodeId, message: Message, effects: &mut Effects<Majority>) {
        match message {
            Message::Call { slot } => {
                if !self.polls.contains_key(&slot) {
                    self.join(slot, effects);
                }
                let ballots = self.poll(slot, effects).ballots.clone();
                if !ballots.is_empty() {
                    effects.send(from, Message::Votes { slot, ballots });
                }
            }
            Message::Votes { slot, ballots } => {
                if !self.polls.contains_key(&slot) {
                    self.join(slot, effects);
                }
                let me = self.me;
                let poll = self.poll(slot, effects);
                // Each voter's first ballot stands; about the own vote nobody knows better.
                for (voter, ballot) in ballots.into_iter().filter(|(voter, _)| *voter != me) {
                    poll.ballots.entry(voter).or_insert(ballot);
                }
                self.tally(slot, effects);
            }
        }
    }

    fn tally(&mut self, slot: Slot, effects: &mut Effects<Majority>) {
        let (all, majority) = (self.members.len(), self.members.majority());
        let Some(poll) = self.polls.get_mut(&slot) else { return };
        let cast = poll.ballots.len();
        if cast == all {
            effects.disarm(Timer::Resend(slot));
        }
        if poll.result != Result::Open {
            return;
        }
        match self.config.quorum {
            Quorum::Members => {
                let most = poll.favourite();
                let votes = most.as_ref().map_or(0, |value| poll.votes_for(value));
                match most {
                    Some(value) if votes >= majority => self.decide(slot, value, effects),
                    _ if votes + (all - cast) < majority => self.give_up(slot, effects),
                    _ => {}
                }
            }
            Quorum::VotesCast if cast == all => self.count_what_arrived(slot, effects),
            Quorum::VotesCast => {}
        }
    }

    /// The naive tally: whatever arrived is taken for everything there is.
    fn count_what_arrived(&mut self, slot: Slot, effects: &mut Effects<Majority>) {
        let Some(poll) = self.polls.get(&slot).filter(|poll| poll.result == Result::Open) else { return };
        match poll.favourite() {
            Some(value) => self.decide(slot, value, effects),
            None => self.give_up(slot, effects),
        }
    }

    fn decide(&mut self, slot: Slot, value: Value, effects: &mut Effects<Majority>) {
        let Some(poll) = self.polls.get_mut(&slot) else { return };
        poll.result = Result::Decided(value.clone());
        effects.disarm(Timer::Deadline(slot));
        effects.decide(slot, value.clone());
        for op in poll.clients.drain(..) {
            effects.respond(op, Outcome::Decided { slot, value: value.clone() });
        }
    }

    fn give_up(&mut self, slot: Slot, effects: &mut Effects<Majority>) {
        let Some(poll) = self.polls.get_mut(&slot) else { return };
        poll.result = Result::Hopeless;
        effects.disarm(Timer::Deadline(slot));
        effects.note(Fact::Abstained { slot });
        for op in poll.clients.drain(..) {
            effects.respond(op, Outcome::GaveUp { slot });
        }
    }
}

impl Poll {
    fn favourite(&self) -> Option<Value> {
        plurality(self.answers())
    }

    fn votes_for(&self, value: &Value) -> usize {
        self.answers().filter(|answer| *answer == value).count()
    }

    fn answers(&self) -> impl Iterator<Item = &Value> {
        self.ballots.values().filter_map(|ballot| match ballot {
            Ballot::For(value) => Some(value),
            Ballot::Abstention => None,
        })
    }
}

impl Protocol for Majority {
    type Message = Message;
    type Timer = Timer;
    type Durable = Durable;
    type Write = Write;
    type Request = Request;
    type Response = Outcome;
    type Ask = Ask;
    type Answer = Answer;

    fn step(&mut self, _: Time, event: Event<Majority>, effects: &mut Effects<Majority>) {
        match event {
            Event::Start(durable) => self.start(durable.unwrap_or_default(), effects),
            Event::Deliver { from, message } => self.receive(from, message, effects),
            Event::Fire(Timer::Patience(slot)) => self.vote(slot, Ballot::Abstention, effects),
            Event::Fire(Timer::Deadline(slot)) => self.count_what_arrived(slot, effects),
            Event::Fire(Timer::Resend(slot)) => self.call(slot, effects),
            Event::Invoke { op, request } => {
                if let Some(slot) = request.slot_or_refuse(op, effects) {
                    self.on_request(op, slot, effects);
                }
            }
            Event::Answer { ticket, answer } => self.on_answer(ticket, answer, effects),
            Event::DiskFailed(_) => effects.halt(),
        }
    }

    fn tolerance(kind: Kind) -> Option<Tolerance> {
        Some(config::tolerance(kind))
    }

    fn corrupted(message: &Message, draw: u64) -> Option<Message> {
        Some(message.corrupted(draw))
    }
}
