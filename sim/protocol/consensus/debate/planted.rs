//! Bugs put in on purpose. Without the feature `planted` every question here is answered by a constant.

use super::{Config, Write};

#[cfg(feature = "planted")]
use crate::protocol::consensus::vote;

/// One small mistake each.
#[cfg(feature = "planted")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// A speech is kept in memory only: a restarted member answers the same round a second time.
    SpeechNotPersisted,
    /// What a member said in any earlier round counts in this one.
    CountsStaleRounds,
    /// A majority of those who spoke stops the debate, instead of one of the members.
    StopsOnVotesCast,
    /// What members refused stays a candidate, and is put again (rule 10).
    KeepsRefused,
    /// A round is over only when every member has spoken in it (rule 5).
    WaitsForEveryone,
    /// Nobody takes the chair but the member whose turn it is first (rule 8).
    NeverRelieves,
    /// A mistake in the vote.
    Vote(vote::Planted),
}

#[cfg(feature = "planted")]
crate::digestible! { enum Planted {
    1 = SpeechNotPersisted, 2 = CountsStaleRounds, 3 = StopsOnVotesCast, 4 = Vote(bug),
    5 = KeepsRefused, 6 = WaitsForEveryone, 7 = NeverRelieves,
} }

impl Config {
    /// What of a write reaches the disk.
    pub(super) fn surviving(&self, write: Write) -> Option<Write> {
        unless_planted!(self, SpeechNotPersisted).then_some(write)
    }

    pub(super) fn drops_what_was_refused(&self) -> bool {
        unless_planted!(self, KeepsRefused)
    }

    pub(super) fn goes_on_without_the_late(&self) -> bool {
        unless_planted!(self, WaitsForEveryone)
    }

    /// Whether a member takes the chair if this is its place in the order of turns.
    pub(super) fn takes_the_chair(&self, place: u64) -> bool {
        place == 0 || unless_planted!(self, NeverRelieves)
    }

    pub(super) fn counts_one_round_only(&self) -> bool {
        unless_planted!(self, CountsStaleRounds)
    }

    /// Of how many an answer needs a majority to stop the debate.
    pub(super) fn electorate(&self, members: usize, spoke: usize) -> usize {
        if unless_planted!(self, StopsOnVotesCast) { members } else { spoke }
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
