//! Messages as Anthropic shapes them. Knows no error.

use super::{Delivery, MODEL, ShapeError, StreamEvent, content, object_of, text_of};
use crate::digest::digest_of;
use crate::fact::Slot;
use crate::model::{Message, Reply, Request, Schema, Speaker, Stop, Tool, ToolCall, Usage, canonical};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value as Json, json};

/// Where a reply is cut off if the request does not say: this API insists on a number.
pub(super) const MAX_TOKENS: u32 = 4_096;

/// Wraps arguments that are no object, which is what `input` must be.
const BROKEN: &str = "INVALID_JSON";

#[derive(Serialize, Deserialize)]
struct Body {
    model: String,
    max_tokens: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "text_or_blocks")]
    system: Vec<Block>,
    messages: Vec<Turn>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    output_config: Option<Output>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Offered>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
}

#[derive(Serialize, Deserialize)]
struct Output {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    format: Option<Format>,
}

#[derive(Serialize, Deserialize)]
struct Format {
    #[serde(rename = "type")]
    tag: String,
    schema: Json,
}

#[derive(Serialize, Deserialize)]
struct Turn {
    role: String,
    #[serde(deserialize_with = "text_or_blocks")]
    content: Vec<Block>,
}

/// The provider's own tools have no schema of arguments.
#[derive(Serialize, Deserialize)]
struct Offered {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    input_schema: Json,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Text {
        text: String,
    },
    ToolUse {
        id: String,
        name: String,
        input: Json,
    },
    ToolResult {
        tool_use_id: String,
        #[serde(default, deserialize_with = "content::text")]
        content: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        is_error: Option<bool>,
    },
    #[serde(other)]
    Unknown,
}

/// What a turn says, or the system: one text, or blocks.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a text or a list of blocks")]
enum Said {
    Text(String),
    Blocks(Vec<Block>),
}

fn text_or_blocks<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Block>, D::Error> {
    Ok(match Said::deserialize(from)? {
        Said::Text(text) => vec![Block::Text { text }],
        Said::Blocks(blocks) => blocks,
    })
}

#[derive(Serialize, Deserialize)]
struct Answer {
    id: String,
    #[serde(rename = "type")]
    tag: String,
    role: String,
    content: Vec<Block>,
    model: String,
    stop_reason: Option<String>,
    stop_sequence: Option<String>,
    usage: Usage,
}

/// One event of a stream.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    MessageStart { message: Answer },
    Ping {},
    ContentBlockStart { index: usize, content_block: Block },
    ContentBlockDelta { index: usize, delta: Delta },
    ContentBlockStop { index: usize },
    MessageDelta { delta: Ending, usage: Written },
    MessageStop {},
}

impl Event {
    const fn name(&self) -> &'static str {
        match self {
            Event::MessageStart { .. } => "message_start",
            Event::Ping {} => "ping",
            Event::ContentBlockStart { .. } => "content_block_start",
            Event::ContentBlockDelta { .. } => "content_block_delta",
            Event::ContentBlockStop { .. } => "content_block_stop",
            Event::MessageDelta { .. } => "message_delta",
            Event::MessageStop {} => "message_stop",
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Delta {
    TextDelta { text: String },
    InputJsonDelta { partial_json: String },
}

#[derive(Serialize)]
struct Ending {
    stop_reason: &'static str,
    stop_sequence: Option<String>,
}

#[derive(Serialize)]
struct Written {
    output_tokens: u32,
}

/// Arguments as the object that `input` must be; no arguments are an empty one.
fn input(arguments: &str) -> Json {
    if arguments.is_empty() {
        return json!({});
    }
    object_of(arguments).unwrap_or_else(|| json!({ BROKEN: arguments }))
}

fn arguments(input: &Json) -> String {
    match input.as_object() {
        Some(fields) if fields.len() == 1 => input[BROKEN].as_str().map_or_else(|| canonical(input), str::to_owned),
        _ => canonical(input),
    }
}

pub(super) fn carried_arguments(text: &str) -> String {
    arguments(&input(text))
}

fn blocks(text: &str, calls: &[ToolCall]) -> Vec<Block> {
    let said = (!text.is_empty()).then(|| Block::Text { text: text.to_owned() });
    let used = calls.iter().map(|call| Block::ToolUse {
        id: call.id.clone(),
        name: call.name.clone(),
        input: input(&call.arguments),
    });
    said.into_iter().chain(used).collect()
}

pub(super) fn write_request(request: &Request, delivery: Delivery, model: &str) -> String {
    let (mut system, mut messages) = (Vec::new(), Vec::<Turn>::new());
    let mut after_result = false;
    for message in &request.messages {
        let result = message.role == Speaker::Tool;
        match message.role {
            Speaker::System => system.push(Block::Text { text: message.text.clone() }),
            Speaker::User => messages.push(turn("user", blocks(&message.text, &[]))),
            Speaker::Peer(node) => messages.push(turn("user", blocks(&format!("{node}: {}", message.text), &[]))),
            Speaker::Assistant => messages.push(turn("assistant", blocks(&message.text, &message.calls))),
            Speaker::Tool => {
                let tool_use_id = message.answers.clone().unwrap_or_default();
                let block = Block::ToolResult { tool_use_id, content: message.text.clone(), is_error: None };
                // All results of one reply's calls come in one message.
                match messages.last_mut() {
                    Some(last) if after_result => last.content.push(block),
                    _ => messages.push(turn("user", vec![block])),
                }
            }
        }
        after_result = result;
    }
    let offer = |tool: &Tool| Offered {
        name: tool.name.clone(),
        description: tool.description.clone(),
        input_schema: tool.arguments.json().clone(),
    };
    let format = |schema: &Schema| Output {
        format: Some(Format { tag: "json_schema".to_owned(), schema: schema.json().clone() }),
    };
    text_of(&Body {
        model: model.to_owned(),
        max_tokens: request.max_tokens.unwrap_or(MAX_TOKENS),
        system,
        messages,
        output_config: request.schema.as_ref().map(format),
        tools: request.tools.iter().map(offer).collect(),
        stop_sequences: request.stops.clone(),
        stream: (delivery != Delivery::Whole).then_some(true),
    })
}

fn turn(role: &str, content: Vec<Block>) -> Turn {
    Turn { role: role.to_owned(), content }
}

pub(super) fn read_request(body: &str, slot: Slot) -> Result<Request, ShapeError> {
    let body: Body = serde_json::from_str(body)?;
    if body.stop_sequences.iter().any(|text| text.trim().is_empty()) {
        return Err(ShapeError("stop_sequences: each stop sequence must contain non-whitespace".to_owned()));
    }
    let (max_tokens, stops) = (Some(body.max_tokens), body.stop_sequences);
    let mut request = Request { max_tokens, stops, ..Request::about(slot) };
    for block in body.system {
        if let Block::Text { text } = block {
            request.messages.push(Message::new(Speaker::System, text));
        }
    }
    for turn in body.messages {
        let role = match turn.role.as_str() {
            "user" => Speaker::User,
            "assistant" => Speaker::Assistant,
            other => return Err(ShapeError(format!("the role {other}"))),
        };
        let is_there = !turn.content.is_empty();
        let mut said = Message::new(role, "");
        let (mut results, mut peers) = (Vec::new(), Vec::new());
        for block in turn.content {
            match block {
                Block::ToolResult { tool_use_id, content, is_error } => {
                    let text = if is_error == Some(true) { format!("error: {content}") } else { content };
                    results.push(Message { answers: Some(tool_use_id), ..Message::new(Speaker::Tool, text) });
                }
                // Clients merge what users say in a row into one turn.
                Block::Text { text } if role == Speaker::User && content::passed_on(&text).is_some() => {
                    peers.push(Message::new(role, text));
                }
                block => take(block, &mut said.text, &mut said.calls),
            }
        }
        let silent = said.text.is_empty() && said.calls.is_empty();
        let has_others = !results.is_empty() || !peers.is_empty();
        request.messages.append(&mut results);
        if !(is_there && silent && has_others) {
            request.messages.push(said);
        }
        request.messages.append(&mut peers);
    }
    request.schema = body.output_config.and_then(|output| output.format).map(|format| Schema::from(format.schema));
    let tool = |tool: Offered| Tool::new(tool.name, tool.description, Schema::from(tool.input_schema));
    request.tools = body.tools.into_iter().filter(|tool| !tool.input_schema.is_null()).map(tool).collect();
    Ok(request)
}

fn take(block: Block, text: &mut String, calls: &mut Vec<ToolCall>) {
    match block {
        Block::Text { text: more } => text.push_str(&more),
        Block::ToolUse { id, name, input } => calls.push(ToolCall { id, name, arguments: arguments(&input) }),
        Block::ToolResult { .. } | Block::Unknown => {}
    }
}

pub(super) fn carried_stop(stop: Stop) -> Stop {
    if stop == Stop::ContentFilter { Stop::Refusal } else { stop }
}

fn reason(stop: Stop) -> &'static str {
    match stop {
        Stop::EndTurn => "end_turn",
        Stop::MaxTokens => "max_tokens",
        Stop::StopSequence => "stop_sequence",
        Stop::ToolUse => "tool_use",
        Stop::PauseTurn => "pause_turn",
        Stop::Refusal | Stop::ContentFilter => "refusal",
        Stop::ContextWindow => "model_context_window_exceeded",
    }
}

fn stop_of(word: &str) -> Option<Stop> {
    let stops = [
        Stop::EndTurn,
        Stop::MaxTokens,
        Stop::StopSequence,
        Stop::ToolUse,
        Stop::PauseTurn,
        Stop::Refusal,
        Stop::ContextWindow,
    ];
    stops.into_iter().find(|stop| reason(*stop) == word)
}

fn answer(reply: &Reply) -> Answer {
    Answer {
        id: format!("msg_{:016x}", digest_of(reply)),
        tag: "message".to_owned(),
        role: "assistant".to_owned(),
        content: blocks(&reply.text, &reply.calls),
        model: MODEL.to_owned(),
        stop_reason: Some(reason(reply.stop).to_owned()),
        stop_sequence: reply.stopped_at.clone(),
        usage: reply.usage,
    }
}

pub(super) fn write_reply(reply: &Reply) -> String {
    text_of(&answer(reply))
}

pub(super) fn read_reply(body: &str) -> Result<Reply, ShapeError> {
    let answer: Answer = serde_json::from_str(body)?;
    let stop = answer.stop_reason.as_deref().and_then(stop_of).ok_or_else(|| ShapeError("its stop reason".into()))?;
    let (mut text, mut calls) = (String::new(), Vec::new());
    for block in answer.content {
        take(block, &mut text, &mut calls);
    }
    Ok(Reply { text, calls, stop, usage: answer.usage, stopped_at: answer.stop_sequence, taint: None })
}

pub(super) fn events(reply: &Reply) -> Vec<StreamEvent> {
    let usage = Usage { output_tokens: 1, ..reply.usage };
    let begun = Answer { content: Vec::new(), stop_reason: None, stop_sequence: None, usage, ..answer(reply) };
    let mut events = vec![Event::MessageStart { message: begun }, Event::Ping {}];
    let mut block = |index: usize, content_block: Block, deltas: Vec<Delta>| {
        events.push(Event::ContentBlockStart { index, content_block });
        events.extend(deltas.into_iter().map(|delta| Event::ContentBlockDelta { index, delta }));
        events.push(Event::ContentBlockStop { index });
    };
    let first_call = usize::from(!reply.text.is_empty());
    if !reply.text.is_empty() {
        let piece = |text: &str| Delta::TextDelta { text: text.to_owned() };
        block(0, Block::Text { text: String::new() }, reply.text.split_inclusive(' ').map(piece).collect());
    }
    for (place, call) in reply.calls.iter().enumerate() {
        let piece = |text: &str| Delta::InputJsonDelta { partial_json: text.to_owned() };
        let head = Block::ToolUse { id: call.id.clone(), name: call.name.clone(), input: json!({}) };
        block(first_call + place, head, call.arguments.split_inclusive(',').map(piece).collect());
    }
    let delta = Ending { stop_reason: reason(reply.stop), stop_sequence: reply.stopped_at.clone() };
    events.push(Event::MessageDelta { delta, usage: Written { output_tokens: reply.usage.output_tokens } });
    events.push(Event::MessageStop {});
    let named = |event: &Event| StreamEvent { name: Some(event.name().to_owned()), data: text_of(event) };
    events.iter().map(named).collect()
}

/// `None` if the stream ended before its last event, or holds what no stream of this provider does.
pub(super) fn accumulate(events: &[StreamEvent]) -> Option<Reply> {
    let (mut text, mut calls) = (String::new(), Vec::<ToolCall>::new());
    let (mut stop, mut usage, mut stopped_at) = (None, Usage::default(), None);
    for event in events {
        let event: Json = serde_json::from_str(&event.data).ok()?;
        match event["type"].as_str()? {
            "message_start" => usage = Usage::deserialize(&event["message"]["usage"]).ok()?,
            "content_block_start" if event["content_block"]["type"] == "tool_use" => {
                let part = |name: &str| event["content_block"][name].as_str().map(str::to_owned);
                calls.push(ToolCall { id: part("id")?, name: part("name")?, arguments: String::new() });
            }
            "content_block_delta" => {
                let piece = |name: &str| event["delta"][name].as_str().unwrap_or_default();
                text.push_str(piece("text"));
                if event["delta"]["type"] == "input_json_delta" {
                    calls.last_mut()?.arguments.push_str(piece("partial_json"));
                }
            }
            // A tool without arguments streams none, or empty pieces.
            "content_block_stop" => {
                if let Some(call) = calls.last_mut().filter(|call| call.arguments.is_empty()) {
                    call.arguments.push_str("{}");
                }
            }
            "message_delta" => {
                stop = event["delta"]["stop_reason"].as_str().and_then(stop_of);
                stopped_at = event["delta"]["stop_sequence"].as_str().map(str::to_owned);
                usage.output_tokens = u32::try_from(event["usage"]["output_tokens"].as_u64()?).ok()?;
            }
            "message_stop" => return Some(Reply { text, calls, stop: stop?, usage, stopped_at, taint: None }),
            // Pings, ends of blocks and whatever a later version adds.
            _ => {}
        }
    }
    None
}
