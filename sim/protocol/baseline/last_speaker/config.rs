//! How long a member waits. Knows no state.

use crate::digest::{Digest, Digester};
use crate::time::{Duration, millis, seconds};
use std::ops::RangeInclusive;

/// How long a member waits for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How long nobody must have written before a member decides.
    pub settle: RangeInclusive<Duration>,
    /// How long a member waits for any answer at all.
    pub deadline: Duration,
    /// Between two copies of a write or a call that was not acknowledged.
    pub resend: Duration,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            // As long as a usual reply takes: whoever has not spoken by then is taken to have nothing to say.
            settle: millis(2_500)..=millis(3_500),
            // Nineteen in twenty replies of measured chat models came within 30 s.
            deadline: seconds(30),
            resend: seconds(2),
        }
    }
}

/// Why a configuration cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The range of settling spans holds none.
    #[error("settle is an empty range: put its least span first")]
    EmptySettle,
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
        if self.settle.is_empty() {
            return Err(ConfigError::EmptySettle);
        }
        match [("deadline", self.deadline), ("resend", self.resend)].into_iter().find(|(_, span)| span.0 == 0) {
            Some((name, _)) => Err(ConfigError::Zero(name)),
            None => Ok(()),
        }
    }
}

impl Digest for Config {
    fn digest(&self, digester: &mut Digester) {
        let spans = [*self.settle.start(), *self.settle.end(), self.deadline, self.resend];
        spans.iter().for_each(|span| span.digest(digester));
    }
}
