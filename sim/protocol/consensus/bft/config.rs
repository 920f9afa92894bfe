//! How long things take, and how many members make a quorum. Knows no state.

#[cfg(feature = "planted")]
use super::Planted;
use crate::digest::{Digest, Digester};
use crate::id::Members;
pub use crate::protocol::consensus::adaptation::{Acceptance, Adoption, Handover, Heartbeats, Visibility};
use crate::time::{Duration, millis, seconds};

/// Everything that may be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How long a proposer's shell may be silent before its round is given up.
    pub patience: Duration,
    /// How long members wait for the rest of the votes once a quorum has voted, but not alike.
    pub votes: Duration,
    /// By how much both grow with each round, so that they outgrow any delay in the end (section III).
    pub growth: Duration,
    /// How long a proposer's model has for a proposal.
    pub lease: Duration,
    /// How long a member's check of a proposal may take.
    pub review: Duration,
    /// Between two repetitions of what a member said.
    pub beat: Duration,
    /// Between two questions for decisions this member may have missed.
    pub log: Duration,
    /// How often a proposer asks its model in one round.
    pub attempts: u32,
    /// Whether proposals are checked before they are voted for.
    pub acceptance: Acceptance,
    /// Whether members vote for values byte for byte.
    pub adoption: Adoption,
    /// Whether a proposer's shell says that its model is at work.
    pub heartbeats: Heartbeats,
    /// Whether a proposer whose model yields nothing gives its round up.
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
            // Three beats, so that a lost or late one ends no round.
            patience: seconds(3),
            // Above the round trip of the slowest links between regions.
            votes: millis(800),
            growth: millis(200),
            // As in Raft: nine replies in ten of measured chat models came within 15 s.
            lease: seconds(20),
            review: seconds(15),
            beat: seconds(1),
            // Nobody waits for it but a member that fell behind.
            log: seconds(10),
            attempts: 3,
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
    /// A span or a count that must not be zero is.
    #[error("{0} must not be zero")]
    Zero(&'static str),
    /// A proposer that thinks would be given up between two signs of life.
    #[error("a beat every {beat} cannot keep a round of patience {patience} alive: at least two must fit in")]
    SlowBeat {
        /// The span between beats.
        beat: Duration,
        /// The patience.
        patience: Duration,
    },
}

impl Config {
    /// Whether a team with this configuration can work at all.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let spans = [("patience", self.patience), ("votes", self.votes), ("growth", self.growth)];
        let more = [("lease", self.lease), ("review", self.review), ("beat", self.beat), ("log", self.log)];
        for (name, span) in spans.into_iter().chain(more) {
            if span == Duration::ZERO {
                return Err(ConfigError::Zero(name));
            }
        }
        if self.attempts == 0 {
            return Err(ConfigError::Zero("attempts"));
        }
        if self.beat * 2 > self.patience {
            return Err(ConfigError::SlowBeat { beat: self.beat, patience: self.patience });
        }
        Ok(())
    }

    /// A span of this round. It stops growing after a while: delays have a bound once links are healed.
    pub(super) fn grown(&self, span: Duration, round: u64) -> Duration {
        /// Eight seconds more than in the first round.
        const MOST: u64 = 40;
        span + self.growth * round.min(MOST)
    }
}

impl Digest for Config {
    fn digest(&self, digester: &mut Digester) {
        for span in [self.patience, self.votes, self.growth, self.lease, self.review, self.beat, self.log] {
            span.digest(digester);
        }
        digester.word(u64::from(self.attempts));
        self.acceptance.digest(digester);
        self.adoption.digest(digester);
        self.heartbeats.digest(digester);
        self.handover.digest(digester);
        self.visibility.digest(digester);
        #[cfg(feature = "planted")]
        if let Some(planted) = self.planted {
            planted.digest(digester);
        }
    }
}

/// What follows from the team's size (section II: n > 3f).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    members: usize,
}

impl Size {
    /// Of these members.
    #[must_use]
    pub fn of(members: &Members) -> Size {
        Size { members: members.len() }
    }

    /// How many liars the team bears: the greatest f with n > 3f.
    #[must_use]
    pub const fn liars(self) -> usize {
        (self.members.saturating_sub(1)) / 3
    }

    /// The least number of members such that any two groups of that size share a correct one: 2f + 1 when n = 3f + 1.
    #[must_use]
    pub const fn votes(self) -> usize {
        (self.members + self.liars()) / 2 + 1
    }

    /// The quorum that the protocol asks for.
    pub(super) fn quorum(self, config: &Config) -> usize {
        let voters = Size { members: config.voters(self.members) };
        if config.asks_for_a_whole_quorum() { voters.votes() } else { 2 * voters.liars() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A quorum counted as if a third might lie, n ≥ 3f for n > 3f, is none that differs: that mistake lies in whom a
    /// team is made of, not in how it counts.
    #[test]
    fn what_a_third_leaves_is_as_many_as_a_quorum() {
        for size in 1..40 {
            let size = Size::of(&Members::of(size));
            assert_eq!(size.members - size.members / 3, size.votes(), "{size:?}");
        }
    }

    #[test]
    fn two_quorums_share_a_correct_member_and_the_correct_make_one() {
        for size in 1..40 {
            let size = Size::of(&Members::of(size));
            assert!(2 * size.votes() - size.members > size.liars(), "{size:?}");
            assert!(size.members - size.liars() >= size.votes(), "{size:?}");
        }
        assert_eq!((Size::of(&Members::of(4)).votes(), Size::of(&Members::of(7)).votes()), (3, 5));
    }

    #[test]
    fn what_cannot_work_is_refused_by_name() {
        assert_eq!(Config::default().validate(), Ok(()));
        let mute = Config { attempts: 0, ..Config::default() };
        assert_eq!(mute.validate(), Err(ConfigError::Zero("attempts")));
        let slow = Config { beat: seconds(2), ..Config::default() };
        assert!(matches!(slow.validate(), Err(ConfigError::SlowBeat { .. })));
    }
}
