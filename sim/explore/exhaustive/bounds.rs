//! How far a search goes. Knows no state.

use serde::Serialize;
use std::fmt;

/// What bounds a search. What lies beyond is counted, never silently left out.
///
/// ```
/// use synod::explore::exhaustive::Bounds;
/// let bounds = Bounds { crashes: 1, ..Bounds::default() };
/// assert!(bounds.to_string().starts_with("2 timers fire, 1 crash, 0 messages come twice"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bounds {
    /// How many timers fire on one way, all processes together.
    pub timers: u32,
    /// How many crashes there are on one way, all processes together.
    pub crashes: u32,
    /// How many messages arrive and stay in flight all the same.
    pub duplicates: u32,
    /// How many messages alike, between the same two, may be in flight; one more is not sent.
    pub copies: usize,
    /// How many actions a way has at most.
    pub depth: u32,
    /// How many states are kept; a search that needs more ends without a verdict.
    pub states: usize,
    /// When a write that is under way ends. Until it does, its process handles nothing, and what follows it waits.
    pub writes: Ending,
    /// When an answer to a question comes.
    pub answers: Ending,
}

/// When something that is under way at one process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Whenever, or never: others act meanwhile.
    Meanwhile,
    /// Before anything else happens, but for a crash of that process. Nobody sees what is under way before it ends, and
    /// messages may be late anyway; so this leaves out orders in which processes report, not orders of deliveries, and
    /// has far fewer states.
    AtOnce,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            timers: 2,
            crashes: 0,
            duplicates: 0,
            copies: 1,
            depth: 100,
            // Some hundred megabytes of digests and ways.
            states: 10_000_000,
            writes: Ending::AtOnce,
            answers: Ending::Meanwhile,
        }
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Bounds { timers, crashes, duplicates, copies, depth, states, writes, answers } = self;
        let plural = |count: u32| if count == 1 { "" } else { "es" };
        let ending = |ending: &Ending| match ending {
            Ending::Meanwhile => "at any time",
            Ending::AtOnce => "at once",
        };
        let (writes, answers) = (ending(writes), ending(answers));
        write!(
            f,
            "{timers} timers fire, {crashes} crash{}, {duplicates} messages come twice, {copies} alike in flight, \
             writes end {writes}, answers come {answers}, \
             {depth} actions, {states} states",
            plural(*crashes)
        )
    }
}
