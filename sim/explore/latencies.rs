//! Spans of time counted by size: what quantiles are read from. Knows no thread; counts add up in any grouping.

use crate::time::Duration;
use std::collections::BTreeMap;

/// Spans kept to within one part in 256, so that a sweep of any length needs a few kilobytes.
///
/// ```
/// use synod::{explore::Latencies, time::millis};
/// let mut latencies = Latencies::default();
/// (1..=100).for_each(|n| latencies.note(millis(n)));
/// let median = latencies.of_rank(50).unwrap().as_nanos();
/// assert!(median.abs_diff(50_000_000) <= 50_000_000 / 256);
/// assert_eq!((latencies.count(), latencies.of_rank(101)), (100, None));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latencies {
    counts: BTreeMap<u64, u64>,
    count: u64,
}

/// Each octave is cut into so many parts of equal width; shorter spans are kept as they are.
const PARTS: u64 = 128;

impl Latencies {
    /// Takes in one span.
    pub fn note(&mut self, span: Duration) {
        *self.counts.entry(place(span.as_nanos())).or_default() += 1;
        self.count += 1;
    }

    /// Takes in all of the other's.
    pub fn add(&mut self, other: &Latencies) {
        for (place, count) in &other.counts {
            *self.counts.entry(*place).or_default() += count;
        }
        self.count += other.count;
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// How many do not exceed this span, which counts whole with the part it falls into.
    #[must_use]
    pub fn within(&self, span: Duration) -> u64 {
        self.counts.range(..=place(span.as_nanos())).map(|(_, count)| count).sum()
    }

    /// The span that so many, itself among them, do not exceed; ranks begin at 1.
    #[must_use]
    pub fn of_rank(&self, rank: u64) -> Option<Duration> {
        let mut below = 0;
        let found = self.counts.iter().find(|(_, count)| {
            below += **count;
            rank <= below
        });
        found.filter(|_| rank > 0).map(|(place, _)| Duration(middle(*place)))
    }
}

/// The part that a span falls into.
const fn place(nanos: u64) -> u64 {
    if nanos < PARTS {
        return nanos;
    }
    let octave = (nanos / PARTS).ilog2() as u64;
    octave * PARTS + (nanos >> octave)
}

/// The middle of a part.
const fn middle(place: u64) -> u64 {
    if place < 2 * PARTS {
        return place;
    }
    let octave = place / PARTS - 1;
    let least = (PARTS + place % PARTS) << octave;
    least + (1 << octave) / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_span_is_kept_to_within_one_part_in_256(nanos in 0..u64::MAX / 2) {
            let kept = middle(place(nanos));
            prop_assert!(kept.abs_diff(nanos) <= nanos / 256 + 1, "{nanos} became {kept}");
        }

        #[test]
        fn longer_spans_fall_into_later_parts(one in 0..u64::MAX, other in 0..u64::MAX) {
            prop_assert!((place(one) <= place(other)) == (one <= other) || place(one) == place(other));
        }
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let of = |spans: std::ops::Range<u64>| {
            let mut latencies = Latencies::default();
            spans.for_each(|span| latencies.note(Duration(span * span)));
            latencies
        };
        let mut parts = of(0..3);
        [3..40, 40..1_000].into_iter().for_each(|part| parts.add(&of(part)));
        assert_eq!(parts, of(0..1_000));
        assert_eq!(parts.of_rank(0), None);
    }
}
