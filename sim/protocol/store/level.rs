//! The four levels of promise by name. Knows no replica's state.

use super::{Gossip, Replica, Strong, Weak};
use crate::id::{Members, NodeId};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How much a store promises.
///
/// ```
/// use synod::protocol::store::Level;
/// assert_eq!("causal".parse(), Ok(Level::Causal));
/// assert!(Level::Eventual < Level::Causal);
/// let unknown = "casual".parse::<Level>().unwrap_err();
/// assert_eq!(unknown.to_string(), "there is no store 'casual': weak, eventual, causal, strong");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing: notes are overwritten in place.
    Weak,
    /// In the end all replicas show the same.
    Eventual,
    /// A session finds everything that what it saw depends on.
    Causal,
    /// As if there were one copy.
    Strong,
}

/// A name that no level has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no store '{}': weak, eventual, causal, strong", .0.escape_debug())]
pub struct UnknownLevel(pub String);

/// What a call that changes something may do if it is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Nothing: the store would take it for another one.
    Never,
    /// Come again to the replica that it was sent to, which knows it by its number.
    SameReplica,
    /// Come again to any replica.
    Anywhere,
}

impl Level {
    /// Every level, the weakest first.
    pub const ALL: [Level; 4] = [Level::Weak, Level::Eventual, Level::Causal, Level::Strong];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Level::Weak => "weak",
            Level::Eventual => "eventual",
            Level::Causal => "causal",
            Level::Strong => "strong",
        }
    }

    /// What a call that changes something may do if it is not answered.
    #[must_use]
    pub const fn again(self) -> Again {
        match self {
            Level::Weak => Again::Never,
            Level::Eventual | Level::Causal => Again::SameReplica,
            Level::Strong => Again::Anywhere,
        }
    }

    /// A replica of a store of this level.
    ///
    /// # Panics
    /// If `me` is no member.
    #[must_use]
    pub fn replica(self, me: NodeId, members: &Members) -> Replica {
        match self {
            Level::Weak => Replica::Weak(Weak::factory(me, members)),
            Level::Eventual => Replica::Gossip(Gossip::eventual(me, members)),
            Level::Causal => Replica::Gossip(Gossip::causal(me, members)),
            Level::Strong => Replica::Strong(Strong::factory(me, members)),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(name: &str) -> Result<Level, UnknownLevel> {
        Level::ALL.into_iter().find(|level| level.name() == name).ok_or_else(|| UnknownLevel(name.to_owned()))
    }
}
