//! A note that one member writes, tells of by letter, and another finds; and what can be wrong with that.

use crate::laws::{Mutation, after_the_heal, is};
use synod::call::{Call, Looks};
use synod::fact::{Content, Fact, Key, Session, Value, WriteId};
use synod::history::{Asked, Environment, Event, Heard, History, Holds, Operation};
use synod::id::{NodeId, OpId};

const WRITER: NodeId = NodeId::agent(0);
const READER: NodeId = NodeId::agent(2);
const WRITE: WriteId = WriteId { session: Session::of(WRITER), number: 1 };

/// The first member writes the note, before its first letter.
pub fn written() -> [Event; 2] {
    let done = Heard { holds: Holds::Yes, content: None };
    [asked(1, WRITER, Call::Write, Some(WRITE)), heard(1, done)]
}

/// The third member reads that letter, then the note.
pub fn found() -> [Event; 3] {
    let content = Content::Note { value: Some(Value::from("the plan")), write: Some(WRITE) };
    let heeded = Event::Fact(Fact::Heeded { from: WRITER, number: 1 });
    [heeded, asked(2, READER, Call::Read, None), heard(2, Heard { holds: Holds::Yes, content: Some(content) })]
}

/// Long after the heal, the first member writes once more, and the run ends.
pub fn end() -> [Event; 3] {
    let (write, done) = (WriteId { number: 2, ..WRITE }, Heard { holds: Holds::Yes, content: None });
    [asked(3, WRITER, Call::Write, Some(write)), heard(3, done), Event::Environment(Environment::Ended)]
}

fn asked(op: u64, node: NodeId, call: Call, write: Option<WriteId>) -> Event {
    let value = write.map(|_| Value::from("the plan"));
    let (session, key) = (Session::of(node), Key::from("plan"));
    let (expected, expected_write, turn, looks) = (None, None, None, Looks::AtOnce);
    let asked = Asked { session, call, key, value, expected, expected_write, write, turn, looks };
    Event::Operation(Operation::Ask { op: named(op), asked })
}

fn heard(op: u64, heard: Heard) -> Event {
    Event::Operation(Operation::Heard { op: named(op), heard })
}

/// Beyond the names of clients' operations.
fn named(op: u64) -> OpId {
    OpId((1 << 40) + op)
}

/// The damages, each with the property that must notice it.
pub const MUTATIONS: &[Mutation] = &[
    Mutation {
        name: "a note is not there for who was told of it",
        property: "no_stale_hand_off",
        fits: |history, place| {
            is(history, place, |event| {
                let Event::Operation(Operation::Heard { heard, .. }) = event else { return false };
                heard.content.is_some()
            })
        },
        damage: |entries, place| {
            if let Event::Operation(Operation::Heard { heard, .. }) = &mut entries[place].event {
                heard.content = Some(Content::Note { value: None, write: None });
            }
        },
    },
    Mutation {
        name: "a call after the heal is given up",
        property: "calls_answered",
        fits: |history, place| is_heard(history, place) && after_the_heal(history, place),
        damage: |entries, place| {
            if let Event::Operation(Operation::Heard { op, .. }) = entries[place].event {
                entries[place].event = Event::Operation(Operation::Info { op });
            }
        },
    },
];

fn is_heard(history: &History, place: usize) -> bool {
    is(history, place, |event| matches!(event, Event::Operation(Operation::Heard { .. })))
}
