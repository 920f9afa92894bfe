//! The detection table, in lines and as JSON. Decides nothing.

use super::super::{Bug, Family};
use super::{Adequacy, FalseAlarms, Found, mean_seeds};
use serde_json::{Value, json};
use std::fmt::Write;
use synod::explore::Strategy;

/// One bug under one strategy.
struct Line {
    bug: String,
    id: &'static str,
    family: Family,
    strategy: Strategy,
    found: Found,
    shrunk: Option<u64>,
    least: Option<u64>,
}

/// Bugs in the order in which they were looked for.
#[derive(Default)]
pub struct Table {
    lines: Vec<Line>,
}

/// The columns' heads.
const HEAD: [&str; 7] = ["bug", "known", "strategy", "found", "seeds to detect", "caught first by", "faults"];
/// Their widths.
const WIDTHS: [usize; 7] = [32, 6, 9, 6, 26, 23, 11];

fn line(cells: [&str; 7]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(WIDTHS) {
        let _ = write!(line, "{cell:<width$} ");
    }
    line.trim_end().to_owned()
}

impl Table {
    /// The line above the bugs'.
    #[must_use]
    pub fn head() -> String {
        line(HEAD)
    }

    /// Takes in what a hunt found, and says it in a line.
    pub fn note(&mut self, bug: &Bug, strategy: Strategy, found: Found, shrunk: Option<u64>) -> String {
        let Bug { name, family, id, .. } = bug;
        let least = bug.least_faults();
        let line = Line { bug: name.clone(), id, family: *family, strategy, found, shrunk, least };
        let told = line.told();
        self.lines.push(line);
        told
    }

    /// How many bugs of each family every strategy found in its first range, and in any.
    #[must_use]
    pub fn kill_rates(&self) -> String {
        let mut text = String::from("killed in the first range of seeds, by family\n");
        for strategy in self.strategies() {
            for family in Family::ALL {
                let of = |line: &&Line| line.strategy == strategy && line.family == family;
                let lines: Vec<&Line> = self.lines.iter().filter(of).collect();
                let killed = lines.iter().filter(|line| line.found.within.is_some()).count();
                if !lines.is_empty() {
                    let _ = writeln!(text, "{:<10} {:<14} {killed} of {}", strategy.name(), family.name(), lines.len());
                }
            }
        }
        text
    }

    /// The median over bugs of the mean seeds to detect, for each strategy.
    #[must_use]
    pub fn medians(&self) -> String {
        let mut text = String::new();
        for strategy in self.strategies() {
            let of = self.lines.iter().filter(|line| line.strategy == strategy);
            let mut seeds: Vec<f64> = of.map(|line| mean_seeds(&line.found).value).collect();
            seeds.sort_by(f64::total_cmp);
            if let Some(median) = seeds.get(seeds.len() / 2) {
                let _ = writeln!(text, "median over {} bugs by {strategy}: {median:.1} seeds", seeds.len());
            }
        }
        text
    }

    /// How many shrunk schedules have at most twice the faults of their bug's least.
    #[must_use]
    pub fn shrinks(&self) -> String {
        let pairs = self.lines.iter().filter_map(|line| Some((line.shrunk?, line.least?)));
        let pairs: Vec<(u64, u64)> = pairs.collect();
        let small = pairs.iter().filter(|(shrunk, least)| *shrunk <= 2 * least).count();
        format!("{small} of {} shrunk schedules have at most twice the faults of the least", pairs.len())
    }

    /// Bugs that no seed of the first range showed.
    pub fn survivors(&self) -> impl Iterator<Item = (&str, Strategy)> {
        let alive = self.lines.iter().filter(|line| line.found.within.is_none());
        alive.map(|line| (line.bug.as_str(), line.strategy))
    }

    /// Everything, as one document's part.
    #[must_use]
    pub fn json(&self) -> Value {
        self.lines.iter().map(Line::json).collect()
    }

    fn strategies(&self) -> Vec<Strategy> {
        let mut strategies: Vec<Strategy> = Vec::new();
        for line in &self.lines {
            if !strategies.contains(&line.strategy) {
                strategies.push(line.strategy);
            }
        }
        strategies
    }
}

impl Line {
    fn told(&self) -> String {
        let Found { hits, ranges, ref first, .. } = self.found;
        let seeds = match hits {
            0 => format!("more than {:.0}", mean_seeds(&self.found).value),
            _ => mean_seeds(&self.found).to_string(),
        };
        let found = format!("{hits}/{ranges}");
        let checker = first.as_ref().map_or("", |first| first.checker.as_str());
        let planned = first.as_ref().map(|first| first.planned.to_string()).unwrap_or_default();
        let least = self.least.map(|least| format!(" ({least})")).unwrap_or_default();
        let faults = self.shrunk.map_or(planned.clone(), |shrunk| format!("{planned}->{shrunk}{least}"));
        line([&self.bug, self.id, self.strategy.name(), &found, &seeds, checker, &faults])
    }

    fn json(&self) -> Value {
        let Line { bug, id, family, strategy, found, shrunk, least } = self;
        let estimate = mean_seeds(found);
        json!({
            "bug": bug, "known": id, "family": family.name(), "strategy": strategy.name(),
            "hits": found.hits, "ranges": found.ranges, "seeds": found.seeds, "within": found.within,
            "mean": if found.hits > 0 { Some(estimate.value) } else { None },
            "least": estimate.least, "most": estimate.most,
            "checker": found.first.as_ref().map(|first| first.checker.as_str()),
            "seed": found.first.as_ref().map(|first| first.group.example.seed.0),
            "found_by": found.first.as_ref().map(|first| first.group.example.attempt.by.name()),
            "faults_least": least,
            "faults_planned": found.first.as_ref().map(|first| first.planned),
            "faults_shrunk": shrunk,
        })
    }
}

/// False alarms, one line a twin.
#[must_use]
pub fn alarms_text(alarms: &[FalseAlarms]) -> String {
    let mut text = String::from("false alarms, of safety and liveness\n");
    for FalseAlarms { twin, bugs, seeds, accused, stalled, lowest } in alarms {
        let first = lowest.as_ref().map(|(seed, property)| format!(", first {property} with seed {seed}"));
        let first = first.unwrap_or_default();
        let _ = writeln!(text, "{twin:<22} twin of {bugs:>2}: {accused} in {seeds} seeds ({stalled} stalled){first}");
    }
    text
}

/// Which kills are lost without each checker.
#[must_use]
pub fn adequacy_text(adequacy: &Adequacy, seeds: u64) -> String {
    let mut text = format!("without a checker these kills are lost ({seeds} seeds of each bug)\n");
    for (checker, caught) in &adequacy.checkers {
        let alone = match caught.alone.as_slice() {
            [] => "none".to_owned(),
            [first, second, third, rest @ ..] if !rest.is_empty() => {
                format!("{first}, {second}, {third} and {} more", rest.len())
            }
            few => few.join(", "),
        };
        let _ =
            writeln!(text, "{checker:<24} catches {:>2}, alone {:>2}: {alone}", caught.bugs.len(), caught.alone.len());
    }
    let spare: Vec<&str> = adequacy.spare().collect();
    let _ = writeln!(text, "lose no kill: {}", if spare.is_empty() { "none".to_owned() } else { spare.join(", ") });
    if !adequacy.missed.is_empty() {
        let _ = writeln!(text, "caught by nobody: {}", adequacy.missed.join(", "));
    }
    text
}
