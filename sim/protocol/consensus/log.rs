//! What replicated logs have in common: indexes, and commands that decide. Knows no protocol.

use crate::digest::{Digest, Digester};
use crate::fact::{Slot, Value};
use serde::{Deserialize, Serialize};

/// An entry's place in the log, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Index(pub u64);

impl Index {
    /// Before the first entry.
    pub const ORIGIN: Index = Index(0);

    /// The index after this one.
    #[must_use]
    pub const fn next(self) -> Index {
        Index(self.0 + 1)
    }

    /// The index before this one; the origin has none and stays.
    #[must_use]
    pub const fn back(self) -> Index {
        Index(self.0.saturating_sub(1))
    }

    /// The index so many entries on.
    #[must_use]
    pub const fn plus(self, entries: usize) -> Index {
        Index(self.0 + entries as u64)
    }
}

impl Digest for Index {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.0);
    }
}

/// What an entry does when it is applied.
///
/// ```
/// use synod::fact::{Slot, Value};
/// use synod::protocol::consensus::{Command, NOOP};
/// let command = Command::Decide { slot: Slot(0), value: Value::from("rollback") };
/// assert!(command.is_about(Slot(0)) && !Command::Noop.is_about(Slot(0)));
/// assert_ne!(command.name(), NOOP);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Nothing. Raft's new leader appends one, so that what earlier terms left behind gets committed (Raft §5.4.2, §8);
    /// Paxos' new leader fills gaps with them (Paxos Made Simple §3).
    Noop,
    /// Decides a slot.
    Decide {
        /// The slot.
        slot: Slot,
        /// The value, byte for byte as its proposer wrote it.
        value: Value,
    },
}

crate::digestible! { enum Command { 1 = Noop, 2 = Decide { slot, value } } }

/// What facts call the command of a no-op. Values are named by their digest, which meets this with odds of 2⁻⁶⁴.
pub const NOOP: u64 = 0;

impl Command {
    /// How facts name this command.
    #[must_use]
    pub fn name(&self) -> u64 {
        match self {
            Command::Noop => NOOP,
            Command::Decide { value, .. } => value.digest_word(),
        }
    }

    /// Whether this decides the slot.
    #[must_use]
    pub fn is_about(&self, wanted: Slot) -> bool {
        matches!(self, Command::Decide { slot, .. } if *slot == wanted)
    }

    /// The same answer in the words of the `habit`-th member: it means the same and is another value.
    #[must_use]
    pub(super) fn reworded(self, habit: usize) -> Command {
        match self {
            Command::Noop => Command::Noop,
            Command::Decide { slot, value } => {
                let mut bytes = value.bytes().to_vec();
                // Blanks after the text leave its meaning alone; how many is this member's habit.
                bytes.resize(bytes.len() + habit + 1, b' ');
                Command::Decide { slot, value: Value::new(&bytes) }
            }
        }
    }
}
