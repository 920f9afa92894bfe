//! The seam's two vocabularies: what happens to a participant and what it wants done.

use super::Protocol;
use crate::digest::{Digest, Digester};
use crate::fact::{Fact, Slot, Value};
use crate::id::{NodeId, OpId};
use crate::time::Duration;
use std::ops::RangeInclusive;

/// What happens to a participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<P: Protocol> {
    /// It starts, for the first time (`None`) or again with what survived.
    Start(Option<P::Durable>),
    /// A message arrives.
    Deliver {
        /// Who it says it is from.
        from: NodeId,
        /// The message.
        message: P::Message,
    },
    /// An armed timer fires.
    Fire(P::Timer),
    /// A client invokes an operation.
    Invoke {
        /// The operation.
        op: OpId,
        /// What is wanted.
        request: P::Request,
    },
    /// What was asked is answered.
    Answer {
        /// The ticket of the ask.
        ticket: u64,
        /// The answer.
        answer: P::Answer,
    },
    /// A write or the reading at start failed. Effects that waited for the write are gone.
    DiskFailed(DiskError),
}

/// Why a disk operation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskError {
    /// No space left: the write did not happen.
    Full,
    /// The state could not be read at start.
    Read,
}

/// What a participant wants done, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect<P: Protocol> {
    /// Send a message to a peer. May be lost, late, doubled, reordered.
    Send {
        /// To whom.
        to: NodeId,
        /// What.
        message: P::Message,
    },
    /// Arm a timer; the driver draws the span from the range.
    Arm {
        /// Its name.
        timer: P::Timer,
        /// How long until it fires.
        within: RangeInclusive<Duration>,
    },
    /// Disarm a timer if it is armed.
    Disarm(P::Timer),
    /// Ask the composing agent. An answer with this ticket may come.
    Ask {
        /// Names the ask; unique within the process.
        ticket: u64,
        /// What is asked.
        ask: P::Ask,
    },
    /// Want no answer to this ask any more: whoever generates it stops. An answer that is under way may still come.
    Cancel(
        /// The ticket of the ask.
        u64,
    ),
    /// Make a write durable before anything that follows.
    Persist(P::Write),
    /// Answer a client.
    Return {
        /// The client's operation.
        op: OpId,
        /// The answer.
        response: P::Response,
    },
    /// Decide, once per slot.
    Decide {
        /// The slot.
        slot: Slot,
        /// The value.
        value: Value,
    },
    /// Report a fact about oneself.
    Note(Fact),
    /// Stop at once and be started again from durable state, as after a failed write whose outcome is unknown.
    Halt,
}

impl<P: Protocol> Digest for Effect<P> {
    fn digest(&self, digester: &mut Digester) {
        let number = match self {
            Effect::Send { .. } => 1,
            Effect::Arm { .. } => 2,
            Effect::Disarm(_) => 3,
            Effect::Ask { .. } => 4,
            Effect::Persist(_) => 5,
            Effect::Return { .. } => 6,
            Effect::Decide { .. } => 7,
            Effect::Note(_) => 8,
            Effect::Halt => 9,
            Effect::Cancel(_) => 10,
        };
        digester.word(number);
        match self {
            Effect::Send { to, message } => (*to, message).digest(digester),
            Effect::Arm { timer, within } => (timer, (*within.start(), *within.end())).digest(digester),
            Effect::Disarm(timer) => timer.digest(digester),
            Effect::Ask { ticket, ask } => (*ticket, ask).digest(digester),
            Effect::Persist(write) => write.digest(digester),
            Effect::Return { op, response } => (*op, response).digest(digester),
            Effect::Decide { slot, value } => (*slot, value).digest(digester),
            Effect::Note(fact) => fact.digest(digester),
            Effect::Halt => {}
            Effect::Cancel(ticket) => digester.word(*ticket),
        }
    }
}

/// The effects of one step, in the order they were wanted.
#[derive(Debug)]
pub struct Effects<P: Protocol>(Vec<Effect<P>>);

impl<P: Protocol> Default for Effects<P> {
    fn default() -> Effects<P> {
        Effects(Vec::new())
    }
}

impl<P: Protocol> Effects<P> {
    /// See [`Effect::Send`].
    #[inline]
    pub fn send(&mut self, to: NodeId, message: P::Message) {
        self.0.push(Effect::Send { to, message });
    }

    /// Sends a copy to each.
    pub fn send_all(&mut self, to: impl Iterator<Item = NodeId>, message: &P::Message) {
        to.for_each(|node| self.send(node, message.clone()));
    }

    /// See [`Effect::Arm`].
    ///
    /// # Panics
    /// If the range is empty.
    pub fn arm(&mut self, timer: P::Timer, within: RangeInclusive<Duration>) {
        assert!(!within.is_empty(), "a timer needs a range that holds a span");
        self.0.push(Effect::Arm { timer, within });
    }

    /// See [`Effect::Disarm`].
    pub fn disarm(&mut self, timer: P::Timer) {
        self.0.push(Effect::Disarm(timer));
    }

    /// See [`Effect::Ask`].
    pub fn ask(&mut self, ticket: u64, ask: P::Ask) {
        self.0.push(Effect::Ask { ticket, ask });
    }

    /// See [`Effect::Cancel`].
    pub fn cancel(&mut self, ticket: u64) {
        self.0.push(Effect::Cancel(ticket));
    }

    /// See [`Effect::Persist`].
    pub fn persist(&mut self, write: P::Write) {
        self.0.push(Effect::Persist(write));
    }

    /// See [`Effect::Return`].
    pub fn respond(&mut self, op: OpId, response: P::Response) {
        self.0.push(Effect::Return { op, response });
    }

    /// See [`Effect::Decide`].
    pub fn decide(&mut self, slot: Slot, value: Value) {
        self.0.push(Effect::Decide { slot, value });
    }

    /// See [`Effect::Note`].
    pub fn note(&mut self, fact: Fact) {
        self.0.push(Effect::Note(fact));
    }

    /// See [`Effect::Halt`].
    pub fn halt(&mut self) {
        self.0.push(Effect::Halt);
    }

    /// Takes the effects out, leaving the room for the next step's.
    #[inline]
    pub fn drain(&mut self) -> std::vec::Drain<'_, Effect<P>> {
        self.0.drain(..)
    }

    /// Adds what is left of another's effects.
    #[cfg(feature = "simulator")]
    pub(crate) fn extend(&mut self, rest: &mut std::vec::Drain<'_, Effect<P>>) {
        self.0.extend(rest);
    }

    /// Forgets the effects, leaving the room for the next step's.
    #[cfg(feature = "simulator")]
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether nothing is wanted.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The effects of an inner protocol, each turned into one of this protocol's.
    pub fn map<Q: Protocol>(&mut self, inner: &mut Effects<Q>, turn: impl FnMut(Effect<Q>) -> Effect<P>) {
        self.0.extend(inner.drain().map(turn));
    }
}
