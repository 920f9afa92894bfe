//! Consensus protocols.

pub mod bft;
pub mod raft;

pub use bft::Bft;
pub use raft::Raft;
