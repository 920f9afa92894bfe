//! Answers of tools as the Model Context Protocol shapes them: a tool that failed answers, a protocol's error is none.
//! Knows no tool.
//!
//! Specification of MCP (2025-06-18), "Tools", "Error handling": a tool that fails is a *successful* JSON-RPC response
//! whose result says `isError: true`, and the model gets to read it; a call that never reached a tool (an unknown name,
//! arguments that do not fit) is a JSON-RPC error, which the model need not see.

use super::{ShapeError, text_of};
use crate::model::{Message, ToolCall};
use serde::{Deserialize, Serialize};

/// What came of a `tools/call`.
///
/// ```
/// use synod::model::McpAnswer;
/// let failed = McpAnswer::Failed("branch main is locked".to_owned());
/// assert!(failed.write(7).contains(r#""isError":true"#));
/// let unknown = McpAnswer::unknown_tool("deploy_all");
/// assert!(unknown.write(7).contains(r#""code":-32602"#));
/// assert_eq!(McpAnswer::read(&unknown.write(7)), Ok(unknown));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum McpAnswer {
    /// The tool did what it does, and says so.
    Done(String),
    /// The tool was reached and failed.
    Failed(String),
    /// The call reached no tool.
    Refused {
        /// The JSON-RPC code.
        code: i32,
        /// What it says.
        message: String,
    },
}

/// JSON-RPC's code for parameters that do not fit, which MCP's own example uses for a tool that there is not.
const INVALID_PARAMS: i32 = -32_602;
/// JSON-RPC's code for a server that failed.
const INTERNAL_ERROR: i32 = -32_603;

#[derive(Serialize, Deserialize)]
struct Body {
    jsonrpc: String,
    id: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    result: Option<Outcome>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<RpcError>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    content: Vec<Content>,
    #[serde(default)]
    is_error: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Content {
    Text {
        text: String,
    },
    /// Images, links and whatever a later version adds.
    #[serde(other)]
    Unknown,
}

#[derive(Serialize, Deserialize)]
struct RpcError {
    code: i32,
    message: String,
}

impl McpAnswer {
    /// The answer to a call of a tool that there is not.
    #[must_use]
    pub fn unknown_tool(name: &str) -> McpAnswer {
        McpAnswer::Refused { code: INVALID_PARAMS, message: format!("Unknown tool: {name}") }
    }

    /// The answer to a call whose arguments do not fit.
    #[must_use]
    pub fn invalid_arguments(why: &str) -> McpAnswer {
        McpAnswer::Refused { code: INVALID_PARAMS, message: format!("Invalid arguments: {why}") }
    }

    /// The answer of a server that failed before it came to the tool.
    #[must_use]
    pub fn server_failed() -> McpAnswer {
        McpAnswer::Refused { code: INTERNAL_ERROR, message: "Internal error".to_owned() }
    }

    /// The JSON-RPC response to the request of this id.
    #[must_use]
    pub fn write(&self, id: u64) -> String {
        let outcome =
            |text: &String, is_error| Outcome { content: vec![Content::Text { text: text.clone() }], is_error };
        let (result, error) = match self {
            McpAnswer::Done(text) => (Some(outcome(text, false)), None),
            McpAnswer::Failed(text) => (Some(outcome(text, true)), None),
            McpAnswer::Refused { code, message } => (None, Some(RpcError { code: *code, message: message.clone() })),
        };
        text_of(&Body { jsonrpc: "2.0".to_owned(), id, result, error })
    }

    /// Reads a JSON-RPC response; of several texts of a result it makes one.
    ///
    /// # Errors
    /// If it is none, or holds neither a result nor an error.
    pub fn read(body: &str) -> Result<McpAnswer, ShapeError> {
        let body: Body = serde_json::from_str(body)?;
        let said = |content: Vec<Content>| -> String {
            let text = |content| if let Content::Text { text } = content { Some(text) } else { None };
            content.into_iter().filter_map(text).collect::<Vec<_>>().join("\n")
        };
        match (body.result, body.error) {
            (_, Some(RpcError { code, message })) => Ok(McpAnswer::Refused { code, message }),
            (Some(Outcome { content, is_error: true }), None) => Ok(McpAnswer::Failed(said(content))),
            (Some(Outcome { content, is_error: false }), None) => Ok(McpAnswer::Done(said(content))),
            (None, None) => Err(ShapeError("neither a result nor an error".to_owned())),
        }
    }

    /// What the model gets to read of it in answer to its call: a tool's words, failure or not. Of a protocol's error
    /// it reads what its shell chooses to say; this says the message.
    #[must_use]
    pub fn message(&self, call: &ToolCall) -> Message {
        match self {
            McpAnswer::Done(text) | McpAnswer::Failed(text) => Message::result(call, text.clone()),
            McpAnswer::Refused { message, .. } => Message::result(call, message.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_is_written_as_specified_and_comes_back() {
        let answers = [
            (
                McpAnswer::Done("merged".into()),
                r#"{"jsonrpc":"2.0","id":4,"result":{"content":[{"type":"text","text":"merged"}],"isError":false}}"#,
            ),
            (
                McpAnswer::Failed("locked".into()),
                r#"{"jsonrpc":"2.0","id":4,"result":{"content":[{"type":"text","text":"locked"}],"isError":true}}"#,
            ),
            (
                McpAnswer::unknown_tool("x"),
                r#"{"jsonrpc":"2.0","id":4,"error":{"code":-32602,"message":"Unknown tool: x"}}"#,
            ),
            (
                McpAnswer::invalid_arguments("no branch"),
                r#"{"jsonrpc":"2.0","id":4,"error":{"code":-32602,"message":"Invalid arguments: no branch"}}"#,
            ),
            (
                McpAnswer::server_failed(),
                r#"{"jsonrpc":"2.0","id":4,"error":{"code":-32603,"message":"Internal error"}}"#,
            ),
        ];
        for (answer, written) in answers {
            assert_eq!(answer.write(4), written);
            assert_eq!(McpAnswer::read(written), Ok(answer));
        }
    }

    #[test]
    fn what_a_server_leaves_out_or_adds_does_not_confuse_a_reader() {
        let read = |result: &str| McpAnswer::read(&format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#));
        assert_eq!(read(r#"{"content":[]}"#), Ok(McpAnswer::Done(String::new())), "isError is false unless said");
        let several =
            r#"{"content":[{"type":"text","text":"a"},{"type":"image","data":"x"},{"type":"text","text":"b"}]}"#;
        assert_eq!(read(several), Ok(McpAnswer::Done("a\nb".to_owned())));
        assert!(McpAnswer::read(r#"{"jsonrpc":"2.0","id":1}"#).is_err());
        assert!(McpAnswer::read("<html>").is_err());
    }

    #[test]
    fn a_model_reads_the_failure_of_its_tool_under_the_calls_name() {
        let call = ToolCall { id: "call_9".into(), name: "merge".into(), arguments: "{}".into() };
        let message = McpAnswer::Failed("locked".into()).message(&call);
        assert_eq!((message.answers.as_deref(), message.text.as_str()), (Some("call_9"), "locked"));
    }
}
