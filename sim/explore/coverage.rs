//! What runs were like, as a set that stops growing: the sign that more of the same seeds show nothing new. Knows
//! counts of runs, no scenario.

use crate::digest::digest_of;
use crate::scenario::{Exercised, Run};
use crate::seed::Seed;
use std::collections::BTreeMap;

/// Every likeness that some run had, with the lowest seed that had it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    likenesses: BTreeMap<u64, Seed>,
}

impl Coverage {
    /// Takes in a run; seeds come in order.
    pub(super) fn note(&mut self, seed: Seed, run: &Run) {
        for likeness in likenesses(&run.exercised) {
            self.likenesses.entry(likeness).or_insert(seed);
        }
    }

    /// Takes in the runs of the seeds that follow.
    pub(super) fn append(&mut self, later: &Coverage) {
        for (likeness, seed) in &later.likenesses {
            self.likenesses.entry(*likeness).or_insert(*seed);
        }
    }

    /// How many likenesses there were.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.likenesses.len() as u64
    }

    /// Whether no run was taken in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.likenesses.is_empty()
    }

    /// The last seed that showed something new.
    #[must_use]
    pub fn last_new(&self) -> Option<Seed> {
        self.likenesses.values().max().copied()
    }
}

/// What a run was like: each count by its order of magnitude, each kind of fault that was felt, each pair of them, each
/// declared thing that happened. Coarse on purpose: a set of exact counts would grow for ever.
fn likenesses(exercised: &Exercised) -> Vec<u64> {
    let magnitude = |count: u64| u64::BITS - count.leading_zeros();
    let counts = [
        ("elections", exercised.elections),
        ("contested", exercised.contested_terms),
        ("decisions", exercised.decisions),
        ("operations", exercised.operations.values().sum()),
        ("model faults", exercised.model_faults_felt),
    ];
    let mut all: Vec<u64> =
        counts.iter().map(|(name, count)| digest_of(&(*name, u64::from(magnitude(*count))))).collect();
    let felt: Vec<&str> = exercised.felt.keys().map(|kind| kind.name()).collect();
    for (place, one) in felt.iter().enumerate() {
        all.push(digest_of(&("felt", *one)));
        all.extend(felt[place + 1..].iter().map(|other| digest_of(&(*one, *other))));
    }
    let happened = exercised.declared.iter().filter(|(_, runs)| **runs > 0);
    all.extend(happened.map(|(name, _)| digest_of(&("declared", name.as_str()))));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::violating_every;
    use crate::fault::Kind;

    fn run(seed: u64, felt: &[Kind]) -> Run {
        let mut run = violating_every(1_000, seed);
        run.exercised = Exercised::default();
        run.exercised.felt.extend(felt.iter().map(|kind| (*kind, 1)));
        run
    }

    #[test]
    fn the_last_new_seed_is_that_of_the_last_new_likeness_however_the_work_is_shared() {
        let runs = [run(0, &[]), run(1, &[Kind::Loss]), run(2, &[Kind::Loss]), run(3, &[Kind::Loss, Kind::Crash])];
        let (mut whole, mut later) = (Coverage::default(), Coverage::default());
        runs[..3].iter().for_each(|run| whole.note(run.seed, run));
        assert_eq!(whole.last_new(), Some(Seed(1)));
        runs[2..].iter().for_each(|run| later.note(run.seed, run));
        whole.append(&later);
        // The kind itself, and its pair with the other.
        assert_eq!((whole.last_new(), whole.len()), (Some(Seed(3)), 5 + 1 + 2));
    }
}
