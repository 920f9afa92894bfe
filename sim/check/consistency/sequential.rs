//! Sequential consistency: one order of all operations explains every answer and keeps every session's order.
//!
//! Lamport, *How to make a multiprocessor computer that correctly executes multiprocess programs*, 1979. Deciding it is
//! NP-complete even with known sources (Gibbons and Korach 1997), and objects cannot be judged alone, so this is a
//! search with
//! a budget, for small histories: configurations (how far each session is, and every object's state) are tried once,
//! and what changes nothing and fits is taken at once. Real time plays no part. Knows no cheaper way.

use super::causal::{Causality, Collect};
use super::chain::{Chain, Telling, noun};
use super::linearizable::Keys;
use super::objects::{Object, State, matters, turn};
use super::reads_from::Sight;
use super::{CheckStore, of_transactions};
use crate::call::Outcome;
use crate::check::{Property, PropertyKind, Verdict};
use crate::history::store::StoreHistory;
use crate::spec::Spec;
use std::collections::BTreeSet;

/// One order of all operations explains every answer and keeps every session's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SequentialConsistency {
    /// How many configurations it may look at.
    pub budget: u64,
}

impl SequentialConsistency {
    /// With a budget that lasts for seconds.
    pub const DEFAULT: SequentialConsistency = SequentialConsistency { budget: 500_000 };
}

const NAME: &str = "sequential_consistency";

impl CheckStore for SequentialConsistency {
    fn property(&self) -> Property {
        Property {
            name: NAME,
            about: "one order of all operations explains every answer and keeps every session's order",
            source: "Lamport 1979",
            kind: PropertyKind::Safety,
        }
    }

    fn check(&self, history: &StoreHistory) -> Verdict<Chain> {
        let whole = of_transactions(history, NAME).map_or(Ok(()), Err);
        let objects = match whole.and_then(|()| objects(history)) {
            Ok(objects) => objects,
            Err(limit) => return Verdict::Unknown { limit },
        };
        let mut search = Search::of(history, &objects);
        let judged = search.unanswered as u64;
        match search.run(self.budget) {
            Found::Order => not_even_causal(history).unwrap_or(Verdict::Holds { judged }),
            Found::Exhausted => not_even_causal(history).unwrap_or_else(|| Verdict::Unknown {
                limit: format!("the search looked at {} configurations", self.budget),
            }),
            Found::None => Verdict::Violated(search.tell()),
        }
    }
}

/// A violation that the search does not see: it goes by values, and equal texts may be two writes, or it was too long.
/// Whatever is sequentially consistent is causally consistent too, which goes by recorded versions and takes no search.
fn not_even_causal(history: &StoreHistory) -> Option<Verdict<Chain>> {
    Causality::of(history, Sight::Recorded, NAME, Collect::Nothing).err().filter(|verdict| verdict.witness().is_some())
}

/// What each key is.
fn objects(history: &StoreHistory) -> Result<Vec<Object>, String> {
    let keys = Keys::of(history);
    let object = |key| {
        Object::of(history.operations(), keys.places(key))
            .ok_or_else(|| format!("no object understands all calls of key {}: see spec", history.keys().text(key)))
    };
    (0..keys.count()).map(object).collect()
}

enum Found {
    Order,
    None,
    Exhausted,
}

/// Operations in session order. Those whose outcome is unknown need not be taken, and nothing comes after them.
struct Thread {
    operations: Vec<u32>,
    /// The thread and how many of its operations come before this one's first.
    after: Option<Start>,
}

#[derive(Clone, Copy)]
struct Start {
    thread: usize,
    done: u32,
}

/// How far each thread is, and every object's state.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Configuration {
    done: Vec<u32>,
    states: Vec<State>,
}

struct Frame {
    at: Configuration,
    unanswered: usize,
    /// How long the order was before this frame's own steps.
    length: usize,
    next: usize,
}

struct Search<'a> {
    history: &'a StoreHistory,
    objects: &'a [Object],
    threads: Vec<Thread>,
    unanswered: usize,
    order: Vec<u32>,
    longest: Vec<u32>,
    blocked: Vec<u32>,
}

impl<'a> Search<'a> {
    fn of(history: &'a StoreHistory, objects: &'a [Object]) -> Search<'a> {
        let count = history.sessions().len();
        let mut threads: Vec<Thread> = (0..count).map(|_| Thread { operations: Vec::new(), after: None }).collect();
        let mut unanswered = 0;
        for (place, operation) in (0..).zip(history.operations()).filter(|(_, operation)| matters(operation)) {
            let thread = operation.session.0 as usize;
            if operation.outcome == Outcome::Open {
                let done = threads[thread].operations.len() as u32;
                threads.push(Thread { operations: vec![place], after: Some(Start { thread, done }) });
            } else {
                threads[thread].operations.push(place);
                unanswered += 1;
            }
        }
        let (order, longest, blocked) = (Vec::new(), Vec::new(), Vec::new());
        Search { history, objects, threads, unanswered, order, longest, blocked }
    }

    fn run(&mut self, budget: u64) -> Found {
        let states = self.objects.iter().map(Spec::initial).collect();
        let start = Configuration { done: vec![0; self.threads.len()], states };
        let mut seen = BTreeSet::new();
        let mut stack = vec![self.settle(start, self.unanswered, 0)];
        while let Some(frame) = stack.last_mut() {
            if frame.unanswered == 0 {
                return Found::Order;
            }
            let thread = frame.next;
            frame.next += 1;
            if thread >= self.threads.len() {
                let length = frame.length;
                stack.pop();
                self.order.truncate(length);
                continue;
            }
            let (length, left) = (self.order.len(), frame.unanswered);
            let at = frame.at.clone();
            let Some(operation) = self.next(&at, thread) else { continue };
            let Some(at) = self.take(at, thread, operation) else { continue };
            let frame = self.settle(at, left - self.counts(operation), length);
            if seen.len() as u64 >= budget {
                return Found::Exhausted;
            }
            if seen.insert(frame.at.clone()) {
                stack.push(frame);
            } else {
                self.order.truncate(length);
            }
        }
        Found::None
    }

    fn counts(&self, operation: u32) -> usize {
        usize::from(self.history.operations()[operation as usize].outcome != Outcome::Open)
    }

    fn next(&self, at: &Configuration, thread: usize) -> Option<u32> {
        let Thread { operations, after } = &self.threads[thread];
        let begun = after.is_none_or(|start| at.done[start.thread] >= start.done);
        operations.get(at.done[thread] as usize).copied().filter(|_| begun)
    }

    /// The configuration after an operation, if it can be answered as it was.
    fn take(&mut self, mut at: Configuration, thread: usize, operation: u32) -> Option<Configuration> {
        let record = &self.history.operations()[operation as usize];
        let key = record.key.0 as usize;
        at.states[key] = self.objects[key].step(&at.states[key], &turn(self.history, record))?;
        at.done[thread] += 1;
        self.order.push(operation);
        Some(at)
    }

    /// Takes every answer that fits and that nothing can change by: that can never be wrong. A write of what is there
    /// already is not such a one, for later it would change something.
    fn settle(&mut self, mut at: Configuration, mut unanswered: usize, length: usize) -> Frame {
        let mut moved = true;
        while moved {
            moved = false;
            for thread in 0..self.threads.len() {
                while let Some(operation) = self.next(&at, thread).filter(|operation| self.counts(*operation) == 1) {
                    let record = &self.history.operations()[operation as usize];
                    let state = &at.states[record.key.0 as usize];
                    let after = self.objects[record.key.0 as usize].step(state, &turn(self.history, record));
                    let is_plain = !record.call.changes() || record.outcome == Outcome::Refused;
                    if !is_plain || after.is_none() {
                        break;
                    }
                    at.done[thread] += 1;
                    self.order.push(operation);
                    unanswered -= 1;
                    moved = true;
                }
            }
        }
        if self.order.len() > self.longest.len() || self.blocked.is_empty() {
            self.longest.clone_from(&self.order);
            self.blocked = (0..self.threads.len()).filter_map(|thread| self.next(&at, thread)).collect();
        }
        Frame { at, unanswered, length, next: 0 }
    }

    fn tell(&self) -> Chain {
        let mut telling = Telling::of(self.history, NAME, "no order explains it");
        let from = self.longest.len().saturating_sub(6);
        for pair in self.longest[from..].windows(2) {
            let why = "so it stands in the longest order that explains its answers";
            telling.edge(pair[0] as usize, pair[1] as usize, why);
        }
        for operation in &self.blocked {
            telling.event(*operation as usize);
        }
        let next: Vec<String> = self.blocked.iter().map(|one| noun(self.history, *one as usize)).collect();
        let (all, length) = (self.unanswered, self.longest.len());
        telling.end(format!(
            "No order of the {all} answered operations that keeps every session's order explains every answer: the \
             longest takes {length}, and then none of these fits: {}.",
            next.join("; ")
        ))
    }
}
