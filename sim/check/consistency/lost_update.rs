//! Lost update: two turns read the same version of a key, and both replace it, so that one of them builds on nothing
//! that the other did.
//!
//! Berenson et al., *A critique of ANSI SQL isolation levels*, SIGMOD 1995, P4. By versions alone: no time is needed,
//! and it does not matter which of the two writes is seen in the end. O(n log n). Knows no replica.

use super::CheckStore;
use super::chain::{Chain, Telling, noun};
use super::reads_from::Sight;
use super::turns::Turns;
use crate::check::{Property, PropertyKind, Verdict};
use crate::history::store::StoreHistory;
use std::collections::BTreeMap;

/// No two turns replace the same version of a key that both had read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoLostUpdate {
    /// What of the history it looks at.
    pub sight: Sight,
}

/// What a turn wrote on the ground of what it had read.
#[derive(Clone, Copy)]
struct Update {
    turn: usize,
    read: u32,
    write: u32,
}

impl CheckStore for NoLostUpdate {
    fn property(&self) -> Property {
        Property {
            name: "no_lost_update",
            about: "no two turns replace the same version of a key that both had read",
            source: "Berenson et al. 1995, P4",
            kind: PropertyKind::Safety,
        }
    }

    fn check(&self, history: &StoreHistory) -> Verdict<Chain> {
        let turns = match Turns::of(history, self.sight) {
            Ok(turns) => turns,
            Err(limit) => return Verdict::Unknown { limit },
        };
        let mut first: BTreeMap<(u32, Option<u32>), Update> = BTreeMap::new();
        for (number, turn) in turns.iter() {
            for write in &turn.writes {
                let Some(read) = turns.basis(turn, *write) else { continue };
                let Some(source) = turns.source(read) else { continue };
                let update = Update { turn: number, read, write: *write };
                let earlier = *first.entry((turns.key(read), source)).or_insert(update);
                if earlier.turn != number {
                    return Verdict::Violated(tell(&turns, self.property().name, earlier, update));
                }
            }
        }
        Verdict::Holds { judged: turns.judged() }
    }
}

fn tell(turns: &Turns<'_>, property: &'static str, one: Update, other: Update) -> Chain {
    let history = turns.history;
    let mut telling = Telling::of(history, property, "lost update");
    for Update { turn, read, write } in [one, other] {
        turns.tell_source(&mut telling, read);
        if read != write {
            telling.edge(
                read as usize,
                write as usize,
                format_args!("turn {} wrote what came of it", turns.name(turn)),
            );
        }
    }
    let [one, other] = [one, other].map(|update| noun(history, update.write as usize));
    telling.end(format!("{one} and {other} replace the same version, so one of them is lost."))
}
