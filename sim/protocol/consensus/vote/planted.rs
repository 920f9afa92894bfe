//! Bugs put in on purpose. Without the feature `planted` every question here is answered by a constant.

use super::{Rules, Write};

/// One small mistake each, in how votes are kept and counted.
#[cfg(feature = "planted")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// A vote is kept in memory only: a restarted member comes to the next call as if it had not voted.
    VoteNotPersisted,
    /// A promise is kept in memory only: a restarted member votes in a ballot it had forsworn.
    PromiseNotPersisted,
    /// A vote that arrives twice counts twice.
    CountsVoterTwice,
    /// The majority is one of those who came, not of the members.
    QuorumOfPresent,
    /// Half of the members are a quorum.
    QuorumTooSmall,
    /// A new chair puts what it likes, whatever the members voted before.
    IgnoresEarlierVotes,
    /// A member writes down in its own words what it votes for.
    AdoptsParaphrase,
}

#[cfg(feature = "planted")]
crate::digestible! { enum Planted {
    1 = VoteNotPersisted, 2 = PromiseNotPersisted, 3 = CountsVoterTwice, 4 = QuorumOfPresent, 5 = QuorumTooSmall,
    6 = IgnoresEarlierVotes, 7 = AdoptsParaphrase,
} }

impl Rules {
    /// What of a write reaches the disk.
    pub(super) fn surviving(&self, write: Write) -> Option<Write> {
        match write {
            Write::Promise { .. } if !unless_planted!(self, PromiseNotPersisted) => None,
            Write::Cast { slot, cast } if !unless_planted!(self, VoteNotPersisted) => {
                Some(Write::Promise { slot, ballot: cast.ballot })
            }
            sound => Some(sound),
        }
    }

    /// How many votes carry a motion.
    pub(super) fn quorum(&self, members: usize, present: usize) -> usize {
        if !unless_planted!(self, QuorumOfPresent) {
            return present / 2 + 1;
        }
        if unless_planted!(self, QuorumTooSmall) { members / 2 + 1 } else { (members / 2).max(1) }
    }

    pub(super) fn counts_voters_once(&self) -> bool {
        unless_planted!(self, CountsVoterTwice)
    }

    pub(super) fn adopts_what_may_be_decided(&self) -> bool {
        unless_planted!(self, IgnoresEarlierVotes)
    }

    pub(super) fn votes_verbatim(&self) -> bool {
        unless_planted!(self, AdoptsParaphrase)
    }
}
