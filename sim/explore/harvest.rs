//! What many runs gave, in integers that can be added in any grouping. Knows no thread and no clock.

use super::attempt::Tried;
use super::{Attempt, Costs, Coverage, Escape, Exit, Failures, Labour, Latencies, Strategy};
use crate::check::{Property, PropertyKind, Verdict};
use crate::fault::Ledger;
use crate::scenario::{Exercised, Figures, Run};
use crate::seed::Seed;
use serde::Serialize;
use std::collections::BTreeMap;

/// Runs that came out otherwise the second time are kept up to this many: the lowest ones. One is bad enough.
const MOST_STRAYS: usize = 100;

/// What the checker of one property answered over a sweep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PropertyTally {
    /// The property.
    pub property: Property,
    /// Runs in which it held and the checker had something to judge.
    pub holds: u64,
    /// Runs in which there was nothing to judge: no evidence either way.
    pub vacuous: u64,
    /// Runs in which it was violated.
    pub violated: u64,
    /// Runs on which the checker gave up.
    pub unknown: u64,
    /// How many things were judged in the runs in which it held.
    pub judged: u64,
    /// The lowest seed that violates it.
    pub lowest: Option<Seed>,
}

impl PropertyTally {
    /// The tally of a property nobody asked about yet.
    #[must_use]
    pub const fn of(property: Property) -> PropertyTally {
        PropertyTally { property, holds: 0, vacuous: 0, violated: 0, unknown: 0, judged: 0, lowest: None }
    }

    /// Whether some run gave evidence, for or against.
    #[must_use]
    pub const fn is_exercised(&self) -> bool {
        self.holds + self.violated > 0
    }

    fn count(&mut self, seed: Seed, verdict: &Verdict) {
        match verdict {
            Verdict::Holds { judged: 0 } => self.vacuous += 1,
            Verdict::Holds { judged } => {
                self.holds += 1;
                self.judged += judged;
            }
            Verdict::Unknown { .. } => self.unknown += 1,
            Verdict::Violated(_) => {
                self.violated += 1;
                self.lowest = lower(self.lowest, Some(seed));
            }
        }
    }

    fn add(&mut self, other: &PropertyTally) {
        self.holds += other.holds;
        self.vacuous += other.vacuous;
        self.violated += other.violated;
        self.unknown += other.unknown;
        self.judged += other.judged;
        self.lowest = lower(self.lowest, other.lowest);
    }
}

/// A seed and the digest it gave, to be compared with what it gives again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// The seed.
    pub seed: Seed,
    /// What was tried on it.
    pub attempt: Attempt,
    /// What it gave, or what its panic said.
    pub digest: Result<u64, String>,
}

/// What the seeds given to one strategy gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Yield {
    /// Seeds run.
    pub runs: u64,
    /// Of those, how many crashed or violated safety or liveness.
    pub failed: u64,
    /// The lowest of them.
    pub lowest_failing: Option<Seed>,
}

impl Yield {
    fn add(&mut self, other: Yield) {
        self.runs += other.runs;
        self.failed += other.failed;
        self.lowest_failing = lower(self.lowest_failing, other.lowest_failing);
    }
}

/// What a range of seeds gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Harvest {
    /// Seeds run.
    pub runs: u64,
    /// Of those, how many crashed or violated safety or liveness.
    pub failed: u64,
    /// Of those, how many crashed.
    pub crashed: u64,
    /// Of those, how many violated at least one safety property.
    pub unsafe_runs: u64,
    /// Of those, how many violated at least one liveness property.
    pub stalled_runs: u64,
    /// One tally for each property, in the order in which the scenario judges them.
    pub properties: Vec<PropertyTally>,
    /// Sums of every run's counts.
    pub figures: Figures,
    /// The same once more, with what intervals need.
    pub costs: Costs,
    /// From each decided slot's invocation to its first decision.
    pub latencies: Latencies,
    /// Calls of tools, and how long work lasted.
    pub labour: Labour,
    /// The sum of every run's ledger.
    pub ledger: Ledger,
    /// The sum of what runs exercised.
    pub exercised: Exercised,
    /// What runs were like.
    pub coverage: Coverage,
    /// What failed, grouped.
    pub failures: Failures,
    /// What each strategy gave.
    pub strategies: BTreeMap<Strategy, Yield>,
    /// The lowest seed that failed.
    pub lowest_failing: Option<Seed>,
    /// The lowest seed that violated safety.
    pub lowest_unsafe: Option<Seed>,
    pub(super) strays: Vec<Suspect>,
    /// Who waited for what when the first run ended in which somebody did, a line each.
    pub waiting: Vec<String>,
}

impl Harvest {
    /// Takes in one run; seeds come in order.
    pub fn absorb(&mut self, seed: Seed, attempt: &Attempt, outcome: &Result<Run, Escape>) {
        self.runs += 1;
        let failed_before = self.failed;
        let tried = Tried { seed, attempt };
        match outcome {
            Ok(run) => self.absorb_run(&tried, run),
            Err(escape) => {
                self.failures.absorb_escape(&tried, escape);
                self.fail(seed, Exit::Crashed);
            }
        }
        let failed = self.failed - failed_before;
        let lowest_failing = (failed > 0).then_some(seed);
        self.strategies.entry(attempt.by).or_default().add(Yield { runs: 1, failed, lowest_failing });
    }

    fn absorb_run(&mut self, tried: &Tried<'_>, run: &Run) {
        let seed = tried.seed;
        run.judged.iter().for_each(|judged| self.tally(judged.property).count(seed, &judged.verdict));
        self.figures.add(&run.figures);
        self.costs.note(run);
        run.latencies.iter().for_each(|latency| self.latencies.note(*latency));
        self.labour.note(&run.history);
        self.ledger.add(&run.ledger);
        self.exercised.add(&run.exercised);
        self.coverage.note(seed, run);
        let violates = |kind| {
            let mut of_kind = run.judged.iter().filter(|judged| judged.property.kind == kind);
            of_kind.any(|judged| judged.verdict.witness().is_some())
        };
        if violates(PropertyKind::Safety) {
            self.unsafe_runs += 1;
            self.lowest_unsafe = lower(self.lowest_unsafe, Some(seed));
        }
        self.stalled_runs += u64::from(violates(PropertyKind::Liveness));
        if self.waiting.is_empty() && !run.waiting.is_empty() {
            self.waiting = run.waiting.iter().map(|who| format!("with seed {seed} {who}")).collect();
        }
        if run.failed() {
            self.failures.absorb(tried, run);
            let exit = if run.crash.is_some() { Exit::Crashed } else { Exit::Violated };
            self.fail(seed, exit);
        }
    }

    /// Takes in what the seeds that follow gave.
    pub fn append(&mut self, later: Harvest) {
        self.runs += later.runs;
        self.failed += later.failed;
        self.crashed += later.crashed;
        self.unsafe_runs += later.unsafe_runs;
        self.stalled_runs += later.stalled_runs;
        later.properties.iter().for_each(|tally| self.tally(tally.property).add(tally));
        self.figures.add(&later.figures);
        self.costs.add(&later.costs);
        self.latencies.add(&later.latencies);
        self.labour.add(&later.labour);
        self.ledger.add(&later.ledger);
        self.exercised.add(&later.exercised);
        self.coverage.append(&later.coverage);
        self.failures.append(later.failures);
        later.strategies.into_iter().for_each(|(by, given)| self.strategies.entry(by).or_default().add(given));
        self.lowest_failing = lower(self.lowest_failing, later.lowest_failing);
        self.lowest_unsafe = lower(self.lowest_unsafe, later.lowest_unsafe);
        if self.waiting.is_empty() {
            self.waiting = later.waiting;
        }
        let room = MOST_STRAYS - self.strays.len();
        self.strays.extend(later.strays.into_iter().take(room));
    }

    /// The tally of a property by name.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&PropertyTally> {
        self.properties.iter().find(|tally| tally.property.name == name)
    }

    fn fail(&mut self, seed: Seed, exit: Exit) {
        self.failed += 1;
        self.crashed += u64::from(exit == Exit::Crashed);
        self.lowest_failing = lower(self.lowest_failing, Some(seed));
    }

    fn tally(&mut self, property: Property) -> &mut PropertyTally {
        let place = self.properties.iter().position(|tally| tally.property.name == property.name);
        let place = place.unwrap_or_else(|| {
            self.properties.push(PropertyTally::of(property));
            self.properties.len() - 1
        });
        &mut self.properties[place]
    }
}

/// The lower of two seeds, where there may be none.
fn lower(one: Option<Seed>, other: Option<Seed>) -> Option<Seed> {
    one.into_iter().chain(other).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake;

    fn harvest(seeds: std::ops::Range<u64>) -> Harvest {
        let mut harvest = Harvest::default();
        for seed in seeds {
            harvest.absorb(Seed(seed), &Attempt::from(Seed(seed)), &Ok(fake::violating_every(3, seed)));
        }
        harvest
    }

    #[test]
    fn parts_in_order_add_up_to_the_whole() {
        let mut parts = Harvest::default();
        [0..64, 64..100, 100..1_000].into_iter().for_each(|part| parts.append(harvest(part)));
        assert_eq!(parts, harvest(0..1_000));
    }

    #[test]
    fn what_is_kept_does_not_grow_with_the_seeds() {
        let kept = |harvest: &Harvest| (harvest.failures.groups().len(), harvest.properties.len());
        assert_eq!(kept(&harvest(0..2_000)), kept(&harvest(0..20_000)));
    }

    #[test]
    fn counts_each_answer_of_a_checker() {
        let harvest = harvest(1..10);
        let agreement = harvest.property("agreement").unwrap();
        assert_eq!((agreement.violated, agreement.lowest), (3, Some(Seed(3))));
        assert_eq!((harvest.failed, harvest.lowest_failing, harvest.lowest_unsafe), (3, Some(Seed(3)), Some(Seed(3))));
        assert_eq!(agreement.holds + agreement.vacuous + agreement.unknown, 6);
    }
}
