//! The last to speak wins: every agent writes the shared answer, and what was written last stands.
//!
//! What group chats and shared scratchpads of agents do (the "overwrite in place" of most agent frameworks). Knows no
//! order of writes but the one in which they happen to arrive, which is why it agrees only by luck, without any fault.
//!
//! 1. A request at any member calls all members to answer; each asks its own model, once.
//! 2. A member that has an answer writes it over the shared answer, its own and everyone else's copy.
//! 3. A member decides what its copy says once nobody has written for a while.
//! 4. If nobody wrote at all before the deadline, the member gives up and forgets the slot; a later request starts
//!    anew.
//!
//! Writes are acknowledged and sent again, as the queue under a chat does, so a lost message delays and does not
//! silence. Nothing is durable: a member that starts again asks the others what the shared answers are.

mod config;
mod message;

#[cfg(test)]
mod tests;

pub use config::{Config, ConfigError};
pub use message::{Delivery, Message, Timer};

use crate::fact::{Fact, Slot, Value};
use crate::fault::{Kind, Part, Tolerance};
use crate::id::{Members, NodeId, OpId};
use crate::protocol::team::{Answer, Ask, Outcome, Request};
use crate::protocol::{Effects, Event, Protocol, corruption};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// One slot as one member sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Board {
    /// The own ask, if its answer is still wanted.
    ticket: Option<u64>,
    /// This member's copy of the shared answer.
    answer: Option<Written>,
    /// Who has written; each writes once.
    authors: BTreeSet<NodeId>,
    own: Option<Value>,
    decided: Option<Value>,
    clients: Vec<OpId>,
    /// Who has not acknowledged what.
    unheard: BTreeMap<Delivery, BTreeSet<NodeId>>,
}

crate::digestible! { struct Board { ticket, answer, authors, own, decided, clients, unheard } }

#[derive(Clone, Debug, PartialEq, Eq)]
struct Written {
    author: NodeId,
    value: Value,
}

crate::digestible! { struct Written { author, value } }

/// One member of a team in which the last to speak wins.
///
/// ```
/// use synod::id::{Members, NodeId};
/// use synod::protocol::baseline::last_speaker::{Config, LastSpeaker};
/// let team = Members::of(3);
/// let member = LastSpeaker::new(NodeId::agent(0), &team, Config::default());
/// assert_eq!(LastSpeaker::factory(NodeId::agent(0), &team), member);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastSpeaker {
    me: NodeId,
    members: Members,
    config: Config,
    boards: BTreeMap<Slot, Board>,
    tickets: u64,
}

crate::digestible! { struct LastSpeaker { me, members, config, boards, tickets } }

impl LastSpeaker {
    /// A member before its start.
    ///
    /// # Panics
    /// If the configuration cannot work ([`Config::validate`]) or `me` is no member.
    #[must_use]
    pub fn new(me: NodeId, members: &Members, config: Config) -> LastSpeaker {
        assert!(members.contains(me), "{me} is no member of the team");
        config.validate().unwrap_or_else(|error| panic!("last_speaker cannot run: {error}"));
        LastSpeaker { me, members: members.clone(), config, boards: BTreeMap::new(), tickets: 0 }
    }

    /// A member with the default configuration, before its start.
    #[must_use]
    pub fn factory(me: NodeId, members: &Members) -> LastSpeaker {
        LastSpeaker::new(me, members, Config::default())
    }

    fn on_request(&mut self, op: OpId, slot: Slot, effects: &mut Effects<LastSpeaker>) {
        let known = self.boards.contains_key(&slot);
        let board = self.boards.entry(slot).or_default();
        if let Some(value) = &board.decided {
            return effects.respond(op, Outcome::Decided { slot, value: value.clone() });
        }
        board.clients.push(op);
        if !known {
            self.open(slot, effects);
            self.tell_all(slot, Delivery::Call, effects);
        }
    }

    /// Begins to think about a slot, once.
    fn open(&mut self, slot: Slot, effects: &mut Effects<LastSpeaker>) {
        let board = self.boards.entry(slot).or_default();
        if board.ticket.is_some() || board.own.is_some() {
            return;
        }
        self.tickets += 1;
        board.ticket = Some(self.tickets);
        effects.ask(self.tickets, Ask::Propose { slot, refusals: Vec::new() });
        effects.arm(Timer::Deadline(slot), self.config.deadline..=self.config.deadline);
    }

    fn on_answer(&mut self, ticket: u64, answer: Answer, effects: &mut Effects<LastSpeaker>) {
        let Some((slot, board)) = self.boards.iter_mut().find(|(_, board)| board.ticket == Some(ticket)) else {
            return;
        };
        let slot = *slot;
        board.ticket = None;
        if let Answer::Proposal(value) = answer {
            effects.note(Fact::Proposed { slot, value: value.clone() });
            board.own = Some(value.clone());
            self.write(slot, self.me, value, effects);
            self.tell_all(slot, Delivery::Write, effects);
        }
    }

    /// Overwrites the shared answer. A second copy of the same write changes nothing.
    fn write(&mut self, slot: Slot, author: NodeId, value: Value, effects: &mut Effects<LastSpeaker>) {
        let board = self.boards.entry(slot).or_default();
        if !board.authors.insert(author) {
            return;
        }
        board.answer = Some(Written { author, value });
        if board.decided.is_none() {
            effects.arm(Timer::Settle(slot), self.config.settle.clone());
        }
    }

    fn settle(&mut self, slot: Slot, effects: &mut Effects<LastSpeaker>) {
        let Some(board) = self.boards.get_mut(&slot).filter(|board| board.decided.is_none()) else { return };
        let Some(written) = &board.answer else { return };
        let value = written.value.clone();
        board.decided = Some(value.clone());
        effects.disarm(Timer::Deadline(slot));
        effects.decide(slot, value.clone());
        for op in board.clients.drain(..) {
            effects.respond(op, Outcome::Decided { slot, value: value.clone() });
        }
    }

    fn give_up(&mut self, slot: Slot, effects: &mut Effects<LastSpeaker>) {
        if self.boards.get(&slot).is_none_or(|board| board.answer.is_some()) {
            return;
        }
        let board = self.boards.remove(&slot).unwrap_or_default();
        effects.disarm(Timer::Resend(slot));
        effects.note(Fact::Abstained { slot });
        for op in board.clients {
            effects.respond(op, Outcome::GaveUp { slot });
        }
    }

    /// Sends a call or the own write to everyone until each has acknowledged it.
    fn tell_all(&mut self, slot: Slot, what: Delivery, effects: &mut Effects<LastSpeaker>) {
        let Some(board) = self.boards.get_mut(&slot) else { return };
        board.unheard.insert(what, self.members.others(self.me).collect());
        self.resend(slot, effects);
    }

    fn resend(&mut self, slot: Slot, effects: &mut Effects<LastSpeaker>) {
        let Some(board) = self.boards.get(&slot).filter(|board| !board.unheard.is_empty()) else { return };
        for (what, unheard) in &board.unheard {
            let message = match (what, &board.own) {
                (Delivery::Call, _) => Message::Call { slot },
                (Delivery::Write, Some(value)) => Message::Write { slot, author: self.me, value: value.clone() },
                (Delivery::Write, None) => continue,
            };
            effects.send_all(unheard.iter().copied(), &message);
        }
        effects.arm(Timer::Resend(slot), self.config.resend..=self.config.resend);
    }

    fn on_heard(&mut self, from: NodeId, slot: Slot, what: Delivery, effects: &mut Effects<LastSpeaker>) {
        let Some(board) = self.boards.get_mut(&slot) else { return };
        if let Some(unheard) = board.unheard.get_mut(&what) {
            unheard.remove(&from);
        }
        board.unheard.retain(|_, unheard| !unheard.is_empty());
        if board.unheard.is_empty() {
            effects.disarm(Timer::Resend(slot));
        }
    }

    fn receive(&mut self, from: NodeId, message: Message, effects: &mut Effects<LastSpeaker>) {
        match message {
            Message::Call { slot } => {
                self.open(slot, effects);
                effects.send(from, Message::Heard { slot, what: Delivery::Call });
            }
            Message::Write { slot, author, value } => {
                self.write(slot, author, value, effects);
                effects.send(from, Message::Heard { slot, what: Delivery::Write });
            }
            Message::Heard { slot, what } => self.on_heard(from, slot, what, effects),
            Message::CatchUp => {
                let written = self.boards.iter().filter_map(|(slot, board)| Some((*slot, board.answer.clone()?)));
                for (slot, Written { author, value }) in written {
                    effects.send(from, Message::Write { slot, author, value });
                }
            }
        }
    }
}

impl Protocol for LastSpeaker {
    type Message = Message;
    type Timer = Timer;
    type Durable = ();
    type Write = ();
    type Request = Request;
    type Response = Outcome;
    type Ask = Ask;
    type Answer = Answer;

    fn step(&mut self, _: Time, event: Event<LastSpeaker>, effects: &mut Effects<LastSpeaker>) {
        match event {
            Event::Start(None) => {}
            Event::Start(Some(())) => effects.send_all(self.members.others(self.me), &Message::CatchUp),
            Event::Deliver { from, message } => self.receive(from, message, effects),
            Event::Fire(Timer::Settle(slot)) => self.settle(slot, effects),
            Event::Fire(Timer::Deadline(slot)) => self.give_up(slot, effects),
            Event::Fire(Timer::Resend(slot)) => self.resend(slot, effects),
            Event::Invoke { op, request } => {
                if let Some(slot) = request.slot_or_refuse(op, effects) {
                    self.on_request(op, slot, effects);
                }
            }
            Event::Answer { ticket, answer } => self.on_answer(ticket, answer, effects),
            Event::DiskFailed(_) => effects.halt(),
        }
    }

    /// It agrees by luck even without a fault, so under a fault that delays, loses or forgets a write it promises
    /// nothing. What a model says or fails to say moves no write past another: with respect to those it is as it always
    /// is.
    fn tolerance(kind: Kind) -> Option<Tolerance> {
        Some(match kind.part() {
            Part::Network | Part::Process => Tolerance::OutOfScope,
            Part::ModelTransport | Part::ModelContent => Tolerance::Tolerated,
        })
    }

    fn corrupted(message: &Message, draw: u64) -> Option<Message> {
        let mut message = message.clone();
        match &mut message {
            Message::Write { value, .. } => *value = corruption::value(value, draw),
            Message::Call { slot } | Message::Heard { slot, .. } => corruption::word(&mut slot.0, draw),
            // Nothing in it to alter.
            Message::CatchUp => return None,
        }
        Some(message)
    }
}
