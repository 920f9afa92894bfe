//! Bounded staleness: what a read returns was not replaced too long ago, or too many times.
//!
//! Golab, Li and Shah, *Analyzing consistency properties for fun and profit*, PODC 2011 (Δ-atomicity), and Aiyer,
//! Alvisi and Bazzi, DISC 2005 (k-atomicity), as lower bounds: a write counts as newer only if it began after the one
//! that was read had ended, and as missed only if it had ended before the read began. So no read is called staler than
//! it is. O(n log n), and for a stale read as many steps as writes came in between. Needs real time.

use super::chain::{self, Chain, Telling, noun};
use super::linearizable::Keys;
use super::reads_from::{ReadsFrom, Sight, Source};
use super::zones::out_of_thin_air;
use super::{CheckStore, no_time};
use crate::call::Outcome;
use crate::check::{Property, PropertyKind, Verdict};
use crate::history::store::{Answer, Operation, StoreHistory};
use crate::time::{Duration, seconds};

/// No read returns what was replaced longer ago than a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoundedStaleness {
    /// How long ago it may have been replaced.
    pub within: Duration,
    /// What of the history it looks at.
    pub sight: Sight,
}

impl BoundedStaleness {
    /// Ten seconds: about as long as a model takes to write a note, so whoever read it read what was current then.
    pub const DEFAULT: BoundedStaleness = BoundedStaleness { within: seconds(10), sight: Sight::Recorded };
}

/// How stale a read was, at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// The read, by its number.
    pub read: usize,
    /// How many newer writes it missed.
    pub versions: u64,
    /// How long before it began the first of them had ended.
    pub span: Duration,
    /// That first one; none if nothing was missed.
    pub missed: Option<usize>,
}

/// How stale every read was, for a distribution; nothing of reads whose source is not known.
///
/// ```
/// use synod::check::consistency::{Sight, lags};
/// use synod::history::store::read;
/// let lines = r#"{"at":1,"session":"a1","op":0,"invoke":"write","key":"plan","value":"draft"}
///     {"at":2,"session":"a1","op":0,"end":"ok"}
///     {"at":7,"session":"a2","op":1,"invoke":"read","key":"plan"}
///     {"at":9,"session":"a2","op":1,"end":"ok"}"#;
/// let lag = lags(&read(lines.as_bytes())?, Sight::Recorded)[0];
/// assert_eq!((lag.versions, lag.span.as_nanos()), (1, 5));
/// # Ok::<(), synod::history::store::StoreError>(())
/// ```
#[must_use]
pub fn lags(history: &StoreHistory, sight: Sight) -> Vec<Lag> {
    let (operations, sources) = (history.operations(), ReadsFrom::of(history, sight));
    let keys = Keys::writes(history);
    let mut lags = Vec::new();
    let written: Vec<Written> = (0..keys.count()).map(|key| Written::of(operations, keys.places(key))).collect();
    for (read, operation) in operations.iter().enumerate() {
        let since = match sources.get(read) {
            Source::Write(write) if write as usize == read => continue,
            Source::Write(write) => operations[write as usize].returned,
            Source::Initial => 0,
            _ => continue,
        };
        let written = &written[operation.key.0 as usize];
        let missed = written.first_to_end_after(since).filter(|write| {
            let write = &operations[*write as usize];
            write.returned < operation.invoked
        });
        let span = missed.map_or(Duration::ZERO, |write| operation.from.since(operations[write as usize].until));
        let versions = missed.map_or(0, |_| written.count(operations, since, operation.invoked));
        lags.push(Lag { read, versions, span, missed: missed.map(|write| write as usize) });
    }
    lags
}

/// The answered writes of a key in the order they began.
struct Written {
    places: Vec<u32>,
    /// By place: when it began, and of it and all later ones the one that ended first.
    spans: Vec<Span>,
}

#[derive(Clone, Copy)]
struct Span {
    invoked: u32,
    first_to_end: u32,
}

impl Written {
    fn of(operations: &[Operation], places: &[u32]) -> Written {
        let answered = |place: &&u32| operations[**place as usize].outcome == Outcome::Ok;
        let places: Vec<u32> = places.iter().filter(answered).copied().collect();
        let mut spans: Vec<Span> = Vec::with_capacity(places.len());
        for place in places.iter().rev() {
            let ends = |place: u32| operations[place as usize].returned;
            let later = spans.last().map(|span| span.first_to_end).filter(|later| ends(*later) < ends(*place));
            spans.push(Span { invoked: operations[*place as usize].invoked, first_to_end: later.unwrap_or(*place) });
        }
        spans.reverse();
        Written { places, spans }
    }

    fn from(&self, event: u32) -> usize {
        self.spans.partition_point(|span| span.invoked < event)
    }

    fn first_to_end_after(&self, event: u32) -> Option<u32> {
        self.spans.get(self.from(event)).map(|span| span.first_to_end)
    }

    /// How many began after one event and ended before another. Only those in between are looked at.
    fn count(&self, operations: &[Operation], after: u32, before: u32) -> u64 {
        let began = &self.places[self.from(after)..self.from(before)];
        began.iter().filter(|place| operations[**place as usize].returned < before).count() as u64
    }
}

/// The verdict on a read of which nobody can say how stale it is.
fn without_source(history: &StoreHistory, sight: Sight, name: &'static str) -> Option<Verdict<Chain>> {
    let sources = ReadsFrom::of(history, sight);
    let mut reads = history.operations().iter().enumerate().filter(|(_, read)| read.outcome == Outcome::Ok);
    reads.find_map(|(read, operation)| {
        let key = chain::key(history, operation.key);
        let list = matches!(operation.answer, Answer::List(_));
        let limit = match sources.get(read) {
            Source::Nowhere => return Some(Verdict::Violated(out_of_thin_air(history, name, read))),
            Source::Ambiguous => format!(
                "which write {} returns is unknown: write every value once, or record versions",
                noun(history, read)
            ),
            _ if list => format!("staleness is decided for reads of single values, and under {key} there is a list"),
            _ => return None,
        };
        Some(Verdict::Unknown { limit })
    })
}

impl CheckStore for BoundedStaleness {
    fn property(&self) -> Property {
        Property {
            name: "bounded_staleness",
            about: "no read returns what was replaced longer ago than a bound",
            source: "Golab, Li, Shah 2011",
            kind: PropertyKind::Safety,
        }
    }

    fn check(&self, history: &StoreHistory) -> Verdict<Chain> {
        let name = self.property().name;
        if !history.has_time() {
            return no_time(name);
        }
        let lags = lags(history, self.sight);
        let stalest = lags.iter().filter(|lag| lag.span > self.within).max_by_key(|lag| lag.span);
        let Some(Lag { read, versions, span, missed: Some(missed) }) = stalest.copied() else {
            return without_source(history, self.sight, name).unwrap_or(Verdict::Holds { judged: lags.len() as u64 });
        };
        let mut telling = Telling::of(history, name, "stale read");
        telling.precedes(missed, read);
        let (missed, read) = (noun(history, missed), noun(history, read));
        let (within, many) = (self.within, if versions == 1 { "write" } else { "writes" });
        let said = format!(
            "{read} misses {versions} {many}, the first of which, {missed}, was {span} old: the bound is {within}."
        );
        Verdict::Violated(telling.end(said))
    }
}
