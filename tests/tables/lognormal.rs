//! Lognormal distributions with median 1.
//!
//! A knot at probability p is exp(σ·z), where z is the standard normal quantile of p. z solves Φ(z) = p by Newton's
//! method; Φ comes from the series of erf near the middle and from Legendre's continued fraction of erfc in the tails
//! (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.6 and 7.1.14).

use crate::knots::{File, Knots, Made};
use synod::seed::{LOGNORMAL_40, LOGNORMAL_70, LOGNORMAL_100, Table};

/// A table by its spread, in hundredths.
fn made(hundredths: u32, kept: &'static Table) -> Made {
    let spread = f64::from(hundredths) / 100.0;
    let normal = |lower: f64, upper: f64| if lower > 0.5 { -quantile(upper) } else { quantile(lower) };
    Made {
        suffix: hundredths.to_string(),
        name: format!("LOGNORMAL_{hundredths}"),
        about: format!(
            "Lognormal with σ = {}.{}, in multiples of its median.",
            hundredths / 100,
            hundredths % 100 / 10
        ),
        knots: Knots::of(|lower, upper| (spread * normal(lower, upper)).exp()),
        kept,
    }
}

/// The probability that a standard normal draw is at most z, for z ≤ 0.
fn normal(z: f64) -> f64 {
    let x = -z / std::f64::consts::SQRT_2;
    let bell = (-x * x).exp() / std::f64::consts::PI.sqrt();
    if x < 2.0 {
        // erf x = 2/√π · e^(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1)): positive terms only, so nothing cancels within the sum.
        let (mut term, mut sum) = (x, x);
        for n in 1..80 {
            term *= 2.0 * x * x / f64::from(2 * n + 1);
            sum += term;
        }
        0.5 - bell * sum
    } else {
        // √π · e^(x²) · erfc x = 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))), from the innermost fraction outwards.
        let fraction = (1..=200).rev().fold(x, |inner, n| x + f64::from(n) / 2.0 / inner);
        0.5 * bell / fraction
    }
}

/// The z with Φ(z) = p. Newton's method on ln Φ, which is concave, so it converges from any start below the middle.
fn quantile(p: f64) -> f64 {
    if p > 0.5 {
        return -quantile(1.0 - p);
    }
    let mut z = -1.0;
    for _ in 0..100 {
        let below = normal(z);
        let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let step = (below / p).ln() * below / density;
        z -= step;
        if step.abs() < 1e-15 {
            break;
        }
    }
    z
}

#[test]
fn checked_in_tables_are_what_their_formula_gives() {
    let tables = vec![made(40, &LOGNORMAL_40), made(70, &LOGNORMAL_70), made(100, &LOGNORMAL_100)];
    let file = File { path: "sim/seed/tables.rs", about: "the lognormal distribution with median 1", tables };
    // One part in 10⁹ of the knot, and never less than the last digit.
    file.check(|kept| (kept / 1_000_000_000).max(1));
}

#[test]
fn known_quantiles_of_the_normal_distribution_are_met() {
    // Published to ten digits: the 97.5 %, 99 % and 99.9 % points.
    for (p, z) in [(0.5, 0.0), (0.975, 1.959_963_984_5), (0.99, 2.326_347_874_0), (0.999, 3.090_232_306_2)] {
        assert!((quantile(p) - z).abs() < 1e-10, "{p}: {}", quantile(p));
    }
    assert!((normal(-2.828) - normal(-2.829)) / 0.001 < 0.0074, "the series and the fraction do not meet");
}
