//! Which failing run shows its failure in the least. Knows counts only.

use super::Attempt;
use super::attempt::Tried;
use crate::scenario::Run;
use crate::seed::Seed;
use serde::Serialize;
use std::cmp::Ordering;
use std::fmt;

/// The size of a failing run as a reader feels it. The least of all is the one to read first; the order does not depend
/// on how many threads found them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shortest {
    /// Events that prove it: the steps of the witness.
    pub steps: u64,
    /// Times a fault acted before the run was over.
    pub fired: u64,
    /// Events of the whole run.
    pub events: u64,
    /// The seed.
    pub seed: Seed,
    /// What was tried on it.
    pub attempt: Attempt,
}

impl Ord for Shortest {
    fn cmp(&self, other: &Shortest) -> Ordering {
        let size = |one: &Shortest| [one.steps, one.fired, one.events, one.seed.0];
        size(self).cmp(&size(other))
    }
}

impl PartialOrd for Shortest {
    fn partial_cmp(&self, other: &Shortest) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Shortest {
    /// The size of a run whose failure takes so many events to prove.
    pub(super) fn of(tried: &Tried<'_>, run: &Run, steps: usize) -> Shortest {
        let (fired, events) = (run.ledger.total().fired, run.figures.events);
        Shortest { steps: steps as u64, fired, events, seed: tried.seed, attempt: tried.attempt.clone() }
    }

    /// Of a panic that left no run: nothing can be counted but the seed.
    pub(super) fn unknown(tried: &Tried<'_>) -> Shortest {
        Shortest { steps: 0, fired: 0, events: 0, seed: tried.seed, attempt: tried.attempt.clone() }
    }
}

impl fmt::Display for Shortest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shortest { steps, fired, events, seed, attempt: _ } = self;
        let many = |count: &u64, what| if *count == 1 { format!("1 {what}") } else { format!("{count} {what}s") };
        let (steps, events) = (many(steps, "event"), many(events, "event"));
        let faults = if *fired == 0 { "no fault fired".to_owned() } else { many(fired, "strike") + " of faults" };
        write!(f, "seed {seed}, {steps} of proof in a run of {events}, {faults}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shorter_proofs_come_first_then_fewer_faults_then_fewer_events_then_lower_seeds() {
        let size = |steps, fired, events, seed| Shortest {
            steps,
            fired,
            events,
            seed: Seed(seed),
            attempt: Attempt::from(Seed(seed)),
        };
        let mut found = [size(3, 0, 0, 1), size(2, 5, 9, 2), size(2, 1, 90, 3), size(2, 1, 80, 5), size(2, 1, 80, 4)];
        found.sort();
        assert_eq!(found.each_ref().map(|size| size.seed.0), [4, 5, 3, 2, 1]);
        assert_eq!(found[0].to_string(), "seed 4, 2 events of proof in a run of 80 events, 1 strike of faults");
    }
}
