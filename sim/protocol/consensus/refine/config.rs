//! How many must agree for how long, and how long things take. Knows no state.

use crate::digest::{Digest, Digester};
use crate::id::Members;
use crate::protocol::consensus::vote::Rules;
use crate::time::{Duration, millis, seconds};
use std::ops::RangeInclusive;

#[cfg(feature = "planted")]
use super::Planted;

/// Everything about refinement that may be chosen.
///
/// ```
/// use synod::id::Members;
/// use synod::protocol::consensus::refine::{Config, Share};
/// let paper = Config { alpha: Share::Exactly(2), beta: 2, ..Config::default() };
/// assert!(paper.validate(&Members::of(3)).is_ok());
/// assert!(paper.validate(&Members::of(1)).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// α: how many members must give one answer in a round.
    pub alpha: Share,
    /// β: in how many rounds in a row.
    pub beta: u32,
    /// R: how many answers close a round; whoever has not answered by then is cancelled.
    pub quorum: Share,
    /// How many rounds a term has before the plurality of its last answers is put to the vote.
    pub rounds: u32,
    /// How many rounds it has at most, if nobody answers.
    pub most: u32,
    /// How many motions may be refused before the team gives up.
    pub refusals: u32,
    /// How long a round may take if fewer answer than close it.
    pub patience: Duration,
    /// How long the team waits before the next round when nobody has an answer.
    pub lull: Duration,
    /// Between two signs of a leader's life, each of which says again what the round is about.
    pub beat: Duration,
    /// How long a member that waits for an outcome hears no leader before it stands itself.
    pub election: RangeInclusive<Duration>,
    /// How the vote is taken.
    pub vote: Rules,
    /// A bug put in on purpose, to prove that checkers find it.
    #[cfg(feature = "planted")]
    pub planted: Option<Planted>,
}

/// How many of the members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// More than half of them.
    Majority,
    /// Every one. As `quorum` it makes each round a barrier.
    All,
    /// So many.
    Exactly(u16),
}

crate::digestible! { enum Share { 1 = Majority, 2 = All, 3 = Exactly(members) } }

impl Share {
    /// How many that are in this team.
    #[must_use]
    pub fn of(self, members: &Members) -> usize {
        match self {
            Share::Majority => members.majority(),
            Share::All => members.len(),
            Share::Exactly(count) => usize::from(count),
        }
    }
}

impl Default for Config {
    fn default() -> Config {
        Config {
            // The paper's evaluation: α = 2 of 3, β = 2, five rounds at most.
            alpha: Share::Majority,
            beta: 2,
            quorum: Share::Majority,
            rounds: 5,
            // Room for outages of all models after which somebody answers again: with the lulls, a minute of them.
            most: 12,
            refusals: 6,
            // Nine in ten replies of measured chat models came within 15 s.
            patience: seconds(20),
            lull: seconds(5),
            beat: millis(1_000),
            // Three beats, so that one lost or one slow message starts no election; as wide as that again, so that two
            // members seldom stand at once.
            election: seconds(3)..=seconds(6),
            vote: Rules {
                resend: seconds(1),
                #[cfg(feature = "planted")]
                planted: None,
            },
            #[cfg(feature = "planted")]
            planted: None,
        }
    }
}

impl Digest for Config {
    fn digest(&self, digester: &mut Digester) {
        let Config { alpha, beta, quorum, rounds, most, refusals, patience, lull, beat, election, vote, .. } = self;
        alpha.digest(digester);
        quorum.digest(digester);
        [beta, rounds, most, refusals].into_iter().for_each(|count| count.digest(digester));
        [patience, lull, beat, election.start(), election.end()].into_iter().for_each(|span| span.digest(digester));
        vote.digest(digester);
        #[cfg(feature = "planted")]
        self.planted.digest(digester);
    }
}

/// Why a configuration cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Something that must not be zero is.
    #[error("{0} must not be zero")]
    Zero(&'static str),
    /// More than can be.
    #[error("{what} is {wanted} and can be {most} at most: choose less of {what}")]
    TooMany {
        /// What.
        what: &'static str,
        /// How many were asked for.
        wanted: usize,
        /// How many there can be.
        most: usize,
    },
    /// A round that fewer than a majority close might be about answers that hardly anyone has seen.
    #[error("a round closed by {quorum} of {members} members is seen by too few: let `quorum` be {majority} or more")]
    Minority {
        /// How many close it.
        quorum: usize,
        /// Of how many.
        members: usize,
        /// How many do.
        majority: usize,
    },
    /// A range without a span in it.
    #[error("election holds no span: let its end be no less than its start")]
    EmptyElection,
}

impl Config {
    /// Whether a team with this configuration can work at all.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn validate(&self, members: &Members) -> Result<(), ConfigError> {
        let (alpha, quorum) = (self.alpha.of(members), self.quorum.of(members));
        let counts = [("alpha", alpha), ("beta", self.beta as usize), ("rounds", self.rounds as usize)];
        let spans = [self.patience, self.lull, self.beat, self.vote.resend, *self.election.start()].map(|span| span.0);
        let names = ["patience", "lull", "beat", "vote.resend", "election"];
        if let Some((name, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
            return Err(ConfigError::Zero(name));
        }
        if let Some((name, _)) = names.into_iter().zip(spans).find(|(_, span)| *span == 0) {
            return Err(ConfigError::Zero(name));
        }
        if self.refusals == 0 {
            return Err(ConfigError::Zero("refusals"));
        }
        let bounds = [
            ("quorum", quorum, members.len()),
            ("alpha", alpha, quorum),
            ("beta", self.beta as usize, self.rounds as usize),
            ("rounds", self.rounds as usize, self.most as usize),
        ];
        if let Some((what, wanted, most)) = bounds.into_iter().find(|(_, wanted, most)| wanted > most) {
            return Err(ConfigError::TooMany { what, wanted, most });
        }
        if quorum < members.majority() {
            return Err(ConfigError::Minority { quorum, members: members.len(), majority: members.majority() });
        }
        if self.election.is_empty() { Err(ConfigError::EmptyElection) } else { Ok(()) }
    }
}
