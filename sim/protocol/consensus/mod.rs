//! Consensus protocols, and what they share: the log's vocabulary, the adaptations, the way from request to proposal.

/// Answers a question with `true`, unless this bug of the protocol's own `Planted` is planted.
macro_rules! unless_planted {
    ($config:expr, $bug:ident) => {{
        #[cfg(feature = "planted")]
        let sound = $config.planted != Some(Planted::$bug);
        #[cfg(not(feature = "planted"))]
        let sound = {
            let _ = $config;
            true
        };
        sound
    }};
}

pub mod adaptation;
pub mod bft;
pub mod debate;
pub mod drafting;
mod log;
pub mod paxos;
pub mod raft;
pub mod refine;
mod tolerance;
pub mod vote;

pub use bft::Bft;
pub use debate::Debate;
pub use log::{Command, Decisions, Index, NOOP};
pub use paxos::Paxos;
pub use raft::Raft;
pub use refine::Refine;
