//! A trail: sixteen bits of every record of a run, so that a run that is another one now can say from which event on.
//! Knows records only.

use crate::digest::digest_of;
use crate::trace::Trace;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Records that a trail holds at most: a shrunk run has fewer, and four digits each keep a capsule small.
const MOST: usize = 2_048;

/// Digits of one record.
const DIGITS: usize = 4;

/// A run's records, four hexadecimal digits each, as far as `MOST`. Empty if nobody made one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Trail(String);

/// Where a run leaves a trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parting {
    /// The record, from 0.
    pub place: usize,
    /// What the run has there now; `None` if it had ended.
    pub now: Option<String>,
}

impl Trail {
    /// The trail of a run told in full detail.
    #[must_use]
    pub fn of(trace: &Trace) -> Trail {
        Trail(words(trace).collect())
    }

    /// Whether nobody made one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first record in which a run is another one; `None` if it is the same as far as the trail goes.
    #[must_use]
    pub fn parting(&self, trace: &Trace) -> Option<Parting> {
        let kept = self.0.as_bytes().chunks(DIGITS);
        let (known, length) = (kept.len(), trace.records().len());
        let mut both = kept.zip(words(trace)).enumerate();
        let differs = both.find(|(_, (kept, now))| *kept != now.as_bytes()).map(|(place, _)| place);
        // A trail that is full says nothing of what came after it.
        let shorter = (length < known || (length > known && known < MOST)).then_some(length.min(known));
        let place = differs.or(shorter)?;
        Some(Parting { place, now: trace.line(place) })
    }
}

fn words(trace: &Trace) -> impl Iterator<Item = String> + '_ {
    trace.records().iter().take(MOST).map(|record| format!("{:04x}", digest_of(record) & 0xffff))
}

impl fmt::Display for Parting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parting { place, now } = self;
        match now {
            Some(now) => write!(f, "the first event that differs is record {place}, which is now `{}`", now.trim()),
            None => write!(f, "the first event that differs is record {place}: the run has ended before it"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::violating_told;

    #[test]
    fn a_run_keeps_to_its_own_trail_and_parts_from_another_where_it_first_differs() {
        let (one, other) = (violating_told(17, 17), violating_told(17, 34));
        let trail = Trail::of(&one.trace);
        assert_eq!(trail.parting(&one.trace), None);
        let parting = trail.parting(&other.trace).expect("another delay");
        assert_eq!(Some(parting.place), one.trace.first_difference(&other.trace));
        assert!(parting.to_string().contains("record 1, which is now `"), "{parting}");
        let cut = Trail(trail.0[..DIGITS].to_owned());
        assert_eq!(cut.parting(&one.trace).map(|parting| parting.place), Some(1));
        let longer = Trail(trail.0.clone() + "0000");
        let parting = longer.parting(&one.trace).expect("the run ends too early");
        assert_eq!((parting.place, parting.now), (one.trace.records().len(), None));
    }
}
