//! Causal consistency (CC) and causal convergence (CCv), by bad patterns.
//!
//! Bouajjani, Enea, Guerraoui and Hamza, *On verifying causal consistency*, POPL 2017 (arXiv 1611.00580), sections 3
//! and 5.
//! With co the transitive closure of session order and reads-from, a history whose reads have one source each is CC
//! if and only if it has none of *CyclicCO* (co has a cycle), *ThinAirRead* (a read of what nobody wrote),
//! *WriteCOInitRead* (a
//! read of the initial value with a write of the key in its past) and *WriteCORead* (a read of a write that another
//! write of
//! the key follows in its past). It is CCv if, besides, conflict order cf (w2 before w1 if a read of w1 has w2,
//! another write
//! of the key, in its co-past) closes no cycle with co: *CyclicCF*. cf is made from co only, never from co and cf.
//!
//! O(n·k) in one pass for CC; CCv adds a pass over the edges only if some edge goes against the order of the first.
//! It is enough to look at the last write of each thread that a read could see: those before it follow by session
//! order. The initial value comes before everything. Knows no time.

use super::chain::{Chain, Telling, noun};
use super::clocks::Clocks;
use super::ground::{Ground, Order};
use super::paths::{Derived, Paths};
use super::reads_from::{Sight, Source};
use super::threads::Threads;
use super::visible::Searches;
use super::zones::out_of_thin_air;
use super::{CheckStore, of_transactions};
use crate::check::{Property, PropertyKind, Verdict};
use crate::history::store::StoreHistory;

/// CC: what is read never contradicts what was read or written before, in the reader's causal past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct CausalConsistency {
    /// What of the history it looks at.
    pub sight: Sight,
}

/// CCv: CC, and all sessions agree in which order concurrent writes of a key stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct CausalConvergence {
    /// What of the history it looks at.
    pub sight: Sight,
}

const SOURCE: &str = "Bouajjani, Enea, Guerraoui, Hamza 2017";

impl CheckStore for CausalConsistency {
    fn property(&self) -> Property {
        Property {
            name: "causal_consistency",
            about: "no read contradicts its causal past",
            source: SOURCE,
            kind: PropertyKind::Safety,
        }
    }

    fn check(&self, history: &StoreHistory) -> Verdict<Chain> {
        match Causality::of(history, self.sight, self.property().name, Collect::Nothing) {
            Ok(causality) => Verdict::Holds { judged: causality.ground.threads.judged() },
            Err(verdict) => verdict,
        }
    }
}

impl CheckStore for CausalConvergence {
    fn property(&self) -> Property {
        Property {
            name: "causal_convergence",
            about: "no read contradicts its causal past, and all agree on the order of concurrent writes",
            source: SOURCE,
            kind: PropertyKind::Safety,
        }
    }

    fn check(&self, history: &StoreHistory) -> Verdict<Chain> {
        let name = self.property().name;
        let causality = match Causality::of(history, self.sight, name, Collect::Conflicts) {
            Ok(causality) => causality,
            Err(verdict) => return verdict,
        };
        let Causality { ground, clocks, mut conflicts } = causality;
        let threads = &ground.threads;
        let forward = |edge: &Derived| clocks.rank(edge.before) < clocks.rank(edge.after);
        if !conflicts.iter().all(forward) {
            conflicts.sort_unstable();
            conflicts.dedup_by_key(|edge| (edge.after, edge.before));
            let paths = Paths { history, threads, derived: &conflicts, reader: None };
            if let Some(edges) = left_on_cycles(threads, &conflicts) {
                return Verdict::Violated(tell_cycle(&paths, name, &edges));
            }
        }
        Verdict::Holds { judged: threads.judged() }
    }
}

/// Whether conflict order is collected beside the check for CC.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Collect {
    Nothing,
    Conflicts,
}

/// Histories of so many operations are short: conflict order takes some hundred kilobytes at most.
const SHORT: usize = 2_000;

/// A history that is CC, with its causal order.
pub(super) struct Causality<'a> {
    pub(super) ground: &'a Ground,
    pub(super) clocks: &'a Clocks,
    /// Conflict order, as far as causal order does not contain it.
    pub(super) conflicts: Vec<Derived>,
}

impl<'a> Causality<'a> {
    /// Checks for CC.
    ///
    /// # Errors
    /// The verdict, if it is not CC or cannot be decided.
    pub(super) fn of(
        history: &'a StoreHistory,
        sight: Sight,
        property: &'static str,
        collect: Collect,
    ) -> Result<Causality<'a>, Verdict<Chain>> {
        let whole = of_transactions(history, property).map_or(Ok(()), Err);
        let ground = whole.and_then(|()| Ground::of(history, sight)).map_err(|limit| Verdict::Unknown { limit })?;
        let (threads, Order { clocks, cycle }) = (&ground.threads, ground.order(history));
        if let Some(conflicts) = ground.known_conflicts() {
            return Ok(Causality { ground, clocks, conflicts: conflicts.to_vec() });
        }
        // What takes little room is kept for whoever asks for CCv next.
        let is_short = history.operations().len() <= SHORT;
        let collect = if is_short { Collect::Conflicts } else { collect };
        let searches = ground.visible.searches();
        let mut look = Look { history, threads, clocks, searches, collect, conflicts: Vec::new() };
        // What is found before causal order goes in circles is the nearer cause.
        let found = clocks.find(history, threads, |operation, past| look.visit(operation, past));
        let chain = match (found, cycle) {
            (Some(bad), _) => bad.tell(history, threads, property),
            (None, Some(cycle)) => tell_cyclic_order(history, threads, property, cycle),
            (None, None) => {
                ground.found_causal(is_short.then_some(&look.conflicts[..]));
                return Ok(Causality { ground, clocks, conflicts: look.conflicts });
            }
        };
        Err(Verdict::Violated(chain))
    }
}

/// A bad pattern of CC, by its operations.
#[derive(Clone, Copy)]
#[expect(clippy::enum_variant_names, reason = "the paper's own names")]
enum Bad {
    ThinAirRead { read: u32 },
    WriteCoInitRead { write: u32, read: u32 },
    WriteCoRead { older: u32, newer: u32, read: u32 },
}

struct Look<'a> {
    history: &'a StoreHistory,
    threads: &'a Threads,
    clocks: &'a Clocks,
    searches: Searches<'a>,
    collect: Collect,
    conflicts: Vec<Derived>,
}

impl Look<'_> {
    #[inline]
    fn visit(&mut self, read: u32, past: &[u32]) -> Option<Bad> {
        let key = self.history.operations()[read as usize].key.0;
        match self.threads.sources.get(read as usize) {
            Source::None | Source::Ambiguous => None,
            Source::Nowhere => Some(Bad::ThinAirRead { read }),
            Source::Initial => {
                let mut found = None;
                self.searches.each(key, past, |write, _| found = Some(Bad::WriteCoInitRead { write, read }));
                found
            }
            Source::Write(older) => self.compare(key, older, read, past),
        }
    }

    /// Holds what a read returned against each write of the key that it could see.
    #[inline]
    fn compare(&mut self, key: u32, older: u32, read: u32, past: &[u32]) -> Option<Bad> {
        let place = self.threads.place(older)?;
        let (clocks, conflicts, collect) = (self.clocks, &mut self.conflicts, self.collect);
        let row = clocks.row(older);
        let mut found = None;
        self.searches.each(key, past, |newer, last| {
            if newer == older || row[last.thread as usize] >= last.number {
                return;
            }
            if clocks.row(newer)[place.thread as usize] >= place.number {
                found = Some(Bad::WriteCoRead { older, newer, read });
            } else if collect == Collect::Conflicts {
                let edge = Derived { after: older, before: newer, read };
                if conflicts.last().is_none_or(|last| (last.after, last.before) != (edge.after, edge.before)) {
                    conflicts.push(edge);
                }
            }
        });
        found
    }
}

impl Bad {
    fn tell(self, history: &StoreHistory, threads: &Threads, property: &'static str) -> Chain {
        let paths = Paths { history, threads, derived: &[], reader: None };
        match self {
            Bad::ThinAirRead { read } => out_of_thin_air(history, property, read as usize),
            Bad::WriteCoInitRead { write, read } => {
                let mut telling = Telling::of(history, property, "WriteCOInitRead");
                paths.tell(&mut telling, write, read);
                let (read, write) = (noun(history, read as usize), noun(history, write as usize));
                telling.end(format!("{read} returns what was there before every write, with {write} in its past."))
            }
            Bad::WriteCoRead { older, newer, read } => {
                let mut telling = Telling::of(history, property, "WriteCORead");
                paths.tell(&mut telling, older, newer);
                paths.tell(&mut telling, newer, read);
                let [read, older, newer] = [read, older, newer].map(|one| noun(history, one as usize));
                telling.end(format!("{read} returns the value of {older}, which {newer} had replaced in its past."))
            }
        }
    }
}

fn tell_cyclic_order(history: &StoreHistory, threads: &Threads, property: &'static str, cycle: &[u32]) -> Chain {
    let mut telling = Telling::of(history, property, "CyclicCO");
    let paths = Paths { history, threads, derived: &[], reader: None };
    let first = cycle[0];
    for (before, after) in cycle.iter().zip(cycle.iter().skip(1).chain([&first])) {
        paths.tell(&mut telling, *before, *after);
    }
    telling.end(format!("So {} comes before itself.", noun(history, first as usize)))
}

/// The derived edges between operations that lie on or between cycles; nothing if there is no cycle (Kahn 1962, from
/// the end).
fn left_on_cycles(threads: &Threads, derived: &[Derived]) -> Option<Vec<Derived>> {
    let operations: Vec<u32> = (0..threads.count()).flat_map(|thread| threads.operations(thread)).copied().collect();
    let count = operations.iter().max().map_or(0, |last| *last as usize + 1);
    let before = |operation: u32, each: &mut dyn FnMut(u32)| {
        let first = derived.partition_point(|edge| edge.after < operation);
        let edges = derived[first..].iter().take_while(|edge| edge.after == operation).map(|edge| edge.before);
        threads.before(operation).into_iter().chain(threads.source(operation)).chain(edges).for_each(each);
    };
    // By operation: how many edges lead on from it.
    let mut onward = vec![0u32; count];
    for operation in &operations {
        before(*operation, &mut |before| onward[before as usize] += 1);
    }
    let mut free: Vec<u32> = operations.iter().copied().filter(|one| onward[*one as usize] == 0).collect();
    let mut left = operations.len();
    while let Some(operation) = free.pop() {
        left -= 1;
        before(operation, &mut |before| {
            onward[before as usize] -= 1;
            if onward[before as usize] == 0 {
                free.push(before);
            }
        });
    }
    let remains = |operation: u32| onward[operation as usize] > 0;
    (left > 0).then(|| derived.iter().copied().filter(|edge| remains(edge.before) && remains(edge.after)).collect())
}

/// How many edges a witness tries to close a cycle with: enough to find a short one, few enough to take no time.
const TRIED: usize = 64;

fn tell_cycle(paths: &Paths<'_>, property: &'static str, edges: &[Derived]) -> Chain {
    let closed = edges.iter().take(TRIED).filter_map(|edge| {
        let way = paths.shortest(edge.after, edge.before)?;
        Some((way.len(), *edge))
    });
    let closed: Vec<(usize, Derived)> = closed.collect();
    let shortest = closed.iter().min_by_key(|(length, _)| *length).map(|(_, edge)| *edge);
    // Some edge that remains may only lead into a cycle: then one further down closes it.
    let edge = shortest
        .or_else(|| edges.iter().copied().find(|edge| paths.shortest(edge.after, edge.before).is_some()))
        .expect("session order and reads-from have no cycle, so a derived edge is on this one");
    let mut telling = Telling::of(paths.history, property, "CyclicCF");
    conflict(paths, &mut telling, edge);
    paths.tell(&mut telling, edge.after, edge.before);
    let first = noun(paths.history, edge.before as usize);
    telling.end(format!("So {first} comes before itself in any order of writes that all sessions could agree on."))
}

/// Tells why a write comes before another although nothing causal says so.
pub(super) fn conflict(paths: &Paths<'_>, telling: &mut Telling<'_>, edge: Derived) {
    let read = noun(paths.history, edge.read as usize);
    telling.edge(
        edge.before as usize,
        edge.after as usize,
        format!("{read} returned the latter with the former in its past"),
    );
    telling.event(edge.read as usize);
}
