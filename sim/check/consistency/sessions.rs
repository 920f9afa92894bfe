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
//! Each of them puts w2 into r's causal past, so CC implies all four. O(n·k) time for the first three, of versions read
//! only the newest are kept; writes follow reads looks at all that one session read of one key. Knows no replica.

use super::CheckStore;
use super::chain::{Chain, Telling, noun};
use super::clocks::{Clocks, Visit};
use super::paths::Paths;
use super::reads_from::{Sight, Source, replaces};
use super::threads::Threads;
use super::visible::Visible;
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
        let threads = match Threads::of(history, self.sight) {
            Ok(threads) => threads,
            Err(limit) => return Verdict::Unknown { limit },
        };
        let mut look = Look::of(history, &threads, self.guarantee);
        let pass = Clocks::pass(history, &threads, &mut look);
        let (found, judged) = (look.found, look.judged);
        match (found, pass) {
            (Some(stale), _) => Verdict::Violated(stale.tell(history, &threads, self.property().name)),
            (None, Ok(_)) => Verdict::Holds { judged },
            (None, Err(_)) => {
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
    guarantee: Guarantee,
    visible: Visible,
    /// By thread and key: what the thread read under the key, a version once in a row.
    reads: BTreeMap<ThreadKey, Vec<Shown>>,
    /// By reading thread and written thread: the last of its writes that was read.
    furthest: Vec<Option<Shown>>,
    found: Option<Stale>,
    judged: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct ThreadKey {
    thread: u32,
    key: u32,
}

impl<'a> Look<'a> {
    fn of(history: &'a StoreHistory, threads: &'a Threads, guarantee: Guarantee) -> Look<'a> {
        let visible = Visible::of(history, threads);
        let furthest = vec![None; threads.count() * threads.count()];
        Look { history, threads, guarantee, visible, reads: BTreeMap::new(), furthest, found: None, judged: 0 }
    }

    fn number(&self, write: u32) -> u32 {
        self.threads.place(write).map_or(0, |place| place.number)
    }

    /// Whether what a read returned is older than what it had to show.
    fn is_older(&self, shown: Option<u32>, due: u32, clocks: &Clocks) -> bool {
        shown.is_none_or(|shown| clocks.precedes(self.threads, shown, due))
    }

    fn stale(&mut self, read: u32, shown: Option<u32>, clocks: &Clocks) -> Option<Stale> {
        let place = self.threads.place(read)?;
        let (thread, key) = (place.thread, self.history.operations()[read as usize].key.0);
        let own = place.number - u32::from(replaces(&self.history.operations()[read as usize]));
        let width = self.threads.count();
        let furthest: Vec<Shown> =
            self.furthest[thread as usize * width..(thread as usize + 1) * width].iter().flatten().copied().collect();
        let mut due: Vec<(u32, Option<u32>)> = Vec::new();
        match self.guarantee {
            Guarantee::ReadYourWrites => {
                due.extend(self.visible.last_of(key, thread, own).map(|write| (write, None)));
            }
            Guarantee::MonotonicReads => {
                let seen = self.reads.get(&ThreadKey { thread, key });
                due.extend(seen.into_iter().flatten().map(|shown| (shown.write, Some(shown.read))));
            }
            Guarantee::MonotonicWrites => {
                for shown in furthest {
                    let Some(writer) = self.threads.place(shown.write) else { continue };
                    let earlier = self.visible.last_of(key, writer.thread, writer.number - 1);
                    due.extend(earlier.map(|write| (write, Some(shown.read))));
                }
            }
            Guarantee::WritesFollowReads => {
                for shown in furthest {
                    let Some(writer) = self.threads.place(shown.write) else { continue };
                    let seen = self.reads.get(&ThreadKey { thread: writer.thread, key });
                    let before = seen.into_iter().flatten().filter(|seen| seen.after < writer.number);
                    due.extend(before.map(|seen| (seen.write, Some(shown.read))));
                }
            }
        }
        let stale = due.into_iter().find(|(due, _)| self.is_older(shown, *due, clocks))?;
        Some(Stale { read, shown, due: stale.0, through: stale.1 })
    }

    fn remember(&mut self, read: u32, write: u32, clocks: &Clocks) {
        let (Some(reader), Some(writer)) = (self.threads.place(read), self.threads.place(write)) else { return };
        let key = self.history.operations()[read as usize].key.0;
        let own = u32::from(replaces(&self.history.operations()[read as usize]));
        let shown = Shown { write, read, after: reader.number - own };
        let seen = self.reads.entry(ThreadKey { thread: reader.thread, key }).or_default();
        if self.guarantee == Guarantee::MonotonicReads {
            // Whatever is older than these is older than this one.
            seen.retain(|earlier| earlier.write != write && !clocks.precedes(self.threads, earlier.write, write));
        }
        if seen.last().is_none_or(|last| last.write != write) {
            seen.push(shown);
        }
        let place = reader.thread as usize * self.threads.count() + writer.thread as usize;
        if reader.thread != writer.thread
            && self.furthest[place].is_none_or(|far| self.number(far.write) < writer.number)
        {
            self.furthest[place] = Some(shown);
        }
    }
}

impl Visit for Look<'_> {
    fn visit(&mut self, operation: u32, _past: &[u32], clocks: &Clocks) {
        if self.found.is_some() {
            return;
        }
        let shown = match self.threads.sources.get(operation as usize) {
            Source::Write(write) => Some(write),
            Source::Initial => None,
            _ => return,
        };
        self.judged += 1;
        self.found = self.stale(operation, shown, clocks);
        if let Some(write) = shown {
            self.remember(operation, write, clocks);
        }
    }
}
