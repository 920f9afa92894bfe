//! Estimates with the 95 % interval that so many runs allow. Knows counts and sums, not what they are of.
//!
//! Floats are computed once, from sums of integers, with nothing but the four operations and square roots: the same on
//! every machine.

use super::number::quotient;
use crate::explore::{Cost, Costs, Latencies};
use serde::Serialize;
use std::fmt;

/// The standard normal quantile that leaves 2.5 % on each side.
const Z: f64 = 1.959_963_984_540_054;

/// A share of a count, with its 95 % interval after Wilson (Journal of the American Statistical Association 22, 1927,
/// p. 209): unlike the textbook one it stays within 0 and 1 and means something at 0 of n.
///
/// ```
/// let share = synod::report::Share::of(81, 263).unwrap();
/// assert_eq!(format!("{:.4} to {:.4}", share.least, share.most), "0.2553 to 0.3662");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Out of how many.
    pub of: u64,
    /// The share.
    pub share: f64,
    /// The interval's lower end.
    pub least: f64,
    /// The interval's upper end.
    pub most: f64,
}

impl Share {
    /// `count` out of `of`; none out of nothing.
    ///
    /// # Panics
    /// If the count exceeds what it is out of.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "for people; no decision depends on it")]
    pub fn of(count: u64, of: u64) -> Option<Share> {
        assert!(count <= of, "{count} out of {of} is no share");
        let share = quotient(count, of)?;
        let n = of as f64;
        let spread = Z * Z / n;
        let centre = (share + spread / 2.0) / (1.0 + spread);
        let half = Z / (1.0 + spread) * (share * (1.0 - share) / n + spread / (4.0 * n)).sqrt();
        Some(Share { count, of, share, least: (centre - half).max(0.0), most: (centre + half).min(1.0) })
    }
}

/// A number with its 95 % interval. An end is missing where so few runs say nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// The interval's lower end.
    pub least: Option<f64>,
    /// The interval's upper end.
    pub most: Option<f64>,
}

/// Student's t for fewer runs than this is too large to be of use, and its expansion too coarse.
const FEWEST: u64 = 6;

impl Estimate {
    /// What one decision costs: the cost of all runs by the decisions of all runs. The runs are independent, decisions
    /// of one run are not, so the interval is that of a ratio of means (Cochran, Sampling Techniques, 3rd edition,
    /// 1977, equation 6.13) with Student's t. `unit` is what one of the result's units holds, such as 10⁹ nanoseconds.
    #[must_use]
    pub fn per_decision(costs: &Costs, cost: Cost, unit: f64) -> Option<Estimate> {
        Estimate::ratio(costs.runs, cost, costs.decisions, unit)
    }

    /// What one run costs, on average, with the interval of a mean.
    #[must_use]
    pub fn per_run(runs: u64, cost: Cost, unit: f64) -> Option<Estimate> {
        let ones = u128::from(runs);
        let each = Cost { sum: ones, squares: ones, products: ones };
        Estimate::ratio(runs, Cost { products: cost.sum, ..cost }, each, unit)
    }

    #[allow(clippy::cast_precision_loss, reason = "for people; no decision depends on it")]
    fn ratio(runs: u64, cost: Cost, decisions: Cost, unit: f64) -> Option<Estimate> {
        if decisions.sum == 0 {
            return None;
        }
        let [bought, paid] = [decisions.sum as f64, cost.sum as f64];
        let ratio = paid / bought;
        let value = ratio / unit;
        if runs < FEWEST {
            return Some(Estimate { value, least: None, most: None });
        }
        let [squares, products, own] = [cost.squares, cost.products, decisions.squares].map(|sum| sum as f64);
        let residuals = (squares - 2.0 * ratio * products + ratio * ratio * own).max(0.0);
        let n = runs as f64;
        let error = (residuals * n / (n - 1.0)).sqrt() / bought;
        let half = student(runs - 1) * error / unit;
        Some(Estimate { value, least: Some(value - half), most: Some(value + half) })
    }

    /// The span that `percent` of all decisions do not exceed, in seconds. Its interval is distribution-free: between
    /// two order statistics whose ranks the binomial distribution gives, with at most 2.5 % on each side (Hahn and
    /// Meeker, Statistical Intervals, 1991, section 5.2).
    #[must_use]
    pub fn quantile(latencies: &Latencies, percent: u64) -> Option<Estimate> {
        Estimate::quantile_beside(latencies, 0, percent)
    }

    /// The same where so many more never came to an end: they took longer than all others. None if the quantile is one
    /// of them; an end of the interval is missing if it is.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "for people; no decision depends on it")]
    pub fn quantile_beside(latencies: &Latencies, endless: u64, percent: u64) -> Option<Estimate> {
        let count = latencies.count() + endless;
        let seconds = |rank: u64| latencies.of_rank(rank).map(|span| span.as_nanos() as f64 / 1e9);
        let value = seconds((count * percent).div_ceil(100).max(1))?;
        let Ranks { least, most } = Ranks::of(count, percent as f64 / 100.0);
        Some(Estimate { value, least: seconds(least), most: seconds(most) })
    }

    /// The same in units of which one of the present holds so many.
    #[must_use]
    pub fn times(self, factor: f64) -> Estimate {
        let Estimate { value, least, most } = self;
        Estimate { value: value * factor, least: least.map(|end| end * factor), most: most.map(|end| end * factor) }
    }

    /// How much more this is than the other, with the interval that follows from theirs (Zou and Donner, Statistics in
    /// Medicine 27, 2008, p. 1693); for shares it is method 10 of Newcombe, Statistics in Medicine 17, 1998, p. 876. It
    /// takes the two for independent; on the same seeds they are not, and the true interval is narrower.
    #[must_use]
    pub fn minus(&self, other: &Estimate) -> Estimate {
        let value = self.value - other.value;
        let away = |one: Option<f64>, two: Option<f64>| {
            let (one, two) = (one? - self.value, two? - other.value);
            Some((one * one + two * two).sqrt())
        };
        let (down, up) = (away(self.least, other.most), away(self.most, other.least));
        Estimate { value, least: down.map(|down| value - down), most: up.map(|up| value + up) }
    }

    /// Whether the interval says for certain that the number is not zero.
    #[must_use]
    pub fn excludes_zero(&self) -> bool {
        self.least.is_some_and(|least| least > 0.0) || self.most.is_some_and(|most| most < 0.0)
    }
}

impl From<Share> for Estimate {
    /// In percent.
    fn from(share: Share) -> Estimate {
        Estimate { value: share.share, least: Some(share.least), most: Some(share.most) }.times(100.0)
    }
}

/// With as many decimals as make three digits.
impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Estimate { value, least, most } = *self;
        let decimals = match value.abs() {
            size if size >= 100.0 => 0,
            size if size >= 10.0 => 1,
            size if size >= 1.0 || size == 0.0 => 2,
            _ => 3,
        };
        let end = |end: Option<f64>| end.map_or_else(|| "?".to_owned(), |end| format!("{end:.decimals$}"));
        write!(f, "{value:.decimals$} [{},\u{a0}{}]", end(least), end(most))
    }
}

/// Student's t that leaves 2.5 % on each side, by the expansion of Abramowitz and Stegun, Handbook of Mathematical
/// Functions, 26.7.5; right to three digits from five degrees of freedom on.
#[allow(clippy::cast_precision_loss, reason = "for people; no decision depends on it")]
fn student(freedom: u64) -> f64 {
    let (z, v) = (Z, freedom as f64);
    let (z3, z5) = (z * z * z, z * z * z * z * z);
    let (z7, z9) = (z5 * z * z, z5 * z * z * z * z);
    let first = (z3 + z) / 4.0;
    let second = (5.0 * z5 + 16.0 * z3 + 3.0 * z) / 96.0;
    let third = (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * z) / 384.0;
    let fourth = (79.0 * z9 + 776.0 * z7 + 1_482.0 * z5 - 1_920.0 * z3 - 945.0 * z) / 92_160.0;
    z + first / v + second / (v * v) + third / (v * v * v) + fourth / (v * v * v * v)
}

/// Ranks of the order statistics between which a quantile lies; 0 and one above the count where there is none.
#[derive(Debug, PartialEq, Eq)]
struct Ranks {
    least: u64,
    most: u64,
}

impl Ranks {
    /// Of a quantile of so many observations: the greatest `least` and the least `most` such that a binomial variable
    /// falls below `least` or reaches `most` with at most 2.5 % each.
    fn of(count: u64, quantile: f64) -> Ranks {
        let weights = Weights::of(count, quantile);
        let mut below = 0.0;
        let mut least = 0;
        let mut most = count + 1;
        for (hits, weight) in weights.ascending() {
            // Here `below` is the probability of fewer hits than these.
            if below <= 0.025 {
                least = hits;
            }
            if 1.0 - below <= 0.025 {
                most = hits;
                break;
            }
            below += weight;
        }
        Ranks { least, most }
    }
}

/// The binomial distribution around its mode, normalised.
struct Weights {
    first: u64,
    weights: Vec<f64>,
}

impl Weights {
    /// Neighbours differ by a simple factor, so no logarithm and no factorial is needed. What is left out on either
    /// side weighs less than one part in 10¹⁵.
    #[allow(clippy::cast_precision_loss, reason = "for people; no decision depends on it")]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the count")]
    fn of(count: u64, quantile: f64) -> Weights {
        const NEGLIGIBLE: f64 = 1e-20;
        let odds = quantile / (1.0 - quantile);
        let mode = (((count + 1) as f64 * quantile) as u64).min(count);
        let mut down = Vec::new();
        let (mut hits, mut weight) = (mode, 1.0);
        while hits > 0 && weight > NEGLIGIBLE {
            weight *= hits as f64 / ((count - hits + 1) as f64 * odds);
            hits -= 1;
            down.push(weight);
        }
        let first = hits;
        let mut weights: Vec<f64> = down.into_iter().rev().chain([1.0]).collect();
        (hits, weight) = (mode, 1.0);
        while hits < count && weight > NEGLIGIBLE {
            weight *= (count - hits) as f64 / (hits + 1) as f64 * odds;
            hits += 1;
            weights.push(weight);
        }
        let whole: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= whole);
        Weights { first, weights }
    }

    /// Every number of hits with its probability, and one more with none.
    fn ascending(&self) -> impl Iterator<Item = (u64, f64)> {
        (self.first..).zip(self.weights.iter().copied().chain([0.0]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Duration;

    fn near(one: f64, other: f64, within: f64) -> bool {
        (one - other).abs() < within
    }

    #[test]
    fn intervals_of_shares_agree_with_published_values() {
        // Newcombe, Statistics in Medicine 17, 1998, p. 857, table I, method 3, and 0 of 20 and 1 of 29 there.
        let cases =
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)];
        for (count, of, least, most) in cases {
            let share = Share::of(count, of).unwrap();
            assert!(near(share.least, least, 0.000_06) && near(share.most, most, 0.000_06), "{share:?}");
        }
    }

    #[test]
    fn an_interval_of_a_share_stays_within_zero_and_one() {
        let (none, all) = (Share::of(0, 3).unwrap(), Share::of(3, 3).unwrap());
        assert!(none.least == 0.0 && none.most < 1.0 && all.most == 1.0 && all.least > 0.0, "{none:?} {all:?}");
        assert_eq!(Share::of(0, 0), None);
    }

    #[test]
    fn intervals_of_differences_agree_with_published_values() {
        // Newcombe, Statistics in Medicine 17, 1998, p. 876, table II, method 10.
        let cases = [(56, 70, 48, 80, 5.24, 33.39), (9, 10, 3, 10, 17.05, 80.90), (10, 10, 0, 20, 67.91, 100.0)];
        for (count, of, other, out_of, least, most) in cases {
            let [one, two] =
                [(count, of), (other, out_of)].map(|(count, of)| Estimate::from(Share::of(count, of).unwrap()));
            let by = one.minus(&two);
            assert!(near(by.least.unwrap(), least, 0.006) && near(by.most.unwrap(), most, 0.006), "{by:?}");
            assert!(by.excludes_zero() && !one.minus(&one).excludes_zero());
        }
    }

    #[test]
    fn students_t_agrees_with_published_values() {
        // Any table of Student's distribution, such as Fisher and Yates, Statistical Tables, table III.
        for (freedom, t) in [(5, 2.571), (9, 2.262), (14, 2.145), (29, 2.045), (60, 2.000), (120, 1.980)] {
            assert!(near(student(freedom), t, 0.001), "{freedom}: {}", student(freedom));
        }
    }

    #[test]
    fn ranks_around_a_quantile_agree_with_published_values() {
        // For the median: Conover, Practical Nonparametric Statistics, 3rd edition, 1999, section 3.2, and the table of
        // the sign test there. For others: the same definition, by exact sums of binomial terms.
        let cases = [
            (10, 0.5, 2, 9),
            (20, 0.5, 6, 15),
            (50, 0.5, 18, 33),
            (100, 0.5, 40, 61),
            (5, 0.5, 0, 6),
            (16, 0.75, 8, 16),
        ];
        for (count, quantile, least, most) in cases {
            assert_eq!(Ranks::of(count, quantile), Ranks { least, most }, "{count} {quantile}");
        }
    }

    #[test]
    fn a_high_quantile_of_few_runs_has_no_upper_end() {
        let of = |count: u64| {
            let mut latencies = Latencies::default();
            (1..=count).for_each(|n| latencies.note(Duration(n * 1_000_000_000)));
            Estimate::quantile(&latencies, 99).unwrap()
        };
        assert_eq!((of(300).most, of(300).least.is_some()), (None, true));
        // .99 to the power of 368 is below 2.5 %.
        assert!(of(368).most.is_none_or(|most| most > 367.0) && of(368).most.is_some(), "{:?}", of(368));
    }

    #[test]
    fn a_cost_of_a_decision_has_the_interval_of_a_mean_if_every_run_decides_once() {
        // 1 to 10: mean 5.5, standard deviation 3.0277, standard error .95743, t(9) 2.2622.
        let mut costs = Costs { runs: 10, ..Costs::default() };
        for n in 1..=10_u128 {
            let add = |cost: &mut Cost, number: u128| {
                cost.sum += number;
                cost.squares += number * number;
                cost.products += number;
            };
            add(&mut costs.decisions, 1);
            add(&mut costs.messages, n);
        }
        let mean = Estimate::per_decision(&costs, costs.messages, 1.0).unwrap();
        assert!(mean.value == 5.5 && near(mean.least.unwrap(), 3.3341, 0.001), "{mean:?}");
        assert!(near(mean.most.unwrap(), 7.6659, 0.001), "{mean:?}");
        let of_a_run = Estimate::per_run(10, costs.messages, 1.0).unwrap();
        assert_eq!(format!("{of_a_run}"), format!("{mean}"));
        costs.runs = 5;
        assert_eq!(Estimate::per_decision(&costs, costs.messages, 1.0).unwrap().most, None);
    }
}
