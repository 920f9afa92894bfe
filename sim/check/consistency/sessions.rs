//! The four session guarantees: what a client may rely on that moves between replicas.
//!
//! Terry et al., *Session guarantees for weakly consistent replicated data*, PDIS 1994, section 3, in the form that
//! needs values only.
//! A read r that returns w1 breaks a guarantee if the guarantee obliges it to show w2, another write of the key, and
//! w2 is newer than w1: w1 is the initial value, or causally before w2. What obliges it:
//!
//! - *read your writes*: the session wrote w2 itself, before r;
//! - *monotonic reads*: the session read w2 before r;
//! - *monotonic writes*: the session read a write, before r, that follows w2 in the session of w2;
//! - *writes follow reads*: the session read a write, before r, whose session had read w2 before writing it.
//!
//! Each of them puts w2 into r's causal past, so CC implies all four: where it is known to hold, nothing is looked at
//! again. O(n·k) time for the first three, of versions read
//! only the newest are kept; writes follow reads looks at all that one session read of one key. Knows no replica.

use super::chain::{Chain, Telling, noun};
use super::clocks::Clocks;
use super::ground::{Ground, Order};
use super::paths::Paths;
use super::reads_from::{Sight, Source, replaces};
use super::threads::{Place, Threads};
use super::visible::Searches;
use super::{CheckStore, of_transactions};
use crate::check::{Property, PropertyKind, Verdict};
use crate::history::store::StoreHistory;
use std::collections::BTreeMap;

/// One of the four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarantee {
    /// A session sees what it wrote.
    ReadYourWrites,
    /// A session does not see less than it saw before.
    MonotonicReads,
    /// Whoever sees a write sees the earlier ones of its session.
    MonotonicWrites,
    /// Whoever sees a write sees what its session had seen.
    WritesFollowReads,
}

/// The checker of a session guarantee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionGuarantee {
    /// Which.
    pub guarantee: Guarantee,
    /// What of the history it looks at.
    pub sight: Sight,
}

impl Guarantee {
    /// Whether what other sessions did before they wrote makes anything due.
    const fn follows_others(self) -> bool {
        matches!(self, Guarantee::MonotonicWrites | Guarantee::WritesFollowReads)
    }
}

impl SessionGuarantee {
    /// The checker of this guarantee.
    #[must_use]
    pub const fn of(guarantee: Guarantee) -> SessionGuarantee {
        SessionGuarantee { guarantee, sight: Sight::Recorded }
    }
}

impl CheckStore for SessionGuarantee {
    fn property(&self) -> Property {
        let [name, about] = match self.guarantee {
            Guarantee::ReadYourWrites => ["read_your_writes", "a session sees what it wrote"],
            Guarantee::MonotonicReads => ["monotonic_reads", "a session does not see less than it saw before"],
            Guarantee::MonotonicWrites => {
                ["monotonic_writes", "whoever sees a write sees the earlier ones of its session"]
            }
            Guarantee::WritesFollowReads => {
                ["writes_follow_reads", "whoever sees a write sees what its session had seen"]
            }
        };
        Property { name, about, source: "Terry et al. 1994", kind: PropertyKind::Safety }
    }

    fn check(&self, history: &StoreHistory) -> Verdict<Chain> {
        let whole = of_transactions(history, self.property().name).map_or(Ok(()), Err);
        let ground = match whole.and_then(|()| Ground::of(history, self.sight)) {
            Ok(ground) => ground,
            Err(limit) => return Verdict::Unknown { limit },
        };
        let Order { clocks, cycle } = ground.order(history);
        // Whoever asked for CC before has the answer for all four.
        if ground.is_known_causal() {
            let is_read = |operation: &&u32| {
                matches!(ground.threads.sources.get(**operation as usize), Source::Write(_) | Source::Initial)
            };
            return Verdict::Holds { judged: clocks.order().iter().filter(is_read).count() as u64 };
        }
        let mut look = Look::of(history, ground, clocks, self.guarantee);
        let found = clocks.order().iter().find_map(|operation| look.visit(*operation));
        match (found, cycle) {
            (Some(stale), _) => Verdict::Violated(stale.tell(history, &ground.threads, self.property().name)),
            (None, None) => Verdict::Holds { judged: look.judged },
            (None, Some(_)) => {
                let limit = "session order and what was read form a cycle, so nothing is newer than anything: \
                             check causal_consistency"
                    .to_owned();
                Verdict::Unknown { limit }
            }
        }
    }
}

/// A read that had to show another write.
#[derive(Clone, Copy)]
struct Stale {
    read: u32,
    shown: Option<u32>,
    due: u32,
    /// The earlier read that makes it due, if there is one.
    through: Option<u32>,
}

impl Stale {
    fn tell(self, history: &StoreHistory, threads: &Threads, name: &'static str) -> Chain {
        let mut telling = Telling::of(history, name, "stale read");
        let paths = Paths { history, threads, derived: &[], reader: None };
        if let Some(shown) = self.shown {
            paths.tell(&mut telling, shown, self.due);
        }
        let [due, read] = [self.due, self.read].map(|one| noun(history, one as usize));
        if let Some(through) = self.through {
            paths.tell(&mut telling, self.due, through);
            telling.edge(through as usize, self.read as usize, "it is earlier in the session");
        } else {
            paths.tell(&mut telling, self.due, self.read);
        }
        let what = self
            .shown
            .map_or("the initial value".to_owned(), |one| format!("the older {}", noun(history, one as usize)));
        telling.end(format!("{read} had to show {due} or something newer, and shows {what}."))
    }
}

/// A write that a session read, and the read that showed it.
#[derive(Clone, Copy)]
struct Shown {
    write: u32,
    read: u32,
    /// How many writes of its own the session had made before.
    after: u32,
}

struct Look<'a> {
    history: &'a StoreHistory,
    threads: &'a Threads,
    clocks: &'a Clocks,
    guarantee: Guarantee,
    searches: Searches<'a>,
    /// By thread and key: what the thread read under the key, a version once in a row.
    reads: BTreeMap<ThreadKey, Vec<Shown>>,
    /// By reading thread and written thread: the last of its writes that was read.
    furthest: Vec<Option<Shown>>,
    judged: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct ThreadKey {
    thread: u32,
    key: u32,
}

/// What a read has to show, and the earlier read that makes it due, if there is one.
#[derive(Clone, Copy)]
struct Due {
    write: u32,
    through: Option<u32>,
}

impl<'a> Look<'a> {
    fn of(history: &'a StoreHistory, ground: &'a Ground, clocks: &'a Clocks, guarantee: Guarantee) -> Look<'a> {
        let (threads, searches) = (&ground.threads, ground.visible.searches());
        let pairs = if guarantee.follows_others() { threads.count() * threads.count() } else { 0 };
        let furthest = vec![None; pairs];
        Look { history, threads, clocks, guarantee, searches, reads: BTreeMap::new(), furthest, judged: 0 }
    }

    fn visit(&mut self, operation: u32) -> Option<Stale> {
        let shown = match self.threads.sources.get(operation as usize) {
            Source::Write(write) => Some(write),
            Source::Initial => None,
            _ => return None,
        };
        self.judged += 1;
        let reader = self.threads.place(operation)?;
        if let Some(Due { write: due, through }) = self.missed(operation, reader, shown) {
            return Some(Stale { read: operation, shown, due, through });
        }
        if let Some(write) = shown {
            self.remember(operation, reader, write);
        }
        None
    }

    /// What a read had to show that is newer than what it shows.
    fn missed(&mut self, read: u32, reader: Place, shown: Option<u32>) -> Option<Due> {
        let (threads, clocks) = (self.threads, self.clocks);
        let operation = &self.history.operations()[read as usize];
        let (thread, key, width) = (reader.thread, operation.key.0, threads.count());
        let is_newer = |due: &Due| shown.is_none_or(|shown| clocks.precedes(threads, shown, due.write));
        let others = if self.guarantee.follows_others() { width } else { 0 };
        let furthest = self.furthest[thread as usize * others..][..others].iter().flatten();
        let mut writers = furthest.filter_map(|shown| Some((shown, threads.place(shown.write)?)));
        match self.guarantee {
            Guarantee::ReadYourWrites => {
                let own = reader.number - u32::from(replaces(operation));
                let last = self.searches.last_of(key, thread, own);
                last.map(|write| Due { write, through: None }).filter(is_newer)
            }
            Guarantee::MonotonicReads => {
                let seen = self.reads.get(&ThreadKey { thread, key })?;
                seen.iter().map(|seen| Due { write: seen.write, through: Some(seen.read) }).find(is_newer)
            }
            Guarantee::MonotonicWrites => writers.find_map(|(shown, writer)| {
                let earlier = self.searches.last_of(key, writer.thread, writer.number - 1)?;
                Some(Due { write: earlier, through: Some(shown.read) }).filter(is_newer)
            }),
            Guarantee::WritesFollowReads => writers.find_map(|(shown, writer)| {
                let seen = self.reads.get(&ThreadKey { thread: writer.thread, key })?;
                let before = seen.iter().filter(|seen| seen.after < writer.number);
                before.map(|seen| Due { write: seen.write, through: Some(shown.read) }).find(is_newer)
            }),
        }
    }

    /// Keeps of what a read showed what the guarantee asks for later.
    fn remember(&mut self, read: u32, reader: Place, write: u32) {
        let (threads, clocks) = (self.threads, self.clocks);
        let operation = &self.history.operations()[read as usize];
        let shown = Shown { write, read, after: reader.number - u32::from(replaces(operation)) };
        if matches!(self.guarantee, Guarantee::MonotonicReads | Guarantee::WritesFollowReads) {
            let seen = self.reads.entry(ThreadKey { thread: reader.thread, key: operation.key.0 }).or_default();
            if self.guarantee == Guarantee::MonotonicReads {
                // Whatever is older than these is older than this one.
                seen.retain(|earlier| earlier.write != write && !clocks.precedes(threads, earlier.write, write));
            }
            if seen.last().is_none_or(|last| last.write != write) {
                seen.push(shown);
            }
        }
        if !self.guarantee.follows_others() {
            return;
        }
        let Some(writer) = threads.place(write).filter(|writer| writer.thread != reader.thread) else { return };
        let furthest = &mut self.furthest[reader.thread as usize * threads.count() + writer.thread as usize];
        let number = |write: u32| threads.place(write).map_or(0, |place| place.number);
        if furthest.is_none_or(|far| number(far.write) < writer.number) {
            *furthest = Some(shown);
        }
    }
}
