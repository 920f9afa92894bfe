//! How long a debate goes on, when it stops, and what becomes of a split. Knows no state.

use crate::protocol::consensus::vote::Rules;
use crate::time::{Duration, millis, seconds};
use std::ops::RangeInclusive;

#[cfg(feature = "planted")]
use super::Planted;

/// Everything about a debate that may be chosen.
///
/// ```
/// use synod::protocol::consensus::debate::Config;
/// assert!(Config::default().validate().is_ok());
/// assert!(Config { rounds: 4, most: 3, ..Config::default() }.validate().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How many rounds a debate has, the first without a look at peers: one round is a plain vote.
    pub rounds: u32,
    /// How many rounds it may have at most: further ones are for what does not get a majority of the members.
    pub most: u32,
    /// When it stops before its rounds are over.
    pub stop: Stop,
    /// What is put to the vote when no answer has a majority of the members in the end.
    pub split: Split,
    /// How many motions may be refused before the team gives up.
    pub refusals: u32,
    /// How long a member's model has for a round before the member passes.
    pub patience: Duration,
    /// How long a member that has spoken waits for the others, once a majority has.
    pub floor: Duration,
    /// Between two repetitions of what was said.
    pub resend: Duration,
    /// How much longer each member waits than the one before it until it takes the chair.
    pub turn: Duration,
    /// How long a member that was called, preempted or stuck waits until it takes the chair itself.
    pub backoff: RangeInclusive<Duration>,
    /// How long a chair that has a majority waits for the rest.
    pub tally: Duration,
    /// How the vote is taken.
    pub vote: Rules,
    /// A bug put in on purpose, to prove that checkers find it.
    #[cfg(feature = "planted")]
    pub planted: Option<Planted>,
}

/// When a debate stops early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Never.
    Never,
    /// When a majority of the members gave one answer in one round.
    Quorum,
    /// When all members did.
    All,
}

/// What becomes of a debate without a majority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// The answer that most of those present have; of several the least.
    Plurality,
    /// The team gives up.
    GiveUp,
}

crate::digestible! { enum Stop { 1 = Never, 2 = Quorum, 3 = All } }
crate::digestible! { enum Split { 1 = Plurality, 2 = GiveUp } }

impl Default for Config {
    fn default() -> Config {
        Config {
            // Three agents, two rounds: the paper's setting (Du et al., section 3). One more shows how opinions move.
            rounds: 3,
            // Room for outages of all models after which somebody answers again.
            most: 12,
            stop: Stop::Quorum,
            split: Split::Plurality,
            refusals: 6,
            // Nine in ten replies of measured chat models came within 15 s.
            patience: seconds(20),
            // Beyond the spread of the middle half of replies.
            floor: seconds(5),
            resend: seconds(2),
            // A call and its answers across the slowest of our links, so that a living chair is left alone.
            turn: millis(1_000),
            backoff: seconds(3)..=seconds(6),
            tally: millis(800),
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

crate::digestible! { struct Spans { patience, floor, resend, turn, tally, least, most } }

struct Spans {
    patience: Duration,
    floor: Duration,
    resend: Duration,
    turn: Duration,
    tally: Duration,
    least: Duration,
    most: Duration,
}

impl crate::digest::Digest for Config {
    fn digest(&self, digester: &mut crate::digest::Digester) {
        for count in [self.rounds, self.most, self.refusals] {
            count.digest(digester);
        }
        self.stop.digest(digester);
        self.split.digest(digester);
        let Config { patience, floor, resend, turn, tally, .. } = *self;
        Spans { patience, floor, resend, turn, tally, least: *self.backoff.start(), most: *self.backoff.end() }
            .digest(digester);
        self.vote.digest(digester);
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
    /// Further rounds that are fewer than the ordinary ones.
    #[error("a debate of {rounds} rounds cannot end after {most}: let `most` be no less than `rounds`")]
    Fewer {
        /// The ordinary rounds.
        rounds: u32,
        /// The most there may be.
        most: u32,
    },
    /// A range without a span in it.
    #[error("{0} holds no span: let its end be no less than its start")]
    Empty(&'static str),
}

impl Config {
    /// Whether a team with this configuration can work at all.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let spans = [
            ("patience", self.patience),
            ("floor", self.floor),
            ("resend", self.resend),
            ("turn", self.turn),
            ("tally", self.tally),
            ("vote.resend", self.vote.resend),
            ("backoff", *self.backoff.start()),
        ];
        if let Some((name, _)) = spans.into_iter().find(|(_, span)| span.0 == 0) {
            return Err(ConfigError::Zero(name));
        }
        let counts = [("rounds", self.rounds), ("refusals", self.refusals)];
        if let Some((name, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
            return Err(ConfigError::Zero(name));
        }
        if self.most < self.rounds {
            return Err(ConfigError::Fewer { rounds: self.rounds, most: self.most });
        }
        if self.backoff.is_empty() { Err(ConfigError::Empty("backoff")) } else { Ok(()) }
    }
}
