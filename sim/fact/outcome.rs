//! How calls of tools end, as their callers know it. Knows no tool.

use super::Value;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a call of a tool ended, as its caller knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// With this result, in canonical form.
    Result(Value),
    /// Without effect, for this reason.
    Declined(Value),
    /// Nothing came in time: it may have had its effect, may have it yet, or never will.
    Unknown,
}

crate::digestible! { enum CallOutcome { 1 = Result(value), 2 = Declined(why), 3 = Unknown } }

impl fmt::Display for CallOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallOutcome::Result(value) => write!(f, "{value}"),
            CallOutcome::Declined(why) => write!(f, "no: {why}"),
            CallOutcome::Unknown => f.write_str("nothing in time"),
        }
    }
}
