//! A replica of a store of any level, for shells that choose the level at run time. Knows no rule of any store: it
//! passes on what happens and what is wanted.

use super::{Gossip, Strong, Weak, gossip, weak};
use crate::digest::{Digest, Digester};
use crate::fault::{Kind, Tolerance};
use crate::protocol::consensus::raft;
use crate::protocol::team::{self, Outcome};
use crate::protocol::{Effect, Effects, Event, Fold, Protocol};
use crate::time::Time;

/// A replica of one of the stores.
///
/// ```
/// use synod::id::{Members, NodeId};
/// use synod::protocol::store::{Level, Replica};
/// let replica = Level::Strong.replica(NodeId::agent(0), &Members::of(3));
/// assert!(matches!(replica, Replica::Strong(_)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a replica is made once a life and never moved")]
pub enum Replica {
    /// Of a store that promises nothing.
    Weak(Weak),
    /// Of a store that gossips: `eventual` or `causal`.
    Gossip(Gossip),
    /// Of a state machine on Raft's log.
    Strong(Strong),
}

crate::digestible! { enum Replica { 1 = Weak(weak), 2 = Gossip(gossip), 3 = Strong(strong) } }

/// What replicas of one store tell each other. Boxed, so that worlds in which agents do most of the talking need no
/// room for it in every message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Of `weak`.
    Weak(Box<weak::Overwrite>),
    /// Of `eventual` and `causal`.
    Gossip(Box<gossip::Message>),
    /// Of `strong`.
    Strong(Box<raft::Message>),
}

/// The name of a replica's timer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// Of `eventual` and `causal`.
    Gossip(gossip::Timer),
    /// Of `strong`.
    Strong(raft::Timer),
}

/// One change of what a replica keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Of `weak`.
    Weak(weak::Overwrite),
    /// Of `eventual` and `causal`.
    Gossip(gossip::Write),
    /// Of `strong`.
    Strong(raft::Write),
}

/// What a replica keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Durable {
    /// Nothing yet.
    #[default]
    Nothing,
    /// Of `weak`.
    Weak(weak::Pages),
    /// Of `eventual` and `causal`.
    Gossip(Box<gossip::Durable>),
    /// Of `strong`.
    Strong(Box<raft::Durable>),
}

/// What is digested is what the store's own digest is made of: a store in a disguise is the same store.
macro_rules! as_the_store_does {
    ($name:ident { $($variant:ident),* }) => {
        impl Digest for $name {
            fn digest(&self, digester: &mut Digester) {
                match self { $($name::$variant(inner) => inner.digest(digester)),* }
            }
        }
    };
}

as_the_store_does! { Message { Weak, Gossip, Strong } }
as_the_store_does! { Timer { Gossip, Strong } }
as_the_store_does! { Write { Weak, Gossip, Strong } }

impl Digest for Durable {
    fn digest(&self, digester: &mut Digester) {
        match self {
            Durable::Nothing => {}
            Durable::Weak(inner) => inner.digest(digester),
            Durable::Gossip(inner) => inner.digest(digester),
            Durable::Strong(inner) => inner.digest(digester),
        }
    }
}

impl Fold<Write> for Durable {
    fn fold(&mut self, write: &Write) {
        if *self == Durable::Nothing {
            *self = match write {
                Write::Weak(_) => Durable::Weak(weak::Pages::default()),
                Write::Gossip(_) => Durable::Gossip(Box::default()),
                Write::Strong(_) => Durable::Strong(Box::default()),
            };
        }
        match (self, write) {
            (Durable::Weak(durable), Write::Weak(write)) => durable.fold(write),
            (Durable::Gossip(durable), Write::Gossip(write)) => durable.fold(write),
            (Durable::Strong(durable), Write::Strong(write)) => durable.fold(write),
            _ => unreachable!("a replica is of one store from its first write on"),
        }
    }
}

/// How the parts of one store are told apart from those of the others.
struct Dress<P: Protocol> {
    durable: fn(Durable) -> Option<P::Durable>,
    unpack: fn(Message) -> Option<P::Message>,
    pack: fn(P::Message) -> Message,
    timer: fn(Timer) -> Option<P::Timer>,
    name: fn(P::Timer) -> Timer,
    write: fn(P::Write) -> Write,
}

const WEAK: Dress<Weak> = Dress {
    durable: |durable| if let Durable::Weak(durable) = durable { Some(durable) } else { None },
    unpack: |message| if let Message::Weak(message) = message { Some(*message) } else { None },
    pack: |message| Message::Weak(Box::new(message)),
    timer: |_| None,
    name: |timer| match timer.0 {},
    write: Write::Weak,
};

const GOSSIP: Dress<Gossip> = Dress {
    durable: |durable| if let Durable::Gossip(durable) = durable { Some(*durable) } else { None },
    unpack: |message| if let Message::Gossip(message) = message { Some(*message) } else { None },
    pack: |message| Message::Gossip(Box::new(message)),
    timer: |timer| if let Timer::Gossip(timer) = timer { Some(timer) } else { None },
    name: Timer::Gossip,
    write: Write::Gossip,
};

const STRONG: Dress<Strong> = Dress {
    durable: |durable| if let Durable::Strong(durable) = durable { Some(*durable) } else { None },
    unpack: |message| if let Message::Strong(message) = message { Some(*message) } else { None },
    pack: |message| Message::Strong(Box::new(message)),
    timer: |timer| if let Timer::Strong(timer) = timer { Some(timer) } else { None },
    name: Timer::Strong,
    write: Write::Strong,
};

impl<P> Dress<P>
where
    P: Protocol<Request = team::Request, Response = Outcome, Ask = team::Ask, Answer = team::Answer>,
{
    /// One step of the store. What is of another store is nothing that happens to this one.
    fn step(&self, store: &mut P, now: Time, event: Event<Replica>, effects: &mut Effects<Replica>) {
        let event = match event {
            Event::Start(durable) => Some(Event::Start(durable.and_then(self.durable))),
            Event::Deliver { from, message } => (self.unpack)(message).map(|message| Event::Deliver { from, message }),
            Event::Fire(timer) => (self.timer)(timer).map(Event::Fire),
            Event::Invoke { op, request } => Some(Event::Invoke { op, request }),
            Event::Answer { ticket, answer } => Some(Event::Answer { ticket, answer }),
            Event::DiskFailed(error) => Some(Event::DiskFailed(error)),
        };
        let Some(event) = event else { return };
        let mut wanted = Effects::default();
        store.step(now, event, &mut wanted);
        effects.map(&mut wanted, |effect| match effect {
            Effect::Send { to, message } => Effect::Send { to, message: (self.pack)(message) },
            Effect::Arm { timer, within } => Effect::Arm { timer: (self.name)(timer), within },
            Effect::Disarm(timer) => Effect::Disarm((self.name)(timer)),
            Effect::Ask { ticket, ask } => Effect::Ask { ticket, ask },
            Effect::Cancel(ticket) => Effect::Cancel(ticket),
            Effect::Persist(write) => Effect::Persist((self.write)(write)),
            Effect::Return { op, response } => Effect::Return { op, response },
            Effect::Decide { slot, value } => Effect::Decide { slot, value },
            Effect::Note(fact) => Effect::Note(fact),
            Effect::Halt => Effect::Halt,
        });
    }
}

impl Protocol for Replica {
    type Message = Message;
    type Timer = Timer;
    type Durable = Durable;
    type Write = Write;
    type Request = team::Request;
    type Response = Outcome;
    type Ask = team::Ask;
    type Answer = team::Answer;

    fn step(&mut self, now: Time, event: Event<Replica>, effects: &mut Effects<Replica>) {
        match self {
            Replica::Weak(store) => WEAK.step(store, now, event, effects),
            Replica::Gossip(store) => GOSSIP.step(store, now, event, effects),
            Replica::Strong(store) => STRONG.step(store, now, event, effects),
        }
    }

    fn tolerance(kind: Kind) -> Option<Tolerance> {
        Some(super::tolerance(kind))
    }
}
