//! Operations that async agents record, as entries of the history. Knows no store.

use super::World;
use super::recorder::{Note, Who};
use super::shelves::session_of;
use crate::agent::{Began, Called, Ended};
use crate::digest::digest_of;
use crate::fact::WriteId;
use crate::history::{Asked, Heard, Holds, Operation};
use crate::id::OpId;
use crate::protocol::team::TeamProtocol;
use crate::trace::{Cause, Happening, Told};

/// Operations of one life of an agent, at most: what is left of a word beside the process.
const MOST: u64 = 1 << 32;

impl<P: TeamProtocol> World<P> {
    /// An agent begins an operation on a store of its own. Each of its lives is a session.
    pub(super) fn began(&mut self, who: Who, began: Began) {
        let Began { number, act } = began;
        let session = session_of(who);
        let count = u32::try_from(number + 1).expect("fewer operations than MOST");
        let write = act.call.changes().then_some(WriteId { session, number: count });
        let text = format!("{} {}", act.call, act.key);
        let asked = Asked {
            session,
            call: act.call,
            key: act.key,
            value: act.value,
            expected: act.expected,
            expected_write: act.expected_write,
            write,
            turn: act.turn,
            looks: act.looks,
        };
        let note = Note::about(digest_of(&text));
        let told = || Told::new(text).carrying(&asked.value).noted(asked.key.clone());
        self.recorder.record_with(who, Happening::Invoked, Cause::NONE, note, told);
        self.recorder.operation(who, Operation::Ask { op: named(who, number), asked });
    }

    /// It ended.
    pub(super) fn operation_ended(&mut self, who: Who, ended: Ended, cause: Cause) {
        let Ended { number, key, called } = ended;
        let op = named(who, number);
        let content = called.content();
        let text = format!("operation {}: {called:?}", op.0);
        let note = Note::about(digest_of(&text));
        let told = || Told::new(text).carrying(&content).noted(key);
        self.recorder.record_with(who, Happening::Returned, cause, note, told);
        let end = match called {
            Called::Done | Called::Found(_) | Called::Listed(_) | Called::Saw(_) => {
                Operation::Heard { op, heard: Heard { holds: Holds::Yes, content } }
            }
            Called::Refused => Operation::Heard { op, heard: Heard { holds: Holds::No, content } },
            Called::Failed => Operation::Fail { op },
            Called::Unknown => Operation::Info { op },
        };
        self.recorder.figures.calls += 1;
        self.recorder.operation(who, end);
    }
}

/// The operation's name in the whole run.
pub(super) fn named(who: Who, number: u64) -> OpId {
    assert!(number < MOST, "an agent records fewer than four billion operations in one life");
    OpId(u64::from(who.process.0) * MOST + number)
}

/// The place of the process that called it.
pub(super) fn process_of(op: OpId) -> usize {
    usize::try_from(op.0 / MOST).expect("a process")
}
