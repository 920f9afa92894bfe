//! What changes when one rule of a team is switched off, as values and as a table. Decides nothing but whether an
//! interval excludes zero.

use super::columns::{Align, Column, lay_out};
use super::compare::{Comparison, Violation};
use super::interval::Estimate;
use crate::scenario::Ablated;
use serde::Serialize;

/// A team against itself without one of its rules, in one setting and on the same seeds.
#[derive(Clone, Debug, Serialize)]
pub struct Ablation {
    /// The rule.
    pub rule: &'static str,
    /// What is done instead.
    pub instead: &'static str,
    /// What both were put into, apart from what goes wrong.
    pub setting: String,
    /// What goes wrong.
    pub trouble: String,
    /// The whole team.
    pub whole: Comparison,
    /// The team without the rule.
    pub without: Comparison,
    /// What became of each figure.
    pub changes: Vec<Change>,
}

/// What became of one figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Which, with its unit.
    pub figure: &'static str,
    /// Of the whole team.
    pub whole: Estimate,
    /// Of the team without the rule.
    pub without: Estimate,
    /// By how much it changed.
    pub by: Estimate,
    /// Whether the interval excludes that nothing changed.
    pub certain: bool,
}

impl Change {
    fn of(figure: &'static str, whole: Option<Estimate>, without: Option<Estimate>) -> Option<Change> {
        let (whole, without) = (whole?, without?);
        let by = without.minus(&whole);
        Some(Change { figure, whole, without, by, certain: by.excludes_zero() })
    }
}

impl Ablation {
    /// Holds one against the other.
    #[must_use]
    pub fn of(ablated: &Ablated, whole: Comparison, without: Comparison) -> Ablation {
        let pairs = whole.figures().into_iter().zip(without.figures());
        let changes = pairs.filter_map(|((figure, one), (_, other))| Change::of(figure, one, other)).collect();
        let (rule, instead, setting) = (ablated.rule, ablated.instead, Comparison::common(&ablated.setting));
        let trouble = ablated.setting.trouble.to_string();
        Ablation { rule, instead, setting, trouble, whole, without, changes }
    }

    /// The figure of this name, if both have it.
    #[must_use]
    pub fn change(&self, figure: &str) -> Option<&Change> {
        self.changes.iter().find(|change| change.figure == figure)
    }

    /// The table of several: of each rule the figures that changed for certain, and the properties that are violated
    /// without it and hold with it.
    #[must_use]
    pub fn table(ablations: &[Ablation]) -> String {
        let column = |heading, align, most| Column { heading, align, most };
        let columns = [
            column("without", Align::Left, 30),
            column("figure", Align::Left, 22),
            column("whole", Align::Right, 24),
            column("without it", Align::Right, 24),
            column("change", Align::Right, 24),
        ];
        let rows: Vec<Vec<String>> = ablations.iter().flat_map(Ablation::rows).collect();
        let mut text = lay_out(&columns, &rows);
        text.push_str(
            "only figures whose change has a 95 % interval that excludes 0; the JSON document has all of them\n",
        );
        for ablation in ablations {
            text.push_str(&ablation.told());
        }
        text
    }

    /// What is done instead of the rule, where that was tried, and which properties only the whole team keeps.
    fn told(&self) -> String {
        let Ablation { rule, instead, trouble, whole, without, .. } = self;
        let mut text = format!("\nwithout {rule} ({trouble}): {instead}\n");
        let kept = |violation: &&Violation| whole.violations.iter().all(|known| known.property != violation.property);
        for Violation { property, runs, seed, .. } in without.violations.iter().filter(kept) {
            let seed = seed.map(|seed| seed.to_string()).unwrap_or_default();
            text.push_str(&format!("  violates {property} in {runs} runs, first with seed {seed}; the whole never\n"));
        }
        text
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let shown = |estimate: &Estimate| estimate.to_string();
        let certain = self.changes.iter().filter(|change| change.certain);
        let mut rows: Vec<Vec<String>> = certain
            .map(|change| {
                let figures = [&change.whole, &change.without, &change.by].map(shown);
                [vec![String::new(), change.figure.to_owned()], figures.to_vec()].concat()
            })
            .collect();
        if rows.is_empty() {
            rows.push(["", "nothing changed", "", "", ""].map(str::to_owned).to_vec());
        }
        self.rule.clone_into(&mut rows[0][0]);
        rows
    }
}
