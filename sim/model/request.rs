//! Requests, shaped like those of the chat APIs. Knows no provider and no task.

use super::{Reply, Schema, Tool, ToolCall};
use crate::digest::{Digest, Digester};
use crate::fact::Slot;
use crate::id::NodeId;
use std::fmt;

/// Who said a message of a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// Whoever set the agent up.
    System,
    /// The agent's shell.
    User,
    /// The model itself, earlier.
    Assistant,
    /// Another agent, whose words the shell passes on. Chat APIs know no such role; renderings make it a user's.
    Peer(NodeId),
    /// A tool that the model called.
    Tool,
}

crate::digestible! { enum Speaker { 1 = System, 2 = User, 3 = Assistant, 4 = Peer(node), 5 = Tool } }

impl fmt::Display for Speaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Speaker::System => f.write_str("system"),
            Speaker::User => f.write_str("user"),
            Speaker::Assistant => f.write_str("assistant"),
            Speaker::Peer(node) => write!(f, "{node}"),
            Speaker::Tool => f.write_str("tool"),
        }
    }
}

/// One message of a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who said it.
    pub role: Speaker,
    /// What was said.
    pub text: String,
    /// The tools that were called, if the model said it.
    pub calls: Vec<ToolCall>,
    /// The id of the call that it answers, if a tool said it.
    pub answers: Option<String>,
}

crate::digestible! { struct Message { role, text, calls, answers } }

/// How the line begins that says which task a request is about.
pub(super) const TASK: &str = "Task #";

impl Message {
    /// A message.
    #[must_use]
    pub fn new(role: Speaker, text: impl Into<String>) -> Message {
        Message { role, text: text.into(), calls: Vec::new(), answers: None }
    }

    /// What a model said, with the tools that it called.
    #[must_use]
    pub fn said(reply: &Reply) -> Message {
        Message { calls: reply.calls.clone(), ..Message::new(Speaker::Assistant, reply.text.clone()) }
    }

    /// What a tool returned for a call.
    #[must_use]
    pub fn result(call: &ToolCall, text: impl Into<String>) -> Message {
        Message { answers: Some(call.id.clone()), ..Message::new(Speaker::Tool, text) }
    }
}

/// What a model is asked.
///
/// ```
/// use synod::{digest::digest_of, fact::Slot, model::{Request, Speaker}};
/// let request = Request::about(Slot(3)).say(Speaker::User, "Which service failed?");
/// assert_eq!(digest_of(&request), digest_of(&request.clone()));
/// assert_ne!(digest_of(&request), digest_of(&request.clone().say(Speaker::User, "Think again.")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The transcript so far, oldest first.
    pub messages: Vec<Message>,
    /// What the reply must satisfy, if anything.
    pub schema: Option<Schema>,
    /// The tools it offers.
    pub tools: Vec<Tool>,
    /// Where the reply is cut off, in tokens.
    pub max_tokens: Option<u32>,
    /// Texts at which the reply ends: before the first of them that its words come upon, which it does not repeat.
    pub stops: Vec<String>,
    /// Which decision it is about.
    pub slot: Slot,
}

impl Request {
    /// An empty request about a slot.
    #[must_use]
    pub const fn about(slot: Slot) -> Request {
        Request { messages: Vec::new(), schema: None, tools: Vec::new(), max_tokens: None, stops: Vec::new(), slot }
    }

    /// The request with one more message.
    #[must_use]
    pub fn say(mut self, role: Speaker, text: impl Into<String>) -> Request {
        self.messages.push(Message::new(role, text));
        self
    }

    /// The request with a schema for its reply.
    #[must_use]
    pub fn expecting(mut self, schema: &Schema) -> Request {
        self.schema = Some(schema.clone());
        self
    }

    /// The request with one more tool on offer.
    #[must_use]
    pub fn offering(mut self, tool: Tool) -> Request {
        self.tools.push(tool);
        self
    }

    /// The request with one more text at which its reply ends.
    ///
    /// ```
    /// use synod::{fact::Slot, model::{Delivery, Provider, Request, Speaker}};
    /// let request = Request::about(Slot(0)).say(Speaker::User, "List the causes.").stopping_at("\n4.");
    /// let body = Provider::Anthropic.request(&request, Delivery::Whole);
    /// assert!(body.contains(r#""stop_sequences":["\n4."]"#));
    /// ```
    #[must_use]
    pub fn stopping_at(mut self, text: impl Into<String>) -> Request {
        self.stops.push(text.into());
        self
    }

    /// The length of all messages in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.messages.iter().map(|message| message.text.len()).sum()
    }
}

impl Request {
    /// Which task its text says it is about: the number behind `Task #` at the beginning of a line, as in the prompts
    /// of tasks; of several messages that say so the last counts. `None` if none does.
    ///
    /// ```
    /// use synod::{fact::Slot, model::{Request, Speaker}};
    /// let request = Request::about(Slot(0)).say(Speaker::User, "Task #7: plan\nWhat comes first?");
    /// assert_eq!(request.task(), Some(Slot(7)));
    /// assert_eq!(Request::about(Slot(3)).say(Speaker::User, "What comes first?").task(), None);
    /// ```
    #[must_use]
    pub fn task(&self) -> Option<Slot> {
        let asks = |message: &&Message| matches!(message.role, Speaker::System | Speaker::User);
        self.messages.iter().rev().filter(asks).find_map(|message| {
            let mut places = message.text.match_indices(TASK).map(|(place, _)| place);
            let begins = |place: &usize| *place == 0 || message.text.as_bytes()[place - 1] == b'\n';
            let rest = &message.text[places.find(begins)? + TASK.len()..];
            let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
            rest[..digits].parse().ok().map(Slot)
        })
    }

    /// About how many tokens a provider reads: four bytes make one, the providers' own rule of thumb for English text.
    /// Calls, what came of them, tools on offer and the form of the reply are read as well.
    ///
    /// ```
    /// use synod::{fact::Slot, model::{Request, Schema, Speaker, Tool}};
    /// let bare = Request::about(Slot(0)).say(Speaker::User, "Merge it.");
    /// let offered = bare.clone().offering(Tool::new("merge", "Merges a branch.", Schema::of::<Vec<String>>()));
    /// assert_eq!(bare.input_tokens(), 3);
    /// assert!(offered.input_tokens() > 3);
    /// ```
    #[must_use]
    pub fn input_tokens(&self) -> u32 {
        u32::try_from((self.bytes() + self.besides()).div_ceil(4)).unwrap_or(u32::MAX)
    }

    /// The length of what is read besides messages' texts.
    pub(crate) fn besides(&self) -> usize {
        let calls = |message: &Message| {
            let made = message.calls.iter().map(|call| call.name.len() + call.arguments.len());
            made.sum::<usize>()
        };
        let tool = |tool: &Tool| tool.name.len() + tool.description.len() + tool.arguments.bytes();
        let called: usize = self.messages.iter().map(calls).sum();
        let offered: usize = self.tools.iter().map(tool).sum();
        let form = self.schema.as_ref().map_or(0, Schema::bytes);
        called + offered + form
    }
}

impl Digest for Request {
    fn digest(&self, digester: &mut Digester) {
        let Request { messages, schema, tools, max_tokens, stops, slot } = self;
        messages.digest(digester);
        schema.digest(digester);
        tools.digest(digester);
        max_tokens.digest(digester);
        slot.digest(digester);
        // Requests of old had none, and streams, capsules and cassettes are named by what they were.
        if !stops.is_empty() {
            stops.digest(digester);
        }
    }
}

/// The transcript as a person reads it.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, message) in self.messages.iter().enumerate() {
            if place > 0 {
                writeln!(f)?;
            }
            write!(f, "{}: {}", message.role, message.text)?;
            message.calls.iter().try_for_each(|call| write!(f, " [calls {call}]"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::digest_of;

    #[test]
    fn every_part_of_a_request_is_in_its_digest() {
        let plain = Request::about(Slot(1)).say(Speaker::User, "a");
        let others = [
            Request::about(Slot(2)).say(Speaker::User, "a"),
            Request::about(Slot(1)).say(Speaker::Assistant, "a"),
            Request::about(Slot(1)).say(Speaker::Peer(NodeId::agent(0)), "a"),
            Request::about(Slot(1)).say(Speaker::User, "b"),
            plain.clone().expecting(&Schema::of::<bool>()),
            Request { max_tokens: Some(0), ..plain.clone() },
            plain.clone().stopping_at("a"),
            plain.clone().offering(Tool::new("merge", "", Schema::of::<bool>())),
        ];
        for other in others {
            assert_ne!(digest_of(&plain), digest_of(&other), "{other:?}");
        }
    }

    #[test]
    fn a_transcript_names_each_speaker() {
        let request =
            Request::about(Slot(0)).say(Speaker::System, "Be brief.").say(Speaker::Peer(NodeId::agent(1)), "No.");
        assert_eq!(request.to_string(), "system: Be brief.\na2: No.");
    }
}
