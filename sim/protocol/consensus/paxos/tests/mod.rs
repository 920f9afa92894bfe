//! Paxos on a net stepped by hand, one file per part of the protocol.
