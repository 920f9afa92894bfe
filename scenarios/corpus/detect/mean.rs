//! How many seeds a bug takes in the mean, with the 95 % interval that so few hits allow. Knows counts only.
//!
//! Every range ends with its first failing seed, so hits are fixed and seeds are what varies: seeds up to the k-th hit
//! follow a negative binomial law, and the exact interval of its rate follows from binomial tails (Clopper and Pearson,
//! Biometrika 26, 1934; for this stopping rule Casella and Berger, Statistical Inference, 2nd edition, 2002, example
//! 9.2.5). A range without a hit makes the upper end a little wider than it need be.

use super::Found;
use synod::report::Estimate;

/// Left out on each side of an interval of 95 %.
const SIDE: f64 = 0.025;

/// Mean seeds to the first failing one. Without a hit its value is the least that so many seeds say, and there is no
/// upper end.
///
/// ```
/// use synod_scenarios::corpus::detect::{Found, mean_seeds};
/// let found = Found { hits: 5, ranges: 5, seeds: 500, within: Some(80), first: None };
/// assert_eq!(mean_seeds(&found).to_string(), "100 [49,\u{a0}307]");
/// ```
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "for people; no decision depends on it")]
pub fn mean_seeds(found: &Found) -> Estimate {
    let Found { hits, ranges, seeds, .. } = *found;
    // With every range ended by a hit the last seed is known to be one.
    let (trials, fewer) = if hits == ranges { (seeds - 1, hits - 1) } else { (seeds, hits) };
    let greatest = rate_at(|rate| at_most(fewer, trials, rate) > SIDE);
    if hits == 0 {
        return Estimate { value: 1.0 / greatest, least: Some(1.0 / greatest), most: None };
    }
    let least = rate_at(|rate| at_most(hits - 1, seeds, rate) > 1.0 - SIDE);
    Estimate { value: seeds as f64 / hits as f64, least: Some(1.0 / greatest), most: Some(1.0 / least) }
}

/// Where a condition that holds for small rates ceases to hold.
fn rate_at(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    // As many halvings as a float has digits.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if holds(middle) { low = middle } else { high = middle }
    }
    high
}

/// How likely at most so many hits are among so many trials.
#[allow(clippy::cast_precision_loss, reason = "for people; no decision depends on it")]
fn at_most(hits: u64, trials: u64, rate: f64) -> f64 {
    if hits >= trials {
        return 1.0;
    }
    let mut term = power(1.0 - rate, trials);
    let mut sum = term;
    for hit in 0..hits {
        term *= (trials - hit) as f64 / (hit + 1) as f64 * rate / (1.0 - rate);
        sum += term;
    }
    sum
}

/// By multiplications alone, which are the same on every machine.
fn power(mut base: f64, mut exponent: u64) -> f64 {
    let mut product = 1.0;
    while exponent > 0 {
        if exponent % 2 == 1 {
            product *= base;
        }
        base *= base;
        exponent /= 2;
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(hits: u64, ranges: u64, seeds: u64) -> Estimate {
        mean_seeds(&Found { hits, ranges, seeds, within: None, first: None })
    }

    #[test]
    fn a_bug_found_with_every_first_seed_takes_one() {
        let estimate = mean(5, 5, 5);
        assert!((estimate.value - 1.0).abs() < 1e-9 && estimate.least.is_some_and(|least| least < 1.000_001));
        // .025 to the fifth root is .478.
        assert!(estimate.most.is_some_and(|most| (2.08..2.10).contains(&most)), "{estimate:?}");
    }

    #[test]
    fn a_bug_that_is_never_found_takes_more_than_a_quarter_of_the_seeds() {
        let estimate = mean(0, 2, 50_000);
        assert!(estimate.most.is_none());
        // The rule of 3.7: -ln(.025).
        assert!((13_500.0..13_600.0).contains(&estimate.value), "{estimate:?}");
    }

    #[test]
    fn the_interval_holds_the_mean_and_narrows_with_hits() {
        let (few, many) = (mean(3, 3, 300), mean(30, 30, 3_000));
        for estimate in [few, many] {
            let (least, most) = (estimate.least.unwrap_or(0.0), estimate.most.unwrap_or(f64::MAX));
            assert!(least < estimate.value && estimate.value < most, "{estimate:?}");
        }
        assert!(many.most < few.most && many.least > few.least);
    }
}
