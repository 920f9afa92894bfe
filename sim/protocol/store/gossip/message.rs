//! What replicas tell each other, and their one timer.

use crate::protocol::store::{Update, Vector};

/// What a replica tells another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Updates that the other may lack, earlier ones of an origin first.
    Updates(Vec<Update>),
    /// What the sender has seen, durably.
    Summary {
        /// How many updates of each origin.
        seen: Vector,
    },
}

crate::digestible! { enum Message { 1 = Updates(updates), 2 = Summary { seen } } }

/// What a timer is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// It is time to tell the others what was seen.
    Gossip,
}

crate::digestible! { enum Timer { 1 = Gossip } }
