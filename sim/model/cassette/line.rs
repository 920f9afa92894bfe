//! One line of a cassette: its JSON and back. Knows no other line.

use super::{CassetteError, Key, Recorded};
use crate::digest::digest_of;
use crate::fact::Slot;
use crate::id::NodeId;
use crate::model::{Message, ProviderError, Reply, Request, Schema, Speaker, Stop, Taint, Tool, ToolCall, Turn, Usage};
use crate::time::Duration;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The version of the format.
const VERSION: u64 = 1;

/// A line. Fields that it does not know are an error: a typo must not change a reply in silence.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    version: u64,
    caller: NodeId,
    turn: u64,
    content: String,
    request: Asked,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reply: Option<Said>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<ProviderError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_token: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    latency: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    slot: u64,
    messages: Vec<Spoken>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    schema: Option<Json>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Offered>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    stops: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spoken {
    role: String,
    text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    calls: Vec<ToolCall>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answers: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Offered {
    name: String,
    description: String,
    arguments: Json,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    calls: Vec<ToolCall>,
    stop: Stop,
    usage: Usage,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stopped_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    taint: Option<Taint>,
}

impl Line {
    /// The line of a call.
    pub(super) fn write(key: &Key, recorded: &Recorded) -> String {
        let Recorded { caller, turn, request, outcome, first_token, latency } = recorded;
        let said = |reply: &Reply| {
            let Reply { text, calls, stop, usage, stopped_at, taint } = reply.clone();
            Said { text, calls, stop, usage, stopped_at, taint }
        };
        let line = Line {
            version: VERSION,
            caller: *caller,
            turn: turn.0,
            content: format!("{:016x}", key.content),
            request: Asked::of(request),
            reply: outcome.as_ref().ok().map(said),
            error: outcome.as_ref().err().copied(),
            first_token: first_token.map(|span| span.0),
            latency: latency.map(|span| span.0),
        };
        serde_json::to_string(&line).expect("a line holds no map with keys other than strings")
    }

    /// The call in a line of this number.
    pub(super) fn read(text: &str, line: usize) -> Result<Recorded, CassetteError> {
        let malformed = |why: String| CassetteError::Malformed { line, why };
        let json: Json = serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
        match &json["version"] {
            Json::Null => return Err(malformed("it has no version".to_owned())),
            found if *found != VERSION => {
                return Err(CassetteError::Version { line, found: found.to_string(), known: VERSION });
            }
            _ => {}
        }
        // From the text, so that an error tells the column.
        let read: Line = serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
        let Line { caller, turn, content, request, reply, error, first_token, latency, .. } = read;
        let outcome = match (reply, error) {
            (Some(Said { text, calls, stop, usage, stopped_at, taint }), None) => {
                Ok(Reply { text, calls, stop, usage, stopped_at, taint })
            }
            (None, Some(error)) => Err(error),
            (None, None) => return Err(malformed("it has neither a reply nor an error".to_owned())),
            (Some(_), Some(_)) => return Err(malformed("it has both a reply and an error".to_owned())),
        };
        let request = request.request().map_err(malformed)?;
        let written = u64::from_str_radix(&content, 16)
            .map_err(|_| malformed(format!("its content {content:?} is no number of 16 hexadecimal digits")))?;
        let actual = digest_of(&request);
        if written != actual {
            return Err(CassetteError::Changed { line, written, actual });
        }
        let (first_token, latency) = (first_token.map(Duration), latency.map(Duration));
        Ok(Recorded { caller, turn: Turn(turn), request, outcome, first_token, latency })
    }
}

impl Asked {
    fn of(request: &Request) -> Asked {
        let spoken = |message: &Message| Spoken {
            role: message.role.to_string(),
            text: message.text.clone(),
            calls: message.calls.clone(),
            answers: message.answers.clone(),
        };
        let offered = |tool: &Tool| Offered {
            name: tool.name.clone(),
            description: tool.description.clone(),
            arguments: tool.arguments.json().clone(),
        };
        Asked {
            slot: request.slot.0,
            messages: request.messages.iter().map(spoken).collect(),
            schema: request.schema.as_ref().map(|schema| schema.json().clone()),
            tools: request.tools.iter().map(offered).collect(),
            max_tokens: request.max_tokens,
            stops: request.stops.clone(),
        }
    }

    fn request(self) -> Result<Request, String> {
        let message = |Spoken { role, text, calls, answers }: Spoken| {
            let role = match role.as_str() {
                "system" => Speaker::System,
                "user" => Speaker::User,
                "assistant" => Speaker::Assistant,
                "tool" => Speaker::Tool,
                peer => Speaker::Peer(peer.parse().map_err(|_| format!("nobody has the role {peer:?}"))?),
            };
            Ok(Message { role, text, calls, answers })
        };
        let tool = |tool: Offered| Tool::new(tool.name, tool.description, Schema::from(tool.arguments));
        Ok(Request {
            messages: self.messages.into_iter().map(message).collect::<Result<_, String>>()?,
            schema: self.schema.map(Schema::from),
            tools: self.tools.into_iter().map(tool).collect(),
            max_tokens: self.max_tokens,
            stops: self.stops,
            slot: Slot(self.slot),
        })
    }
}
