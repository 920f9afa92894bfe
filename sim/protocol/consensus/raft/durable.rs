//! What a member must not forget: term, vote and log (Figure 2, persistent state). Knows no disk.

use super::{Entry, Index, Log, Term};
use crate::id::NodeId;
use crate::protocol::Fold;

/// What survives a crash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Durable {
    /// The latest term seen.
    pub term: Term,
    /// Who got this member's vote in that term.
    pub vote: Option<NodeId>,
    /// The log.
    pub log: Log,
}

crate::digestible! { struct Durable { term, vote, log } }

/// One atomic change. A checksum per write lets a torn one be dropped whole.
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

crate::digestible! { enum Write { 1 = Ballot { term, vote }, 2 = Append { after, entries } } }

impl Fold<Write> for Durable {
    fn fold(&mut self, write: &Write) {
        match write {
            Write::Ballot { term, vote } => (self.term, self.vote) = (*term, *vote),
            Write::Append { after, entries } => self.log.replace_after(*after, entries),
        }
    }
}
