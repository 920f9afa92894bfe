//! The states of a circuit breaker, as its holder reports them. Knows no breaker.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a breaker shows of its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Circuit {
    /// Calls pass.
    Closed,
    /// Calls are refused.
    Open,
    /// One call is out to see.
    HalfOpen,
}

crate::digestible! { enum Circuit { 1 = Closed, 2 = Open, 3 = HalfOpen } }

impl Circuit {
    /// What a breaker on a process's own model is on.
    pub const OF_MODEL: &str = "the model";
}

impl fmt::Display for Circuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Circuit::Closed => "closed",
            Circuit::Open => "open",
            Circuit::HalfOpen => "half-open",
        })
    }
}
