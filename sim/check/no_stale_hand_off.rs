//! No stale hand-off: who reads a letter finds in the shared store what the letter's writer had seen and written.
//!
//! A letter travels beside the store, so it may overtake what it is about: a *hidden channel* (Cheriton and Skeen 1993,
//! section 3.1; the anomalous behaviour of Lamport 1978). A store that is causal within every session does not help
//! where sessions do not know of each other. Looks at operations as clients saw them and at the letters that
//! participants say they sent and read. Knows no store and no channel.
//!
//! The rule: what a letter's writer had written, with an answer, or read by the time it sent the letter, and what it
//! had been told itself, its reader *was told of*. A read of a note then returns no version that is older than one it
//! was told of; a read of a thread shows every entry that it was told of. A version is older than another one if the
//! other's writer knew it. A restart forgets what it was told, and is told again as it reads again.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::call::Call;
use crate::fact::{Content, Fact, Key, WriteId};
use crate::history::{Asked, Entry, Environment, Event, Heard, History, Holds, Operation};
use crate::id::{NodeId, OpId};
use std::collections::{BTreeMap, BTreeSet};

/// Who reads a letter finds what its writer had seen and written.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoStaleHandOff;

impl NoStaleHandOff {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "no_stale_hand_off",
        about: "who reads a letter finds in the store what the letter's writer had seen and written",
        source: "Cheriton, Skeen 1993, section 3.1 (hidden channels); Lamport 1978",
        kind: PropertyKind::Safety,
    };
}

impl Check for NoStaleHandOff {
    fn property(&self) -> Property {
        NoStaleHandOff::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Operations, Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for NoStaleHandOff {
    type State = HandOffs;

    fn begin(&self) -> HandOffs {
        HandOffs::default()
    }
}

/// Writes by key.
type Past = BTreeMap<Key, BTreeSet<WriteId>>;

/// Who knows of which writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandOffs {
    /// By node: what it knows in any way, and what it was told of by letters.
    known: BTreeMap<NodeId, Past>,
    told: BTreeMap<NodeId, Past>,
    /// By sender and number: what the writer knew.
    letters: BTreeMap<(NodeId, u64), Letter>,
    open: BTreeMap<OpId, Asked>,
    writes: BTreeMap<WriteId, Write>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Letter {
    past: Past,
    sent: Seen,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Write {
    call: Call,
    /// What its writer knew under the same key.
    before: BTreeSet<WriteId>,
    by: Seen,
}

impl Observe for HandOffs {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let (node, seen) = (entry.node, Seen::of(place, entry));
        match &entry.event {
            Event::Operation(Operation::Ask { op, asked }) => {
                if let Some(write) = asked.write {
                    let before = self.known.entry(node).or_default().get(&asked.key).cloned().unwrap_or_default();
                    self.writes.insert(write, Write { call: asked.call, before, by: seen });
                }
                self.open.insert(*op, asked.clone());
                None
            }
            Event::Operation(Operation::Heard { op, heard }) => {
                let asked = self.open.remove(op)?;
                self.hear(seen, &asked, heard)
            }
            Event::Operation(operation) => {
                self.open.remove(&operation.op());
                None
            }
            Event::Fact(Fact::Sent { number, .. }) => {
                let past = self.known.entry(node).or_default().clone();
                self.letters.entry((node, *number)).or_insert(Letter { past, sent: seen });
                None
            }
            Event::Fact(Fact::Heeded { from, number }) => {
                let past = self.letters.get(&(*from, *number)).map(|letter| letter.past.clone())?;
                join(self.told.entry(node).or_default(), &past);
                join(self.known.entry(node).or_default(), &past);
                None
            }
            Event::Environment(Environment::Crashed) => {
                self.told.remove(&node);
                self.known.remove(&node);
                None
            }
            _ => None,
        }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl HandOffs {
    fn hear(&mut self, by: Seen, asked: &Asked, heard: &Heard) -> Option<Witness> {
        if heard.holds == Holds::No {
            return None;
        }
        let shown: BTreeSet<WriteId> = match &heard.content {
            None => asked.write.into_iter().collect(),
            Some(Content::Note { write, .. }) => write.iter().copied().collect(),
            Some(Content::Thread(entries)) => entries.iter().map(|entry| entry.write).collect(),
            // Without versions nobody knows what was read.
            Some(Content::Listed(_)) => return None,
        };
        let stale = heard.content.as_ref().and_then(|_| self.missed(by.node, &asked.key, &shown));
        let before = shown.iter().filter_map(|write| self.writes.get(write)).flat_map(|write| write.before.clone());
        let learned: BTreeSet<WriteId> = before.chain(shown.iter().copied()).collect();
        self.known.entry(by.node).or_default().entry(asked.key.clone()).or_default().extend(learned);
        stale.and_then(|missed| self.refute(by, asked, missed))
    }

    /// A write that the reader was told of and that is newer than what it was shown.
    fn missed(&mut self, reader: NodeId, key: &Key, shown: &BTreeSet<WriteId>) -> Option<WriteId> {
        let told = self.told.get(&reader)?.get(key)?;
        self.judged += 1;
        let call = |write: &WriteId| self.writes.get(write).map(|write| write.call);
        // What was taken away may leave nothing to show, and no version of it.
        if told.iter().any(|write| call(write) == Some(Call::Remove)) {
            return None;
        }
        let is_older =
            |write: &WriteId, than: &WriteId| self.writes.get(than).is_some_and(|newer| newer.before.contains(write));
        let missed = told.iter().find(|write| match call(write) {
            Some(Call::Append) => !shown.contains(write),
            _ => !shown.contains(write) && shown.iter().all(|other| is_older(other, write)),
        });
        missed.copied()
    }

    #[cold]
    fn refute(&self, by: Seen, asked: &Asked, missed: WriteId) -> Option<Witness> {
        let write = self.writes.get(&missed)?;
        let tells = |(_, letter): &(&(NodeId, u64), &Letter)| {
            letter.past.get(&asked.key).is_some_and(|past| past.contains(&missed)) && letter.sent.place < by.place
        };
        let ((from, number), letter) = self.letters.iter().filter(tells).max_by_key(|(_, letter)| letter.sent.place)?;
        let steps = vec![
            write.by.step(format_args!("writes {} as {missed}", asked.key)),
            letter.sent.step(format_args!("sends its letter {number}, knowing {missed}")),
            by.step(format_args!("reads {} and is shown nothing as new as {missed}", asked.key)),
        ];
        let contradiction = format!(
            "{} had read {from}'s letter {number}, whose writer knew {missed}, and was shown {} without it.",
            by.node, asked.key
        );
        Some(NoStaleHandOff::PROPERTY.refuted("stale hand-off", steps, contradiction))
    }
}

fn join(past: &mut Past, other: &Past) {
    for (key, writes) in other {
        past.entry(key.clone()).or_default().extend(writes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Session, Value};
    use crate::id::ProcessId;
    use crate::time::Time;

    const A: NodeId = NodeId::agent(0);
    const B: NodeId = NodeId::agent(1);

    /// A history of one write, one letter about it, and one read by somebody who read these letters.
    fn told(read: Event, letters: &[u64]) -> Verdict {
        let write = WriteId { session: Session::of(A), number: 1 };
        let asked = |node, call, write, value: Option<Value>| Asked {
            session: Session::of(node),
            call,
            key: Key::from("plan"),
            value,
            expected: None,
            expected_write: None,
            write,
            turn: None,
            looks: crate::call::Looks::AtOnce,
        };
        let ask = |op, asked| Event::Operation(Operation::Ask { op: OpId(op), asked });
        let done = Heard { holds: Holds::Yes, content: None };
        let mut events = vec![
            (A, ask(1, asked(A, Call::Write, Some(write), Some(Value::from("v"))))),
            (A, Event::Operation(Operation::Heard { op: OpId(1), heard: done })),
            (A, Event::Fact(Fact::Sent { number: 1, to: vec![B] })),
        ];
        events.extend(letters.iter().map(|number| (B, Event::Fact(Fact::Heeded { from: A, number: *number }))));
        events.push((B, ask(2, asked(B, Call::Read, None, None))));
        events.push((B, read));
        let mut history = History::new();
        for (node, event) in events {
            history.push(Entry { at: Time::ZERO, node, process: ProcessId(0), event });
        }
        NoStaleHandOff.check(&history)
    }

    fn shows(write: Option<u32>) -> Event {
        let write = write.map(|number| WriteId { session: Session::of(A), number });
        let content = Content::Note { value: write.map(|_| Value::from("v")), write };
        Event::Operation(Operation::Heard { op: OpId(2), heard: Heard { holds: Holds::Yes, content: Some(content) } })
    }

    #[test]
    fn who_was_told_and_finds_nothing_is_a_witness() {
        let Verdict::Violated(witness) = told(shows(None), &[1]) else { panic!("it is stale") };
        assert_eq!((witness.shape.as_str(), witness.steps.len()), ("stale hand-off", 3));
        assert!(witness.to_string().contains("a2 had read a1's letter 1"), "{witness}");
    }

    #[test]
    fn who_finds_it_or_was_not_told_is_none() {
        assert_eq!(told(shows(Some(1)), &[1]), Verdict::Holds { judged: 1 });
        assert_eq!(told(shows(None), &[]), Verdict::Holds { judged: 0 });
        // Of a version that nobody told of, it is not known that it is older.
        assert_eq!(told(shows(Some(7)), &[1]), Verdict::Holds { judged: 1 });
    }
}
