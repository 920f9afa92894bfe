//! What a member must not forget: term, vote, snapshot and log (Figure 2, persistent state; §7). Knows no disk.

use super::{Decisions, Entry, Index, Log, Position, Term};
use crate::id::{Members, NodeId};
use crate::protocol::Fold;
use serde::{Deserialize, Serialize};

/// What survives a crash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Durable {
    /// The latest term seen.
    pub term: Term,
    /// Who got this member's vote in that term.
    pub vote: Option<NodeId>,
    /// What everything before the log came to.
    pub snapshot: Snapshot,
    /// The log that follows it.
    pub log: Log,
}

crate::digestible! { struct Durable { term, vote, snapshot, log } }

/// What a committed prefix of the log came to: enough to go on without it (§7; thesis §5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The last entry in it.
    pub last: Position,
    /// Who votes, if any entry up to there says so; else whoever voted at first.
    pub voters: Option<Members>,
    /// What was decided up to there.
    pub decisions: Decisions,
}

crate::digestible! { struct Snapshot { last, voters, decisions } }

/// What becomes of the log behind a new snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rest {
    /// What follows the snapshot's last entry stays: that entry is in the log.
    Stays,
    /// Nothing stays: the log is shorter than the snapshot, or goes on from something else.
    Goes,
}

crate::digestible! { enum Rest { 1 = Stays, 2 = Goes } }

/// One atomic change. A checksum per write lets a torn one be dropped whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Write {
    /// A term and the vote in it. One write, never two: a crash between them could leave a vote in the wrong term.
    Ballot {
        /// The term.
        term: Term,
        /// The vote in it.
        vote: Option<NodeId>,
    },
    /// Entries put after an index; whatever followed it is removed by the same write.
    Append {
        /// The last index that stays.
        after: Index,
        /// What follows it from now on.
        entries: Vec<Entry>,
    },
    /// A snapshot in place of what it came from. One write: a crash between snapshot and log could leave a hole.
    Compact {
        /// The snapshot.
        snapshot: Snapshot,
        /// What becomes of the log behind it.
        rest: Rest,
    },
}

crate::digestible! { enum Write {
    1 = Ballot { term, vote }, 2 = Append { after, entries }, 3 = Compact { snapshot, rest },
} }

impl Fold<Write> for Durable {
    fn fold(&mut self, write: &Write) {
        match write {
            Write::Ballot { term, vote } => (self.term, self.vote) = (*term, *vote),
            Write::Append { after, entries } => self.log.replace_after(*after, entries),
            Write::Compact { snapshot, rest } => {
                match rest {
                    Rest::Stays => self.log.forget_up_to(snapshot.last),
                    Rest::Goes => self.log.begin_after(snapshot.last),
                }
                self.snapshot = snapshot.clone();
            }
        }
    }
}
