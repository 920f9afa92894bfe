//! Operations on whatever store the agents have, written down as its clients see them. Knows no store.
//!
//! The store is the user's: a map behind a lock, a file, a service. The agent says what it is about to do, does it, and
//! says what came of it; what is in between takes as long as it takes. The history that this makes is judged by the
//! checkers of stores.

use super::Agent;
use super::port::Command;
use crate::call::{Call, Looks};
use crate::fact::{Content, Key, Value, WriteId};
use std::future::Future;

/// What an operation is about to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// What.
    pub call: Call,
    /// Under which key.
    pub key: Key,
    /// What it carries in.
    pub value: Option<Value>,
    /// What it expects to replace, if it does nothing otherwise.
    pub expected: Option<Value>,
    /// The version of it, if the store compares versions.
    pub expected_write: Option<WriteId>,
    /// Which of the agent's read–generate–write turns it belongs to, in this life.
    pub turn: Option<u32>,
    /// When it is answered.
    pub looks: Looks,
}

impl Act {
    /// Reading what is under a key.
    #[must_use]
    pub fn read(key: &str) -> Act {
        let (value, expected, expected_write, turn) = (None, None, None, None);
        Act { call: Call::Read, key: key.into(), value, expected, expected_write, turn, looks: Looks::AtOnce }
    }

    /// Putting a value in place of what is under a key. Values that no other operation writes say most.
    #[must_use]
    pub fn write(key: &str, value: &str) -> Act {
        Act { call: Call::Write, value: Some(value.into()), ..Act::read(key) }
    }

    /// Putting an entry at the end of what is under a key, however that is done.
    #[must_use]
    pub fn append(key: &str, value: &str) -> Act {
        Act { call: Call::Append, value: Some(value.into()), ..Act::read(key) }
    }

    /// The same as a part of a turn.
    #[must_use]
    pub fn in_turn(self, turn: u32) -> Act {
        Act { turn: Some(turn), ..self }
    }

    /// Putting a value in place of another one.
    #[must_use]
    pub fn replace(key: &str, expected: &str, value: &str) -> Act {
        Act { call: Call::Cas, expected: Some(expected.into()), ..Act::write(key, value) }
    }
}

/// What came of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called {
    /// It was done.
    Done,
    /// It found this, or nothing.
    Found(Option<String>),
    /// It found these entries.
    Listed(Vec<String>),
    /// It found this, with the versions that the store stamped.
    Saw(Content),
    /// What it expected was not there.
    Refused,
    /// It certainly had no effect.
    Failed,
    /// Nobody knows: it may have had its effect, may have it yet, or never will.
    Unknown,
}

/// An operation that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Began {
    /// Which of the agent's operations, in this life.
    pub number: u64,
    /// What.
    pub act: Act,
}

/// An operation that came to an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Which of the agent's operations, in this life.
    pub number: u64,
    /// Under which key.
    pub key: Key,
    /// What came of it.
    pub called: Called,
}

impl Agent {
    /// Does something to a store of the team's own and writes down, for checkers, what it was, when it began, and what
    /// came of it. An agent that crashes in between leaves it open.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use synod::agent::{Act, Called};
    /// use synod::{Agent, Result};
    /// async fn scribe(agent: Agent, notes: Arc<Mutex<Option<String>>>) -> Result {
    ///     let act = Act::write("plan", &format!("the plan of {}", agent.id()));
    ///     agent.record(act, async {
    ///         *notes.lock().expect("nobody panics with it") = Some(format!("the plan of {}", agent.id()));
    ///         Called::Done
    ///     }).await;
    ///     Ok(())
    /// }
    /// ```
    pub async fn record(&self, act: Act, deed: impl Future<Output = Called>) -> Called {
        let number = self.port.next_operation();
        let key = act.key.clone();
        self.port.submit(Command::Began(Box::new(Began { number, act })));
        let called = deed.await;
        self.port.submit(Command::Ended(Box::new(Ended { number, key, called: called.clone() })));
        called
    }
}

impl Called {
    /// What was found, as a history keeps it.
    #[must_use]
    pub fn content(&self) -> Option<Content> {
        let note = |value: Option<Value>| Content::Note { value, write: None };
        match self {
            Called::Found(value) => Some(note(value.as_deref().map(Value::from))),
            Called::Listed(entries) => {
                Some(Content::Listed(entries.iter().map(|entry| Value::from(entry.as_str())).collect()))
            }
            Called::Saw(content) => Some(content.clone()),
            Called::Done | Called::Refused | Called::Failed | Called::Unknown => None,
        }
    }
}
