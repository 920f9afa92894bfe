//! How votes are counted, how long members wait, and what that promises. Knows no state.

use crate::fault::{Class, Kind, Tolerance};
use crate::time::{Duration, seconds};

/// How votes are counted and how long members wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Of what an answer needs a majority.
    pub quorum: Quorum,
    /// How long a member's model has before the member abstains.
    pub patience: Duration,
    /// When a member stops waiting for votes; by members' quorum it never does.
    pub deadline: Duration,
    /// Between two calls for missing votes.
    pub resend: Duration,
}

/// Of what an answer needs a majority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quorum {
    /// More than half of all members.
    Members,
    /// The most of the votes that happened to arrive.
    VotesCast,
}

crate::digestible! { enum Quorum { 1 = Members, 2 = VotesCast } }
crate::digestible! { struct Config { quorum, patience, deadline, resend } }

impl Default for Config {
    fn default() -> Config {
        Config {
            quorum: Quorum::Members,
            // Nine in ten replies of measured chat models came within 15 s.
            patience: seconds(20),
            // Shorter than patience: a naive tally does not wait for the slowest.
            deadline: seconds(10),
            resend: seconds(2),
        }
    }
}

/// Why a configuration cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A span that must not be zero is.
    #[error("{0} must not be zero")]
    Zero(&'static str),
}

impl Config {
    /// Whether a team with this configuration can work at all.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let spans = [("patience", self.patience), ("deadline", self.deadline), ("resend", self.resend)];
        match spans.into_iter().find(|(_, span)| span.0 == 0) {
            Some((name, _)) => Err(ConfigError::Zero(name)),
            None => Ok(()),
        }
    }

    /// What this way of counting promises. [`Protocol::tolerance`](crate::protocol::Protocol::tolerance) is the table
    /// of [`Quorum::Members`].
    #[must_use]
    pub fn tolerance(&self, kind: Kind) -> Tolerance {
        match (self.quorum, tolerance(kind)) {
            // Whoever sees other votes by its deadline decides otherwise, with no fault but a slow reply.
            (Quorum::VotesCast, _) => Tolerance::OutOfScope,
            (Quorum::Members, promise) => promise,
        }
    }
}

/// The table of [`Quorum::Members`]. It is safe wherever votes are neither forged nor forgotten, and never sure to
/// decide: a tie ends undecided without any fault, and the votes that would decide may lie with a minority that stays
/// down. Every class is listed, so that a new one asks for a decision.
pub(super) const fn tolerance(kind: Kind) -> Tolerance {
    match kind.class() {
        // Votes are a set by voter and are asked for until they are there.
        Class::Delivery | Class::Cut => Tolerance::LivenessOnly,
        // Members and links are trusted.
        Class::Tampering => Tolerance::OutOfScope,
        // A vote is durable, in one atomic write, before anyone hears of it; clocks only say when to abstain.
        Class::Interruption => Tolerance::LivenessOnly,
        // A member that forgets its vote votes twice; so do two processes of one member.
        Class::Amnesia => Tolerance::OutOfScope,
        // Members believe each other.
        Class::Deceit => Tolerance::OutOfScope,
        // An abstention or a wrong answer can split the vote for good.
        Class::Access | Class::Speech => Tolerance::LivenessOnly,
    }
}
