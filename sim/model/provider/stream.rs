//! Server-sent events: their text and back. Knows no provider.

use super::{Header, Response};
use std::fmt;

/// One server-sent event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamEvent {
    /// Its name, if the provider names events.
    pub name: Option<String>,
    /// What it says, on one line.
    pub data: String,
}

impl fmt::Display for StreamEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            writeln!(f, "event: {name}")?;
        }
        writeln!(f, "data: {}\n", self.data)
    }
}

/// A response that streams these events.
pub(super) fn response(events: &[StreamEvent]) -> Response {
    let body = events.iter().map(StreamEvent::to_string).collect();
    Response { status: 200, headers: vec![Header::new("content-type", "text/event-stream; charset=utf-8")], body }
}

/// The events of a stream's text. One that its empty line does not end has not arrived; comments are no events.
pub(super) fn parse(body: &str) -> Vec<StreamEvent> {
    let body = body.replace("\r\n", "\n");
    let mut events = Vec::new();
    let mut rest = body.as_str();
    while let Some((block, after)) = rest.split_once("\n\n") {
        rest = after;
        let (mut name, mut data) = (None, Vec::new());
        for line in block.lines() {
            if let Some(value) = line.strip_prefix("event:") {
                name = Some(value.trim_start().to_owned());
            } else if let Some(value) = line.strip_prefix("data:") {
                data.push(value.strip_prefix(' ').unwrap_or(value));
            }
        }
        if !data.is_empty() {
            events.push(StreamEvent { name, data: data.join("\n") });
        }
    }
    events
}
