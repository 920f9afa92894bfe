//! What a letter depends on: how many letters each member had sent to each other one, as far as its sender knew. Knows
//! no letter's content.
//!
//! Raynal, Schiper, Toueg, *The causal ordering abstraction and a simple way to implement it* (Information Processing
//! Letters 39(6), 1991), give each letter the matrix SENT of its past; a member delivers it once it has delivered, of
//! every member `k`, SENT\[k, me\] letters. A broadcast adds one to a whole row, so rows are kept as a count of
//! broadcasts, which alone is the vector of Birman, Schiper, Stephenson (*Lightweight causal and atomic group
//! multicast*, ACM TOCS 9(3), 1991), and, for pairs that have met, a count of letters to one. Teams that only broadcast
//! thus pay for a vector, and unicast and broadcast are ordered together.

use crate::id::NodeId;
use crate::protocol::channel::Audience;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many letters were sent, by sender, as far as somebody knows. What is not listed is 0.
///
/// ```
/// use synod::id::NodeId;
/// use synod::protocol::channel::{Audience, line::Past};
/// let [a1, a2, a3] = [0, 1, 2].map(NodeId::agent);
/// let mut past = Past::default();
/// past.sent(a1, Audience::All);
/// past.sent(a1, Audience::One(a2));
/// assert_eq!((past.of(a1, a2), past.of(a1, a3), past.of(a2, a1)), (2, 1, 0));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    broadcasts: BTreeMap<NodeId, u64>,
    /// By sender, then by receiver.
    unicasts: BTreeMap<NodeId, BTreeMap<NodeId, u64>>,
}

crate::digestible! { struct Past { broadcasts, unicasts } }

impl Past {
    /// SENT\[from, to\]: how many letters `from` had sent that are for `to`.
    #[must_use]
    pub fn of(&self, from: NodeId, to: NodeId) -> u64 {
        let alone = self.unicasts.get(&from).and_then(|row| row.get(&to)).copied().unwrap_or_default();
        self.broadcasts.get(&from).copied().unwrap_or_default() + alone
    }

    /// Everyone who had sent anything.
    pub fn senders(&self) -> impl Iterator<Item = NodeId> + '_ {
        let alone = self.unicasts.keys().filter(|from| !self.broadcasts.contains_key(from));
        self.broadcasts.keys().chain(alone).copied()
    }

    /// One letter more.
    pub fn sent(&mut self, from: NodeId, to: Audience) {
        match to {
            Audience::All => *self.broadcasts.entry(from).or_default() += 1,
            Audience::One(one) => *self.unicasts.entry(from).or_default().entry(one).or_default() += 1,
        }
    }

    /// Everything that the other one knows of, too.
    pub fn join(&mut self, other: &Past) {
        for (from, count) in &other.broadcasts {
            let known = self.broadcasts.entry(*from).or_default();
            *known = (*known).max(*count);
        }
        for (from, row) in &other.unicasts {
            let known = self.unicasts.entry(*from).or_default();
            for (to, count) in row {
                let known = known.entry(*to).or_default();
                *known = (*known).max(*count);
            }
        }
    }

    /// Without a sender: what a planted bug forgets.
    #[cfg(feature = "planted")]
    pub(super) fn forget(&mut self, from: NodeId) {
        self.broadcasts.remove(&from);
        self.unicasts.remove(&from);
    }

    /// How many words it takes on the link: two a broadcaster, three a pair.
    #[must_use]
    pub fn words(&self) -> usize {
        2 * self.broadcasts.len() + 3 * self.unicasts.values().map(BTreeMap::len).sum::<usize>()
    }
}
