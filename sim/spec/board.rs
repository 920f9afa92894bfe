//! A board of tasks that sessions claim and complete. Knows one task: each is an object of its own.

use super::{Spec, Turn, conditional};
use crate::call::{Call, SessionId};

/// A task on a board.
///
/// ```
/// use synod::call::{Call, SessionId};
/// use synod::spec::{Board, Spec, Task, Turn};
///
/// let claim = Turn::of(SessionId(1), Call::Claim);
/// assert_eq!(Board.step(&Task::Open, &claim), Some(Task::Claimed(SessionId(1))));
/// assert_eq!(Board.step(&Task::Claimed(SessionId(2)), &claim), None);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Board;

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// Not on the board.
    Absent,
    /// On the board, and nobody's.
    Open,
    /// A session works on it.
    Claimed(SessionId),
    /// Finished.
    Done,
}

impl Spec for Board {
    type State = Task;

    fn initial(&self) -> Task {
        Task::Absent
    }

    fn step(&self, state: &Task, turn: &Turn<'_>) -> Option<Task> {
        let mine = *state == Task::Claimed(turn.session);
        let after = match turn.call {
            Call::Post => (*state == Task::Absent).then_some(Task::Open),
            Call::Claim => (*state == Task::Open).then_some(Task::Claimed(turn.session)),
            Call::Complete => mine.then_some(Task::Done),
            Call::Abandon => mine.then_some(Task::Open),
            _ => return None,
        };
        conditional(turn, state, after)
    }

    fn understands(&self, call: Call) -> bool {
        matches!(call, Call::Post | Call::Claim | Call::Complete | Call::Abandon)
    }
}
