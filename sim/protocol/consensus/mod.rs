//! Consensus protocols.

pub mod raft;
