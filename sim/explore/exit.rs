//! Exit codes: the contract that scripts and CI rely on.

use std::process::ExitCode;

/// How a command ends. Ordered by precedence, gravest first: when several apply, the first one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// The request itself was wrong; nothing was written.
    BadInput,
    /// The tested code panicked, looped forever, or gave two different runs for one seed.
    Crashed,
    /// A safety property was violated, or an expected violation was not found.
    Violated,
    /// A liveness property was violated.
    Stalled,
    /// A checker gave up at a limit before it could decide. Never a pass.
    Undecided,
    /// Nothing was violated, but the evidence does not carry a pass.
    NotExercised,
    /// Everything is as said.
    AsSaid,
}

impl Exit {
    /// The process's exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Exit::AsSaid => 0,
            Exit::Violated => 1,
            Exit::BadInput => 2,
            Exit::Stalled => 3,
            Exit::Crashed => 4,
            Exit::NotExercised => 5,
            Exit::Undecided => 6,
        }
    }

    /// The one that counts when all of these apply; none at all is as said.
    #[must_use]
    pub fn gravest(exits: impl IntoIterator<Item = Exit>) -> Exit {
        exits.into_iter().min().unwrap_or(Exit::AsSaid)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_is_chosen_by_precedence_two_four_one_three_six_five_zero() {
        let precedence = [2, 4, 1, 3, 6, 5, 0];
        let mut exits = [
            Exit::AsSaid,
            Exit::Stalled,
            Exit::BadInput,
            Exit::NotExercised,
            Exit::Violated,
            Exit::Crashed,
            Exit::Undecided,
        ];
        exits.sort();
        assert_eq!(exits.map(Exit::code), precedence);
        for (place, exit) in exits.iter().enumerate() {
            assert_eq!(Exit::gravest(exits[place..].iter().rev().copied()), *exit);
        }
        assert_eq!(Exit::gravest([]), Exit::AsSaid);
    }
}
