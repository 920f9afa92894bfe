//! What a member must not forget: Raft's part, its own numbers, and its letters that are not in the log. Knows no disk.

use crate::protocol::Fold;
use crate::protocol::channel::Letter;
use crate::protocol::consensus::raft;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What survives a crash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Durable {
    /// Raft's part.
    pub raft: raft::Durable,
    /// How many letters this member has written.
    pub posted: u64,
    /// Those that are not known to be in the log.
    pub outbox: BTreeMap<u64, Letter>,
}

crate::digestible! { struct Durable { raft, posted, outbox } }

/// One atomic change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// One of Raft's.
    Raft(raft::Write),
    /// The member wrote a letter.
    Posted {
        /// The letter.
        letter: Letter,
        /// Its earlier letters that the log has.
        logged: BTreeSet<u64>,
    },
}

crate::digestible! { enum Write { 1 = Raft(write), 2 = Posted { letter, logged } } }

impl Fold<Write> for Durable {
    fn fold(&mut self, write: &Write) {
        match write {
            Write::Raft(write) => self.raft.fold(write),
            Write::Posted { letter, logged } => {
                self.posted = letter.id.number;
                self.outbox.retain(|number, _| !logged.contains(number));
                self.outbox.insert(letter.id.number, letter.clone());
            }
        }
    }
}
