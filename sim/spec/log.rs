//! A log: a list that grows at its end, and is read whole. Knows nothing of who appends.

use super::{Reply, Spec, Turn};
use crate::call::{Call, Outcome, ValueId};

/// A list of values, at first empty.
///
/// ```
/// use synod::call::{Call, SessionId, ValueId};
/// use synod::spec::{Log, Reply, Spec, Turn};
///
/// let append = Turn { value: ValueId(2), ..Turn::of(SessionId(0), Call::Append) };
/// assert_eq!(Log.step(&vec![ValueId(1)], &append), Some(vec![ValueId(1), ValueId(2)]));
/// let read = Turn { reply: Reply::List(&[ValueId(2)]), ..Turn::of(SessionId(0), Call::Read) };
/// assert_eq!(Log.step(&vec![ValueId(1), ValueId(2)], &read), None);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Log;

impl Spec for Log {
    type State = Vec<ValueId>;

    fn initial(&self) -> Vec<ValueId> {
        Vec::new()
    }

    fn step(&self, state: &Vec<ValueId>, turn: &Turn<'_>) -> Option<Vec<ValueId>> {
        match turn.call {
            Call::Read => reads_all(turn, state).then(|| state.clone()),
            Call::Append => Some(state.iter().copied().chain([turn.value]).collect()),
            Call::Write => Some(vec![turn.value]),
            Call::Remove => Some(Vec::new()),
            _ => None,
        }
    }

    fn understands(&self, call: Call) -> bool {
        matches!(call, Call::Read | Call::Append | Call::Write | Call::Remove)
    }
}

/// Whether a turn read exactly this list; nothing reads as the empty one.
pub(super) fn reads_all(turn: &Turn<'_>, list: &[ValueId]) -> bool {
    match (turn.outcome, turn.reply) {
        (Outcome::Open, _) => true,
        (Outcome::Ok, Reply::List(read)) => read == list,
        (Outcome::Ok, Reply::Value(ValueId::NOTHING)) => list.is_empty(),
        _ => false,
    }
}
