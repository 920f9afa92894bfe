//! Reliable letters between members, in no order, in each sender's order, or in causal order. Knows links that lose,
//! double, delay and reorder, and processes that crash and start again; nothing of what letters say.
//!
//! One protocol with three promises ([`Order`]), which differ in one question: may this letter be delivered now?
//!
//! # The rules, one by one
//!
//! 1. A letter has a number in the stream from its writer to each reader. Numbers, letters that are not acknowledged
//!    and what has come are durable before anything is said of them, so they survive reconnecting and restarting.
//! 2. What is not acknowledged is sent again, ever more seldom, until it is (Stenning, *A data transfer protocol*,
//!    Computer Networks 1(2), 1976: unbounded numbers make that safe on links that lose, double and reorder).
//! 3. A letter is delivered once: a number that has come is acknowledged and not delivered again.
//! 4. It is acknowledged once its delivery is durable, and never before.
//! 5. `unordered`: it is delivered when it comes. `fifo`: when all before it in its stream were. `causal`: when, in
//!    addition, every letter to this reader that its writer knew sent was delivered ([`Past`]).
//! 6. What may not be delivered yet is held in memory and not acknowledged; beyond a bound it is forgotten, and comes
//!    again. What may be delivered needs no room there, so held letters never keep out the one they wait for.
//! 7. A stream is between two incarnations, each the clock's reading at its member's first start. A member that lost
//!    its disk has a new one: streams from and to it begin anew with what is not acknowledged, and frames that name a
//!    former one change nothing. What it had acknowledged before is lost with its disk: no protocol can know better
//!    (Fekete, Lynch, Mansour, Spinelli, *The impossibility of implementing reliable communication in the face of
//!    crashes*, JACM 40(5), 1993). Its clock must have moved on since its first start; else it is not heard.
//! 8. A causal order keeps no place for a member that lost its disk: its pasts and everybody else's would disagree. Its
//!    new incarnation is not heard, and a new team has to be made.
//! 9. Flow control: a writer has at most a window of letters on the link, no more than the reader's last
//!    acknowledgement had room for; with no room it probes (RFC 9293, §3.8.6.1). A reader delivers nothing to a holder
//!    that takes nothing in. [`Bounds`] says what happens at each bound.
//! 10. A letter is handed to the holder until the holder has taken it in, durably noted or not: again after a restart,
//!     under the same position. [`Channel::kept`] is for a holder that wants each letter exactly once.
//!
//! # What it does not promise
//!
//! Nobody passes on the letters of others. If a writer never comes back, some of its readers may have its last letter
//! and others not; in causal order, what depends on such a letter waits at the others for good. Every member must come
//! back for everything to be delivered ([`Protocol::core`]); the log of `total` needs a majority.

mod durable;
mod frame;
mod past;
mod planted;
mod reading;
mod writing;

pub use durable::{Arrival, Cursor, Durable, Incarnation, Parcel, Settled, Stream, Write};
pub use frame::{Content, Frame, Timer};
pub use past::Past;
#[cfg(feature = "planted")]
pub use planted::Planted;

use super::{Bounds, Channel, Delivery, Kept, Post, Posted, Taken};
use crate::digest::{Digest, Digester};
use crate::fault::{Class, Kind, Tolerance};
use crate::id::{Members, NodeId};
use crate::protocol::{Effects, Event, Fold, Protocol};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// What a channel promises of the order of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Nothing: each letter arrives, once.
    Unordered,
    /// The letters of one sender to one reader in the order in which they were sent.
    Fifo,
    /// Any letter after those that its writer had sent or been delivered when it wrote it.
    Causal,
}

crate::digestible! { enum Order { 1 = Unordered, 2 = Fifo, 3 = Causal } }

/// One member's end of a channel.
///
/// ```
/// use synod::fact::Value;
/// use synod::id::{Members, NodeId, OpId};
/// use synod::protocol::channel::{Audience, Line, LetterId, Post, Posted};
/// use synod::protocol::{Effect, Effects, Event, Protocol};
/// use synod::time::Time;
///
/// let [a1, a2] = [0, 1].map(NodeId::agent);
/// let mut line = Line::fifo(a1, &Members::of(2));
/// let mut effects = Effects::default();
/// line.step(Time::ZERO, Event::Start(None), &mut effects);
/// let request = Post { to: Audience::One(a2), body: Value::from("the build is red") };
/// line.step(Time::ZERO, Event::Invoke { op: OpId(0), request }, &mut effects);
/// let response = Posted::Accepted(LetterId { from: a1, number: 1 });
/// assert!(effects.drain().any(|effect| effect == Effect::Return { op: OpId(0), response }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    me: NodeId,
    members: Members,
    order: Order,
    bounds: Bounds,
    #[cfg(feature = "planted")]
    planted: Option<Planted>,
    /// What is durable, or will be before the next event.
    disk: Durable,
    peers: BTreeMap<NodeId, Peer>,
    /// Up to which position the holder has taken deliveries in.
    taken: u64,
}

/// What is known of another member, in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Peer {
    /// What it acknowledged and the disk still keeps.
    arrived: BTreeSet<u64>,
    /// The greatest number sent to it in this life.
    flown: u64,
    /// What its last acknowledgement had room for, if any came.
    room: Option<u64>,
    /// Repetitions in a row that nothing answered.
    tries: u32,
    /// Whether a repetition is due.
    armed: bool,
    /// Its letters that may not be delivered yet.
    held: BTreeMap<u64, Parcel>,
    /// Whether it was last told that there is no room.
    refused: bool,
}

crate::digestible! { struct Peer { arrived, flown, room, tries, armed, held, refused } }

impl Line {
    /// A member's end before its start.
    ///
    /// # Panics
    /// If the bounds cannot work ([`Bounds::validate`]) or `me` is no member.
    #[must_use]
    pub fn new(me: NodeId, members: &Members, order: Order, bounds: Bounds) -> Line {
        assert!(members.contains(me), "{me} is no member of the team");
        bounds.validate().unwrap_or_else(|error| panic!("a channel cannot run: {error}"));
        Line {
            me,
            members: members.clone(),
            order,
            bounds,
            #[cfg(feature = "planted")]
            planted: None,
            disk: Durable::default(),
            peers: members.others(me).map(|peer| (peer, Peer::default())).collect(),
            taken: 0,
        }
    }

    /// An end of an unordered channel of the usual bounds.
    #[must_use]
    pub fn unordered(me: NodeId, members: &Members) -> Line {
        Line::new(me, members, Order::Unordered, Bounds::default())
    }

    /// An end of a fifo channel of the usual bounds.
    #[must_use]
    pub fn fifo(me: NodeId, members: &Members) -> Line {
        Line::new(me, members, Order::Fifo, Bounds::default())
    }

    /// An end of a causal channel of the usual bounds.
    #[must_use]
    pub fn causal(me: NodeId, members: &Members) -> Line {
        Line::new(me, members, Order::Causal, Bounds::default())
    }

    /// How many letters for this member are not known to have arrived.
    #[must_use]
    pub fn waiting_for(&self, reader: NodeId) -> u64 {
        let stream = self.disk.streams.get(&reader).map_or(0, |stream| stream.waiting.len());
        let arrived = self.peers.get(&reader).map_or(0, |peer| peer.arrived.len());
        (stream - arrived) as u64
    }

    fn start(&mut self, now: Time, durable: Option<Durable>, effects: &mut Effects<Line>) {
        match durable {
            Some(durable) if durable.incarnation != Incarnation::UNKNOWN => {
                self.disk = self.remembered(durable);
                for delivery in self.disk.inbox.clone() {
                    effects.ask(delivery.position, delivery);
                }
            }
            // A clock may stand at zero, which is no incarnation's name.
            _ => self.save(Write::Born { incarnation: Incarnation(now.0 + 1) }, effects),
        }
        for peer in self.members.clone().others(self.me) {
            self.send_on(peer, effects);
        }
    }

    fn receive(&mut self, from: NodeId, frame: Frame, effects: &mut Effects<Line>) {
        if from == self.me || !self.members.contains(from) || !self.is_of_this_life(from, &frame, effects) {
            return;
        }
        match frame.content {
            Content::Hello => self.send_on(from, effects),
            Content::Letter { number, parcel } => self.on_letter(from, number, parcel, effects),
            Content::Ack { upto, beyond, room } => self.on_ack(from, upto, &beyond, room, effects),
        }
    }

    /// Whether a frame is between the present incarnations. One that does not know this member's is told; one that
    /// brings a new incarnation of the other begins the streams anew.
    fn is_of_this_life(&mut self, from: NodeId, frame: &Frame, effects: &mut Effects<Line>) -> bool {
        let known = self.disk.met.get(&from).copied().unwrap_or_default();
        let estranged = self.order == Order::Causal && known != Incarnation::UNKNOWN && frame.from > known;
        if frame.from < known || frame.from == Incarnation::UNKNOWN || estranged {
            return false;
        }
        if frame.from > known {
            self.meet(from, frame.from, effects);
        }
        if frame.to != self.disk.incarnation {
            self.send(from, Content::Hello, effects);
            self.send_on(from, effects);
            return false;
        }
        true
    }

    fn meet(&mut self, peer: NodeId, incarnation: Incarnation, effects: &mut Effects<Line>) {
        let state = self.peers.get_mut(&peer).expect("a member of the team");
        let arrived = std::mem::take(&mut state.arrived);
        (state.flown, state.room, state.tries) = (0, None, 0);
        state.held.clear();
        self.save(Write::Met { peer, incarnation, arrived }, effects);
    }

    fn send(&self, to: NodeId, content: Content, effects: &mut Effects<Line>) {
        let known = self.disk.met.get(&to).copied().unwrap_or_default();
        effects.send(to, Frame { from: self.disk.incarnation, to: known, content });
    }

    /// Changes what is durable. Until the write is through, the driver holds back everything that follows it.
    fn save(&mut self, write: Write, effects: &mut Effects<Line>) {
        self.disk.fold(&write);
        effects.persist(write);
    }

    /// What the next write may forget. Memory no longer has to know it then.
    fn settled(&mut self) -> Settled {
        let arrived = self.peers.iter_mut().map(|(peer, state)| (*peer, std::mem::take(&mut state.arrived)));
        Settled { arrived: arrived.filter(|(_, arrived)| !arrived.is_empty()).collect(), taken: self.taken }
    }
}

impl Protocol for Line {
    type Message = Frame;
    type Timer = Timer;
    type Durable = Durable;
    type Write = Write;
    type Request = Post;
    type Response = Posted;
    type Ask = Delivery;
    type Answer = Taken;

    fn step(&mut self, now: Time, event: Event<Line>, effects: &mut Effects<Line>) {
        match event {
            Event::Start(durable) => self.start(now, durable, effects),
            Event::Deliver { from, message } => self.receive(from, message, effects),
            Event::Fire(Timer::Resend(peer)) => self.resend(peer, effects),
            Event::Invoke { op, request } => self.post(op, request, effects),
            Event::Answer { ticket, answer: Taken } => self.on_taken(ticket, effects),
            // Memory is ahead of the disk: start again from what is there.
            Event::DiskFailed(_) => effects.halt(),
        }
    }

    fn tolerance(kind: Kind) -> Option<Tolerance> {
        Some(match kind.class() {
            // Rules 1 to 3: numbers, acknowledgements, repetition. Nothing rests on a sender being told of success.
            Class::Delivery | Class::Cut => Tolerance::Tolerated,
            // Members and links are trusted: an altered number or body is delivered as it is.
            Class::Tampering => Tolerance::OutOfScope,
            // Rules 1 and 4. Clocks are read at the first start alone.
            Class::Interruption => Tolerance::Tolerated,
            // Rules 7 and 8: what is lost with a disk is lost, which is no promise. Twins share one numbering.
            Class::Amnesia => Tolerance::OutOfScope,
            Class::Deceit => Tolerance::OutOfScope,
            // No model is asked anything.
            Class::Access | Class::Speech => Tolerance::Tolerated,
        })
    }

    /// Everyone: nobody passes on the letters of others.
    fn core(members: &Members) -> usize {
        members.len()
    }

    fn corrupted(message: &Frame, draw: u64) -> Option<Frame> {
        Some(message.corrupted(draw))
    }
}

impl Channel for Line {
    fn kept(write: &Write) -> Vec<Kept> {
        match write {
            Write::Born { .. } | Write::Met { .. } => Vec::new(),
            Write::Posted { parcel, own, .. } => {
                let letter = &parcel.letter;
                let own = own.map(|position| Kept::Delivered(Delivery { position, letter: letter.clone() }));
                [Kept::Sent(letter.clone())].into_iter().chain(own).collect()
            }
            Write::Came { arrivals, .. } => {
                let delivery = |arrival: &Arrival| {
                    Kept::Delivered(Delivery { position: arrival.position, letter: arrival.parcel.letter.clone() })
                };
                arrivals.iter().map(delivery).collect()
            }
        }
    }
}

impl Digest for Line {
    fn digest(&self, digester: &mut Digester) {
        let Line { me, members, order, bounds, disk, peers, taken, .. } = self;
        (me, members).digest(digester);
        (order, bounds).digest(digester);
        (disk, (peers, taken)).digest(digester);
        // Nothing at all without a planted bug, so that states digest alike in builds with and without the feature.
        #[cfg(feature = "planted")]
        if let Some(planted) = self.planted {
            planted.digest(digester);
        }
    }
}
