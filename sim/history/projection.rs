//! What a run's history tells of a shared store, in the form that checkers of stores read. Knows no property.

use super::notes::{Found, Noted, Notes};
use super::store::{Answer, ByVersion, Deed, Invocation, Replica, Return, StoreHistory, TurnId, Wrong};
use super::{Asked, Entry, Environment, Event, Heard, History, Holds, Operation, Restart};
use crate::call::{Call, Outcome, SessionId, ValueId, Version};
use crate::fact::{Content, Fact, Session, Value, WriteId, Written};
use crate::id::{NodeId, OpId};
use crate::time::Time;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How a thread is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lens {
    /// As one object: a list that is appended to and read whole.
    Whole,
    /// As many: each entry is a note of its own, written once, and a read of the thread reads each of them. So a thread
    /// says something to checkers that know single values only. A read that finds nothing where something was removed
    /// and the store no longer knows by which write is left out: which write it shows is not known.
    EntryByEntry,
}

/// A store's history with the place of each of its operations in the history that it comes from.
#[derive(Clone, Debug, Default)]
pub struct Projection {
    /// The store's history.
    pub store: StoreHistory,
    /// By operation: where it was invoked.
    pub places: Vec<usize>,
    /// By what replicas told of themselves: where they told it.
    pub records: Vec<usize>,
}

impl Projection {
    /// What a history tells of a store.
    ///
    /// ```
    /// use synod::history::{Lens, Projection};
    /// let asked = r#"{"session":"c1","call":"read","key":"plan"}"#;
    /// let lines = format!(
    ///     r#"{{"at":0,"node":"c1","process":0,"operation":{{"ask":{{"op":0,"asked":{asked}}}}}}}
    ///        {{"at":5,"node":"c1","process":0,"operation":{{"info":{{"op":0}}}}}}"#
    /// );
    /// let history = synod::history::read(lines.as_bytes()).expect("a history");
    /// assert_eq!(Projection::of(&history, Lens::Whole)?.store.operations().len(), 1);
    /// # Ok::<(), synod::history::store::Wrong>(())
    /// ```
    ///
    /// # Errors
    /// What cannot be so in any history: a session that asks for two things at once, a version that is written twice.
    pub fn of(history: &History, lens: Lens) -> Result<Projection, Wrong> {
        let mut projector = Projector::new(history, lens);
        for (place, entry) in history.entries().iter().enumerate() {
            match &entry.event {
                Event::Operation(operation) => projector.operate(place, entry.at, operation)?,
                Event::Fact(Fact::Took { write, state }) => {
                    let version = projector.version(*write);
                    projector.tell(place, entry, Deed::Applied(version))?;
                    projector.tell(place, entry, Deed::State(*state))?;
                }
                Event::Fact(Fact::Held { state }) => {
                    projector.tell(place, entry, Deed::State(*state))?;
                }
                // Agents have disks too, and are no replicas.
                Event::Environment(Environment::Started { again: Restart::WithoutDisk })
                    if projector.is_replica(entry) =>
                {
                    projector.tell(place, entry, Deed::Lost)?;
                }
                Event::Environment(Environment::Settled) => projector.made.store.settle(),
                _ => {}
            }
        }
        Ok(projector.made)
    }
}

/// How many kinds of nodes there are.
const ROLES: usize = 4;

/// A projection under way.
struct Projector<'h> {
    lens: Lens,
    made: Projection,
    /// Operations that have not ended, by the number that the history gives them.
    open: BTreeMap<OpId, Open<'h>>,
    notes: Notes<'h>,
    /// Of each call, in the order in which they were made: what it is about.
    about: Vec<usize>,
    asked: usize,
    /// Sessions, by node and life, and replicas, so that none is looked up by its text again.
    sessions: Vec<Vec<Life>>,
    /// By session: its turns, in the order of their numbers.
    turns: Vec<Vec<InTurn>>,
    replicas: Vec<Option<Replica>>,
    /// Values by the write that made them, likewise.
    values: ByVersion<Valued<'h>>,
    /// By entry of the thread at hand: what a read shows of it.
    shown: Vec<Option<&'h Written>>,
}

struct Open<'h> {
    asked: &'h Asked,
    /// Its number in the projection; none if it is told when it ends.
    number: Option<OpId>,
    note: usize,
    place: usize,
}

/// A session of a node.
#[derive(Clone, Copy)]
struct Life {
    life: u32,
    id: SessionId,
}

#[derive(Clone, Copy)]
struct InTurn {
    turn: u32,
    id: TurnId,
}

#[derive(Clone, Copy)]
struct Valued<'h> {
    value: &'h Value,
    id: ValueId,
}

/// An entry that is appended to a thread.
#[derive(Clone, Copy)]
struct Appended<'h> {
    about: usize,
    write: WriteId,
    value: &'h Value,
}

/// A call as it is invoked, with what the store's history calls its parts.
#[derive(Clone, Copy)]
struct Parts {
    place: usize,
    at: Time,
    call: Invocation,
}

impl<'h> Projector<'h> {
    fn new(history: &'h History, lens: Lens) -> Projector<'h> {
        let Found { notes, about, told, glances } = Notes::of(history);
        let mut made = Projection::default();
        // As many as there will be, or nearly: what grows is copied.
        let operations = about.len() + if lens == Lens::EntryByEntry { glances } else { 0 };
        made.store.reserve(operations, told);
        made.places.reserve(operations);
        made.records.reserve(told);
        Projector {
            lens,
            made,
            open: BTreeMap::new(),
            notes,
            about,
            asked: 0,
            sessions: Vec::new(),
            turns: Vec::new(),
            replicas: Vec::new(),
            values: ByVersion::default(),
            shown: Vec::new(),
        }
    }

    fn operate(&mut self, place: usize, at: Time, operation: &'h Operation) -> Result<(), Wrong> {
        match operation {
            Operation::Ask { op, asked } => self.ask(place, at, *op, asked),
            Operation::Heard { op, heard } => self.hear(at, *op, heard),
            Operation::Fail { op } => self.end(at, *op, Return::FAILED),
            Operation::Info { op } => self.end(at, *op, Return::OPEN),
            _ => Ok(()),
        }
    }

    fn ask(&mut self, place: usize, at: Time, op: OpId, asked: &'h Asked) -> Result<(), Wrong> {
        let about = self.about[self.asked];
        self.asked += 1;
        let note = self.notes.at(about);
        if asked.call == Call::Remove {
            note.fleeting = true;
        }
        let apart = self.lens == Lens::EntryByEntry && note.thread;
        let number = match (asked.call, apart) {
            (Call::Read, true) => None,
            (Call::Append, true) => {
                let (Some(write), Some(value)) = (asked.write, &asked.value) else { return Ok(()) };
                Some(self.append(place, at, asked, Appended { about, write, value })?)
            }
            _ => Some(self.invoke(place, at, about, asked)?),
        };
        self.open.insert(op, Open { asked, number, note: about, place });
        Ok(())
    }

    fn invoke(&mut self, place: usize, at: Time, about: usize, asked: &'h Asked) -> Result<OpId, Wrong> {
        let session = self.session(asked.session);
        let key = self.notes.at(about).number(&mut self.made.store);
        let turn = self.turn(session, asked);
        let value = self.value(about, asked.value.as_ref(), asked.write);
        let expected = self.value(about, asked.expected.as_ref(), asked.expected_write);
        let call = Invocation { session, key, call: asked.call, value, expected, turn };
        self.write(Parts { place, at, call }, asked.write)
    }

    /// An entry that is appended: a note of its own, written once.
    fn append(&mut self, place: usize, at: Time, asked: &'h Asked, entry: Appended<'h>) -> Result<OpId, Wrong> {
        let Appended { about, write, value } = entry;
        let session = self.session(asked.session);
        let key = self.made.store.key(&format!("{}/{write}", asked.key));
        let turn = self.turn(session, asked);
        let id = self.named(value, write);
        self.notes.at(about).entries.push(Noted { write, value, key, id });
        let call = Invocation { turn, ..Invocation::of(session, key, Call::Write).with(id) };
        self.write(Parts { place, at, call }, Some(write))
    }

    fn write(&mut self, parts: Parts, write: Option<WriteId>) -> Result<OpId, Wrong> {
        let number = self.made.store.invoke(parts.at, parts.call)?;
        self.made.places.push(parts.place);
        if let Some(write) = write {
            let version = self.version(write);
            let place = usize::try_from(number.0).expect("fewer operations than memory holds");
            self.made.store.stamp(place, Some(version))?;
        }
        Ok(number)
    }

    fn hear(&mut self, at: Time, op: OpId, heard: &'h Heard) -> Result<(), Wrong> {
        let Some(Open { note: about, number, .. }) = self.open.get(&op) else { return Ok(()) };
        let (about, apart) = (*about, number.is_none());
        let outcome = if heard.holds == Holds::Yes { Outcome::Ok } else { Outcome::Refused };
        let end = match &heard.content {
            None => Return { outcome, ..Return::OK },
            Some(content) if apart => return self.read_entries(at, op, content),
            Some(Content::Thread(entries)) => {
                let values = entries.iter().map(|entry| self.value(about, Some(&entry.value), Some(entry.write)));
                let values = values.collect();
                Return::list(self.made.store.list(values))
            }
            Some(Content::Listed(values)) => {
                let store = &mut self.made.store;
                let values = values.iter().map(|value| store.value(&text(value))).collect();
                Return::list(store.list(values))
            }
            Some(Content::Note { value: None, write: None }) if self.notes.at(about).thread => {
                Return::list(self.made.store.list(Vec::new()))
            }
            Some(Content::Note { value: Some(value), write }) => {
                let version = write.map(|write| self.version(write));
                Return { version, ..Return::value(self.value(about, Some(value), *write)) }
            }
            Some(Content::Note { value: None, write }) => {
                let nothing = Return { answer: Answer::NOTHING, ..Return::OK };
                match (write, self.notes.at(about).fleeting, self.lens) {
                    (Some(write), ..) => nothing.at(self.version(*write)),
                    (None, false, _) => nothing.at(Version::INITIAL),
                    (None, true, Lens::Whole) => nothing,
                    (None, true, Lens::EntryByEntry) => Return::FAILED,
                }
            }
        };
        self.end(at, op, end)
    }

    /// A read of a thread as reads of every entry that there can be: first of those that it shows, then of those that
    /// it does not. It showed them all at once, so what it shows is no excuse of what it hides.
    fn read_entries(&mut self, at: Time, op: OpId, content: &'h Content) -> Result<(), Wrong> {
        let Some(Open { asked, place, note: about, .. }) = self.open.remove(&op) else { return Ok(()) };
        let entries = std::mem::take(&mut self.notes.at(about).entries);
        if entries.is_empty() {
            return Ok(());
        }
        let mut shown = std::mem::take(&mut self.shown);
        shown.clear();
        shown.resize(entries.len(), None);
        match content {
            Content::Thread(found) => mark(&mut shown, &entries, found),
            Content::Listed(_) | Content::Note { .. } => {}
        }
        let in_list = |entry: &Noted<'_>| matches!(content, Content::Listed(values) if values.contains(entry.value));
        let session = self.session(asked.session);
        let turn = self.turn(session, asked);
        for wanted in [true, false] {
            for (entry, other) in entries.iter().zip(&shown) {
                let listed = in_list(entry);
                if (other.is_some() || listed) != wanted {
                    continue;
                }
                let call = Invocation { turn, ..Invocation::of(session, entry.key, asked.call) };
                let end = match other {
                    Some(other) if other.value == *entry.value => Return::value(entry.id).at(self.version(other.write)),
                    Some(other) => {
                        let value = self.named(&other.value, other.write);
                        Return::value(value).at(self.version(other.write))
                    }
                    None if listed => Return::value(entry.id).at(self.version(entry.write)),
                    None => Return::OK.at(Version::INITIAL),
                };
                self.made.store.glance(at, call, end)?;
                self.made.places.push(place);
            }
        }
        self.notes.at(about).entries = entries;
        self.shown = shown;
        Ok(())
    }

    fn end(&mut self, at: Time, op: OpId, end: Return) -> Result<(), Wrong> {
        match self.open.remove(&op).and_then(|open| open.number) {
            Some(number) => self.made.store.complete(at, number, end),
            None => Ok(()),
        }
    }

    /// A value under a key: by the write that made it, where writes are known, and else by its text.
    fn value(&mut self, about: usize, value: Option<&'h Value>, write: Option<WriteId>) -> ValueId {
        let Some(value) = value else { return ValueId::NOTHING };
        match write.filter(|_| !self.notes.at(about).nameless) {
            Some(write) => self.named(value, write),
            None => self.made.store.value(&text(value)),
        }
    }

    /// The value that a write made.
    fn named(&mut self, value: &'h Value, write: WriteId) -> ValueId {
        let version = self.version(write);
        let store = &mut self.made.store;
        let known = self.values.get_or(version, || Valued { value, id: store.value_anew(&text(value), version) });
        // A store that shows something else under a write's name shows another value.
        if known.value == value { known.id } else { store.value_of(&text(value), version) }
    }

    /// The turn that a call of a session belongs to, mostly that of the session's last call or the one after it.
    fn turn(&mut self, session: SessionId, asked: &Asked) -> Option<TurnId> {
        let turn = asked.turn?;
        let place = session.0 as usize;
        if place >= self.turns.len() {
            self.turns.resize(place + 1, Vec::new());
        }
        let known = &mut self.turns[place];
        let at = match known.last() {
            Some(last) if last.turn < turn => known.len(),
            _ => match known.binary_search_by_key(&turn, |known| known.turn) {
                Ok(at) => return Some(known[at].id),
                Err(at) => at,
            },
        };
        let id = self.made.store.turn_anew(&format!("{}/{turn}", asked.session));
        known.insert(at, InTurn { turn, id });
        Some(id)
    }

    fn session(&mut self, session: Session) -> SessionId {
        let (place, life) = (place_of(session.node), session.life);
        if place >= self.sessions.len() {
            self.sessions.resize(place + 1, Vec::new());
        }
        // Mostly there is one, and else it is mostly the last.
        let lives = &mut self.sessions[place];
        if let Some(known) = lives.iter().rev().find(|known| known.life == life) {
            return known.id;
        }
        let id = self.made.store.session(&session.to_string());
        lives.push(Life { life, id });
        id
    }

    fn version(&mut self, write: WriteId) -> Version {
        Version::of(self.session(write.session), write.number)
    }

    /// Whether a node ever told what it took in or holds.
    fn is_replica(&self, entry: &Entry) -> bool {
        self.replicas.get(place_of(entry.node)).is_some_and(Option::is_some)
    }

    fn tell(&mut self, told: usize, entry: &Entry, deed: Deed) -> Result<(), Wrong> {
        let store = &mut self.made.store;
        let place = place_of(entry.node);
        if place >= self.replicas.len() {
            self.replicas.resize(place + 1, None);
        }
        let replica = *self.replicas[place].get_or_insert_with(|| store.replica(&entry.node.to_string()));
        store.replicate(entry.at, replica, deed)?;
        self.made.records.push(told);
        Ok(())
    }
}

/// A node's place in tables: roles interleave, so that the first nodes of each have small ones.
const fn place_of(node: NodeId) -> usize {
    node.index() * ROLES + node.role() as usize
}

/// A value's text, as it is printed.
fn text(value: &Value) -> Cow<'_, str> {
    String::from_utf8_lossy(value.bytes())
}

/// Finds the entries that a read shows, the first telling of each; it shows them in much the same order.
fn mark<'h>(shown: &mut [Option<&'h Written>], entries: &[Noted<'h>], found: &'h [Written]) {
    let mut next = 0;
    for written in found {
        let is_it = |entry: &Noted<'_>| entry.write == written.write;
        let after = entries[next..].iter().position(is_it).map(|place| next + place);
        let Some(place) = after.or_else(|| entries[..next].iter().position(is_it)) else { continue };
        shown[place] = shown[place].or(Some(written));
        next = place + 1;
    }
}
