//! What every team protocol shares: the same requests, the same outcomes, the same questions to a model.
//!
//! Every team takes [`Request::Propose`]. The other requests are for teams that keep a log; any other refuses them
//! ([`Request::slot_or_refuse`]).
//!
//! One vocabulary for all lets one table compare them, and lets one composing agent serve them all: it turns an
//! [`Ask`] into a prompt, validates the reply against the task's schema, and hands back typed values only.
//! Nothing is ever parsed out of prose as a vote.

use super::{Effects, Protocol, store};
use crate::fact::{Decision, Slot, Value};
use crate::id::{NodeId, OpId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a client, a reader or an administrator wants of a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Decide what a slot is about.
    Propose {
        /// Which decision is wanted.
        slot: Slot,
    },
    /// Tell everything that is decided, in the order in which it was: linearizably, so nothing that anyone heard before
    /// this was asked is missing.
    Read,
    /// Let a member vote from now on.
    Admit {
        /// The member.
        member: NodeId,
    },
    /// Let a member vote no more.
    Remove {
        /// The member.
        member: NodeId,
    },
    /// Hand leadership to a member.
    Transfer {
        /// The member.
        to: NodeId,
    },
    /// Read or change a shared note. For stores, which take nothing else.
    Store(
        /// The session's call.
        Box<store::Request>,
    ),
}

crate::digestible! { enum Request {
    1 = Propose { slot }, 2 = Read, 3 = Admit { member }, 4 = Remove { member }, 5 = Transfer { to },
    6 = Store(request),
} }

impl Request {
    /// The slot to decide, for a protocol that keeps no log: whatever else is asked of it is refused.
    ///
    /// ```
    /// use synod::fact::Slot;
    /// use synod::id::OpId;
    /// use synod::protocol::Effects;
    /// use synod::protocol::baseline::majority::Majority;
    /// use synod::protocol::team::Request;
    /// let mut effects = Effects::<Majority>::default();
    /// assert_eq!(Request::Propose { slot: Slot(3) }.slot_or_refuse(OpId(0), &mut effects), Some(Slot(3)));
    /// assert_eq!(Request::Read.slot_or_refuse(OpId(1), &mut effects), None);
    /// assert!(!effects.is_empty());
    /// ```
    #[must_use]
    pub fn slot_or_refuse<P: TeamProtocol>(self, op: OpId, effects: &mut Effects<P>) -> Option<Slot> {
        match self {
            Request::Propose { slot } => Some(slot),
            Request::Read
            | Request::Admit { .. }
            | Request::Remove { .. }
            | Request::Transfer { .. }
            | Request::Store(_) => {
                effects.respond(op, Outcome::Refused);
                None
            }
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Request::Propose { slot } => write!(f, "propose {slot}"),
            Request::Read => f.write_str("read the log"),
            Request::Admit { member } => write!(f, "admit {member}"),
            Request::Remove { member } => write!(f, "remove {member}"),
            Request::Transfer { to } => write!(f, "transfer leadership to {to}"),
            Request::Store(request) => write!(f, "{request}"),
        }
    }
}

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
    /// Everything decided so far, in the order in which it was.
    Log {
        /// The decisions.
        decisions: Vec<Decision>,
    },
    /// What an administrator wanted is done: the change of voters is committed, or the leader let go once it had told
    /// the other to take over.
    Done,
    /// This team does not do that, or not with this member; asking another member changes nothing.
    Refused,
    /// A store's answer.
    Store(
        /// The answer.
        Box<store::Response>,
    ),
}

crate::digestible! { enum Outcome {
    1 = Decided { slot, value }, 2 = Elsewhere { hint }, 3 = GaveUp { slot }, 4 = Log { decisions }, 5 = Done,
    6 = Refused, 7 = Store(response),
} }

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
    /// Have the model answer again, knowing what it answered before and what others answer now.
    Revise {
        /// The slot.
        slot: Slot,
        /// The member's own last answer, if it has one.
        own: Option<Value>,
        /// What others answer, in the order of their names.
        peers: Vec<Stance>,
        /// Why validators refused what was put to the vote before, oldest first.
        refusals: Vec<Reason>,
    },
}

crate::digestible! { enum Ask {
    1 = Propose { slot, refusals }, 2 = Validate { slot, value }, 3 = Revise { slot, own, peers, refusals },
} }

/// What another member answers, as its peers' prompts show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stance {
    /// Who.
    pub by: NodeId,
    /// What, byte for byte.
    pub value: Value,
}

crate::digestible! { struct Stance { by, value } }

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
pub trait TeamProtocol: Protocol<Request = Request, Response = Outcome, Ask = Ask, Answer = Answer> {}

impl<P: Protocol<Request = Request, Response = Outcome, Ask = Ask, Answer = Answer>> TeamProtocol for P {}
