//! What goes wrong in a story: what its body brings, and what is put in place of that.

use crate::fault::{Nemesis, Schedule};
use crate::seed::{Draws, Streams};

/// The faults that a body brings.
#[derive(Clone)]
pub(super) enum Brought {
    /// Exactly these.
    Exactly(Schedule),
    /// What is drawn so, from a stream of its own.
    Drawn(fn(&mut Draws) -> Schedule),
}

impl Brought {
    /// The faults of one run.
    pub(super) fn of(&self, streams: &Streams) -> Schedule {
        match self {
            Brought::Exactly(schedule) => schedule.clone(),
            Brought::Drawn(draw) => draw(&mut streams.stream(format_args!("nemesis/brought"))),
        }
    }
}

/// What goes wrong in place of what a body says.
#[derive(Clone)]
pub(super) enum Instead {
    /// Exactly this.
    Exactly(Schedule),
    /// What this draws.
    Drawn(Nemesis),
}
