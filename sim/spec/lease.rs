//! A lease, or lock: at most one holder. Knows no time: a lease that runs out is released, by whoever records that.

use super::{Spec, Turn, conditional};
use crate::call::{Call, SessionId};

/// A lease that one session holds, or nobody.
///
/// ```
/// use synod::call::{Call, Outcome, SessionId};
/// use synod::spec::{Lease, Spec, Turn};
///
/// let acquire = Turn::of(SessionId(2), Call::Acquire);
/// assert_eq!(Lease.step(&None, &acquire), Some(Some(SessionId(2))));
/// assert_eq!(Lease.step(&Some(SessionId(1)), &acquire), None);
/// let refused = Turn { outcome: Outcome::Refused, ..acquire };
/// assert_eq!(Lease.step(&Some(SessionId(1)), &refused), Some(Some(SessionId(1))));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Lease;

impl Spec for Lease {
    type State = Option<SessionId>;

    fn initial(&self) -> Option<SessionId> {
        None
    }

    fn step(&self, state: &Option<SessionId>, turn: &Turn<'_>) -> Option<Option<SessionId>> {
        let after = match turn.call {
            Call::Acquire => state.is_none().then_some(Some(turn.session)),
            Call::Release => (*state == Some(turn.session)).then_some(None),
            _ => return None,
        };
        conditional(turn, state, after)
    }

    fn understands(&self, call: Call) -> bool {
        matches!(call, Call::Acquire | Call::Release)
    }
}
