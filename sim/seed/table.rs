//! Distributions as integer quantile tables: the same span on every machine, whatever its floating point does.

use crate::time::Duration;

/// Knots in the body of a table: quantiles at (i + ½) / 1,024.
pub(super) const BODY: usize = 1_024;
/// Knots in each tail: quantiles at 2⁻¹² … 2⁻²³ from the end; beyond the last the table is flat.
pub(super) const TAIL: usize = 12;
/// The first tail knot's distance from the end, as a power of two.
const TAIL_POWER: u32 = 12;
/// One, in the table's fixed point.
pub(super) const ONE: u128 = 1_000_000_000;

/// Quantiles of a distribution as multiples of a unit, in parts of 10⁻⁹, with explicit tails.
///
/// The tables are checked in; `tests/tables` documents how each was computed, recomputes it, and rewrites it when
/// `SYNOD_BLESS=1` is set.
///
/// ```
/// use synod::{seed::LOGNORMAL_70, time::seconds};
/// let median = LOGNORMAL_70.span(u64::MAX / 2, seconds(1));
/// assert!(median.as_nanos().abs_diff(seconds(1).as_nanos()) < 1_000_000);
/// ```
pub struct Table {
    pub(super) lower: &'static [u64; TAIL],
    pub(super) body: &'static [u64; BODY],
    pub(super) upper: &'static [u64; TAIL],
}

/// The knots of a table as they are checked in.
pub struct Knots {
    /// Quantiles at 2⁻¹² … 2⁻²³ from the lower end.
    pub lower: &'static [u64],
    /// Quantiles at (i + ½) / 1,024.
    pub body: &'static [u64],
    /// Quantiles at 2⁻¹² … 2⁻²³ from the upper end.
    pub upper: &'static [u64],
}

impl Table {
    /// The table's knots, for those who recompute it.
    #[must_use]
    pub fn knots(&self) -> Knots {
        Knots { lower: self.lower, body: self.body, upper: self.upper }
    }

    /// The span at the quantile `word / 2⁶⁴`, for a distribution whose unit (its median) is `unit`.
    #[must_use]
    pub fn span(&self, word: u64, unit: Duration) -> Duration {
        let half_step = 1u64 << (64 - BODY.trailing_zeros() - 1);
        let multiple = if word < half_step {
            tail(self.lower, self.body[0], word)
        } else if word > u64::MAX - half_step {
            tail(self.upper, self.body[BODY - 1], u64::MAX - word)
        } else {
            self.middle(word - half_step)
        };
        scaled(multiple, unit)
    }

    /// The least and greatest span for this unit.
    #[must_use]
    pub fn bounds(&self, unit: Duration) -> (Duration, Duration) {
        (scaled(self.lower[TAIL - 1], unit), scaled(self.upper[TAIL - 1], unit))
    }

    fn middle(&self, offset: u64) -> u64 {
        let shift = 64 - BODY.trailing_zeros();
        let knot = usize::try_from(offset >> shift).expect("a knot of the body");
        let rest = offset & ((1 << shift) - 1);
        between(self.body[knot], self.body[(knot + 1).min(BODY - 1)], rest, 1 << shift)
    }
}

/// Interpolates within a tail whose knots lie at 2⁻¹², 2⁻¹³ … from the end; `inner` is the body's outermost knot, at
/// 2⁻¹¹.
fn tail(knots: &[u64; TAIL], inner: u64, distance: u64) -> u64 {
    let mut outer_at = 1u64 << (64 - TAIL_POWER);
    let mut nearer = inner;
    for knot in knots {
        if distance >= outer_at {
            return between(*knot, nearer, distance - outer_at, outer_at);
        }
        nearer = *knot;
        outer_at >>= 1;
    }
    knots[TAIL - 1]
}

/// The value `part / whole` of the way from `from` to `to`.
fn between(from: u64, to: u64, part: u64, whole: u64) -> u64 {
    let (low, high, part) = if from <= to { (from, to, part) } else { (to, from, whole - part) };
    let step = u128::from(high - low) * u128::from(part) / u128::from(whole);
    low + u64::try_from(step).expect("a step between two knots")
}

fn scaled(multiple: u64, unit: Duration) -> Duration {
    let nanos = u128::from(multiple) * u128::from(unit.0) / ONE;
    Duration(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::super::{LOGNORMAL_40, LOGNORMAL_100};
    use crate::time::seconds;

    #[test]
    fn spans_never_decrease_along_the_quantiles() {
        let mut last = LOGNORMAL_100.bounds(seconds(1)).0;
        for step in 0..100_000u64 {
            let span = LOGNORMAL_100.span(step * (u64::MAX / 100_000), seconds(1));
            assert!(span >= last, "quantile {step} of 100,000 decreased");
            last = span;
        }
        let edges = [0, 1, (1 << 40) - 1, 1 << 40, 1 << 41, (1 << 53) - 1, 1 << 53, (1 << 53) + 1];
        for pair in edges.windows(2) {
            assert!(LOGNORMAL_40.span(pair[0], seconds(1)) <= LOGNORMAL_40.span(pair[1], seconds(1)));
            let mirrored =
                (LOGNORMAL_40.span(u64::MAX - pair[1], seconds(1)), LOGNORMAL_40.span(u64::MAX - pair[0], seconds(1)));
            assert!(mirrored.0 <= mirrored.1);
        }
    }

    #[test]
    fn bounds_are_reached() {
        let (least, most) = LOGNORMAL_40.bounds(seconds(1));
        assert_eq!(LOGNORMAL_40.span(0, seconds(1)), least);
        assert_eq!(LOGNORMAL_40.span(u64::MAX, seconds(1)), most);
    }
}
