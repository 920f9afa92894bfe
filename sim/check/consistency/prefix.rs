//! Linearizability of a log that is only appended to and read whole: the lengths of what was read give the order.
//!
//! Every read is a prefix of the longest one, which is the log as far as anyone saw it. A read of length l stands
//! between
//! the l-th append and the next. That fixes the order of all operations but the appends nobody saw, so what is left to
//! check is that no operation stands before one that had ended when it began: O(n log n) on top of comparing lists. The
//! values appended must differ; if not, the search of `wgl` decides. An append that was answered and that no later
//! read shows contradicts that read. Knows no other object.

use super::chain::{Chain, Telling, noun};
use crate::call::{Call, Outcome, ValueId};
use crate::history::store::{Answer, Operation, StoreHistory};
use std::collections::BTreeMap;

const PROPERTY: &str = super::linearizable::NAME;

/// What the lengths say.
pub(super) enum Prefixes {
    /// There is an order.
    Order,
    /// There is none.
    None(Box<Chain>),
    /// Something else than different appends and whole reads: lengths do not tell.
    NotALog,
}

/// Judges one log, given its operations.
pub(super) fn judge(history: &StoreHistory, places: &[u32]) -> Prefixes {
    let Some(log) = Log::of(history, places) else { return Prefixes::NotALog };
    log.out_of_order().map_or(Prefixes::Order, |chain| Prefixes::None(Box::new(chain)))
}

struct Log<'a> {
    history: &'a StoreHistory,
    /// Answered reads, each with its list.
    reads: Vec<Read<'a>>,
    /// By value: its append.
    appends: BTreeMap<ValueId, u32>,
}

#[derive(Clone, Copy)]
struct Read<'a> {
    place: u32,
    list: &'a [ValueId],
}

/// An operation with its place in the order that lengths impose: the i-th append at 2i, a read of length l at 2l + 1.
#[derive(Clone, Copy)]
struct Ranked {
    place: u32,
    rank: usize,
}

impl<'a> Log<'a> {
    fn of(history: &'a StoreHistory, places: &[u32]) -> Option<Log<'a>> {
        let mut log = Log { history, reads: Vec::new(), appends: BTreeMap::new() };
        for place in places {
            let operation = &history.operations()[*place as usize];
            match (operation.call, operation.outcome, operation.answer) {
                (_, Outcome::Failed, _) | (Call::Read, Outcome::Open, _) => {}
                (Call::Append, _, _) if log.appends.insert(operation.value, *place).is_none() => {}
                (Call::Read, _, Answer::List(list)) => {
                    log.reads.push(Read { place: *place, list: history.values_of(list) });
                }
                (Call::Read, _, Answer::NOTHING) => log.reads.push(Read { place: *place, list: &[] }),
                _ => return None,
            }
        }
        log.reads.sort_by_key(|read| read.list.len());
        Some(log)
    }

    fn out_of_order(&self) -> Option<Chain> {
        let forked = self.reads.windows(2).find(|pair| !pair[1].list.starts_with(pair[0].list));
        if let Some(pair) = forked {
            return Some(self.fork(pair[0], pair[1]));
        }
        let longest = self.reads.last().map_or(&[][..], |read| read.list);
        let mut ranked: Vec<Ranked> = Vec::new();
        let mut seen = BTreeMap::new();
        for (index, value) in longest.iter().enumerate() {
            let append = self.appends.get(value).copied();
            let Some(place) = append.filter(|_| seen.insert(*value, index).is_none()) else {
                return Some(self.made_up(*value, append));
            };
            ranked.push(Ranked { place, rank: 2 * (index + 1) });
        }
        ranked.extend(self.reads.iter().map(|read| Ranked { place: read.place, rank: 2 * read.list.len() + 1 }));
        // Nobody saw them, so each must come after every read; those without an answer need not come at all.
        let unseen = self.appends.iter().filter(|(value, _)| !seen.contains_key(value));
        let unseen = unseen.map(|(_, place)| *place).filter(|place| self.operation(*place).is_answered());
        ranked.extend(unseen.map(|place| Ranked { place, rank: usize::MAX }));
        ranked.sort_by_key(|ranked| ranked.rank);
        self.against_time(&ranked)
    }

    fn operation(&self, place: u32) -> &'a Operation {
        &self.history.operations()[place as usize]
    }

    /// Finds an operation that ended before one of lower rank began.
    fn against_time(&self, ranked: &[Ranked]) -> Option<Chain> {
        let mut earliest: Option<Ranked> = None;
        let mut from = ranked.len();
        // From the highest rank down, with the earliest end among those of strictly higher rank.
        while from > 0 {
            let rank = ranked[from - 1].rank;
            let start = ranked[..from].partition_point(|ranked| ranked.rank < rank);
            let group = &ranked[start..from];
            let late = |higher: Ranked| {
                let ended = self.operation(higher.place).returned;
                group.iter().find(|lower| ended < self.operation(lower.place).invoked)
            };
            if let Some((higher, lower)) = earliest.and_then(|higher| Some((higher, late(higher)?))) {
                return Some(self.reversed(*lower, higher));
            }
            let ended = |ranked: &Ranked| self.operation(ranked.place).returned;
            earliest = earliest.iter().chain(group).copied().min_by_key(ended);
            from = start;
        }
        None
    }

    fn fork(&self, short: Read<'_>, long: Read<'_>) -> Chain {
        let mut telling = Telling::of(self.history, PROPERTY, "forked log");
        let (one, other) = (short.place as usize, long.place as usize);
        telling.event(one);
        telling.event(other);
        let apart = short.list.iter().zip(long.list).position(|(one, other)| one != other).unwrap_or_default();
        let [left, right] = [short.list, long.list].map(|list| self.history.show(list[apart]));
        let (one, other) = (noun(self.history, one), noun(self.history, other));
        telling.end(format!("At place {} {one} shows {left} and {other} shows {right}.", apart + 1))
    }

    fn made_up(&self, value: ValueId, append: Option<u32>) -> Chain {
        let pattern = if append.is_some() { "duplicated entry" } else { "ThinAirRead" };
        let mut telling = Telling::of(self.history, PROPERTY, pattern);
        let shows = self.reads.iter().find(|read| {
            let times = read.list.iter().filter(|found| **found == value).count();
            times > usize::from(append.is_some())
        });
        if let Some(append) = append {
            telling.event(append as usize);
        }
        if let Some(read) = shows {
            telling.event(read.place as usize);
        }
        let value = self.history.show(value);
        telling.end(match append {
            Some(_) => format!("{value} was appended once and is shown twice."),
            None => format!("{value} was appended by no operation that may have taken effect."),
        })
    }

    /// `lower` must come first by what was read, yet `higher` had ended when it began.
    fn reversed(&self, lower: Ranked, higher: Ranked) -> Chain {
        let mut telling = Telling::of(self.history, PROPERTY, "read against real time");
        let (first, last) = (lower.place as usize, higher.place as usize);
        telling.precedes(last, first);
        // The read that shows the order, if neither of the two is one.
        let is_read = |place: u32| self.operation(place).call == Call::Read;
        if !is_read(lower.place) && !is_read(higher.place) {
            let shows = self.reads.iter().find(|read| read.list.contains(&self.operation(lower.place).value));
            if let Some(read) = shows {
                telling.event(read.place as usize);
            }
        }
        let (first, last) = (noun(self.history, first), noun(self.history, last));
        telling.end(format!("By what the reads show, {first} comes before {last}, which had ended before it began."))
    }
}
