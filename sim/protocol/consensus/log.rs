//! What replicated logs have in common: indexes, commands that decide, and what applying them comes to. Knows no
//! protocol.

use crate::digest::{Digest, Digester, digest_of};
use crate::fact::{Decision, Slot, Value};
use crate::id::Members;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// These members vote from this entry on. Raft's alone: whoever votes in Paxos votes for good.
    Seat {
        /// All of them.
        voters: Members,
    },
}

crate::digestible! { enum Command { 1 = Noop, 2 = Decide { slot, value }, 3 = Seat { voters } } }

/// What facts call the command of a no-op. Values are named by their digest, which meets this with odds of 2⁻⁶⁴.
pub const NOOP: u64 = 0;

impl Command {
    /// How facts name this command.
    #[must_use]
    pub fn name(&self) -> u64 {
        match self {
            Command::Noop => NOOP,
            Command::Decide { value, .. } => value.digest_word(),
            Command::Seat { voters } => digest_of(voters),
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
            Command::Noop | Command::Seat { .. } => self,
            Command::Decide { slot, value } => Command::Decide { slot, value: reworded(&value, habit) },
        }
    }
}

/// Everything a log's applied prefix decided, in the order in which it did: what a snapshot of the log holds, and what
/// a read of it tells.
///
/// ```
/// use synod::fact::{Slot, Value};
/// use synod::protocol::consensus::Decisions;
/// let mut decisions = Decisions::default();
/// assert!(decisions.add(Slot(3), Value::from("rollback")) && decisions.add(Slot(0), Value::from("wait")));
/// assert!(!decisions.add(Slot(3), Value::from("restart")), "a slot is decided by its first command");
/// assert_eq!(decisions.iter().map(|decision| decision.slot.0).collect::<Vec<_>>(), [3, 0]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decisions {
    order: Vec<Slot>,
    by_slot: BTreeMap<Slot, Value>,
}

crate::digestible! { struct Decisions { order, by_slot } }

impl Decisions {
    /// What was decided for a slot.
    #[must_use]
    pub fn get(&self, slot: Slot) -> Option<&Value> {
        self.by_slot.get(&slot)
    }

    /// Whether a slot is decided.
    #[must_use]
    pub fn contains(&self, slot: Slot) -> bool {
        self.by_slot.contains_key(&slot)
    }

    /// Decides a slot, unless it is decided: then nothing changes, and the answer is no.
    pub fn add(&mut self, slot: Slot, value: Value) -> bool {
        if self.contains(slot) {
            return false;
        }
        self.order.push(slot);
        self.by_slot.insert(slot, value);
        true
    }

    /// Every decision but the first so many, in order.
    pub fn iter_from(&self, first: u64) -> impl Iterator<Item = Decision> + '_ {
        let rest = self.order.iter().skip(usize::try_from(first).expect("fewer decisions than memory holds"));
        rest.map(|slot| Decision { slot: *slot, value: self.by_slot[slot].clone() })
    }

    /// Every decision, in order.
    pub fn iter(&self) -> impl Iterator<Item = Decision> + '_ {
        self.iter_from(0)
    }
}

/// The same answer in the words of the `habit`-th member: it means the same and is another value.
pub(super) fn reworded(value: &Value, habit: usize) -> Value {
    let mut bytes = value.bytes().to_vec();
    // Blanks after the text leave its meaning alone; how many is this member's habit.
    bytes.resize(bytes.len() + habit + 1, b' ');
    Value::new(&bytes)
}
