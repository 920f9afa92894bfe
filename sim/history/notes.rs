//! What a history says of each key that clients ask for, found before its calls are told one by one. Knows no order.

use super::store::StoreHistory;
use super::{Asked, Event, History, Operation};
use crate::call::{Call, KeyId, ValueId};
use crate::fact::{Content, Fact, Key, Value, WriteId};
use crate::id::OpId;
use std::collections::BTreeMap;

/// Every key that anyone asked for.
pub(super) struct Notes<'h> {
    notes: Vec<Note<'h>>,
    places: BTreeMap<&'h Key, usize>,
}

/// What stands under one key.
pub(super) struct Note<'h> {
    key: &'h Key,
    /// What the store's history calls it, once that has come to it.
    number: Option<KeyId>,
    /// Whether something is ever appended to it.
    pub(super) thread: bool,
    /// Whether something of it is known by its text alone, by a client that saw it or expects it and cannot tell which
    /// write made it: then equal texts are one value. Everywhere else each write makes a value of its own.
    pub(super) nameless: bool,
    /// Whether something was to be removed by now: whoever found nothing there before found what was there initially.
    pub(super) fleeting: bool,
    /// How many calls append to it, while they are counted.
    appends: usize,
    /// What was appended so far.
    pub(super) entries: Vec<Noted<'h>>,
}

/// An entry of a thread, with what the store's history calls its parts.
pub(super) struct Noted<'h> {
    pub(super) write: WriteId,
    pub(super) value: &'h Value,
    pub(super) key: KeyId,
    pub(super) id: ValueId,
}

/// What is found before anything is told.
pub(super) struct Found<'h> {
    pub(super) notes: Notes<'h>,
    /// Of each call, in order: which note it is about.
    pub(super) about: Vec<usize>,
    /// How much replicas tell.
    pub(super) told: usize,
    /// How many reads of single entries the reads of threads are, at most but for those under way side by side.
    pub(super) glances: usize,
}

impl<'h> Notes<'h> {
    /// The notes of a history.
    pub(super) fn of(history: &'h History) -> Found<'h> {
        let mut notes = Notes { notes: Vec::new(), places: BTreeMap::new() };
        let (mut about, mut told, mut glances, mut unnamed) = (Vec::new(), 0, 0, false);
        for entry in history.entries() {
            let operation = match &entry.event {
                Event::Operation(operation) => operation,
                Event::Fact(Fact::Took { .. } | Fact::Held { .. }) => {
                    told += 2;
                    continue;
                }
                _ => continue,
            };
            match operation {
                Operation::Ask { asked, .. } => {
                    let place = notes.place(&asked.key);
                    about.push(place);
                    let note = &mut notes.notes[place];
                    match asked.call {
                        Call::Append => (note.thread, note.appends) = (true, note.appends + 1),
                        Call::Read => glances += note.appends,
                        _ => {}
                    }
                    note.nameless |= asked.expected.is_some() && asked.expected_write.is_none();
                }
                Operation::Heard { heard, .. } => unnamed |= heard.content.as_ref().is_some_and(is_unnamed),
                _ => {}
            }
        }
        // Where every value comes with its write, nobody has to look which key an answer is about.
        if unnamed {
            notes.note_unnamed(history);
        }
        Found { notes, about, told, glances }
    }

    pub(super) fn at(&mut self, place: usize) -> &mut Note<'h> {
        &mut self.notes[place]
    }

    fn place(&mut self, key: &'h Key) -> usize {
        let notes = &mut self.notes;
        *self.places.entry(key).or_insert_with(|| {
            let entries = Vec::new();
            notes.push(Note {
                key,
                number: None,
                thread: false,
                nameless: false,
                fleeting: false,
                appends: 0,
                entries,
            });
            notes.len() - 1
        })
    }

    fn note_unnamed(&mut self, history: &'h History) {
        let mut open: BTreeMap<OpId, &Asked> = BTreeMap::new();
        for (_, _, operation) in history.operations() {
            match operation {
                Operation::Ask { op, asked } => _ = open.insert(*op, asked),
                Operation::Heard { op, heard } if heard.content.as_ref().is_some_and(is_unnamed) => {
                    if let Some(asked) = open.get(op) {
                        let place = self.places[&asked.key];
                        self.notes[place].nameless = true;
                    }
                }
                _ => {}
            }
        }
    }
}

impl Note<'_> {
    /// Its number, a fresh one when it is first asked for.
    pub(super) fn number(&mut self, store: &mut StoreHistory) -> KeyId {
        *self.number.get_or_insert_with(|| store.key(&self.key.0))
    }
}

/// Whether a value is shown without the write that made it.
const fn is_unnamed(content: &Content) -> bool {
    matches!(content, Content::Note { value: Some(_), write: None } | Content::Listed(_))
}
