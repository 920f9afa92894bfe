//! Teams or scenarios side by side on the same seeds. Every figure comes with the interval that so many runs allow.

use super::columns::{Align, Column, lay_out};
use super::interval::{Estimate, Share};
use super::number::decimal;
use crate::check::PropertyKind;
use crate::explore::SweepReport;
use crate::fault::{Kind, Tally, Tolerance};
use crate::scenario::Setting;
use crate::seed::Seed;
use crate::time::{Duration, seconds};
use serde::Serialize;

/// What one team gave.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// What it is called here: a team's name, a scenario's, or that of a rule switched off.
    pub name: String,
    /// The protocol or pattern of its team.
    pub team: String,
    /// The range of seeds.
    pub seeds: String,
    /// Runs that violated safety.
    pub violated: Option<Share>,
    /// Runs that stalled.
    pub stalled: Option<Share>,
    /// Runs in which nobody decided within [`PATIENCE`] of the request.
    pub late: Option<Share>,
    /// Runs that crashed.
    pub crashed: Option<Share>,
    /// Decisions that matched the truth.
    pub correct: Option<Share>,
    /// Virtual seconds from a slot's invocation to its first decision that half of all decisions do not exceed.
    pub latency_p50: Option<Estimate>,
    /// The same for 99 of 100 decisions.
    pub latency_p99: Option<Estimate>,
    /// Their mean.
    pub latency_mean: Option<Estimate>,
    /// Messages between nodes, per decision.
    pub messages: Option<Estimate>,
    /// Calls to models, per decision.
    pub model_calls: Option<Estimate>,
    /// Tokens read and written, per decision.
    pub tokens: Option<Estimate>,
    /// Dollars, per decision.
    pub dollars: Option<Estimate>,
    /// Leaders elected, per decision.
    pub elections: Option<Estimate>,
    /// Violated properties, each with its lowest seed.
    pub violations: Vec<Violation>,
    /// Faults planned, fired and felt.
    pub faults: Tally,
    /// Kinds of fault it promises nothing under.
    pub unpromised: Vec<Kind>,
}

/// Whoever asked a team and still has no decision after so long takes it to be stuck: nineteen in twenty single replies
/// of measured chat models come sooner.
pub const PATIENCE: Duration = seconds(30);

/// A property that some run violated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Its name.
    pub property: &'static str,
    /// Whether it is unsafe or a stall.
    pub kind: PropertyKind,
    /// In how many runs.
    pub runs: u64,
    /// The lowest seed.
    pub seed: Option<Seed>,
}

impl From<&SweepReport> for Comparison {
    fn from(report: &SweepReport) -> Comparison {
        let harvest = &report.harvest;
        let costs = &harvest.costs;
        let promised = harvest.properties.iter().filter(|tally| tally.property.kind != PropertyKind::Correctness);
        let violations = promised.filter(|tally| tally.violated > 0).map(|tally| Violation {
            property: tally.property.name,
            kind: tally.property.kind,
            runs: tally.violated,
            seed: tally.lowest,
        });
        let promises = report.summary.promises.iter();
        let unpromised = promises.filter(|promise| promise.tolerance == Tolerance::OutOfScope);
        Comparison {
            name: report.summary.name.clone(),
            team: report.summary.team.clone(),
            seeds: report.seeds.to_string(),
            violated: Share::of(harvest.unsafe_runs, harvest.runs),
            stalled: Share::of(harvest.stalled_runs, harvest.runs),
            late: Share::of(harvest.runs.saturating_sub(harvest.latencies.within(PATIENCE)), harvest.runs),
            crashed: Share::of(harvest.crashed, harvest.runs),
            correct: Share::of(harvest.figures.correct, harvest.figures.decisions),
            latency_p50: Estimate::quantile(&harvest.latencies, 50),
            latency_p99: Estimate::quantile(&harvest.latencies, 99),
            latency_mean: Estimate::per_decision(costs, costs.nanos, 1e9),
            messages: Estimate::per_decision(costs, costs.messages, 1.0),
            model_calls: Estimate::per_decision(costs, costs.model_calls, 1.0),
            tokens: Estimate::per_decision(costs, costs.tokens, 1.0),
            dollars: Estimate::per_decision(costs, costs.micros, 1e6),
            elections: Estimate::per_decision(costs, costs.elections, 1.0),
            violations: violations.collect(),
            faults: harvest.ledger.total(),
            unpromised: unpromised.map(|promise| promise.kind).collect(),
        }
    }
}

impl Comparison {
    /// The table of several comparisons: each figure above its interval.
    #[must_use]
    pub fn table(comparisons: &[Comparison]) -> String {
        let column = |heading, align, most| Column { heading, align, most };
        let columns = [
            column("", Align::Left, 24),
            column("unsafe runs", Align::Right, 14),
            column("stalled runs", Align::Right, 14),
            column("late runs", Align::Right, 14),
            column("correct decisions", Align::Right, 14),
            column("latency p50, s", Align::Right, 14),
            column("latency p99, s", Align::Right, 14),
            column("messages", Align::Right, 16),
            column("model calls", Align::Right, 14),
            column("tokens", Align::Right, 16),
            column("cost, ¢", Align::Right, 14),
        ];
        let rows: Vec<Vec<String>> = comparisons.iter().map(Comparison::cells).collect();
        let note = format!(
            "each figure above its 95 % interval; late: nobody decided within {PATIENCE} of the request; latency is \
             virtual,\nand messages (heartbeats of a whole run among them), model calls, tokens and cost are per \
             decision\n"
        );
        lay_out(&columns, &rows) + &note
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            percent(self.violated),
            percent(self.stalled),
            percent(self.late),
            percent(self.correct),
            number(self.latency_p50, 2),
            number(self.latency_p99, 1),
            number(self.messages, 1),
            number(self.model_calls, 2),
            number(self.tokens, 0),
            number(self.cents(), 2),
        ]
    }

    /// People read decisions that cost cents in cents.
    fn cents(&self) -> Option<Estimate> {
        self.dollars.map(|dollars| dollars.times(100.0))
    }

    /// Every figure with its unit, shares in percent.
    pub(super) fn figures(&self) -> [(&'static str, Option<Estimate>); 12] {
        [
            ("unsafe runs, %", self.violated.map(Estimate::from)),
            ("stalled runs, %", self.stalled.map(Estimate::from)),
            ("late or no decision, %", self.late.map(Estimate::from)),
            ("correct decisions, %", self.correct.map(Estimate::from)),
            ("latency p50, s", self.latency_p50),
            ("latency p99, s", self.latency_p99),
            ("latency mean, s", self.latency_mean),
            ("messages", self.messages),
            ("model calls", self.model_calls),
            ("tokens", self.tokens),
            ("cost, ¢", self.cents()),
            ("elections", self.elections),
        ]
    }

    /// What teams were put into.
    #[must_use]
    pub fn setting(setting: &Setting) -> String {
        format!("{}; {}", Comparison::common(setting), setting.trouble)
    }

    /// The same without what goes wrong.
    #[must_use]
    pub fn common(setting: &Setting) -> String {
        let Setting { agents, models, task, profile, safety, bound, .. } = setting;
        let (name, wrong) = (profile.name, profile.wrong);
        format!(
            "{agents} agents, {models} models ({name}, wrong {wrong}), task {}, one decision a seed; faults end after \
             {safety}, no decision {bound} later is a stall",
            task.name
        )
    }

    /// Under which of these kinds each team promises nothing, and which of its promises it broke with which seed.
    #[must_use]
    pub fn notes(comparisons: &[Comparison], met: &[Kind]) -> String {
        let mut text = String::new();
        for comparison in comparisons {
            let name = &comparison.name;
            for violation in &comparison.violations {
                let Violation { property, runs, seed, .. } = violation;
                let first = seed.map(|seed| format!(", first with seed {seed}")).unwrap_or_default();
                text.push_str(&format!("{name}: {property} violated in {runs} runs{first}\n"));
            }
            let beyond: Vec<&str> =
                comparison.unpromised.iter().filter(|kind| met.contains(kind)).map(|kind| kind.name()).collect();
            if !beyond.is_empty() {
                let (count, of) = (beyond.len(), met.len());
                text.push_str(&format!(
                    "{name}: met {count} of {of} kinds beyond its promises: {}\n",
                    beyond.join(", ")
                ));
            }
        }
        text
    }
}

/// A share in percent above its interval.
pub(super) fn percent(share: Option<Share>) -> String {
    let percent = |part: f64| format!("{:.1}", part * 100.0);
    share.map_or_else(
        || decimal(None),
        |share| format!("{}%\n[{},\u{a0}{}]", percent(share.share), percent(share.least), percent(share.most)),
    )
}

/// A number above its interval.
pub(super) fn number(estimate: Option<Estimate>, decimals: usize) -> String {
    let end = |end: Option<f64>| end.map_or_else(|| "?".to_owned(), |end| format!("{end:.decimals$}"));
    estimate.map_or_else(
        || decimal(None),
        |Estimate { value, least, most }| format!("{value:.decimals$}\n[{},\u{a0}{}]", end(least), end(most)),
    )
}
