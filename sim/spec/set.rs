//! A set of values. Knows nothing of their order.

use super::log::reads_all;
use super::{Condition, Reply, Spec, Turn};
use crate::call::{Call, ValueId};

/// A set, at first empty. Its state is sorted; a read may return the members in any order.
///
/// ```
/// use synod::call::{Call, Outcome, SessionId, ValueId};
/// use synod::spec::{Set, Spec, Turn};
///
/// let contains = Turn { value: ValueId(1), ..Turn::of(SessionId(0), Call::Contains) };
/// assert!(Set.step(&vec![ValueId(1)], &contains).is_some());
/// assert!(Set.step(&vec![ValueId(2)], &contains).is_none());
/// assert!(Set.step(&vec![ValueId(2)], &Turn { outcome: Outcome::Refused, ..contains }).is_some());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Set;

impl Spec for Set {
    type State = Vec<ValueId>;

    fn initial(&self) -> Vec<ValueId> {
        Vec::new()
    }

    fn step(&self, state: &Vec<ValueId>, turn: &Turn<'_>) -> Option<Vec<ValueId>> {
        let place = state.binary_search(&turn.value);
        let mut after = state.clone();
        match (turn.call, place) {
            (Call::Add, Err(place)) => after.insert(place, turn.value),
            (Call::Discard, Ok(place)) => {
                after.remove(place);
            }
            (Call::Add, Ok(_)) | (Call::Discard, Err(_)) => {}
            (Call::Contains, _) => return turn.fits(Condition::of(place.is_ok())).then_some(after),
            (Call::Read, _) => {
                let mut members: Vec<ValueId> = match turn.reply {
                    Reply::List(read) => read.to_vec(),
                    Reply::Value(_) => Vec::new(),
                };
                members.sort_unstable();
                let sorted = Turn { reply: Reply::List(&members), ..*turn };
                return reads_all(&sorted, state).then_some(after);
            }
            _ => return None,
        }
        Some(after)
    }

    fn understands(&self, call: Call) -> bool {
        matches!(call, Call::Add | Call::Discard | Call::Contains | Call::Read)
    }
}
