//! A state of a search: all that decides what may come. Knows which actions it has and what comes of each.

use super::action::{Action, After};
use super::bounds::Ending;
use super::explored::Pruned;
use super::node::{Leaves, Letter, Node, Results, told_by_client};
use super::setting::Setting;
use super::watch::{Sight, Watch};
use crate::digest::{Digest, Digester, wide_digest_of};
use crate::history::{Entry, Event as Record};
use crate::id::OpId;
use crate::protocol::{Event, Protocol};
use crate::time::Time;
use std::ops::Deref;
use std::rc::Rc;

/// All that decides what may come. Most of it is shared with the states before.
pub(super) struct State<P: Protocol> {
    pub(super) nodes: Vec<Rc<Keyed<Node<P>>>>,
    /// Messages in flight, in the order of their digests: a bag.
    pub(super) mail: Vec<Rc<Keyed<Letter<P>>>>,
    spent: Spent,
    watches: Rc<Watches>,
}

/// Something with its digest.
pub(super) struct Keyed<T> {
    pub(super) value: T,
    key: u128,
}

/// What the way to a state used up.
#[derive(Clone, Default)]
struct Spent {
    timers: u32,
    crashes: u32,
    duplicates: u32,
    invoked: Vec<usize>,
}

crate::digestible! { struct Spent { timers, crashes, duplicates, invoked } }

/// What the checkers remember.
struct Watches {
    watches: Vec<Box<dyn Watch>>,
    memories: Vec<u128>,
}

/// What comes of an action.
pub(super) struct Successor<P: Protocol> {
    pub(super) state: State<P>,
    /// What the history gains.
    pub(super) entries: Vec<Entry>,
    /// The first property that is violated now.
    pub(super) violated: Option<usize>,
}

impl<T: Digest> Keyed<T> {
    fn new(value: T) -> Rc<Keyed<T>> {
        let key = wide_digest_of(&value);
        Rc::new(Keyed { value, key })
    }
}

impl<T> Deref for Keyed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<P: Protocol> State<P> {
    /// Where every search begins: all have started.
    pub(super) fn first(setting: &Setting<P>, watches: Vec<Box<dyn Watch>>, pruned: &mut Pruned) -> Successor<P> {
        let mut results = Results::default();
        let nodes = setting.members.iter().map(|id| Keyed::new(Node::started(id, setting, &mut results)));
        let nodes = nodes.collect();
        let memories = watches.iter().map(|watch| watch.memory()).collect();
        let watches = Rc::new(Watches { watches, memories });
        let state = State { nodes, mail: Vec::new(), spent: Spent::default(), watches };
        state.with(results, setting, pruned)
    }

    /// What tells this state from others.
    pub(super) fn key(&self) -> u128 {
        let mut digester = Digester::default();
        let mut feed = |key: u128| {
            digester.word(key as u64);
            digester.word((key >> 64) as u64);
        };
        self.nodes.iter().for_each(|node| feed(node.key));
        self.watches.memories.iter().for_each(|memory| feed(*memory));
        self.mail.iter().for_each(|letter| feed(letter.key));
        self.spent.digest(&mut digester);
        digester.finish_wide()
    }

    /// Whether this state has nothing that an earlier one lacks, after an action that changed no process and no memory:
    /// it lost a message or spent a part of a bound. Whatever may come from here may come from there.
    pub(super) fn adds_nothing_to(&self, before: &State<P>) -> bool {
        let same = |one: &[Rc<Keyed<Node<P>>>], other: &[Rc<Keyed<Node<P>>>]| {
            one.iter().zip(other).all(|(one, other)| one.key == other.key)
        };
        let mut known = before.mail.iter().map(|letter| letter.key);
        // Both are in order, so each search goes on where the last one ended.
        same(&self.nodes, &before.nodes)
            && self.watches.memories == before.watches.memories
            && self.mail.iter().all(|letter| known.any(|key| key == letter.key))
    }

    /// What each checker remembers.
    pub(super) fn memories(&self) -> &[u128] {
        &self.watches.memories
    }

    /// The checkers, in the order they were given.
    pub(super) fn watches(&self) -> &[Box<dyn Watch>] {
        &self.watches.watches
    }

    /// Everything that may happen, always in the same order. What a bound forbids is counted.
    pub(super) fn actions(&self, setting: &Setting<P>, pruned: &mut Pruned) -> Vec<Action<P>> {
        let mut actions = Vec::new();
        let writes = self.nodes.iter().position(|node| node.writing.is_some());
        if let (Ending::AtOnce, Some(node)) = (setting.bounds.writes, writes) {
            self.actions_of(node, setting, pruned, &mut actions);
            return actions;
        }
        if setting.bounds.answers == Ending::AtOnce {
            for node in 0..self.nodes.len() {
                self.answers(node, setting, &mut actions);
                if !actions.is_empty() {
                    self.crashes(node, &[Leaves::Nothing], setting, pruned, &mut actions);
                    return actions;
                }
            }
        }
        for node in 0..self.nodes.len() {
            self.actions_of(node, setting, pruned, &mut actions);
        }
        actions
    }

    fn actions_of(&self, node: usize, setting: &Setting<P>, pruned: &mut Pruned, actions: &mut Vec<Action<P>>) {
        let process = &self.nodes[node];
        if process.writing.is_some() {
            actions.push(Action::EndWrite { node });
            return self.crashes(node, &[Leaves::Nothing, Leaves::TheWrite], setting, pruned, actions);
        }
        self.answers(node, setting, actions);
        for clock in setting.clocks.iter().copied() {
            self.invocations(node, setting).for_each(|request| actions.push(Action::Invoke { request, clock }));
            for letter in self.letters_to(node) {
                actions.push(Action::Deliver { letter, after: After::Gone, clock });
                if self.spent.duplicates < setting.bounds.duplicates {
                    actions.push(Action::Deliver { letter, after: After::StillInFlight, clock });
                } else {
                    pruned.duplicates += 1;
                }
            }
            for timer in process.timers.iter().cloned() {
                if self.spent.timers < setting.bounds.timers && setting.lets_fire(process.id, &timer) {
                    actions.push(Action::Fire { node, timer, clock });
                } else {
                    pruned.timers += 1;
                }
            }
        }
        self.crashes(node, &[Leaves::Nothing], setting, pruned, actions);
    }

    /// Every answer to every open question of a process that can hear it.
    fn answers(&self, node: usize, setting: &Setting<P>, actions: &mut Vec<Action<P>>) {
        let process = &self.nodes[node];
        if process.writing.is_some() {
            return;
        }
        for (question, asked) in process.questions.iter().enumerate() {
            for answer in setting.surroundings.answers(process.id, &asked.ask) {
                let told = |clock: &Time| Action::Answer { node, question, answer: answer.clone(), clock: *clock };
                actions.extend(setting.clocks.iter().map(told));
            }
        }
    }

    fn crashes(
        &self,
        node: usize,
        ways: &[Leaves],
        setting: &Setting<P>,
        pruned: &mut Pruned,
        actions: &mut Vec<Action<P>>,
    ) {
        let may = setting.lets_crash(self.nodes[node].id);
        if may && self.spent.crashes < setting.bounds.crashes {
            actions.extend(ways.iter().map(|leaves| Action::Crash { node, leaves: *leaves }));
        } else {
            pruned.crashes += ways.len() as u64;
        }
    }

    fn invocations<'a>(&'a self, node: usize, setting: &'a Setting<P>) -> impl Iterator<Item = usize> + 'a {
        let id = self.nodes[node].id;
        let open =
            move |request: &usize| setting.requests[*request].node == id && !self.spent.invoked.contains(request);
        (0..setting.requests.len()).filter(open)
    }

    /// The different letters to a node.
    fn letters_to(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        let id = self.nodes[node].id;
        let twice = |place: usize| place > 0 && self.mail[place - 1].key == self.mail[place].key;
        (0..self.mail.len()).filter(move |place| self.mail[*place].to == id && !twice(*place))
    }

    /// The state after an action.
    pub(super) fn after(&self, action: &Action<P>, setting: &Setting<P>, pruned: &mut Pruned) -> Successor<P> {
        let mut results = Results::default();
        let (nodes, mail, spent) = (self.nodes.clone(), self.mail.clone(), self.spent.clone());
        let mut next = State { nodes, mail, spent, watches: Rc::clone(&self.watches) };
        match action.clone() {
            Action::Invoke { request, clock } => {
                let invocation = &setting.requests[request];
                next.spent.invoked.push(request);
                next.spent.invoked.sort_unstable();
                let (op, request) = (OpId(request as u64), invocation.request.clone());
                let told = setting.surroundings.invoked(op, &request);
                results.entries.extend(told.map(|operation| told_by_client(op, operation)));
                let node = self.place_of(invocation.node);
                next.change(node, |node| node.step(setting, clock, Event::Invoke { op, request }, &mut results));
            }
            Action::Deliver { letter, after, clock } => {
                let Letter { from, to, message } = &self.mail[letter].value;
                match after {
                    After::Gone => _ = next.mail.remove(letter),
                    After::StillInFlight => next.spent.duplicates += 1,
                }
                let event = Event::Deliver { from: *from, message: message.clone() };
                next.change(self.place_of(*to), |node| node.step(setting, clock, event, &mut results));
            }
            Action::Fire { node, timer, clock } => {
                next.spent.timers += 1;
                next.change(node, |node| {
                    node.timers.remove(&timer);
                    node.step(setting, clock, Event::Fire(timer), &mut results);
                });
            }
            Action::Answer { node, question, answer, clock } => next.change(node, |node| {
                let asked = node.questions.remove(question);
                let offered = setting.surroundings.offered(&asked.ask, &answer);
                results.entries.extend(offered.map(|offer| node.record(setting, Record::Environment(offer))));
                node.step(setting, clock, Event::Answer { ticket: asked.ticket, answer }, &mut results);
            }),
            Action::EndWrite { node } => next.change(node, |node| node.end_write(setting, &mut results)),
            Action::Crash { node, leaves } => {
                next.spent.crashes += 1;
                next.change(node, |node| node.crash(leaves, setting, &mut results));
            }
        }
        next.with(results, setting, pruned)
    }

    fn place_of(&self, id: crate::id::NodeId) -> usize {
        self.nodes.iter().position(|node| node.id == id).expect("a member sends to members")
    }

    fn change(&mut self, node: usize, change: impl FnOnce(&mut Node<P>)) {
        let mut changed = self.nodes[node].value.clone();
        change(&mut changed);
        self.nodes[node] = Keyed::new(changed);
    }

    /// The state with what an action brought about.
    fn with(mut self, results: Results<P>, setting: &Setting<P>, pruned: &mut Pruned) -> Successor<P> {
        for letter in results.letters.into_iter().filter(|letter| !setting.loses(letter)) {
            let letter = Keyed::new(letter);
            let place = self.mail.partition_point(|known| known.key < letter.key);
            let alike = self.mail[place..].iter().take_while(|known| known.key == letter.key).count();
            if alike < setting.bounds.copies {
                self.mail.insert(place, letter);
            } else {
                pruned.copies += 1;
            }
        }
        let mut violated = None;
        if !results.entries.is_empty() {
            let mut watches: Vec<_> = self.watches.watches.iter().map(|watch| watch.copy()).collect();
            for (number, watch) in watches.iter_mut().enumerate() {
                let violates = |entry| watch.observe(entry) == Sight::Violation;
                if results.entries.iter().any(violates) && violated.is_none() {
                    violated = Some(number);
                }
            }
            let memories = watches.iter().map(|watch| watch.memory()).collect();
            self.watches = Rc::new(Watches { watches, memories });
        }
        Successor { state: self, entries: results.entries, violated }
    }
}
