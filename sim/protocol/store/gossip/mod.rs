//! Lazy replication: a replica answers alone, tells the others at once, and makes up for what was lost by anti-entropy.
//! Knows no client but by its session's token.
//!
//! After Ladin, Liskov, Shrira, Ghemawat, *Providing High Availability Using Lazy Replication* (TOCS 10(4), 1992; cited
//! as L): multipart timestamps that clients carry, updates that wait for what they depend on. What is kept for others,
//! and when it may be forgotten, is Wuu and Bernstein, *Efficient Solutions to the Replicated Log and Dictionary
//! Problems* (PODC 1984; cited as WB). Concurrent writes converge as in COPS (Lloyd et al., SOSP 2011, §3.3: causal+),
//! by the stamps of hybrid logical clocks (`hlc.rs`) in place of Lamport's.
//!
//! # The rules, one by one
//!
//! 1. An update is named by its *dot*: the n-th that a replica accepted. A replica takes the updates of each origin in
//!    without gaps, and remembers by its vector `seen` which (L §3.1). What it has seen it never takes in again,
//!    whatever became of it since.
//! 2. An update is durable before it is acknowledged, shown, or told.
//! 3. *Causal order*: an update says what its session had seen and done. A replica takes it in only after all of that
//!    (L §4). With [`Order::Any`] it says nothing and waits for nothing.
//! 4. *Tokens*: a session's token joins what it wrote and what it read, each with what that depends on. A replica that
//!    lacks any of it lets the session wait (L §3.2). With [`Order::Any`] tokens are empty.
//! 5. A stamp is later than every stamp that its maker had heard of. Of two writes of a note the later one stays;
//!    thread entries stand in the order of their stamps. A note takes the place of all entries before it, and entries
//!    after a note begin a thread in its place.
//! 6. A session's call takes effect once: a replica remembers the last number of each session and the answer. A call
//!    with an earlier number was given up; it takes no effect any more.
//! 7. *Anti-entropy*: every so often a replica tells all others what it has seen, and hears what it lacks.
//! 8. An update is dropped from the log once every replica is known to have seen it (WB §4).
//! 9. A tombstone is collected once every replica is known to have seen it, and once its collector has seen everything
//!    that they had seen when they said so. Who has seen the tombstone stamps later than it; so what is earlier
//!    than the tombstone and could bring the note back is then seen here, and by rule 1 never again.
//! 10. A failed write leaves memory ahead of the disk: the replica halts and starts again from what is durable.
//! 11. A call that waits, for a change or for what its session has seen, holds up no other call.

mod config;
mod durable;
mod message;
mod planted;
mod serving;
mod taking;

pub use config::{Config, ConfigError, Order};
pub use durable::{Accepted, Answered, Durable, Stamped, Write};
pub use message::{Message, Timer};
#[cfg(feature = "planted")]
pub use planted::Planted;

use super::{Clock, Dot, Request, Update, Vector};
use crate::fact::{Fact, Stamp};
use crate::fault::{Kind, Tolerance};
use crate::id::{Members, NodeId, OpId};
use crate::protocol::team::{self, Outcome};
use crate::protocol::{Effects, Event, Fold, Protocol};
use crate::time::Time;
use std::collections::{BTreeMap, VecDeque};

/// A replica of the store.
///
/// ```
/// use synod::id::{Members, NodeId};
/// use synod::protocol::store::Gossip;
/// let team = Members::of(3);
/// assert_ne!(Gossip::eventual(NodeId::agent(0), &team), Gossip::causal(NodeId::agent(0), &team));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gossip {
    me: NodeId,
    members: Members,
    config: Config,
    /// What is durable, or will be before the next event.
    disk: Durable,
    clock: Clock,
    /// The latest stamp of another replica that was heard of since the last own one.
    heard: Option<Stamp>,
    /// What each other replica said that it has seen.
    known: BTreeMap<NodeId, Vector>,
    /// Updates that came before what they follow.
    early: BTreeMap<Dot, Update>,
    /// Calls of sessions that know more than this replica.
    parked: VecDeque<Parked>,
    /// Who waits for a note to change.
    watching: BTreeMap<OpId, Request>,
}

crate::digestible! { struct Gossip { me, members, config, disk, clock, heard, known, early, parked, watching } }

/// A call that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Parked {
    op: OpId,
    request: Request,
}

crate::digestible! { struct Parked { op, request } }

impl Gossip {
    /// A replica before its start.
    ///
    /// # Panics
    /// If the configuration cannot work ([`Config::validate`]) or `me` is no member.
    #[must_use]
    pub fn new(me: NodeId, members: &Members, config: Config) -> Gossip {
        assert!(members.contains(me), "{me} is no member of the store");
        config.validate().unwrap_or_else(|error| panic!("the store cannot run: {error}"));
        Gossip {
            me,
            members: members.clone(),
            config,
            disk: Durable::default(),
            clock: Clock::default(),
            heard: None,
            known: BTreeMap::new(),
            early: BTreeMap::new(),
            parked: VecDeque::new(),
            watching: BTreeMap::new(),
        }
    }

    /// A replica of the store `eventual`.
    #[must_use]
    pub fn eventual(me: NodeId, members: &Members) -> Gossip {
        Gossip::new(me, members, Config::of(Order::Any))
    }

    /// A replica of the store `causal`.
    #[must_use]
    pub fn causal(me: NodeId, members: &Members) -> Gossip {
        Gossip::new(me, members, Config::of(Order::Causal))
    }

    /// What is durable here.
    #[must_use]
    pub const fn disk(&self) -> &Durable {
        &self.disk
    }

    fn start(&mut self, durable: Option<Durable>, effects: &mut Effects<Gossip>) {
        if let Some(durable) = durable {
            (self.clock, self.heard) = (durable.clock, durable.heard);
            self.disk = durable;
            // A crash may have come between a write and the report of it.
            let state = self.disk.notes.shown();
            effects.note(self.disk.last.map_or(Fact::Held { state }, |write| Fact::Took { write, state }));
            if let Some(stamped) = self.disk.stamped {
                effects.note(stamped.fact());
            }
        }
        effects.arm(Timer::Gossip, self.config.gossip.clone());
    }

    fn receive(&mut self, now: Time, from: NodeId, message: Message, effects: &mut Effects<Gossip>) {
        if !self.members.contains(from) {
            return;
        }
        match message {
            Message::Updates(updates) => self.hear(now, updates, effects),
            Message::Summary { seen } => self.on_summary(from, &seen, effects),
        }
    }

    /// Changes what is durable. Until the write is through, the driver holds back everything that follows it.
    fn save(&mut self, write: Write, effects: &mut Effects<Gossip>) {
        self.disk.fold(&write);
        if self.config.persists(&write, self.me) {
            effects.persist(write);
        }
    }
}

impl Protocol for Gossip {
    type Message = Message;
    type Timer = Timer;
    type Durable = Durable;
    type Write = Write;
    type Request = team::Request;
    type Response = Outcome;
    type Ask = team::Ask;
    type Answer = team::Answer;

    fn step(&mut self, now: Time, event: Event<Gossip>, effects: &mut Effects<Gossip>) {
        match event {
            Event::Start(durable) => self.start(durable, effects),
            Event::Deliver { from, message } => self.receive(now, from, message, effects),
            Event::Fire(Timer::Gossip) => self.gossip(effects),
            Event::Invoke { op, request: team::Request::Store(request) } => {
                self.on_request(now, op, *request, effects);
            }
            Event::Invoke { op, .. } => effects.respond(op, Outcome::Refused),
            Event::DiskFailed(_) if self.config.heeds_disk_errors() => effects.halt(),
            Event::DiskFailed(_) | Event::Answer { .. } => {}
        }
    }

    fn tolerance(kind: Kind) -> Option<Tolerance> {
        Some(super::tolerance(kind))
    }

    /// Convergence is about all replicas.
    fn core(members: &Members) -> usize {
        members.len()
    }
}
