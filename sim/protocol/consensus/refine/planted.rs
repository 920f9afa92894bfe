//! Bugs put in on purpose. Without the feature `planted` every question here is answered by a constant.

use super::engine::Overturn;
use super::{Config, Place};

#[cfg(feature = "planted")]
use crate::protocol::consensus::vote;

/// One small mistake each.
#[cfg(feature = "planted")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// The count of stable rounds goes on when the candidate changes.
    StabilityNotReset,
    /// A new leader goes on counting where its last term stopped.
    CountsAcrossTerms,
    /// An answer of a round that is closed, of an agent cancelled in it, counts in the running one.
    CountsCancelled,
    /// The leader's own answer counts twice.
    CountsItselfTwice,
    /// An answer is kept in memory only: a restarted member answers the same round a second time.
    AnswerNotPersisted,
    /// What members refused stays a candidate, and is put again (rule 8).
    KeepsRefused,
    /// A mistake in the vote.
    Vote(vote::Planted),
}

#[cfg(feature = "planted")]
crate::digestible! { enum Planted {
    1 = StabilityNotReset, 2 = CountsAcrossTerms, 3 = CountsCancelled, 4 = CountsItselfTwice, 5 = AnswerNotPersisted,
    6 = Vote(bug), 7 = KeepsRefused,
} }

impl Config {
    pub(super) fn overturn(&self) -> Overturn {
        if unless_planted!(self, StabilityNotReset) { Overturn::Resets } else { Overturn::Ignored }
    }

    pub(super) fn drops_what_was_refused(&self) -> bool {
        unless_planted!(self, KeepsRefused)
    }

    pub(super) fn counts_one_term_only(&self) -> bool {
        unless_planted!(self, CountsAcrossTerms)
    }

    /// Whether an answer of one round counts in another.
    pub(super) fn counts(&self, of: Place, running: Place) -> bool {
        of == running || (!unless_planted!(self, CountsCancelled) && of.term == running.term)
    }

    pub(super) fn counts_itself_once(&self) -> bool {
        unless_planted!(self, CountsItselfTwice)
    }

    pub(super) fn keeps_answers(&self) -> bool {
        unless_planted!(self, AnswerNotPersisted)
    }

    /// The vote's rules, with its own bug in them if one is planted.
    pub(super) fn vote_rules(&self) -> crate::protocol::consensus::vote::Rules {
        #[cfg(feature = "planted")]
        if let Some(Planted::Vote(bug)) = self.planted {
            return vote::Rules { planted: Some(bug), ..self.vote };
        }
        self.vote
    }
}
