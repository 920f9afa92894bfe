//! The table of a sweep: one row for each scenario.

use super::columns::{Align, Column, lay_out};
use super::number::{brief, decimal, grouped, percent};
use super::row::Row;
use crate::check::PropertyKind;
use crate::explore::{Met, PropertyTally};
use crate::scenario::Expectation;

/// The headings. Widths are chosen so that the whole fits in about 140 columns.
const COLUMNS: [Column; 13] = [
    Column { heading: "scenario", align: Align::Left, most: 20 },
    Column { heading: "expected", align: Align::Left, most: 12 },
    Column { heading: "met", align: Align::Left, most: 3 },
    Column { heading: "seeds", align: Align::Right, most: 9 },
    Column { heading: "safety", align: Align::Left, most: 24 },
    Column { heading: "liveness", align: Align::Left, most: 16 },
    Column { heading: "correct", align: Align::Right, most: 7 },
    Column { heading: "messages", align: Align::Right, most: 8 },
    Column { heading: "model calls", align: Align::Right, most: 6 },
    Column { heading: "virtual time", align: Align::Right, most: 8 },
    Column { heading: "faults planned /fired/felt", align: Align::Right, most: 14 },
    Column { heading: "lowest failing", align: Align::Right, most: 7 },
    Column { heading: "seeds /s", align: Align::Right, most: 7 },
];

/// What the headings do not say.
const LEGEND: &str = "messages, model calls and virtual time are per decision; name@N: violated, first with seed N; \
                      idle: nothing to judge\n";

/// The table as text.
#[must_use]
pub fn table(rows: &[Row]) -> String {
    let cells: Vec<Vec<String>> = rows.iter().map(|row| cells(row).to_vec()).collect();
    let mut text = lay_out(&COLUMNS, &cells);
    text.push_str(LEGEND);
    for row in rows {
        // Of a whole catalogue that would be a second table.
        if rows.len() == 1 && row.strategies.len() > 1 {
            text.push_str(&format!("by strategy: {}: {}\n", row.scenario, strategies(row)));
        }
        row.gaps.iter().for_each(|gap| text.push_str(&format!("not exercised: {}: {gap}\n", row.scenario)));
    }
    text
}

/// What each strategy found: how many of its seeds failed, and the first of them.
fn strategies(row: &Row) -> String {
    let told = row.strategies.iter().map(|(strategy, given)| {
        let first = given.lowest_failing.map(|seed| format!(", first {seed}")).unwrap_or_default();
        format!("{strategy} {} of {}{first}", grouped(given.failed), grouped(given.runs))
    });
    told.collect::<Vec<_>>().join("; ")
}

fn cells(row: &Row) -> [String; 13] {
    let cost = &row.per_decision;
    let faults = row.faults;
    [
        row.scenario.clone(),
        expected(&row.expectation),
        if row.met == Met::Yes { "yes" } else { "NO" }.to_owned(),
        grouped(row.seeds_run),
        safety(row),
        verdicts(row, PropertyKind::Liveness).join(" "),
        percent(row.correct_share),
        decimal(cost.messages),
        decimal(cost.model_calls),
        cost.virtual_seconds.map_or_else(|| decimal(None), |seconds| format!("{seconds:.2} s")),
        format!("{}/{}/{}", brief(faults.planned), brief(faults.fired), brief(faults.felt)),
        row.lowest_failing_seed.map_or_else(|| "–".to_owned(), |seed| seed.to_string()),
        format!("{:.0}", row.seeds_per_second),
    ]
}

pub(super) fn expected(expectation: &Expectation) -> String {
    match expectation {
        Expectation::Holds => "holds".to_owned(),
        Expectation::Violates(property) => format!("violates {property}"),
    }
}

fn safety(row: &Row) -> String {
    let crashed = (row.crashed > 0).then(|| format!("{}\u{a0}crashed", row.crashed));
    let unlike = row.not_reproducible.first().map(|unlike| format!("differs@{}", unlike.seed));
    let parts: Vec<String> = unlike.into_iter().chain(crashed).chain(verdicts(row, PropertyKind::Safety)).collect();
    parts.join(" ")
}

/// Violated properties by name with their lowest seed, then how many others hold, gave up or had nothing to judge.
fn verdicts(row: &Row, kind: PropertyKind) -> Vec<String> {
    let of_kind = || row.properties.iter().filter(move |tally| tally.property.kind == kind);
    let violated = of_kind().filter_map(|tally| tally.lowest.map(|seed| format!("{}@{seed}", tally.property.name)));
    let mut parts: Vec<String> = violated.collect();
    let whole = |tally: &&PropertyTally| tally.violated == 0;
    let unknown = of_kind().filter(whole).filter(|tally| tally.unknown > 0).count();
    let holds = of_kind().filter(whole).filter(|tally| tally.unknown == 0 && tally.holds > 0).count();
    let idle = of_kind().filter(whole).count() - unknown - holds;
    for (count, word) in [(holds, if holds == 1 { "holds" } else { "hold" }), (unknown, "unknown"), (idle, "idle")] {
        if count > 0 {
            parts.push(format!("{count}\u{a0}{word}"));
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::{Fake, Sin};
    use crate::explore::{BareHost, Seeds, Sweep};
    use std::time::Duration;

    fn row(fake: &Fake) -> Row {
        let mut report = Sweep::of(Seeds::new(0..1_000).unwrap()).run(fake, &BareHost);
        report.wall = Duration::from_millis(125);
        Row::from(&report)
    }

    fn rows() -> Vec<Row> {
        vec![
            row(&Fake::violating("last_speaker", Sin::ViolatesEvery(17), "agreement")),
            row(&Fake::new("raft", Sin::None)),
            row(&Fake::new("majority", Sin::StallsEvery(40))),
            row(&Fake::new("sleepy", Sin::Idle)),
            row(&Fake::new("broken", Sin::PanicsOn(300))),
        ]
    }

    #[test]
    fn the_table_reads_at_a_glance() {
        let text = table(&rows());
        assert!(text.lines().all(|line| line.chars().count() <= 140), "{text}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn the_json_carries_everything_the_table_shows() {
        let json = serde_json::to_value(&rows()[0]).unwrap();
        let expected = serde_json::json!({
            "scenario": "last_speaker", "expectation": {"violates": "agreement"}, "met": "yes", "seeds_run": 1_000,
            "seeds_per_second": 8_000.0, "lowest_failing_seed": 17, "decisions": 2_000,
        });
        for (field, value) in expected.as_object().unwrap() {
            assert_eq!(json.get(field), Some(value), "{field}");
        }
        assert_eq!(json["properties"][0]["lowest"], 17);
        assert_eq!(json["properties"][2]["property"]["kind"], "liveness");
        for field in ["messages", "model_calls", "virtual_seconds"] {
            assert!(json["per_decision"][field].is_number(), "{field}");
        }
        for field in ["planned", "fired", "felt"] {
            assert_eq!(json["faults"][field], 1_000, "{field}");
        }
        assert!(json["correct_share"].is_number());
    }
}
