//! Consensus protocols.
