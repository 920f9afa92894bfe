//! Versions of one scenario side by side on the same seeds: what the better ones keep, and what they cost for it.

use super::columns::{Align, Column, lay_out};
use super::compare::{number, percent};
use super::interval::{Estimate, Share};
use crate::check::PropertyKind;
use crate::explore::{Latencies, SweepReport};
use crate::scenario::{Pairing, UNTITLED};
use crate::seed::Seed;
use serde::Serialize;

/// One matter in its versions, the usual one first.
#[derive(Clone, Debug, Serialize)]
pub struct Versions {
    /// What it goes by.
    pub name: String,
    /// The range of seeds.
    pub seeds: String,
    /// What is timed in all versions.
    pub timed: Timed,
    /// Every version.
    pub versions: Vec<Version>,
}

/// What a version's latency is the latency of: the first of these that every version of a matter has. Retries are the
/// means and no work, so a call is none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Timed {
    /// A piece of work, from its undertaking to its conclusion.
    Work,
    /// A client's request for a decision, from the first time it is made until some client hears of the decision.
    Request,
    /// A decision of agents that nobody asks for, from the start on.
    Decision,
}

/// What one version gave. Costs are of one run, each with its 95 % interval.
#[derive(Clone, Debug, Serialize)]
pub struct Version {
    /// Its scenario.
    pub scenario: String,
    /// Runs that violated a property.
    pub failed: Option<Share>,
    /// Which properties were violated, in how many runs, and with which lowest seed.
    pub violated: Vec<Broken>,
    /// Decisions that matched the truth; none if there is no truth.
    pub correct: Option<Share>,
    /// Tokens read and written.
    pub tokens: Option<Estimate>,
    /// Dollars.
    pub dollars: Option<Estimate>,
    /// Calls to models.
    pub model_calls: Option<Estimate>,
    /// Calls of tools.
    pub tool_calls: Option<Estimate>,
    /// Messages between nodes.
    pub messages: Option<Estimate>,
    /// Of what was begun, how much never came to an end.
    pub unfinished: Option<Share>,
    /// Of what was begun, how much ended with something missing, and was said to.
    pub partial: Option<Share>,
    /// Virtual seconds that half of what is timed does not exceed; none if half of it never came to an end. Its
    /// interval takes what is timed in one run for independent; where it is not, the true one is wider.
    pub latency_p50: Option<Estimate>,
    /// The same for 99 of 100.
    pub latency_p99: Option<Estimate>,
    /// What it costs more than the usual version, on average; none of the usual version itself.
    pub price: Option<Price>,
}

/// How much more a version costs than the usual one.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Price {
    /// Tokens.
    pub tokens: Option<Estimate>,
    /// Dollars.
    pub dollars: Option<Estimate>,
    /// Calls of models and of tools.
    pub model_calls: Option<Estimate>,
    /// Calls of tools.
    pub tool_calls: Option<Estimate>,
    /// Seconds of the median latency.
    pub latency_p50: Option<Estimate>,
    /// Seconds of the 99th percentile.
    pub latency_p99: Option<Estimate>,
}

/// A property that some run violated.
#[derive(Clone, Debug, Serialize)]
pub struct Broken {
    /// Its name.
    pub property: &'static str,
    /// In how many runs.
    pub runs: u64,
    /// The lowest seed.
    pub seed: Option<Seed>,
}

impl Versions {
    /// What the sweeps of a matter's versions gave, in the pairing's order.
    #[must_use]
    pub fn of(pairing: &Pairing, reports: &[&SweepReport]) -> Versions {
        let all_have = |timed: &Timed| reports.iter().all(|report| timed.begun(report) > 0);
        let timed = [Timed::Work, Timed::Request].into_iter().find(all_have).unwrap_or(Timed::Decision);
        let mut versions: Vec<Version> = reports.iter().map(|report| Version::of(report, timed)).collect();
        if let Some((usual, better)) = versions.split_first_mut() {
            better.iter_mut().for_each(|version| version.price = Some(version.price_over(usual)));
        }
        let seeds = reports.first().map(|report| report.seeds.to_string()).unwrap_or_default();
        Versions { name: pairing.name().to_owned(), seeds, timed, versions }
    }

    /// One table of all these: each figure above its interval, and below each better version what it costs more.
    #[must_use]
    pub fn table(all: &[Versions]) -> String {
        let column = |heading, align, most| Column { heading, align, most };
        let columns = [
            column("", Align::Left, 26),
            column("failed runs", Align::Right, 14),
            column("correct", Align::Right, 14),
            column("tokens", Align::Right, 16),
            column("cost, ¢", Align::Right, 14),
            column("model calls", Align::Right, 14),
            column("tool calls", Align::Right, 16),
            column("p50, s", Align::Right, 16),
            column("p99, s", Align::Right, 16),
            column("of a", Align::Left, 8),
            column("unfinished", Align::Right, 12),
            column("in part", Align::Right, 12),
        ];
        let rows: Vec<Vec<String>> = all.iter().flat_map(Versions::rows).collect();
        lay_out(&columns, &rows)
            + "each figure above its 95 % interval; tokens, cost and calls are of one run, latency is virtual and of\n\
               one piece of work, request or decision; what never came to an end counts as later than all else;\n\
               below each better version: how much more it costs than the usual one\n"
    }

    /// Which properties each version violated, with the lowest seed.
    #[must_use]
    pub fn notes(all: &[Versions]) -> String {
        let versions = all.iter().flat_map(|versions| &versions.versions);
        let line = |version: &Version, Broken { property, runs, seed }: &Broken| {
            let first = seed.map(|seed| format!(", first with seed {seed}")).unwrap_or_default();
            format!("{}: {property} violated in {runs} runs{first}\n", version.scenario)
        };
        versions.flat_map(|version| version.violated.iter().map(move |broken| line(version, broken))).collect()
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let timed = match self.timed {
            Timed::Work => "work",
            Timed::Request => "request",
            Timed::Decision => "decision",
        };
        let with_price = |version: &Version| {
            let own = version.cells(timed);
            std::iter::once(own).chain(version.price.as_ref().map(Price::cells)).collect::<Vec<_>>()
        };
        self.versions.iter().flat_map(with_price).collect()
    }
}

impl Timed {
    const fn spans(self, report: &SweepReport) -> &Latencies {
        match self {
            Timed::Work => &report.harvest.labour.works,
            Timed::Request => &report.harvest.labour.requests,
            Timed::Decision => &report.harvest.latencies,
        }
    }

    /// How much never came to an end. Of decisions, nobody counts those that were never made.
    const fn endless(self, report: &SweepReport) -> u64 {
        match self {
            Timed::Work => report.harvest.labour.unfinished,
            Timed::Request => report.harvest.labour.unheard,
            Timed::Decision => 0,
        }
    }

    const fn begun(self, report: &SweepReport) -> u64 {
        self.spans(report).count() + self.endless(report)
    }
}

impl Version {
    fn of(report: &SweepReport, timed: Timed) -> Version {
        let harvest = &report.harvest;
        let per_run = |cost, unit| Estimate::per_run(harvest.runs, cost, unit);
        let promised = harvest.properties.iter().filter(|tally| tally.property.kind != PropertyKind::Correctness);
        let violated = promised.filter(|tally| tally.violated > 0).map(|tally| Broken {
            property: tally.property.name,
            runs: tally.violated,
            seed: tally.lowest,
        });
        let costs = &harvest.costs;
        let endless = timed.endless(report);
        let quantile = |percent| Estimate::quantile_beside(timed.spans(report), endless, percent);
        let of_begun = |count| Share::of(count, timed.begun(report)).filter(|_| timed != Timed::Decision);
        let has_truth = report.summary.task != UNTITLED;
        Version {
            scenario: report.summary.name.clone(),
            failed: Share::of(harvest.failed, harvest.runs),
            violated: violated.collect(),
            correct: Share::of(harvest.figures.correct, harvest.figures.decisions).filter(|_| has_truth),
            tokens: per_run(costs.tokens, 1.0),
            dollars: per_run(costs.micros, 1e6),
            model_calls: per_run(costs.model_calls, 1.0),
            tool_calls: per_run(harvest.labour.tool_calls, 1.0),
            messages: per_run(costs.messages, 1.0),
            unfinished: of_begun(endless),
            partial: of_begun(harvest.labour.partial).filter(|_| timed == Timed::Work),
            latency_p50: quantile(50),
            latency_p99: quantile(99),
            price: None,
        }
    }

    fn price_over(&self, usual: &Version) -> Price {
        let more = |own: Option<Estimate>, theirs: Option<Estimate>| Some(own?.minus(&theirs?));
        Price {
            tokens: more(self.tokens, usual.tokens),
            dollars: more(self.dollars, usual.dollars),
            model_calls: more(self.model_calls, usual.model_calls),
            tool_calls: more(self.tool_calls, usual.tool_calls),
            latency_p50: more(self.latency_p50, usual.latency_p50),
            latency_p99: more(self.latency_p99, usual.latency_p99),
        }
    }

    /// A span above its interval; of what mostly never ends there is none.
    fn span(&self, span: Option<Estimate>, decimals: usize) -> String {
        let endless = span.is_none() && self.unfinished.is_some_and(|share| share.count > 0);
        if endless { "never".to_owned() } else { number(span, decimals) }
    }

    fn cells(&self, timed: &str) -> Vec<String> {
        vec![
            self.scenario.clone(),
            percent(self.failed),
            percent(self.correct),
            number(self.tokens, 0),
            number(self.dollars.map(cents), 2),
            number(self.model_calls, 2),
            number(self.tool_calls, 1),
            self.span(self.latency_p50, 2),
            self.span(self.latency_p99, 1),
            timed.to_owned(),
            percent(self.unfinished),
            percent(self.partial),
        ]
    }
}

impl Price {
    fn cells(&self) -> Vec<String> {
        vec![
            "↳ more than usual".to_owned(),
            String::new(),
            String::new(),
            number(self.tokens, 0),
            number(self.dollars.map(cents), 2),
            number(self.model_calls, 2),
            number(self.tool_calls, 1),
            number(self.latency_p50, 2),
            number(self.latency_p99, 1),
            String::new(),
            String::new(),
            String::new(),
        ]
    }
}

/// People read runs that cost cents in cents.
fn cents(dollars: Estimate) -> Estimate {
    dollars.times(100.0)
}
