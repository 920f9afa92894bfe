//! Votes, how they travel and what is kept of them. Knows no count.

use crate::fact::{Slot, Value};
use crate::id::NodeId;
use crate::protocol::{Fold, corruption};
use std::collections::BTreeMap;

/// One member's vote on a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ballot {
    /// For this answer.
    For(Value),
    /// For none.
    Abstention,
}

crate::digestible! { enum Ballot { 1 = For(value), 2 = Abstention } }

/// The own votes: what a member must not forget.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Durable {
    /// One vote a slot.
    pub votes: BTreeMap<Slot, Ballot>,
}

/// A vote becomes durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The slot.
    pub slot: Slot,
    /// The vote.
    pub ballot: Ballot,
}

crate::digestible! { struct Durable { votes } }
crate::digestible! { struct Write { slot, ballot } }

impl Fold<Write> for Durable {
    fn fold(&mut self, write: &Write) {
        self.votes.insert(write.slot, write.ballot.clone());
    }
}

/// What members send each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Vote, and tell me all votes you know.
    Call {
        /// The slot.
        slot: Slot,
    },
    /// Votes by voter.
    Votes {
        /// The slot.
        slot: Slot,
        /// All the sender knows.
        ballots: BTreeMap<NodeId, Ballot>,
    },
}

crate::digestible! { enum Message { 1 = Call { slot }, 2 = Votes { slot, ballots } } }

impl Message {
    /// The message with a slot or a vote altered by one bit.
    #[must_use]
    pub(super) fn corrupted(&self, draw: u64) -> Message {
        let mut message = self.clone();
        let voted = match &mut message {
            Message::Votes { ballots, .. } => ballots.values_mut().find_map(|ballot| match ballot {
                Ballot::For(value) => Some(value),
                Ballot::Abstention => None,
            }),
            Message::Call { .. } => None,
        };
        match (voted, draw % 2) {
            (Some(value), 0) => *value = corruption::value(value, draw / 2),
            _ => match &mut message {
                Message::Call { slot } | Message::Votes { slot, .. } => corruption::word(&mut slot.0, draw / 2),
            },
        }
        message
    }
}

/// What timers are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The own model has had its time.
    Patience(Slot),
    /// The tally must be made now, whoever has voted.
    Deadline(Slot),
    /// Votes are missing.
    Resend(Slot),
}

crate::digestible! { enum Timer { 1 = Patience(slot), 2 = Deadline(slot), 3 = Resend(slot) } }
