//! What members say to each other in a vote, and what its timers are called. Knows no state.

use super::{Cast, Motion};
use crate::digest::{Digest, Digester};
use crate::fact::Slot;
use crate::protocol::consensus::paxos::Ballot;
use crate::protocol::corruption;
use crate::protocol::team::Reason;
use serde::{Deserialize, Serialize};

/// A message about the votes on one slot. `B` is what members bring to a vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter<B> {
    /// The slot.
    pub slot: Slot,
    /// What is said.
    pub content: Content<B>,
}

impl<B: Digest> Digest for Letter<B> {
    fn digest(&self, digester: &mut Digester) {
        self.slot.digest(digester);
        self.content.digest(digester);
    }
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content<B> {
    /// A chair calls the members to a vote.
    Call {
        /// Its ballot.
        ballot: Ballot,
    },
    /// A member comes, and will take part in no lower ballot.
    Here {
        /// The ballot of the call.
        ballot: Ballot,
        /// Its last vote.
        cast: Option<Cast>,
        /// What it brings.
        brings: B,
    },
    /// The chair puts a motion.
    Put {
        /// Its ballot.
        ballot: Ballot,
        /// The motion.
        motion: Motion,
        /// Where it comes from.
        origin: Origin,
    },
    /// A vote for the motion of a ballot.
    Yes {
        /// The ballot.
        ballot: Ballot,
    },
    /// The motion of a ballot did not pass the voter's check.
    Against {
        /// The ballot.
        ballot: Ballot,
        /// Why.
        reason: Reason,
    },
    /// A higher ballot was promised.
    Preempted {
        /// That ballot.
        promised: Ballot,
    },
    /// What the team voted.
    Outcome {
        /// It.
        motion: Motion,
    },
    /// The sender knows the outcome, durably.
    Known,
}

/// Where a motion comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// From what members brought: it is checked before it is voted for.
    Fresh,
    /// From an earlier ballot's votes: it may have been decided, so it is voted for as it is.
    Adopted,
}

crate::digestible! { enum Origin { 1 = Fresh, 2 = Adopted } }

impl<B: Digest> Digest for Content<B> {
    fn digest(&self, digester: &mut Digester) {
        let mut number = |number: u64| digester.word(number);
        match self {
            Content::Call { ballot } => {
                number(1);
                ballot.digest(digester);
            }
            Content::Here { ballot, cast, brings } => {
                number(2);
                ballot.digest(digester);
                cast.digest(digester);
                brings.digest(digester);
            }
            Content::Put { ballot, motion, origin } => {
                number(3);
                ballot.digest(digester);
                motion.digest(digester);
                origin.digest(digester);
            }
            Content::Yes { ballot } => {
                number(4);
                ballot.digest(digester);
            }
            Content::Against { ballot, reason } => {
                number(5);
                ballot.digest(digester);
                reason.digest(digester);
            }
            Content::Preempted { promised } => {
                number(6);
                promised.digest(digester);
            }
            Content::Outcome { motion } => {
                number(7);
                motion.digest(digester);
            }
            Content::Known => number(8),
        }
    }
}

impl<B: Clone> Letter<B> {
    /// The letter with its slot, its ballot or its motion altered by one bit.
    #[must_use]
    pub(in crate::protocol::consensus) fn corrupted(&self, draw: u64) -> Letter<B> {
        let mut letter = self.clone();
        match (&mut letter.content, draw % 2) {
            (
                Content::Put { motion: Motion::Adopt(value), .. } | Content::Outcome { motion: Motion::Adopt(value) },
                0,
            ) => {
                *value = corruption::value(value, draw / 2);
            }
            (
                Content::Call { ballot }
                | Content::Here { ballot, .. }
                | Content::Put { ballot, .. }
                | Content::Yes { ballot }
                | Content::Against { ballot, .. }
                | Content::Preempted { promised: ballot },
                1,
            ) => corruption::word(&mut ballot.0, draw / 2),
            _ => corruption::word(&mut letter.slot.0, draw / 2),
        }
        letter
    }
}

/// What a vote's timers are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// What was not answered about this slot is said again.
    Resend(Slot),
}

crate::digestible! { enum Timer { 1 = Resend(slot) } }
