//! Ends of a channel stepped by hand: messages lost, doubled, reordered, processes crashed between any two effects.

use crate::fact::Value;
use crate::id::{Members, NodeId, OpId};
use crate::protocol::channel::{Audience, Channel, Delivery, Kept, Letter, LetterId, Post, Posted, Taken};
use crate::protocol::{Effect, Effects, Event, Fold};
use crate::time::{Duration, Time, millis};
use std::collections::{BTreeMap, BTreeSet};

/// A message under way.
pub(in crate::protocol::channel) struct Mail<C: Channel> {
    pub(in crate::protocol::channel) from: NodeId,
    pub(in crate::protocol::channel) to: NodeId,
    pub(in crate::protocol::channel) message: C::Message,
}

struct Node<C: Channel> {
    process: Option<C>,
    disk: C::Durable,
    timers: BTreeSet<C::Timer>,
    /// What was delivered, by position.
    transcript: BTreeMap<u64, LetterId>,
    /// The last position that the holder has taken.
    last: u64,
}

/// A letter that was sent, with how much its writer had been delivered by then.
pub(in crate::protocol::channel) struct Sent {
    pub(in crate::protocol::channel) letter: Letter,
    pub(in crate::protocol::channel) after: u64,
}

/// The net.
pub(in crate::protocol::channel) struct Net<C: Channel> {
    pub(in crate::protocol::channel) now: Time,
    pub(in crate::protocol::channel) mail: Vec<Mail<C>>,
    pub(in crate::protocol::channel) sent: BTreeMap<LetterId, Sent>,
    pub(in crate::protocol::channel) answers: Vec<Posted>,
    /// Whether holders take in at once what they are handed.
    pub(in crate::protocol::channel) eager: bool,
    nodes: BTreeMap<NodeId, Node<C>>,
    make: Box<dyn Fn(NodeId) -> C>,
    members: Members,
}

impl<C: Channel> Net<C> {
    pub(in crate::protocol::channel) fn of(size: u16, make: impl Fn(NodeId, &Members) -> C + 'static) -> Net<C> {
        let members = Members::of(size);
        let team = members.clone();
        let mut net = Net {
            now: Time::ZERO,
            mail: Vec::new(),
            sent: BTreeMap::new(),
            answers: Vec::new(),
            eager: true,
            nodes: BTreeMap::new(),
            make: Box::new(move |node| make(node, &team)),
            members,
        };
        for node in net.members.clone().iter() {
            let (process, disk) = (Some((net.make)(node)), C::Durable::default());
            let (timers, transcript) = (BTreeSet::new(), BTreeMap::new());
            net.nodes.insert(node, Node { process, disk, timers, transcript, last: 0 });
            net.step(node, Event::Start(None), usize::MAX);
        }
        net
    }

    pub(in crate::protocol::channel) fn process(&self, node: NodeId) -> &C {
        self.nodes[&node].process.as_ref().expect("it is up")
    }

    /// What was delivered at a node, in order.
    pub(in crate::protocol::channel) fn transcript(&self, node: NodeId) -> Vec<LetterId> {
        self.nodes[&node].transcript.values().copied().collect()
    }

    /// One event, of whose effects so many happen before the process crashes; all, if there are no more.
    pub(in crate::protocol::channel) fn step(&mut self, node: NodeId, event: Event<C>, effects: usize) {
        self.now += millis(1);
        let mut wanted = Effects::default();
        let Some(process) = self.nodes.get_mut(&node).and_then(|node| node.process.as_mut()) else { return };
        process.step(self.now, event, &mut wanted);
        let wanted: Vec<Effect<C>> = wanted.drain().collect();
        let cut = effects < wanted.len();
        for effect in wanted.into_iter().take(effects) {
            self.carry_out(node, effect);
        }
        if cut {
            self.crash(node);
        } else if self.eager {
            self.take_in(node);
        }
    }

    fn carry_out(&mut self, node: NodeId, effect: Effect<C>) {
        let state = self.nodes.get_mut(&node).expect("a member");
        match effect {
            Effect::Send { to, message } => self.mail.push(Mail { from: node, to, message }),
            Effect::Arm { timer, .. } => _ = state.timers.insert(timer),
            Effect::Disarm(timer) => _ = state.timers.remove(&timer),
            Effect::Persist(write) => {
                state.disk.fold(&write);
                for kept in C::kept(&write) {
                    self.keep(node, kept);
                }
            }
            Effect::Ask { ticket, ask } => {
                assert_eq!(ticket, ask.position, "the ticket is the position");
                self.keep(node, Kept::Delivered(ask));
            }
            Effect::Return { response, .. } => self.answers.push(response),
            Effect::Halt => self.crash(node),
            Effect::Note(_) | Effect::Decide { .. } | Effect::Cancel(_) => {}
        }
    }

    fn keep(&mut self, node: NodeId, kept: Kept) {
        let state = self.nodes.get_mut(&node).expect("a member");
        match kept {
            Kept::Sent(letter) => {
                let after = state.transcript.len() as u64;
                self.sent.insert(letter.id, Sent { letter, after });
            }
            Kept::Delivered(Delivery { position, letter }) => {
                let last = state.transcript.len() as u64;
                let known = state.transcript.entry(position).or_insert(letter.id);
                assert_eq!(*known, letter.id, "{node} gets two letters at position {position}");
                assert!(position <= last + 1, "{node} gets position {position} after {last}");
                assert_eq!(self.sent[&letter.id].letter, letter, "what arrives is what was sent");
            }
        }
    }

    /// A holder takes in what it was handed.
    pub(in crate::protocol::channel) fn take_in(&mut self, node: NodeId) {
        let state = self.nodes.get_mut(&node).expect("a member");
        let position = state.transcript.len() as u64;
        if position > state.last && state.process.is_some() {
            state.last = position;
            self.step(node, Event::Answer { ticket: position, answer: Taken }, usize::MAX);
        }
    }

    pub(in crate::protocol::channel) fn post(&mut self, node: NodeId, to: Audience, effects: usize) {
        let body = Value::from(format!("{} at {}", node, self.now.0).as_str());
        self.step(node, Event::Invoke { op: OpId(0), request: Post { to, body } }, effects);
    }

    /// Delivers one message under way.
    pub(in crate::protocol::channel) fn pass_on(&mut self, place: usize, effects: usize) {
        let Mail { from, to, message } = self.mail.remove(place);
        self.step(to, Event::Deliver { from, message }, effects);
    }

    pub(in crate::protocol::channel) fn crash(&mut self, node: NodeId) {
        let state = self.nodes.get_mut(&node).expect("a member");
        state.process = None;
        state.timers.clear();
    }

    pub(in crate::protocol::channel) fn restart(&mut self, node: NodeId) {
        self.crash(node);
        let process = (self.make)(node);
        let state = self.nodes.get_mut(&node).expect("a member");
        (state.process, state.last) = (Some(process), 0);
        let disk = state.disk.clone();
        self.step(node, Event::Start(Some(disk)), usize::MAX);
    }

    /// Takes a node's disk away and starts it again.
    pub(in crate::protocol::channel) fn lose_disk(&mut self, node: NodeId) {
        let state = self.nodes.get_mut(&node).expect("a member");
        (state.disk, state.transcript) = (C::Durable::default(), BTreeMap::new());
        self.restart(node);
    }

    /// Every timer that is armed, by node.
    pub(in crate::protocol::channel) fn armed(&self) -> Vec<(NodeId, C::Timer)> {
        let armed = self.nodes.iter().flat_map(|(node, state)| state.timers.iter().map(|timer| (*node, timer.clone())));
        armed.collect()
    }

    pub(in crate::protocol::channel) fn fire(&mut self, node: NodeId, timer: C::Timer) {
        if self.nodes.get_mut(&node).expect("a member").timers.remove(&timer) {
            self.step(node, Event::Fire(timer), usize::MAX);
        }
    }

    /// Delivers everything that is under way and all that follows from it.
    pub(in crate::protocol::channel) fn settle(&mut self) {
        // Far more than any exchange here takes: a storm is a defect.
        for _ in 0..20_000 {
            if self.mail.is_empty() {
                return;
            }
            self.pass_on(0, usize::MAX);
        }
        panic!("the ends never stop sending");
    }

    /// Everyone is up, everything arrives, timers fire in turn, until all is delivered; or the rounds are over.
    pub(in crate::protocol::channel) fn calm_down(&mut self, rounds: usize) {
        self.eager = true;
        for node in self.members.clone().iter() {
            if self.nodes[&node].process.is_none() {
                self.restart(node);
            }
            self.take_in(node);
        }
        for round in 0..rounds {
            self.settle();
            if self.missing().is_none() {
                return;
            }
            self.now += Duration(1_000_000_000);
            for (node, timer) in self.armed() {
                let name = format!("{timer:?}");
                let repeats = ["Resend", "Resubmit", "Heartbeat"].iter().any(|beat| name.contains(beat));
                // Elections come one at a time, and seldom enough to be won.
                let stands =
                    name.contains("Election") && round % 8 == 0 && node.index() == (round / 8) % self.members.len();
                if repeats || stands {
                    self.fire(node, timer);
                    self.settle();
                }
            }
        }
    }

    /// A letter that somebody who is meant has not got.
    pub(in crate::protocol::channel) fn missing(&self) -> Option<String> {
        self.sent.values().find_map(|Sent { letter, .. }| {
            let mut readers = letter.to.among(&self.members).into_iter();
            let reader = readers.find(|reader| !self.nodes[reader].transcript.values().any(|id| *id == letter.id))?;
            Some(format!("{reader} never gets {}", letter.id))
        })
    }
}
