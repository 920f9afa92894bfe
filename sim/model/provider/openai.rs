//! Chat completions as OpenAI shapes them. Knows no error.

use super::{Delivery, MODEL, ShapeError, StreamEvent, content, text_of};
use crate::digest::digest_of;
use crate::fact::Slot;
use crate::model::{Message, Reply, Request, Schema, Speaker, Stop, Tool, ToolCall, Usage};
use serde::Deserialize;
use serde_json::Value as Json;

/// What a request is written of and read into.
#[derive(serde::Serialize, Deserialize)]
struct Body {
    model: String,
    messages: Vec<Turn>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response_format: Option<Format>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Offered>,
    /// Older clients call it `max_tokens`.
    #[serde(default, alias = "max_tokens", skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "content::texts")]
    stop: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(serde::Serialize, Deserialize)]
struct Format {
    #[serde(rename = "type")]
    tag: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    json_schema: Option<NamedSchema>,
}

#[derive(serde::Serialize, Deserialize)]
struct NamedSchema {
    name: String,
    #[serde(default)]
    strict: Option<bool>,
    schema: Json,
}

#[derive(serde::Serialize, Deserialize)]
struct Offered {
    #[serde(rename = "type")]
    tag: String,
    function: Signature,
}

#[derive(serde::Serialize, Deserialize)]
struct Signature {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Json,
}

#[derive(serde::Serialize, Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

#[derive(serde::Serialize, Deserialize)]
struct Turn {
    role: String,
    #[serde(default, deserialize_with = "content::perhaps_text")]
    content: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Called>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<String>,
}

/// What a reply says: it always has a `refusal`, mostly null.
#[derive(serde::Serialize, Deserialize)]
struct Said {
    role: String,
    content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Called>,
}

#[derive(serde::Serialize, Deserialize)]
struct Called {
    id: String,
    #[serde(rename = "type")]
    tag: String,
    function: Function,
}

#[derive(serde::Serialize, Deserialize)]
struct Function {
    name: String,
    arguments: String,
}

#[derive(serde::Serialize, Deserialize)]
struct Completion {
    id: String,
    object: String,
    created: u64,
    model: String,
    choices: Vec<Choice>,
    usage: Spent,
}

#[derive(serde::Serialize, Deserialize)]
struct Choice {
    index: u32,
    message: Said,
    #[serde(default)]
    logprobs: Option<Json>,
    finish_reason: String,
}

#[derive(serde::Serialize, Deserialize)]
pub(super) struct Spent {
    pub(super) prompt_tokens: u32,
    pub(super) completion_tokens: u32,
    pub(super) total_tokens: u64,
}

/// One event of a stream.
#[derive(serde::Serialize)]
struct Chunk {
    id: String,
    object: String,
    created: u64,
    model: String,
    choices: Vec<Part>,
    usage: Option<Spent>,
}

#[derive(serde::Serialize)]
struct Part {
    index: u32,
    delta: Delta,
    logprobs: Option<Json>,
    finish_reason: Option<&'static str>,
}

#[derive(Default, serde::Serialize)]
struct Delta {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<CalledPiece>,
}

#[derive(serde::Serialize)]
struct CalledPiece {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    tag: Option<&'static str>,
    function: FunctionPiece,
}

#[derive(serde::Serialize)]
struct FunctionPiece {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    arguments: String,
}

/// "Up to 4 sequences where the API will stop generating further tokens" (API reference, "Create chat completion").
const MOST_STOPS: usize = 4;

/// When every reply says it was made, in seconds since 1970: a run has no date, and readers want a likely one.
pub(super) const CREATED: u64 = super::headers::RUN_BEGAN;

fn called(calls: &[ToolCall]) -> Vec<Called> {
    let write = |call: &ToolCall| Called {
        id: call.id.clone(),
        tag: "function".to_owned(),
        function: Function { name: call.name.clone(), arguments: call.arguments.clone() },
    };
    calls.iter().map(write).collect()
}

fn calls(called: Vec<Called>) -> Vec<ToolCall> {
    let read = |call: Called| ToolCall { id: call.id, name: call.function.name, arguments: call.function.arguments };
    called.into_iter().map(read).collect()
}

pub(super) fn write_request(request: &Request, delivery: Delivery, model: &str) -> String {
    let turn = |message: &Message| {
        let role = match message.role {
            Speaker::System => "system",
            Speaker::User | Speaker::Peer(_) => "user",
            Speaker::Assistant => "assistant",
            Speaker::Tool => "tool",
        };
        let text = match message.role {
            Speaker::Peer(node) => format!("{node}: {}", message.text),
            _ => message.text.clone(),
        };
        let content = (!text.is_empty() || message.calls.is_empty()).then_some(text);
        let tool_calls = called(&message.calls);
        Turn { role: role.to_owned(), content, tool_calls, tool_call_id: message.answers.clone() }
    };
    let tool = |tool: &Tool| {
        let (name, description) = (tool.name.clone(), tool.description.clone());
        let function = Signature { name, description, parameters: tool.arguments.json().clone() };
        Offered { tag: "function".to_owned(), function }
    };
    let format = |schema: &Schema| {
        let schema = NamedSchema { name: "reply".to_owned(), strict: Some(true), schema: schema.json().clone() };
        Format { tag: "json_schema".to_owned(), json_schema: Some(schema) }
    };
    let told = delivery == Delivery::Streamed;
    text_of(&Body {
        model: model.to_owned(),
        messages: request.messages.iter().map(turn).collect(),
        response_format: request.schema.as_ref().map(format),
        tools: request.tools.iter().map(tool).collect(),
        max_completion_tokens: request.max_tokens,
        stop: request.stops.clone(),
        stream: (delivery != Delivery::Whole).then_some(true),
        stream_options: told.then_some(StreamOptions { include_usage: true }),
    })
}

pub(super) fn read_request(body: &str, slot: Slot) -> Result<Request, ShapeError> {
    let body: Body = serde_json::from_str(body)?;
    if body.stop.len() > MOST_STOPS {
        let length = body.stop.len();
        return Err(ShapeError(format!(
            "Invalid 'stop': array too long. Expected an array with maximum length {MOST_STOPS}, but got an array \
             with length {length} instead."
        )));
    }
    let (max_tokens, stops) = (body.max_completion_tokens, body.stop);
    let mut request = Request { max_tokens, stops, ..Request::about(slot) };
    for turn in body.messages {
        let role = match turn.role.as_str() {
            "system" | "developer" => Speaker::System,
            "user" => Speaker::User,
            "assistant" => Speaker::Assistant,
            "tool" => Speaker::Tool,
            other => return Err(ShapeError(format!("the role {other}"))),
        };
        let (calls, answers) = (calls(turn.tool_calls), turn.tool_call_id);
        request.messages.push(Message { role, text: turn.content.unwrap_or_default(), calls, answers });
    }
    let schema = body.response_format.and_then(|format| format.json_schema);
    request.schema = schema.map(|named| Schema::from(named.schema));
    let tool = |Offered { function, .. }| {
        let Signature { name, description, parameters } = function;
        Tool::new(name, description, content::parameters(parameters))
    };
    request.tools = body.tools.into_iter().map(tool).collect();
    Ok(request)
}

pub(super) fn carried_stop(stop: Stop) -> Stop {
    match stop {
        Stop::StopSequence | Stop::PauseTurn => Stop::EndTurn,
        Stop::ContextWindow => Stop::MaxTokens,
        stop => stop,
    }
}

fn reason(stop: Stop) -> &'static str {
    match stop {
        Stop::EndTurn | Stop::StopSequence | Stop::PauseTurn | Stop::Refusal => "stop",
        Stop::MaxTokens | Stop::ContextWindow => "length",
        Stop::ToolUse => "tool_calls",
        Stop::ContentFilter => "content_filter",
    }
}

fn stop_of(reason: &str, refusal: Option<&str>) -> Option<Stop> {
    Some(match reason {
        "stop" if refusal.is_some() => Stop::Refusal,
        "stop" => Stop::EndTurn,
        "length" => Stop::MaxTokens,
        "tool_calls" => Stop::ToolUse,
        "content_filter" => Stop::ContentFilter,
        _ => return None,
    })
}

fn id_of(reply: &Reply) -> String {
    format!("chatcmpl-{:016x}", digest_of(reply))
}

pub(super) fn spent(usage: Usage) -> Spent {
    let Usage { input_tokens, output_tokens } = usage;
    let total_tokens = u64::from(input_tokens) + u64::from(output_tokens);
    Spent { prompt_tokens: input_tokens, completion_tokens: output_tokens, total_tokens }
}

pub(super) fn write_reply(reply: &Reply) -> String {
    let said = Some(reply.text.clone());
    let (content, refusal) = match reply.stop {
        Stop::Refusal => (None, said),
        _ if reply.text.is_empty() && !reply.calls.is_empty() => (None, None),
        _ => (said, None),
    };
    let tool_calls = called(&reply.calls);
    let message = Said { role: "assistant".to_owned(), content, refusal, tool_calls };
    text_of(&Completion {
        id: id_of(reply),
        object: "chat.completion".to_owned(),
        created: CREATED,
        model: MODEL.to_owned(),
        choices: vec![Choice { index: 0, message, logprobs: None, finish_reason: reason(reply.stop).to_owned() }],
        usage: spent(reply.usage),
    })
}

pub(super) fn read_reply(body: &str) -> Result<Reply, ShapeError> {
    let completion: Completion = serde_json::from_str(body)?;
    let choice = completion.choices.into_iter().next().ok_or_else(|| ShapeError("no choice".to_owned()))?;
    let Said { content, refusal, tool_calls, .. } = choice.message;
    let stop = stop_of(&choice.finish_reason, refusal.as_deref())
        .ok_or_else(|| ShapeError(format!("the finish reason {}", choice.finish_reason)))?;
    let usage =
        Usage { input_tokens: completion.usage.prompt_tokens, output_tokens: completion.usage.completion_tokens };
    let (text, calls) = (refusal.or(content).unwrap_or_default(), calls(tool_calls));
    Ok(Reply { text, calls, stop, usage, stopped_at: None, taint: None })
}

pub(super) fn events(reply: &Reply) -> Vec<StreamEvent> {
    let chunk = |choices: Vec<Part>, usage: Option<Spent>| {
        let (object, model) = ("chat.completion.chunk".to_owned(), MODEL.to_owned());
        let chunk = Chunk { id: id_of(reply), object, created: CREATED, model, choices, usage };
        StreamEvent { name: None, data: text_of(&chunk) }
    };
    let part = |delta: Delta, finish_reason: Option<&'static str>| {
        chunk(vec![Part { index: 0, delta, logprobs: None, finish_reason }], None)
    };
    let said = |text: &str| match reply.stop {
        Stop::Refusal => Delta { refusal: Some(text.to_owned()), ..Delta::default() },
        _ => Delta { content: Some(text.to_owned()), ..Delta::default() },
    };
    let mut events = vec![part(Delta { role: Some("assistant"), ..said("") }, None)];
    events.extend(reply.text.split_inclusive(' ').map(|piece| part(said(piece), None)));
    for (index, call) in reply.calls.iter().enumerate() {
        let function = FunctionPiece { name: Some(call.name.clone()), arguments: String::new() };
        let begun = CalledPiece { index, id: Some(call.id.clone()), tag: Some("function"), function };
        events.push(part(Delta { tool_calls: vec![begun], ..Delta::default() }, None));
        for piece in call.arguments.split_inclusive(',') {
            let function = FunctionPiece { name: None, arguments: piece.to_owned() };
            let more = CalledPiece { index, id: None, tag: None, function };
            events.push(part(Delta { tool_calls: vec![more], ..Delta::default() }, None));
        }
    }
    events.push(part(Delta::default(), Some(reason(reply.stop))));
    events.push(chunk(Vec::new(), Some(spent(reply.usage))));
    events.push(StreamEvent { name: None, data: "[DONE]".to_owned() });
    events
}

/// `None` if the stream ended before its last event, or holds what no stream of this provider does.
pub(super) fn accumulate(events: &[StreamEvent]) -> Option<Reply> {
    let (mut text, mut refusal, mut calls) = (String::new(), None::<String>, Vec::<ToolCall>::new());
    let (mut reason, mut usage) = (None, Usage::default());
    for event in events {
        if event.data == "[DONE]" {
            let stop = stop_of(reason.as_deref()?, refusal.as_deref())?;
            return Some(Reply { text: refusal.unwrap_or(text), calls, stop, usage, stopped_at: None, taint: None });
        }
        let chunk: Json = serde_json::from_str(&event.data).ok()?;
        if let Ok(spent) = Spent::deserialize(&chunk["usage"]) {
            usage = Usage { input_tokens: spent.prompt_tokens, output_tokens: spent.completion_tokens };
        }
        let choice = &chunk["choices"][0];
        text.push_str(choice["delta"]["content"].as_str().unwrap_or_default());
        if let Some(piece) = choice["delta"]["refusal"].as_str() {
            refusal.get_or_insert_default().push_str(piece);
        }
        for piece in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
            let index = usize::try_from(piece["index"].as_u64()?).ok()?;
            if index == calls.len() {
                let name = piece["function"]["name"].as_str()?.to_owned();
                calls.push(ToolCall { id: piece["id"].as_str()?.to_owned(), name, arguments: String::new() });
            }
            let arguments = piece["function"]["arguments"].as_str().unwrap_or_default();
            calls.get_mut(index)?.arguments.push_str(arguments);
        }
        if let Some(last) = choice["finish_reason"].as_str() {
            reason = Some(last.to_owned());
        }
    }
    None
}
