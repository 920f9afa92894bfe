//! What a run's history tells of a shared store, in the form that checkers of stores read. Knows no property.

use super::store::{Answer, Deed, Invocation, Replica, Return, StoreHistory, Wrong};
use super::{Asked, Environment, Event, Heard, History, Holds, Operation, Restart};
use crate::call::{Call, Outcome, SessionId, ValueId, Version};
use crate::fact::{Content, Fact, Key, Session, Value, WriteId, Written};
use crate::id::{NodeId, OpId};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

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
                    let replica = projector.replica(entry);
                    projector.tell(entry.at, replica, Deed::Applied(version))?;
                    projector.tell(entry.at, replica, Deed::State(*state))?;
                }
                Event::Fact(Fact::Held { state }) => {
                    let replica = projector.replica(entry);
                    projector.tell(entry.at, replica, Deed::State(*state))?;
                }
                // Agents have disks too, and are no replicas.
                Event::Environment(Environment::Started { again: Restart::WithoutDisk })
                    if projector.is_replica(entry) =>
                {
                    let replica = projector.replica(entry);
                    projector.tell(entry.at, replica, Deed::Lost)?;
                }
                Event::Environment(Environment::Settled) => projector.made.store.settle(),
                _ => {}
            }
        }
        Ok(projector.made)
    }
}

/// A projection under way.
struct Projector {
    lens: Lens,
    made: Projection,
    /// Operations that have not ended, by the number that the history gives them.
    open: BTreeMap<OpId, Open>,
    /// Keys under which something was ever appended.
    threads: BTreeSet<Key>,
    /// Keys under which something was to be removed by now: whoever found nothing there before found what was there
    /// initially.
    fleeting: BTreeSet<Key>,
    /// Keys of which something is known by its text alone: there, equal texts are one value. Everywhere else each write
    /// makes a value of its own.
    nameless: BTreeSet<Key>,
    /// Entries that were appended so far, thread by thread.
    entries: BTreeMap<Key, Vec<Written>>,
    /// Sessions and replicas by what they are called in the history, so that none is looked up by its text again.
    sessions: BTreeMap<Session, SessionId>,
    replicas: BTreeMap<NodeId, Replica>,
}

struct Open {
    asked: Asked,
    /// Its number in the projection; none if it is told when it ends.
    number: Option<OpId>,
    place: usize,
}

impl Projector {
    fn new(history: &History, lens: Lens) -> Projector {
        let appended = history.operations().filter_map(|(_, _, operation)| match operation {
            Operation::Ask { asked, .. } if asked.call == Call::Append => Some(asked.key.clone()),
            _ => None,
        });
        let threads = appended.collect();
        Projector {
            lens,
            made: Projection::default(),
            open: BTreeMap::new(),
            threads,
            fleeting: BTreeSet::new(),
            nameless: nameless(history),
            entries: BTreeMap::new(),
            sessions: BTreeMap::new(),
            replicas: BTreeMap::new(),
        }
    }

    fn operate(&mut self, place: usize, at: Time, operation: &Operation) -> Result<(), Wrong> {
        match operation {
            Operation::Ask { op, asked } => self.ask(place, at, *op, asked),
            Operation::Heard { op, heard } => self.hear(at, *op, heard),
            Operation::Fail { op } => self.end(at, *op, Return::FAILED),
            Operation::Info { op } => self.end(at, *op, Return::OPEN),
            _ => Ok(()),
        }
    }

    fn ask(&mut self, place: usize, at: Time, op: OpId, asked: &Asked) -> Result<(), Wrong> {
        let open = Open { asked: asked.clone(), number: None, place };
        if asked.call == Call::Remove {
            self.fleeting.insert(asked.key.clone());
        }
        let apart = self.lens == Lens::EntryByEntry && self.threads.contains(&asked.key);
        let number = match (asked.call, apart) {
            (Call::Read, true) => None,
            (Call::Append, true) => {
                let (Some(write), Some(value)) = (asked.write, asked.value.clone()) else { return Ok(()) };
                let entries = self.entries.entry(asked.key.clone()).or_default();
                entries.push(Written { write, value: value.clone() });
                let key = entry_key(&asked.key, write);
                Some(self.invoke(place, at, &Asked { call: Call::Write, key, ..asked.clone() })?)
            }
            _ => Some(self.invoke(place, at, asked)?),
        };
        self.open.insert(op, Open { number, ..open });
        Ok(())
    }

    fn invoke(&mut self, place: usize, at: Time, asked: &Asked) -> Result<OpId, Wrong> {
        let session = self.session(asked.session);
        let store = &mut self.made.store;
        let key = store.key(&asked.key.0);
        let turn = asked.turn.map(|turn| store.turn(&format!("{}/{turn}", asked.session)));
        let value = self.value(&asked.key, asked.value.as_ref(), asked.write);
        let expected = self.value(&asked.key, asked.expected.as_ref(), asked.expected_write);
        let store = &mut self.made.store;
        let number = store.invoke(at, Invocation { session, key, call: asked.call, value, expected, turn })?;
        self.made.places.push(place);
        if let Some(write) = asked.write {
            let version = self.version(write);
            let place = usize::try_from(number.0).expect("fewer operations than memory holds");
            self.made.store.stamp(place, Some(version))?;
        }
        Ok(number)
    }

    fn hear(&mut self, at: Time, op: OpId, heard: &Heard) -> Result<(), Wrong> {
        let Some(open) = self.open.get(&op) else { return Ok(()) };
        let key = open.asked.key.clone();
        let outcome = if heard.holds == Holds::Yes { Outcome::Ok } else { Outcome::Refused };
        let end = match &heard.content {
            None => Return { outcome, ..Return::OK },
            Some(content) if open.number.is_none() => {
                let found = match content {
                    Content::Thread(entries) => entries.clone(),
                    Content::Listed(values) => self.named(&key, values),
                    Content::Note { .. } => Vec::new(),
                };
                return self.read_entries(at, op, &found);
            }
            Some(Content::Thread(entries)) => {
                let values = entries.iter().map(|entry| self.value(&key, Some(&entry.value), Some(entry.write)));
                let values = values.collect();
                Return::list(self.made.store.list(values))
            }
            Some(Content::Listed(values)) => {
                let store = &mut self.made.store;
                let values = values.iter().map(|value| store.value(&value.to_string())).collect();
                Return::list(store.list(values))
            }
            Some(Content::Note { value: None, write: None }) if self.threads.contains(&key) => {
                Return::list(self.made.store.list(Vec::new()))
            }
            Some(Content::Note { value: Some(value), write }) => {
                let version = write.map(|write| self.version(write));
                Return { version, ..Return::value(self.value(&key, Some(value), *write)) }
            }
            Some(Content::Note { value: None, write }) => {
                let nothing = Return { answer: Answer::NOTHING, ..Return::OK };
                match (write, self.fleeting.contains(&key), self.lens) {
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
    fn read_entries(&mut self, at: Time, op: OpId, found: &[Written]) -> Result<(), Wrong> {
        let Some(Open { asked, place, .. }) = self.open.remove(&op) else { return Ok(()) };
        let mut entries = self.entries.get(&asked.key).cloned().unwrap_or_default();
        entries.sort_by_key(|entry| !found.iter().any(|other| other.write == entry.write));
        for entry in entries {
            let asked = Asked { key: entry_key(&asked.key, entry.write), ..asked.clone() };
            let number = self.invoke(place, at, &asked)?;
            let end = match found.iter().find(|other| other.write == entry.write) {
                Some(other) => {
                    let value = self.value(&asked.key, Some(&other.value), Some(other.write));
                    Return::value(value).at(self.version(other.write))
                }
                None => Return::OK.at(Version::INITIAL),
            };
            self.made.store.complete(at, number, end)?;
        }
        Ok(())
    }

    /// Entries by their values, which only one write has.
    fn named(&self, thread: &Key, values: &[Value]) -> Vec<Written> {
        let entries = self.entries.get(thread).map(Vec::as_slice).unwrap_or_default();
        entries.iter().filter(|entry| values.contains(&entry.value)).cloned().collect()
    }

    fn end(&mut self, at: Time, op: OpId, end: Return) -> Result<(), Wrong> {
        match self.open.remove(&op).and_then(|open| open.number) {
            Some(number) => self.made.store.complete(at, number, end),
            None => Ok(()),
        }
    }

    /// A value under a key: by the write that made it, where writes are known, and else by its text.
    fn value(&mut self, key: &Key, value: Option<&Value>, write: Option<WriteId>) -> ValueId {
        let Some(value) = value else { return ValueId::NOTHING };
        let version = write.filter(|_| !self.nameless.contains(key)).map(|write| self.version(write));
        let (text, store) = (value.to_string(), &mut self.made.store);
        match version {
            Some(version) => store.value_of(&text, version),
            None => store.value(&text),
        }
    }

    fn session(&mut self, session: Session) -> SessionId {
        let store = &mut self.made.store;
        *self.sessions.entry(session).or_insert_with(|| store.session(&session.to_string()))
    }

    fn version(&mut self, write: WriteId) -> Version {
        Version::of(self.session(write.session), write.number)
    }

    fn replica(&mut self, entry: &super::Entry) -> Replica {
        let store = &mut self.made.store;
        *self.replicas.entry(entry.node).or_insert_with(|| store.replica(&entry.node.to_string()))
    }

    /// Whether a node ever told what it took in or holds.
    fn is_replica(&self, entry: &super::Entry) -> bool {
        self.replicas.contains_key(&entry.node)
    }

    fn tell(&mut self, at: Time, replica: Replica, deed: Deed) -> Result<(), Wrong> {
        self.made.store.replicate(at, replica, deed)
    }
}

/// Keys of which a client saw a value, or expects one, and cannot tell which write made it.
fn nameless(history: &History) -> BTreeSet<Key> {
    let mut asked: BTreeMap<OpId, &Key> = BTreeMap::new();
    let mut nameless = BTreeSet::new();
    for (_, _, operation) in history.operations() {
        match operation {
            Operation::Ask { op, asked: call } => {
                asked.insert(*op, &call.key);
                if call.expected.is_some() && call.expected_write.is_none() {
                    nameless.insert(call.key.clone());
                }
            }
            Operation::Heard { op, heard } => {
                let seen =
                    matches!(&heard.content, Some(Content::Note { value: Some(_), write: None } | Content::Listed(_)));
                nameless.extend(asked.get(op).filter(|_| seen).map(|key| (*key).clone()));
            }
            _ => {}
        }
    }
    nameless
}

/// The key of one entry of a thread.
fn entry_key(thread: &Key, write: WriteId) -> Key {
    Key::from(format!("{thread}/{write}").as_str())
}
