//! Tools as chat APIs name them: what a model may call, and what it calls. Knows no service behind them.

use super::{Form, Schema};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A tool that a request offers to the model.
///
/// ```
/// use synod::{fact::Slot, model::{Request, Schema, Tool}};
/// let merge = Tool::new("merge", "Merges a branch.", Schema::of::<String>());
/// assert_eq!(Request::about(Slot(0)).offering(merge).tools[0].name, "merge");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    /// Its name, unique within a request.
    pub name: String,
    /// What it does, in words.
    pub description: String,
    /// What its arguments must satisfy.
    pub arguments: Schema,
}

crate::digestible! { struct Tool { name, description, arguments } }

impl Tool {
    /// A tool.
    #[must_use]
    pub fn new(name: impl Into<String>, description: impl Into<String>, arguments: Schema) -> Tool {
        Tool { name: name.into(), description: description.into(), arguments }
    }
}

impl Tool {
    /// Whether these arguments are whole and satisfy its schema.
    ///
    /// ```
    /// use synod::model::{Schema, Tool};
    /// let merge = Tool::new("merge", "Merges a branch.", Schema::of::<Vec<String>>());
    /// assert!(merge.admits(r#"["main"]"#) && !merge.admits(r#"["ma"#));
    /// ```
    #[must_use]
    pub fn admits(&self, arguments: &str) -> bool {
        Form::shared(&self.arguments).parse(arguments).is_ok()
    }
}

/// One call of a tool, as a model wrote it: nothing here is checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The call's own name, which its result repeats.
    pub id: String,
    /// The tool's name. It may be one that nobody offered.
    pub name: String,
    /// The arguments' text. It may be broken JSON.
    pub arguments: String,
}

crate::digestible! { struct ToolCall { id, name, arguments } }

impl ToolCall {
    /// The call as lenient parsers read one whose arguments were cut off: strings, lists and objects that are open are
    /// closed, and a field that has no value yet is dropped. What was cut stays cut.
    ///
    /// ```
    /// use synod::model::ToolCall;
    /// let arguments = r#"{"cents":15,"order":"ord-4"#.to_owned();
    /// let cut = ToolCall { id: "call_1".into(), name: "pay".into(), arguments };
    /// assert_eq!(cut.repaired().arguments, r#"{"cents":15,"order":"ord-4"}"#);
    /// ```
    #[must_use]
    pub fn repaired(&self) -> ToolCall {
        ToolCall { arguments: super::repair::closed(&self.arguments), ..self.clone() }
    }
}

impl fmt::Display for ToolCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}({})", self.id, self.name, self.arguments)
    }
}
