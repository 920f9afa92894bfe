//! Calls that agents make, of tools and of their models, as checkers of policies see them. Judges nothing.

use crate::fact::{Circuit, Fact};
use crate::history::Event;

/// What an event says of a call.
pub(super) enum Calling<'a> {
    /// It is made, for the first time or again.
    Begins {
        /// Its own name, which a repetition shares.
        call: &'a str,
        /// What is called.
        what: &'a str,
    },
    /// Its maker waits for it no longer.
    Ends {
        /// Its own name.
        call: &'a str,
    },
}

impl Calling<'_> {
    /// What an event says of a call, if it does.
    pub(super) fn of(event: &Event) -> Option<Calling<'_>> {
        let Event::Fact(fact) = event else { return None };
        match fact {
            Fact::Called { call, tool, .. } => Some(Calling::Begins { call, what: tool }),
            Fact::Questioned { question, .. } => Some(Calling::Begins { call: question, what: Circuit::OF_MODEL }),
            Fact::CallEnded { call, .. } | Fact::Settled { question: call } => Some(Calling::Ends { call }),
            _ => None,
        }
    }
}
