//! Stale generation: while a turn generates from what it read, somebody else writes there, and the turn overwrites it
//! unseen.
//!
//! The name is Khan's (2026, arXiv 2606.17182); the rule is stated here in terms of real time: from the end of a
//! turn's last look at a key to the beginning of its write of that key, no other write of the key begins and ends. A
//! compare-and-set that is refused writes nothing, so it is how a turn escapes. O(n log n). Knows no version.

use super::chain::{Chain, Telling, noun};
use super::reads_from::{Sight, replaces};
use super::turns::Turns;
use super::{CheckStore, no_time};
use crate::call::Outcome;
use crate::check::{Property, PropertyKind, Verdict};
use crate::history::store::{Operation, StoreHistory};

/// No turn overwrites what somebody wrote since the turn last looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoStaleGeneration {
    /// What of the history it looks at.
    pub sight: Sight,
}

impl CheckStore for NoStaleGeneration {
    fn property(&self) -> Property {
        Property {
            name: "no_stale_generation",
            about: "no turn overwrites what somebody wrote since the turn last looked",
            source: "Khan 2026 (arXiv 2606.17182), stale generation",
            kind: PropertyKind::Safety,
        }
    }

    fn check(&self, history: &StoreHistory) -> Verdict<Chain> {
        let name = self.property().name;
        if !history.has_time() {
            return no_time(name);
        }
        let turns = match Turns::of(history, self.sight) {
            Ok(turns) => turns,
            Err(limit) => return Verdict::Unknown { limit },
        };
        let written = Written::of(history);
        for (number, turn) in turns.iter() {
            let own = |write: u32, place: &&u32| **place < write && turns.key(**place) == turns.key(write);
            for write in &turn.writes {
                let read = turn.reads.iter().rfind(|place| own(*write, place));
                // What it wrote itself in between it need not look at again.
                let Some(looked) = read.max(turn.writes.iter().rfind(|place| own(*write, place))) else { continue };
                if let Some(unseen) = written.between(&turns, *looked, *write) {
                    return Verdict::Violated(tell(&turns, name, number, [*looked, unseen, *write]));
                }
            }
        }
        Verdict::Holds { judged: turns.judged() }
    }
}

/// By key: the writes that were answered, in the order they began, each with the one from there on that ended first.
struct Written {
    by_key: Vec<Vec<Span>>,
}

#[derive(Clone, Copy)]
struct Span {
    invoked: u32,
    /// Of this write and all that began later: the one that ended first.
    first_to_end: u32,
}

impl Written {
    fn of(history: &StoreHistory) -> Written {
        let mut by_key: Vec<Vec<Span>> = vec![Vec::new(); history.keys().len()];
        let operations = history.operations();
        for place in (0..operations.len() as u32).rev() {
            let operation = &operations[place as usize];
            if replaces(operation) && operation.outcome == Outcome::Ok {
                let spans = &mut by_key[operation.key.0 as usize];
                let later = spans.last().map(|span| span.first_to_end);
                let ends = |place: u32| operations[place as usize].returned;
                let first_to_end = later.filter(|later| ends(*later) < ends(place)).unwrap_or(place);
                spans.push(Span { invoked: operation.invoked, first_to_end });
            }
        }
        by_key.iter_mut().for_each(|spans| spans.reverse());
        Written { by_key }
    }

    /// A write of the key that began after one operation had ended and ended before another began.
    fn between(&self, turns: &Turns<'_>, earlier: u32, later: u32) -> Option<u32> {
        let Operation { returned: from, .. } = *turns.operation(earlier);
        let spans = &self.by_key[turns.key(later) as usize];
        let first = spans.get(spans.partition_point(|span| span.invoked < from))?.first_to_end;
        (turns.operation(first).returned < turns.operation(later).invoked).then_some(first)
    }
}

fn tell(turns: &Turns<'_>, property: &'static str, turn: usize, [looked, unseen, write]: [u32; 3]) -> Chain {
    let history = turns.history;
    let mut telling = Telling::of(history, property, "stale generation");
    telling.precedes(looked as usize, unseen as usize);
    telling.precedes(unseen as usize, write as usize);
    let [unseen, write] = [unseen, write].map(|place| noun(history, place as usize));
    telling.end(format!("Turn {} had not seen {unseen} when {write} replaced it.", turns.name(turn)))
}
