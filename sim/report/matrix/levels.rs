//! The strongest level that held on every run: as checked, not as promised.

use super::seen::Seen;
use serde::Serialize;

/// What a store gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreLevel {
    /// Not even that all replicas end alike.
    Nothing,
    /// All replicas end alike.
    Eventual,
    /// Causal consistency with the four session guarantees, and all replicas end alike.
    Causal,
    /// The same, and concurrent writes are ordered alike everywhere.
    CausalConvergent,
    /// As if there were one copy.
    Linearizable,
}

/// What a channel gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterLevel {
    /// No order.
    Unordered,
    /// Each sender's order.
    Fifo,
    /// Causal order.
    Causal,
    /// One order for all, which is causal.
    Total,
}

const SESSIONS: [&str; 5] =
    ["causal_consistency", "read_your_writes", "monotonic_reads", "monotonic_writes", "writes_follow_reads"];

impl StoreLevel {
    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            StoreLevel::Nothing => "nothing",
            StoreLevel::Eventual => "eventual",
            StoreLevel::Causal => "causal",
            StoreLevel::CausalConvergent => "causal+",
            StoreLevel::Linearizable => "linearizable",
        }
    }

    /// The strongest that held on each of these runs. What a checker gave up on or had nothing of to judge did not
    /// hold, and a run that crashed holds nothing.
    #[must_use]
    pub fn of(runs: &[Seen]) -> StoreLevel {
        let converges = held(runs, &["eventual_convergence"]);
        let causal = converges && held(runs, &SESSIONS);
        let levels = [
            (held(runs, &["linearizable"]), StoreLevel::Linearizable),
            (causal && held(runs, &["causal_convergence"]), StoreLevel::CausalConvergent),
            (causal, StoreLevel::Causal),
            (converges, StoreLevel::Eventual),
        ];
        levels.into_iter().find(|(held, _)| *held).map_or(StoreLevel::Nothing, |(_, level)| level)
    }
}

impl LetterLevel {
    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            LetterLevel::Unordered => "unordered",
            LetterLevel::Fifo => "fifo",
            LetterLevel::Causal => "causal",
            LetterLevel::Total => "total",
        }
    }

    /// The strongest that held on each of these runs.
    #[must_use]
    pub fn of(runs: &[Seen]) -> LetterLevel {
        let fifo = held(runs, &["fifo_delivery"]);
        let causal = fifo && held(runs, &["causal_delivery"]);
        match (fifo, causal, causal && held(runs, &["total_order"])) {
            (_, _, true) => LetterLevel::Total,
            (_, true, _) => LetterLevel::Causal,
            (true, ..) => LetterLevel::Fifo,
            _ => LetterLevel::Unordered,
        }
    }
}

fn held(runs: &[Seen], properties: &[&str]) -> bool {
    let holds = |run: &Seen| properties.iter().all(|name| run.held.contains(name));
    runs.iter().all(holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::matrix::seen::Ending;
    use std::collections::BTreeSet;

    /// A run that violated these and holds all others.
    fn run(violated: &[&'static str]) -> Seen {
        let violated: BTreeSet<&'static str> = violated.iter().copied().collect();
        let others = ["linearizable", "causal_convergence", "eventual_convergence", "fifo_delivery"].into_iter();
        let others = others.chain(["causal_delivery", "total_order"]).chain(SESSIONS);
        Seen {
            held: others.filter(|name| !violated.contains(name)).collect(),
            violated,
            ending: Ending::Right,
            operations: 1,
            waited: crate::time::Duration::ZERO,
            messages: 0,
            words: 0,
        }
    }

    #[test]
    fn one_run_takes_a_level_away() {
        assert_eq!(StoreLevel::of(&[run(&[])]), StoreLevel::Linearizable);
        assert_eq!(StoreLevel::of(&[run(&[]), run(&["linearizable"])]), StoreLevel::CausalConvergent);
        let sessions = run(&["linearizable", "monotonic_reads"]);
        assert_eq!(StoreLevel::of(&[run(&[]), sessions]), StoreLevel::Eventual);
        assert_eq!(StoreLevel::of(&[run(&["linearizable", "eventual_convergence"])]), StoreLevel::Nothing);
        let mut undecided = run(&[]);
        undecided.held.remove("linearizable");
        assert_eq!(StoreLevel::of(&[undecided]), StoreLevel::CausalConvergent);
        let crashed = Seen { held: BTreeSet::new(), ending: Ending::Crashed, ..run(&[]) };
        assert_eq!(StoreLevel::of(&[run(&[]), crashed.clone()]), StoreLevel::Nothing);
        assert_eq!(LetterLevel::of(&[run(&[]), crashed]), LetterLevel::Unordered);
        assert_eq!(LetterLevel::of(&[run(&["total_order"])]), LetterLevel::Causal);
        assert_eq!(LetterLevel::of(&[run(&["causal_delivery", "total_order"])]), LetterLevel::Fifo);
    }
}
