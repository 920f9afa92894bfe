//! The one interface of all stores: read, write, remove, append to a thread, compare-and-set, watch. Knows no store.

use super::Vector;
use crate::call::Call;
use crate::fact::{Content, Key, Session, Value, WriteId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a session wants of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who wants it.
    pub session: Session,
    /// How many calls that change something the session made, this one included.
    pub number: u32,
    /// Under which key. A key is for a note or for a thread, by what is done under it.
    pub key: Key,
    /// What.
    pub act: Act,
    /// What the session has seen and done, as the store told it. Stores that promise sessions nothing pass it over.
    pub token: Token,
}

crate::digestible! { struct Request { session, number, key, act, token } }

impl Request {
    /// The version that it makes, if it changes anything.
    #[must_use]
    pub fn write(&self) -> Option<WriteId> {
        self.act.call().changes().then_some(WriteId { session: self.session, number: self.number })
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        match &self.act {
            Act::Read => write!(f, "read {key}"),
            Act::Write { value } => write!(f, "write {value} to {key}"),
            Act::Remove => write!(f, "remove {key}"),
            Act::Append { value } => write!(f, "append {value} to {key}"),
            Act::Swap { expected: Some(expected), value } => write!(f, "replace {expected} by {value} in {key}"),
            Act::Swap { expected: None, value } => write!(f, "write {value} to {key} unless something is there"),
            Act::Watch { seen: Some(seen) } => write!(f, "tell when {key} is no longer {seen}"),
            Act::Watch { seen: None } => write!(f, "tell when something is in {key}"),
        }
    }
}

/// What is done under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Tell what is there.
    Read,
    /// Put a note there, whatever was.
    Write {
        /// The note.
        value: Value,
    },
    /// Take the note away.
    Remove,
    /// Put an entry at the end of the thread.
    Append {
        /// The entry.
        value: Value,
    },
    /// Put a note there if what is there is the version that the session read. How much that is worth is the store's
    /// promise: only `strong` compares with what all replicas have.
    Swap {
        /// The version; nothing if nothing was there.
        expected: Option<WriteId>,
        /// The note.
        value: Value,
    },
    /// Tell what is there once it is another version than this one.
    Watch {
        /// The version that the session knows.
        seen: Option<WriteId>,
    },
}

crate::digestible! { enum Act {
    1 = Read, 2 = Write { value }, 3 = Remove, 4 = Append { value }, 5 = Swap { expected, value }, 6 = Watch { seen },
} }

impl Act {
    /// As a history names it. A watch is a read whose answer may be long in coming.
    #[must_use]
    pub const fn call(&self) -> Call {
        match self {
            Act::Read | Act::Watch { .. } => Call::Read,
            Act::Write { .. } => Call::Write,
            Act::Remove => Call::Remove,
            Act::Append { .. } => Call::Append,
            Act::Swap { .. } => Call::Cas,
        }
    }
}

/// What a session carries from replica to replica: the updates it depends on (the *timestamp* of Ladin et al. 1992).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token(pub Vector);

impl crate::digest::Digest for Token {
    fn digest(&self, digester: &mut crate::digest::Digester) {
        self.0.digest(digester);
    }
}

/// A store's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// What was read.
    Found {
        /// What is there.
        content: Content,
        /// What it depends on.
        token: Token,
    },
    /// It took effect.
    Done {
        /// What it depends on, itself included.
        token: Token,
    },
    /// What is there is not what was expected: nothing was changed.
    Differs,
}

crate::digestible! { enum Response { 1 = Found { content, token }, 2 = Done { token }, 3 = Differs } }
