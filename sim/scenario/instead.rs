//! What goes wrong in a story in place of what its body says.

use crate::fault::{Nemesis, Schedule};

/// What goes wrong in place of what a body says.
#[derive(Clone)]
pub(super) enum Instead {
    /// Exactly this.
    Exactly(Schedule),
    /// What this draws.
    Drawn(Nemesis),
}
