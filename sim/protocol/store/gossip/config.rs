//! What a store of replicas that gossip may choose. Knows no state.

use crate::digest::{Digest, Digester};
use crate::time::{Duration, millis};
use std::ops::RangeInclusive;

#[cfg(feature = "planted")]
use super::Planted;

/// In which order updates are taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As they come: the store `eventual`.
    Any,
    /// After everything that their sessions had seen and done: the store `causal`.
    Causal,
}

crate::digestible! { enum Order { 1 = Any, 2 = Causal } }

/// Everything that may be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// In which order updates are taken in.
    pub order: Order,
    /// Between two summaries.
    pub gossip: RangeInclusive<Duration>,
    /// How many updates one message carries at most.
    pub batch: usize,
    /// A bug put in on purpose, to prove that checkers find it.
    #[cfg(feature = "planted")]
    pub planted: Option<Planted>,
}

/// Why a configuration cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The span between summaries is from an empty range.
    #[error("gossip is an empty range: put its least span first")]
    EmptyRange,
    /// A number that must not be zero is.
    #[error("{0} must not be zero")]
    Zero(&'static str),
}

impl Config {
    /// The usual choice for a store of this order.
    #[must_use]
    pub fn of(order: Order) -> Config {
        Config {
            order,
            // A turn of an agent takes seconds; what was lost is made up for before the next one.
            gossip: millis(300)..=millis(700),
            batch: 64,
            #[cfg(feature = "planted")]
            planted: None,
        }
    }

    /// Whether a store with this configuration can work at all.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.gossip.is_empty() {
            return Err(ConfigError::EmptyRange);
        }
        if *self.gossip.start() == Duration::ZERO {
            return Err(ConfigError::Zero("gossip"));
        }
        if self.batch == 0 { Err(ConfigError::Zero("batch")) } else { Ok(()) }
    }

    pub(super) fn is_causal(&self) -> bool {
        self.order == Order::Causal
    }
}

impl Digest for Config {
    fn digest(&self, digester: &mut Digester) {
        self.order.digest(digester);
        (*self.gossip.start(), *self.gossip.end()).digest(digester);
        digester.word(self.batch as u64);
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
    use crate::time::seconds;

    #[test]
    fn what_cannot_work_is_refused_by_name() {
        let usual = Config::of(Order::Any);
        assert_eq!(usual.validate(), Ok(()));
        let empty = Config { gossip: seconds(2)..=seconds(1), ..usual.clone() };
        assert_eq!(empty.validate(), Err(ConfigError::EmptyRange));
        assert_eq!(Config { batch: 0, ..usual }.validate(), Err(ConfigError::Zero("batch")));
    }
}
