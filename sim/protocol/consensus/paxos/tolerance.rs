//! What Paxos promises under each kind of fault, and why. Knows no state.

use crate::fault::{Kind, Tolerance};

/// The table. Every kind is listed, so that a new one asks for a decision.
pub(super) const fn tolerance(kind: Kind) -> Tolerance {
    match kind {
        // Messages may be late, lost, doubled or overtaken: every answer names its term and its place, votes and
        // verdicts are sets, and what is not acknowledged is sent again with the next heartbeat or reminder. Nothing
        // rests on a sender being told of success, nor on a message coming before or after a timer or a turn.
        Kind::DelayConstant
        | Kind::DelayUniform
        | Kind::DelayLognormal
        | Kind::DelayBimodal
        | Kind::DelaySpike
        | Kind::Loss
        | Kind::Duplicate
        | Kind::Reorder
        | Kind::Hold
        | Kind::Bandwidth
        | Kind::CorruptNoticed
        | Kind::LateDelivery
        | Kind::TurnEnd
        | Kind::Crossing
        | Kind::FalseSuccess => Tolerance::Tolerated,
        // Two majorities share a member, whatever the shape of the cut. Pre-vote and the quorum check end the standoffs
        // that one-way and partial cuts can leave.
        Kind::Cut
        | Kind::PartitionSplit
        | Kind::PartitionIsolate
        | Kind::PartitionRing
        | Kind::PartitionBridge
        | Kind::PartitionOneWay
        | Kind::Flap => Tolerance::Tolerated,
        // Raft trusts its members and its links: one altered term or index breaks it.
        Kind::CorruptUnnoticed | Kind::ForgedSender => Tolerance::OutOfScope,
        // Term, vote and log are durable before anything that depends on them is said.
        Kind::Crash | Kind::CrashAfterPersist => Tolerance::Tolerated,
        // A member that wakes up or lags acts on old beliefs, all of which carry their term.
        Kind::Pause | Kind::Slow => Tolerance::Tolerated,
        // Safety never looks at a clock. A wrong one makes elections come early or late.
        Kind::ClockSkew | Kind::ClockJump | Kind::ClockDrift => Tolerance::Tolerated,
        // Each write is atomic: a torn one fails its checksum and counts as not made, and nothing was said of it.
        Kind::TornWrite => Tolerance::Tolerated,
        // Fail-stop: a member whose disk fails halts and starts again from what is durable, until the disk works.
        Kind::DiskFull | Kind::ReadError => Tolerance::Tolerated,
        // A forgotten vote or entry voids the quorum it was part of. Recovering from that takes a membership change.
        Kind::CrashLosingDisk | Kind::LostWrite => Tolerance::OutOfScope,
        // Two processes with one vote are two voters.
        Kind::Twin => Tolerance::OutOfScope,
        // Paxos believes what members say.
        Kind::EquivocatingShell | Kind::SilentShell | Kind::ForgedVoter => Tolerance::OutOfScope,
        // A model that hangs, queues or fails costs its leader the lease: another member leads. Agreement needs no
        // model.
        Kind::ModelTimeout | Kind::RateLimit | Kind::ModelOutage => Tolerance::Tolerated,
        // What a model says is checked before it enters the log, and what passes a majority's check is a value like any
        // other. Whether it is right is the task's business, not agreement's.
        Kind::WrongAnswer | Kind::FabricatedId | Kind::MalformedJson | Kind::Truncated | Kind::Refusal => {
            Tolerance::Tolerated
        }
    }
}
