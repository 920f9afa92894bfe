//! What the protocol promises under each kind of fault, and why. Knows no state.

use crate::fault::{Kind, Tolerance};

/// The table. Every kind is listed, so that a new one asks for a decision.
pub(super) const fn tolerance(kind: Kind) -> Tolerance {
    match kind {
        // Every statement names its slot and round; votes are sets; what was said is said again with every beat.
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
        // Safety never looks at who is reachable, and a healed quorum meets in some round.
        Kind::Cut
        | Kind::PartitionSplit
        | Kind::PartitionIsolate
        | Kind::PartitionRing
        | Kind::PartitionBridge
        | Kind::PartitionOneWay
        | Kind::Flap => Tolerance::Tolerated,
        // Statements are signed: an altered one is dropped, and who delivers one says nothing. Links to clients are
        // authenticated by nobody here, but the planner keeps these two between members.
        Kind::CorruptUnnoticed | Kind::ForgedSender => Tolerance::Tolerated,
        // Votes, lock and decision are durable before they are said.
        Kind::Crash | Kind::CrashAfterPersist => Tolerance::Tolerated,
        Kind::Pause | Kind::Slow => Tolerance::Tolerated,
        // Safety never looks at a clock.
        Kind::ClockSkew | Kind::ClockJump | Kind::ClockDrift => Tolerance::Tolerated,
        Kind::TornWrite | Kind::DiskFull | Kind::ReadError => Tolerance::Tolerated,
        // A member that forgot its vote, has two voices, lies or is mute is one of the f.
        Kind::CrashLosingDisk
        | Kind::LostWrite
        | Kind::Twin
        | Kind::EquivocatingShell
        | Kind::SilentShell
        | Kind::ForgedVoter => Tolerance::UpToThird,
        Kind::ModelTimeout | Kind::RateLimit | Kind::ModelOutage => Tolerance::Tolerated,
        // A model that lies under an honest shell costs correctness at most: what its shell says stays consistent.
        Kind::WrongAnswer | Kind::FabricatedId | Kind::MalformedJson | Kind::Truncated | Kind::Refusal => {
            Tolerance::Tolerated
        }
    }
}
