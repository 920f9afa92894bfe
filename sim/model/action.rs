//! What a task wants done: calls of tools, in order. Knows no tool and no model.

use super::task::json_of;
use serde::Serialize;
use serde_json::Value as Json;

/// One call that carries out a part of a task.
///
/// ```
/// use synod::model::Action;
/// let action = Action::new("refund", &serde_json::json!({ "order": "ord-7", "cents": 1_200 }));
/// assert_eq!(action.arguments["order"], "ord-7");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// The tool's name.
    pub tool: String,
    /// The right arguments.
    pub arguments: Json,
}

impl Action {
    /// A call of this tool with these arguments.
    ///
    /// # Panics
    /// If the arguments have no JSON form.
    #[must_use]
    pub fn new<A: Serialize>(tool: &str, arguments: &A) -> Action {
        Action { tool: tool.to_owned(), arguments: json_of(arguments) }
    }
}
