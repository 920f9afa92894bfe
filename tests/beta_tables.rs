//! How the quantile tables of `sim/seed/beta.rs` are made: recomputes each and compares; rewrites the file if asked to.
//!
//! A table holds quantiles of the share of tries that fail on a task, for a model that fails in a share `w` of all:
//! Beta(.96·w, .96·(1 − w)), whose intra-task correlation is 1 / (.96 + 1) = .51 whatever `w` is. Knots lie where those
//! of `sim/seed/table.rs` do, in parts of 10⁻⁹.
//!
//! The distribution function is the incomplete beta series x^a · Σ (1−b)ₙ / n! · xⁿ / (a + n) (Abramowitz and Stegun,
//! Handbook of Mathematical Functions, 6.6.8 with 15.1.1), which converges fast up to the middle; beyond it the
//! mirrored series is taken, and their sum at the middle is the complete beta function. Quantiles come from bisection.
//!
//! Floats are fine here: nothing but this test computes them, and what is checked in are integers.

use std::path::Path;
use synod::seed::{BETA_010, BETA_080, BETA_200, BETA_350, BETA_396, BETA_500, Table};

/// Knots in the body, and in each tail.
const BODY: u32 = 1_024;
const TAIL: i32 = 12;
/// Fails plus passes of the distribution's two parameters.
const WEIGHT: f64 = 0.96;

/// A table to be made: how many tries in a thousand fail, and the checked-in one.
struct Failing {
    permille: u32,
    table: &'static Table,
}

const ALL: [Failing; 6] = [
    Failing { permille: 10, table: &BETA_010 },
    Failing { permille: 80, table: &BETA_080 },
    Failing { permille: 200, table: &BETA_200 },
    Failing { permille: 350, table: &BETA_350 },
    Failing { permille: 396, table: &BETA_396 },
    Failing { permille: 500, table: &BETA_500 },
];

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

/// The knots of one table.
struct Knots {
    lower: Vec<u64>,
    body: Vec<u64>,
    upper: Vec<u64>,
}

impl Failing {
    fn made(&self) -> Knots {
        let share = f64::from(self.permille) / 1_000.0;
        let beta = Beta { a: WEIGHT * share, b: WEIGHT * (1.0 - share) };
        let knot = |lower: f64, upper: f64| (beta.quantile(lower, upper) * 1e9).round() as u64;
        let away = |step: i32| 2f64.powi(-12 - step);
        let middle = |place: u32| (f64::from(place) + 0.5) / f64::from(BODY);
        Knots {
            lower: (0..TAIL).map(|step| knot(away(step), 1.0 - away(step))).collect(),
            body: (0..BODY).map(|place| knot(middle(place), 1.0 - middle(place))).collect(),
            upper: (0..TAIL).map(|step| knot(1.0 - away(step), away(step))).collect(),
        }
    }
}

/// Two parts in 10⁹: the last digit, and the machine's powers.
fn assert_near(made: &[u64], checked_in: &[u64], what: &str) {
    assert_eq!(made.len(), checked_in.len(), "{what}");
    for (place, (made, kept)) in made.iter().zip(checked_in).enumerate() {
        assert!(made.abs_diff(*kept) <= 2, "{what} knot {place}: {kept} is checked in, {made} is computed");
    }
}

#[test]
fn checked_in_beta_tables_are_what_their_formula_gives() {
    if std::env::var_os("SYNOD_BLESS").is_some_and(|wish| wish == "1") {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sim/seed/beta.rs");
        std::fs::write(path, written()).expect("the tables can be written where the sources are");
        return;
    }
    for failing in ALL {
        let (made, kept) = (failing.made(), failing.table.knots());
        let name = failing.permille;
        assert_near(&made.lower, kept.lower, &format!("{name} ‰, lower"));
        assert_near(&made.body, kept.body, &format!("{name} ‰, body"));
        assert_near(&made.upper, kept.upper, &format!("{name} ‰, upper"));
    }
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

/// The file, header included.
fn written() -> String {
    let mut text = String::from(
        "//! Checked-in quantile tables of beta distributions of intra-task correlation .51. \
         Made by `SYNOD_BLESS=1 cargo test --test beta_tables`.\n\nuse super::table::{BODY, TAIL, Table};\n",
    );
    for failing in ALL {
        let (name, knots) = (format!("{:03}", failing.permille), failing.made());
        let share = format!("{:.3}", f64::from(failing.permille) / 1_000.0);
        let parts = format!("{{ lower: &LOWER_{name}, body: &BODY_{name}, upper: &UPPER_{name} }}");
        text.push_str(&format!("\n/// The share of tries that fail on a task, {share} on average.\n"));
        text.push_str(&format!("pub static BETA_{name}: Table = Table {parts};\n\n"));
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
