//! How many promises and how many votes are enough. Knows no member.

use super::ConfigError;
use crate::digest::{Digest, Digester};
use crate::id::Members;

/// Which sets of members are quorums.
///
/// Howard, Malkhi, Spiegelman, *Flexible Paxos: Quorum intersection revisited* (OPODIS 2016), section 4: safety needs
/// only that each quorum of promises meets each quorum of votes. Two quorums of votes need not meet.
///
/// ```
/// use synod::id::Members;
/// use synod::protocol::consensus::paxos::{Quorums, Sizes};
/// let team = Members::of(4);
/// assert_eq!(Quorums::Majorities.of(&team), Ok(Sizes { promises: 3, votes: 3 }));
/// // Half of an even team may choose, if a majority elects.
/// assert!(Quorums::Sized { promises: 3, votes: 2 }.of(&team).is_ok());
/// let refusal = Quorums::Sized { promises: 2, votes: 2 }.of(&team).unwrap_err();
/// assert_eq!(
///     refusal.to_string(),
///     "2 promises and 2 votes need not meet among 4 members: together they must be at least 5"
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quorums {
    /// A majority of the members for both.
    Majorities,
    /// Any members, so many of them.
    Sized {
        /// To lead (phase 1).
        promises: usize,
        /// To choose (phase 2).
        votes: usize,
    },
}

/// How many members each quorum takes in one team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// To lead (phase 1).
    pub promises: usize,
    /// To choose (phase 2).
    pub votes: usize,
}

impl Quorums {
    /// The quorums of a team.
    ///
    /// # Errors
    /// If two quorums could miss each other, or one is empty or larger than the team.
    pub fn of(self, members: &Members) -> Result<Sizes, ConfigError> {
        let size = members.len();
        let sizes = match self {
            Quorums::Majorities => Sizes { promises: members.majority(), votes: members.majority() },
            Quorums::Sized { promises, votes } => Sizes { promises, votes },
        };
        let Sizes { promises, votes } = sizes;
        for (name, quorum) in [("promises", promises), ("votes", votes)] {
            if quorum == 0 {
                return Err(ConfigError::Zero(name));
            }
            if quorum > size {
                return Err(ConfigError::LargeQuorum { name, quorum, size });
            }
        }
        if promises + votes <= size { Err(ConfigError::DisjointQuorums { promises, votes, size }) } else { Ok(sizes) }
    }
}

impl Digest for Sizes {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.promises as u64);
        digester.word(self.votes as u64);
    }
}

impl Digest for Quorums {
    fn digest(&self, digester: &mut Digester) {
        match self {
            Quorums::Majorities => digester.word(1),
            Quorums::Sized { promises, votes } => {
                digester.word(2);
                Sizes { promises: *promises, votes: *votes }.digest(digester);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_quorums_that_must_meet_are_taken() {
        for size in 1..8u16 {
            let team = Members::of(size);
            for promises in 1..=usize::from(size) {
                for votes in 1..=usize::from(size) {
                    // The promises of the first members and the votes of the last ones: the least they can share.
                    let meet = (usize::from(size) - votes) < promises;
                    assert_eq!(Quorums::Sized { promises, votes }.of(&team).is_ok(), meet, "{promises}+{votes}/{size}");
                }
            }
            assert!(Quorums::Majorities.of(&team).is_ok());
        }
    }

    #[test]
    fn a_quorum_has_members_and_no_more_than_there_are() {
        let team = Members::of(3);
        assert_eq!(Quorums::Sized { promises: 3, votes: 0 }.of(&team), Err(ConfigError::Zero("votes")));
        let large = Quorums::Sized { promises: 4, votes: 1 }.of(&team);
        assert_eq!(large, Err(ConfigError::LargeQuorum { name: "promises", quorum: 4, size: 3 }));
    }
}
