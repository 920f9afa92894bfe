//! What a replica shows: notes and threads, the later stamp winning. Knows nothing of how updates travel.

use super::{Dot, Vector};
use crate::digest::{Digest, Digester};
use crate::fact::{Content, Key, Stamp, Value, WriteId, Written};
use std::collections::BTreeMap;

/// One change of a store, as replicas pass it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Its place among the updates of the replica that accepted it.
    pub dot: Dot,
    /// What its session had seen and done before.
    pub needs: Vector,
    /// Its place in the order in which the last writer wins.
    pub stamp: Stamp,
    /// The client's write that it is.
    pub write: WriteId,
    /// Under which key.
    pub key: Key,
    /// What changes.
    pub change: Change,
}

crate::digestible! { struct Update { dot, needs, stamp, write, key, change } }

/// What an update does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Puts a note in place of what is there.
    Put(Value),
    /// Leaves a tombstone: a note without a value, so that earlier writes that come later find something newer.
    Remove,
    /// Puts an entry into the thread, at its stamp's place.
    Append(Value),
}

crate::digestible! { enum Change { 1 = Put(value), 2 = Remove, 3 = Append(value) } }

/// Everything that a replica shows, and what it has to remember of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes(BTreeMap<Key, Cell>);

impl Digest for Notes {
    fn digest(&self, digester: &mut Digester) {
        self.0.digest(digester);
    }
}

/// What stands under one key: the last change of it as a whole, and the entries that were appended later. What is
/// appended to a note begins a thread in its place; a note that is put, or a removal, takes the place of the thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Cell {
    note: Option<Entry>,
    /// Later than the note, all of them.
    thread: BTreeMap<Stamp, Entry>,
}

crate::digestible! { struct Cell { note, thread } }

/// A write that is visible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place among updates.
    pub dot: Dot,
    /// Its place in the order of writers.
    pub stamp: Stamp,
    /// What whoever reads it depends on, itself included.
    pub needs: Vector,
    /// The client's write that it is.
    pub write: WriteId,
    /// The value; a tombstone has none.
    pub value: Option<Value>,
}

crate::digestible! { struct Entry { dot, stamp, needs, write, value } }

impl Entry {
    fn of(update: &Update) -> Entry {
        let Update { dot, stamp, write, change, .. } = update;
        let value = match change {
            Change::Put(value) | Change::Append(value) => Some(value.clone()),
            Change::Remove => None,
        };
        let mut needs = update.needs.clone();
        needs.add(*dot);
        Entry { dot: *dot, stamp: *stamp, needs, write: *write, value }
    }
}

/// What a read finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// What is there.
    pub content: Content,
    /// What it depends on.
    pub needs: Vector,
}

/// Which of two writers a key keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Winner {
    /// The one with the later stamp, whoever comes first: all replicas end alike.
    LaterStamp,
    /// Of two notes the one that comes last.
    LastToCome,
    /// The later stamp; but a thread takes nothing in before its end.
    NoLateEntry,
}

impl Notes {
    /// Takes an update in. Taking it in twice, or in another order, makes no difference to the outcome if the later
    /// stamp wins.
    pub fn take(&mut self, update: &Update, winner: Winner) {
        let cell = self.0.entry(update.key.clone()).or_default();
        let entry = Entry::of(update);
        let is_replaced = cell.note.as_ref().is_some_and(|note| note.stamp >= entry.stamp);
        match &update.change {
            Change::Append(_) => {
                let is_late = cell.thread.last_key_value().is_some_and(|(last, _)| *last > update.stamp);
                let is_refused = is_late && winner == Winner::NoLateEntry;
                if !is_replaced && !is_refused {
                    cell.thread.insert(update.stamp, entry);
                }
            }
            _ if is_replaced && winner != Winner::LastToCome => {}
            _ => {
                cell.thread.retain(|stamp, _| *stamp > entry.stamp);
                cell.note = Some(entry);
            }
        }
    }

    /// What a read of this key finds: a thread, if anything was appended since a note was put there.
    #[must_use]
    pub fn read(&self, key: &Key) -> Sight {
        let Some(cell) = self.0.get(key) else {
            return Sight { content: Content::Note { value: None, write: None }, needs: Vector::default() };
        };
        if cell.thread.is_empty() {
            let note = cell.note.as_ref();
            let needs = note.map(|note| note.needs.clone()).unwrap_or_default();
            let value = note.and_then(|note| note.value.clone());
            return Sight { content: Content::Note { value, write: note.map(|note| note.write) }, needs };
        }
        // That a note is gone is seen as well.
        let mut needs = cell.note.as_ref().map(|note| note.needs.clone()).unwrap_or_default();
        cell.thread.values().for_each(|entry| needs.join(&entry.needs));
        let written = |entry: &Entry| entry.value.clone().map(|value| Written { write: entry.write, value });
        Sight { content: Content::Thread(cell.thread.values().filter_map(written).collect()), needs }
    }

    /// The version that a session can have read: a thread's is its last entry's, a removed note has none.
    #[must_use]
    pub fn version(&self, key: &Key) -> Option<WriteId> {
        let cell = self.0.get(key)?;
        if let Some((_, last)) = cell.thread.last_key_value() {
            return Some(last.write);
        }
        let note = cell.note.as_ref()?;
        note.value.as_ref().map(|_| note.write)
    }

    /// Removed notes that nothing is left of but a tombstone.
    pub fn tombstones(&self) -> impl Iterator<Item = (&Key, &Entry)> {
        let tombstone = |cell: &Cell| cell.note.as_ref().is_some_and(|note| note.value.is_none());
        self.0
            .iter()
            .filter(move |(_, cell)| tombstone(cell))
            .filter_map(|(key, cell)| Some((key, cell.note.as_ref()?)))
    }

    /// Forgets the tombstones of these updates and of all before them.
    pub fn collect(&mut self, upto: &Vector) {
        for cell in self.0.values_mut() {
            if cell.note.as_ref().is_some_and(|note| note.value.is_none() && upto.holds(note.dot)) {
                cell.note = None;
            }
        }
        self.0.retain(|_, cell| cell.note.is_some() || !cell.thread.is_empty());
    }

    /// The digest of what clients can see: values with their versions. What a replica remembers besides is left out, so
    /// that one that has collected a tombstone equals one that has not.
    #[must_use]
    pub fn shown(&self) -> u64 {
        let mut digester = Digester::default();
        for (key, cell) in &self.0 {
            let is_seen = |entry: &&Entry| entry.value.is_some() && cell.thread.is_empty();
            let note = cell.note.as_ref().filter(is_seen);
            if note.is_none() && cell.thread.is_empty() {
                continue;
            }
            key.digest(&mut digester);
            note.map(|note| (note.write, note.value.clone())).digest(&mut digester);
            digester.word(cell.thread.len() as u64);
            cell.thread.values().for_each(|entry| (entry.write, entry.value.clone()).digest(&mut digester));
        }
        digester.finish()
    }
}
