//! What can be wrong with a store's history, where, and what to do about it. Knows no format.

use crate::call::Call;
use crate::text::one_line;
use crate::time::Time;
use std::io;

/// Why a history cannot be read, and where.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {}", one_line(what))]
pub struct StoreError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it, and the remedy.
    pub what: Wrong,
}

/// What is wrong with an event of a history.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Wrong {
    /// The input itself failed.
    #[error("cannot be read ({0}): make sure the file is UTF-8 text and still there")]
    Unreadable(#[from] io::Error),
    /// The last line breaks off.
    #[error("the last line breaks off in the middle: copy the file again, or delete the line to judge what is there")]
    Truncated,
    /// It is no such line.
    #[error("{0}")]
    Malformed(String),
    /// Time runs backwards.
    #[error("{} is before {}, the event before: sort by time, ties as they happened", at.0, last.0)]
    Backwards {
        /// This event's time.
        at: Time,
        /// The time of the event before.
        last: Time,
    },
    /// A session asks for something while it waits.
    #[error("session {session} still waits for operation {other}{}: end it with \"info\" if its outcome is unknown, or \
             give concurrent calls sessions of their own", on_line(*line))]
    Overlapping {
        /// The session.
        session: String,
        /// The operation under way.
        other: u64,
        /// Where that was invoked.
        line: Option<u32>,
    },
    /// An operation is invoked twice.
    #[error("operation {op} was invoked already: give every call its own op, a retry too")]
    InvokedTwice {
        /// The operation.
        op: u64,
    },
    /// An operation ends that nobody invoked.
    #[error("operation {op} ends but was never invoked: add its invocation before, or delete this line")]
    NeverInvoked {
        /// The operation.
        op: u64,
    },
    /// An operation ends twice.
    #[error("operation {op} ended before: keep its first end only")]
    CompletedTwice {
        /// The operation.
        op: u64,
    },
    /// A call was refused that cannot be.
    #[error("a {call} cannot be refused: write \"fail\" if it never took effect, \"info\" if that is unknown")]
    CannotRefuse {
        /// The call.
        call: Call,
    },
    /// Two operations wrote one version.
    #[error(
        "version {version} was written{} already: a store stamps every write with a version of its own",
        on_line(*line)
    )]
    VersionTwice {
        /// The version.
        version: String,
        /// Where it was written first.
        line: Option<u32>,
    },
    /// A write claims to be what was there before every write.
    #[error("nothing can write the initial version: it is what a key holds before its first write")]
    WritesInitial,
    /// The history is longer than its numbers.
    #[error("the history has more than four billion events: cut it into parts")]
    TooLong,
}

fn on_line(line: Option<u32>) -> String {
    line.map(|line| format!(" on line {line}")).unwrap_or_default()
}
