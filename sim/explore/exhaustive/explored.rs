//! What a search came to: how much there was, what was left out, and the shortest way to a violation. Searches nothing.

use crate::check::Verdict;
use serde::Serialize;
use std::fmt;

/// What a search came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explored {
    /// Different states that were reached.
    pub states: u64,
    /// Actions that were tried, each in its state.
    pub transitions: u64,
    /// Those of them that only lost a message or spent a part of a bound: what may come after one may come without it, so
    /// no state was made of it.
    pub idle: u64,
    /// Actions of the longest way that was needed to reach a new state; to a violation, of the shortest.
    pub depth: u32,
    /// What the bounds left out.
    pub pruned: Pruned,
    /// The bounds in words.
    pub bound: String,
    /// How much each checker saw.
    pub watched: Vec<Watched>,
    /// Whether the properties hold within the bounds. `Holds` counts the states in which the checker that saw least had
    /// seen something it judges.
    pub verdict: Verdict,
    /// The shortest way to a violation, or to a panic; empty if there is none.
    pub path: Vec<Move>,
}

/// What the bounds left out, by bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// Timers that did not fire.
    pub timers: u64,
    /// Crashes that did not happen.
    pub crashes: u64,
    /// Messages that did not come twice.
    pub duplicates: u64,
    /// Messages that were not sent, as one alike was in flight.
    pub copies: u64,
    /// States beyond what processes may be.
    pub within: u64,
    /// States that were not gone on from, at the end of the longest ways.
    pub depth: u64,
}

/// How much a checker saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Watched {
    /// Its property.
    pub property: &'static str,
    /// In how many states it had seen something it judges.
    pub states: u64,
}

/// One action of a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Move {
    /// Which one, from 1. In the witness it is at as many seconds.
    pub number: u64,
    /// The action in words.
    pub what: String,
    /// What those it reached said of themselves or answered.
    pub told: Vec<String>,
}

impl Explored {
    /// Whether no state within the bounds violates a property, and every checker had something to judge.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(self.verdict, Verdict::Holds { judged } if judged > 0)
    }

    /// The report as one JSON document.
    ///
    /// # Panics
    /// Never: everything in a report can be written.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a report can be written")
    }
}

impl fmt::Display for Explored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Explored { states, transitions, idle, depth, pruned, bound, watched, verdict, path } = self;
        writeln!(f, "{states} states, {transitions} transitions, {idle} of them idle, depth {depth}")?;
        writeln!(f, "within {bound}")?;
        let Pruned { timers, crashes, duplicates, copies, within, depth } = pruned;
        let left_out = [
            ("timers", timers),
            ("crashes", crashes),
            ("duplicates", duplicates),
            ("copies", copies),
            ("states beyond the bound", within),
            ("states at the last depth", depth),
        ];
        let left_out: Vec<String> =
            left_out.iter().filter(|(_, count)| **count > 0).map(|(what, count)| format!("{count} {what}")).collect();
        writeln!(f, "left out: {}", if left_out.is_empty() { "nothing".to_owned() } else { left_out.join(", ") })?;
        let seen = watched.iter().map(|watched| format!("{} in {}", watched.property, watched.states));
        writeln!(f, "judged: {}", seen.collect::<Vec<_>>().join(", "))?;
        for Move { number, what, told } in path {
            writeln!(f, "{number:>4}. {what}")?;
            told.iter().try_for_each(|told| writeln!(f, "        {told}"))?;
        }
        match verdict {
            Verdict::Holds { judged: 0 } => f.write_str("not exercised: some checker saw nothing it judges"),
            Verdict::Holds { .. } => f.write_str("holds within these bounds"),
            Verdict::Violated(witness) => write!(f, "{} is violated:\n{witness}", witness.property),
            Verdict::Unknown { limit } => write!(f, "no verdict: {limit}"),
        }
    }
}
