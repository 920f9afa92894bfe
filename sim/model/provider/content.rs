//! Text as clients put it into requests: one string, or a list of typed parts. Knows no provider.
//!
//! The APIs take either form for the same thing, and clients use both. Of a list only the parts with words in them
//! are read: pictures and files say nothing to the mock.

use crate::id::{NodeId, Role};
use crate::model::{Message, Schema, Speaker};
use serde::{Deserialize, Deserializer};
use serde_json::{Value as Json, json};

/// The agent whose words a user's message passes on: they begin with its name and a colon, as every provider's requests
/// are written here.
pub(super) fn passed_on(text: &str) -> Option<NodeId> {
    let (name, _) = text.split_once(": ")?;
    let node: NodeId = name.parse().ok()?;
    (node.role() == Role::Agent && node.to_string() == name).then_some(node)
}

/// Gives such a message to the agent that said it.
pub(super) fn pass_on(message: &mut Message) {
    if message.role == Speaker::User
        && let Some(node) = passed_on(&message.text)
    {
        message.role = Speaker::Peer(node);
        message.text.drain(..node.to_string().len() + 2);
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a text or a list of parts")]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

/// A part of any type: `text`, `input_text` and `output_text` have a text, `refusal` has a refusal, others neither.
#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
}

impl From<Content> for String {
    fn from(content: Content) -> String {
        match content {
            Content::Text(text) => text,
            Content::Parts(parts) => parts.into_iter().filter_map(|part| part.text.or(part.refusal)).collect(),
        }
    }
}

/// Reads either form.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Content::deserialize(from).map(String::from)
}

/// The same where nothing may stand.
pub(super) fn perhaps_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<Content>::deserialize(from)?.map(String::from))
}

/// The schema of a tool's arguments. Who leaves it out offers a tool without any.
pub(super) fn parameters(written: Json) -> Schema {
    Schema::from(if written.is_null() { json!({ "type": "object", "properties": {} }) } else { written })
}

/// Reads one text, a list of them, or nothing.
pub(super) fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a text, a list of texts or null")]
    enum Texts {
        One(String),
        Several(Vec<String>),
    }
    Ok(match Option::<Texts>::deserialize(from)? {
        None => Vec::new(),
        Some(Texts::One(text)) => vec![text],
        Some(Texts::Several(texts)) => texts,
    })
}
