//! How a call of a store begins and ends, before it is a record. Knows no history.

use super::record::{Answer, TurnId};
use super::tables::ListId;
use crate::call::{Call, KeyId, Outcome, SessionId, ValueId, Version};

/// A call as it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// Who asks.
    pub session: SessionId,
    /// Of which key.
    pub key: KeyId,
    /// What.
    pub call: Call,
    /// What it carries in.
    pub value: ValueId,
    /// What a compare-and-set compares with.
    pub expected: ValueId,
    /// The turn it belongs to.
    pub turn: Option<TurnId>,
}

impl Invocation {
    /// A call that carries nothing.
    #[must_use]
    pub const fn of(session: SessionId, key: KeyId, call: Call) -> Invocation {
        Invocation { session, key, call, value: ValueId::NOTHING, expected: ValueId::NOTHING, turn: None }
    }

    /// The same with a value.
    #[must_use]
    pub const fn with(self, value: ValueId) -> Invocation {
        Invocation { value, ..self }
    }
}

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Return {
    /// How.
    pub outcome: Outcome,
    /// With what.
    pub answer: Answer,
    /// The version that was written or read.
    pub version: Option<Version>,
}

impl Return {
    /// The answer that it was done.
    pub const OK: Return = Return { outcome: Outcome::Ok, answer: Answer::NOTHING, version: None };
    /// The answer that the condition does not hold.
    pub const REFUSED: Return = Return { outcome: Outcome::Refused, ..Return::OK };
    /// Certainly without effect.
    pub const FAILED: Return = Return { outcome: Outcome::Failed, ..Return::OK };
    /// Given up: it may have taken effect, or may still.
    pub const OPEN: Return = Return { outcome: Outcome::Open, ..Return::OK };

    /// The answer to a read.
    #[must_use]
    pub const fn value(value: ValueId) -> Return {
        Return { answer: Answer::Value(value), ..Return::OK }
    }

    /// The answer to a read of a list.
    #[must_use]
    pub const fn list(list: ListId) -> Return {
        Return { answer: Answer::List(list), ..Return::OK }
    }

    /// The same with a version.
    #[must_use]
    pub const fn at(self, version: Version) -> Return {
        Return { version: Some(version), ..self }
    }
}
