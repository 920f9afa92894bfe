//! Causal cascade: a turn writes on the ground of what had been taken back when it wrote.
//!
//! The name is Khan's (2026, arXiv 2606.17182), the classical anomaly is the cascading abort: what rests on a retracted
//! note has to go too, and all that rests on that. The rule here: if a turn read a write, and a remove of that key by
//! another session began after that write had ended and ended before the turn wrote anything, the turn's write is
//! one that should not be. It shows the first link; whoever read it is the next. O(n log n). Needs real time.

use super::chain::{Chain, Telling, noun};
use super::reads_from::Sight;
use super::turns::{Turn, Turns};
use super::{CheckStore, no_time};
use crate::call::{Call, Outcome};
use crate::check::{Property, PropertyKind, Verdict};
use crate::history::store::StoreHistory;

/// No turn writes on the ground of what others had taken back by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoCausalCascade {
    /// What of the history it looks at.
    pub sight: Sight,
}

impl CheckStore for NoCausalCascade {
    fn property(&self) -> Property {
        Property {
            name: "no_causal_cascade",
            about: "no turn writes on the ground of what others had taken back by then",
            source: "Khan 2026 (arXiv 2606.17182), causal cascade",
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
        let mut removes: Vec<Vec<u32>> = vec![Vec::new(); history.keys().len()];
        for (place, operation) in (0..).zip(history.operations()) {
            if operation.call == Call::Remove && operation.outcome == Outcome::Ok {
                removes[operation.key.0 as usize].push(place);
            }
        }
        for (number, turn) in turns.iter() {
            if let Some(found) = cascade(&turns, turn, &removes) {
                return Verdict::Violated(tell(&turns, name, number, found));
            }
        }
        Verdict::Holds { judged: turns.judged() }
    }
}

/// What was read, where it came from, what took it back, and what was written all the same.
#[derive(Clone, Copy)]
struct Cascade {
    source: u32,
    read: u32,
    remove: u32,
    write: u32,
}

fn cascade(turns: &Turns<'_>, turn: &Turn, removes: &[Vec<u32>]) -> Option<Cascade> {
    let last = *turn.writes.last()?;
    turn.reads.iter().filter(|read| **read < last).find_map(|read| {
        let source = turns.source(*read)??;
        let [ground, reader] = [source, *read].map(|place| turns.operation(place));
        let removes = &removes[turns.key(*read) as usize];
        // Removes stand in the order they began: the first after the write is the first that can take it back.
        let later = &removes[removes.partition_point(|remove| turns.operation(*remove).invoked < ground.returned)..];
        let others = later.iter().filter(|remove| turns.operation(**remove).session != reader.session);
        let candidates = others.take_while(|remove| turns.operation(**remove).invoked < turns.operation(last).invoked);
        let remove = *candidates.min_by_key(|remove| turns.operation(**remove).returned)?;
        let ended = turns.operation(remove).returned;
        let write = turn.writes.iter().find(|write| **write > *read && turns.operation(**write).invoked > ended)?;
        Some(Cascade { source, read: *read, remove, write: *write })
    })
}

fn tell(turns: &Turns<'_>, property: &'static str, turn: usize, found: Cascade) -> Chain {
    let history = turns.history;
    let Cascade { source, read, remove, write } = found;
    let mut telling = Telling::of(history, property, "causal cascade");
    turns.tell_source(&mut telling, read);
    telling.edge(read as usize, write as usize, format_args!("turn {} wrote what came of it", turns.name(turn)));
    telling.precedes(source as usize, remove as usize);
    telling.precedes(remove as usize, write as usize);
    let [source, remove, write] = [source, remove, write].map(|place| noun(history, place as usize));
    telling.end(format!("{write} rests on {source}, which {remove} had taken back."))
}
