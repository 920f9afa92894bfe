//! Consensus protocols, and what they share: the log's vocabulary, the adaptations, the way from request to proposal.

pub mod adaptation;
pub mod bft;
pub mod drafting;
mod log;
pub mod paxos;
pub mod raft;

pub use bft::Bft;
pub use log::{Command, Index, NOOP};
pub use paxos::Paxos;
pub use raft::Raft;
