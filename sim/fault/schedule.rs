//! Where and when faults strike, and schedules of them.

use super::{Fault, Kind, Persistence};
use crate::id::NodeId;
use crate::seed::Ratio;
use crate::time::{Duration, Time};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a fault strikes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The calls of this agent, whichever model serves it. A model fault on the link from an agent to a model strikes
    /// the calls of the one to the other.
    Caller(NodeId),
    /// These models at once, as an incident at the provider they share does.
    Models(Vec<NodeId>),
}

crate::digestible! { enum Site {
    1 = Link { from, to }, 2 = Node(node), 3 = Side(side), 4 = Whoever, 5 = Caller(caller), 6 = Models(models),
} }

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = |f: &mut fmt::Formatter<'_>, nodes: &[NodeId]| nodes.iter().try_for_each(|node| write!(f, " {node}"));
        match self {
            Site::Link { from, to } => write!(f, "on {from}->{to}"),
            Site::Node(node) => write!(f, "at {node}"),
            Site::Side(side) => f.write_str("around").and_then(|()| all(f, side)),
            Site::Whoever => f.write_str("at whoever"),
            Site::Caller(caller) => write!(f, "on the calls of {caller}"),
            Site::Models(models) => f.write_str("at once at").and_then(|()| all(f, models)),
        }
    }
}

/// When a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// From this instant on, for the fault's span.
    At(Time),
    /// At the n-th message, write or call at its site, from 0: the n-th call that reaches a model, or the n-th that an
    /// agent makes. Kinds that strike single messages strike that one alone; all others last for their span from there
    /// on.
    Nth(u64),
    /// At the n-th telling moment of this kind in the run, from 0, wherever it happens.
    On(Moment, u64),
    /// At each telling moment of this kind, as likely as the fault's rate says.
    Each(Moment),
}

crate::digestible! { enum When { 1 = At(at), 2 = Nth(nth), 3 = On(moment, nth), 4 = Each(moment) } }

/// An instant that tells: where protocols break if they break at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
    /// A member's log says that others vote than before.
    Reconfigured,
    /// A member went on from a snapshot.
    Restored,
    /// A member's model replied.
    ModelReplied,
}

/// In which third of a run a fault begins. Early faults do most damage in pipelines, late ones to what is nearly
/// agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// In the first third.
    Early,
    /// In the second.
    Mid,
    /// In the last.
    Late,
}

crate::digestible! { enum Moment {
    1 = Voted, 2 = Won, 3 = Appended, 4 = Committed, 5 = PersistPending, 6 = Reconfigured, 7 = Restored,
    8 = ModelReplied,
} }

impl Position {
    /// Every position, in order.
    pub const ALL: [Position; 3] = [Position::Early, Position::Mid, Position::Late];

    /// Where this third of a run of that length begins.
    #[must_use]
    pub const fn begin(self, run: Duration) -> Time {
        Time(run.0 / 3 * self as u64)
    }
}

impl Moment {
    /// Every moment.
    pub const ALL: [Moment; 8] = [
        Moment::Voted,
        Moment::Won,
        Moment::Appended,
        Moment::Committed,
        Moment::PersistPending,
        Moment::Reconfigured,
        Moment::Restored,
        Moment::ModelReplied,
    ];

    /// Those at which habits strike in every team. The others are for teams whose members change or that keep snapshots
    /// ([`Nemesis::striking_at`](super::Nemesis::striking_at)), and for [`Tactic::Trigger`](super::Tactic::Trigger).
    pub const USUAL: [Moment; 5] =
        [Moment::Voted, Moment::Won, Moment::Appended, Moment::Committed, Moment::PersistPending];

    /// Those that async agents come to, who vote and elect in no form that anybody else knows.
    pub const OF_AGENTS: [Moment; 2] = [Moment::PersistPending, Moment::ModelReplied];
}

impl Moment {
    /// What it is called in the names of streams.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Moment::Voted => "Voted",
            Moment::Won => "Won",
            Moment::Appended => "Appended",
            Moment::Committed => "Committed",
            Moment::PersistPending => "PersistPending",
            Moment::Reconfigured => "Reconfigured",
            Moment::Restored => "Restored",
            Moment::ModelReplied => "ModelReplied",
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Moment::Voted => "it voted",
            Moment::Won => "it won an election",
            Moment::Appended => "it appended",
            Moment::Committed => "it committed",
            Moment::PersistPending => "it has a write under way",
            Moment::Reconfigured => "others vote by its log than before",
            Moment::Restored => "it went on from a snapshot",
            Moment::ModelReplied => "its model replied",
        })
    }
}

/// What the nemesis will do in one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The faults, each with its number as its name.
    pub faults: Vec<Fault>,
}

impl Schedule {
    /// Whether each fault means what it says.
    ///
    /// ```
    /// use synod::fault::{Fault, Kind, Schedule};
    /// use synod::id::NodeId;
    /// let limit = Fault::at(Kind::RateLimit, NodeId::model(0));
    /// assert!(Schedule { faults: vec![limit.clone()] }.validate().is_ok());
    /// assert!(Schedule { faults: vec![limit.once()] }.validate().is_err());
    /// ```
    ///
    /// # Errors
    /// Which one does not: a limit is a state of what it limits, so there is no single call, and no share of calls,
    /// that it could strike.
    pub fn validate(&self) -> Result<(), String> {
        let lasts = |fault: &&Fault| matches!(fault.kind, Kind::RateLimit | Kind::QuotaExhausted);
        let in_part = |fault: &&Fault| {
            let rated = fault.rate != Ratio::ALWAYS && !matches!(fault.when, When::Each(_));
            fault.persistence != Persistence::Persistent || rated
        };
        match self.faults.iter().filter(lasts).find(in_part) {
            Some(fault) => Err(format!(
                "'{fault}' limits what is asked for as long as it lasts: say how hard with .strength(…) and how long \
                 with .lasting(…), and leave out .rate(…), .once(), .burst(…) and .intermittent(…)"
            )),
            None => Ok(()),
        }
    }
}
