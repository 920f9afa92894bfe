//! How many of the calls at its site a fault strikes. Counts nothing itself.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Which of the calls that reach a fault of a model while it is on are struck. How long a fault persists changes its
/// damage more than its kind does (AgentChaos).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Persistence {
    /// The first one that its rate admits, and no other.
    Single,
    /// The first one that its rate admits, and those that follow until so many were struck in a row.
    Burst {
        /// How many.
        calls: u32,
    },
    /// So many, then not so many, in turn; its rate decides on each one that is to be struck.
    Intermittent {
        /// How many are struck.
        struck: u32,
        /// How many are spared.
        spared: u32,
    },
    /// Each one that its rate admits.
    #[default]
    Persistent,
}

crate::digestible! { enum Persistence {
    1 = Single, 2 = Burst { calls }, 3 = Intermittent { struck, spared }, 4 = Persistent,
} }

/// As the end of a sentence about a fault; nothing if it simply lasts.
impl fmt::Display for Persistence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Persistence::Single => f.write_str(", once"),
            Persistence::Burst { calls } => write!(f, ", {calls} calls in a row"),
            Persistence::Intermittent { struck, spared } => {
                write!(f, ", {struck} calls struck and {spared} spared in turn")
            }
            Persistence::Persistent => Ok(()),
        }
    }
}
