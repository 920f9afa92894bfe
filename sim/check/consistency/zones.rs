//! Linearizability of registers whose reads are known by source, in O(n log n) whatever the concurrency.
//!
//! Gibbons and Korach, *Testing shared memories*, SICOMP 26(4), 1997, section 4. All operations that write or read one
//! value must stand together, so each value has a *zone*, from the first end to the last start among them. If the first
//! end is before the last start the zone is *forward*: the register held the value all that time. If not it is
//! *backward*: the value needs one instant in between. A history is linearizable if and only if no read ends before
//! its write begins,
//! no two forward zones overlap, and no backward zone lies inside a forward one. The initial value's zone begins before
//! everything. An open write nobody read is left out, and one that was read ends never.

use super::chain::{Chain, Telling, noun};
use super::reads_from::{ReadsFrom, Source, replaces};
use crate::history::store::{Operation, StoreHistory};

const PROPERTY: &str = super::linearizable::NAME;

/// From the first end to the last start among operations on one value. Both are numbers of events.
#[derive(Clone, Copy, Debug)]
struct Zone {
    first_end: u32,
    last_start: u32,
}

impl Zone {
    const EMPTY: Zone = Zone { first_end: Operation::NEVER, last_start: 0 };

    const fn is_forward(self) -> bool {
        self.first_end < self.last_start
    }
}

/// The zones of a history: one a write, one a key for what was there before.
pub(super) struct Zones<'a> {
    history: &'a StoreHistory,
    sources: &'a ReadsFrom,
    by_write: Vec<Zone>,
    initial: Vec<Option<u32>>,
}

/// A forward zone of a key, by the write it belongs to; nothing is the initial value.
#[derive(Clone, Copy)]
struct Forward {
    first_end: Option<u32>,
    last_start: u32,
    write: Option<u32>,
}

impl<'a> Zones<'a> {
    /// Takes every operation in, or stops at the first that needs no zone to be impossible.
    pub(super) fn of(
        history: &'a StoreHistory,
        sources: &'a ReadsFrom,
        judges: impl Fn(u32) -> bool,
    ) -> Result<Zones<'a>, Chain> {
        let operations = history.operations();
        let mut by_write = vec![Zone::EMPTY; operations.len()];
        let mut initial = vec![None; history.keys().len()];
        for (place, operation) in operations.iter().enumerate().filter(|(_, operation)| judges(operation.key.0)) {
            if replaces(operation) {
                take(&mut by_write[place], operation);
            }
            match sources.get(place) {
                Source::Write(write) => {
                    if operation.returned < operations[write as usize].invoked {
                        return Err(from_the_future(history, place, write as usize));
                    }
                    take(&mut by_write[write as usize], operation);
                }
                Source::Initial => {
                    let last: &mut Option<u32> = &mut initial[operation.key.0 as usize];
                    *last = (*last).max(Some(operation.invoked));
                }
                Source::Nowhere => return Err(out_of_thin_air(history, PROPERTY, place)),
                Source::None | Source::Ambiguous => {}
            }
        }
        Ok(Zones { history, sources, by_write, initial })
    }

    /// Judges one key, given its operations.
    pub(super) fn judge(&self, key: u32, places: &[u32]) -> Option<Chain> {
        let zone_of = |write: u32| self.by_write[write as usize];
        let is_write = |place: &&u32| replaces(&self.history.operations()[**place as usize]);
        let initial = self.initial[key as usize].map(|last_start| Forward { first_end: None, last_start, write: None });
        let mut forward: Vec<Forward> = initial.into_iter().collect();
        for write in places.iter().filter(is_write) {
            let Zone { first_end, last_start } = zone_of(*write);
            if zone_of(*write).is_forward() {
                forward.push(Forward { first_end: Some(first_end), last_start, write: Some(*write) });
            }
        }
        forward.sort_unstable_by_key(|zone| zone.first_end);
        // Sorted by their beginnings and so far apart: if any two overlap, two neighbours do.
        let overlapping = forward.windows(2).find(|pair| pair[1].first_end < Some(pair[0].last_start));
        if let Some(pair) = overlapping {
            return Some(self.tell("overlapping values", pair[0], pair[1], places));
        }
        for write in places.iter().filter(is_write) {
            let zone = zone_of(*write);
            // What nobody waited for and nobody read needs no instant.
            if zone.is_forward() || zone.first_end == Operation::NEVER {
                continue;
            }
            let after = forward.partition_point(|other| other.first_end < Some(zone.last_start));
            let around = after.checked_sub(1).map(|before| forward[before]);
            if let Some(around) = around.filter(|around| zone.first_end < around.last_start) {
                let Zone { first_end, last_start } = zone;
                let inner = Forward { first_end: Some(first_end), last_start, write: Some(*write) };
                return Some(self.tell("value inside another", around, inner, places));
            }
        }
        None
    }

    /// Two values each of which must come before the other: at most four operations show it.
    fn tell(&self, pattern: &'static str, one: Forward, other: Forward, places: &[u32]) -> Chain {
        let operations = self.history.operations();
        let of = |zone: Forward, place: usize| match (zone.write, self.sources.get(place)) {
            (Some(write), Source::Write(source)) => source == write || place == write as usize,
            (Some(write), _) => place == write as usize,
            (None, source) => source == Source::Initial,
        };
        let ends = |zone: Forward| {
            let mut found = places.iter().map(|place| *place as usize).filter(|place| of(zone, *place));
            found.find(|place| Some(operations[*place].returned) == zone.first_end)
        };
        let starts = |zone: Forward| {
            let mut found = places.iter().map(|place| *place as usize).filter(|place| of(zone, *place));
            found.find(|place| operations[*place].invoked == zone.last_start)
        };
        let mut telling = Telling::of(self.history, PROPERTY, pattern);
        let value = |zone: Forward| match zone.write {
            Some(write) => format!("the value of {}", noun(self.history, write as usize)),
            None => "the initial value".to_owned(),
        };
        let [before, after] = [(one, other), (other, one)].map(|(one, other)| (ends(one), starts(other)));
        for (end, start) in [before, after] {
            // The initial value has no write that could end: it comes before everything by definition.
            if let (Some(end), Some(start)) = (end, start) {
                telling.precedes(end, start);
            }
        }
        let (one, other) = (value(one), value(other));
        telling
            .end(format!("The register would have held {one} both before and after {other}, without a write between."))
    }
}

fn take(zone: &mut Zone, operation: &Operation) {
    zone.first_end = zone.first_end.min(operation.returned);
    zone.last_start = zone.last_start.max(operation.invoked);
}

fn from_the_future(history: &StoreHistory, read: usize, write: usize) -> Chain {
    let mut telling = Telling::of(history, PROPERTY, "read from the future");
    telling.precedes(read, write);
    telling.end(format!("{} returns what had yet to be written.", noun(history, read)))
}

/// A read of what nobody wrote.
pub(super) fn out_of_thin_air(history: &StoreHistory, property: &'static str, read: usize) -> Chain {
    let mut telling = Telling::of(history, property, "ThinAirRead");
    telling.event(read);
    telling.end(format!("No operation that may have taken effect wrote what {} returns.", noun(history, read)))
}
