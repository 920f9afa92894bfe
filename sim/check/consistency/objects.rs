//! Which object each key of a history is, told by the calls it gets, and any of them behind one spec.
//!
//! Knows the specs and their calls, and no order.

use super::chain;
use crate::call::{Call, Outcome, SessionId, ValueId};
use crate::digest::{Digest, Digester};
use crate::history::store::{Answer, Operation, StoreHistory};
use crate::spec::{Board, Lease, Log, Queue, Register, Reply, Set, Spec, Task, Turn};

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Object {
    Register,
    Log,
    Lease,
    Queue,
    Set,
    Board,
}

/// The state of any of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Value(ValueId),
    Values(Vec<ValueId>),
    Holder(Option<SessionId>),
    Task(Task),
}

impl Object {
    /// In the order of preference: a key that is only read and written is a register.
    const ALL: [Object; 6] = [Object::Register, Object::Log, Object::Lease, Object::Queue, Object::Set, Object::Board];

    /// What a key is that gets these calls; `None` if no object understands all of them.
    pub(super) fn of(operations: &[Operation], places: &[u32]) -> Option<Object> {
        let judged = || places.iter().map(|place| &operations[*place as usize]);
        let lists = judged().any(|operation| matches!(operation.answer, Answer::List(_)));
        let fits = |object: &Object| {
            let understood = judged().all(|operation| object.understands(operation.call));
            understood && !(lists && *object == Object::Register)
        };
        Object::ALL.into_iter().find(fits)
    }
}

impl Spec for Object {
    type State = State;

    fn initial(&self) -> State {
        match self {
            Object::Register => State::Value(Register.initial()),
            Object::Log | Object::Queue | Object::Set => State::Values(Log.initial()),
            Object::Lease => State::Holder(Lease.initial()),
            Object::Board => State::Task(Board.initial()),
        }
    }

    fn step(&self, state: &State, turn: &Turn<'_>) -> Option<State> {
        match (self, state) {
            (Object::Register, State::Value(state)) => Register.step(state, turn).map(State::Value),
            (Object::Log, State::Values(state)) => Log.step(state, turn).map(State::Values),
            (Object::Queue, State::Values(state)) => Queue.step(state, turn).map(State::Values),
            (Object::Set, State::Values(state)) => Set.step(state, turn).map(State::Values),
            (Object::Lease, State::Holder(state)) => Lease.step(state, turn).map(State::Holder),
            (Object::Board, State::Task(state)) => Board.step(state, turn).map(State::Task),
            _ => unreachable!("an object keeps a state of its own kind"),
        }
    }

    fn understands(&self, call: Call) -> bool {
        match self {
            Object::Register => Register.understands(call),
            Object::Log => Log.understands(call),
            Object::Lease => Lease.understands(call),
            Object::Queue => Queue.understands(call),
            Object::Set => Set.understands(call),
            Object::Board => Board.understands(call),
        }
    }
}

impl Digest for State {
    fn digest(&self, digester: &mut Digester) {
        match self {
            State::Value(value) => digester.word(u64::from(value.0)),
            State::Values(values) => values.iter().for_each(|value| digester.word(u64::from(value.0))),
            State::Holder(holder) => digester.word(holder.map_or(u64::MAX, |session| u64::from(session.0))),
            State::Task(Task::Absent) => digester.word(1),
            State::Task(Task::Open) => digester.word(2),
            State::Task(Task::Claimed(session)) => digester.word(4 + u64::from(session.0)),
            State::Task(Task::Done) => digester.word(3),
        }
    }
}

/// An operation as a spec sees it.
pub(super) fn turn<'a>(history: &'a StoreHistory, operation: &Operation) -> Turn<'a> {
    Turn {
        session: operation.session,
        call: operation.call,
        value: operation.value,
        expected: operation.expected,
        outcome: operation.outcome,
        reply: match operation.answer {
            Answer::Value(value) => Reply::Value(value),
            Answer::List(list) => Reply::List(history.values_of(list)),
        },
    }
}

/// Whether an operation has to be explained, or could explain another's answer.
pub(super) const fn matters(operation: &Operation) -> bool {
    match operation.outcome {
        Outcome::Ok | Outcome::Refused => true,
        Outcome::Open => operation.call.changes(),
        Outcome::Failed => false,
    }
}

/// A state as people read it.
pub(super) fn show(history: &StoreHistory, state: &State) -> String {
    match state {
        State::Value(value) => format!("the value is {}", history.show(*value)),
        State::Values(values) if values.is_empty() => "it is empty".to_owned(),
        State::Values(values) if values[..] == [ValueId(u32::MAX)] => "it holds what no read shows".to_owned(),
        State::Values(values) => {
            let shown: Vec<String> = values.iter().take(5).map(|value| history.show(*value)).collect();
            let more = if values.len() > 5 { format!(" and {} more", values.len() - 5) } else { String::new() };
            format!("it holds {}{more}", shown.join(", "))
        }
        State::Holder(None) => "nobody holds it".to_owned(),
        State::Holder(Some(session)) => format!("{} holds it", chain::session(history, *session)),
        State::Task(Task::Absent) => "there is no such task".to_owned(),
        State::Task(Task::Open) => "the task is open".to_owned(),
        State::Task(Task::Claimed(session)) => {
            format!("the task is claimed by {}", chain::session(history, *session))
        }
        State::Task(Task::Done) => "the task is done".to_owned(),
    }
}
