//! Threads of a shared store show what was appended to them: nothing else, each entry once, all in one order, and in
//! the end every one.
//!
//! As clients see it: Shapiro, Preguiça, Baquero and Zawirski, *A comprehensive study of convergent and commutative
//! replicated data types* (INRIA RR-7506, 2011), section 3.3 (an add-only set with an order of its own). An entry that
//! was acknowledged before faults ended stands in every read that begins when replicas had time to hear of it, unless
//! the key was ever put or removed as a whole. Two reads may show different entries, and never two of them in different
//! orders. Knows no store, no replica, and nothing of what a session saw before.

use super::online::{Observe, Online, Seen, judge};
use super::waiting::WITHIN;
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::call::Call;
use crate::fact::{Content, Key, Value, WriteId, Written};
use crate::history::{Asked, Entry, Environment, Event, History, Operation};
use crate::id::OpId;
use crate::time::{Duration, Time};
use std::collections::BTreeMap;

/// Reads of a thread show what was appended, once each, in one order, and in the end all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadEntries {
    /// How long entries may be under way after the heal.
    pub recovery: Duration,
}

impl ThreadEntries {
    /// As long as a store may take to answer again: entries need the same links.
    pub const DEFAULT: ThreadEntries = ThreadEntries { recovery: WITHIN };

    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "thread_entries",
        about: "reads of a thread show what was appended, once each, in one order, and in the end all of it",
        source: "Shapiro et al. 2011 (INRIA RR-7506), section 3.3",
        kind: PropertyKind::Safety,
    };
}

impl Check for ThreadEntries {
    fn property(&self) -> Property {
        ThreadEntries::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Operations, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for ThreadEntries {
    type State = Threads;

    fn begin(&self) -> Threads {
        Threads { rule: *self, threads: Vec::new(), places: BTreeMap::new(), open: Vec::new(), healed: None, judged: 0 }
    }
}

/// The threads so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threads {
    rule: ThreadEntries,
    threads: Vec<Thread>,
    places: BTreeMap<Key, usize>,
    /// Calls under way: few.
    open: Vec<Open>,
    healed: Option<Time>,
    judged: u64,
}

/// A call under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Open {
    op: OpId,
    thread: usize,
    begun: Time,
    /// The entry that it appends; none if it reads.
    entry: Option<u32>,
}

/// What is known of one key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Thread {
    entries: Vec<Appended>,
    by_write: BTreeMap<WriteId, u32>,
    /// Whether it was ever put or removed as a whole, by whomever and however late.
    replaced: bool,
    /// How many entries were acknowledged before the heal.
    due: usize,
    /// What reads showed, the latest last; one that only adds to the end of the latest takes its place.
    shown: Vec<Shown>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Appended {
    write: WriteId,
    value: Value,
    by: Seen,
    /// Whether it was acknowledged before the heal.
    due: bool,
    /// Entries that some read showed after it, a bit each.
    after: Vec<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    by: Seen,
    entries: Vec<u32>,
}

impl Observe for Threads {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        match &entry.event {
            Event::Operation(Operation::Ask { op, asked }) => self.ask(*op, asked, Seen::of(place, entry)),
            Event::Operation(Operation::Heard { op, heard }) => {
                let open = self.take(*op)?;
                match (open.entry, &heard.content) {
                    (Some(entry), _) if self.healed.is_none() => self.threads[open.thread].owe(entry),
                    (None, Some(Content::Thread(found))) => return self.read(open, found, Seen::of(place, entry)),
                    (None, Some(Content::Note { value: None, .. })) => {
                        return self.read(open, &[], Seen::of(place, entry));
                    }
                    _ => {}
                }
            }
            Event::Operation(Operation::Fail { op } | Operation::Info { op }) => _ = self.take(*op),
            Event::Environment(Environment::Healed { .. }) => self.healed = Some(entry.at),
            _ => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Threads {
    fn take(&mut self, op: OpId) -> Option<Open> {
        let place = self.open.iter().position(|open| open.op == op)?;
        Some(self.open.swap_remove(place))
    }

    fn ask(&mut self, op: OpId, asked: &Asked, by: Seen) {
        let thread = match self.places.get(&asked.key) {
            Some(thread) => *thread,
            None => {
                self.threads.push(Thread::default());
                self.places.insert(asked.key.clone(), self.threads.len() - 1);
                self.threads.len() - 1
            }
        };
        let entry = match (asked.call, asked.write, &asked.value) {
            (Call::Read, ..) => None,
            (Call::Append, Some(write), Some(value)) => Some(self.threads[thread].append(write, value, by)),
            // Who appends without a name is not followed.
            (Call::Append, ..) => return,
            _ => {
                self.threads[thread].replaced = true;
                return;
            }
        };
        self.open.push(Open { op, thread, begun: by.at, entry });
    }

    fn read(&mut self, open: Open, found: &[Written], by: Seen) -> Option<Witness> {
        let thread = &mut self.threads[open.thread];
        if thread.entries.is_empty() && found.is_empty() {
            return None;
        }
        self.judged += 1;
        if let Err(witness) = thread.see(found, by) {
            return Some(witness);
        }
        let recovered = self.healed.is_some_and(|healed| open.begun >= healed + self.rule.recovery);
        if !recovered || thread.replaced || thread.due == 0 {
            return None;
        }
        let is_shown = |entry: &Appended| found.iter().any(|written| written.write == entry.write);
        let lost = thread.entries.iter().find(|entry| entry.due && !is_shown(entry));
        lost.map(|entry| {
            let read = by.step("reads the thread without it, long after the heal");
            let said = format!(
                "{} was acknowledged before faults ended, and {} does not find it when all had time to hear of it.",
                entry.write, by.node
            );
            ThreadEntries::PROPERTY.refuted("a lost entry", vec![entry.step(), read], said)
        })
    }
}

impl Appended {
    fn step(&self) -> super::Step {
        self.by.step(format_args!("appends {}: {}", self.write, self.value))
    }
}

impl Thread {
    fn append(&mut self, write: WriteId, value: &Value, by: Seen) -> u32 {
        let place = self.entries.len() as u32;
        self.entries.push(Appended { write, value: value.clone(), by, due: false, after: Vec::new() });
        *self.by_write.entry(write).or_insert(place)
    }

    fn owe(&mut self, entry: u32) {
        self.entries[entry as usize].due = true;
        self.due += 1;
    }

    /// Takes in what a read showed.
    fn see(&mut self, found: &[Written], by: Seen) -> Result<(), Witness> {
        let known = self.shown.last().map_or(&[][..], |last| &last.entries);
        let is_same = |(place, written): (&u32, &Written)| {
            let entry = &self.entries[*place as usize];
            entry.write == written.write && entry.value == written.value
        };
        let same = known.iter().zip(found).take_while(|pair| is_same(*pair)).count();
        if same == found.len() {
            // A part of what was shown last says nothing new.
            return Ok(());
        }
        let mut shown: Vec<u32> = known[..same].to_vec();
        let mut before = vec![0u64; self.entries.len().div_ceil(64)];
        shown.iter().for_each(|place| set(&mut before, *place));
        for written in &found[same..] {
            let place = self.find(written, by)?;
            if has(&before, place) {
                return Err(self.twice(place, by));
            }
            let after = &self.entries[place as usize].after;
            if after.iter().zip(&before).any(|(after, before)| after & before != 0) {
                return Err(self.two_orders(place, &shown, by));
            }
            set(&mut before, place);
            shown.push(place);
        }
        // From the end: what was shown so far comes after.
        let mut later = vec![0u64; before.len()];
        for place in shown.iter().rev() {
            join(&mut self.entries[*place as usize].after, &later);
            set(&mut later, *place);
        }
        match self.shown.last_mut() {
            Some(last) if same == last.entries.len() => *last = Shown { by, entries: shown },
            _ => self.shown.push(Shown { by, entries: shown }),
        }
        Ok(())
    }

    fn find(&self, written: &Written, by: Seen) -> Result<u32, Witness> {
        let shows = by.step(format_args!("reads a thread with {}: {}", written.write, written.value));
        let refuted = |shape, steps, said| Err(ThreadEntries::PROPERTY.refuted(shape, steps, said));
        match self.by_write.get(&written.write) {
            Some(place) if self.entries[*place as usize].value == written.value => Ok(*place),
            Some(place) => {
                let said = format!("{} was appended with another text.", written.write);
                refuted("an altered entry", vec![self.entries[*place as usize].step(), shows], said)
            }
            None => {
                let said = format!("Nobody had appended {} to this thread.", written.write);
                refuted("an entry from nowhere", vec![shows], said)
            }
        }
    }

    #[cold]
    fn twice(&self, place: u32, by: Seen) -> Witness {
        let entry = &self.entries[place as usize];
        let said = format!("{} was appended once, and stands twice in what {} reads.", entry.write, by.node);
        let steps = vec![entry.step(), by.step("reads a thread that has it twice")];
        ThreadEntries::PROPERTY.refuted("an entry twice", steps, said)
    }

    #[cold]
    fn two_orders(&self, place: u32, before: &[u32], by: Seen) -> Witness {
        let one = &self.entries[place as usize];
        let other = before.iter().copied().find(|other| has(&one.after, *other)).expect("one of them came after it");
        let in_order = |shown: &&Shown| {
            let at = |wanted: u32| shown.entries.iter().position(|entry| *entry == wanted);
            at(place).zip(at(other)).is_some_and(|(one, other)| one < other)
        };
        let other_write = self.entries[other as usize].write;
        let earlier = self.shown.iter().find(in_order);
        let earlier = earlier.map(|shown| shown.by.step(format_args!("reads {} before {other_write}", one.write)));
        let steps = [one.step(), self.entries[other as usize].step()].into_iter().chain(earlier);
        let steps = steps.chain([by.step(format_args!("reads {other_write} before {}", one.write))]).collect();
        let said = format!("{} and {other_write} stand in two orders.", one.write);
        ThreadEntries::PROPERTY.refuted("two orders of entries", steps, said)
    }
}

fn has(bits: &[u64], place: u32) -> bool {
    bits.get(place as usize / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
}

fn join(bits: &mut Vec<u64>, others: &[u64]) {
    bits.resize(bits.len().max(others.len()), 0);
    bits.iter_mut().zip(others).for_each(|(mine, theirs)| *mine |= theirs);
}

fn set(bits: &mut Vec<u64>, place: u32) {
    let word = place as usize / 64;
    if word >= bits.len() {
        bits.resize(word + 1, 0);
    }
    bits[word] |= 1 << (place % 64);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Session;
    use crate::history::{Heard, Holds};
    use crate::id::{NodeId, ProcessId};
    use crate::time::seconds;

    #[derive(Default)]
    struct Story(History, u64);

    impl Story {
        fn push(&mut self, at: u64, event: Event) {
            let at = Time::ZERO + seconds(at);
            self.0.push(Entry { at, node: NodeId::client(0), process: ProcessId(0), event });
        }

        fn call(&mut self, at: u64, call: Call, written: Option<Written>, content: Option<Content>) {
            self.1 += 1;
            let (op, session) = (OpId(self.1), Session::of(NodeId::client(0)));
            let (write, value) = written.map(|one| (one.write, one.value)).unzip();
            let asked = Asked {
                session,
                call,
                key: Key::from("log"),
                value,
                expected: None,
                expected_write: None,
                write,
                turn: None,
                looks: crate::call::Looks::AtOnce,
            };
            self.push(at, Event::Operation(Operation::Ask { op, asked }));
            self.push(at, Event::Operation(Operation::Heard { op, heard: Heard { holds: Holds::Yes, content } }));
        }

        fn append(&mut self, number: u32) {
            self.call(1, Call::Append, Some(entry(number)), None);
        }

        fn read(&mut self, at: u64, numbers: &[u32]) {
            let found = numbers.iter().map(|number| entry(*number)).collect();
            self.call(at, Call::Read, None, Some(Content::Thread(found)));
        }

        fn heal(&mut self) {
            self.push(2, Event::Environment(Environment::Healed { core: vec![NodeId::client(0)] }));
        }

        fn shape(&self) -> Option<String> {
            ThreadEntries::DEFAULT.check(&self.0).witness().map(|witness| witness.shape.clone())
        }
    }

    fn entry(number: u32) -> Written {
        let write = WriteId { session: Session::of(NodeId::client(0)), number };
        Written { write, value: Value::from(write.to_string().as_str()) }
    }

    fn story(reads: &[&[u32]]) -> Story {
        let mut story = Story::default();
        (1..=3).for_each(|number| story.append(number));
        reads.iter().for_each(|read| story.read(1, read));
        story
    }

    #[test]
    fn reads_may_show_different_entries_as_long_as_they_agree_on_their_order() {
        assert_eq!(story(&[&[1], &[3], &[1, 3], &[1, 2, 3], &[2], &[]]).shape(), None);
        let judged = ThreadEntries::DEFAULT.check(&story(&[&[1], &[2]]).0);
        assert_eq!(judged, Verdict::Holds { judged: 2 });
    }

    #[test]
    fn two_reads_never_show_two_entries_in_two_orders() {
        let story = story(&[&[1, 2, 3], &[3], &[3, 1]]);
        assert_eq!(story.shape().as_deref(), Some("two orders of entries"));
        let verdict = ThreadEntries::DEFAULT.check(&story.0);
        let places: Vec<_> = verdict.witness().expect("two orders").steps.iter().map(|step| step.place).collect();
        assert_eq!(places, [Some(0), Some(4), Some(7), Some(11)], "both entries, the first read and the last");
    }

    #[test]
    fn an_entry_that_nobody_appended_or_that_stands_twice_or_has_another_text_is_found() {
        assert_eq!(story(&[&[1, 9]]).shape().as_deref(), Some("an entry from nowhere"));
        assert_eq!(story(&[&[1, 2], &[1, 2, 1]]).shape().as_deref(), Some("an entry twice"));
        let mut altered = story(&[&[1]]);
        let found = Written { value: Value::from("another"), ..entry(1) };
        altered.call(1, Call::Read, None, Some(Content::Thread(vec![found])));
        assert_eq!(altered.shape().as_deref(), Some("an altered entry"));
    }

    #[test]
    fn an_entry_acknowledged_before_the_heal_is_there_in_the_end() {
        let after = 3 + WITHIN.as_nanos() / 1_000_000_000;
        for (read, shape) in [(&[1, 2, 3][..], None), (&[1, 3], Some("a lost entry")), (&[], Some("a lost entry"))] {
            let mut story = story(&[&[1]]);
            story.heal();
            story.read(3, &[1]);
            story.read(after, read);
            assert_eq!(story.shape().as_deref(), shape, "{read:?}");
        }
    }

    #[test]
    fn a_note_may_take_the_place_of_a_thread() {
        let mut story = story(&[&[1]]);
        story.call(1, Call::Remove, Some(entry(4)), None);
        story.heal();
        story.read(3 + WITHIN.as_nanos() / 1_000_000_000, &[]);
        assert_eq!(story.shape(), None);
    }
}
