//! What clients ask of a shared store and hear from it, as a history keeps it. Knows no store.

use crate::call::{Call, Looks};
use crate::fact::{Content, Key, Session, Value, WriteId};
use serde::{Deserialize, Serialize};

/// A call of a shared store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Whose call it is.
    pub session: Session,
    /// What is asked.
    pub call: Call,
    /// Under which key.
    pub key: Key,
    /// What it carries in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// What a compare-and-set compares with; nothing means that it expects nothing there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Value>,
    /// The version that it compares with, where the store compares versions: two writes of one text are two versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_write: Option<WriteId>,
    /// The version that it makes, if it changes anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write: Option<WriteId>,
    /// Which read–generate–write turn of the session it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<u32>,
    /// When it is answered.
    #[serde(default, skip_serializing_if = "Looks::is_at_once")]
    pub looks: Looks,
}

/// A store's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// Whether its condition held, if it had one.
    pub holds: Holds,
    /// What was found, if something was looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
}

/// Whether what a call depends on was so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// It was, or the call depends on nothing: it took effect.
    Yes,
    /// It was not: the call changed nothing.
    No,
}
