//! Does a seed give the same run again? And if not, where do the runs part? Knows digests and records only.

use super::Host;
use super::harvest::Suspect;
use super::perform::{Outcome, perform_freshly};
use crate::scenario::{Run, Runnable};
use crate::seed::Seed;
use crate::trace::Detail;
use serde::Serialize;
use std::fmt;

/// A seed that gave two different runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotReproducible {
    /// The scenario.
    pub scenario: String,
    /// The seed.
    pub seed: Seed,
    /// Where the runs parted.
    pub divergence: Divergence,
}

/// How two runs of one seed differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Divergence {
    /// They recorded different things at this place first.
    Record {
        /// The place in the trace.
        place: usize,
        /// What one run has there; `None` if it had ended.
        once: Option<String>,
        /// What the other has there.
        again: Option<String>,
    },
    /// The same was recorded, but verdicts or figures differ: a checker is not a pure function of the history.
    Judgement,
    /// Two runs on new threads agree, the sweep's run differs: the run depends on what its thread did before.
    Thread,
    /// One of them panicked and left nothing to compare.
    Panic(String),
}

/// The digest by which two outcomes are compared: a run's, or that of what a panic said.
pub(super) fn digest(outcome: &Outcome) -> Result<u64, String> {
    outcome.as_ref().map(|run| run.digest).map_err(|escape| escape.what.clone())
}

/// Runs a seed twice, each time on a new thread and with every text kept, and finds where the runs part.
pub(super) fn diagnose(scenario: &dyn Runnable, host: &dyn Host, stray: &Suspect) -> NotReproducible {
    let job = stray.attempt.job().detailed(Detail::Full);
    let again = || perform_freshly(scenario, host, &job);
    let divergence = match (again(), again()) {
        (Ok(once), Ok(again)) => Divergence::between(&once, &again).unwrap_or(Divergence::Thread),
        (Err(escape), _) | (_, Err(escape)) => Divergence::Panic(escape.what),
    };
    NotReproducible { scenario: scenario.summary().name, seed: stray.seed, divergence }
}

impl Divergence {
    /// Where two runs part, if they do. Records are compared as far as both were kept.
    #[must_use]
    pub fn between(once: &Run, again: &Run) -> Option<Divergence> {
        let parting = once.trace.first_difference(&again.trace);
        let of_records =
            |place| Divergence::Record { place, once: once.trace.line(place), again: again.trace.line(place) };
        parting.map(of_records).or((once.digest != again.digest).then_some(Divergence::Judgement))
    }
}

impl fmt::Display for NotReproducible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NotReproducible { scenario, seed, divergence } = self;
        writeln!(
            f,
            "NOT REPRODUCIBLE: {scenario}, seed {seed}, gave two different runs. No verdict of it can be trusted."
        )?;
        match divergence {
            Divergence::Record { place, once, again } => {
                let end = "nothing: the run had ended";
                writeln!(f, "  They part at record {place}:")?;
                writeln!(f, "    once   {}", once.as_deref().unwrap_or(end))?;
                writeln!(f, "    again  {}", again.as_deref().unwrap_or(end))?;
            }
            Divergence::Judgement => {
                writeln!(f, "  Their traces agree; verdicts or figures do not: look at the checkers.")?
            }
            Divergence::Thread => {
                writeln!(f, "  Two runs on new threads agree, so it depends on what ran on the thread before it.")?;
            }
            Divergence::Panic(what) => writeln!(f, "  At least one of them panicked: {what}")?,
        }
        write!(f, "{CAUSES}")
    }
}

/// What makes runs differ, the likeliest first.
const CAUSES: &str = "  Usual causes, and what to do:
    the order of a HashMap or HashSet   use BTreeMap or BTreeSet
    the wall clock                      ask the agent's clock: agent.now()
    tokio::select! without `biased;`    add `biased;` as its first line, or join the futures
    threads, statics, thread-locals     keep state in the agent; a run must be a pure function of its seed";
