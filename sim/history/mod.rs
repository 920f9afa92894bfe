//! Histories: what a run showed to those who judge it, in one order and three lanes.
//!
//! `operations` are what clients saw, `facts` what participants said of themselves, `environment` what the world
//! itself recorded. A checker declares the lanes it reads. Knows nothing of how a history came about.

mod asked;
#[cfg(feature = "simulator")]
mod jsonl;
mod notes;
mod projection;
mod shelf;
pub mod store;
mod views;

pub use asked::{Asked, Heard, Holds};
pub use projection::{Lens, Projection};

#[cfg(feature = "simulator")]
pub use jsonl::{HistoryError, Malformed, read, write};

use crate::fact::{Decision, Fact, Slot, Value};
use crate::id::{NodeId, OpId, ProcessId};
use crate::time::Time;
use serde::{Deserialize, Serialize};
use shelf::Shelf;
use store::Wrong;
use views::Views;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, in virtual time.
    pub at: Time,
    /// To whom.
    pub node: NodeId,
    /// To which live copy of it.
    pub process: ProcessId,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened, in one of three lanes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// As a client saw it.
    Operation(Operation),
    /// As a participant reported it.
    Fact(Fact),
    /// As the world recorded it.
    Environment(Environment),
}

/// A client's side of an operation. `Info` means the outcome is unknown: it may have happened, now or later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// The client asked for a decision.
    Invoke {
        /// The operation.
        op: OpId,
        /// What it is about.
        slot: Slot,
    },
    /// The client asked for everything that is decided.
    Read {
        /// The operation.
        op: OpId,
    },
    /// The client, an administrator, asked for a change of the team itself.
    Administer {
        /// The operation.
        op: OpId,
        /// What it asked for.
        wish: Wish,
    },
    /// The client asked a shared store.
    Ask {
        /// The operation.
        op: OpId,
        /// For what.
        asked: Asked,
    },
    /// The client heard the store's answer.
    Heard {
        /// The operation.
        op: OpId,
        /// The answer.
        heard: Heard,
    },
    /// The client heard the decision.
    Ok {
        /// The operation.
        op: OpId,
        /// What it is about.
        slot: Slot,
        /// The decision as heard.
        value: Value,
    },
    /// The client heard everything that is decided.
    Log {
        /// The operation.
        op: OpId,
        /// The decisions as heard, in their order.
        decisions: Vec<Decision>,
    },
    /// The client heard that what it asked of the team is done.
    Done {
        /// The operation.
        op: OpId,
    },
    /// The client heard that nothing was or will be done or decided for it.
    Fail {
        /// The operation.
        op: OpId,
    },
    /// The client gave up waiting.
    Info {
        /// The operation.
        op: OpId,
    },
}

impl Operation {
    /// Which operation it is about.
    #[must_use]
    pub const fn op(&self) -> OpId {
        match self {
            Operation::Invoke { op, .. }
            | Operation::Read { op }
            | Operation::Administer { op, .. }
            | Operation::Ask { op, .. }
            | Operation::Heard { op, .. }
            | Operation::Ok { op, .. }
            | Operation::Log { op, .. }
            | Operation::Done { op }
            | Operation::Fail { op }
            | Operation::Info { op } => *op,
        }
    }

    /// Whether the client begins it here.
    #[must_use]
    pub const fn begins(&self) -> bool {
        matches!(
            self,
            Operation::Invoke { .. } | Operation::Read { .. } | Operation::Administer { .. } | Operation::Ask { .. }
        )
    }
}

/// What an administrator wants of a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// That this member votes.
    Admit(NodeId),
    /// That it votes no more.
    Remove(NodeId),
    /// That it leads.
    Transfer(NodeId),
}

/// What the world itself recorded, whatever participants say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// A process of the node started, with or without durable state from before.
    Started {
        /// Whether this is a restart.
        again: Restart,
    },
    /// The process lost its memory.
    Crashed,
    /// The process stopped running for a while and knows nothing of it.
    Paused,
    /// The paused process runs again.
    Resumed,
    /// A fault turned the node: from here on nothing is promised of what it says.
    Suborned,
    /// A write became durable; the digest is of the write.
    Persisted {
        /// The write's digest.
        write: u64,
    },
    /// A model's valid proposal reached the node: the only source of values there is.
    Offered {
        /// The slot.
        slot: Slot,
        /// The value.
        value: Value,
    },
    /// The node is a tool: a service of this name.
    Serves {
        /// The name that agents call it by.
        tool: String,
        /// What its calls do.
        nature: Nature,
    },
    /// A model's reply reached the node and asks for this call of a tool.
    Requested {
        /// The call's own name.
        call: String,
        /// The tool's.
        tool: String,
        /// Whether all of it arrived.
        extent: Extent,
    },
    /// The tool carried a call out, durably.
    Executed {
        /// The call.
        call: String,
        /// The tool.
        tool: String,
        /// The idempotency key, if the caller gave one.
        key: Option<String>,
        /// Who called.
        by: NodeId,
        /// The arguments in canonical form.
        arguments: Value,
        /// What it returned.
        result: Value,
        /// Whether the arguments satisfy the tool's schema.
        fit: Fit,
    },
    /// A call was not carried out: there is no such tool, or the tool refused.
    Declined {
        /// The call.
        call: String,
        /// The tool that was asked for.
        tool: String,
        /// Who called.
        by: NodeId,
        /// Why.
        why: Decline,
    },
    /// The result of a call reached the node, and nobody there waits for it.
    Strayed {
        /// The call.
        call: String,
    },
    /// The nemesis stopped; these nodes are up and connected from now on, the others are left as they are.
    Healed {
        /// The core.
        core: Vec<NodeId>,
    },
    /// Faults are over, clients have done, and everything that was under way had time to arrive.
    Settled,
    /// The run ended.
    Ended,
}

/// What the calls of a tool do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// They change something: once too often is once too often.
    Effect,
    /// They only look.
    Query,
}

/// How much of a tool call arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// All of it.
    Whole,
    /// Its beginning.
    Cut,
}

/// Whether arguments are what a tool asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// They satisfy its schema.
    Fits,
    /// They do not.
    Misfits,
}

/// Why a call was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decline {
    /// No tool has this name.
    NoSuchTool,
    /// The arguments do not satisfy the tool's schema.
    Arguments,
    /// The tool itself said no.
    Refused,
}

/// How a process came to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Restart {
    /// For the first time.
    First,
    /// Again, with its disk.
    WithDisk,
    /// Again, with an empty disk.
    WithoutDisk,
}

/// Everything that happened, in simulator order, which is a linear extension of happens-before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    entries: Vec<Entry>,
    views: Views,
}

/// Entries of a short run. To move them again and again while they become more costs as much as judging them.
const ROOM: usize = 256;

impl History {
    /// A history without entries, with room for those of a short run.
    #[must_use]
    pub fn new() -> History {
        History { entries: Vec::with_capacity(ROOM), views: Views::default() }
    }

    /// Appends an entry; entries come in the order of time.
    ///
    /// # Panics
    /// If the entry is earlier than the last one: the recorder is broken.
    #[inline]
    pub fn push(&mut self, entry: Entry) {
        assert!(self.entries.last().is_none_or(|last| last.at <= entry.at), "history runs backwards at {:?}", entry.at);
        self.entries.push(entry);
        self.views.forget();
    }

    /// Every entry, in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Empties the history but keeps its room.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.views.forget();
    }

    /// What it tells of a store, made when it is first asked for: many checkers look at one run.
    ///
    /// # Errors
    /// As [`Projection::of`].
    pub fn of_store(&self, lens: Lens) -> Result<&Projection, &Wrong> {
        self.views.of(self, lens)
    }

    /// Where its judges keep what it tells of letters.
    pub(crate) const fn letters(&self) -> &Shelf {
        self.views.letters()
    }

    /// The facts, each with its place in the history.
    pub fn facts(&self) -> impl Iterator<Item = (usize, &Entry, &Fact)> {
        self.entries.iter().enumerate().filter_map(|(place, entry)| match &entry.event {
            Event::Fact(fact) => Some((place, entry, fact)),
            _ => None,
        })
    }

    /// The operations, each with its place in the history.
    pub fn operations(&self) -> impl Iterator<Item = (usize, &Entry, &Operation)> {
        self.entries.iter().enumerate().filter_map(|(place, entry)| match &entry.event {
            Event::Operation(operation) => Some((place, entry, operation)),
            _ => None,
        })
    }

    /// The environment's entries, each with its place in the history.
    pub fn environment(&self) -> impl Iterator<Item = (usize, &Entry, &Environment)> {
        self.entries.iter().enumerate().filter_map(|(place, entry)| match &entry.event {
            Event::Environment(environment) => Some((place, entry, environment)),
            _ => None,
        })
    }
}
