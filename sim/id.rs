//! Names of participants. Knows nothing of what they do.

use crate::digest::{Digest, Digester};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// What kind of participant an identity names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A participant that talks to a model, or a node of a pure protocol.
    Agent,
    /// A caller of operations.
    Client,
    /// A language model, a node like any other.
    Model,
    /// A service that agents call as a tool, a node like any other.
    Tool,
}

impl Role {
    const ALL: [Role; 4] = [Role::Agent, Role::Client, Role::Model, Role::Tool];

    pub(crate) const fn letter(self) -> char {
        match self {
            Role::Agent => 'a',
            Role::Client => 'c',
            Role::Model => 'm',
            Role::Tool => 't',
        }
    }
}

/// An identity: the name a node keeps over crashes and restarts. Printed as `a1`, `c2`, `m1`, `t1`.
///
/// ```
/// use synod::id::NodeId;
/// assert_eq!(NodeId::agent(0).to_string(), "a1");
/// assert_eq!("m2".parse(), Ok(NodeId::model(1)));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

const ROLE_SHIFT: u32 = 16;

impl NodeId {
    /// The agent with this zero-based index.
    #[must_use]
    pub const fn agent(index: u16) -> NodeId {
        NodeId(index as u32)
    }

    /// The client with this zero-based index.
    #[must_use]
    pub const fn client(index: u16) -> NodeId {
        NodeId((1 << ROLE_SHIFT) | index as u32)
    }

    /// The model with this zero-based index.
    #[must_use]
    pub const fn model(index: u16) -> NodeId {
        NodeId((2 << ROLE_SHIFT) | index as u32)
    }

    /// The tool with this zero-based index.
    #[must_use]
    pub const fn tool(index: u16) -> NodeId {
        NodeId((3 << ROLE_SHIFT) | index as u32)
    }

    /// What kind of participant this is.
    #[must_use]
    pub const fn role(self) -> Role {
        match self.0 >> ROLE_SHIFT {
            0 => Role::Agent,
            1 => Role::Client,
            2 => Role::Model,
            _ => Role::Tool,
        }
    }

    /// The zero-based index among participants of its role.
    #[must_use]
    pub const fn index(self) -> usize {
        (self.0 & 0xffff) as usize
    }

    /// The whole identity as one word, for digests and maps.
    #[must_use]
    pub const fn word(self) -> u64 {
        self.0 as u64
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.role().letter(), self.index() + 1)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A name that is no identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' names no participant: write a1, a2 … for agents, c1 … for clients, m1 … for models, t1 … for tools")]
pub struct UnknownNode(pub String);

impl FromStr for NodeId {
    type Err = UnknownNode;

    fn from_str(text: &str) -> Result<NodeId, UnknownNode> {
        let unknown = || UnknownNode(text.to_owned());
        let letter = text.chars().next().ok_or_else(unknown)?;
        let role = Role::ALL.into_iter().find(|role| role.letter() == letter).ok_or_else(unknown)?;
        let number: u16 = text[1..].parse().map_err(|_| unknown())?;
        let index = number.checked_sub(1).ok_or_else(unknown)?;
        Ok(match role {
            Role::Agent => NodeId::agent(index),
            Role::Client => NodeId::client(index),
            Role::Model => NodeId::model(index),
            Role::Tool => NodeId::tool(index),
        })
    }
}

impl Serialize for NodeId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for NodeId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<NodeId, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Digest for NodeId {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.word());
    }
}

/// One live copy of an identity. A restart makes a new process; two may be alive at once (Twins, zombies).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProcessId(pub u32);

impl Digest for ProcessId {
    fn digest(&self, digester: &mut Digester) {
        digester.word(u64::from(self.0));
    }
}

/// An operation that a client calls. Unique within a run and never reused, not even by a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OpId(pub u64);

impl Digest for OpId {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.0);
    }
}

/// The members of a team, in identity order. Shared by whoever has a copy: teams are handed to every process.
///
/// ```
/// use synod::id::Members;
/// let team = Members::of(5);
/// assert_eq!(team.majority(), 3);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members(Arc<[NodeId]>);

impl Members {
    /// The agents `a1` to `a<size>`.
    #[must_use]
    pub fn of(size: u16) -> Members {
        Members((0..size).map(NodeId::agent).collect())
    }

    /// So many agents from this zero-based index on.
    ///
    /// ```
    /// use synod::id::{Members, NodeId};
    /// assert!(Members::following(3, 2).iter().eq([NodeId::agent(3), NodeId::agent(4)]));
    /// ```
    #[must_use]
    pub fn following(first: u16, size: u16) -> Members {
        Members((first..first + size).map(NodeId::agent).collect())
    }

    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no member at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The least number of members such that any two groups of that size share one.
    #[must_use]
    pub fn majority(&self) -> usize {
        self.0.len() / 2 + 1
    }

    /// Every member, in identity order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = NodeId> + '_ {
        self.0.iter().copied()
    }

    /// Every member, in identity order.
    #[cfg(feature = "simulator")]
    pub(crate) fn as_slice(&self) -> &[NodeId] {
        &self.0
    }

    /// Every member but `me`, in identity order.
    pub fn others(&self, me: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.iter().filter(move |member| *member != me)
    }

    /// These members and one more.
    #[must_use]
    pub fn with(&self, node: NodeId) -> Members {
        let mut members: Vec<NodeId> = self.others(node).chain([node]).collect();
        members.sort_unstable();
        Members(members.into())
    }

    /// These members but one.
    #[must_use]
    pub fn without(&self, node: NodeId) -> Members {
        Members(self.others(node).collect())
    }

    /// Whether `node` is a member.
    #[must_use]
    pub fn contains(&self, node: NodeId) -> bool {
        self.0.contains(&node)
    }
}

impl Digest for Members {
    fn digest(&self, digester: &mut Digester) {
        self.0.digest(digester);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for node in [NodeId::agent(0), NodeId::client(11), NodeId::model(3), NodeId::tool(2)] {
            assert_eq!(node.to_string().parse(), Ok(node));
        }
    }

    #[test]
    fn refuses_what_names_nobody() {
        for text in ["", "a0", "x1", "a", "a-1", "7"] {
            assert!(text.parse::<NodeId>().is_err(), "{text:?} was accepted");
        }
    }
}
