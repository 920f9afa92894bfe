//! Single faults and schedules of them.

use super::Kind;
use crate::id::NodeId;
use crate::seed::Ratio;
use crate::time::{Duration, Time};
use serde::Serialize;
use std::fmt;

/// Where a fault strikes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Site {
    /// One directed link.
    Link {
        /// The sender.
        from: NodeId,
        /// The receiver.
        to: NodeId,
    },
    /// One node: its process, its disk, or (for a model) its answers to everyone.
    Node(NodeId),
    /// These members against all other members.
    Side(Vec<NodeId>),
    /// Whichever node the moment is about.
    Whoever,
}

/// When a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// From this instant on, for the fault's span.
    At(Time),
    /// At the n-th message, write or call at its site, from 0. Kinds that strike single messages strike that one alone;
    /// all others last for their span from there on.
    Nth(u64),
    /// At the n-th telling moment of this kind in the run, from 0, wherever it happens.
    On(Moment, u64),
    /// At each telling moment of this kind, as likely as the fault's rate says.
    Each(Moment),
}

/// An instant that tells: where protocols break if they break at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// A member voted.
    Voted,
    /// A member won an election.
    Won,
    /// A member appended to its log.
    Appended,
    /// A member learnt of a commit.
    Committed,
    /// A member has a write under way.
    PersistPending,
}

impl Moment {
    /// Every moment.
    pub const ALL: [Moment; 5] =
        [Moment::Voted, Moment::Won, Moment::Appended, Moment::Committed, Moment::PersistPending];
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Moment::Voted => "it voted",
            Moment::Won => "it won an election",
            Moment::Appended => "it appended",
            Moment::Committed => "it committed",
            Moment::PersistPending => "it has a write under way",
        })
    }
}

/// One planned fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What.
    pub kind: Kind,
    /// Where.
    pub site: Site,
    /// When it begins.
    pub when: When,
    /// How long it lasts. For a crash or a pause: how long the process is down.
    pub span: Duration,
    /// How likely each message or call within the span is struck, for kinds that strike single ones.
    pub rate: Ratio,
    /// How hard, in the kind's own unit: nanoseconds of delay or skew, places of displacement, nanoseconds a word,
    /// parts per million of drift. Kinds without a size ignore it.
    pub strength: u64,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.kind)?;
        match &self.site {
            Site::Link { from, to } => write!(f, "on {from}->{to}")?,
            Site::Node(node) => write!(f, "at {node}")?,
            Site::Side(side) => {
                write!(f, "around")?;
                side.iter().try_for_each(|node| write!(f, " {node}"))?;
            }
            Site::Whoever => write!(f, "at whoever")?,
        }
        match self.when {
            When::At(at) => write!(f, " from {at} for {}", self.span),
            When::Nth(n) => write!(f, " at its number {n}, for {}", self.span),
            When::On(moment, n) => write!(f, " at moment {n} of kind {moment}, for {}", self.span),
            When::Each(moment) => write!(f, " whenever {moment}, {}, for {}", self.rate, self.span),
        }
    }
}

/// What the nemesis will do in one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Schedule {
    /// The faults, each with its number as its name.
    pub faults: Vec<Fault>,
}
