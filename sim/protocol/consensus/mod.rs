//! Consensus protocols, and what they share: the log's vocabulary, the adaptations, the way from request to proposal.

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
#[cfg(test)]
mod wired;

pub use bft::Bft;
pub use debate::Debate;
pub use log::{Command, Decisions, Index, NOOP};
pub use paxos::Paxos;
pub use raft::Raft;
pub use refine::Refine;
