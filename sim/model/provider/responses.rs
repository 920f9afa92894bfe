//! Responses of OpenAI's Responses API. Knows no request, and no error but the one inside a response that failed.
//!
//! Fields and their order are those of the API reference ("Create a model response", "The response object") and of
//! replies recorded from the API; what echoes a request's settings shows the API's defaults.

use super::openai::{CREATED, Spent};
use super::{MODEL, ShapeError, text_of};
use crate::digest::digest_of;
use crate::model::{Reply, Stop, ToolCall, Usage};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::fmt;

/// How far a response of the Responses API has come.
///
/// ```
/// use synod::model::{Progress, Reply};
/// let body = Progress::Queued.response(&Reply::saying("Roll back."));
/// assert_eq!(Progress::of(&body), Ok(Progress::Queued));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// It waits for its turn in the background.
    Queued,
    /// It is being generated.
    InProgress,
    /// It is complete.
    Completed,
    /// It was cut off: at its limit of tokens, or by a filter.
    Incomplete,
    /// Whoever asked took it back.
    Cancelled,
    /// The provider failed while it was being generated.
    Failed,
}

impl Progress {
    /// Every state.
    pub const ALL: &[Progress] = &[
        Progress::Queued,
        Progress::InProgress,
        Progress::Completed,
        Progress::Incomplete,
        Progress::Cancelled,
        Progress::Failed,
    ];

    /// What a response's body says of itself.
    ///
    /// # Errors
    /// If it is no response of this API.
    pub fn of(body: &str) -> Result<Progress, ShapeError> {
        Ok(serde_json::from_str::<Read>(body)?.status)
    }

    /// The body of a reply that has come so far. One that is not there yet, or never will be, shows no output.
    #[must_use]
    pub fn response(self, reply: &Reply) -> String {
        text_of(&object(reply, self))
    }

    /// Whether nothing more will happen to the response.
    #[must_use]
    pub const fn is_over(self) -> bool {
        !matches!(self, Progress::Queued | Progress::InProgress)
    }

    const fn of_stop(stop: Stop) -> Progress {
        match stop {
            Stop::MaxTokens | Stop::ContextWindow | Stop::ContentFilter => Progress::Incomplete,
            _ => Progress::Completed,
        }
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Progress::Queued => "queued",
            Progress::InProgress => "in_progress",
            Progress::Completed => "completed",
            Progress::Incomplete => "incomplete",
            Progress::Cancelled => "cancelled",
            Progress::Failed => "failed",
        })
    }
}

/// A response, as it is written.
#[derive(Clone, Serialize)]
pub(super) struct Object {
    id: String,
    object: &'static str,
    created_at: u64,
    pub(super) status: Progress,
    pub(super) error: Option<Json>,
    incomplete_details: Option<Details>,
    instructions: Option<String>,
    max_output_tokens: Option<u32>,
    model: &'static str,
    pub(super) output: Vec<Item>,
    parallel_tool_calls: bool,
    previous_response_id: Option<String>,
    reasoning: Json,
    store: bool,
    temperature: Json,
    text: Json,
    tool_choice: &'static str,
    tools: Vec<Json>,
    top_p: Json,
    truncation: &'static str,
    usage: Option<Used>,
    user: Option<String>,
    metadata: Json,
}

#[derive(Clone, Serialize, Deserialize)]
struct Details {
    reason: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct Used {
    input_tokens: u32,
    #[serde(default)]
    input_tokens_details: Cached,
    output_tokens: u32,
    #[serde(default)]
    output_tokens_details: Reasoned,
    total_tokens: u64,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Cached {
    cached_tokens: u32,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Reasoned {
    reasoning_tokens: u32,
}

/// One item of a response's output.
#[derive(Clone, Serialize)]
#[serde(untagged)]
pub(super) enum Item {
    Message {
        id: String,
        #[serde(rename = "type")]
        tag: Tag,
        status: Progress,
        content: Vec<Part>,
        role: String,
    },
    Call {
        id: String,
        #[serde(rename = "type")]
        tag: Tag,
        status: Progress,
        arguments: String,
        call_id: String,
        name: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Tag {
    Message,
    FunctionCall,
}

/// One part of a message's content.
#[derive(Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Part {
    OutputText { annotations: Vec<Json>, logprobs: Vec<Json>, text: String },
    Refusal { refusal: String },
}

impl Part {
    pub(super) fn said(reply: &Reply, text: String) -> Part {
        match reply.stop {
            Stop::Refusal => Part::Refusal { refusal: text },
            _ => Part::OutputText { annotations: Vec::new(), logprobs: Vec::new(), text },
        }
    }
}

/// What is read of a response: everything else in it may change at any time.
#[derive(Deserialize)]
pub(super) struct Read {
    pub(super) status: Progress,
    #[serde(default)]
    incomplete_details: Option<Details>,
    #[serde(default)]
    output: Vec<Json>,
    #[serde(default)]
    usage: Option<Used>,
}

pub(super) fn id_of(reply: &Reply, prefix: &str) -> String {
    format!("{prefix}_{:016x}", digest_of(reply))
}

/// The items of a reply, each of them as far as the whole.
pub(super) fn items(reply: &Reply, status: Progress) -> Vec<Item> {
    let says = !reply.text.is_empty() || reply.calls.is_empty() || reply.stop == Stop::Refusal;
    let message = says.then(|| Item::Message {
        id: id_of(reply, "msg"),
        tag: Tag::Message,
        status,
        content: vec![Part::said(reply, reply.text.clone())],
        role: "assistant".to_owned(),
    });
    let call = |(place, call): (usize, &ToolCall)| Item::Call {
        id: format!("{}{place}", id_of(reply, "fc")),
        tag: Tag::FunctionCall,
        status,
        arguments: call.arguments.clone(),
        call_id: call.id.clone(),
        name: call.name.clone(),
    };
    message.into_iter().chain(reply.calls.iter().enumerate().map(call)).collect()
}

pub(super) fn object(reply: &Reply, status: Progress) -> Object {
    let there = matches!(status, Progress::Completed | Progress::Incomplete);
    let reason = if reply.stop == Stop::ContentFilter { "content_filter" } else { "max_output_tokens" };
    let Spent { prompt_tokens, completion_tokens, total_tokens } = super::openai::spent(reply.usage);
    // A number with a point, as the API writes it.
    let one: Json = serde_json::from_str("1.0").expect("a number");
    Object {
        id: id_of(reply, "resp"),
        object: "response",
        created_at: CREATED,
        status,
        error: (status == Progress::Failed)
            .then(|| json!({ "code": "server_error", "message": "The server had an error." })),
        incomplete_details: (status == Progress::Incomplete).then(|| Details { reason: reason.to_owned() }),
        instructions: None,
        max_output_tokens: None,
        model: MODEL,
        output: if there { items(reply, status) } else { Vec::new() },
        parallel_tool_calls: true,
        previous_response_id: None,
        reasoning: json!({ "effort": null, "summary": null }),
        store: true,
        temperature: one.clone(),
        text: json!({ "format": { "type": "text" } }),
        tool_choice: "auto",
        tools: Vec::new(),
        top_p: one,
        truncation: "disabled",
        usage: there.then(|| Used {
            input_tokens: prompt_tokens,
            input_tokens_details: Cached::default(),
            output_tokens: completion_tokens,
            output_tokens_details: Reasoned::default(),
            total_tokens,
        }),
        user: None,
        metadata: json!({}),
    }
}

/// The reason to stop that arrives: calls alone tell that tools are waited for.
pub(super) fn carried_stop(reply: &Reply) -> Stop {
    match reply.stop {
        Stop::Refusal | Stop::ContentFilter | Stop::MaxTokens => reply.stop,
        Stop::ContextWindow => Stop::MaxTokens,
        _ if reply.calls.is_empty() => Stop::EndTurn,
        _ => Stop::ToolUse,
    }
}

pub(super) fn write_reply(reply: &Reply) -> String {
    Progress::of_stop(reply.stop).response(reply)
}

pub(super) fn progress_of(reply: &Reply) -> Progress {
    Progress::of_stop(reply.stop)
}

/// What the items of a response say.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) text: String,
    pub(super) refusal: Option<String>,
    pub(super) calls: Vec<ToolCall>,
}

impl Heard {
    /// Reasoning, and whatever a later version adds, says nothing.
    fn take(&mut self, item: &Json) -> Option<()> {
        let field = |name: &str| item[name].as_str().map(str::to_owned);
        match item["type"].as_str()? {
            "message" => {
                for part in item["content"].as_array()? {
                    if let Some(text) = part["text"].as_str() {
                        self.text.push_str(text);
                    }
                    if let Some(refusal) = part["refusal"].as_str() {
                        self.refusal.get_or_insert_default().push_str(refusal);
                    }
                }
            }
            "function_call" => {
                let (id, name, arguments) = (field("call_id")?, field("name")?, field("arguments")?);
                self.calls.push(ToolCall { id, name, arguments });
            }
            _ => {}
        }
        Some(())
    }

    /// The reply, if the response is over and was neither taken back nor a failure.
    pub(super) fn reply(self, read: &Read) -> Option<Reply> {
        let Heard { text, refusal, calls } = self;
        let reason = read.incomplete_details.as_ref().map(|details| details.reason.as_str());
        let stop = match (read.status, reason) {
            (Progress::Completed, _) if refusal.is_some() => Stop::Refusal,
            (Progress::Completed, _) if calls.is_empty() => Stop::EndTurn,
            (Progress::Completed, _) => Stop::ToolUse,
            (Progress::Incomplete, Some("content_filter")) => Stop::ContentFilter,
            (Progress::Incomplete, _) => Stop::MaxTokens,
            _ => return None,
        };
        let used = read.usage.as_ref();
        let usage = used.map_or(Usage::default(), |used| Usage {
            input_tokens: used.input_tokens,
            output_tokens: used.output_tokens,
        });
        Some(Reply { text: refusal.unwrap_or(text), calls, stop, usage, stopped_at: None, taint: None })
    }
}

/// The reply in a body; `None` if it has not come so far.
pub(super) fn read_reply(body: &str) -> Result<Option<Reply>, ShapeError> {
    let read: Read = serde_json::from_str(body)?;
    let mut heard = Heard::default();
    let whole: Option<Vec<()>> = read.output.iter().map(|item| heard.take(item)).collect();
    whole.ok_or_else(|| ShapeError("an item of its output".to_owned()))?;
    Ok(heard.reply(&read))
}

/// The body of a response that failed for this reason.
pub(super) fn failed(code: &str, message: &str) -> String {
    text_of(&failure(code, message))
}

pub(super) fn failure(code: &str, message: &str) -> Object {
    let error = Some(json!({ "code": code, "message": message }));
    Object { error, ..object(&Reply::saying(""), Progress::Failed) }
}

/// The code of the reason for which the response in a body or an event failed.
pub(super) fn code_of_failure(response: &Json) -> Option<&str> {
    (response["status"] == "failed").then(|| response["error"]["code"].as_str().unwrap_or_default())
}
