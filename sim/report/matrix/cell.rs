//! One cell of the matrix: many runs of one pattern on one store and one channel, summed up.

use super::levels::{LetterLevel, StoreLevel};
use super::seen::{ANOMALIES, Ending, Seen};
use crate::report::interval::Share;
use crate::report::number::quotient;
use crate::scenario::{Level, Pattern, Rung, Sequence};
use serde::Serialize;

/// What a pattern got on one rung.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// The pattern.
    pub pattern: &'static str,
    /// What it was put on.
    #[serde(flatten)]
    pub rung: Rung,
    /// How many runs.
    pub runs: u64,
    /// The strongest level of the store that held on every run, as checked.
    pub store_held: Option<StoreLevel>,
    /// The strongest order of letters that held on every run, as checked.
    pub letters_held: Option<LetterLevel>,
    /// Runs whose decision was right, out of all: no decision is no right one.
    pub right: Option<Share>,
    /// Runs in which nobody decided.
    pub undecided: u64,
    /// Runs that crashed.
    pub crashed: u64,
    /// Each anomaly that came up, by the share of runs that show it.
    pub anomalies: Vec<Anomaly>,
    /// Runs that show any.
    pub anomalous: Option<Share>,
    /// Of these, the runs whose decision was wrong. That the anomaly made it wrong is not shown by that alone, only
    /// that without one no decision is: see `unexplained`.
    pub wrong_among_anomalous: Option<Share>,
    /// Runs with a wrong decision and no anomaly. Zero, or something was not looked for.
    pub unexplained: u64,
    /// Operations: calls of the store that were answered, and letters that arrived.
    pub operations: u64,
    /// Bytes among agents and replicas, for each operation.
    pub bytes: Option<f64>,
    /// Messages among them, for each operation.
    pub messages: Option<f64>,
    /// Virtual milliseconds from an operation's beginning to its end, on average.
    pub latency_ms: Option<f64>,
    /// One level more of the store.
    pub stronger_store: Option<Step>,
    /// One level more of the channel.
    pub stronger_channel: Option<Step>,
    /// From here to a causal store and a causal channel at once, where either is less; nothing if neither is.
    pub causal: Option<Step>,
}

/// An anomaly and how often it came up.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Anomaly {
    /// Its name in the literature.
    pub name: &'static str,
    /// The share of runs that show it.
    pub share: Share,
}

/// A step to another rung.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Step {
    /// How many lines of the pattern's source are other ones there, the line that names the store or channel included.
    pub lines: usize,
}

impl Cell {
    /// What these runs come to.
    #[must_use]
    pub fn of(pattern: &Pattern, rung: Rung, runs: &[Seen]) -> Cell {
        let of = runs.len() as u64;
        let count = |is_one: &dyn Fn(&&Seen) -> bool| runs.iter().filter(is_one).count() as u64;
        let ended = |ending| count(&|run: &&Seen| run.ending == ending);
        let anomalies = ANOMALIES.iter().filter_map(|kind| {
            let shown = count(&|run: &&Seen| run.shows(kind));
            Share::of(shown, of).filter(|_| shown > 0).map(|share| Anomaly { name: kind.name, share })
        });
        let anomalous = count(&|run: &&Seen| run.shows_any());
        let wrong = count(&|run: &&Seen| run.shows_any() && run.ending == Ending::Wrong);
        let sum = |part: fn(&Seen) -> u64| runs.iter().map(part).sum::<u64>();
        let operations = sum(|run| run.operations);
        let step = |to: Option<Rung>| to.map(|to| Step { lines: pattern.lines_changed(rung, to) });
        Cell {
            pattern: pattern.name(),
            rung,
            runs: of,
            store_held: rung.store.map(|_| StoreLevel::of(runs)),
            letters_held: rung.channel.map(|_| LetterLevel::of(runs)),
            right: Share::of(ended(Ending::Right), of),
            undecided: ended(Ending::None),
            crashed: ended(Ending::Crashed),
            anomalies: anomalies.collect(),
            anomalous: Share::of(anomalous, of),
            wrong_among_anomalous: Share::of(wrong, anomalous),
            unexplained: ended(Ending::Wrong) - wrong,
            operations,
            bytes: quotient(sum(|run| run.words) * 8, operations),
            messages: quotient(sum(|run| run.messages), operations),
            latency_ms: quotient(sum(|run| run.waited.0) / 1_000_000, operations),
            stronger_store: step(stronger_store(rung)),
            stronger_channel: step(stronger_channel(rung)),
            causal: step(causal(rung)),
        }
    }

    /// How often this anomaly came up.
    #[must_use]
    pub fn share_of(&self, anomaly: &str) -> Option<Share> {
        self.anomalies.iter().find(|known| known.name == anomaly).map(|known| known.share)
    }
}

/// The rung with the next store.
fn stronger_store(rung: Rung) -> Option<Rung> {
    let next = Level::ALL.into_iter().find(|level| Some(*level) > rung.store);
    rung.store.and(next).map(|level| Rung { store: Some(level), ..rung })
}

/// The causal rung above this one.
fn causal(rung: Rung) -> Option<Rung> {
    let store = rung.store.map(|store| store.max(Level::Causal));
    let channel = rung.channel.map(|channel| channel.max(Sequence::Causal));
    Some(Rung { store, channel }).filter(|causal| *causal != rung)
}

/// The rung with the next channel.
fn stronger_channel(rung: Rung) -> Option<Rung> {
    let next = Sequence::ALL.into_iter().find(|sequence| Some(*sequence) > rung.channel);
    rung.channel.and(next).map(|sequence| Rung { channel: Some(sequence), ..rung })
}
