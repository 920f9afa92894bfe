//! What runs took besides decisions: calls of tools, and how long pieces of work and calls lasted. Knows no policy.

use super::Latencies;
use super::costs::Cost;
use crate::fact::{Fact, Slot};
use crate::history::{Event, History, Operation};
use crate::time::Time;
use std::collections::BTreeMap;

/// The labour of a range of runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labour {
    /// Calls of tools, repetitions included. Its products are its sums: every run counts once.
    pub tool_calls: Cost,
    /// From each piece of work's first undertaking to its first conclusion.
    pub works: Latencies,
    /// Pieces of work that were taken on and never concluded.
    pub unfinished: u64,
    /// Pieces of work that were concluded with something missing.
    pub partial: u64,
    /// From the first request of a client for a decision to the first client's hearing of it.
    pub requests: Latencies,
    /// Decisions that were asked for, and that no client heard of.
    pub unheard: u64,
    /// From each call's first try to the end of its last one.
    pub calls: Latencies,
}

/// When each piece of work was begun; nothing of it once it is concluded.
type Works<'a> = BTreeMap<&'a str, Option<Time>>;

/// A call of a tool, from its first try on.
struct Tried {
    begun: Time,
    ended: Option<Time>,
}

impl Labour {
    /// Takes in one run.
    pub(super) fn note(&mut self, history: &History) {
        let (mut made, mut works, mut calls) = (0, Works::new(), BTreeMap::<&str, Tried>::new());
        for (_, entry, fact) in history.facts() {
            match fact {
                Fact::Undertaken { work, .. } => _ = works.entry(work).or_insert(Some(entry.at)),
                Fact::Concluded { work, missing } => {
                    if let Some(begun) = works.get_mut(work.as_str()).and_then(Option::take) {
                        self.works.note(entry.at.since(begun));
                        self.partial += u64::from(!missing.is_empty());
                    }
                }
                Fact::Called { call, .. } => {
                    made += 1;
                    calls.entry(call).or_insert(Tried { begun: entry.at, ended: None });
                }
                Fact::CallEnded { call, .. } => {
                    calls.entry(call).and_modify(|tried| tried.ended = Some(entry.at));
                }
                _ => {}
            }
        }
        self.note_requests(history);
        let spans = calls.values().filter_map(|Tried { begun, ended }| Some(ended.as_ref()?.since(*begun)));
        spans.for_each(|span| self.calls.note(span));
        self.unfinished += works.values().flatten().count() as u64;
        self.tool_calls.note(made, 1);
    }

    /// What clients ask for and hear of.
    fn note_requests(&mut self, history: &History) {
        let mut asked = BTreeMap::<Slot, Option<Time>>::new();
        for entry in history.entries() {
            match &entry.event {
                Event::Operation(Operation::Invoke { slot, .. }) => _ = asked.entry(*slot).or_insert(Some(entry.at)),
                Event::Operation(Operation::Ok { slot, .. }) => {
                    let begun = asked.get_mut(slot).and_then(Option::take);
                    begun.into_iter().for_each(|begun| self.requests.note(entry.at.since(begun)));
                }
                _ => {}
            }
        }
        self.unheard += asked.values().flatten().count() as u64;
    }

    /// Takes in other runs.
    pub(super) fn add(&mut self, other: &Labour) {
        self.tool_calls.add(other.tool_calls);
        self.works.add(&other.works);
        self.unfinished += other.unfinished;
        self.partial += other.partial;
        self.requests.add(&other.requests);
        self.unheard += other.unheard;
        self.calls.add(&other.calls);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{CallOutcome, Value};
    use crate::history::Entry;
    use crate::id::{NodeId, OpId, ProcessId};
    use crate::time::seconds;

    #[test]
    fn a_decision_that_no_client_hears_of_is_unheard_however_often_it_is_asked_for() {
        let mut history = History::new();
        let mut happens = |second, operation| {
            let (at, node) = (Time::ZERO + seconds(second), NodeId::client(0));
            history.push(Entry { at, node, process: ProcessId(0), event: Event::Operation(operation) });
        };
        for (second, op, slot) in [(1, 0, 0), (4, 1, 0), (5, 2, 1), (6, 3, 1)] {
            happens(second, Operation::Invoke { op: OpId(op), slot: Slot(slot) });
        }
        happens(9, Operation::Ok { op: OpId(1), slot: Slot(0), value: Value::from("1") });
        happens(9, Operation::Info { op: OpId(3) });
        let mut labour = Labour::default();
        labour.note(&history);
        assert_eq!((labour.requests.count(), labour.unheard), (1, 1));
        assert!(labour.requests.within(seconds(9)) == 1 && labour.requests.within(seconds(7)) == 0);
    }

    #[test]
    fn work_lasts_from_its_undertaking_if_it_is_concluded_and_a_call_from_its_first_try() {
        let mut history = History::new();
        let mut says = |second, fact| {
            let (at, node) = (Time::ZERO + seconds(second), NodeId::agent(0));
            history.push(Entry { at, node, process: ProcessId(0), event: Event::Fact(fact) });
        };
        let name = || "report".to_owned();
        let called = || Fact::Called { call: "k".to_owned(), tool: "t".to_owned(), arguments: Value::from("{}") };
        says(1, Fact::Undertaken { work: name(), due: Time::ZERO + seconds(90) });
        says(2, called());
        says(4, Fact::CallEnded { call: "k".to_owned(), outcome: CallOutcome::Unknown });
        says(5, called());
        says(9, Fact::CallEnded { call: "k".to_owned(), outcome: CallOutcome::Result(Value::from("1")) });
        says(11, Fact::Concluded { work: name(), missing: Vec::new() });
        says(12, Fact::Concluded { work: name(), missing: Vec::new() });
        // Whoever takes it on again after its conclusion does nothing new.
        says(13, Fact::Undertaken { work: name(), due: Time::ZERO + seconds(90) });
        says(14, Fact::Undertaken { work: "lost".to_owned(), due: Time::ZERO + seconds(90) });
        says(15, Fact::Undertaken { work: "half".to_owned(), due: Time::ZERO + seconds(90) });
        says(35, Fact::Concluded { work: "half".to_owned(), missing: vec!["costs".to_owned()] });
        let mut labour = Labour::default();
        labour.note(&history);
        assert_eq!((labour.tool_calls.sum, labour.works.count(), labour.calls.count()), (2, 2, 1));
        assert_eq!((labour.unfinished, labour.partial), (1, 1));
        let about = |latencies: &Latencies, span: u64| {
            let found = latencies.of_rank(1).expect("there is one").as_nanos();
            found.abs_diff(seconds(span).as_nanos()) <= seconds(span).as_nanos() / 256
        };
        assert!(about(&labour.works, 10) && about(&labour.calls, 7));
    }
}
