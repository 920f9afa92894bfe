//! What members send each other and what timers are called.

use super::{Accepted, Ballot, Command, Index, Placed, Snapshot};
use crate::fact::Slot;
use crate::protocol::consensus::drafting::{self, Opinion, Review};
use crate::protocol::corruption;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What members send each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// Would you promise me a ballot? Changes nothing at either end.
    Canvass {
        /// What the sender has promised; its next ballot will be above it. Names the question.
        promised: Ballot,
    },
    /// The answer to that.
    CanvassReply {
        /// The asker's promise when it asked.
        asked: Ballot,
        /// What the sender has promised, so that the asker's ballot will be above it.
        promised: Ballot,
        /// Yes or no.
        welcome: Welcome,
    },
    /// Phase 1a (Paxos Made Simple §2.2): take no part in lower ballots, and tell what you accepted.
    Prepare {
        /// The ballot to lead.
        ballot: Ballot,
        /// The first index the candidate does not know chosen.
        from: Index,
    },
    /// Phase 1b: a promise, with everything accepted from the asked index on.
    Promise {
        /// The ballot that is promised.
        ballot: Ballot,
        /// The votes.
        accepted: BTreeMap<Index, Accepted>,
        /// What the sender has in place of votes, if the asked index lies in it.
        snapshot: Option<Snapshot>,
    },
    /// Phase 2a: vote for these; or just a heartbeat.
    Accept {
        /// The leader's ballot.
        ballot: Ballot,
        /// The proposals; none in a heartbeat.
        entries: Vec<Placed>,
        /// How far the leader knows the log chosen without gaps.
        chosen: Index,
    },
    /// Phase 2b: votes.
    Voted {
        /// The ballot they were cast in.
        ballot: Ballot,
        /// For which of the entries sent.
        indexes: Vec<Index>,
    },
    /// Not in this ballot: a higher one is promised (PMMC §2.3: preempted).
    Preempted {
        /// The higher one.
        promised: Ballot,
    },
    /// Tell me what is chosen from here on.
    Fetch {
        /// The first index the sender does not know chosen.
        from: Index,
    },
    /// What is chosen, whatever the ballot.
    Learn {
        /// What the beginning came to, if the sender keeps it no other way.
        snapshot: Option<Snapshot>,
        /// Chosen entries.
        entries: Vec<Placed>,
    },
    /// Check this proposal before it is put to the vote (validated acceptance).
    Review(Review),
    /// The answer to that.
    Opinion(Opinion),
}

crate::digestible! { enum Message {
    1 = Canvass { promised }, 2 = CanvassReply { asked, promised, welcome }, 3 = Prepare { ballot, from },
    4 = Promise { ballot, accepted, snapshot }, 5 = Accept { ballot, entries, chosen }, 6 = Voted { ballot, indexes },
    7 = Preempted { promised }, 8 = Fetch { from }, 9 = Learn { snapshot, entries }, 10 = Review(review),
    11 = Opinion(opinion),
} }

/// Yes or no to one that would lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Welcome {
    /// Nobody leads, as far as the sender knows.
    Yes,
    /// It hears a leader.
    No,
}

crate::digestible! { enum Welcome { 1 = Yes, 2 = No } }

/// What timers are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// No leader heard for too long.
    Election,
    /// The leader's next sign of life.
    Heartbeat,
    /// The leader's next look at whether a quorum still hears it.
    Quorum,
    /// The leader's model has had its time for this slot.
    Lease(Slot),
    /// The validators have had their time for this slot.
    Review(Slot),
    /// Validators that have not answered are asked again.
    Reminder(Slot),
}

crate::digestible! { enum Timer {
    1 = Election, 2 = Heartbeat, 3 = Quorum, 4 = Lease(slot), 5 = Review(slot), 6 = Reminder(slot),
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
    /// The message with a ballot, an index or a value altered by one bit.
    #[must_use]
    pub(super) fn corrupted(&self, draw: u64) -> Message {
        let mut message = self.clone();
        match &mut message {
            Message::Canvass { promised }
            | Message::CanvassReply { promised, .. }
            | Message::Preempted { promised } => {
                corruption::word(&mut promised.0, draw);
            }
            Message::Prepare { ballot, from } => match draw % 2 {
                0 => corruption::word(&mut ballot.0, draw / 2),
                _ => corruption::word(&mut from.0, draw / 2),
            },
            Message::Promise { ballot, accepted, .. } => match (draw % 3, accepted.values_mut().next()) {
                (0, Some(vote)) => corruption::word(&mut vote.ballot.0, draw / 3),
                (1, Some(vote)) => corrupt(&mut vote.command, draw / 3),
                _ => corruption::word(&mut ballot.0, draw / 3),
            },
            Message::Accept { ballot, entries, chosen } => match (draw % 3, entries.first_mut()) {
                (0, Some(entry)) => corrupt(&mut entry.command, draw / 3),
                (1, _) => corruption::word(&mut chosen.0, draw / 3),
                _ => corruption::word(&mut ballot.0, draw / 3),
            },
            Message::Voted { ballot, indexes } => match (draw % 2, indexes.first_mut()) {
                (0, Some(index)) => corruption::word(&mut index.0, draw / 2),
                _ => corruption::word(&mut ballot.0, draw / 2),
            },
            Message::Fetch { from } => corruption::word(&mut from.0, draw),
            Message::Learn { snapshot, entries } => match (snapshot, entries.first_mut()) {
                (_, Some(entry)) if draw.is_multiple_of(2) => corrupt(&mut entry.command, draw / 2),
                (Some(snapshot), _) => corruption::word(&mut snapshot.upto.0, draw / 2),
                (None, Some(entry)) => corruption::word(&mut entry.index.0, draw / 2),
                (None, None) => entries.push(Placed { index: Index::ORIGIN.next(), command: Command::Noop }),
            },
            Message::Review(review) => match draw % 2 {
                0 => review.value = corruption::value(&review.value, draw / 2),
                _ => corruption::word(&mut review.epoch, draw / 2),
            },
            Message::Opinion(opinion) => corruption::word(&mut opinion.epoch, draw),
        }
        message
    }
}

/// A no-op whose bits flip becomes a decision nobody proposed.
fn corrupt(command: &mut Command, draw: u64) {
    match command {
        Command::Decide { value, .. } => *value = corruption::value(value, draw),
        Command::Noop | Command::Seat { .. } => *command = Command::Decide { slot: Slot(draw % 4), value: "?".into() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::consensus::drafting::Verdict;

    #[test]
    fn corruption_always_alters_something() {
        let ballot = Ballot(7);
        let command = Command::Decide { slot: Slot(0), value: "rollback".into() };
        let entries = vec![Placed { index: Index(2), command: command.clone() }];
        let accepted = BTreeMap::from([(Index(2), Accepted { ballot, command })]);
        let messages = [
            Message::Canvass { promised: ballot },
            Message::Prepare { ballot, from: Index(1) },
            Message::Promise { ballot, accepted, snapshot: None },
            Message::Accept { ballot, entries: entries.clone(), chosen: Index(1) },
            Message::Accept { ballot, entries: Vec::new(), chosen: Index(1) },
            Message::Voted { ballot, indexes: vec![Index(2)] },
            Message::Preempted { promised: ballot },
            Message::Fetch { from: Index(1) },
            Message::Learn { snapshot: None, entries },
            Message::Learn { snapshot: Some(Snapshot::default()), entries: Vec::new() },
            Message::Learn { snapshot: None, entries: Vec::new() },
            Message::Review(Review { epoch: 7, slot: Slot(0), attempt: 1, value: "rollback".into() }),
            Message::Opinion(Opinion { epoch: 7, slot: Slot(0), attempt: 1, verdict: Verdict::Approved }),
        ];
        for message in messages {
            for draw in 0..64 {
                assert_ne!(message.corrupted(draw), message, "draw {draw}");
            }
        }
    }
}
