//! Letters: what members tell each other over a channel. Knows no order and no link.

use crate::fact::Value;
use crate::id::{Members, NodeId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Names a letter: the sender's n-th, counted from 1 over all its lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LetterId {
    /// Who wrote it.
    pub from: NodeId,
    /// Which of its letters.
    pub number: u64,
}

crate::digestible! { struct LetterId { from, number } }

impl fmt::Display for LetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "letter {} of {}", self.number, self.from)
    }
}

/// For whom a letter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Audience {
    /// For every member, its writer too: who broadcasts finds its own letter in its place among the others.
    All,
    /// For one member.
    One(NodeId),
}

crate::digestible! { enum Audience { 1 = All, 2 = One(node) } }

impl Audience {
    /// Whether this member is meant.
    ///
    /// ```
    /// use synod::id::NodeId;
    /// use synod::protocol::channel::Audience;
    /// let (a1, a2) = (NodeId::agent(0), NodeId::agent(1));
    /// assert!(Audience::All.includes(a1) && Audience::One(a1).includes(a1) && !Audience::One(a1).includes(a2));
    /// ```
    #[must_use]
    pub fn includes(self, node: NodeId) -> bool {
        match self {
            Audience::All => true,
            Audience::One(one) => one == node,
        }
    }

    /// Every member of a team that is meant.
    #[must_use]
    pub fn among(self, members: &Members) -> Vec<NodeId> {
        members.iter().filter(|member| self.includes(*member)).collect()
    }
}

/// A letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Its name.
    pub id: LetterId,
    /// For whom it is.
    pub to: Audience,
    /// What it says, byte for byte.
    pub body: Value,
}

crate::digestible! { struct Letter { id, to, body } }

/// What a channel's holder wants of it: that a letter is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// For whom.
    pub to: Audience,
    /// What it says.
    pub body: Value,
}

crate::digestible! { struct Post { to, body } }

/// What becomes of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    /// The letter is durable and will be delivered to each member of its audience that stays up long enough.
    Accepted(LetterId),
    /// Nothing was sent and nothing will be.
    Refused(Refusal),
}

crate::digestible! { enum Posted { 1 = Accepted(id), 2 = Refused(refusal) } }

/// Why a letter was not taken. A bound is never met by dropping something: the holder is told, and nothing changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Too many letters for this member are under way: try again once some have arrived.
    #[error("{bound} letters for {behind} are under way and none of them has arrived: post again later")]
    Full {
        /// Who has not acknowledged them.
        behind: NodeId,
        /// How many may be under way.
        bound: u64,
    },
    /// It would never pass.
    #[error("a letter of {bytes} bytes is longer than the {bound} that a channel carries: post a reference to it")]
    TooLong {
        /// Its length.
        bytes: u64,
        /// The greatest length.
        bound: u64,
    },
    /// The team has no such member.
    #[error("{0} is no member of the team: post to a member, or to all")]
    Stranger(NodeId),
    /// The channel keeps one order of letters that everybody hears.
    #[error("a letter to {0} alone has no place in an order of letters that everybody hears: post it to all")]
    NotForAll(NodeId),
}

crate::digestible! { enum Refusal {
    1 = Full { behind, bound }, 2 = TooLong { bytes, bound }, 3 = Stranger(node), 4 = NotForAll(node),
} }

/// A letter that reaches its reader. The same delivery, position included, may be handed over again after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The place of the letter among all that this member gets, from 1, over all its lives.
    pub position: u64,
    /// The letter.
    pub letter: Letter,
}

crate::digestible! { struct Delivery { position, letter } }

/// The holder's answer to a delivery, its ticket being the position: this one and all before it are taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken;

crate::digestible! { struct Taken {} }

/// What a write makes durable that a holder wants to know of: see [`Channel::kept`](super::Channel::kept).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kept {
    /// A letter of one's own.
    Sent(Letter),
    /// A letter delivered here.
    Delivered(Delivery),
}

crate::digestible! { enum Kept { 1 = Sent(letter), 2 = Delivered(delivery) } }
