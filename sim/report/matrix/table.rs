//! The matrix as text: one row a cell, the second table of frameworks, and the answer in a few lines.

use super::cell::Cell;
use super::frameworks::Documented;
use super::levels::StoreLevel;
use crate::report::columns::{Align, Column, lay_out};
use crate::report::compare::percent;
use crate::report::interval::Share;
use crate::report::number::decimal;
use crate::scenario::{Level, Sequence};

const COLUMNS: [Column; 10] = [
    Column { heading: "pattern", align: Align::Left, most: 12 },
    Column { heading: "store.channel", align: Align::Left, most: 18 },
    Column { heading: "held on every seed", align: Align::Left, most: 14 },
    Column { heading: "right", align: Align::Right, most: 14 },
    Column { heading: "anomalies, % of runs [95 %]", align: Align::Left, most: 46 },
    Column { heading: "wrong, of these", align: Align::Right, most: 14 },
    Column { heading: "B/op", align: Align::Right, most: 8 },
    Column { heading: "msg/op", align: Align::Right, most: 7 },
    Column { heading: "ms/op", align: Align::Right, most: 7 },
    Column { heading: "lines to the next store, channel", align: Align::Right, most: 14 },
];

/// One row a cell.
#[must_use]
pub fn matrix(cells: &[Cell]) -> String {
    lay_out(&COLUMNS, &cells.iter().map(row).collect::<Vec<_>>())
}

fn row(cell: &Cell) -> Vec<String> {
    let held = [cell.store_held.map(|held| held.name()), cell.letters_held.map(|held| held.name())];
    let anomalies = cell.anomalies.iter().map(|anomaly| {
        let part = |share: f64| format!("{:.1}", share * 100.0);
        let share = anomaly.share;
        format!("{} {} [{},\u{a0}{}]", anomaly.name, part(share.share), part(share.least), part(share.most))
    });
    let mut anomalies: Vec<String> = anomalies.collect();
    if cell.unexplained > 0 {
        anomalies.push(format!("{} wrong without any", cell.unexplained));
    }
    if cell.undecided + cell.crashed > 0 {
        anomalies.push(format!("{} undecided, {} crashed", cell.undecided, cell.crashed));
    }
    let lines = [cell.stronger_store, cell.stronger_channel]
        .map(|step| step.map_or_else(|| "–".to_owned(), |step| step.lines.to_string()));
    vec![
        cell.pattern.to_owned(),
        cell.rung.to_string(),
        held.into_iter().flatten().collect::<Vec<_>>().join(", "),
        percent(cell.right),
        if anomalies.is_empty() { "none".to_owned() } else { anomalies.join("\n") },
        percent(cell.wrong_among_anomalous),
        decimal(cell.bytes),
        decimal(cell.messages),
        decimal(cell.latency_ms),
        lines.join(", "),
    ]
}

const FRAMEWORKS: [Column; 4] = [
    Column { heading: "framework, by documentation", align: Align::Left, most: 28 },
    Column { heading: "cell", align: Align::Left, most: 22 },
    Column { heading: "what it says", align: Align::Left, most: 60 },
    Column { heading: "source", align: Align::Left, most: 120 },
];

/// Where frameworks stand by their own documentation.
#[must_use]
pub fn documented(frameworks: &[Documented]) -> String {
    let row = |known: &Documented| {
        let name = format!("{}\n{}", known.framework, known.version);
        vec![name, known.cell.to_owned(), known.says.to_owned(), known.source.to_owned()]
    };
    lay_out(&FRAMEWORKS, &frameworks.iter().map(row).collect::<Vec<_>>())
}

/// A share with its interval, in one line.
fn in_line(share: Option<Share>) -> String {
    percent(share).replace('\n', " ")
}

/// Whether the shares of right decisions could be one share.
fn overlap(one: &Cell, other: &Cell) -> bool {
    one.right.zip(other.right).is_some_and(|(one, other)| one.least <= other.most && other.least <= one.most)
}

/// What the runs of a cell cannot tell apart: a workload that a strong store would have served no better shows a causal
/// store as linearizable.
fn untold(cell: &Cell) -> &'static str {
    match (cell.rung.store, cell.store_held) {
        (Some(Level::Causal), Some(StoreLevel::Linearizable)) => "; these runs do not tell causal from strong",
        _ => "",
    }
}

/// How far each pattern's usual cell is from causal, and what the step costs: figures of these cells alone.
#[must_use]
pub fn answer(cells: &[Cell]) -> String {
    let mut patterns: Vec<&str> = cells.iter().map(|cell| cell.pattern).collect();
    patterns.dedup();
    let lines = patterns.into_iter().filter_map(|pattern| {
        let on = |store, channel| {
            let is_one = |cell: &&Cell| {
                cell.pattern == pattern
                    && (cell.rung.store == store || cell.rung.store.is_none())
                    && (cell.rung.channel == channel || cell.rung.channel.is_none())
            };
            cells.iter().find(is_one)
        };
        let usual = on(Some(Level::Weak), Some(Sequence::Unordered))?;
        let causal = on(Some(Level::Causal), Some(Sequence::Causal))?;
        let lines = usual.causal?.lines;
        let changed = if lines == 1 { "1 line changed" } else { &format!("{lines} lines changed") };
        let ratio = causal.bytes.zip(usual.bytes).map(|(more, less)| more / less);
        let wait = causal.latency_ms.zip(usual.latency_ms).map(|(more, less)| more - less);
        Some(format!(
            "{pattern}: {} right on {}, {} on {}{}; {} times the bytes an operation, {} ms more; {changed}{}\n",
            in_line(usual.right),
            usual.rung,
            in_line(causal.right),
            causal.rung,
            if overlap(usual, causal) { " (the intervals overlap)" } else { "" },
            decimal(ratio),
            decimal(wait),
            untold(causal),
        ))
    });
    lines.collect()
}
