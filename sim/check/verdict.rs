//! What a checker answers.

use crate::history::Entry;
use crate::id::NodeId;
use crate::time::Time;
use serde::Serialize;
use std::fmt;

/// One lane of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// As clients saw it.
    Operations,
    /// As participants reported it.
    Facts,
    /// As the world recorded it.
    Environment,
}

/// A property's name, one line about it, and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Property {
    /// Its snake-case name.
    pub name: &'static str,
    /// One line.
    pub about: &'static str,
    /// The paper and section it restates.
    pub source: &'static str,
    /// Whether its violation is unsafe, a stall, or a wrong answer.
    pub kind: PropertyKind,
}

/// What kind of promise a property is. A report never mixes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PropertyKind {
    /// Nothing bad happens.
    Safety,
    /// Something good happens in time.
    Liveness,
    /// The decision matches the ground truth.
    Correctness,
}

/// A checker's answer, with the kind of witness it gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict<W = Witness> {
    /// The property held; so many inputs were judged. None judged is no evidence.
    Holds {
        /// How many things the checker had to judge.
        judged: u64,
    },
    /// The property was violated, and here is the proof.
    Violated(W),
    /// The checker gave up at this limit. Never a pass.
    Unknown {
        /// What ran out.
        limit: String,
    },
}

impl<W> Verdict<W> {
    /// The witness, if the property was violated.
    #[must_use]
    pub fn witness(&self) -> Option<&W> {
        match self {
            Verdict::Violated(witness) => Some(witness),
            _ => None,
        }
    }
}

/// The events that prove a violation, fewest first thought of, ending in the contradiction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Witness {
    /// The violated property's name.
    pub property: &'static str,
    /// A short name of the pattern, the same for violations of the same shape: the key failures are grouped by.
    pub shape: String,
    /// What happened, in order.
    pub steps: Vec<Step>,
    /// Why that cannot be, in one sentence.
    pub contradiction: String,
}

/// One event of a witness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its place in the history; `None` for something that did not happen.
    pub place: Option<usize>,
    /// When.
    pub at: Time,
    /// Who.
    pub node: NodeId,
    /// What, as the rest of a sentence that begins with the node's name.
    pub what: String,
}

impl Step {
    /// The step that a history's entry is.
    #[must_use]
    pub fn of(place: usize, entry: &Entry, what: impl fmt::Display) -> Step {
        Step { place: Some(place), at: entry.at, node: entry.node, what: what.to_string() }
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            writeln!(f, "  {:>14}  {} {}", step.at.to_string(), step.node, step.what)?;
        }
        write!(f, "  {}", self.contradiction)
    }
}
