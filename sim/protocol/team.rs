//! What every team protocol shares: the same request, the same outcome, the same questions to a model.
//!
//! One vocabulary for all lets one table compare them, and lets one composing agent serve them all: it turns an
//! [`Ask`] into a prompt, validates the reply against the task's schema, and hands back typed values only.
//! Nothing is ever parsed out of prose as a vote.

use super::Protocol;
use crate::fact::{Slot, Value};
use crate::id::NodeId;
use serde::{Deserialize, Serialize};

/// A client wants the team to decide what a slot is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Propose {
    /// Which decision is wanted.
    pub slot: Slot,
}

crate::digestible! { struct Propose { slot } }

/// What a client hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The team decided.
    Decided {
        /// The slot.
        slot: Slot,
        /// The value.
        value: Value,
    },
    /// This member cannot serve the request; try the hinted one, or any other.
    Elsewhere {
        /// Who probably can.
        hint: Option<NodeId>,
    },
    /// The team gave up on this slot.
    GaveUp {
        /// The slot.
        slot: Slot,
    },
}

crate::digestible! { enum Outcome { 1 = Decided { slot, value }, 2 = Elsewhere { hint }, 3 = GaveUp { slot } } }

/// What a protocol asks of the agent that composes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Have the model propose a value for a slot, knowing why earlier proposals were refused.
    Propose {
        /// The slot.
        slot: Slot,
        /// Why validators refused what was proposed before, oldest first.
        refusals: Vec<Reason>,
    },
    /// Check a value another member proposed: schema, then local facts, then (if so configured) one's own model.
    Validate {
        /// The slot.
        slot: Slot,
        /// The proposed value.
        value: Value,
    },
}

crate::digestible! { enum Ask { 1 = Propose { slot, refusals }, 2 = Validate { slot, value } } }

/// What the composing agent answers. It may also never answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A proposal that satisfies the task's schema, in canonical form.
    Proposal(Value),
    /// The value passed the health check.
    Approved,
    /// The value did not pass.
    Refused(Reason),
    /// The model gave nothing usable in time.
    Nothing(Reason),
}

crate::digestible! { enum Answer { 1 = Proposal(value), 2 = Approved, 3 = Refused(reason), 4 = Nothing(reason) } }

/// Why something was refused or missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Reason {
    /// It does not satisfy the task's schema.
    Schema,
    /// A deterministic local check contradicts it: an id that does not exist, a value out of range.
    Facts,
    /// The validator's own model disagrees.
    Opinion,
    /// No reply in time.
    Timeout,
    /// The provider answered with an error.
    Provider,
    /// The model refused to answer.
    Refusal,
}

crate::digestible! { enum Reason { 1 = Schema, 2 = Facts, 3 = Opinion, 4 = Timeout, 5 = Provider, 6 = Refusal } }

/// A protocol that decides for a team: the shared vocabulary on all four sides.
pub trait TeamProtocol: Protocol<Request = Propose, Response = Outcome, Ask = Ask, Answer = Answer> {}

impl<P: Protocol<Request = Propose, Response = Outcome, Ask = Ask, Answer = Answer>> TeamProtocol for P {}
