//! A note and an entry of a thread that one member writes, tells of by letter, and another finds; and what can be wrong
//! with that.

use crate::laws::{Mutation, after_the_heal, is};
use synod::call::{Call, Looks};
use synod::fact::{Content, Fact, Key, Session, Value, WriteId, Written};
use synod::history::{Asked, Environment, Event, Heard, History, Holds, Operation};
use synod::id::{NodeId, OpId};

const WRITER: NodeId = NodeId::agent(0);
const READER: NodeId = NodeId::agent(2);
const WRITE: WriteId = WriteId { session: Session::of(WRITER), number: 1 };
const APPENDED: WriteId = WriteId { number: 2, ..WRITE };

/// The first member writes the note and appends the entry, before its first letter.
pub fn written() -> [Event; 4] {
    let done = || Heard { holds: Holds::Yes, content: None };
    let (write, append) = (asked(1, WRITER, Call::Write, Some(WRITE)), asked(4, WRITER, Call::Append, Some(APPENDED)));
    [write, heard(1, done()), append, heard(4, done())]
}

/// The third member reads that letter, then the note and the thread.
pub fn found() -> [Event; 5] {
    let value = Value::from("the plan");
    let note = Content::Note { value: Some(value.clone()), write: Some(WRITE) };
    let thread = Content::Thread(vec![Written { write: APPENDED, value }]);
    let heeded = Event::Fact(Fact::Heeded { from: WRITER, number: 1 });
    let shows = |content| Heard { holds: Holds::Yes, content: Some(content) };
    let (read, look) = (asked(2, READER, Call::Read, None), asked_of("log", 5, READER, Call::Read, None));
    [heeded, read, heard(2, shows(note)), look, heard(5, shows(thread))]
}

/// Long after the heal, the first member writes once more, and the run ends.
pub fn end() -> [Event; 3] {
    let (write, done) = (WriteId { number: 3, ..WRITE }, Heard { holds: Holds::Yes, content: None });
    [asked(3, WRITER, Call::Write, Some(write)), heard(3, done), Event::Environment(Environment::Ended)]
}

fn asked(op: u64, node: NodeId, call: Call, write: Option<WriteId>) -> Event {
    asked_of(if call == Call::Append { "log" } else { "plan" }, op, node, call, write)
}

fn asked_of(key: &str, op: u64, node: NodeId, call: Call, write: Option<WriteId>) -> Event {
    let value = write.map(|_| Value::from("the plan"));
    let (session, key) = (Session::of(node), Key::from(key));
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
                matches!(heard.content, Some(Content::Note { .. }))
            })
        },
        damage: |entries, place| {
            if let Event::Operation(Operation::Heard { heard, .. }) = &mut entries[place].event {
                heard.content = Some(Content::Note { value: None, write: None });
            }
        },
    },
    Mutation {
        name: "a thread shows an entry twice",
        property: "thread_entries",
        fits: |history, place| shows_thread(history, place),
        damage: |entries, place| shown(&mut entries[place].event, |thread| thread.push(thread[0].clone())),
    },
    Mutation {
        name: "a thread shows what nobody appended",
        property: "thread_entries",
        fits: |history, place| shows_thread(history, place),
        damage: |entries, place| shown(&mut entries[place].event, |thread| thread[0].write.number = 77),
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

fn shows_thread(history: &History, place: usize) -> bool {
    is(history, place, |event| {
        let Event::Operation(Operation::Heard { heard, .. }) = event else { return false };
        matches!(heard.content, Some(Content::Thread(_)))
    })
}

/// Alters the thread that a read shows.
fn shown(event: &mut Event, alter: impl FnOnce(&mut Vec<Written>)) {
    if let Event::Operation(Operation::Heard { heard, .. }) = event
        && let Some(Content::Thread(thread)) = &mut heard.content
    {
        alter(thread);
    }
}
