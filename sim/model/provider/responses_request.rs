//! Requests of OpenAI's Responses API: a transcript as a list of items. Knows no response.
//!
//! Fields and their order are those of the API reference ("Create a model response").

use super::{Delivery, ShapeError, content, text_of};
use crate::fact::Slot;
use crate::model::{Message, Request, Schema, Speaker, Tool, ToolCall};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;

#[derive(Serialize, Deserialize)]
struct Body {
    model: String,
    /// What the system says, apart from the items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    instructions: Option<String>,
    #[serde(deserialize_with = "text_or_items")]
    input: Vec<Input>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<TextSettings>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Offered>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Input {
    Message {
        role: String,
        #[serde(deserialize_with = "content::text")]
        content: String,
    },
    FunctionCall {
        call_id: String,
        name: String,
        arguments: String,
    },
    FunctionCallOutput {
        call_id: String,
        #[serde(deserialize_with = "content::text")]
        output: String,
    },
    /// Reasoning, references and whatever else a client sends back.
    #[serde(other)]
    Unknown,
}

/// All input: one text of the user's, or items, of which a message may leave out its type.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a text or a list of items")]
enum Given {
    Text(String),
    Items(Vec<Item>),
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "an item with a type, or a message with role and content")]
enum Item {
    Typed(Input),
    Message {
        role: String,
        #[serde(deserialize_with = "content::text")]
        content: String,
    },
}

fn text_or_items<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Input>, D::Error> {
    let typed = |item: Item| match item {
        Item::Typed(input) => input,
        Item::Message { role, content } => Input::Message { role, content },
    };
    Ok(match Given::deserialize(from)? {
        Given::Text(content) => vec![Input::Message { role: "user".to_owned(), content }],
        Given::Items(items) => items.into_iter().map(typed).collect(),
    })
}

#[derive(Serialize, Deserialize)]
struct TextSettings {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    format: Option<Format>,
}

#[derive(Serialize, Deserialize)]
struct Format {
    #[serde(rename = "type")]
    tag: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    schema: Option<Json>,
}

#[derive(Serialize, Deserialize)]
struct Offered {
    #[serde(rename = "type")]
    tag: String,
    /// The provider's own tools have none.
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Json,
    #[serde(default)]
    strict: Option<bool>,
}

pub(super) fn write_request(request: &Request, delivery: Delivery, model: &str) -> String {
    let mut input = Vec::new();
    for message in &request.messages {
        let say = |role: &str, content: String| Input::Message { role: role.to_owned(), content };
        match message.role {
            Speaker::System => input.push(say("system", message.text.clone())),
            Speaker::User => input.push(say("user", message.text.clone())),
            Speaker::Peer(node) => input.push(say("user", format!("{node}: {}", message.text))),
            Speaker::Assistant => {
                if !message.text.is_empty() || message.calls.is_empty() {
                    input.push(say("assistant", message.text.clone()));
                }
                input.extend(message.calls.iter().map(|call| Input::FunctionCall {
                    call_id: call.id.clone(),
                    name: call.name.clone(),
                    arguments: call.arguments.clone(),
                }));
            }
            Speaker::Tool => {
                let call_id = message.answers.clone().unwrap_or_default();
                input.push(Input::FunctionCallOutput { call_id, output: message.text.clone() });
            }
        }
    }
    let tool = |tool: &Tool| Offered {
        tag: "function".to_owned(),
        name: tool.name.clone(),
        description: tool.description.clone(),
        parameters: tool.arguments.json().clone(),
        strict: Some(true),
    };
    let format = |schema: &Schema| TextSettings {
        format: Some(Format {
            tag: "json_schema".to_owned(),
            name: Some("reply".to_owned()),
            strict: Some(true),
            schema: Some(schema.json().clone()),
        }),
    };
    text_of(&Body {
        model: model.to_owned(),
        instructions: None,
        input,
        text: request.schema.as_ref().map(format),
        tools: request.tools.iter().map(tool).collect(),
        max_output_tokens: request.max_tokens,
        stream: (delivery != Delivery::Whole).then_some(true),
    })
}

pub(super) fn read_request(body: &str, slot: Slot) -> Result<Request, ShapeError> {
    let body: Body = serde_json::from_str(body)?;
    let mut request = Request { max_tokens: body.max_output_tokens, ..Request::about(slot) };
    request.messages.extend(body.instructions.map(|text| Message::new(Speaker::System, text)));
    for item in body.input {
        match item {
            Input::Unknown => {}
            Input::Message { role, content } => {
                let role = match role.as_str() {
                    "system" | "developer" => Speaker::System,
                    "user" => Speaker::User,
                    "assistant" => Speaker::Assistant,
                    other => return Err(ShapeError(format!("the role {other}"))),
                };
                request.messages.push(Message::new(role, content));
            }
            Input::FunctionCall { call_id, name, arguments } => {
                // What the model says and the calls it makes with that are items of one turn.
                if request.messages.last().is_none_or(|last| last.role != Speaker::Assistant) {
                    request.messages.push(Message::new(Speaker::Assistant, ""));
                }
                if let Some(last) = request.messages.last_mut() {
                    last.calls.push(ToolCall { id: call_id, name, arguments });
                }
            }
            Input::FunctionCallOutput { call_id, output } => {
                request.messages.push(Message { answers: Some(call_id), ..Message::new(Speaker::Tool, output) });
            }
        }
    }
    request.schema = body.text.and_then(|text| text.format).and_then(|format| format.schema).map(Schema::from);
    let tool = |tool: Offered| Tool::new(tool.name, tool.description, content::parameters(tool.parameters));
    request.tools = body.tools.into_iter().filter(|tool| tool.tag == "function").map(tool).collect();
    Ok(request)
}
