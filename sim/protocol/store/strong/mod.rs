//! A state machine on Raft's log (Schneider 1990; Raft §8): every change is an entry, every read asks whether the
//! leader still leads. Knows nothing of how the log is kept; that is [`raft`]'s.
//!
//! 1. A call that changes something is proposed for a slot that its session and number name. A slot is decided once, so
//!    a call that is sent again, to this member or another one, takes effect once, and is answered as it was (Raft
//!    thesis §6.3).
//! 2. All members apply the same commands in the same order. A compare-and-set compares when it is applied.
//! 3. A read is a read of the log (Raft thesis §6.4): answered from what is applied, once the leader knows that it led
//!    after the read came.
//! 4. A watch is a read; if it finds the version that the session knows, it waits and is told of the next change. With
//!    a compare-and-set on the version that was read, this is notify and repair: whoever was overtaken hears of it, and
//!    does its turn again.
//!
//! No model is asked: a proposal is the client's own command, and acceptance is unchecked.
//!
//! *Deviation*: a snapshot holds every command, since Raft's does here. A team's notes are few and small.

mod book;
mod command;
mod planted;

pub use command::Command;
#[cfg(feature = "planted")]
pub use planted::Planted;

use super::{Act, Request, Response, Token};
use crate::fact::{Slot, Value};
use crate::fault::{Kind, Tolerance};
use crate::id::{Members, NodeId, OpId};
use crate::protocol::consensus::raft::{self, Acceptance, Raft};
use crate::protocol::team::{self, Answer, Ask, Outcome, Reason};
use crate::protocol::{Effect, Effects, Event, Protocol};
use crate::time::Time;
use book::{Book, Verdict};
use planted::Rules;
use std::collections::{BTreeMap, VecDeque};

/// A member of the store.
///
/// ```
/// use synod::id::{Members, NodeId};
/// use synod::protocol::store::Strong;
/// let team = Members::of(3);
/// assert_ne!(Strong::factory(NodeId::agent(0), &team), Strong::factory(NodeId::agent(1), &team));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strong {
    me: NodeId,
    raft: Raft,
    rules: Rules,
    book: Book,
    /// Commands that clients want here, until they are decided.
    wanted: BTreeMap<Slot, Value>,
    /// Calls under way.
    calls: BTreeMap<OpId, Request>,
    /// Who waits for a key to change.
    watching: BTreeMap<OpId, Request>,
}

crate::digestible! { struct Strong { me, raft, rules, book, wanted, calls, watching } }

impl Strong {
    /// A member before its start.
    ///
    /// # Panics
    /// If `me` is no member.
    #[must_use]
    pub fn factory(me: NodeId, members: &Members) -> Strong {
        Strong::new(me, members, Rules::default())
    }

    /// A member with a bug.
    ///
    /// # Panics
    /// If `me` is no member.
    #[cfg(feature = "planted")]
    #[must_use]
    pub fn planted(me: NodeId, members: &Members, bug: Planted) -> Strong {
        Strong::new(me, members, Rules { planted: Some(bug) })
    }

    fn new(me: NodeId, members: &Members, rules: Rules) -> Strong {
        let config = raft::Config { acceptance: Acceptance::Unchecked, ..raft::Config::default() };
        let (book, wanted, calls, watching) = (Book::default(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Strong { me, raft: Raft::new(me, members, config), rules, book, wanted, calls, watching }
    }

    /// Hands events to the log until it asks nothing more, then carries out what it wants.
    fn drive(&mut self, now: Time, event: Event<Raft>, effects: &mut Effects<Strong>) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let mut inner = Effects::default();
            self.raft.step(now, event, &mut inner);
            self.book.apply(self.raft.decisions());
            for effect in inner.drain() {
                match effect {
                    Effect::Ask { ticket, ask } => {
                        let answer = self.answer(&ask);
                        events.push_back(Event::Answer { ticket, answer });
                    }
                    Effect::Return { op, response } => self.hear(op, response, effects),
                    Effect::Decide { slot, .. } => _ = self.wanted.remove(&slot),
                    Effect::Cancel(_) => {}
                    Effect::Send { to, message } => effects.send(to, message),
                    Effect::Arm { timer, within } => effects.arm(timer, within),
                    Effect::Disarm(timer) => effects.disarm(timer),
                    Effect::Persist(write) => effects.persist(write),
                    Effect::Note(fact) => effects.note(fact),
                    Effect::Halt => effects.halt(),
                }
            }
        }
        self.notify(effects);
    }

    /// What Raft asks its agent for is the command that a client wants.
    fn answer(&self, ask: &Ask) -> Answer {
        match ask {
            Ask::Propose { slot, .. } => self
                .wanted
                .get(slot)
                .map_or(Answer::Nothing(Reason::Timeout), |command| Answer::Proposal(command.clone())),
            Ask::Validate { .. } => Answer::Approved,
            Ask::Revise { .. } => Answer::Nothing(Reason::Refusal),
        }
    }

    fn on_request(&mut self, now: Time, op: OpId, request: Request, effects: &mut Effects<Strong>) {
        let Some(write) = request.write() else {
            if self.rules.reads_unasked() {
                return self.tell(op, &request, effects);
            }
            self.calls.insert(op, request);
            return self.drive(now, Event::Invoke { op, request: team::Request::Read }, effects);
        };
        let mut command = Command { write, key: request.key.clone(), act: request.act.clone() };
        if let (Act::Swap { expected, value }, true) = (&request.act, self.rules.compares_beforehand()) {
            if self.book.version(&request.key) != *expected {
                return respond(op, Response::Differs, effects);
            }
            command.act = Act::Write { value: value.clone() };
        }
        let slot = self.rules.slot(write, self.me, now);
        self.wanted.insert(slot, command.encode());
        self.calls.insert(op, request);
        self.drive(now, Event::Invoke { op, request: team::Request::Propose { slot } }, effects);
    }

    /// The log answers a call.
    fn hear(&mut self, op: OpId, outcome: Outcome, effects: &mut Effects<Strong>) {
        let Some(request) = self.calls.remove(&op) else { return };
        match outcome {
            Outcome::Decided { slot, .. } => {
                let response = match self.book.verdict(slot) {
                    Some(Verdict::Done) => Response::Done { token: Token::default() },
                    Some(Verdict::Differs) => Response::Differs,
                    // What this is the slot of cannot be read: nothing took effect, and nothing ever will.
                    None => return effects.respond(op, Outcome::Refused),
                };
                respond(op, response, effects);
            }
            Outcome::Log { .. } => self.tell(op, &request, effects),
            Outcome::Elsewhere { .. } => effects.respond(op, outcome),
            _ => effects.respond(op, Outcome::Elsewhere { hint: None }),
        }
    }

    /// Tells what is there, now or once it has changed.
    fn tell(&mut self, op: OpId, request: &Request, effects: &mut Effects<Strong>) {
        if self.is_unchanged(request) {
            self.watching.insert(op, request.clone());
        } else {
            let content = self.book.read(&request.key);
            respond(op, Response::Found { content, token: Token::default() }, effects);
        }
    }

    fn is_unchanged(&self, request: &Request) -> bool {
        matches!(&request.act, Act::Watch { seen } if *seen == self.book.version(&request.key))
    }

    fn notify(&mut self, effects: &mut Effects<Strong>) {
        let changed = self.watching.iter().filter(|(_, request)| !self.is_unchanged(request));
        for op in changed.map(|(op, _)| *op).collect::<Vec<_>>() {
            if let Some(request) = self.watching.remove(&op) {
                self.tell(op, &request, effects);
            }
        }
    }
}

fn respond(op: OpId, response: Response, effects: &mut Effects<Strong>) {
    effects.respond(op, Outcome::Store(Box::new(response)));
}

impl Protocol for Strong {
    type Message = raft::Message;
    type Timer = raft::Timer;
    type Durable = raft::Durable;
    type Write = raft::Write;
    type Request = team::Request;
    type Response = Outcome;
    type Ask = Ask;
    type Answer = Answer;

    fn step(&mut self, now: Time, event: Event<Strong>, effects: &mut Effects<Strong>) {
        let event = match event {
            Event::Invoke { op, request: team::Request::Store(request) } => {
                return self.on_request(now, op, *request, effects);
            }
            Event::Invoke { op, .. } => return effects.respond(op, Outcome::Refused),
            Event::Start(durable) => Event::Start(durable),
            Event::Deliver { from, message } => Event::Deliver { from, message },
            Event::Fire(timer) => Event::Fire(timer),
            Event::Answer { ticket, answer } => Event::Answer { ticket, answer },
            Event::DiskFailed(error) => Event::DiskFailed(error),
        };
        self.drive(now, event, effects);
    }

    fn tolerance(kind: Kind) -> Option<Tolerance> {
        Some(super::tolerance(kind))
    }

    fn corrupted(message: &raft::Message, draw: u64) -> Option<raft::Message> {
        Raft::corrupted(message, draw)
    }
}
