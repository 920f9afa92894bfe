//! How the quantile tables of `sim/seed/tables.rs` are made: recomputes each and compares; rewrites the file if asked
//! to.
//!
//! A knot at probability p of a lognormal distribution with median 1 is exp(σ·z), where z is the standard normal
//! quantile of p, in parts of 10⁻⁹ and rounded. The body has knots at (i + ½) / 1,024, the tails at 2⁻¹² … 2⁻²³ from
//! either end. z solves Φ(z) = p by Newton's method; Φ comes from the series of erf near the middle and from
//! Legendre's continued fraction of erfc in the tails (Abramowitz and Stegun, Handbook of Mathematical Functions,
//! 7.1.6 and 7.1.14).
//!
//! Floats are fine here: nothing but this test computes them, and what is checked in are integers.

use std::path::Path;
use synod::seed::{LOGNORMAL_40, LOGNORMAL_70, LOGNORMAL_100, Table};

/// Knots in the body, and in each tail.
const BODY: u32 = 1_024;
const TAIL: i32 = 12;

/// A table to be made: its spread in hundredths, and the checked-in one.
struct Lognormal {
    hundredths: u32,
    table: &'static Table,
}

const ALL: [Lognormal; 3] = [
    Lognormal { hundredths: 40, table: &LOGNORMAL_40 },
    Lognormal { hundredths: 70, table: &LOGNORMAL_70 },
    Lognormal { hundredths: 100, table: &LOGNORMAL_100 },
];

/// The knots of one table.
struct Knots {
    lower: Vec<u64>,
    body: Vec<u64>,
    upper: Vec<u64>,
}

impl Lognormal {
    fn made(&self) -> Knots {
        let spread = f64::from(self.hundredths) / 100.0;
        let knot = |normal: f64| ((spread * normal).exp() * 1e9).round() as u64;
        let tail = |sign: f64| (0..TAIL).map(|step| knot(sign * -quantile(2f64.powi(-12 - step)))).collect();
        let body = (0..BODY).map(|place| knot(quantile((f64::from(place) + 0.5) / f64::from(BODY)))).collect();
        Knots { lower: tail(-1.0), body, upper: tail(1.0) }
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

/// One part in 10⁹ of the knot, and never less than the last digit.
fn assert_near(made: &[u64], checked_in: &[u64], what: &str) {
    assert_eq!(made.len(), checked_in.len(), "{what}");
    for (place, (made, kept)) in made.iter().zip(checked_in).enumerate() {
        let tolerance = (kept / 1_000_000_000).max(1);
        assert!(made.abs_diff(*kept) <= tolerance, "{what} knot {place}: {kept} is checked in, {made} is computed");
    }
}

#[test]
fn checked_in_tables_are_what_their_formula_gives() {
    if std::env::var_os("SYNOD_BLESS").is_some_and(|wish| wish == "1") {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sim/seed/tables.rs");
        std::fs::write(path, written()).expect("the tables can be written where the sources are");
        return;
    }
    for lognormal in ALL {
        let (made, kept) = (lognormal.made(), lognormal.table.knots());
        let name = lognormal.hundredths;
        assert_near(&made.lower, kept.lower, &format!("σ = {name} %, lower"));
        assert_near(&made.body, kept.body, &format!("σ = {name} %, body"));
        assert_near(&made.upper, kept.upper, &format!("σ = {name} %, upper"));
    }
}

#[test]
fn known_quantiles_of_the_normal_distribution_are_met() {
    // Published to ten digits: the 97.5 %, 99 % and 99.9 % points.
    for (p, z) in [(0.5, 0.0), (0.975, 1.959_963_984_5), (0.99, 2.326_347_874_0), (0.999, 3.090_232_306_2)] {
        assert!((quantile(p) - z).abs() < 1e-10, "{p}: {}", quantile(p));
    }
    assert!((normal(-2.828) - normal(-2.829)) / 0.001 < 0.0074, "the series and the fraction do not meet");
}

/// The file, header included.
fn written() -> String {
    let mut text = String::from(
        "//! Checked-in quantile tables of the lognormal distribution with median 1. \
         Made by `SYNOD_BLESS=1 cargo test --test tables`.\n\nuse super::table::{BODY, TAIL, Table};\n",
    );
    for lognormal in ALL {
        let (name, knots) = (lognormal.hundredths, lognormal.made());
        let spread = format!("{}.{}", name / 100, name % 100 / 10);
        let parts = format!("{{ lower: &LOWER_{name}, body: &BODY_{name}, upper: &UPPER_{name} }}");
        text.push_str(&format!("\n/// Lognormal with σ = {spread}, in multiples of its median.\n"));
        text.push_str(&format!("pub static LOGNORMAL_{name}: Table = Table {parts};\n\n"));
        for (part, size, knots) in
            [("LOWER", "TAIL", &knots.lower), ("UPPER", "TAIL", &knots.upper), ("BODY", "BODY", &knots.body)]
        {
            text.push_str(&format!("#[rustfmt::skip]\nstatic {part}_{name}: [u64; {size}] = [\n{}];\n", rows(knots)));
        }
    }
    text
}

/// Knots in rows of at most 118 columns.
fn rows(knots: &[u64]) -> String {
    let (mut text, mut row) = (String::new(), String::from("   "));
    for knot in knots {
        let item = format!(" {},", grouped(*knot));
        if row.len() + item.len() > 118 {
            text.push_str(&row);
            text.push('\n');
            row = String::from("   ");
        }
        row.push_str(&item);
    }
    text + &row + "\n"
}

/// A number with its digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}
