//! How long things take, which quorums count and which adaptations are on. Knows no state.

use super::{Quorums, Sizes};
use crate::digest::{Digest, Digester};
use crate::id::Members;
use crate::protocol::consensus::adaptation::{Acceptance, Adoption, Handover, Heartbeats, Visibility};
use crate::protocol::consensus::drafting::Rules;
use crate::time::{Duration, millis, seconds};
use std::ops::RangeInclusive;

#[cfg(feature = "planted")]
use super::Planted;

/// Everything about Paxos that may be chosen.
///
/// ```
/// use synod::id::Members;
/// use synod::protocol::consensus::paxos::{Config, Quorums};
/// let config = Config { quorums: Quorums::Sized { promises: 4, votes: 2 }, ..Config::default() };
/// assert!(config.validate(&Members::of(5)).is_ok());
/// assert!(config.validate(&Members::of(7)).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Which sets of members may elect and choose.
    pub quorums: Quorums,
    /// How long a member waits for a leader, or after it was preempted, before it stands itself. The draw from this
    /// range is what ends duels.
    pub election: RangeInclusive<Duration>,
    /// Between two signs of a leader's life.
    pub heartbeat: Duration,
    /// How long a member that yielded leadership waits before it stands again.
    pub yielding: RangeInclusive<Duration>,
    /// How proposals come about and are checked.
    pub drafting: Rules,
    /// How many entries one message carries at most.
    pub batch: usize,
    /// How many applied entries a member keeps before it replaces them by a snapshot.
    pub retained: usize,
    /// Whether members keep values byte for byte.
    pub adoption: Adoption,
    /// Whose life a heartbeat shows.
    pub heartbeats: Heartbeats,
    /// Whether messages wait for the disk.
    pub visibility: Visibility,
    /// A bug put in on purpose, to prove that checkers find it.
    #[cfg(feature = "planted")]
    pub planted: Option<Planted>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            quorums: Quorums::Majorities,
            // At least three heartbeats, so that one lost or one slow message starts no election; as wide as its least,
            // so that two members seldom stand at once, and more seldom twice in a row.
            election: millis(1_000)..=millis(2_000),
            // Generations take seconds, so a decision gains nothing from a faster beat.
            heartbeat: millis(300),
            // Beyond two elections of the others: another member leads next.
            yielding: seconds(4)..=seconds(6),
            drafting: Rules {
                // Nine replies in ten of measured chat models came within 15 s; a hung call must not hold a team much
                // longer.
                lease: seconds(20),
                review: seconds(15),
                reminder: seconds(2),
                // With reasons in hand a model seldom fails thrice where another try would succeed.
                attempts: 3,
                acceptance: Acceptance::Validated,
                handover: Handover::Yields,
            },
            batch: 64,
            // A team's decisions are few and small, and a snapshot is no larger than they are: a short tail already
            // spares a lagging member most of the log.
            retained: 4,
            adoption: Adoption::Verbatim,
            heartbeats: Heartbeats::FromShell,
            visibility: Visibility::DurableFirst,
            #[cfg(feature = "planted")]
            planted: None,
        }
    }
}

/// Why a configuration cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Who elects and who chooses may be different members.
    #[error(
        "{promises} promises and {votes} votes need not meet among {size} members: together they must be at least {}",
        size + 1
    )]
    DisjointQuorums {
        /// To lead.
        promises: usize,
        /// To choose.
        votes: usize,
        /// Of the team.
        size: usize,
    },
    /// A quorum that no team of this size can form.
    #[error("a quorum of {quorum} {name} is more than the {size} members there are")]
    LargeQuorum {
        /// Of what.
        name: &'static str,
        /// How many.
        quorum: usize,
        /// Of the team.
        size: usize,
    },
    /// A range of spans holds none.
    #[error("{0} is an empty range: put its least span first")]
    EmptyRange(&'static str),
    /// Followers would stand although their leader lives.
    #[error("a heartbeat every {heartbeat} cannot hold off elections after {election}: at least two must fit in")]
    SlowHeartbeat {
        /// The span between heartbeats.
        heartbeat: Duration,
        /// The least span before an election.
        election: Duration,
    },
    /// The member that yields would be the first to stand again.
    #[error("a member that yields for {yielding} may stand before others do, which takes up to {election}")]
    ShortYield {
        /// The least span of yielding.
        yielding: Duration,
        /// The greatest span before an election.
        election: Duration,
    },
    /// A span, a count or a quorum that must not be zero is.
    #[error("{0} must not be zero")]
    Zero(&'static str),
}

impl Config {
    /// Whether this team with this configuration can work at all, and how large its quorums are.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn validate(&self, members: &Members) -> Result<Sizes, ConfigError> {
        for (name, range) in [("election", &self.election), ("yielding", &self.yielding)] {
            if range.is_empty() {
                return Err(ConfigError::EmptyRange(name));
            }
        }
        let Rules { lease, review, reminder, attempts, .. } = self.drafting;
        let spans = [("heartbeat", self.heartbeat), ("lease", lease), ("review", review), ("reminder", reminder)];
        let counts =
            [("attempts", u64::from(attempts)), ("batch", self.batch as u64), ("retained", self.retained as u64)];
        for (name, number) in spans.map(|(name, span)| (name, span.0)).into_iter().chain(counts) {
            if number == 0 {
                return Err(ConfigError::Zero(name));
            }
        }
        let (least, most) = (*self.election.start(), *self.election.end());
        if self.heartbeat * 2 > least {
            return Err(ConfigError::SlowHeartbeat { heartbeat: self.heartbeat, election: least });
        }
        let yielding = *self.yielding.start();
        if yielding <= most {
            return Err(ConfigError::ShortYield { yielding, election: most });
        }
        self.quorums.of(members)
    }
}

impl Digest for Config {
    fn digest(&self, digester: &mut Digester) {
        self.quorums.digest(digester);
        for range in [&self.election, &self.yielding] {
            range.start().digest(digester);
            range.end().digest(digester);
        }
        self.heartbeat.digest(digester);
        self.drafting.digest(digester);
        digester.word(self.batch as u64);
        digester.word(self.retained as u64);
        self.adoption.digest(digester);
        self.heartbeats.digest(digester);
        self.visibility.digest(digester);
        // Nothing at all without a planted bug, so that states digest alike in builds with and without the feature.
        #[cfg(feature = "planted")]
        if let Some(planted) = self.planted {
            planted.digest(digester);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(config: &Config) -> Option<ConfigError> {
        config.validate(&Members::of(3)).err()
    }

    #[test]
    fn the_default_configuration_works() {
        assert_eq!(refusal(&Config::default()), None);
    }

    #[test]
    fn what_cannot_work_is_refused_by_name() {
        let fast = Config { election: millis(100)..=millis(200), ..Config::default() };
        assert!(matches!(refusal(&fast), Some(ConfigError::SlowHeartbeat { .. })));
        let eager = Config { yielding: millis(500)..=seconds(9), ..Config::default() };
        assert!(matches!(refusal(&eager), Some(ConfigError::ShortYield { .. })));
        let mute = Config { drafting: Rules { attempts: 0, ..Config::default().drafting }, ..Config::default() };
        assert_eq!(refusal(&mute), Some(ConfigError::Zero("attempts")));
        let empty = Config { election: seconds(2)..=seconds(1), ..Config::default() };
        assert_eq!(refusal(&empty), Some(ConfigError::EmptyRange("election")));
        let disjoint = Config { quorums: Quorums::Sized { promises: 1, votes: 2 }, ..Config::default() };
        assert_eq!(refusal(&disjoint), Some(ConfigError::DisjointQuorums { promises: 1, votes: 2, size: 3 }));
    }
}
