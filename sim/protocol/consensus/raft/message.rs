//! What members send each other and what timers are called.

use super::{Command, Conflict, Entry, Index, Position, Snapshot, Term};
use crate::fact::Slot;
use crate::protocol::consensus::drafting::{self, Opinion, Review};
use crate::protocol::corruption;
use serde::{Deserialize, Serialize};

/// What members send each other. Every message carries its sender's term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// Would you vote for me in the next term? Changes nothing at either end (thesis §9.6).
    PreVote {
        /// The sender's present term; it would stand in the next.
        term: Term,
        /// Where its log ends.
        last: Position,
    },
    /// The answer to that.
    PreVoteReply {
        /// The sender's term.
        term: Term,
        /// The asker's term when it asked.
        asked: Term,
        /// Yes or no.
        vote: Vote,
    },
    /// Vote for me (§5.2).
    RequestVote {
        /// The term to lead.
        term: Term,
        /// Where the candidate's log ends.
        last: Position,
    },
    /// The answer to that.
    VoteReply {
        /// The sender's term.
        term: Term,
        /// Yes or no.
        vote: Vote,
    },
    /// Entries, or just a heartbeat (§5.3).
    Append(Append),
    /// The answer to that.
    AppendReply {
        /// The sender's term.
        term: Term,
        /// The round of the message it answers.
        round: u64,
        /// What came of it.
        result: Appended,
    },
    /// A snapshot in place of entries that are no longer kept (§7). Answered as entries are.
    Install(Install),
    /// Stand at once: I hand leadership to you (thesis §3.10).
    TimeoutNow {
        /// The leader's term.
        term: Term,
    },
    /// Check this proposal before it enters the log (validated append). Its epoch is the leader's term.
    Review(Review),
    /// The answer to that.
    Opinion(Opinion),
}

crate::digestible! { enum Message {
    1 = PreVote { term, last }, 2 = PreVoteReply { term, asked, vote }, 3 = RequestVote { term, last },
    4 = VoteReply { term, vote }, 5 = Append(append), 6 = AppendReply { term, round, result }, 7 = Review(review),
    8 = Opinion(opinion), 9 = Install(install), 10 = TimeoutNow { term },
} }

/// Yes or no to a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Vote {
    /// Yes.
    Granted,
    /// No.
    Withheld,
}

crate::digestible! { enum Vote { 1 = Granted, 2 = Withheld } }

/// AppendEntries (Figure 2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Append {
    /// The leader's term.
    pub term: Term,
    /// The entry before the first of `entries`.
    pub prev: Position,
    /// New entries; none in a heartbeat, and an empty list allocates nothing.
    pub entries: Vec<Entry>,
    /// How far the leader knows the log committed.
    pub commit: Index,
    /// Which of the leader's rounds this belongs to: an answer to it shows that the leader led when the round began
    /// (thesis §6.4).
    pub round: u64,
}

crate::digestible! { struct Append { term, prev, entries, commit, round } }

/// InstallSnapshot (Figure 13), in one piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Install {
    /// The leader's term.
    pub term: Term,
    /// The snapshot.
    pub snapshot: Snapshot,
    /// As in [`Append`].
    pub round: u64,
}

crate::digestible! { struct Install { term, snapshot, round } }

/// What came of an [`Append`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Appended {
    /// The sender's log equals the leader's up to here: `prev` plus the entries sent, never the end of a longer log.
    UpTo(Index),
    /// The sender's log does not hold the leader's `prev`.
    Refused {
        /// The index of that `prev`, so that a late refusal is recognised.
        prev: Index,
        /// Where to try next.
        conflict: Conflict,
    },
    /// The leader's term is over.
    Stale,
}

crate::digestible! { enum Appended { 1 = UpTo(index), 2 = Refused { prev, conflict }, 3 = Stale } }

/// What timers are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// No leader heard for too long.
    Election,
    /// The leader's next sign of life.
    Heartbeat,
    /// The leader's next look at whether a majority still hears it.
    Quorum,
    /// The leader's model has had its time for this slot.
    Lease(Slot),
    /// The validators have had their time for this slot.
    Review(Slot),
    /// Validators that have not answered are asked again.
    Reminder(Slot),
    /// The member to be admitted has had its time for one round of catching up.
    CatchUp,
    /// The member that leadership is handed to has had its time to take it.
    Transfer,
}

crate::digestible! { enum Timer {
    1 = Election, 2 = Heartbeat, 3 = Quorum, 4 = Lease(slot), 5 = Review(slot), 6 = Reminder(slot), 7 = CatchUp,
    8 = Transfer,
} }

impl From<Review> for Message {
    fn from(review: Review) -> Message {
        Message::Review(review)
    }
}

impl From<Opinion> for Message {
    fn from(opinion: Opinion) -> Message {
        Message::Opinion(opinion)
    }
}

impl From<drafting::Timer> for Timer {
    fn from(timer: drafting::Timer) -> Timer {
        match timer {
            drafting::Timer::Lease(slot) => Timer::Lease(slot),
            drafting::Timer::Review(slot) => Timer::Review(slot),
            drafting::Timer::Reminder(slot) => Timer::Reminder(slot),
        }
    }
}

impl Message {
    /// The term every message carries.
    #[must_use]
    pub fn term(&self) -> Term {
        match self {
            Message::PreVote { term, .. }
            | Message::PreVoteReply { term, .. }
            | Message::RequestVote { term, .. }
            | Message::VoteReply { term, .. }
            | Message::AppendReply { term, .. }
            | Message::TimeoutNow { term } => *term,
            Message::Append(append) => append.term,
            Message::Install(install) => install.term,
            Message::Review(review) => Term(review.epoch),
            Message::Opinion(opinion) => Term(opinion.epoch),
        }
    }

    /// The message with a term, an index or a value altered by one bit.
    #[must_use]
    pub(super) fn corrupted(&self, draw: u64) -> Message {
        let mut message = self.clone();
        match &mut message {
            Message::PreVote { term, last } | Message::RequestVote { term, last } => match draw % 3 {
                0 => corruption::word(&mut term.0, draw / 3),
                1 => corruption::word(&mut last.index.0, draw / 3),
                _ => corruption::word(&mut last.term.0, draw / 3),
            },
            Message::PreVoteReply { term, .. } | Message::VoteReply { term, .. } | Message::TimeoutNow { term } => {
                corruption::word(&mut term.0, draw);
            }
            Message::Install(Install { term, snapshot, round }) => match draw % 3 {
                0 => corruption::word(&mut term.0, draw / 3),
                1 => corruption::word(&mut snapshot.last.index.0, draw / 3),
                _ => corruption::word(round, draw / 3),
            },
            Message::Opinion(opinion) => corruption::word(&mut opinion.epoch, draw),
            Message::AppendReply { term, result, .. } => match (draw % 2, result) {
                (0, Appended::UpTo(index)) => corruption::word(&mut index.0, draw / 2),
                (0, Appended::Refused { conflict, .. }) => corruption::word(&mut conflict.index.0, draw / 2),
                _ => corruption::word(&mut term.0, draw / 2),
            },
            Message::Append(append) => append.corrupt(draw),
            Message::Review(review) => match draw % 2 {
                0 => review.value = corruption::value(&review.value, draw / 2),
                _ => corruption::word(&mut review.epoch, draw / 2),
            },
        }
        message
    }
}

impl Append {
    fn corrupt(&mut self, draw: u64) {
        let value = self.entries.iter_mut().find_map(|entry| match &mut entry.command {
            Command::Decide { value, .. } => Some(value),
            Command::Noop | Command::Seat { .. } => None,
        });
        match (draw % 4, value) {
            (0, Some(value)) => *value = corruption::value(value, draw / 4),
            (1, _) => corruption::word(&mut self.prev.index.0, draw / 4),
            (2, _) => corruption::word(&mut self.commit.0, draw / 4),
            _ => corruption::word(&mut self.term.0, draw / 4),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Value;

    #[test]
    fn corruption_always_alters_something() {
        let last = Position { index: Index(3), term: Term(2) };
        let value = Value::from("rollback");
        let entries = vec![Entry { term: Term(2), command: Command::Decide { slot: Slot(0), value: value.clone() } }];
        let messages = [
            Message::PreVote { term: Term(2), last },
            Message::VoteReply { term: Term(2), vote: Vote::Granted },
            Message::Append(Append { term: Term(2), prev: last, entries, commit: Index(1), round: 1 }),
            Message::AppendReply { term: Term(2), round: 1, result: Appended::UpTo(Index(3)) },
            Message::Install(Install { term: Term(2), snapshot: Snapshot::default(), round: 1 }),
            Message::TimeoutNow { term: Term(2) },
            Message::Review(Review { epoch: 2, slot: Slot(0), attempt: 1, value }),
        ];
        for message in messages {
            for draw in 0..64 {
                assert_ne!(message.corrupted(draw), message, "draw {draw}");
            }
        }
    }
}
