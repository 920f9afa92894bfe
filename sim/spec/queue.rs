//! A queue: first in, first out. Knows nothing of who waits.

use super::{Spec, Turn};
use crate::call::{Call, Outcome, ValueId};

/// A queue of values, at first empty.
///
/// ```
/// use synod::call::{Call, Outcome, SessionId, ValueId};
/// use synod::spec::{Queue, Reply, Spec, Turn};
///
/// let dequeue = Turn { reply: Reply::Value(ValueId(1)), ..Turn::of(SessionId(0), Call::Dequeue) };
/// assert_eq!(Queue.step(&vec![ValueId(1), ValueId(2)], &dequeue), Some(vec![ValueId(2)]));
/// assert_eq!(Queue.step(&vec![ValueId(2), ValueId(1)], &dequeue), None);
/// assert_eq!(Queue.step(&vec![], &Turn { outcome: Outcome::Refused, ..dequeue }), Some(vec![]));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Queue;

impl Spec for Queue {
    type State = Vec<ValueId>;

    fn initial(&self) -> Vec<ValueId> {
        Vec::new()
    }

    fn step(&self, state: &Vec<ValueId>, turn: &Turn<'_>) -> Option<Vec<ValueId>> {
        match (turn.call, state.split_first()) {
            (Call::Enqueue, _) => Some(state.iter().copied().chain([turn.value]).collect()),
            (Call::Dequeue, Some((head, rest))) => turn.answers(*head).then(|| rest.to_vec()),
            (Call::Dequeue, None) => matches!(turn.outcome, Outcome::Refused | Outcome::Open).then(Vec::new),
            _ => None,
        }
    }

    fn understands(&self, call: Call) -> bool {
        matches!(call, Call::Enqueue | Call::Dequeue)
    }
}
