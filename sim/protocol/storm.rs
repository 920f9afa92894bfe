//! Random schedules over a [`Rig`], for tests: anything may be late, lost, doubled, reordered, or crash, in any order.
//!
//! Coarser than the world (no durations, every timer may fire at any time) and thereby harsher. Ends calm: everything
//! is up, everything arrives, models answer, clients ask again.

use super::rig::{Letter, Rig};
use super::team::{Answer, Ask, Outcome, Reason, TeamProtocol};
use crate::fact::{Slot, Value};
use crate::id::{Members, NodeId, OpId};
use crate::protocol::Event;
use crate::seed::{Ratio, Seed, Stream, Streams};
use crate::time::{millis, seconds};
use std::collections::{BTreeMap, BTreeSet};

/// What clients want decided.
const SLOTS: u64 = 2;

/// A rig with the draws that stir it.
pub(crate) struct Storm<P: TeamProtocol> {
    pub(crate) rig: Rig<P>,
    draws: Stream,
    members: Vec<NodeId>,
    next_op: u64,
    offered: BTreeSet<Value>,
}

impl<P: TeamProtocol> Storm<P> {
    pub(crate) fn new(seed: u64, size: u16, make: impl Fn(NodeId, &Members) -> P + 'static) -> Storm<P> {
        let draws = Streams::of(Seed(seed)).stream(format_args!("storm"));
        let members = Members::of(size).iter().collect();
        Storm { rig: Rig::of(size, make), draws, members, next_op: 0, offered: BTreeSet::new() }
    }

    /// So many random steps, faults among them.
    pub(crate) fn rage(&mut self, steps: usize) {
        for _ in 0..steps {
            self.rig.pass(millis(self.draws.choose(0, 300, 0)));
            let node = *self.draws.pick(&self.members);
            match self.draws.below(60) {
                0 => self.rig.restart(node),
                1 => self.rig.crash(node),
                2..=5 if !self.rig.is_up(node) => self.rig.restart(node),
                6 | 7 => self.request(node),
                8..=11 => self.fire_one(),
                12..=15 => self.answer_one(),
                16 if self.draws.chance(Ratio::percent(50)) => self.rig.isolate(&[]),
                16 => self.isolate_some(),
                _ => self.move_one_letter(),
            }
        }
    }

    /// Calm: all up and connected. Goes on until every member that is up decided every slot or the rounds are over.
    pub(crate) fn calm_down(&mut self, rounds: usize) {
        self.rig.isolate(&[]);
        for node in self.members.clone() {
            if !self.rig.is_up(node) {
                self.rig.restart(node);
            }
        }
        for _ in 0..rounds {
            self.rig.pass(seconds(3));
            self.rig.settle();
            for node in self.members.clone() {
                self.request(node);
            }
            self.rig.settle();
            while !self.rig.questions.is_empty() {
                self.answer_well();
                self.rig.settle();
            }
            self.fire_one();
            self.fire_beats();
            self.rig.settle();
        }
    }

    /// What any members decided differently, were never offered, or decided twice in unlike ways.
    pub(crate) fn disagreement(&self) -> Option<String> {
        let mut first: BTreeMap<Slot, &Value> = BTreeMap::new();
        for (node, slot, value) in &self.rig.decisions {
            let known = *first.entry(*slot).or_insert(value);
            if known != value {
                return Some(format!("{node} decides {value} for {slot}, which was decided {known}"));
            }
            if !self.offered.contains(value) {
                return Some(format!("{node} decides {value}, which nobody proposed"));
            }
        }
        for (op, outcome) in &self.rig.responses {
            if let Outcome::Decided { slot, value } = outcome
                && first.get(slot).is_some_and(|known| *known != value)
            {
                return Some(format!("{op:?} heard {value} for {slot}"));
            }
        }
        None
    }

    /// Which members have not decided which slots.
    pub(crate) fn undecided(&self) -> Vec<(NodeId, Slot)> {
        let pairs = self.members.iter().flat_map(|node| (0..SLOTS).map(move |slot| (*node, Slot(slot))));
        pairs.filter(|(node, slot)| self.rig.decided(*node, slot.0).is_empty()).collect()
    }

    fn request(&mut self, node: NodeId) {
        let slot = self.draws.below(SLOTS);
        self.next_op += 1;
        self.rig.invoke(node, OpId(self.next_op).0, slot);
    }

    fn fire_one(&mut self) {
        let armed = self.rig.armed();
        if !armed.is_empty() {
            let (node, timer) = self.draws.pick(&armed).clone();
            self.rig.fire(node, timer);
        }
    }

    /// Fires every timer whose name says that it only repeats what was said.
    fn fire_beats(&mut self) {
        for (node, timer) in self.rig.armed() {
            let name = format!("{timer:?}");
            let repeats = ["Heartbeat", "Beat", "Resend", "Reminder"].iter().any(|beat| name.starts_with(beat));
            if repeats && self.rig.is_armed(node, &timer) {
                self.rig.fire(node, timer);
                self.rig.settle();
            }
        }
    }

    fn answer_one(&mut self) {
        if self.rig.questions.is_empty() {
            return;
        }
        let reason = *self.draws.pick(&[Reason::Schema, Reason::Provider, Reason::Timeout]);
        match self.draws.below(4) {
            0 => self.answer_with(|_| Answer::Nothing(reason)),
            1 => self.answer_with(|ask| match ask {
                Ask::Propose { .. } | Ask::Revise { .. } => Answer::Nothing(reason),
                Ask::Validate { .. } => Answer::Refused(reason),
            }),
            _ => self.answer_well(),
        }
    }

    fn answer_well(&mut self) {
        let value = Value::from(*self.draws.pick(&["rollback", "restart", "rollback", "scale"]));
        self.answer_with(|ask| match ask {
            Ask::Propose { .. } | Ask::Revise { .. } => Answer::Proposal(value.clone()),
            Ask::Validate { .. } => Answer::Approved,
        });
    }

    fn answer_with(&mut self, answer: impl Fn(&Ask) -> Answer) {
        let place = usize::try_from(self.draws.below(self.rig.questions.len() as u64)).expect("a place");
        let question = self.rig.questions.remove(place);
        let answer = answer(&question.ask);
        if let Answer::Proposal(value) = &answer {
            self.offered.insert(value.clone());
        }
        self.rig.step(question.node, Event::Answer { ticket: question.ticket, answer });
    }

    fn isolate_some(&mut self) {
        let size = self.draws.below(self.members.len() as u64 / 2 + 1);
        let some: Vec<NodeId> = (0..size).map(|_| *self.draws.pick(&self.members)).collect();
        self.rig.isolate(&some);
    }

    /// Delivers, loses or doubles any message under way, in no order.
    fn move_one_letter(&mut self) {
        let under_way = self.rig.mail.len() as u64;
        if under_way == 0 {
            return;
        }
        // Mostly the older ones, or nothing would ever come to an end.
        let place = self.draws.below(under_way.min(8));
        let letter = self.rig.mail.remove(usize::try_from(place).expect("a place"));
        if self.draws.chance(Ratio::percent(10)) {
            self.rig.mail.push(Letter { from: letter.from, to: letter.to, message: letter.message.clone() });
        }
        if !self.draws.chance(Ratio::percent(10)) {
            self.rig.pass_on(letter);
        }
    }
}
