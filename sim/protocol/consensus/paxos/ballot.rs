//! Ballots: numbers that order attempts to lead, each owned by one member. Knows no state.

use crate::digest::{Digest, Digester};
use crate::id::{Members, NodeId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A ballot number (Paxos Made Simple §2.2: a proposal number).
///
/// "Different proposers choose their numbers from disjoint sets" (§3): the member in place `p` of a team of `n` owns
/// the numbers that leave `p` when divided by `n`, and the quotient is the round. So one word is both the round and the
/// leader that the pair of *Paxos Made Moderately Complex* (§2.2) names, in the same order.
///
/// ```
/// use synod::id::{Members, NodeId};
/// use synod::protocol::consensus::paxos::Ballot;
/// let team = Members::of(3);
/// let first = Ballot::NONE.above(NodeId::agent(2), &team);
/// assert_eq!(first.to_string(), "5");
/// assert_eq!(first.leader(&team), Some(NodeId::agent(2)));
/// assert!(first.above(NodeId::agent(0), &team) > first);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ballot(pub u64);

impl Ballot {
    /// Before every ballot: nobody leads, and everyone has promised it.
    pub const NONE: Ballot = Ballot(0);

    /// The least ballot of this member that is greater than this one.
    ///
    /// # Panics
    /// If `node` is no member.
    #[must_use]
    pub fn above(self, node: NodeId, members: &Members) -> Ballot {
        Ballot(self.0.saturating_add(1)).at_least(node, members)
    }

    /// The least ballot of this member that is no less than this one.
    pub(super) fn at_least(self, node: NodeId, members: &Members) -> Ballot {
        let size = members.len() as u64;
        let place = members.iter().position(|member| member == node).expect("only members have ballots") as u64;
        // Round 0 holds no ballot, so that `NONE` is below all of them.
        let least = self.0.max(size);
        Ballot(least + (place + size - least % size) % size)
    }

    /// Whose ballot this is; nobody's before the first round.
    #[must_use]
    pub fn leader(self, members: &Members) -> Option<NodeId> {
        let size = members.len() as u64;
        let place = usize::try_from(self.0 % size).expect("a place in the team");
        if self.0 < size { None } else { members.iter().nth(place) }
    }
}

impl fmt::Display for Ballot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Digest for Ballot {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_members_share_a_ballot_and_each_next_one_is_greater() {
        let team = Members::of(5);
        let mut taken = std::collections::BTreeSet::new();
        for node in team.iter() {
            let mut ballot = Ballot::NONE;
            for _ in 0..20 {
                let next = ballot.above(node, &team);
                assert!(next > ballot && taken.insert(next), "{next:?}");
                assert_eq!(next.leader(&team), Some(node));
                ballot = next;
            }
        }
        assert_eq!(Ballot::NONE.leader(&team), None);
    }
}
