//! Long fork: two turns see two writes in opposite orders.
//!
//! Sovran et al., *Transactional storage for geo-replicated systems*, SOSP 2011, section 3.2. One turn reads x with a
//! write that the other's read of x missed, and misses a write of y that the other read. Turns that read the same two
//! keys are compared by the versions they saw: quadratic in how many different pairs there are. Knows no real time
//! beyond what is certainly older.

use super::CheckStore;
use super::chain::{Chain, Telling, noun};
use super::reads_from::Sight;
use super::turns::Turns;
use crate::check::{Property, PropertyKind, Verdict};
use crate::history::store::StoreHistory;
use std::collections::BTreeMap;

/// No two turns see two writes in opposite orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoLongFork {
    /// What of the history it looks at.
    pub sight: Sight,
}

/// What a turn saw of two keys.
#[derive(Clone, Copy)]
struct View {
    turn: usize,
    reads: [u32; 2],
    shown: [Option<u32>; 2],
}

impl CheckStore for NoLongFork {
    fn property(&self) -> Property {
        Property {
            name: "no_long_fork",
            about: "no two turns see two writes in opposite orders",
            source: "Sovran et al. 2011, section 3.2",
            kind: PropertyKind::Safety,
        }
    }

    fn check(&self, history: &StoreHistory) -> Verdict<Chain> {
        let turns = match Turns::of(history, self.sight) {
            Ok(turns) => turns,
            Err(limit) => return Verdict::Unknown { limit },
        };
        // By two keys, the smaller first.
        let mut views: BTreeMap<(u32, u32), Vec<View>> = BTreeMap::new();
        for (turn, Reads { first }) in turns.iter().map(|(number, turn)| (number, Reads::of(&turns, &turn.reads))) {
            for (place, (key, one)) in first.iter().enumerate() {
                for (other_key, other) in &first[place + 1..] {
                    let [Some(a), Some(b)] = [*one, *other].map(|read| turns.source(read)) else { continue };
                    let view = View { turn, reads: [*one, *other], shown: [a, b] };
                    let known = views.entry((*key, *other_key)).or_default();
                    if let Some(earlier) = known.iter().find(|earlier| forked(&turns, earlier, &view)) {
                        return Verdict::Violated(tell(&turns, self.property().name, earlier, &view));
                    }
                    if known.iter().all(|earlier| earlier.shown != view.shown) {
                        known.push(view);
                    }
                }
            }
        }
        Verdict::Holds { judged: turns.judged() }
    }
}

/// A turn's first read of each key, by key.
struct Reads {
    first: Vec<(u32, u32)>,
}

impl Reads {
    fn of(turns: &Turns<'_>, reads: &[u32]) -> Reads {
        let mut first: Vec<(u32, u32)> = reads.iter().map(|read| (turns.key(*read), *read)).collect();
        first.sort_unstable();
        first.dedup_by_key(|(key, _)| *key);
        Reads { first }
    }
}

/// Whether each saw what the other missed.
fn forked(turns: &Turns<'_>, one: &View, other: &View) -> bool {
    let newer = |view: &View, than: &View, key: usize| {
        view.shown[key].is_some_and(|shown| turns.is_older(than.shown[key], shown))
    };
    one.turn != other.turn
        && (newer(one, other, 0) && newer(other, one, 1) || newer(other, one, 0) && newer(one, other, 1))
}

fn tell(turns: &Turns<'_>, property: &'static str, one: &View, other: &View) -> Chain {
    let mut telling = Telling::of(turns.history, property, "long fork");
    let first = usize::from(!one.shown[0].is_some_and(|shown| turns.is_older(other.shown[0], shown)));
    let mut seen = Vec::new();
    for (saw, missed, key) in [(one, other, first), (other, one, 1 - first)] {
        let Some(write) = saw.shown[key] else { continue };
        turns.tell_source(&mut telling, saw.reads[key]);
        turns.tell_missed(&mut telling, missed.reads[key], write);
        seen.push(noun(turns.history, write as usize));
    }
    let [one, other] = [one.turn, other.turn].map(|turn| turns.name(turn));
    telling.end(format!("Turn {one} sees only {}, turn {other} only {}.", seen[0], seen[1]))
}
