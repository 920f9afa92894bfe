//! Beta distributions of the share of tries that fail on a task, for a model that fails in a share `w` of all:
//! Beta(.96·w, .96·(1 − w)), whose intra-task correlation is 1 / (.96 + 1) = .51 whatever `w` is.
//!
//! The distribution function is the incomplete beta series x^a · Σ (1−b)ₙ / n! · xⁿ / (a + n) (Abramowitz and Stegun,
//! Handbook of Mathematical Functions, 6.6.8 with 15.1.1), which converges fast up to the middle; beyond it the
//! mirrored series is taken, and their sum at the middle is the complete beta function. Quantiles come from bisection.

use crate::knots::{File, Knots, Made};
use synod::seed::{BETA_010, BETA_080, BETA_200, BETA_350, BETA_396, BETA_500, Table};

/// Fails plus passes of the distribution's two parameters.
const WEIGHT: f64 = 0.96;

/// A table by how many tries in a thousand fail.
fn made(permille: u32, kept: &'static Table) -> Made {
    let share = f64::from(permille) / 1_000.0;
    let beta = Beta { a: WEIGHT * share, b: WEIGHT * (1.0 - share) };
    Made {
        suffix: format!("{permille:03}"),
        name: format!("BETA_{permille:03}"),
        about: format!("The share of tries that fail on a task, {share:.3} on average."),
        knots: Knots::of(|lower, upper| beta.quantile(lower, upper)),
        kept,
    }
}

/// A beta distribution.
#[derive(Clone, Copy)]
struct Beta {
    a: f64,
    b: f64,
}

impl Beta {
    /// The incomplete beta function for x of at most a half.
    fn below(self, x: f64) -> f64 {
        let (mut coefficient, mut sum) = (1.0, 0.0);
        for n in 0..200 {
            sum += coefficient / (self.a + f64::from(n));
            coefficient *= (f64::from(n) + 1.0 - self.b) / f64::from(n + 1) * x;
        }
        x.powf(self.a) * sum
    }

    fn mirrored(self) -> Beta {
        Beta { a: self.b, b: self.a }
    }

    /// The quantile that lies `lower` from the lower end, given also as its distance from the upper end.
    fn quantile(self, lower: f64, upper: f64) -> f64 {
        let (left, right) = (self.below(0.5), self.mirrored().below(0.5));
        let whole = left + right;
        if lower * whole <= left { self.solve(lower * whole) } else { 1.0 - self.mirrored().solve(upper * whole) }
    }

    fn solve(self, area: f64) -> f64 {
        let (mut least, mut most) = (0.0, 0.5);
        for _ in 0..80 {
            let middle = f64::midpoint(least, most);
            if self.below(middle) < area { least = middle } else { most = middle }
        }
        f64::midpoint(least, most)
    }
}

#[test]
fn checked_in_beta_tables_are_what_their_formula_gives() {
    let all =
        [(10, &BETA_010), (80, &BETA_080), (200, &BETA_200), (350, &BETA_350), (396, &BETA_396), (500, &BETA_500)];
    let tables = all.map(|(permille, kept)| made(permille, kept)).into();
    let about = "beta distributions of intra-task correlation .51";
    // Two parts in 10⁹: the last digit, and the machine's powers.
    File { path: "sim/seed/beta.rs", about, tables }.check(|_| 2);
}

#[test]
fn known_quantiles_of_the_beta_distribution_are_met() {
    // Beta(½, ½) is the arcsine distribution, Beta(1, b) has the quantiles 1 − (1 − p)^(1/b).
    for p in [1e-6, 0.01, 0.3, 0.5, 0.77, 0.999, 1.0 - 1e-6] {
        let arcsine = (std::f64::consts::FRAC_PI_2 * p).sin().powi(2);
        let found = Beta { a: 0.5, b: 0.5 }.quantile(p, 1.0 - p);
        assert!((found - arcsine).abs() < 1e-11, "{p}: {found} is not {arcsine}");
        let power = 1.0 - (1.0 - p).powf(1.0 / 0.38);
        let found = Beta { a: 1.0, b: 0.38 }.quantile(p, 1.0 - p);
        assert!((found - power).abs() < 1e-11, "{p}: {found} is not {power}");
    }
}
