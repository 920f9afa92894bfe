//! One value per ballot: all votes of one ballot for one index are for one command. Reads what acceptors accept.

use super::dense::Dense;
use super::online::{Observe, Online, Seen, decisive, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Event, History};
use std::collections::BTreeMap;

/// No two acceptors vote for different commands at one index in one ballot. Twin on operations:
/// [`ClientAgreement`](super::ClientAgreement).
///
/// Every proof of Paxos starts from this: "the proposal" of a ballot would mean nothing without it.
#[derive(Clone, Copy, Debug, Default)]
pub struct OneValuePerBallot;

impl OneValuePerBallot {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "one_value_per_ballot",
        about: "all votes of one ballot for one index are for the same command",
        source: "van Renesse, Altinbuken: Paxos Made Moderately Complex (2015), section 2.1, invariant A4",
        kind: PropertyKind::Safety,
    };
}

impl Check for OneValuePerBallot {
    fn property(&self) -> Property {
        OneValuePerBallot::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for OneValuePerBallot {
    type State = Proposals;

    fn begin(&self) -> Proposals {
        Proposals::default()
    }
}

/// The first vote of each ballot, by index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposals {
    by_index: Dense<BTreeMap<u64, Vote>>,
    judged: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Vote {
    command: u64,
    by: Seen,
}

decisive!(Proposals { by_index });
decisive!(Vote { command });

impl Observe for Proposals {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let Event::Fact(Fact::Accepted { index, ballot, command }) = &entry.event else { return None };
        self.judged += 1;
        let vote = Vote { command: *command, by: Seen::of(place, entry) };
        let first = *self.by_index.slot(*index).entry(*ballot).or_insert(vote);
        if first.command == *command { None } else { refute(*index, *ballot, first, vote) }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

#[cold]
fn refute(index: u64, ballot: u64, first: Vote, second: Vote) -> Option<Witness> {
    let steps = [first, second].map(|vote| vote.by.step(Fact::Accepted { index, ballot, command: vote.command }));
    let contradiction = format!("Ballot {ballot} has two commands for entry {index}.");
    Some(OneValuePerBallot::PROPERTY.refuted("two commands of one ballot", steps.into(), contradiction))
}
