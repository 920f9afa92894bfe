//! What is said in a refinement, how it travels and what is kept of it. Knows no count.

use super::Answers;
use crate::fact::{Slot, Value};
use crate::protocol::consensus::vote::{self, Ballot, Letter, Registers};
use crate::protocol::team::Reason;
use crate::protocol::{Fold, corruption};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A round of a term. Terms are ballots of the vote that ends the refinement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The term.
    pub term: Ballot,
    /// The round, from 0.
    pub round: u32,
}

crate::digestible! { struct Place { term, round } }

/// A refinement set: the answers that a round is about, which those of the round before are (the paper's R̄).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefinementSet {
    /// The round that it was sent for.
    pub place: Place,
    /// The answers.
    pub answers: Answers,
}

crate::digestible! { struct RefinementSet { place, answers } }

/// A member's own last answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// In which round.
    pub place: Place,
    /// What; nothing if its model gave nothing.
    pub answer: Option<Value>,
}

crate::digestible! { struct Answered { place, answer } }

/// What is durable of one slot besides the vote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The latest refinement set that a leader sent.
    pub set: Option<RefinementSet>,
    /// The own last answer.
    pub answered: Option<Answered>,
}

crate::digestible! { struct Kept { set, answered } }

/// What a member must not forget.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Durable {
    /// Sets and answers.
    pub kept: BTreeMap<Slot, Kept>,
    /// Its part in votes, and with it its terms.
    pub registers: Registers,
}

/// One change of that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Write {
    /// A leader's set.
    Set {
        /// The slot.
        slot: Slot,
        /// The set.
        set: RefinementSet,
    },
    /// It is about to say this.
    Answered {
        /// The slot.
        slot: Slot,
        /// What, in which round.
        answered: Answered,
    },
    /// A vote's.
    Vote(vote::Write),
}

crate::digestible! { struct Durable { kept, registers } }
crate::digestible! { enum Write { 1 = Set { slot, set }, 2 = Answered { slot, answered }, 3 = Vote(write) } }

impl Fold<Write> for Durable {
    fn fold(&mut self, write: &Write) {
        match write {
            Write::Set { slot, set } => self.kept.entry(*slot).or_default().set = Some(set.clone()),
            Write::Answered { slot, answered } => {
                self.kept.entry(*slot).or_default().answered = Some(answered.clone());
            }
            Write::Vote(write) => write.fold_into(&mut self.registers),
        }
    }
}

impl From<vote::Write> for Write {
    fn from(write: vote::Write) -> Write {
        Write::Vote(write)
    }
}

/// What members send each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// A leader's: this round is about these answers (the paper's `Task` with none, its `RefmSet` with some).
    Refine {
        /// The slot.
        slot: Slot,
        /// The set.
        set: RefinementSet,
        /// What was refused so far, and why.
        refused: BTreeMap<Value, Reason>,
    },
    /// A member's answer in a round, or that it has none (the paper's `Soln` and `Refm`).
    Answer {
        /// The slot.
        slot: Slot,
        /// What, in which round.
        answered: Answered,
    },
    /// About elections and votes: a call is the paper's `RequestVote`, a member that comes sends its `Vote` and its
    /// `NewTermAck` in one.
    Vote(Letter<Option<RefinementSet>>),
}

crate::digestible! { enum Message {
    1 = Refine { slot, set, refused }, 2 = Answer { slot, answered }, 3 = Vote(letter),
} }

impl From<Letter<Option<RefinementSet>>> for Message {
    fn from(letter: Letter<Option<RefinementSet>>) -> Message {
        Message::Vote(letter)
    }
}

impl Message {
    /// The message with a slot, a round, an answer or a ballot altered by one bit.
    #[must_use]
    pub(super) fn corrupted(&self, draw: u64) -> Message {
        let mut message = self.clone();
        match (&mut message, draw % 2) {
            (Message::Refine { set, .. }, 0) => corruption::word(&mut set.place.term.0, draw / 2),
            (Message::Refine { slot, .. }, _) => corruption::word(&mut slot.0, draw / 2),
            (Message::Answer { answered: Answered { answer: Some(value), .. }, .. }, 0) => {
                *value = corruption::value(value, draw / 2);
            }
            (Message::Answer { answered, .. }, _) => corruption::word(&mut answered.place.term.0, draw / 2),
            (Message::Vote(letter), _) => *letter = letter.corrupted(draw),
        }
        message
    }
}

/// What timers are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// No leader was heard.
    Election(Slot),
    /// The leader says again what the round is about.
    Beat(Slot),
    /// The round has had its time.
    Round(Slot),
    /// What the leader put has had its time.
    Motion(Slot),
    /// A vote's resend timer.
    ResendVote(Slot),
}

crate::digestible! { enum Timer {
    1 = Election(slot), 2 = Beat(slot), 3 = Round(slot), 4 = Motion(slot), 5 = ResendVote(slot),
} }

impl From<vote::Timer> for Timer {
    fn from(vote::Timer::Resend(slot): vote::Timer) -> Timer {
        Timer::ResendVote(slot)
    }
}
