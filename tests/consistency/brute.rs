//! Oracles by definition: they try every order there is. Slow, short, and sharing no code with the checkers.

use crate::models::{Kind, Op, step};
use std::collections::BTreeMap;
use synod::call::{Call, Outcome};

/// Whether some order of all operations that must be explained, and any of those that may be, keeps `before` and
/// explains every answer in `judged`.
pub fn explains(
    kind: Kind,
    ops: &[Op],
    members: &[usize],
    before: &dyn Fn(usize, usize) -> bool,
    judged: &dyn Fn(usize) -> bool,
) -> bool {
    place_next(kind, ops, members, before, judged, 0, &mut BTreeMap::new())
}

fn place_next(
    kind: Kind,
    ops: &[Op],
    members: &[usize],
    before: &dyn Fn(usize, usize) -> bool,
    judged: &dyn Fn(usize) -> bool,
    taken: u32,
    states: &mut BTreeMap<u32, Vec<u32>>,
) -> bool {
    let left = || members.iter().copied().filter(|one| taken & (1 << one) == 0);
    if left().all(|one| ops[one].outcome == Outcome::Open) {
        return true;
    }
    for next in left() {
        // What is open may be left out, so it holds nobody up.
        let waits = left().any(|other| other != next && ops[other].outcome != Outcome::Open && before(other, next));
        if waits {
            continue;
        }
        let op = &ops[next];
        let state = states.get(&op.key).cloned().unwrap_or_default();
        let seen = if judged(next) { op.clone() } else { Op { outcome: Outcome::Open, ..op.clone() } };
        let Some(after) = step(kind, &state, &seen) else { continue };
        states.insert(op.key, after);
        let found = place_next(kind, ops, members, before, judged, taken | 1 << next, states);
        states.insert(op.key, state);
        if found {
            return true;
        }
    }
    false
}

fn all(ops: &[Op]) -> Vec<usize> {
    let matters = |op: &Op| op.outcome != Outcome::Failed && (op.outcome != Outcome::Open || op.call.changes());
    (0..ops.len()).filter(|one| matters(&ops[*one])).collect()
}

/// Herlihy and Wing: an order of everything that keeps real time.
pub fn linearizable(kind: Kind, ops: &[Op]) -> bool {
    let before = |one: usize, other: usize| ops[one].returned.is_some_and(|end| end < ops[other].invoked);
    explains(kind, ops, &all(ops), &before, &|_| true)
}

/// Lamport: an order of everything that keeps every session's order.
pub fn sequential(kind: Kind, ops: &[Op]) -> bool {
    explains(kind, ops, &all(ops), &|one, other| by_session(ops, one, other), &|_| true)
}

/// Session order. Nothing comes after what never ended.
pub fn by_session(ops: &[Op], one: usize, other: usize) -> bool {
    let ended = ops[one].outcome != Outcome::Open;
    ended && ops[one].session == ops[other].session && ops[one].invoked < ops[other].invoked
}

/// Causal order as a matrix: who comes before whom. Reads and writes of values written once.
pub struct Causal {
    ops: Vec<Op>,
    before: Matrix,
}

impl Causal {
    /// Without what certainly had no effect and what was never answered.
    pub fn of(ops: &[Op]) -> Causal {
        let counts = |op: &&Op| op.outcome == Outcome::Ok || op.outcome == Outcome::Open && op.call.changes();
        let ops: Vec<Op> = ops.iter().filter(counts).cloned().collect();
        let count = ops.len();
        let direct = |one: usize, other: usize| by_session(&ops, one, other) || writer(&ops, other) == Some(one);
        let mut before: Vec<Vec<bool>> =
            (0..count).map(|one| (0..count).map(|other| direct(one, other)).collect()).collect();
        for middle in 0..count {
            for one in 0..count {
                for other in 0..count {
                    before[one][other] |= before[one][middle] && before[middle][other];
                }
            }
        }
        Causal { ops, before }
    }

    fn judged(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.ops.len()).filter(|one| self.ops[*one].outcome == Outcome::Ok && self.ops[*one].call == Call::Read)
    }

    fn sound(&self) -> bool {
        let acyclic = (0..self.ops.len()).all(|one| !self.before[one][one]);
        let made = |one: usize| self.ops[one].got == 0 || writer(&self.ops, one).is_some();
        acyclic && self.judged().all(made)
    }

    fn past(&self, of: usize) -> Vec<usize> {
        (0..self.ops.len()).filter(|one| *one == of || self.before[*one][of]).collect()
    }

    /// In a past everything has happened, ended or not.
    fn order_explains(&self, members: &[usize], judged: &dyn Fn(usize) -> bool, before: &Matrix) -> bool {
        let closed: Vec<Op> = self.ops.iter().map(|op| Op { outcome: Outcome::Ok, ..op.clone() }).collect();
        explains(Kind::Register, &closed, members, &|one, other| before[one][other], judged)
    }

    /// POPL'17, definition of CC: for every operation, an order of its causal past explains it.
    pub fn cc(&self) -> bool {
        self.sound() && self.judged().all(|read| self.order_explains(&self.past(read), &|one| one == read, &self.before))
    }

    /// CM: for every operation, an order of its causal past explains it and everything before it in its session.
    pub fn cm(&self) -> bool {
        let own = |read: usize, one: usize| one == read || by_session(&self.ops, one, read);
        self.sound() && self.judged().all(|read| self.order_explains(&self.past(read), &|one| own(read, one), &self.before))
    }

    /// CCv: one order of all writes such that each read returns the last write of its causal past by that order.
    pub fn ccv(&self) -> bool {
        self.sound() && self.arbitrate(&mut Vec::new())
    }

    fn arbitrate(&self, order: &mut Vec<usize>) -> bool {
        if order.len() == self.ops.len() {
            return self.judged().all(|read| self.last_in(order, read) == self.ops[read].got);
        }
        let free: Vec<usize> = (0..self.ops.len())
            .filter(|one| !order.contains(one))
            .filter(|one| (0..self.ops.len()).all(|other| !self.before[other][*one] || order.contains(&other)))
            .collect();
        free.into_iter().any(|next| {
            order.push(next);
            // A read's past is complete when it is placed, and the order of its writes is fixed.
            let fits = self.ops[next].call != Call::Read
                || self.ops[next].outcome != Outcome::Ok
                || self.last_in(order, next) == self.ops[next].got;
            let found = fits && self.arbitrate(order);
            order.pop();
            found
        })
    }

    fn last_in(&self, order: &[usize], read: usize) -> u32 {
        let writes = |one: &&usize| self.ops[**one].call != Call::Read && self.ops[**one].key == self.ops[read].key;
        let last = order.iter().filter(writes).filter(|one| self.before[**one][read]).next_back();
        last.map_or(0, |write| self.ops[*write].value)
    }

    /// PRAM: for every session, an order of all writes and its reads that keeps all sessions' order explains its reads.
    pub fn pram(&self) -> bool {
        let made = |one: usize| self.ops[one].got == 0 || writer(&self.ops, one).is_some();
        let sessions: Vec<u32> = self.ops.iter().map(|op| op.session).collect();
        self.judged().all(made)
            && sessions.iter().all(|session| {
                let member = |one: &usize| self.ops[*one].call != Call::Read || self.ops[*one].session == *session;
                let members: Vec<usize> = (0..self.ops.len()).filter(member).collect();
                explains(Kind::Register, &self.ops, &members, &|one, other| by_session(&self.ops, one, other), &|_| true)
            })
    }
}

type Matrix = Vec<Vec<bool>>;

/// Who wrote what a read returned. A write that failed wrote nothing.
fn writer(ops: &[Op], read: usize) -> Option<usize> {
    let op = &ops[read];
    let returned = op.call == Call::Read && op.outcome == Outcome::Ok && op.got != 0;
    let wrote = |other: &Op| {
        other.call == Call::Write && other.outcome != Outcome::Failed && other.key == op.key && other.value == op.got
    };
    returned.then(|| ops.iter().position(wrote)).flatten()
}
