//! What the commands of a log come to. Knows no log: decisions come in their order.

use super::command::Command;
use crate::fact::{Content, Key, Slot, WriteId, Written};
use crate::protocol::consensus::Decisions;
use crate::protocol::store::Act;
use std::collections::BTreeMap;

/// The state after so many commands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Book {
    /// How many decisions were applied.
    applied: u64,
    pages: BTreeMap<Key, Content>,
    /// What each command came to, so that one that is asked for again is answered as it was.
    verdicts: BTreeMap<Slot, Verdict>,
}

crate::digestible! { struct Book { applied, pages, verdicts } }

/// What a command came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Done,
    Differs,
}

crate::digestible! { enum Verdict { 1 = Done, 2 = Differs } }

const NOTHING: Content = Content::Note { value: None, write: None };

impl Book {
    /// Applies the decisions that are new.
    pub(super) fn apply(&mut self, decisions: &Decisions) {
        for decision in decisions.iter_from(self.applied) {
            self.applied += 1;
            if let Some(command) = Command::decode(&decision.value) {
                let verdict = self.carry_out(command);
                self.verdicts.insert(decision.slot, verdict);
            }
        }
    }

    fn carry_out(&mut self, command: Command) -> Verdict {
        let Command { write, key, act } = command;
        let note = |value| Content::Note { value: Some(value), write: Some(write) };
        match act {
            Act::Swap { expected, .. } if self.version(&key) != expected => return Verdict::Differs,
            Act::Write { value } | Act::Swap { value, .. } => _ = self.pages.insert(key, note(value)),
            // Where it stood, a reader finds which write took it away.
            Act::Remove => _ = self.pages.insert(key, Content::Note { value: None, write: Some(write) }),
            Act::Append { value } => {
                let mut entries = match self.pages.remove(&key) {
                    Some(Content::Thread(entries)) => entries,
                    _ => Vec::new(),
                };
                entries.push(Written { write, value });
                self.pages.insert(key, Content::Thread(entries));
            }
            Act::Read | Act::Watch { .. } => {}
        }
        Verdict::Done
    }

    pub(super) fn verdict(&self, slot: Slot) -> Option<Verdict> {
        self.verdicts.get(&slot).copied()
    }

    pub(super) fn read(&self, key: &Key) -> Content {
        self.pages.get(key).cloned().unwrap_or(NOTHING)
    }

    /// The version that is there. What was removed is not.
    pub(super) fn version(&self, key: &Key) -> Option<WriteId> {
        match self.pages.get(key)? {
            Content::Note { value: None, .. } => None,
            Content::Note { write, .. } => *write,
            Content::Thread(entries) => entries.last().map(|entry| entry.write),
            Content::Listed(_) => None,
        }
    }
}
