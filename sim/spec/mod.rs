//! Sequential specifications: what each object answers when it is asked by one after the other.
//!
//! A spec is a state and a step. Whether a history that was *not* sequential can be explained by one is for `check`.
//!
//! | object | calls | file |
//! |---|---|---|
//! | [`Register`] | read, write, remove, cas | `register.rs` |
//! | [`Log`] | append, read (the whole list), write (a list of one), remove | `log.rs` |
//! | [`Lease`] | acquire, release | `lease.rs` |
//! | [`Queue`] | enqueue, dequeue | `queue.rs` |
//! | [`Set`] | add, discard, contains, read (all members) | `set.rs` |
//! | [`Board`] | post, claim, complete, abandon | `board.rs` |

mod board;
mod lease;
mod log;
mod queue;
mod register;
mod set;

pub use board::{Board, Task};
pub use lease::Lease;
pub use log::Log;
pub use queue::Queue;
pub use register::Register;
pub use set::Set;

use crate::call::{Call, Outcome, SessionId, ValueId};
use std::fmt::Debug;

/// An object that is asked by one after the other.
///
/// ```
/// use synod::call::{Call, Outcome, SessionId, ValueId};
/// use synod::spec::{Register, Reply, Spec, Turn};
///
/// let session = SessionId(0);
/// let write = Turn { value: ValueId(7), ..Turn::of(session, Call::Write) };
/// let state = Register.step(&Register.initial(), &write).expect("a write is always possible");
/// let read = |value| Turn { reply: Reply::Value(value), ..Turn::of(session, Call::Read) };
/// assert!(Register.step(&state, &read(ValueId(7))).is_some());
/// assert!(Register.step(&state, &read(ValueId(8))).is_none());
/// ```
pub trait Spec {
    /// Everything that later answers depend on.
    type State: Clone + Ord + Debug;

    /// The state before the first call.
    fn initial(&self) -> Self::State;

    /// The state after this turn; `None` if the object cannot answer so in this state.
    fn step(&self, state: &Self::State, turn: &Turn<'_>) -> Option<Self::State>;

    /// Whether the object understands the call.
    fn understands(&self, call: Call) -> bool;
}

/// One call with its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn<'a> {
    /// Who asks.
    pub session: SessionId,
    /// What.
    pub call: Call,
    /// What it carries in.
    pub value: ValueId,
    /// What a compare-and-set compares with.
    pub expected: ValueId,
    /// How it ended. While it is open, any answer is possible.
    pub outcome: Outcome,
    /// What came back.
    pub reply: Reply<'a>,
}

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply<'a> {
    /// One value, or nothing.
    Value(ValueId),
    /// A list of values.
    List(&'a [ValueId]),
}

impl Turn<'_> {
    /// A call that carries nothing and is answered with nothing.
    #[must_use]
    pub const fn of(session: SessionId, call: Call) -> Turn<'static> {
        Turn {
            session,
            call,
            value: ValueId::NOTHING,
            expected: ValueId::NOTHING,
            outcome: Outcome::Ok,
            reply: Reply::Value(ValueId::NOTHING),
        }
    }

    /// Whether an answer of yes or no fits what the object would say.
    const fn fits(&self, holds: Condition) -> bool {
        match (self.outcome, holds) {
            (Outcome::Open, _) | (Outcome::Ok, Condition::Holds) | (Outcome::Refused, Condition::Fails) => true,
            (Outcome::Failed | Outcome::Ok | Outcome::Refused, _) => false,
        }
    }

    /// Whether the object may have answered with this value.
    fn answers(&self, value: ValueId) -> bool {
        self.outcome == Outcome::Open || self.outcome == Outcome::Ok && self.reply == Reply::Value(value)
    }
}

/// Whether a call's condition holds in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    Holds,
    Fails,
}

impl Condition {
    const fn of(holds: bool) -> Condition {
        if holds { Condition::Holds } else { Condition::Fails }
    }
}

/// A condition's effect: the state after it if it holds, the state as it was if not; `None` if the answer is another.
fn conditional<S: Clone>(turn: &Turn<'_>, state: &S, after: Option<S>) -> Option<S> {
    let holds = Condition::of(after.is_some());
    turn.fits(holds).then(|| after.unwrap_or_else(|| state.clone()))
}

#[cfg(test)]
mod tests;
