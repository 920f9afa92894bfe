//! What a run leaves behind besides its trace, and the clock it moves.

use crate::id::NodeId;
use crate::model::Spending;
use crate::time::{Duration, Time};
use serde::Serialize;
use std::fmt;

/// The host's clock, which the world moves.
pub trait Clock {
    /// The run has reached this instant.
    fn advance_to(&self, now: Time);
}

/// A clock nobody looks at.
pub struct Frozen;

impl Clock for Frozen {
    fn advance_to(&self, _: Time) {}
}

/// How the tested code itself failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Crash {
    /// Whose code; `None` if the scenario's own.
    pub node: Option<NodeId>,
    /// When.
    pub at: Time,
    /// During which event, and what it said.
    pub what: String,
}

/// Whose code, then what it said.
impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.map_or(Ok(()), |node| write!(f, "{node} "))?;
        f.write_str(&self.what)
    }
}

/// How much was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// How many messages.
    pub messages: u64,
    /// How many words of eight bytes they hold.
    pub words: u64,
}

impl Traffic {
    /// Adds what else was sent.
    pub fn add(&mut self, other: Traffic) {
        self.messages += other.messages;
        self.words += other.words;
    }
}

/// Counts of one run, or sums over many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Slots that someone decided.
    pub decisions: u64,
    /// Calls of a shared store that were answered.
    pub calls: u64,
    /// Of the decisions, how many matched the ground truth where first decided.
    pub correct: u64,
    /// Messages sent between nodes.
    pub messages: u64,
    /// Of these, what a team with a store sent among its agents and replicas.
    pub shared: Traffic,
    /// Calls to models.
    pub model_calls: u64,
    /// Leaders elected, in protocols that elect one.
    pub elections: u64,
    /// What calls to models have cost.
    pub spending: Spending,
    /// From each decided slot's invocation to its first decision, summed.
    pub decision_time: Duration,
    /// Virtual time the run took.
    pub virtual_time: Duration,
    /// Events handled.
    pub events: u64,
}

impl Figures {
    /// Adds another run's counts.
    pub fn add(&mut self, other: &Figures) {
        self.decisions += other.decisions;
        self.calls += other.calls;
        self.correct += other.correct;
        self.messages += other.messages;
        self.shared.add(other.shared);
        self.model_calls += other.model_calls;
        self.elections += other.elections;
        self.spending.add(other.spending);
        self.decision_time = self.decision_time + other.decision_time;
        self.virtual_time = self.virtual_time + other.virtual_time;
        self.events += other.events;
    }
}
