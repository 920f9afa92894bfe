//! What crosses the wire between a caller and a provider: requests, replies, errors, streams and headers, exactly as
//! three APIs shape them, in both directions. Knows no model, no clock and no socket.
//!
//! Writing is exact in fields and order; reading ignores fields it does not know, as providers add some at any time.
//! What a provider has no word for is folded into its nearest word: [`Provider::carried`] says
//! what of a reply arrives, [`Provider::read_request`] what of a request.
//!
//! | part | knows |
//! |---|---|
//! | [`Provider`] | bodies and streams of chat completions, messages and responses |
//! | [`Response`], [`WaitForm`] | headers: what is left of a quota, how long to wait, whether to try again |
//! | [`Progress`] | how far a response of the Responses API has come |
//! | [`McpAnswer`] | a tool's failure and a protocol's error, as MCP tells them apart |
//! | [`TaskState`] | the states of a task of A2A |

mod a2a;
mod anthropic;
mod broken;
#[cfg(test)]
mod clients;
mod content;
mod date;
mod errors;
mod headers;
mod mcp;
mod openai;
mod responses;
mod responses_request;
mod responses_stream;
#[cfg(test)]
mod round_trips;
mod stream;
#[cfg(test)]
mod tests;
mod wire;

pub use a2a::TaskState;
pub use headers::WaitForm;
pub use mcp::McpAnswer;
pub use responses::Progress;
pub use stream::StreamEvent;
pub use wire::{Header, Response};

use super::{ErrorKind, Form, ProviderError, Reply, Request, Schema};
use crate::fact::Slot;
use serde_json::Value as Json;
use std::fmt;

/// What requests and replies call the model.
const MODEL: &str = "synod-mock";

/// An API whose shapes are known.
///
/// ```
/// use synod::model::{Delivery, ErrorKind, Provider, ProviderError};
/// let busy = Err(ProviderError::of(ErrorKind::Overloaded));
/// let response = Provider::Anthropic.respond(&busy, Delivery::Whole).expect("it has a status");
/// assert_eq!(response.status, 529);
/// assert_eq!(Provider::Anthropic.read(&response), busy);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Provider {
    /// OpenAI's chat completions.
    OpenAi,
    /// Anthropic's messages.
    Anthropic,
    /// OpenAI's Responses API. Its errors and headers are those of chat completions.
    Responses,
}

/// How a reply comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Delivery {
    /// In one piece.
    Whole,
    /// As server-sent events.
    Streamed,
    /// The same from OpenAI to a caller that asks for no usage: without the chunk that tells it.
    StreamedBare,
}

impl Provider {
    /// Every provider.
    pub const ALL: &[Provider] = &[Provider::OpenAi, Provider::Anthropic, Provider::Responses];

    /// Where requests go, below the address of the API.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Provider::OpenAi => "/v1/chat/completions",
            Provider::Anthropic => "/v1/messages",
            Provider::Responses => "/v1/responses",
        }
    }

    /// The body of a request to the mock.
    #[must_use]
    pub fn request(self, request: &Request, delivery: Delivery) -> String {
        self.request_to(MODEL, request, delivery)
    }

    /// The body of a request to the model of this name.
    #[must_use]
    pub fn request_to(self, model: &str, request: &Request, delivery: Delivery) -> String {
        match self {
            Provider::OpenAi => openai::write_request(request, delivery, model),
            Provider::Anthropic => anthropic::write_request(request, delivery, model),
            Provider::Responses => responses_request::write_request(request, delivery, model),
        }
    }

    /// Reads the body of a request, in any of the forms that the provider takes: text as a string or as a list of
    /// parts, tools and items that the mock does not have passed over. Which decision it is about is not in it: the
    /// caller says. A user's words that begin with an agent's name and a colon, as `a2: `, are that agent's: the APIs
    /// have no word for a peer, and requests are written here so. Anthropic puts what the system says first, and always
    /// has a limit of tokens. The Responses API has no stop sequences.
    ///
    /// ```
    /// use synod::fact::Slot;
    /// use synod::model::{Provider, Speaker};
    /// let body = r#"{"model":"m","max_tokens":9,"system":"Be brief.","messages":[{"role":"user","content":"Hi."}]}"#;
    /// let request = Provider::Anthropic.read_request(body, Slot(0)).unwrap();
    /// assert_eq!((request.messages[1].role, request.messages[1].text.as_str()), (Speaker::User, "Hi."));
    /// ```
    ///
    /// # Errors
    ///
    /// If the body is not a request of this provider.
    pub fn read_request(self, body: &str, slot: Slot) -> Result<Request, ShapeError> {
        let mut request = match self {
            Provider::OpenAi => openai::read_request(body, slot),
            Provider::Anthropic => anthropic::read_request(body, slot),
            Provider::Responses => responses_request::read_request(body, slot),
        }?;
        request.messages.iter_mut().for_each(content::pass_on);
        Ok(request)
    }

    /// As [`read_request`](Provider::read_request), and refused as the provider refuses it if a schema in it is none.
    ///
    /// ```
    /// use synod::fact::Slot;
    /// use synod::model::Provider;
    /// let tool = r#"{"name":"look","input_schema":{"type":"owl"}}"#;
    /// let body = format!(r#"{{"model":"m","max_tokens":9,"messages":[],"tools":[{tool}]}}"#);
    /// let why = Provider::Anthropic.accept(&body, Slot(0)).unwrap_err();
    /// assert!(why.to_string().contains("Invalid schema for function 'look'"));
    /// ```
    ///
    /// # Errors
    ///
    /// If the body is not a request of this provider, or holds a schema that is none.
    pub fn accept(self, body: &str, slot: Slot) -> Result<Request, ShapeError> {
        let request = self.read_request(body, slot)?;
        let check = |schema: &Schema, what: &str| {
            Form::known(schema).map_err(|why| ShapeError(format!("Invalid schema for {what}: {why}")))
        };
        if let Some(schema) = &request.schema {
            check(schema, "the format of the response")?;
        }
        for tool in &request.tools {
            check(&tool.arguments, &format!("function '{}'", tool.name))?;
        }
        Ok(request)
    }

    /// What a caller gets to see whose request was none: a 400 that says why.
    #[must_use]
    pub fn reject(self, why: &ShapeError) -> Response {
        errors::rejected(self, &why.0)
    }

    /// How the body of a request wants its reply.
    #[must_use]
    pub fn delivery(self, body: &str) -> Delivery {
        let body = serde_json::from_str::<Json>(body).unwrap_or_default();
        let told = self != Provider::OpenAi || body["stream_options"]["include_usage"] == true;
        match (body["stream"] == true, told) {
            (false, _) => Delivery::Whole,
            (true, true) => Delivery::Streamed,
            (true, false) => Delivery::StreamedBare,
        }
    }

    /// What a caller gets to see; nothing if the connection failed before there was a status.
    #[must_use]
    pub fn respond(self, outcome: &Result<Reply, ProviderError>, delivery: Delivery) -> Option<Response> {
        match (outcome, delivery) {
            (Ok(reply), Delivery::Whole) => Some(wire::whole(self.write_reply(reply))),
            (Ok(reply), _) => Some(stream::response(&self.events_to(reply, delivery))),
            (Err(error), delivery) => errors::write(self, error, delivery),
        }
    }

    /// The response with the lengths in it of a request that was too long, if it says that.
    ///
    /// ```
    /// use synod::model::{Delivery, ErrorKind, Provider, ProviderError};
    /// let too_long = Err(ProviderError::of(ErrorKind::ContextLength));
    /// let response = Provider::Anthropic.respond(&too_long, Delivery::Whole).expect("it has a status");
    /// let response = Provider::Anthropic.measured(response, 512, 500);
    /// assert!(response.body.contains("prompt is too long: 512 tokens > 500 maximum"));
    /// assert_eq!(Provider::Anthropic.read(&response), too_long);
    /// ```
    #[must_use]
    pub fn measured(self, response: Response, asked: u32, most: u32) -> Response {
        match self {
            Provider::Anthropic => Response { body: errors::measured(&response.body, asked, most), ..response },
            Provider::OpenAi | Provider::Responses => response,
        }
    }

    /// Reads what a caller got to see. A stream may hold pings; one without its last event is an error, and so is a
    /// body that ends too early, or a response that is not there yet or was taken back: [`Progress::of`] tells which.
    ///
    /// # Errors
    ///
    /// If it is an error, or no response of this provider.
    pub fn read(self, response: &Response) -> Result<Reply, ProviderError> {
        if response.status != 200 {
            return Err(errors::read(self, response));
        }
        if response.is_stream() {
            return self.accumulate(&stream::parse(&response.body));
        }
        if response.body.is_empty() {
            return Err(ProviderError::in_stream(ErrorKind::EmptyBody));
        }
        if wire::is_cut(&response.body) {
            return Err(ProviderError::in_stream(ErrorKind::CutStream));
        }
        if let Some(error) = errors::in_body(self, &response.body) {
            return Err(error);
        }
        let reply = match self {
            Provider::OpenAi => openai::read_reply(&response.body).map(Some),
            Provider::Anthropic => anthropic::read_reply(&response.body).map(Some),
            Provider::Responses => responses::read_reply(&response.body),
        };
        let reply = reply.map_err(|_| ProviderError::in_stream(ErrorKind::NotTheProvider))?;
        reply.ok_or(ProviderError::in_stream(ErrorKind::CutStream))
    }

    /// The events of a reply's stream.
    #[must_use]
    pub fn events(self, reply: &Reply) -> Vec<StreamEvent> {
        match self {
            Provider::OpenAi => openai::events(reply),
            Provider::Anthropic => anthropic::events(reply),
            Provider::Responses => responses_stream::events(reply),
        }
    }

    /// The events of a reply's stream that a caller gets who wants it so.
    fn events_to(self, reply: &Reply, delivery: Delivery) -> Vec<StreamEvent> {
        let mut events = self.events(reply);
        if (self, delivery) == (Provider::OpenAi, Delivery::StreamedBare) {
            // Usage comes last but for the end.
            events.remove(events.len() - 2);
        }
        events
    }

    /// Puts a reply together from the events of its stream.
    ///
    /// # Errors
    ///
    /// If an event is an error, or the last one is missing.
    pub fn accumulate(self, events: &[StreamEvent]) -> Result<Reply, ProviderError> {
        if let Some(error) = events.iter().find_map(|event| errors::in_event(self, event)) {
            return Err(error);
        }
        let reply = match self {
            Provider::OpenAi => openai::accumulate(events),
            Provider::Anthropic => anthropic::accumulate(events),
            Provider::Responses => responses_stream::accumulate(events),
        };
        reply.ok_or(ProviderError::in_stream(ErrorKind::CutStream))
    }

    /// What of a reply arrives: never its taint, a reason to stop only if the provider has a word for it, the stop
    /// sequence itself only from Anthropic, and tool arguments in canonical form where the provider makes them an
    /// object.
    #[must_use]
    pub fn carried(self, reply: &Reply) -> Reply {
        let mut reply = Reply { taint: None, ..reply.clone() };
        match self {
            Provider::OpenAi => (reply.stop, reply.stopped_at) = (openai::carried_stop(reply.stop), None),
            Provider::Responses => (reply.stop, reply.stopped_at) = (responses::carried_stop(&reply), None),
            Provider::Anthropic => {
                reply.stop = anthropic::carried_stop(reply.stop);
                for call in &mut reply.calls {
                    call.arguments = anthropic::carried_arguments(&call.arguments);
                }
            }
        }
        reply
    }

    fn write_reply(self, reply: &Reply) -> String {
        match self {
            Provider::OpenAi => openai::write_reply(reply),
            Provider::Anthropic => anthropic::write_reply(reply),
            Provider::Responses => responses::write_reply(reply),
        }
    }
}

/// A body that is not what the provider's documentation says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeError(pub String);

impl std::error::Error for ShapeError {}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a body of this provider: {}", self.0)
    }
}

impl From<serde_json::Error> for ShapeError {
    fn from(error: serde_json::Error) -> ShapeError {
        ShapeError(error.to_string())
    }
}

fn text_of<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("shapes hold no map with keys other than strings")
}

/// The arguments of a tool as an object, if their text is one.
fn object_of(text: &str) -> Option<Json> {
    serde_json::from_str::<Json>(text).ok().filter(Json::is_object)
}
