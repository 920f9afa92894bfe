//! What is said in a debate, how it travels and what is kept of it. Knows no count.

use crate::fact::{Slot, Value};
use crate::protocol::consensus::vote::{self, Letter, Registers};
use crate::protocol::team::Reason;
use crate::protocol::{Fold, corruption};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a member says in a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Speech {
    /// Its answer.
    Answer(Value),
    /// Its model gave none in time.
    Pass,
}

crate::digestible! { enum Speech { 1 = Answer(value), 2 = Pass } }

impl Speech {
    /// The answer in it.
    #[must_use]
    pub fn answer(&self) -> Option<&Value> {
        match self {
            Speech::Answer(value) => Some(value),
            Speech::Pass => None,
        }
    }
}

/// One member's speeches on a slot, by round.
pub type Speeches = BTreeMap<u32, Speech>;

/// What a member must not forget.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Durable {
    /// What it said itself.
    pub said: BTreeMap<Slot, Speeches>,
    /// Its part in votes.
    pub registers: Registers,
}

/// One change of that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Write {
    /// It is about to say this.
    Said {
        /// The slot.
        slot: Slot,
        /// The round.
        round: u32,
        /// What.
        speech: Speech,
    },
    /// A vote's.
    Vote(vote::Write),
}

crate::digestible! { struct Durable { said, registers } }
crate::digestible! { enum Write { 1 = Said { slot, round, speech }, 2 = Vote(write) } }

impl Fold<Write> for Durable {
    fn fold(&mut self, write: &Write) {
        match write {
            Write::Said { slot, round, speech } => {
                self.said.entry(*slot).or_default().insert(*round, speech.clone());
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
    /// All that the sender said on a slot, by round. Nothing yet: only that there is a debate.
    Said {
        /// The slot.
        slot: Slot,
        /// What, by round.
        speeches: Speeches,
    },
    /// Nothing that could be put to the vote is left: a further round begins.
    Reopened {
        /// The slot.
        slot: Slot,
        /// The round that begins.
        round: u32,
        /// What was refused so far, and why.
        refused: BTreeMap<Value, Reason>,
    },
    /// About a vote.
    Vote(Letter<Speech>),
}

crate::digestible! { enum Message {
    1 = Said { slot, speeches }, 2 = Reopened { slot, round, refused }, 3 = Vote(letter),
} }

impl From<Letter<Speech>> for Message {
    fn from(letter: Letter<Speech>) -> Message {
        Message::Vote(letter)
    }
}

impl Message {
    /// The message with a slot, an answer or a ballot altered by one bit.
    #[must_use]
    pub(super) fn corrupted(&self, draw: u64) -> Message {
        let mut message = self.clone();
        match &mut message {
            Message::Said { slot, speeches } => {
                let answer = speeches.values_mut().find_map(|speech| match speech {
                    Speech::Answer(value) => Some(value),
                    Speech::Pass => None,
                });
                match (answer, draw % 2) {
                    (Some(value), 0) => *value = corruption::value(value, draw / 2),
                    _ => corruption::word(&mut slot.0, draw / 2),
                }
            }
            Message::Reopened { slot, .. } => corruption::word(&mut slot.0, draw),
            Message::Vote(letter) => *letter = letter.corrupted(draw),
        }
        message
    }
}

/// What timers are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The own model has had its time for this round.
    Patience(Slot),
    /// The others have had theirs.
    Floor(Slot),
    /// What was said is said again.
    Resend(Slot),
    /// It is this member's turn to take the chair.
    Chair(Slot),
    /// The chair has waited long enough for those who are not there.
    Tally(Slot),
    /// What the chair put has had its time.
    Motion(Slot),
    /// A vote's resend timer.
    ResendVote(Slot),
}

crate::digestible! { enum Timer {
    1 = Patience(slot), 2 = Floor(slot), 3 = Resend(slot), 4 = Chair(slot), 5 = Tally(slot), 6 = Motion(slot),
    7 = ResendVote(slot),
} }

impl From<vote::Timer> for Timer {
    fn from(vote::Timer::Resend(slot): vote::Timer) -> Timer {
        Timer::ResendVote(slot)
    }
}
