//! What a log of a durable majority promises under each class of faults, and why. Knows no protocol's state.

use crate::fault::{Class, Kind, Tolerance};

/// The table of every protocol here that trusts its members and decides by quorums that meet. A *ballot* is what the
/// protocol numbers its leaders by: Raft's term, Paxos' ballot. Every class is listed, so that a new one asks for a
/// decision.
pub(super) const fn of_a_durable_majority(kind: Kind) -> Tolerance {
    match kind.class() {
        // Messages may be late, lost, doubled or overtaken: every answer names its ballot and its place, votes and
        // verdicts are sets, and what is not acknowledged is sent again with the next heartbeat or reminder. Nothing
        // rests on a sender being told of success, nor on a message coming before or after a timer or a turn.
        Class::Delivery => Tolerance::Tolerated,
        // Two quorums share a member, whatever the shape of the cut. Asking before standing, and the leader's own look
        // at its quorum, end the standoffs that one-way and partial cuts can leave.
        Class::Cut => Tolerance::Tolerated,
        // Members and links are trusted: one altered ballot or place breaks the log.
        Class::Tampering => Tolerance::OutOfScope,
        // Ballot, vote and log are durable before anything that depends on them is said. A member that wakes up or lags
        // acts on old beliefs, all of which carry their ballot. Safety never looks at a clock: a wrong one makes
        // elections come early or late. Each write is atomic: a torn one fails its checksum and counts as not made, and
        // nothing was said of it. A member whose disk fails halts and starts again from what is durable, until the disk
        // works.
        Class::Interruption => Tolerance::Tolerated,
        // A forgotten promise, vote or entry voids the quorum it was part of, and recovering from that takes a
        // membership change. Two processes with one vote are two voters.
        Class::Amnesia => Tolerance::OutOfScope,
        // Members are believed.
        Class::Deceit => Tolerance::OutOfScope,
        // A model that hangs, queues or fails costs its leader the lease: another member leads. Agreement needs no
        // model.
        Class::Access => Tolerance::Tolerated,
        // What a model says is checked before it enters the log, and what passes a majority's check is a value like any
        // other. Whether it is right is the task's business, not agreement's.
        Class::Speech => Tolerance::Tolerated,
    }
}
