//! A register, with compare-and-set. Knows nothing of keys: each has a register of its own.

use super::{Spec, Turn, conditional};
use crate::call::{Call, ValueId};

/// A register that holds one value, at first nothing.
///
/// ```
/// use synod::call::{Call, Outcome, SessionId, ValueId};
/// use synod::spec::{Register, Spec, Turn};
///
/// let cas = Turn { expected: ValueId(1), value: ValueId(2), ..Turn::of(SessionId(0), Call::Cas) };
/// assert_eq!(Register.step(&ValueId(1), &cas), Some(ValueId(2)));
/// assert_eq!(Register.step(&ValueId(3), &cas), None);
/// assert_eq!(Register.step(&ValueId(3), &Turn { outcome: Outcome::Refused, ..cas }), Some(ValueId(3)));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Register;

impl Spec for Register {
    type State = ValueId;

    fn initial(&self) -> ValueId {
        ValueId::NOTHING
    }

    fn step(&self, state: &ValueId, turn: &Turn<'_>) -> Option<ValueId> {
        match turn.call {
            Call::Read => turn.answers(*state).then_some(*state),
            Call::Write => Some(turn.value),
            Call::Remove => Some(ValueId::NOTHING),
            Call::Cas => conditional(turn, state, (*state == turn.expected).then_some(turn.value)),
            _ => None,
        }
    }

    fn understands(&self, call: Call) -> bool {
        matches!(call, Call::Read | Call::Write | Call::Remove | Call::Cas)
    }
}
