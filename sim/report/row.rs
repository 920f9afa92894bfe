//! One scenario's line of a sweep's table, as values: the text and the JSON are both made from it.

use super::interval::Estimate;
use super::number::quotient;
use crate::explore::{Gap, Group, Harvest, Met, NotReproducible, PropertyTally, Strategy, SweepReport, Yield};
use crate::fault::{Ledger, Tally};
use crate::scenario::{Exercised, Expectation, Promise, Summary, UNTITLED};
use crate::seed::Seed;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a sweep's table says of one scenario.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The scenario.
    pub scenario: String,
    /// The protocol or pattern of its team.
    pub team: String,
    /// How many agents.
    pub agents: u16,
    /// The task they decide about.
    pub task: String,
    /// What is expected.
    pub expectation: Expectation,
    /// Whether the expectation was met.
    pub met: Met,
    /// The exit code of the plain verdict.
    pub exit_code: u8,
    /// Where it ran.
    pub host: String,
    /// The range of seeds.
    pub seeds: String,
    /// How many seeds were run.
    pub seeds_run: u64,
    /// One tally for each property.
    pub properties: Vec<PropertyTally>,
    /// What its team promises under each kind of fault.
    pub promises: Vec<Promise>,
    /// What keeps it from being evidence.
    pub gaps: Vec<Gap>,
    /// Slots decided.
    pub decisions: u64,
    /// Of those, how many matched the truth.
    pub correct: u64,
    /// The share of correct decisions; none without decisions, or if there is no truth about them.
    pub correct_share: Option<f64>,
    /// Costs of a decision.
    pub per_decision: PerDecision,
    /// Faults planned, fired and felt.
    pub faults: Tally,
    /// The same by kind.
    pub faults_by_kind: Ledger,
    /// What its runs exercised.
    pub exercised: Exercised,
    /// How many ways in which runs were unlike each other, and the last seed that showed a new one.
    pub likenesses: u64,
    /// See `likenesses`.
    pub last_new_seed: Option<Seed>,
    /// What each strategy gave.
    pub strategies: BTreeMap<Strategy, Yield>,
    /// Seeds that failed.
    pub failed: u64,
    /// Seeds that crashed.
    pub crashed: u64,
    /// The lowest seed that failed.
    pub lowest_failing_seed: Option<Seed>,
    /// The lowest seed that violated safety.
    pub lowest_unsafe_seed: Option<Seed>,
    /// Seeds per second on the wall.
    pub seeds_per_second: f64,
    /// Failures by property and shape, each with its lowest seed and witness.
    pub failures: Vec<Group>,
    /// Failures of shapes beyond those kept.
    pub failures_beyond: u64,
    /// Seeds that gave two different runs.
    pub not_reproducible: Vec<NotReproducible>,
}

/// What one decision costs; none without decisions.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct PerDecision {
    /// Messages between nodes.
    pub messages: Option<f64>,
    /// Calls to models.
    pub model_calls: Option<f64>,
    /// Tokens read and written.
    pub tokens: Option<f64>,
    /// Dollars.
    pub dollars: Option<f64>,
    /// Virtual seconds from a slot's invocation to its first decision.
    pub virtual_seconds: Option<f64>,
    /// The same, not exceeded by half of all decisions.
    pub virtual_seconds_p50: Option<f64>,
    /// The same, not exceeded by 99 of 100 decisions.
    pub virtual_seconds_p99: Option<f64>,
}

impl From<&SweepReport> for Row {
    fn from(report: &SweepReport) -> Row {
        let Summary { name, team, agents, task, expectation, promises, .. } = report.summary.clone();
        let harvest = &report.harvest;
        let has_truth = task != UNTITLED;
        Row {
            scenario: name,
            team,
            agents,
            task,
            expectation,
            met: report.met(),
            exit_code: report.exit().code(),
            host: report.host.to_owned(),
            seeds: report.seeds.to_string(),
            seeds_run: harvest.runs,
            properties: harvest.properties.clone(),
            promises,
            gaps: report.gaps(),
            decisions: harvest.figures.decisions,
            correct: harvest.figures.correct,
            correct_share: quotient(harvest.figures.correct, harvest.figures.decisions).filter(|_| has_truth),
            per_decision: PerDecision::of(harvest),
            faults: harvest.ledger.total(),
            faults_by_kind: harvest.ledger.clone(),
            exercised: harvest.exercised.clone(),
            likenesses: harvest.coverage.len(),
            last_new_seed: harvest.coverage.last_new(),
            strategies: harvest.strategies.clone(),
            failed: harvest.failed,
            crashed: harvest.crashed,
            lowest_failing_seed: harvest.lowest_failing,
            lowest_unsafe_seed: harvest.lowest_unsafe,
            seeds_per_second: report.seeds_per_second(),
            failures: harvest.failures.groups().to_vec(),
            failures_beyond: harvest.failures.beyond(),
            not_reproducible: report.not_reproducible.clone(),
        }
    }
}

impl PerDecision {
    pub(super) fn of(harvest: &Harvest) -> PerDecision {
        let figures = harvest.figures;
        let seconds = |nanos: f64| nanos / 1e9;
        let quantile = |percent| Estimate::quantile(&harvest.latencies, percent).map(|estimate| estimate.value);
        let spent = figures.spending;
        let dollars = |micros: f64| micros / 1e6;
        PerDecision {
            messages: quotient(figures.messages, figures.decisions),
            model_calls: quotient(figures.model_calls, figures.decisions),
            tokens: quotient(spent.input_tokens + spent.output_tokens, figures.decisions),
            dollars: quotient(spent.cost.0, figures.decisions).map(dollars),
            virtual_seconds: quotient(figures.decision_time.as_nanos(), figures.decisions).map(seconds),
            virtual_seconds_p50: quantile(50),
            virtual_seconds_p99: quantile(99),
        }
    }
}
