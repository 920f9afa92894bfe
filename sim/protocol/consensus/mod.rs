//! Consensus protocols.

pub mod raft;

pub use raft::Raft;
