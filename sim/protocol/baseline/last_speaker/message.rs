//! What members send each other and what timers are called.

use crate::fact::{Slot, Value};
use crate::id::NodeId;

/// What members send each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Answer this, everyone.
    Call {
        /// The slot.
        slot: Slot,
    },
    /// The shared answer is now this.
    Write {
        /// The slot.
        slot: Slot,
        /// Whose words they are.
        author: NodeId,
        /// The answer.
        value: Value,
    },
    /// A call or a write has arrived.
    Heard {
        /// The slot.
        slot: Slot,
        /// Which of the two.
        what: Delivery,
    },
    /// I start again: what are the shared answers?
    CatchUp,
}

crate::digestible! { enum Message {
    1 = Call { slot }, 2 = Write { slot, author, value }, 3 = Heard { slot, what }, 4 = CatchUp,
} }

/// What may need sending again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Delivery {
    /// The call to answer.
    Call,
    /// The own write.
    Write,
}

crate::digestible! { enum Delivery { 1 = Call, 2 = Write } }

/// What timers are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// Nobody has written for a while.
    Settle(Slot),
    /// Nobody has written at all.
    Deadline(Slot),
    /// Someone has not acknowledged.
    Resend(Slot),
}

crate::digestible! { enum Timer { 1 = Settle(slot), 2 = Deadline(slot), 3 = Resend(slot) } }
