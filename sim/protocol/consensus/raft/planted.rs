//! Bugs put in on purpose. Without the feature `planted` every question here is answered by a constant.
//!
//! The rest of the protocol asks what it does, never which bug is planted, so that the correct reading stays the plain
//! one.

use super::{Adoption, Config, Write};

/// One small mistake each, all made by real implementations.
#[cfg(feature = "planted")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// The vote is kept in memory only: a restarted member may vote twice in a term (§5.2).
    VoteNotPersisted,
    /// Neither the term nor the vote in it is kept: a restarted member serves leaders of the past (§5.1).
    TermNotPersisted,
    /// A leader commits an earlier term's entry by counting replicas (§5.4.2, Figure 8).
    CommitsEarlierTerm,
    /// Votes go to candidates whatever their logs hold (§5.4.1).
    SkipsUpToDateCheck,
    /// A follower writes down in its own words what it must adopt verbatim.
    AdoptsParaphrase,
    /// A leader heeds no higher term and does not notice that nobody hears it (§5.1, §6.2 of the thesis).
    NeverStepsDown,
}

#[cfg(feature = "planted")]
impl Planted {
    /// Every planted bug.
    pub const ALL: [Planted; 6] = [
        Planted::VoteNotPersisted,
        Planted::TermNotPersisted,
        Planted::CommitsEarlierTerm,
        Planted::SkipsUpToDateCheck,
        Planted::AdoptsParaphrase,
        Planted::NeverStepsDown,
    ];
}

#[cfg(feature = "planted")]
crate::digestible! { enum Planted {
    1 = VoteNotPersisted, 2 = TermNotPersisted, 3 = CommitsEarlierTerm, 4 = SkipsUpToDateCheck, 5 = AdoptsParaphrase,
    6 = NeverStepsDown,
} }

impl Config {
    /// What of a write reaches the disk.
    pub(super) fn surviving(&self, write: Write) -> Option<Write> {
        match write {
            Write::Ballot { .. } if !unless_planted!(self, TermNotPersisted) => None,
            Write::Ballot { term, .. } if !unless_planted!(self, VoteNotPersisted) => {
                Some(Write::Ballot { term, vote: None })
            }
            sound => Some(sound),
        }
    }

    pub(super) fn commits_own_term_only(&self) -> bool {
        unless_planted!(self, CommitsEarlierTerm)
    }

    pub(super) fn compares_logs(&self) -> bool {
        unless_planted!(self, SkipsUpToDateCheck)
    }

    pub(super) fn adopts_verbatim(&self) -> bool {
        self.adoption == Adoption::Verbatim && unless_planted!(self, AdoptsParaphrase)
    }

    pub(super) fn steps_down(&self) -> bool {
        unless_planted!(self, NeverStepsDown)
    }
}
