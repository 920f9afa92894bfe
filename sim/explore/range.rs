//! Ranges of seeds as people write them.

use crate::seed::Seed;
use std::ops::Range;
use std::str::FromStr;

/// The seeds `A..B`, without B, at least one.
///
/// ```
/// use synod::explore::Seeds;
/// let seeds: Seeds = "10..20".parse().unwrap();
/// assert_eq!(seeds.len(), 10);
/// assert!("20..10".parse::<Seeds>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeds(Range<u64>);

/// A text that is no range of seeds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// It does not look like one.
    #[error("'{}' is no range of seeds: write A..B, such as 0..1000; B is excluded", .0.escape_debug())]
    Malformed(String),
    /// It holds no seed.
    #[error("the range {first}..{end} holds no seed: B must be greater than A, and is excluded")]
    Empty {
        /// The first seed.
        first: u64,
        /// The excluded end.
        end: u64,
    },
}

impl Seeds {
    /// These seeds.
    ///
    /// # Errors
    /// If there is none.
    pub fn new(range: Range<u64>) -> Result<Seeds, RangeError> {
        if range.is_empty() { Err(RangeError::Empty { first: range.start, end: range.end }) } else { Ok(Seeds(range)) }
    }

    /// This seed alone. The greatest seed of all has no successor to end a range with and stands for the one before it.
    #[must_use]
    pub fn only(seed: Seed) -> Seeds {
        let first = seed.0.min(u64::MAX - 1);
        Seeds(first..first + 1)
    }

    /// As far as this seed, which is one of them.
    #[must_use]
    pub(super) fn up_to(&self, seed: Seed) -> Seeds {
        Seeds(self.0.start..seed.0 + 1)
    }

    /// The range itself.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.0.clone()
    }

    /// How many seeds.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is always at least one seed")]
    pub fn len(&self) -> u64 {
        self.0.end - self.0.start
    }
}

/// `0..1000`: enough to find what a team gets wrong once in a few hundred runs, few enough to wait for. Fixed, so that
/// two people who type the same command see the same table.
impl Default for Seeds {
    fn default() -> Seeds {
        Seeds(0..1_000)
    }
}

impl FromStr for Seeds {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Seeds, RangeError> {
        let malformed = || RangeError::Malformed(text.to_owned());
        let number = |digits: &str| -> Result<u64, RangeError> {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
            if plain { digits.replace('_', "").parse().map_err(|_| malformed()) } else { Err(malformed()) }
        };
        let (first, end) = text.split_once("..").ok_or_else(malformed)?;
        Seeds::new(number(first)?..number(end)?)
    }
}

impl std::fmt::Display for Seeds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}..{}", self.0.start, self.0.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_prints() {
        for text in ["0..1", "7..1000000", "18446744073709551614..18446744073709551615"] {
            assert_eq!(text.parse::<Seeds>().unwrap().to_string(), text);
        }
        assert_eq!("0..1_000_000".parse::<Seeds>().unwrap().len(), 1_000_000);
    }

    #[test]
    fn a_refusal_stays_in_its_line() {
        assert!(!"1\n..2".parse::<Seeds>().unwrap_err().to_string().contains('\n'));
    }

    #[test]
    fn refuses_what_is_no_range() {
        for text in ["", "5", "..", "1..", "..9", "a..b", "0..=9", "-1..3", "1...3", "0..18446744073709551616", "+1..3"]
        {
            assert_eq!(text.parse::<Seeds>(), Err(RangeError::Malformed(text.to_owned())));
        }
        for text in ["3..3", "9..2"] {
            assert!(matches!(text.parse::<Seeds>(), Err(RangeError::Empty { .. })), "{text}");
        }
    }
}
