//! How often a model fails on one task: a Beta-distributed share, from integer tables. Knows no task.

use crate::seed::{BETA_010, BETA_080, BETA_200, BETA_350, BETA_396, BETA_500, Ratio, Stream, Table};
use crate::time::Duration;

/// The whole that shares are parts of: the fixed point of the tables.
pub(super) const WHOLE: u64 = 1_000_000_000;

/// A share of tries that fail, in parts of [`WHOLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Failing(u64);

/// A table and the mean that it has.
struct Known {
    mean: u64,
    table: &'static Table,
}

/// By mean. Between two of them quantiles are interpolated, which keeps the mean exact and the correlation near .51.
const KNOWN: [Known; 6] = [
    Known { mean: WHOLE / 100, table: &BETA_010 },
    Known { mean: WHOLE / 100 * 8, table: &BETA_080 },
    Known { mean: WHOLE / 10 * 2, table: &BETA_200 },
    Known { mean: WHOLE / 100 * 35, table: &BETA_350 },
    Known { mean: WHOLE / 1_000 * 396, table: &BETA_396 },
    Known { mean: WHOLE / 2, table: &BETA_500 },
];

impl Failing {
    pub(super) const NEVER: Failing = Failing(0);

    /// How often a model that is wrong so often fails on the task whose difficulty this stream draws. The harmless
    /// draw is the easiest task.
    pub(super) fn drawn(wrong: Ratio, draws: &mut Stream) -> Failing {
        let word = draws.word();
        let mean = wrong.part_of(WHOLE);
        Failing(if mean > WHOLE / 2 { WHOLE - quantile(WHOLE - mean, !word) } else { quantile(mean, word) })
    }

    /// The share when so many of so many lines of evidence are missing: f + (1 − f) · missing / lines. Without any
    /// evidence nobody answers rightly.
    pub(super) fn without(self, missing: u64, lines: u64) -> Failing {
        debug_assert!(missing <= lines);
        if missing == 0 { self } else { Failing(self.0 + (WHOLE - self.0) * missing / lines) }
    }

    /// Whether it never fails, so that nothing need be drawn.
    pub(super) const fn is_never(self) -> bool {
        self.0 == 0
    }

    /// Whether a try of this luck, in parts of [`WHOLE`], fails.
    pub(super) const fn strikes(self, luck: u64) -> bool {
        luck < self.0
    }

    /// How many tries in a hundred succeed.
    pub(super) const fn percent_right(self) -> u64 {
        (WHOLE - self.0) / (WHOLE / 100)
    }
}

/// A try's luck: the best is harmless.
pub(super) fn luck(draws: &mut Stream) -> u64 {
    draws.choose(0, WHOLE - 1, WHOLE - 1)
}

/// A unit with as many nanoseconds as the whole has parts, so that spans are shares.
const UNIT: Duration = Duration(WHOLE);

fn quantile(mean: u64, word: u64) -> u64 {
    let at = |known: &Known| known.table.span(word, UNIT).0.min(WHOLE);
    let above = KNOWN.iter().position(|known| known.mean >= mean).expect("means up to a half are known");
    let upper = &KNOWN[above];
    if upper.mean == mean {
        return at(upper);
    }
    // Below the first table everything shrinks towards never.
    let (from, low) = if above == 0 { (0, 0) } else { (KNOWN[above - 1].mean, at(&KNOWN[above - 1])) };
    let high = at(upper);
    let (part, whole) = (mean - from, upper.mean - from);
    let blended = u128::from(low) * u128::from(whole - part) + u128::from(high) * u128::from(part);
    u64::try_from(blended / u128::from(whole)).expect("between two shares")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Seed, Streams};

    #[test]
    fn the_mean_is_the_profiles_at_and_between_the_tables() {
        for percent in [0, 1, 3, 8, 20, 30, 50, 60, 80, 99, 100] {
            let mean = (0..4_000u64).map(|seed| {
                let mut draws = Streams::of(Seed(seed)).stream(format_args!("difficulty/m1/0"));
                Failing::drawn(Ratio::percent(percent), &mut draws).0
            });
            let mean = mean.sum::<u64>() / 4_000 / (WHOLE / 1_000);
            // The widest share has a standard deviation of .36; three of them over √4,000 are 17 in a thousand.
            assert!(mean.abs_diff(u64::from(percent) * 10) <= 18, "{percent} %: {mean} in a thousand");
        }
    }

    #[test]
    fn harder_draws_fail_more_often_and_missing_evidence_too() {
        for mean in [WHOLE / 200, WHOLE / 10, WHOLE / 3, WHOLE / 2] {
            let shares: Vec<u64> = (0..1_000u64).map(|step| quantile(mean, step << 54)).collect();
            assert!(shares.is_sorted());
        }
        let some = Failing(WHOLE / 10);
        assert_eq!((some.without(0, 7), some.without(7, 7)), (some, Failing(WHOLE)));
        assert_eq!(some.without(1, 2), Failing(WHOLE / 100 * 55));
    }
}
