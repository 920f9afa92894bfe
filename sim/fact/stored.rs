//! How the parts of a shared store are named: sessions, their writes, keys. Knows no store.

use super::Value;
use crate::digest::{Digest, Digester};
use crate::id::NodeId;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// One client's sequence of calls, one after the other. A client that forgets what it did begins a new one.
///
/// ```
/// use synod::fact::Session;
/// use synod::id::NodeId;
/// assert_eq!(Session::of(NodeId::client(0)).to_string(), "c1");
/// assert_eq!(Session { node: NodeId::agent(1), life: 3 }.to_string(), "a2.3");
/// assert_eq!("a2.3".parse(), Ok(Session { node: NodeId::agent(1), life: 3 }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Session {
    /// Who calls.
    pub node: NodeId,
    /// Which of its lives this is: 0 unless it ever forgets.
    pub life: u32,
}

crate::digestible! { struct Session { node, life } }

impl Session {
    /// The only session of a client that never forgets.
    #[must_use]
    pub const fn of(node: NodeId) -> Session {
        Session { node, life: 0 }
    }
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.life {
            0 => write!(f, "{}", self.node),
            life => write!(f, "{}.{life}", self.node),
        }
    }
}

/// A text that names no session.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' names no session: write the node, and .N if it is not its first life, as in c1 or a2.3")]
pub struct UnknownSession(String);

impl FromStr for Session {
    type Err = UnknownSession;

    fn from_str(text: &str) -> Result<Session, UnknownSession> {
        let unknown = || UnknownSession(text.to_owned());
        let (node, life) = text.split_once('.').unwrap_or((text, "0"));
        let node = node.parse().map_err(|_| unknown())?;
        Ok(Session { node, life: life.parse().map_err(|_| unknown())? })
    }
}

impl Serialize for Session {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Session {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Session, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Names a write: the n-th of its session, from 1. Two equal values have two of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct WriteId {
    /// Whose it is.
    pub session: Session,
    /// Which of its writes.
    pub number: u32,
}

crate::digestible! { struct WriteId { session, number } }

impl fmt::Display for WriteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.session, self.number)
    }
}

/// What a note, or a thread of notes, is found under.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key(pub Arc<str>);

impl From<&str> for Key {
    fn from(text: &str) -> Key {
        Key(text.into())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Digest for Key {
    fn digest(&self, digester: &mut Digester) {
        self.0.digest(digester);
    }
}

/// What stands under a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// One value or none, and the write that it comes from if the store knows: a remove leaves no value.
    Note {
        /// The value.
        value: Option<Value>,
        /// The write.
        write: Option<WriteId>,
    },
    /// A thread's entries in their order.
    Thread(Vec<Written>),
    /// The same from a store that does not name writes.
    Listed(Vec<Value>),
}

crate::digestible! { enum Content { 1 = Note { value, write }, 2 = Thread(entries), 3 = Listed(values) } }

/// A value with the write that it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The write.
    pub write: WriteId,
    /// The value.
    pub value: Value,
}

crate::digestible! { struct Written { write, value } }

/// As a replay prints it.
impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Content::Note { value: Some(value), .. } => write!(f, "{value}"),
            Content::Note { value: None, .. } => f.write_str("nothing"),
            Content::Thread(entries) => list(f, entries.iter().map(|entry| &entry.value)),
            Content::Listed(values) => list(f, values.iter()),
        }
    }
}

fn list<'a>(f: &mut fmt::Formatter<'_>, values: impl Iterator<Item = &'a Value>) -> fmt::Result {
    f.write_str("[")?;
    for (place, value) in values.enumerate() {
        write!(f, "{}{value}", if place == 0 { "" } else { ", " })?;
    }
    f.write_str("]")
}
