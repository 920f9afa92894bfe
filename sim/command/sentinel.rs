//! The determinism sentinel: a share of every sweep is run again in another process, and whatever differs there is
//! compared event by event. Knows command lines and their output; a process is started by whoever implements
//! [`Elsewhere`].

use super::Stage;
use super::arguments::{Run, threads};
use crate::explore::{Divergence, NotReproducible, Seeds, Strategy, SweepReport, digests, perform};
use crate::report;
use crate::scenario::Runnable;
use crate::seed::Seed;
use crate::trace::Detail;
use serde::Serialize;
use serde_json::Value;
use std::process::{Command, Stdio};

/// One seed in so many is run again: costs under 4 % of a sweep, and a run that depends on its process differs on
/// nearly every seed.
const SHARE: u64 = 64;
/// Seeds at most: more of them would find nothing that these do not.
const MOST: u64 = 64;

/// Another process of the same command.
pub(super) trait Elsewhere: Sync {
    /// What the command prints there when it is given these words.
    fn ask(&self, words: &[String]) -> Result<String, String>;
}

/// The running executable, started once more.
pub(super) struct OtherProcess;

impl Elsewhere for OtherProcess {
    fn ask(&self, words: &[String]) -> Result<String, String> {
        let this = std::env::current_exe().map_err(|error| error.to_string())?;
        let output = Command::new(this).args(words).stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
        String::from_utf8(output.stdout).map_err(|error| error.to_string())
    }
}

/// What the sentinel saw of one sweep.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Watched {
    /// How many seeds were run again in another process.
    pub(super) seeds: u64,
    /// Why none was, if the process could not be asked.
    pub(super) failed: Option<String>,
    #[serde(skip)]
    pub(super) strays: Vec<NotReproducible>,
}

/// Runs a share of a sweep again elsewhere, and adds what differs to its report.
pub(super) fn watch(
    stage: &Stage<'_>,
    scenario: &dyn Runnable,
    report: &mut SweepReport,
    options: &Run,
) -> Option<Watched> {
    let (jobs, strategy) = (threads(options.jobs), options.strategy);
    let elsewhere = stage.elsewhere?;
    let summary = scenario.summary();
    let attempt = |seed| strategy.first(seed, &summary);
    let name = &summary.name;
    let seeds = share(&report.seeds);
    let mut here: Vec<String> = Vec::new();
    digests(scenario, stage.host, &seeds, attempt, jobs, |seed, digest| {
        let digest = digest.map_or_else(|_| "crashed".to_owned(), |digest| format!("{digest:016x}"));
        here.push(format!("{name} {seed} {digest}"));
    });
    let (range, threads) = (seeds.to_string(), jobs.to_string());
    let words = ["digest", name, "--seeds", &range, "--jobs", &threads, "--strategy", strategy.name()];
    let words = words.map(str::to_owned);
    let there = match elsewhere.ask(&words) {
        Ok(there) => there,
        Err(failed) => return Some(Watched { seeds: 0, failed: Some(failed), strays: Vec::new() }),
    };
    let there: Vec<&str> = there.lines().collect();
    let differs = (0..here.len()).find(|place| there.get(*place) != Some(&here[*place].as_str()));
    let stray = differs.map(|place| Seed(seeds.range().start + place as u64));
    let strays: Vec<NotReproducible> =
        stray.into_iter().map(|seed| parted(stage, elsewhere, scenario, strategy, seed)).collect();
    report.not_reproducible.extend(strays.clone());
    Some(Watched { seeds: seeds.len(), failed: None, strays })
}

/// From the middle of a sweep: neither the seeds that everyone tries first nor those that nobody reaches.
fn share(seeds: &Seeds) -> Seeds {
    let count = (seeds.len() / SHARE).clamp(1, MOST);
    let first = seeds.range().start + (seeds.len() - count) / 2;
    Seeds::new(first..first + count).expect("at least one seed")
}

/// Where the run of a seed parts from that of another process, event by event.
fn parted(
    stage: &Stage<'_>,
    elsewhere: &dyn Elsewhere,
    scenario: &dyn Runnable,
    strategy: Strategy,
    seed: Seed,
) -> NotReproducible {
    let summary = scenario.summary();
    let attempt = strategy.first(seed, &summary);
    let job = attempt.job().detailed(Detail::Full);
    let name = summary.name;
    let words = ["replay", &name, "--seed", &seed.to_string(), "--view", "jsonl", "--strategy", attempt.by.name()];
    let words = words.map(str::to_owned);
    let divergence = match (perform(scenario, stage.host, &job), elsewhere.ask(&words)) {
        (Err(escape), _) => Divergence::Panic(escape.what),
        (_, Err(failed)) => Divergence::Panic(format!("in the other process: {failed}")),
        (Ok(run), Ok(there)) => {
            let here = report::jsonl(&run);
            let (here, there): (Vec<&str>, Vec<&str>) = (here.lines().collect(), there.lines().collect());
            let place = (0..here.len().max(there.len())).find(|place| here.get(*place) != there.get(*place));
            place.map_or(Divergence::Judgement, |place| Divergence::Record {
                place,
                once: here.get(place).map(|line| told(line)),
                again: there.get(place).map(|line| told(line)),
            })
        }
    };
    NotReproducible { scenario: name, seed, divergence }
}

/// A record's line of JSON for people.
fn told(line: &str) -> String {
    let Ok(record) = serde_json::from_str::<Value>(line) else { return line.to_owned() };
    let text = |field: &str| record[field].as_str().map_or_else(|| record[field].to_string(), str::to_owned);
    format!("{} ns  {}  {}: {}", text("at"), text("node"), text("happening"), text("text"))
}

/// One line for all sweeps together.
pub(super) fn summary(watched: &[Watched], runs: u64) -> String {
    if let Some(failed) = watched.iter().find_map(|watched| watched.failed.as_ref()) {
        return format!("determinism: no other process could be asked ({failed})");
    }
    let seeds: u64 = watched.iter().map(|watched| watched.seeds).sum();
    let strays: usize = watched.iter().map(|watched| watched.strays.len()).sum();
    let result = if strays == 0 { "every event the same" } else { "NOT the same" };
    format!("determinism: {seeds} of {runs} seeds run again in another process, {result}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_lies_within_the_sweep() {
        for range in [0..1, 5..6, 0..64, 10..1_000, 0..1_000_000] {
            let seeds = Seeds::new(range.clone()).expect("a range");
            let share = share(&seeds).range();
            assert!(share.start >= range.start && share.end <= range.end && !share.is_empty(), "{range:?}: {share:?}");
        }
        assert_eq!(share(&Seeds::new(0..1_000).expect("a range")).len(), 15);
    }
}
