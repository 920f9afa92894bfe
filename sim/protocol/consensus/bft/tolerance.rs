//! What the protocol promises under each class of faults, and why. Knows no state.

use crate::fault::{Class, Kind, Tolerance};

/// The table. Every class is listed, so that a new one asks for a decision.
pub(super) const fn tolerance(kind: Kind) -> Tolerance {
    match kind.class() {
        // Every statement names its slot and round; votes are sets; what was said is said again with every beat.
        Class::Delivery => Tolerance::Tolerated,
        // Safety never looks at who is reachable, and a healed quorum meets in some round.
        Class::Cut => Tolerance::Tolerated,
        // Statements are signed: an altered one is dropped, and who delivers one says nothing. Links to clients are
        // authenticated by nobody here, but the planner keeps these two between members.
        Class::Tampering => Tolerance::Tolerated,
        // Votes, lock and decision are durable before they are said. Safety never looks at a clock.
        Class::Interruption => Tolerance::Tolerated,
        // A member that forgot its vote, has two voices, lies or is mute is one of the f.
        Class::Amnesia | Class::Deceit => Tolerance::UpToThird,
        // Without a model a member proposes nothing, and the next round has another proposer.
        Class::Access => Tolerance::Tolerated,
        // A model that lies under an honest shell costs correctness at most: what its shell says stays consistent.
        Class::Speech => Tolerance::Tolerated,
    }
}
