//! A net of pure nodes stepped by hand, for tests. Nothing happens that a test does not ask for.

use super::{DiskError, Effect, Effects, Event, Fold, Protocol};
use crate::fact::{Fact, Slot, Value};
use crate::id::{Members, NodeId, OpId};
use crate::protocol::team::{Answer, Ask, Outcome, Request, TeamProtocol};
use crate::time::{Duration, Time};
use std::collections::{BTreeMap, BTreeSet};

/// A message under way.
pub(crate) struct Letter<P: Protocol> {
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    pub(crate) message: P::Message,
}

/// What a node asked its agent and has not heard back.
pub(crate) struct Question {
    pub(crate) node: NodeId,
    pub(crate) ticket: u64,
    pub(crate) ask: Ask,
}

struct Node<P: Protocol> {
    /// `None` while it is down.
    process: Option<P>,
    disk: P::Durable,
    timers: BTreeSet<P::Timer>,
}

/// The net.
pub(crate) struct Rig<P: TeamProtocol> {
    pub(crate) now: Time,
    pub(crate) mail: Vec<Letter<P>>,
    pub(crate) questions: Vec<Question>,
    pub(crate) facts: Vec<(NodeId, Fact)>,
    pub(crate) decisions: Vec<(NodeId, Slot, Value)>,
    pub(crate) responses: Vec<(OpId, Outcome)>,
    /// Nodes that asked to be stopped.
    pub(crate) halted: BTreeSet<NodeId>,
    /// Whose disks take no write.
    full: BTreeSet<NodeId>,
    cut: BTreeSet<NodeId>,
    nodes: BTreeMap<NodeId, Node<P>>,
    make: Box<dyn Fn(NodeId) -> P>,
}

/// The agent called `a<number>`.
pub(crate) fn a(number: u16) -> NodeId {
    NodeId::agent(number - 1)
}

impl<P: TeamProtocol> Rig<P> {
    /// A team, started.
    pub(crate) fn of(size: u16, make: impl Fn(NodeId, &Members) -> P + 'static) -> Rig<P> {
        let members = Members::of(size);
        let all: Vec<NodeId> = members.iter().collect();
        let mut rig = Rig {
            now: Time::ZERO,
            mail: Vec::new(),
            questions: Vec::new(),
            facts: Vec::new(),
            decisions: Vec::new(),
            responses: Vec::new(),
            halted: BTreeSet::new(),
            full: BTreeSet::new(),
            cut: BTreeSet::new(),
            nodes: BTreeMap::new(),
            make: Box::new(move |node| make(node, &members)),
        };
        for node in all {
            let process = Some((rig.make)(node));
            rig.nodes.insert(node, Node { process, disk: P::Durable::default(), timers: BTreeSet::new() });
            rig.step(node, Event::Start(None));
        }
        rig
    }

    /// The running process of a node.
    pub(crate) fn process(&self, node: NodeId) -> &P {
        self.nodes[&node].process.as_ref().expect("the node is up")
    }

    /// What is on a node's disk.
    pub(crate) fn disk(&self, node: NodeId) -> &P::Durable {
        &self.nodes[&node].disk
    }

    /// One event at one node; nothing at a node that is down.
    pub(crate) fn step(&mut self, node: NodeId, event: Event<P>) {
        let mut effects = Effects::default();
        let now = self.now;
        let Some(process) = self.nodes.get_mut(&node).and_then(|node| node.process.as_mut()) else { return };
        process.step(now, event, &mut effects);
        let wanted: Vec<Effect<P>> = effects.drain().collect();
        for effect in wanted {
            if matches!(effect, Effect::Persist(_)) && self.full.contains(&node) {
                return self.step(node, Event::DiskFailed(DiskError::Full));
            }
            self.carry_out(node, effect);
        }
    }

    fn carry_out(&mut self, node: NodeId, effect: Effect<P>) {
        let state = self.nodes.get_mut(&node).expect("a member of the team");
        match effect {
            Effect::Send { to, message } => self.mail.push(Letter { from: node, to, message }),
            Effect::Arm { timer, .. } => _ = state.timers.insert(timer),
            Effect::Disarm(timer) => _ = state.timers.remove(&timer),
            Effect::Ask { ticket, ask } => self.questions.push(Question { node, ticket, ask }),
            Effect::Cancel(ticket) => {
                self.questions.retain(|question| (question.node, question.ticket) != (node, ticket));
            }
            Effect::Persist(write) => state.disk.fold(&write),
            Effect::Return { op, response } => self.responses.push((op, response)),
            Effect::Decide { slot, value } => self.decisions.push((node, slot, value)),
            Effect::Note(fact) => self.facts.push((node, fact)),
            Effect::Halt => {
                self.halted.insert(node);
                self.crash(node);
            }
        }
    }

    /// Lets time pass; no timer fires by it.
    pub(crate) fn pass(&mut self, span: Duration) {
        self.now += span;
    }

    /// Fires a timer that must be armed.
    pub(crate) fn fire(&mut self, node: NodeId, timer: P::Timer) {
        let armed = self.nodes.get_mut(&node).expect("a member").timers.remove(&timer);
        assert!(armed, "{node} has not armed {timer:?}");
        self.step(node, Event::Fire(timer));
    }

    /// Whether a timer is armed.
    pub(crate) fn is_armed(&self, node: NodeId, timer: &P::Timer) -> bool {
        self.nodes[&node].timers.contains(timer)
    }

    /// Delivers messages, oldest first, until none that may pass is left. Those to or from cut or down nodes are lost.
    pub(crate) fn settle(&mut self) {
        // Far more than any exchange here takes: a storm is a defect.
        for _ in 0..10_000 {
            if self.mail.is_empty() {
                return;
            }
            let letter = self.mail.remove(0);
            self.pass_on(letter);
        }
        panic!("the nodes never stop sending");
    }

    /// Delivers a message unless one of its ends is cut off.
    pub(crate) fn pass_on(&mut self, letter: Letter<P>) {
        if !self.cut.contains(&letter.from) && !self.cut.contains(&letter.to) {
            self.step(letter.to, Event::Deliver { from: letter.from, message: letter.message });
        }
    }

    /// Delivers the waiting messages of one link, and nothing they lead to.
    pub(crate) fn deliver(&mut self, from: NodeId, to: NodeId) {
        for letter in self.take(from, to) {
            self.step(letter.to, Event::Deliver { from: letter.from, message: letter.message });
        }
    }

    /// Takes the waiting messages of one link away.
    pub(crate) fn take(&mut self, from: NodeId, to: NodeId) -> Vec<Letter<P>> {
        let (taken, left) = self.mail.drain(..).partition(|letter| letter.from == from && letter.to == to);
        self.mail = left;
        taken
    }

    /// Loses every message under way.
    pub(crate) fn lose_all(&mut self) {
        self.mail.clear();
    }

    /// Hands a node a message.
    pub(crate) fn hand(&mut self, from: NodeId, to: NodeId, message: P::Message) {
        self.step(to, Event::Deliver { from, message });
    }

    /// Cuts these nodes off from everyone, and nobody else.
    pub(crate) fn isolate(&mut self, nodes: &[NodeId]) {
        self.cut = nodes.iter().copied().collect();
    }

    /// Takes a process down; its disk stays.
    pub(crate) fn crash(&mut self, node: NodeId) {
        let state = self.nodes.get_mut(&node).expect("a member");
        state.process = None;
        state.timers.clear();
        self.questions.retain(|question| question.node != node);
    }

    /// Starts a process from its disk.
    pub(crate) fn restart(&mut self, node: NodeId) {
        self.crash(node);
        let process = (self.make)(node);
        let state = self.nodes.get_mut(&node).expect("a member");
        state.process = Some(process);
        let disk = state.disk.clone();
        self.step(node, Event::Start(Some(disk)));
    }

    /// From now on the node's disk takes no write.
    pub(crate) fn fill_disk(&mut self, node: NodeId) {
        self.full.insert(node);
    }

    /// A client asks.
    pub(crate) fn invoke(&mut self, node: NodeId, op: u64, slot: u64) {
        self.request(node, op, Request::Propose { slot: Slot(slot) });
    }

    /// A client, a reader or an administrator asks.
    pub(crate) fn request(&mut self, node: NodeId, op: u64, request: Request) {
        self.step(node, Event::Invoke { op: OpId(op), request });
    }

    /// What a client heard.
    pub(crate) fn response(&self, op: u64) -> Option<&Outcome> {
        self.responses.iter().find(|(answered, _)| *answered == OpId(op)).map(|(_, outcome)| outcome)
    }

    /// Answers the oldest open question of a node that `fits`.
    pub(crate) fn answer(&mut self, node: NodeId, fits: impl Fn(&Ask) -> bool, answer: Answer) -> Ask {
        let place = self.questions.iter().position(|question| question.node == node && fits(&question.ask));
        let question = self.questions.remove(place.expect("the node asked this"));
        self.step(node, Event::Answer { ticket: question.ticket, answer });
        question.ask
    }

    /// The node's model proposes a value.
    pub(crate) fn propose(&mut self, node: NodeId, value: &str) -> Ask {
        self.answer(node, |ask| matches!(ask, Ask::Propose { .. }), Answer::Proposal(Value::from(value)))
    }

    /// The node's agent answers a validation.
    pub(crate) fn validate(&mut self, node: NodeId, answer: Answer) -> Ask {
        self.answer(node, |ask| matches!(ask, Ask::Validate { .. }), answer)
    }

    /// How many questions of a node are open.
    pub(crate) fn open_questions(&self, node: NodeId) -> usize {
        self.questions.iter().filter(|question| question.node == node).count()
    }

    /// The timers that are armed, by node.
    pub(crate) fn armed(&self) -> Vec<(NodeId, P::Timer)> {
        let armed = self.nodes.iter().flat_map(|(node, state)| state.timers.iter().map(|timer| (*node, timer.clone())));
        armed.collect()
    }

    /// Whether a node is up.
    pub(crate) fn is_up(&self, node: NodeId) -> bool {
        self.nodes[&node].process.is_some()
    }

    /// What a node decided for a slot, in order.
    pub(crate) fn decided(&self, node: NodeId, slot: u64) -> Vec<&Value> {
        let of_node = self.decisions.iter().filter(move |(decider, about, _)| *decider == node && *about == Slot(slot));
        of_node.map(|(_, _, value)| value).collect()
    }

    /// The facts of a node, in order.
    pub(crate) fn facts_of(&self, node: NodeId) -> Vec<&Fact> {
        self.facts.iter().filter(|(teller, _)| *teller == node).map(|(_, fact)| fact).collect()
    }
}
