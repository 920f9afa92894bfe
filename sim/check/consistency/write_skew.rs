//! Write skew: two turns each read what the other is about to replace, and each writes somewhere else.
//!
//! Berenson et al., *A critique of ANSI SQL isolation levels*, SIGMOD 1995, A5B; a cycle of two anti-dependencies
//! (Adya 1999, G2-item). One turn reads x older than the other's write of x, which read y older than the first one's
//! write of y. If they also write what they read, it is a lost update rather than this. Turns are compared that read
//! and write the same two keys crosswise: quadratic in how many do. Knows no real time beyond what is certainly older.

use super::CheckStore;
use super::chain::{Chain, Telling};
use super::reads_from::Sight;
use super::turns::{Turn, Turns};
use crate::check::{Property, PropertyKind, Verdict};
use crate::history::store::StoreHistory;
use std::collections::BTreeMap;

/// No two turns each miss what the other writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoWriteSkew {
    /// What of the history it looks at.
    pub sight: Sight,
}

/// A turn that reads one key and writes another, which it has not read.
#[derive(Clone, Copy)]
struct Cross {
    turn: usize,
    read: u32,
    write: u32,
}

impl CheckStore for NoWriteSkew {
    fn property(&self) -> Property {
        Property {
            name: "no_write_skew",
            about: "no two turns each read what the other then replaces unseen",
            source: "Berenson et al. 1995, A5B",
            kind: PropertyKind::Safety,
        }
    }

    fn check(&self, history: &StoreHistory) -> Verdict<Chain> {
        let turns = match Turns::of(history, self.sight) {
            Ok(turns) => turns,
            Err(limit) => return Verdict::Unknown { limit },
        };
        // By the key read and the key written.
        let mut crossing: BTreeMap<(u32, u32), Vec<Cross>> = BTreeMap::new();
        for (number, turn) in turns.iter() {
            for cross in crosses(&turns, number, turn) {
                let keys = (turns.key(cross.read), turns.key(cross.write));
                let others = crossing.get(&(keys.1, keys.0)).into_iter().flatten();
                let skewed = others.filter(|other| other.turn != number).find(|other| {
                    let misses = |one: &Cross, two: &Cross| {
                        turns.source(one.read).is_some_and(|shown| turns.is_older(shown, two.write))
                    };
                    misses(&cross, other) && misses(other, &cross)
                });
                if let Some(other) = skewed {
                    return Verdict::Violated(tell(&turns, self.property().name, *other, cross));
                }
                crossing.entry(keys).or_default().push(cross);
            }
        }
        Verdict::Holds { judged: turns.judged() }
    }
}

fn crosses(turns: &Turns<'_>, number: usize, turn: &Turn) -> Vec<Cross> {
    let writes = |key| turn.writes.iter().any(|write| turns.key(*write) == key);
    let reads = turn.reads.iter().filter(|read| !writes(turns.key(**read)));
    let pairs =
        reads.flat_map(|read| turn.writes.iter().map(move |write| Cross { turn: number, read: *read, write: *write }));
    pairs.collect()
}

fn tell(turns: &Turns<'_>, property: &'static str, one: Cross, other: Cross) -> Chain {
    let mut telling = Telling::of(turns.history, property, "write skew");
    for (Cross { turn, read, write }, missed) in [(one, other.write), (other, one.write)] {
        turns.tell_missed(&mut telling, read, missed);
        telling.edge(read as usize, write as usize, format_args!("turn {} wrote what came of it", turns.name(turn)));
    }
    let [one, other] = [one.turn, other.turn].map(|turn| turns.name(turn));
    telling.end(format!("So turn {one} comes before turn {other}, and turn {other} before turn {one}."))
}
