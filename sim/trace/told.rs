//! What a record says, for people and for following false claims: its text, the content it carries, and the false
//! claim that was born in it. Kept in full detail only; knows no world and no model.

use crate::fact::{self, Key, Slot, Value};
use crate::fault::Kind;
use serde_json::Value as Json;
use std::fmt::Debug;

/// A record's text and content.
///
/// ```
/// use synod::{fact::{Fact, Slot, Value}, trace::Told};
/// let fact = Fact::Decided { slot: Slot(0), value: Value::from("7") };
/// assert_eq!(Told::new(fact.to_string()).carrying(&fact).text(), "decides 7 for slot 0");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    text: String,
    pub(super) said: Vec<Said>,
    pub(super) claim: Option<Claim>,
    /// The note of a shared store that it writes or has read.
    pub(super) note: Option<Key>,
}

/// One thing that a record carries.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    /// What it is about, where that is known.
    pub(super) slot: Option<Slot>,
    pub(super) content: Content,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    /// A value, as JSON.
    Json(Json),
    /// Prose, which may have JSON in it.
    Prose(String),
}

/// A false claim at its birth: a reply, and what is false in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What kind of falsehood.
    pub kind: Kind,
    /// The false part as it is quoted: `path = value` within the reply, or words about it.
    pub quote: String,
    /// Which decision it is about.
    pub slot: Slot,
    /// The whole reply.
    pub reply: String,
}

impl From<String> for Told {
    fn from(text: String) -> Told {
        Told { text, ..Told::default() }
    }
}

impl Told {
    /// A text that carries nothing.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Told {
        Told::from(text.into())
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// It carries every [`Value`] in this, each about the slot named last before it.
    #[must_use]
    pub fn carrying(mut self, values: &impl Debug) -> Told {
        for fact::Mention { slot, value } in fact::mentions(values) {
            self.said.push(Said { slot, content: content(value.bytes()) });
        }
        self
    }

    /// It carries this one value.
    #[must_use]
    pub fn carrying_value(mut self, slot: Option<Slot>, value: &Value) -> Told {
        self.said.push(Said { slot, content: content(value.bytes()) });
        self
    }

    /// It carries these words.
    #[must_use]
    pub fn carrying_prose(mut self, slot: Slot, prose: String) -> Told {
        self.said.push(Said { slot: Some(slot), content: Content::Prose(prose) });
        self
    }

    /// It is written into this note of a shared store, or read there.
    #[must_use]
    pub fn noted(self, key: Key) -> Told {
        Told { note: Some(key), ..self }
    }

    /// A reply: it carries its own text, and a false claim was born in it if there is one.
    #[must_use]
    pub fn replying(mut self, slot: Slot, reply: &str, claim: Option<Claim>) -> Told {
        self.said.push(Said { slot: Some(slot), content: content(reply.as_bytes()) });
        self.claim = claim;
        self
    }
}

/// Bytes as JSON if they are some, else as prose.
fn content(bytes: &[u8]) -> Content {
    serde_json::from_slice(bytes)
        .map_or_else(|_| Content::Prose(String::from_utf8_lossy(bytes).into_owned()), Content::Json)
}
