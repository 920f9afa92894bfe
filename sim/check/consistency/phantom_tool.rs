//! Phantom tool: what a turn planned with is there when it looks first and gone when it looks again, or the other way.
//!
//! The name is Khan's (2026, arXiv 2606.17182), the classical anomaly is the phantom (Berenson et al. 1995, P3). A
//! registry is keys that hold something or nothing, or sets that contain a value or not. Within one turn every look at
//! an entry finds it there, or every look finds it missing, unless the turn itself changed it in between. O(n log n).
//! Knows no order.

use super::CheckStore;
use super::chain::{Chain, Telling, noun};
use crate::call::{Call, Outcome, ValueId};
use crate::check::{Property, PropertyKind, Verdict};
use crate::history::store::{Answer, Operation, StoreHistory};
use std::collections::BTreeMap;

/// What a turn finds there stays there until the turn is over, and what is missing stays missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoPhantomTool;

/// Whether an entry was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    There,
    Missing,
}

#[derive(Clone, Copy)]
struct Glance {
    operation: usize,
    found: Presence,
}

impl CheckStore for NoPhantomTool {
    fn property(&self) -> Property {
        Property {
            name: "no_phantom_tool",
            about: "what a turn finds there stays there until the turn is over, and what is missing stays missing",
            source: "Khan 2026 (arXiv 2606.17182), phantom tool; Berenson et al. 1995, P3",
            kind: PropertyKind::Safety,
        }
    }

    fn check(&self, history: &StoreHistory) -> Verdict<Chain> {
        // By turn, key and member of a set.
        let mut seen: BTreeMap<(u32, u32, ValueId), Glance> = BTreeMap::new();
        let mut judged = 0;
        for (place, operation) in history.operations().iter().enumerate() {
            let Some(turn) = operation.turn else { continue };
            let entry = (turn.0.get(), operation.key.0, member(operation));
            if operation.may_take_effect() {
                seen.remove(&entry);
            }
            let Some(found) = presence(operation) else { continue };
            judged += 1;
            let first = *seen.entry(entry).or_insert(Glance { operation: place, found });
            if first.found != found {
                return Verdict::Violated(tell(history, self.property().name, first.operation, place));
            }
        }
        Verdict::Holds { judged }
    }
}

/// Which entry of a key's set it is about; of a key that is an entry itself, none.
const fn member(operation: &Operation) -> ValueId {
    match operation.call {
        Call::Contains | Call::Add | Call::Discard => operation.value,
        _ => ValueId::NOTHING,
    }
}

fn presence(operation: &Operation) -> Option<Presence> {
    match (operation.call, operation.outcome, operation.answer) {
        (Call::Read, Outcome::Ok, Answer::Value(ValueId::NOTHING)) => Some(Presence::Missing),
        (Call::Read, Outcome::Ok, Answer::Value(_)) | (Call::Contains, Outcome::Ok, _) => Some(Presence::There),
        (Call::Contains, Outcome::Refused, _) => Some(Presence::Missing),
        _ => None,
    }
}

fn tell(history: &StoreHistory, property: &'static str, first: usize, second: usize) -> Chain {
    let mut telling = Telling::of(history, property, "phantom tool");
    telling.edge(first, second, "it is earlier in the turn, which changed nothing there in between");
    let [first, second] = [first, second].map(|place| noun(history, place));
    telling.end(format!("{first} and {second} disagree on whether there is such an entry."))
}
