//! Probabilities as integer fractions.

use crate::digest::{Digest, Digester};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A probability `numerator / denominator`, exact on every machine.
///
/// ```
/// use synod::seed::Ratio;
/// assert!(Ratio::of(1, 12) < Ratio::percent(10));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fraction")]
pub struct Ratio {
    numerator: u32,
    denominator: u32,
}

/// A ratio as written, which may be none.
#[derive(Deserialize)]
struct Fraction {
    numerator: u32,
    denominator: u32,
}

impl TryFrom<Fraction> for Ratio {
    type Error = &'static str;

    fn try_from(Fraction { numerator, denominator }: Fraction) -> Result<Ratio, &'static str> {
        if denominator == 0 || numerator > denominator {
            return Err("a ratio lies between 0 and 1");
        }
        Ok(Ratio { numerator, denominator })
    }
}

impl Ratio {
    /// Never.
    pub const NEVER: Ratio = Ratio::of(0, 1);
    /// Always.
    pub const ALWAYS: Ratio = Ratio::of(1, 1);

    /// `numerator` in `denominator`.
    ///
    /// # Panics
    /// If the denominator is zero or less than the numerator: no probability looks like that.
    #[must_use]
    pub const fn of(numerator: u32, denominator: u32) -> Ratio {
        assert!(denominator > 0 && numerator <= denominator, "a probability lies between 0 and 1");
        Ratio { numerator, denominator }
    }

    /// So many percent.
    #[must_use]
    pub const fn percent(percent: u32) -> Ratio {
        Ratio::of(percent, 100)
    }

    /// Whether this is zero.
    #[must_use]
    pub const fn is_never(self) -> bool {
        self.numerator == 0
    }

    /// This part of a whole, rounded down.
    ///
    /// ```
    /// use synod::seed::Ratio;
    /// assert_eq!(Ratio::percent(8).part_of(1_000), 80);
    /// ```
    #[must_use]
    pub const fn part_of(self, whole: u64) -> u64 {
        (whole as u128 * self.numerator as u128 / self.denominator as u128) as u64
    }

    /// Whether a uniform word falls within the probability.
    #[must_use]
    #[inline]
    pub const fn admits(self, word: u64) -> bool {
        ((word as u128 * self.denominator as u128) >> 64) < self.numerator as u128
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Ratio) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Ratio) -> std::cmp::Ordering {
        let left = u64::from(self.numerator) * u64::from(other.denominator);
        left.cmp(&(u64::from(other.numerator) * u64::from(self.denominator)))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.numerator, self.denominator)
    }
}

impl fmt::Debug for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Digest for Ratio {
    fn digest(&self, digester: &mut Digester) {
        digester.word(u64::from(self.numerator));
        digester.word(u64::from(self.denominator));
    }
}
