//! How long things take and which adaptations are on. Knows no state.

use crate::digest::{Digest, Digester};
pub use crate::protocol::consensus::adaptation::{Acceptance, Adoption, Handover, Heartbeats, Visibility};
use crate::protocol::consensus::drafting::Rules;
use crate::time::{Duration, millis, seconds};
use std::ops::RangeInclusive;

#[cfg(feature = "planted")]
use super::Planted;

/// Everything about Raft that may be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How long a member waits for a leader before it stands itself.
    pub election: RangeInclusive<Duration>,
    /// Between two signs of a leader's life.
    pub heartbeat: Duration,
    /// How long a member that yielded leadership waits before it stands again.
    pub yielding: RangeInclusive<Duration>,
    /// How long the leader's model has for one proposal (the progress lease).
    pub lease: Duration,
    /// How long validators have for one proposal.
    pub review: Duration,
    /// Between two requests to a validator that has not answered.
    pub reminder: Duration,
    /// How many proposals a leader puts forward for a slot before it yields.
    pub attempts: u32,
    /// How many entries one message carries at most.
    pub batch: usize,
    /// How many applied entries a member keeps before it replaces them by a snapshot.
    pub retained: usize,
    /// Whether proposals are checked before they enter the log.
    pub acceptance: Acceptance,
    /// Whether followers keep values byte for byte.
    pub adoption: Adoption,
    /// Whose life a heartbeat shows.
    pub heartbeats: Heartbeats,
    /// What becomes of a leader whose model yields nothing.
    pub handover: Handover,
    /// Whether messages wait for the disk.
    pub visibility: Visibility,
    /// A bug put in on purpose, to prove that checkers find it.
    #[cfg(feature = "planted")]
    pub planted: Option<Planted>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            // At least three heartbeats, so that one lost or one slow message starts no election; as wide as its least,
            // so that split votes are rare (§9.3).
            election: millis(1_000)..=millis(2_000),
            // Generations take seconds, so a decision gains nothing from a faster beat.
            heartbeat: millis(300),
            // Beyond two elections of the others: another member leads next.
            yielding: seconds(4)..=seconds(6),
            // Nine replies in ten of measured chat models came within 15 s; a hung call must not hold a team much
            // longer.
            lease: seconds(20),
            review: seconds(15),
            reminder: seconds(2),
            // With reasons in hand a model seldom fails thrice where another try would succeed.
            attempts: 3,
            batch: 64,
            // A team's decisions are few and small, and a snapshot is no larger than they are; a tail of some entries
            // spares a member that was away for a moment the whole of it.
            retained: 16,
            acceptance: Acceptance::Validated,
            adoption: Adoption::Verbatim,
            heartbeats: Heartbeats::FromShell,
            handover: Handover::Yields,
            visibility: Visibility::DurableFirst,
            #[cfg(feature = "planted")]
            planted: None,
        }
    }
}

/// Why a configuration cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
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
    /// A span or a count that must not be zero is.
    #[error("{0} must not be zero")]
    Zero(&'static str),
}

impl Config {
    /// Whether a team with this configuration can work at all.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn validate(&self) -> Result<(), ConfigError> {
        for (name, range) in [("election", &self.election), ("yielding", &self.yielding)] {
            if range.is_empty() {
                return Err(ConfigError::EmptyRange(name));
            }
        }
        let spans = [("heartbeat", self.heartbeat), ("lease", self.lease), ("review", self.review)];
        let counts =
            [("attempts", u64::from(self.attempts)), ("batch", self.batch as u64), ("retained", self.retained as u64)];
        let numbers = spans.map(|(name, span)| (name, span.0)).into_iter().chain(counts);
        for (name, number) in numbers.chain([("reminder", self.reminder.0)]) {
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
        Ok(())
    }

    /// How proposals come about and are checked.
    pub(super) fn drafting(&self) -> Rules {
        let Config { lease, review, reminder, attempts, acceptance, handover, .. } = *self;
        Rules { lease, review, reminder, attempts, acceptance, handover }
    }
}

impl Digest for Config {
    fn digest(&self, digester: &mut Digester) {
        for range in [&self.election, &self.yielding] {
            range.start().digest(digester);
            range.end().digest(digester);
        }
        for span in [self.heartbeat, self.lease, self.review, self.reminder] {
            span.digest(digester);
        }
        digester.word(u64::from(self.attempts));
        digester.word(self.batch as u64);
        digester.word(self.retained as u64);
        let switches = [
            self.acceptance == Acceptance::Validated,
            self.adoption == Adoption::Verbatim,
            self.heartbeats == Heartbeats::FromShell,
            self.handover == Handover::Yields,
            self.visibility == Visibility::DurableFirst,
        ];
        switches.iter().for_each(|switch| switch.digest(digester));
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

    #[test]
    fn the_default_configuration_works() {
        assert_eq!(Config::default().validate(), Ok(()));
    }

    #[test]
    fn what_cannot_work_is_refused_by_name() {
        let fast = Config { election: millis(100)..=millis(200), ..Config::default() };
        assert!(matches!(fast.validate(), Err(ConfigError::SlowHeartbeat { .. })));
        let eager = Config { yielding: millis(500)..=seconds(9), ..Config::default() };
        assert!(matches!(eager.validate(), Err(ConfigError::ShortYield { .. })));
        let mute = Config { attempts: 0, ..Config::default() };
        assert_eq!(mute.validate(), Err(ConfigError::Zero("attempts")));
        let empty = Config { election: seconds(2)..=seconds(1), ..Config::default() };
        assert_eq!(empty.validate(), Err(ConfigError::EmptyRange("election")));
    }
}
