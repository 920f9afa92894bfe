//! One process in a search, with its disk: what it handles and what comes of it. The same rules as in the world, without
//! its time: what follows a write waits for it, and meanwhile the process handles nothing.

use super::setting::Setting;
use crate::digest::{Digest, Digester, digest_of};
use crate::fact::Fact;
use crate::history::{Entry, Environment, Event as Record, Restart};
use crate::id::{NodeId, ProcessId};
use crate::protocol::{Effect, Effects, Event, Fold, Protocol};
use crate::time::Time;
use std::collections::{BTreeSet, VecDeque};

/// One identity's process and disk.
#[derive(Clone)]
pub(super) struct Node<P: Protocol> {
    pub(super) id: NodeId,
    /// How often it crashed.
    life: u32,
    pub(super) protocol: P,
    pub(super) timers: BTreeSet<P::Timer>,
    pub(super) questions: Vec<Question<P>>,
    disk: Disk<P>,
    pub(super) writing: Option<P::Write>,
    /// What follows the write.
    waiting: VecDeque<Effect<P>>,
}

/// Something asked of the agent and not answered.
#[derive(Clone)]
pub(super) struct Question<P: Protocol> {
    pub(super) ticket: u64,
    pub(super) ask: P::Ask,
}

/// A disk, and whether anything was ever written to it.
#[derive(Clone)]
enum Disk<P: Protocol> {
    Unused,
    Used(P::Durable),
}

/// A message in flight.
pub(super) struct Letter<P: Protocol> {
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) message: P::Message,
}

/// What of the write under way a crash leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaves {
    Nothing,
    TheWrite,
}

/// What came of an action.
pub(super) struct Results<P: Protocol> {
    pub(super) letters: Vec<Letter<P>>,
    pub(super) entries: Vec<Entry>,
}

impl<P: Protocol> Default for Results<P> {
    fn default() -> Results<P> {
        Results { letters: Vec::new(), entries: Vec::new() }
    }
}

impl<P: Protocol> Node<P> {
    /// A node whose process starts for the first time.
    pub(super) fn started(id: NodeId, setting: &Setting<P>, results: &mut Results<P>) -> Node<P> {
        let mut node = Node {
            id,
            life: 0,
            protocol: setting.make(id),
            timers: BTreeSet::new(),
            questions: Vec::new(),
            disk: Disk::Unused,
            writing: None,
            waiting: VecDeque::new(),
        };
        results.entries.push(node.record(setting, Record::Environment(Environment::Started { again: Restart::First })));
        if setting.liars.contains_key(&id) {
            results.entries.push(node.record(setting, Record::Environment(Environment::Suborned)));
        }
        node.step(setting, setting.first_clock(), Event::Start(None), results);
        node
    }

    /// Handles an event.
    pub(super) fn step(&mut self, setting: &Setting<P>, now: Time, event: Event<P>, results: &mut Results<P>) {
        assert!(self.writing.is_none() && self.waiting.is_empty(), "{} handles nothing while it writes", self.id);
        let mut effects = Effects::default();
        self.protocol.step(now, event, &mut effects);
        self.waiting.extend(effects.drain());
        self.carry_on(setting, results);
    }

    /// The write under way ends.
    pub(super) fn end_write(&mut self, setting: &Setting<P>, results: &mut Results<P>) {
        self.keep_write(setting, results);
        self.carry_on(setting, results);
    }

    /// The process forgets all but its disk and starts again.
    pub(super) fn crash(&mut self, leaves: Leaves, setting: &Setting<P>, results: &mut Results<P>) {
        if leaves == Leaves::TheWrite {
            self.keep_write(setting, results);
        }
        results.entries.push(self.record(setting, Record::Environment(Environment::Crashed)));
        self.life += 1;
        self.protocol = setting.make(self.id);
        self.timers.clear();
        self.questions.clear();
        self.waiting.clear();
        self.writing = None;
        let again = Restart::WithDisk;
        results.entries.push(self.record(setting, Record::Environment(Environment::Started { again })));
        let found = match &self.disk {
            Disk::Unused => None,
            Disk::Used(durable) => Some(durable.clone()),
        };
        self.step(setting, setting.first_clock(), Event::Start(found), results);
    }

    /// An entry of the history about this process.
    pub(super) fn record(&self, setting: &Setting<P>, event: Record) -> Entry {
        let size = setting.members.len();
        let process = self.life as usize * size + self.id.index();
        let process = ProcessId(u32::try_from(process).expect("fewer than four thousand million lives"));
        Entry { at: Time::ZERO, node: self.id, process, event }
    }

    fn keep_write(&mut self, setting: &Setting<P>, results: &mut Results<P>) {
        let Some(write) = self.writing.take() else { return };
        let mut durable = match std::mem::replace(&mut self.disk, Disk::Unused) {
            Disk::Unused => P::Durable::default(),
            Disk::Used(durable) => durable,
        };
        durable.fold(&write);
        self.disk = Disk::Used(durable);
        let persisted = Environment::Persisted { write: digest_of(&write) };
        results.entries.push(self.record(setting, Record::Environment(persisted)));
    }

    /// Carries out what waits, up to the next write.
    fn carry_on(&mut self, setting: &Setting<P>, results: &mut Results<P>) {
        while self.writing.is_none() {
            let Some(effect) = self.waiting.pop_front() else { return };
            self.perform(effect, setting, results);
        }
    }

    fn perform(&mut self, effect: Effect<P>, setting: &Setting<P>, results: &mut Results<P>) {
        match effect {
            Effect::Send { to, message } => self.send(to, message, setting, results),
            Effect::Arm { timer, .. } => _ = self.timers.insert(timer),
            Effect::Disarm(timer) => _ = self.timers.remove(&timer),
            Effect::Ask { ticket, ask } => self.questions.push(Question { ticket, ask }),
            Effect::Cancel(ticket) => self.questions.retain(|question| question.ticket != ticket),
            Effect::Persist(write) => self.writing = Some(write),
            Effect::Return { op, response } => {
                if let Some(operation) = setting.surroundings.returned(op, &response) {
                    results.entries.push(told_by_client(op, operation));
                }
            }
            Effect::Decide { slot, value } => {
                results.entries.push(self.record(setting, Record::Fact(Fact::Decided { slot, value })));
            }
            Effect::Note(fact) => results.entries.push(self.record(setting, Record::Fact(fact))),
            Effect::Halt => self.crash(Leaves::Nothing, setting, results),
        }
    }

    fn send(&self, to: NodeId, message: P::Message, setting: &Setting<P>, results: &mut Results<P>) {
        let lies = setting.liars.get(&self.id).and_then(|kind| self.protocol.lied(*kind, to, &message));
        let messages = lies.unwrap_or_else(|| vec![message]);
        results.letters.extend(messages.into_iter().map(|message| Letter { from: self.id, to, message }));
    }
}

/// An entry of the history about the client of an operation. Each operation has a client of its own.
pub(super) fn told_by_client(op: crate::id::OpId, operation: crate::history::Operation) -> Entry {
    let client = NodeId::client(u16::try_from(op.0).expect("a few operations"));
    Entry { at: Time::ZERO, node: client, process: ProcessId(0), event: Record::Operation(operation) }
}

impl<P: Protocol> Digest for Node<P> {
    fn digest(&self, digester: &mut Digester) {
        let Node { id: _, life, protocol, timers, questions, disk, writing, waiting } = self;
        life.digest(digester);
        protocol.digest(digester);
        timers.digest(digester);
        digester.word(questions.len() as u64);
        questions.iter().for_each(|question| (question.ticket, &question.ask).digest(digester));
        match disk {
            Disk::Unused => digester.word(0),
            Disk::Used(durable) => (1u64, durable).digest(digester),
        }
        writing.digest(digester);
        waiting.digest(digester);
    }
}

impl<P: Protocol> Digest for Letter<P> {
    fn digest(&self, digester: &mut Digester) {
        ((self.from, self.to), &self.message).digest(digester);
    }
}
