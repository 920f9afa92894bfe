//! Knots of a quantile table: where they lie, how they are compared with those checked in, and how a file shows them.
//! Knows no distribution.

use std::path::Path;
use synod::seed::Table;

/// Knots in the body, and in each tail.
const BODY: u32 = 1_024;
const TAIL: i32 = 12;

/// The knots of one table, in parts of 10⁻⁹: the body at (i + ½) / 1,024, the tails at 2⁻¹² … 2⁻²³ from either end.
pub struct Knots {
    lower: Vec<u64>,
    body: Vec<u64>,
    upper: Vec<u64>,
}

/// A file of tables.
pub struct File {
    /// Its place below the manifest.
    pub path: &'static str,
    /// What its tables are, for its first line.
    pub about: &'static str,
    /// The tables.
    pub tables: Vec<Made>,
}

/// A table as it should be, and as it is.
pub struct Made {
    /// What tells the table's statics from those of others.
    pub suffix: String,
    /// The table's own static.
    pub name: String,
    /// Its one line of documentation.
    pub about: String,
    /// What its formula gives.
    pub knots: Knots,
    /// What is checked in.
    pub kept: &'static Table,
}

impl Knots {
    /// Those of a distribution, given its quantile at a distance from the lower end and, because one minus it loses
    /// digits, from the upper end.
    pub fn of(quantile: impl Fn(f64, f64) -> f64) -> Knots {
        let knot = |lower: f64, upper: f64| (quantile(lower, upper) * 1e9).round() as u64;
        let away = |step: i32| 2f64.powi(-12 - step);
        let middle = |place: u32| (f64::from(place) + 0.5) / f64::from(BODY);
        Knots {
            lower: (0..TAIL).map(|step| knot(away(step), 1.0 - away(step))).collect(),
            body: (0..BODY).map(|place| knot(middle(place), 1.0 - middle(place))).collect(),
            upper: (0..TAIL).map(|step| knot(1.0 - away(step), away(step))).collect(),
        }
    }
}

impl File {
    /// Compares what is checked in with what the formula gives, or writes it anew if that is wished for. `tolerance`
    /// says how far a knot may be off.
    pub fn check(&self, tolerance: fn(u64) -> u64) {
        if std::env::var_os("SYNOD_BLESS").is_some_and(|wish| wish == "1") {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(self.path);
            std::fs::write(path, self.written()).expect("the tables can be written where the sources are");
            return;
        }
        for Made { name, knots, kept, .. } in &self.tables {
            let kept = kept.knots();
            assert_near(&knots.lower, kept.lower, tolerance, &format!("{name}, lower"));
            assert_near(&knots.body, kept.body, tolerance, &format!("{name}, body"));
            assert_near(&knots.upper, kept.upper, tolerance, &format!("{name}, upper"));
        }
    }

    /// The file, header included.
    fn written(&self) -> String {
        let mut text = format!(
            "//! Checked-in quantile tables of {}. Made by `SYNOD_BLESS=1 cargo test --test tables`.\n\n\
             use super::table::{{BODY, TAIL, Table}};\n",
            self.about
        );
        for Made { suffix, name, about, knots, .. } in &self.tables {
            let parts = format!("{{ lower: &LOWER_{suffix}, body: &BODY_{suffix}, upper: &UPPER_{suffix} }}");
            text.push_str(&format!("\n/// {about}\npub static {name}: Table = Table {parts};\n\n"));
            for (part, size, knots) in
                [("LOWER", "TAIL", &knots.lower), ("UPPER", "TAIL", &knots.upper), ("BODY", "BODY", &knots.body)]
            {
                let rows = rows(knots);
                text.push_str(&format!("#[rustfmt::skip]\nstatic {part}_{suffix}: [u64; {size}] = [\n{rows}];\n"));
            }
        }
        text
    }
}

fn assert_near(made: &[u64], checked_in: &[u64], tolerance: fn(u64) -> u64, what: &str) {
    assert_eq!(made.len(), checked_in.len(), "{what}");
    for (place, (made, kept)) in made.iter().zip(checked_in).enumerate() {
        let near = made.abs_diff(*kept) <= tolerance(*kept);
        assert!(near, "{what} knot {place}: {kept} is checked in, {made} is computed");
    }
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
