//! Chosen once: at most one command is chosen at each index. Counts the acceptors' votes, not what anyone made of them.
//!
//! How many votes choose is read from what members say they count ([`Fact::Quorums`]); a history without it judges
//! nothing. What members *say* is chosen must have been: a quorum of votes of that ballot comes before.

use super::dense::Dense;
use super::online::{Observe, Online, Seen, decisive, judge, unordered};
use super::{Check, Lane, Property, PropertyKind, Step, Verdict, Witness};
use crate::digest::{Digest, Digester};
use crate::fact::Fact;
use crate::history::{Entry, Event, History};
use std::collections::BTreeMap;

/// No index has two chosen commands, and none is called chosen without a quorum of votes in one ballot. Twin on
/// operations: [`ClientAgreement`](super::ClientAgreement).
#[derive(Clone, Copy, Debug, Default)]
pub struct ChosenOnce;

impl ChosenOnce {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "chosen_once",
        about: "at most one command is chosen at each index, by a quorum of votes of one ballot",
        source: "Lamport: Paxos Made Simple (2001), sections 2.1 and 2.2, P2",
        kind: PropertyKind::Safety,
    };
}

impl Check for ChosenOnce {
    fn property(&self) -> Property {
        ChosenOnce::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for ChosenOnce {
    type State = Choices;

    fn begin(&self) -> Choices {
        Choices::default()
    }
}

/// The votes for each index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// How many votes choose, once anyone said so.
    quorum: Option<u64>,
    by_index: Dense<Ballots>,
    judged: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Ballots {
    /// The first votes of distinct acceptors, by ballot and command.
    votes: BTreeMap<(u64, u64), Vec<Seen>>,
    chosen: Option<Choice>,
}

/// A command with the votes that chose it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Choice {
    ballot: u64,
    command: u64,
    votes: Vec<Seen>,
}

decisive!(Choices { quorum, by_index });
decisive!(Choice { command });

impl Digest for Ballots {
    fn digest(&self, digester: &mut Digester) {
        for ((ballot, command), voters) in &self.votes {
            (*ballot, *command).digest(digester);
            unordered(voters.iter().map(|by| by.node), digester);
        }
        self.chosen.digest(digester);
    }
}

impl Observe for Choices {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let Event::Fact(fact) = &entry.event else { return None };
        match fact {
            Fact::Quorums { votes, .. } => {
                self.quorum.get_or_insert(*votes);
                None
            }
            Fact::Accepted { index, ballot, command } => self.vote(*index, *ballot, *command, Seen::of(place, entry)),
            Fact::Chosen { index, ballot, command } => {
                self.called_chosen(*index, *ballot, *command, Seen::of(place, entry))
            }
            _ => None,
        }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Choices {
    fn vote(&mut self, index: u64, ballot: u64, command: u64, by: Seen) -> Option<Witness> {
        let quorum = self.quorum?;
        let ballots = self.by_index.slot(index);
        let voters = ballots.votes.entry((ballot, command)).or_default();
        if voters.iter().any(|known| known.node == by.node) {
            return None;
        }
        voters.push(by);
        if (voters.len() as u64) < quorum {
            return None;
        }
        self.judged += 1;
        let choice = || Choice { ballot, command, votes: voters.clone() };
        let first = ballots.chosen.get_or_insert_with(choice);
        if first.command == command { None } else { refute(index, first, &choice()) }
    }

    fn called_chosen(&mut self, index: u64, ballot: u64, command: u64, by: Seen) -> Option<Witness> {
        let quorum = self.quorum?;
        let voters = self.by_index.slot(index).votes.get(&(ballot, command)).map_or(&[][..], Vec::as_slice);
        if voters.len() as u64 >= quorum {
            return None;
        }
        let mut steps = steps_of(index, ballot, command, voters);
        steps.push(by.step(Fact::Chosen { index, ballot, command }));
        let (who, votes) = (by.node, voters.len());
        let said = format!("{who} counts entry {index} chosen in ballot {ballot} on {votes} votes; it takes {quorum}.");
        Some(ChosenOnce::PROPERTY.refuted("called chosen without a quorum", steps, said))
    }
}

fn steps_of(index: u64, ballot: u64, command: u64, voters: &[Seen]) -> Vec<Step> {
    voters.iter().map(|by| by.step(Fact::Accepted { index, ballot, command })).collect()
}

#[cold]
fn refute(index: u64, first: &Choice, second: &Choice) -> Option<Witness> {
    let votes = [first, second]
        .into_iter()
        .flat_map(|Choice { ballot, command, votes }| steps_of(index, *ballot, *command, votes));
    let steps = votes.collect();
    let contradiction = format!("Quorums chose two commands for entry {index}.");
    Some(ChosenOnce::PROPERTY.refuted("two commands chosen at one index", steps, contradiction))
}
