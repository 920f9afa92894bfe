//! Letters to all, in one order for all: the order of Raft's log. Knows what Raft decides; not how it comes to that.
//!
//! Atomic broadcast by consensus (Défago, Schiper, Urbán, *Total order broadcast and multicast algorithms*, ACM
//! Computing Surveys 36(4), 2004, section 4.5), on the log of [`Raft`] that decides for teams here too. No model is
//! asked: a letter is its own proposal.
//!
//! # The rules, one by one
//!
//! 1. A letter is durable at its writer before it is submitted; the writer submits it to every member, again and again,
//!    until it finds it in the log.
//! 2. A letter's slot in the log is its name, so a letter is in the order once, however often it is submitted.
//! 3. Whoever leads puts every letter that it knows of and that is not in the log there.
//! 4. Letters are delivered in the order of the log, but a writer's n-th letter never before its first n − 1: it is
//!    held until they are delivered. Everyone holds by the same log, so the order stays one. It is causal as well: what
//!    a writer was delivered is in the log before what it writes then.
//! 5. Positions count the deliveries of the log from its beginning. After a restart the holder is handed all of it
//!    again, under the same positions, as the log becomes known committed.
//! 6. A writer has at most [`Bounds::window`](super::Bounds::window) letters submitted and
//!    [`Bounds::outbox`](super::Bounds::outbox) accepted that are not in the log. To a holder that takes nothing in,
//!    nothing more is handed, nor are its own letters accepted; what others write stays in the log, where it is kept
//!    anyway.
//!
//! A majority that is up and connected delivers; what anyone delivered, every such member does.

mod durable;
mod message;
mod ordering;
mod planted;

pub use durable::{Durable, Write};
pub use message::{Message, Timer};
#[cfg(feature = "planted")]
pub use planted::Planted;

use super::{Audience, Bounds, Channel, Delivery, Kept, Letter, LetterId, Post, Posted, Refusal, Taken};
use crate::digest::{Digest, Digester};
use crate::fault::{Kind, Tolerance};
use crate::id::{Members, NodeId, OpId};
use crate::protocol::consensus::Raft;
use crate::protocol::consensus::raft::{Acceptance, Config, Term};
use crate::protocol::{Effects, Event, Protocol};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// One member's end of a channel in total order.
///
/// ```
/// use synod::id::{Members, NodeId};
/// use synod::protocol::{Effect, Effects, Event, Protocol};
/// use synod::protocol::channel::{Bounds, Total};
/// use synod::time::Time;
/// let mut total = Total::new(NodeId::agent(0), &Members::of(3), Bounds::default());
/// let mut effects = Effects::default();
/// total.step(Time::ZERO, Event::Start(None), &mut effects);
/// assert!(effects.drain().any(|effect| matches!(effect, Effect::Arm { .. })));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    me: NodeId,
    members: Members,
    bounds: Bounds,
    #[cfg(feature = "planted")]
    planted: Option<Planted>,
    raft: Raft,
    /// The own part of what is durable.
    posted: u64,
    /// Own letters that are not known to be in the log.
    outbox: BTreeMap<u64, Letter>,
    /// Own letters that the log has and the disk still keeps.
    logged: BTreeSet<u64>,
    /// The greatest number submitted in this life.
    flown: u64,
    tries: u32,
    /// Whether a repetition is due.
    armed: bool,
    /// Every letter that is known and not in the log.
    pool: BTreeMap<LetterId, Letter>,
    /// What the member proposed as the leader of a term.
    proposed: Proposed,
    /// How many letters of each writer were delivered.
    cursors: BTreeMap<NodeId, u64>,
    /// Letters in the log that wait for earlier ones of their writers.
    held: BTreeMap<LetterId, Letter>,
    delivered: u64,
    /// Delivered by the log and not yet handed over.
    ready: VecDeque<Delivery>,
    handed: u64,
    taken: u64,
}

/// What a leader has proposed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Proposed {
    term: Term,
    letters: BTreeSet<LetterId>,
}

crate::digestible! { struct Proposed { term, letters } }

impl Total {
    /// A member's end before its start.
    ///
    /// # Panics
    /// If the bounds cannot work ([`Bounds::validate`]) or `me` is no member.
    #[must_use]
    pub fn new(me: NodeId, members: &Members, bounds: Bounds) -> Total {
        bounds.validate().unwrap_or_else(|error| panic!("a channel cannot run: {error}"));
        // Letters are what their writers say: there is nothing for a validator to look up.
        let config = Config { acceptance: Acceptance::Unchecked, ..Config::default() };
        Total {
            me,
            members: members.clone(),
            bounds,
            #[cfg(feature = "planted")]
            planted: None,
            raft: Raft::new(me, members, config),
            posted: 0,
            outbox: BTreeMap::new(),
            logged: BTreeSet::new(),
            flown: 0,
            tries: 0,
            armed: false,
            pool: BTreeMap::new(),
            proposed: Proposed::default(),
            cursors: BTreeMap::new(),
            held: BTreeMap::new(),
            delivered: 0,
            ready: VecDeque::new(),
            handed: 0,
            taken: 0,
        }
    }

    /// An end of the usual bounds.
    #[must_use]
    pub fn factory(me: NodeId, members: &Members) -> Total {
        Total::new(me, members, Bounds::default())
    }

    /// The log beneath.
    #[must_use]
    pub fn raft(&self) -> &Raft {
        &self.raft
    }

    fn start(&mut self, now: Time, durable: Option<Durable>, effects: &mut Effects<Total>) {
        let mut raft = None;
        if let Some(durable) = durable {
            (self.posted, self.outbox) = (durable.posted, durable.outbox);
            self.pool = self.outbox.values().map(|letter| (letter.id, letter.clone())).collect();
            raft = Some(durable.raft);
        }
        self.drive(now, Event::Start(raft), effects);
        self.submit(effects);
    }

    /// The holder wants a letter sent.
    fn post(&mut self, now: Time, op: OpId, Post { to, body }: Post, effects: &mut Effects<Total>) {
        if let Err(refusal) = self.admit(to, body.bytes().len() as u64) {
            return effects.respond(op, Posted::Refused(refusal));
        }
        self.posted += 1;
        let id = LetterId { from: self.me, number: self.posted };
        let letter = Letter { id, to, body };
        self.outbox.insert(id.number, letter.clone());
        self.pool.insert(id, letter.clone());
        let logged = std::mem::take(&mut self.logged);
        effects.persist(Write::Posted { letter, logged });
        effects.respond(op, Posted::Accepted(id));
        self.submit(effects);
        self.lead(now, effects);
    }

    /// Whether a letter can be taken, and if not, why.
    fn admit(&self, to: Audience, bytes: u64) -> Result<(), Refusal> {
        let Bounds { outbox, inbox, body, .. } = self.bounds;
        match to {
            Audience::One(one) if !self.members.contains(one) => Err(Refusal::Stranger(one)),
            Audience::One(one) => Err(Refusal::NotForAll(one)),
            Audience::All if bytes > body => Err(Refusal::TooLong { bytes, bound: body }),
            Audience::All if self.outbox.len() as u64 >= outbox => {
                Err(Refusal::Full { behind: self.me, bound: outbox })
            }
            Audience::All if self.delivered - self.taken >= inbox => {
                Err(Refusal::Full { behind: self.me, bound: inbox })
            }
            Audience::All => Ok(()),
        }
    }

    fn receive(&mut self, now: Time, from: NodeId, message: Message, effects: &mut Effects<Total>) {
        match message {
            Message::Raft(message) => self.drive(now, Event::Deliver { from, message }, effects),
            Message::Submit(letter) if self.members.contains(from) && letter.id.from == from => {
                self.on_submit(letter, effects);
                self.lead(now, effects);
            }
            // Only writers submit.
            Message::Submit(_) => {}
        }
    }
}

impl Protocol for Total {
    type Message = Message;
    type Timer = Timer;
    type Durable = Durable;
    type Write = Write;
    type Request = Post;
    type Response = Posted;
    type Ask = Delivery;
    type Answer = Taken;

    fn step(&mut self, now: Time, event: Event<Total>, effects: &mut Effects<Total>) {
        match event {
            Event::Start(durable) => self.start(now, durable, effects),
            Event::Deliver { from, message } => self.receive(now, from, message, effects),
            Event::Fire(Timer::Raft(timer)) => self.drive(now, Event::Fire(timer), effects),
            Event::Fire(Timer::Resubmit) => self.resubmit(effects),
            Event::Invoke { op, request } => self.post(now, op, request, effects),
            Event::Answer { ticket, answer: Taken } => {
                self.taken = self.taken.max(ticket.min(self.handed));
                self.hand_over(effects);
            }
            Event::DiskFailed(_) => effects.halt(),
        }
    }

    /// What Raft promises, the channel does: it adds a pool that may be forgotten and numbers that are durable.
    fn tolerance(kind: Kind) -> Option<Tolerance> {
        Raft::tolerance(kind)
    }

    fn corrupted(message: &Message, draw: u64) -> Option<Message> {
        message.corrupted(draw)
    }
}

impl Channel for Total {
    fn kept(write: &Write) -> Vec<Kept> {
        match write {
            Write::Raft(_) => Vec::new(),
            Write::Posted { letter, .. } => vec![Kept::Sent(letter.clone())],
        }
    }
}

impl Digest for Total {
    fn digest(&self, digester: &mut Digester) {
        let Total { me, members, bounds, raft, posted, outbox, logged, .. } = self;
        let Total { flown, tries, armed, pool, proposed, cursors, held, .. } = self;
        let Total { delivered, ready, handed, taken, .. } = self;
        (me, (members, bounds)).digest(digester);
        (raft, (posted, (outbox, logged))).digest(digester);
        (flown, (tries, armed)).digest(digester);
        (pool, (proposed, (cursors, held))).digest(digester);
        (delivered, (ready, (handed, taken))).digest(digester);
        // Nothing at all without a planted bug, so that states digest alike in builds with and without the feature.
        #[cfg(feature = "planted")]
        if let Some(planted) = self.planted {
            planted.digest(digester);
        }
    }
}
