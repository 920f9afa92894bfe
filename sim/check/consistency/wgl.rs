//! Linearizability of any object with a spec: a search for an order, with a budget.
//!
//! Wing and Gong, *Testing and verifying concurrent objects*, JPDC 17, 1993, with the memory of Lowe, *Testing for
//! linearizability*, CCPE 29(4), 2017, section 4: a set of operations in order and the state after them are tried
//! once. One
//! thread, no clock, no hash that differs between runs: the same history and budget give the same answer. The budget
//! counts configurations (set and state) looked at; when it is used up the answer is that it was, never a pass.
//!
//! An open operation may be put anywhere after its beginning, or nowhere. Knows no particular object.

use super::objects::{Object, State, matters, turn};
use crate::call::ValueId;
use crate::digest::{Digest, Digester};
use crate::history::store::{Answer, Operation, StoreHistory};
use crate::spec::Spec;
use std::collections::{BTreeMap, BTreeSet};

/// What the search found.
pub(super) enum Found {
    /// An order that explains every answer.
    Order,
    /// None: the longest prefix of an order, the state after it, and the operation that could not wait any longer.
    Stuck(Stuck),
    /// The budget was used up.
    Exhausted,
}

/// Where the search came furthest.
pub(super) struct Stuck {
    pub(super) longest: Vec<u32>,
    pub(super) state: State,
    pub(super) blocked: u32,
}

/// Looks for an order of one object's operations. What is left of the budget stays for the next object.
pub(super) fn search(history: &StoreHistory, object: Object, places: &[u32], budget: &mut u64) -> Found {
    let operations = history.operations();
    let relevant: Vec<u32> = places.iter().copied().filter(|place| matters(&operations[*place as usize])).collect();
    let mut search = Search::new(history, object, &relevant);
    loop {
        match search.advance(budget) {
            Step::On => {}
            Step::Done => return Found::Order,
            Step::Exhausted => return Found::Exhausted,
            Step::Stuck => {
                return Found::Stuck(search.furthest.expect("a search that is stuck has come to its first dead end"));
            }
        }
    }
}

enum Step {
    On,
    Done,
    Stuck,
    Exhausted,
}

/// A list of beginnings and ends in the order of events, from which operations are taken out and put back in O(1).
struct Search<'a> {
    history: &'a StoreHistory,
    object: Object,
    relevant: &'a [u32],
    /// By entry: the operation, by its place in `relevant`, and whether this is its beginning or its end.
    entries: Vec<Entry>,
    next: Vec<u32>,
    previous: Vec<u32>,
    /// By operation: the entry of its end, if it has one.
    ends: Vec<Option<u32>>,
    unanswered: usize,
    state: State,
    taken: Bits,
    stack: Vec<Taken>,
    at: u32,
    seen: BTreeMap<u64, Vec<Seen>>,
    furthest: Option<Stuck>,
    shown: Shown,
}

#[derive(Clone, Copy)]
struct Entry {
    operation: u32,
    edge: Edge,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Begin,
    End,
}

struct Taken {
    entry: u32,
    before: State,
}

#[derive(PartialEq, Eq)]
struct Seen {
    taken: Window,
    state: State,
}

/// The head of the list; entries count from 1.
const HEAD: u32 = 0;

impl<'a> Search<'a> {
    fn new(history: &'a StoreHistory, object: Object, relevant: &'a [u32]) -> Search<'a> {
        let operations = history.operations();
        let mut events: Vec<(u32, Entry)> = Vec::with_capacity(2 * relevant.len());
        for (operation, place) in (0..).zip(relevant) {
            let record = &operations[*place as usize];
            events.push((record.invoked, Entry { operation, edge: Edge::Begin }));
            if record.returned != Operation::NEVER {
                events.push((record.returned, Entry { operation, edge: Edge::End }));
            }
        }
        events.sort_unstable_by_key(|(event, _)| *event);
        let head = Entry { operation: u32::MAX, edge: Edge::Begin };
        let entries: Vec<Entry> = [head].into_iter().chain(events.into_iter().map(|(_, entry)| entry)).collect();
        let count = entries.len() as u32;
        let mut ends = vec![None; relevant.len()];
        for (number, entry) in (0..).zip(&entries).skip(1).filter(|(_, entry)| entry.edge == Edge::End) {
            ends[entry.operation as usize] = Some(number);
        }
        Search {
            history,
            object,
            relevant,
            unanswered: ends.iter().flatten().count(),
            ends,
            entries,
            next: (1..=count).collect(),
            previous: (0..=count).map(|entry| entry.saturating_sub(1)).collect(),
            state: object.initial(),
            taken: Bits::of(relevant.len()),
            stack: Vec::new(),
            at: 1,
            seen: BTreeMap::new(),
            furthest: None,
            shown: Shown::of(history, object, relevant),
        }
    }

    /// Looks at one entry of the list.
    fn advance(&mut self, budget: &mut u64) -> Step {
        if self.unanswered == 0 {
            return Step::Done;
        }
        let entry = self.entries[self.at as usize];
        if entry.edge == Edge::End {
            return self.back(entry);
        }
        let place = self.relevant[entry.operation as usize];
        let turn = turn(self.history, &self.history.operations()[place as usize]);
        if let Some(state) = self.object.step(&self.state, &turn).map(|state| self.shown.forget(state)) {
            if *budget == 0 {
                return Step::Exhausted;
            }
            *budget -= 1;
            self.taken.set(entry.operation);
            if self.is_new(&state) {
                let before = std::mem::replace(&mut self.state, state);
                self.stack.push(Taken { entry: self.at, before });
                self.lift(self.at, entry.operation);
                self.at = self.next[HEAD as usize];
                return Step::On;
            }
            self.taken.clear(entry.operation);
        }
        self.at = self.next[self.at as usize];
        Step::On
    }

    /// The walk came to the end of an operation that is not yet in order: the last choice was wrong.
    fn back(&mut self, blocking: Entry) -> Step {
        if self.furthest.as_ref().is_none_or(|furthest| furthest.longest.len() < self.stack.len()) {
            let longest =
                self.stack.iter().map(|taken| self.relevant[self.entries[taken.entry as usize].operation as usize]);
            self.furthest = Some(Stuck {
                longest: longest.collect(),
                state: self.state.clone(),
                blocked: self.relevant[blocking.operation as usize],
            });
        }
        let Some(Taken { entry, before }) = self.stack.pop() else { return Step::Stuck };
        let operation = self.entries[entry as usize].operation;
        self.state = before;
        self.taken.clear(operation);
        self.unlift(entry, operation);
        self.at = self.next[entry as usize];
        Step::On
    }

    /// Remembers a configuration; `false` if it was tried before.
    fn is_new(&mut self, state: &State) -> bool {
        let taken = self.taken.window();
        let bucket = self.seen.entry(taken.digest(state)).or_default();
        let is_new = !bucket.iter().any(|seen| seen.taken == taken && seen.state == *state);
        if is_new {
            bucket.push(Seen { taken, state: state.clone() });
        }
        is_new
    }

    fn lift(&mut self, entry: u32, operation: u32) {
        self.unlink(entry);
        if let Some(end) = self.ends[operation as usize] {
            self.unlink(end);
            self.unanswered -= 1;
        }
    }

    fn unlift(&mut self, entry: u32, operation: u32) {
        if let Some(end) = self.ends[operation as usize] {
            self.relink(end);
            self.unanswered += 1;
        }
        self.relink(entry);
    }

    fn unlink(&mut self, entry: u32) {
        let (previous, next) = (self.previous[entry as usize], self.next[entry as usize]);
        self.next[previous as usize] = next;
        self.previous[next as usize] = previous;
    }

    fn relink(&mut self, entry: u32) {
        let (previous, next) = (self.previous[entry as usize], self.next[entry as usize]);
        self.next[previous as usize] = entry;
        self.previous[next as usize] = entry;
    }
}

/// The lists that a log may be seen to hold: the beginnings of those that were read. Any other can be read no more
/// until it is replaced, so all others are one and the same state. Without that, appends in flight have as many states
/// as orders.
struct Shown(Option<BTreeSet<u64>>);

/// Stands for every list that nobody can read any more: no text has this number.
const UNSEEN: ValueId = ValueId(u32::MAX);

impl Shown {
    fn of(history: &StoreHistory, object: Object, relevant: &[u32]) -> Shown {
        let mut shown = BTreeSet::new();
        for place in relevant {
            if let Answer::List(list) = history.operations()[*place as usize].answer {
                let mut digester = Digester::default();
                for value in history.values_of(list) {
                    digester.word(u64::from(value.0));
                    shown.insert(digester.finish());
                }
            }
        }
        Shown((object == Object::Log).then_some(shown))
    }

    fn forget(&self, state: State) -> State {
        let (Some(shown), State::Values(values)) = (&self.0, &state) else { return state };
        let mut digester = Digester::default();
        state.digest(&mut digester);
        // Two lists of one digest only mean that one more state is told apart.
        if values.is_empty() || shown.contains(&digester.finish()) { state } else { State::Values(vec![UNSEEN]) }
    }
}

/// A set of operations.
struct Bits {
    words: Vec<u64>,
    /// The first word that is not full.
    low: usize,
    /// One more than the last word that was ever not empty and may still be so.
    high: usize,
}

/// What is not the same in every set that the search comes across: the words between the full and the empty ones.
#[derive(PartialEq, Eq)]
struct Window {
    low: u32,
    words: Box<[u64]>,
}

impl Bits {
    fn of(count: usize) -> Bits {
        Bits { words: vec![0; count.div_ceil(64)], low: 0, high: 0 }
    }

    fn set(&mut self, bit: u32) {
        let word = bit as usize / 64;
        self.words[word] |= 1 << (bit % 64);
        self.high = self.high.max(word + 1);
        while self.words.get(self.low) == Some(&u64::MAX) {
            self.low += 1;
        }
    }

    fn clear(&mut self, bit: u32) {
        let word = bit as usize / 64;
        self.words[word] &= !(1 << (bit % 64));
        self.low = self.low.min(word);
        while self.high > 0 && self.words[self.high - 1] == 0 {
            self.high -= 1;
        }
    }

    fn window(&self) -> Window {
        let words = self.words.get(self.low..self.high).unwrap_or_default();
        Window { low: self.low as u32, words: words.into() }
    }
}

impl Window {
    /// Of the set and the state: many orders of one set end in many states, and each is looked up at once.
    fn digest(&self, state: &State) -> u64 {
        let mut digester = Digester::default();
        state.digest(&mut digester);
        digester.word(u64::from(self.low));
        self.words.iter().for_each(|word| digester.word(*word));
        digester.finish()
    }
}
