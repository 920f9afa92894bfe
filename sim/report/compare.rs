//! Scenarios side by side on the same seeds. Shares come with the interval that so many runs allow.

use super::columns::{Align, Column, lay_out};
use super::number::{decimal, grouped, quotient};
use super::row::PerDecision;
use crate::explore::SweepReport;
use serde::Serialize;

/// A share of a count, with its 95 % interval after Wilson (Journal of the American Statistical Association 22, 1927,
/// p. 209): unlike the textbook one it stays within 0 and 1 and means something at 0 of n.
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

/// The standard normal quantile that leaves 2.5 % on each side.
const Z: f64 = 1.959_963_985;

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

    fn text(share: Option<Share>) -> String {
        let percent = |part: f64| format!("{:.1}", part * 100.0);
        share.map_or_else(
            || decimal(None),
            |share| format!("{}% [{}, {}]", percent(share.share), percent(share.least), percent(share.most)),
        )
    }
}

/// What one scenario gave.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The scenario.
    pub scenario: String,
    /// Its team.
    pub team: String,
    /// The range of seeds.
    pub seeds: String,
    /// Runs that violated safety.
    pub violated: Option<Share>,
    /// Runs that stalled.
    pub stalled: Option<Share>,
    /// Runs that crashed.
    pub crashed: Option<Share>,
    /// Decisions that matched the truth.
    pub correct: Option<Share>,
    /// Costs of a decision.
    pub per_decision: PerDecision,
}

impl From<&SweepReport> for Comparison {
    fn from(report: &SweepReport) -> Comparison {
        let harvest = &report.harvest;
        Comparison {
            scenario: report.summary.name.clone(),
            team: report.summary.team.clone(),
            seeds: report.seeds.to_string(),
            violated: Share::of(harvest.unsafe_runs, harvest.runs),
            stalled: Share::of(harvest.stalled_runs, harvest.runs),
            crashed: Share::of(harvest.crashed, harvest.runs),
            correct: Share::of(harvest.figures.correct, harvest.figures.decisions),
            per_decision: PerDecision::of(harvest),
        }
    }
}

impl Comparison {
    /// The table of several comparisons.
    #[must_use]
    pub fn table(comparisons: &[Comparison]) -> String {
        let column = |heading, align| Column { heading, align, most: 24 };
        let columns = [
            column("scenario", Align::Left),
            column("team", Align::Left),
            column("runs", Align::Right),
            column("unsafe runs", Align::Right),
            column("stalled runs", Align::Right),
            column("correct decisions", Align::Right),
            Column { heading: "virtual time", align: Align::Right, most: 8 },
            Column { heading: "messages", align: Align::Right, most: 8 },
            Column { heading: "model calls", align: Align::Right, most: 6 },
            Column { heading: "tokens", align: Align::Right, most: 8 },
            Column { heading: "cost", align: Align::Right, most: 8 },
        ];
        let rows: Vec<Vec<String>> = comparisons.iter().map(Comparison::cells).collect();
        lay_out(&columns, &rows)
            + "shares with their 95 % intervals; virtual time, messages, model calls, tokens and cost are per \
               decision\n"
    }

    fn cells(&self) -> Vec<String> {
        let cost = self.per_decision;
        vec![
            self.scenario.clone(),
            self.team.clone(),
            grouped(self.violated.map_or(0, |share| share.of)),
            Share::text(self.violated),
            Share::text(self.stalled),
            Share::text(self.correct),
            cost.virtual_seconds.map_or_else(|| decimal(None), |seconds| format!("{seconds:.2} s")),
            decimal(cost.messages),
            decimal(cost.model_calls),
            decimal(cost.tokens),
            cost.dollars.map_or_else(|| decimal(None), |dollars| format!("${dollars:.4}")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_agree_with_published_values() {
        // Newcombe, Statistics in Medicine 17, 1998, p. 857, table I, method 3, and 0 of 20 and 1 of 29 there.
        let cases =
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)];
        for (count, of, least, most) in cases {
            let share = Share::of(count, of).unwrap();
            let near = |one: f64, other: f64| (one - other).abs() < 0.000_06;
            assert!(near(share.least, least) && near(share.most, most), "{share:?}");
        }
    }

    #[test]
    fn an_interval_stays_within_zero_and_one() {
        let (none, all) = (Share::of(0, 3).unwrap(), Share::of(3, 3).unwrap());
        assert!(none.least == 0.0 && none.most < 1.0 && all.most == 1.0 && all.least > 0.0, "{none:?} {all:?}");
        assert_eq!(Share::of(0, 0), None);
    }
}
