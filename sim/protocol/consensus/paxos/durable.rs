//! What an acceptor must not forget: its promise and what it accepted. Knows no disk.

use super::{Ballot, Command, Decisions, Index};
use crate::protocol::Fold;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What survives a crash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Durable {
    /// The highest ballot promised or accepted in. Also what keeps an own ballot from being used twice: whoever stands
    /// promises it to itself first (Paxos Made Simple §3).
    pub promised: Ballot,
    /// What was accepted last at each index above the snapshot.
    pub accepted: BTreeMap<Index, Accepted>,
    /// What everything below came to.
    pub snapshot: Snapshot,
}

crate::digestible! { struct Durable { promised, accepted, snapshot } }

/// An acceptor's vote for an index: in which ballot, and for what (PMMC §2.1: a pvalue).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The ballot.
    pub ballot: Ballot,
    /// What was proposed in it.
    pub command: Command,
}

crate::digestible! { struct Accepted { ballot, command } }

/// What a chosen prefix of the log came to: enough to go on without it (PMMC §4.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The last index in it.
    pub upto: Index,
    /// What was decided up to there.
    pub decided: Decisions,
}

crate::digestible! { struct Snapshot { upto, decided } }

/// A command with its place in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// Where.
    pub index: Index,
    /// What.
    pub command: Command,
}

crate::digestible! { struct Placed { index, command } }

/// One atomic change. A checksum per write lets a torn one be dropped whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Write {
    /// Takes no part in lower ballots from now on.
    Promise {
        /// The ballot.
        ballot: Ballot,
    },
    /// Votes for these in a ballot, which promises it too: one write, for a vote without its promise could be followed
    /// by one in a lower ballot.
    Accept {
        /// The ballot.
        ballot: Ballot,
        /// What is voted for.
        entries: Vec<Placed>,
    },
    /// Replaces a chosen prefix by what it came to.
    Compact(Snapshot),
}

crate::digestible! { enum Write { 1 = Promise { ballot }, 2 = Accept { ballot, entries }, 3 = Compact(snapshot) } }

impl Fold<Write> for Durable {
    fn fold(&mut self, write: &Write) {
        match write {
            Write::Promise { ballot } => self.promised = self.promised.max(*ballot),
            Write::Accept { ballot, entries } => {
                self.promised = self.promised.max(*ballot);
                for Placed { index, command } in entries {
                    self.accepted.insert(*index, Accepted { ballot: *ballot, command: command.clone() });
                }
            }
            Write::Compact(snapshot) => {
                self.accepted.retain(|index, _| *index > snapshot.upto);
                self.snapshot = snapshot.clone();
            }
        }
    }
}
