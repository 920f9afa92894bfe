//! Objects restated on their own, for oracles: a state is a list of numbers, whatever the object.

use synod::call::{Call, Outcome};

/// An operation as oracles see it: numbers only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    pub session: u32,
    pub key: u32,
    pub call: Call,
    pub value: u32,
    pub expected: u32,
    pub outcome: Outcome,
    /// What came back, if that is a value; 0 is nothing.
    pub got: u32,
    /// What came back, if that is a list.
    pub list: Option<Vec<u32>>,
    pub invoked: u32,
    /// `None` if it never ended.
    pub returned: Option<u32>,
}

/// Which object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Register,
    Log,
    Lease,
    Queue,
    Set,
    Board,
}

/// The state after an operation; `None` if the object would have answered otherwise.
pub fn step(kind: Kind, state: &[u32], op: &Op) -> Option<Vec<u32>> {
    let (answer, after) = perform(kind, state, op);
    let fits = match op.outcome {
        Outcome::Open => true,
        Outcome::Failed => false,
        Outcome::Ok => answer == said(op),
        Outcome::Refused => answer == Said::No,
    };
    fits.then_some(after)
}

/// What an object says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Done,
    No,
    Value(u32),
    List(Vec<u32>),
}

fn said(op: &Op) -> Said {
    match (op.call, &op.list) {
        (Call::Read, Some(list)) => Said::List(list.clone()),
        (Call::Read | Call::Dequeue, None) => Said::Value(op.got),
        _ => Said::Done,
    }
}

/// What an object answers, and its state after that.
pub fn perform(kind: Kind, state: &[u32], op: &Op) -> (Said, Vec<u32>) {
    let keep = || state.to_vec();
    let with = |value: u32| [state, &[value]].concat();
    let without = |place: usize| [&state[..place], &state[place + 1..]].concat();
    let found = state.iter().position(|held| *held == op.value);
    match (kind, op.call) {
        (Kind::Register, Call::Read) => (Said::Value(state.first().copied().unwrap_or(0)), keep()),
        (Kind::Register, Call::Write) => (Said::Done, vec![op.value]),
        (_, Call::Remove) => (Said::Done, vec![]),
        (Kind::Register, Call::Cas) if state.first().copied().unwrap_or(0) == op.expected => (Said::Done, vec![op.value]),
        (Kind::Log, Call::Append) | (Kind::Queue, Call::Enqueue) => (Said::Done, with(op.value)),
        (Kind::Log, Call::Read) => (Said::List(keep()), keep()),
        (Kind::Lease, Call::Acquire) if state.is_empty() => (Said::Done, vec![op.session + 1]),
        (Kind::Lease, Call::Release) if state == [op.session + 1] => (Said::Done, vec![]),
        (Kind::Queue, Call::Dequeue) if !state.is_empty() => (Said::Value(state[0]), state[1..].to_vec()),
        (Kind::Set, Call::Add) => (Said::Done, if found.is_some() { keep() } else { with(op.value) }),
        (Kind::Set, Call::Discard) => (Said::Done, found.map_or_else(keep, without)),
        (Kind::Set, Call::Contains) if found.is_some() => (Said::Done, keep()),
        // A board's state: nothing, [1] open, [2, session] claimed, [3] done.
        (Kind::Board, Call::Post) if state.is_empty() => (Said::Done, vec![1]),
        (Kind::Board, Call::Claim) if state == [1] => (Said::Done, vec![2, op.session]),
        (Kind::Board, Call::Complete) if state == [2, op.session] => (Said::Done, vec![3]),
        (Kind::Board, Call::Abandon) if state == [2, op.session] => (Said::Done, vec![1]),
        _ => (Said::No, keep()),
    }
}
