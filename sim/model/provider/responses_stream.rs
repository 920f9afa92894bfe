//! Streams of OpenAI's Responses API: every event numbered, items and parts opened and closed. Knows no error but the
//! one inside a response that failed.

use super::responses::{Heard, Item, Object, Part, Progress, Read, Tag, failure, id_of, items, object, progress_of};
use super::{StreamEvent, text_of};
use crate::model::{Reply, Stop, ToolCall};
use serde::Serialize;
use serde_json::Value as Json;

/// One event, numbered when it is written.
#[derive(Serialize)]
#[serde(untagged)]
enum Event {
    Response { response: Box<Object> },
    Item { output_index: usize, item: Item },
    Part { item_id: String, output_index: usize, content_index: usize, part: Part },
    Delta { item_id: String, output_index: usize, content_index: usize, delta: String },
    Text { item_id: String, output_index: usize, content_index: usize, text: String },
    Refused { item_id: String, output_index: usize, content_index: usize, refusal: String },
    ArgumentsDelta { item_id: String, output_index: usize, delta: String },
    Arguments { item_id: String, output_index: usize, arguments: String },
}

#[derive(Serialize)]
struct Numbered {
    #[serde(rename = "type")]
    tag: &'static str,
    sequence_number: usize,
    #[serde(flatten)]
    event: Event,
}

/// The events of a stream so far.
#[derive(Default)]
struct Written(Vec<StreamEvent>);

impl Written {
    fn say(&mut self, tag: &'static str, event: Event) {
        let numbered = Numbered { tag, sequence_number: self.0.len(), event };
        self.0.push(StreamEvent { name: Some(tag.to_owned()), data: text_of(&numbered) });
    }

    fn response(&mut self, tag: &'static str, object: Object) {
        self.say(tag, Event::Response { response: Box::new(object) });
    }

    fn message(&mut self, output_index: usize, reply: &Reply, whole: Item) {
        let (item_id, content_index) = (id_of(reply, "msg"), 0);
        let part = |text: String| Event::Part {
            item_id: item_id.clone(),
            output_index,
            content_index,
            part: Part::said(reply, text),
        };
        let begun = Item::Message {
            id: item_id.clone(),
            tag: Tag::Message,
            status: Progress::InProgress,
            content: Vec::new(),
            role: "assistant".to_owned(),
        };
        let refuses = reply.stop == Stop::Refusal;
        self.say("response.output_item.added", Event::Item { output_index, item: begun });
        self.say("response.content_part.added", part(String::new()));
        for piece in reply.text.split_inclusive(' ') {
            let tag = if refuses { "response.refusal.delta" } else { "response.output_text.delta" };
            let (item_id, delta) = (item_id.clone(), piece.to_owned());
            self.say(tag, Event::Delta { item_id, output_index, content_index, delta });
        }
        let (id, text) = (item_id.clone(), reply.text.clone());
        if refuses {
            let done = Event::Refused { item_id: id, output_index, content_index, refusal: text };
            self.say("response.refusal.done", done);
        } else {
            let done = Event::Text { item_id: id, output_index, content_index, text };
            self.say("response.output_text.done", done);
        }
        self.say("response.content_part.done", part(reply.text.clone()));
        self.say("response.output_item.done", Event::Item { output_index, item: whole });
    }

    fn call(&mut self, output_index: usize, call: &ToolCall, whole: Item) {
        let Item::Call { id: item_id, .. } = whole.clone() else { return };
        let begun = Item::Call {
            id: item_id.clone(),
            tag: Tag::FunctionCall,
            status: Progress::InProgress,
            arguments: String::new(),
            call_id: call.id.clone(),
            name: call.name.clone(),
        };
        self.say("response.output_item.added", Event::Item { output_index, item: begun });
        for piece in call.arguments.split_inclusive(',') {
            let (item_id, delta) = (item_id.clone(), piece.to_owned());
            let delta = Event::ArgumentsDelta { item_id, output_index, delta };
            self.say("response.function_call_arguments.delta", delta);
        }
        let done = Event::Arguments { item_id, output_index, arguments: call.arguments.clone() };
        self.say("response.function_call_arguments.done", done);
        self.say("response.output_item.done", Event::Item { output_index, item: whole });
    }
}

pub(super) fn events(reply: &Reply) -> Vec<StreamEvent> {
    let status = progress_of(reply);
    let mut written = Written::default();
    written.response("response.created", object(reply, Progress::InProgress));
    written.response("response.in_progress", object(reply, Progress::InProgress));
    let mut calls = reply.calls.iter();
    for (output_index, item) in items(reply, status).into_iter().enumerate() {
        match item {
            Item::Message { .. } => written.message(output_index, reply, item),
            Item::Call { .. } => {
                if let Some(call) = calls.next() {
                    written.call(output_index, call, item);
                }
            }
        }
    }
    let last = if status == Progress::Incomplete { "response.incomplete" } else { "response.completed" };
    written.response(last, object(reply, status));
    written.0
}

/// The last event of a stream that failed for this reason after so many others.
pub(super) fn failed(code: &str, message: &str, sequence_number: usize) -> StreamEvent {
    let (tag, event) = ("response.failed", Event::Response { response: Box::new(failure(code, message)) });
    StreamEvent { name: Some(tag.to_owned()), data: text_of(&Numbered { tag, sequence_number, event }) }
}

/// Puts a reply together from what its pieces say. `None` if the last event is missing, or an event is none
/// of this API.
pub(super) fn accumulate(events: &[StreamEvent]) -> Option<Reply> {
    let mut heard = Heard::default();
    for event in events {
        let event: Json = serde_json::from_str(&event.data).ok()?;
        let delta = || event["delta"].as_str();
        match event["type"].as_str()? {
            "response.output_item.added" if event["item"]["type"] == "function_call" => {
                let part = |name: &str| event["item"][name].as_str().map(str::to_owned);
                heard.calls.push(ToolCall { id: part("call_id")?, name: part("name")?, arguments: String::new() });
            }
            "response.content_part.added" if event["part"]["type"] == "refusal" => {
                heard.refusal.get_or_insert_default();
            }
            "response.output_text.delta" => heard.text.push_str(delta()?),
            "response.refusal.delta" => heard.refusal.get_or_insert_default().push_str(delta()?),
            "response.function_call_arguments.delta" => heard.calls.last_mut()?.arguments.push_str(delta()?),
            "response.completed" | "response.incomplete" => {
                let read: Read = serde_json::from_value(event["response"].clone()).ok()?;
                return heard.reply(&read);
            }
            // What opens and closes, and whatever a later version adds.
            _ => {}
        }
    }
    None
}
