//! What members tell each other: Raft's messages, and letters that are to be in the log.

use crate::protocol::channel::Letter;
use crate::protocol::consensus::{Raft, raft};
use crate::protocol::{Protocol, corruption};
use serde::{Deserialize, Serialize};

/// What travels from one member to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// One of Raft's.
    Raft(raft::Message),
    /// A letter of the sender's that is to be in the log.
    Submit(Letter),
}

crate::digestible! { enum Message { 1 = Raft(message), 2 = Submit(letter) } }

/// What is armed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// One of Raft's.
    Raft(raft::Timer),
    /// Own letters that are not in the log are to be submitted again.
    Resubmit,
}

crate::digestible! { enum Timer { 1 = Raft(timer), 2 = Resubmit } }

impl Message {
    /// The message with one thing in it altered.
    pub(super) fn corrupted(&self, draw: u64) -> Option<Message> {
        match self {
            Message::Raft(message) => Raft::corrupted(message, draw).map(Message::Raft),
            Message::Submit(letter) => {
                let body = corruption::value(&letter.body, draw);
                Some(Message::Submit(Letter { body, ..letter.clone() }))
            }
        }
    }
}
