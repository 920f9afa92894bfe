//! Causal memory (CM) and pipelined RAM (PRAM): each session can explain what it read by one order of all writes.
//!
//! Bouajjani, Enea, Guerraoui and Hamza, POPL 2017, section 5: for an operation o, HB is the least transitive order
//! that contains
//! causal order up to o and puts w2 before w1 whenever a read of o's session at or before o returns w1 with w2, another
//! write of the key, before it. CM is CC without *WriteHBInitRead* (such a read of the initial value with a write of
//! the key before it) and *CyclicHB*. HB grows along a session, so it is made once a session, for its last operation.
//! PRAM (Lipton and Sandberg, Princeton TR-180-88, 1988) is the same with session order and the session's own reads for
//! causal order: what others read orders nothing.
//!
//! Each session takes passes of O(n·k) until nothing changes. Knows no time and no agreement between sessions.

use super::causal::{Causality, Collect, conflict};
use super::chain::{self, Chain, Telling, noun};
use super::clocks::{Clocks, join, past_of};
use super::ground::Ground;
use super::paths::{Derived, Paths};
use super::reads_from::{Sight, Source, replaces};
use super::threads::Threads;
use super::visible::Searches;
use super::zones::out_of_thin_air;
use super::{CheckStore, of_transactions};
use crate::check::{Property, PropertyKind, Verdict};
use crate::history::store::StoreHistory;

/// CM: CC, and each session can explain everything it read by one order of all writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CausalMemory {
    /// What of the history it looks at.
    pub sight: Sight,
    /// How many times it may look at an operation.
    pub budget: u64,
}

/// PRAM: each session can explain what it read by an order of all writes that keeps every session's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PipelinedRam {
    /// What of the history it looks at.
    pub sight: Sight,
    /// How many times it may look at an operation.
    pub budget: u64,
}

/// Looks that last for seconds.
const BUDGET: u64 = 200_000_000;

impl CausalMemory {
    /// With a budget that lasts for seconds.
    pub const DEFAULT: CausalMemory = CausalMemory { sight: Sight::Recorded, budget: BUDGET };
}

impl PipelinedRam {
    /// With a budget that lasts for seconds.
    pub const DEFAULT: PipelinedRam = PipelinedRam { sight: Sight::Recorded, budget: BUDGET };
}

impl CheckStore for CausalMemory {
    fn property(&self) -> Property {
        Property {
            name: "causal_memory",
            about: "each session can explain everything it read by one order of all writes",
            source: "Bouajjani, Enea, Guerraoui, Hamza 2017; Ahamad et al. 1995",
            kind: PropertyKind::Safety,
        }
    }

    fn check(&self, history: &StoreHistory) -> Verdict<Chain> {
        let name = self.property().name;
        match Causality::of(history, self.sight, name, Collect::Nothing) {
            Ok(Causality { ground, clocks, .. }) => {
                let base = Base { rows: clocks.rows(), reads: Reads::Everyones };
                saturate(history, ground, clocks, &base, name, self.budget)
            }
            Err(verdict) => verdict,
        }
    }
}

impl CheckStore for PipelinedRam {
    fn property(&self) -> Property {
        Property {
            name: "pram",
            about: "each session can explain what it read by an order of writes that keeps every session's order",
            source: "Lipton, Sandberg 1988",
            kind: PropertyKind::Safety,
        }
    }

    fn check(&self, history: &StoreHistory) -> Verdict<Chain> {
        let name = self.property().name;
        let whole = of_transactions(history, name).map_or(Ok(()), Err);
        let ground = match whole.and_then(|()| Ground::of(history, self.sight)) {
            Ok(ground) => ground,
            Err(limit) => return Verdict::Unknown { limit },
        };
        let threads = &ground.threads;
        let thin = |place: &usize| threads.sources.get(*place) == Source::Nowhere;
        if let Some(read) = (0..history.operations().len()).find(thin) {
            return Verdict::Violated(out_of_thin_air(history, name, read));
        }
        if let Some(chain) = own_future(history, threads, name) {
            return Verdict::Violated(chain);
        }
        // Cycles of causal order are none of its business, so rows begin with session order alone.
        let alone = Clocks::by_session(history, threads);
        let base = Base { rows: alone.rows(), reads: Reads::Own };
        saturate(history, ground, &alone, &base, name, self.budget)
    }
}

/// A session that read what it wrote only later: the one cycle that no derived edge is part of.
fn own_future(history: &StoreHistory, threads: &Threads, name: &'static str) -> Option<Chain> {
    let session = |operation: u32| history.operations()[operation as usize].session;
    let read = (0..history.operations().len() as u32)
        .find(|read| threads.source(*read).is_some_and(|write| write > *read && session(write) == session(*read)))?;
    let mut telling = Telling::of(history, name, "CyclicHB");
    let write = threads.source(read)?;
    telling.edge(read as usize, write as usize, "it is earlier in the session");
    Some(telling.end(format!("{} returns what its session had yet to write.", noun(history, read as usize))))
}

/// Whose reads order writes from the start.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    Everyones,
    Own,
}

struct Base {
    rows: Vec<u32>,
    reads: Reads,
}

fn saturate(
    history: &StoreHistory,
    ground: &Ground,
    clocks: &Clocks,
    base: &Base,
    name: &'static str,
    budget: u64,
) -> Verdict<Chain> {
    let mut left = budget;
    for thread in 0..ground.threads.count() {
        let mut session = Session::of(history, ground, clocks, base, thread as u32);
        match session.saturate(&mut left) {
            Saturated::Consistent => {}
            Saturated::Exhausted => {
                let limit = format!("saturation looked {budget} times at an operation and was not done");
                return Verdict::Unknown { limit };
            }
            Saturated::Bad(bad) => return Verdict::Violated(session.tell(name, bad)),
        }
    }
    Verdict::Holds { judged: ground.threads.judged() }
}

enum Saturated {
    Consistent,
    Exhausted,
    Bad(Bad),
}

#[derive(Clone, Copy)]
enum Bad {
    InitRead {
        write: u32,
        read: u32,
    },
    /// `edge.after` is before `edge.before` already.
    Cycle {
        edge: Derived,
    },
}

/// HB of one session's last operation.
struct Session<'a> {
    history: &'a StoreHistory,
    threads: &'a Threads,
    clocks: &'a Clocks,
    thread: u32,
    reads: Reads,
    rows: Vec<u32>,
    searches: Searches<'a>,
    derived: Vec<Derived>,
}

impl<'a> Session<'a> {
    fn of(history: &'a StoreHistory, ground: &'a Ground, clocks: &'a Clocks, base: &Base, thread: u32) -> Session<'a> {
        let (rows, reads) = (base.rows.clone(), base.reads);
        let (threads, searches) = (&ground.threads, ground.visible.searches());
        Session { history, threads, clocks, thread, reads, rows, searches, derived: Vec::new() }
    }

    fn orders(&self, read: u32) -> bool {
        let own = || self.threads.place(read).is_some_and(|place| place.thread == self.thread);
        self.reads == Reads::Everyones || own()
    }

    fn source(&self, read: u32) -> Option<u32> {
        self.threads.source(read).filter(|_| self.orders(read))
    }

    fn range(&self, write: u32) -> std::ops::Range<usize> {
        let (row, width) = (self.clocks.rank(write) as usize, self.clocks.width());
        row * width..(row + 1) * width
    }

    /// Goes over all operations until no row grows any more.
    fn saturate(&mut self, left: &mut u64) -> Saturated {
        loop {
            let looks = self.clocks.order().len() as u64;
            if *left < looks {
                return Saturated::Exhausted;
            }
            *left -= looks;
            match self.pass() {
                Ok(Grown::No) => return Saturated::Consistent,
                Ok(Grown::Yes) => {}
                Err(bad) => return Saturated::Bad(bad),
            }
        }
    }

    fn pass(&mut self) -> Result<Grown, Bad> {
        let width = self.clocks.width();
        let mut current = vec![0; width * width];
        let mut grown = Grown::No;
        for operation in self.clocks.order() {
            let Some(place) = self.threads.place(*operation) else { continue };
            let mut clock = current[place.thread as usize * width..(place.thread as usize + 1) * width].to_vec();
            if place.index == 0
                && let Some(before) = self.threads.before(*operation)
            {
                let row = |write| &self.rows[self.range(write)];
                join(&mut clock, &past_of(self.history, self.threads, before, row, |read| self.source(read)));
            }
            if let Some(source) = self.source(*operation) {
                join(&mut clock, &self.rows[self.range(source)]);
            }
            if place.thread == self.thread && self.explain(*operation, &mut clock)? == Grown::Yes {
                grown = Grown::Yes;
            }
            if replaces(&self.history.operations()[*operation as usize]) {
                clock[place.thread as usize] = place.number;
                let range = self.range(*operation);
                if grow(&mut self.rows[range.clone()], &clock) == Grown::Yes {
                    grown = Grown::Yes;
                }
                clock.copy_from_slice(&self.rows[range]);
            }
            current[place.thread as usize * width..(place.thread as usize + 1) * width].copy_from_slice(&clock);
        }
        self.circular()?;
        Ok(grown)
    }

    /// Orders what a read could see before what it returned.
    fn explain(&mut self, read: u32, clock: &mut [u32]) -> Result<Grown, Bad> {
        let key = self.history.operations()[read as usize].key.0;
        let mut seen = Vec::new();
        match self.threads.sources.get(read as usize) {
            Source::Initial => {
                self.searches.each(key, clock, |write, _| seen.push(write));
                seen.first().map_or(Ok(Grown::No), |write| Err(Bad::InitRead { write: *write, read }))
            }
            Source::Write(after) => {
                self.searches.each(key, clock, |write, _| seen.push(write));
                let mut grown = Grown::No;
                for before in seen.into_iter().filter(|write| *write != after) {
                    grown = self
                        .order(Derived { after, before, read })
                        .map(|more| if more == Grown::Yes { more } else { grown })?;
                }
                join(clock, &self.rows[self.range(after)]);
                Ok(grown)
            }
            _ => Ok(Grown::No),
        }
    }

    fn order(&mut self, edge: Derived) -> Result<Grown, Bad> {
        let [before, after] = [edge.before, edge.after].map(|write| self.range(write));
        let is_before = |one: u32, row: &[u32]| {
            self.threads.place(one).is_some_and(|place| row[place.thread as usize] >= place.number)
        };
        if is_before(edge.before, &self.rows[after.clone()]) {
            return Ok(Grown::No);
        }
        self.derived.push(edge);
        self.derived.sort_unstable();
        if is_before(edge.after, &self.rows[before.clone()]) {
            return Err(Bad::Cycle { edge });
        }
        let row = self.rows[before].to_vec();
        Ok(grow(&mut self.rows[after], &row))
    }

    /// An edge whose later end has come before its earlier one since it was made.
    fn circular(&self) -> Result<(), Bad> {
        let closed = self.derived.iter().find(|edge| {
            let place = self.threads.place(edge.after);
            place.is_some_and(|place| self.rows[self.range(edge.before)][place.thread as usize] >= place.number)
        });
        closed.map_or(Ok(()), |edge| Err(Bad::Cycle { edge: *edge }))
    }

    fn tell(&self, name: &'static str, bad: Bad) -> Chain {
        let reader = (self.reads == Reads::Own).then_some(self.thread);
        let paths = Paths { history: self.history, threads: self.threads, derived: &self.derived, reader };
        match bad {
            Bad::InitRead { write, read } => {
                let mut telling = Telling::of(self.history, name, "WriteHBInitRead");
                paths.tell(&mut telling, write, read);
                let (read, write) = (noun(self.history, read as usize), noun(self.history, write as usize));
                telling.end(format!("{read} returns what was there before every write, after {write}."))
            }
            Bad::Cycle { edge } => {
                let mut telling = Telling::of(self.history, name, "CyclicHB");
                conflict(&paths, &mut telling, edge);
                paths.tell(&mut telling, edge.after, edge.before);
                let session = self.history.operations()[edge.read as usize].session;
                let session = chain::session(self.history, session);
                let first = noun(self.history, edge.before as usize);
                telling.end(format!("So {first} comes before itself in any order that explains what {session} read."))
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Grown {
    Yes,
    No,
}

fn grow(row: &mut [u32], by: &[u32]) -> Grown {
    let grows = row.iter().zip(by).any(|(mine, theirs)| mine < theirs);
    join(row, by);
    if grows { Grown::Yes } else { Grown::No }
}
