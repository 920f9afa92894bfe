//! The hunt for one bug: over several ranges of seeds that share none, each until the first seed that fails.

use super::super::Bug;
use std::num::NonZeroUsize;
use std::ops::Range;
use synod::check::PropertyKind;
use synod::explore::{BareHost, CRASH, Group, Seeds, Shrink, Stop, Strategy, Sweep, SweepReport, perform};
use synod::scenario::{Run, Runnable};

/// Where the next range begins: farther on than any range is long.
const STRIDE: u64 = 1_000_000;

/// How to look for bugs.
#[derive(Clone, Copy, Debug)]
pub struct Hunt {
    /// Seeds of a range, at most.
    pub most: u64,
    /// How many ranges.
    pub ranges: u64,
    /// By which strategy.
    pub strategy: Strategy,
    /// On how many threads; nothing but the time depends on it.
    pub jobs: NonZeroUsize,
}

/// What a hunt found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Ranges in which a seed failed.
    pub hits: u64,
    /// Ranges looked at.
    pub ranges: u64,
    /// Seeds run, up to and with the first failing one of each range.
    pub seeds: u64,
    /// Seeds up to and with the first failing one of the first range.
    pub within: Option<u64>,
    /// The first failing seed of the first range with a hit.
    pub first: Option<First>,
}

/// The first failure of a bug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct First {
    /// Its group, whose example it is.
    pub group: Group,
    /// The checker that could speak first: the one whose witness ends first.
    pub checker: String,
    /// Faults that were planned.
    pub planned: u64,
}

impl Hunt {
    /// Looks for a bug.
    ///
    /// # Panics
    /// If a range is longer than a million seeds, beyond which ranges would share some.
    #[must_use]
    pub fn of(&self, bug: &Bug) -> Found {
        assert!(self.most <= STRIDE, "a range has at most {STRIDE} seeds");
        let scenario = bug.planted();
        let mut found = Found { hits: 0, ranges: self.ranges, seeds: 0, within: None, first: None };
        for range in 0..self.ranges {
            let begin = range * STRIDE;
            let Some(group) = self.first_in(&*scenario, begin) else {
                found.seeds += self.most;
                continue;
            };
            let seed = group.example.seed.0;
            found.hits += 1;
            found.seeds += seed - begin + 1;
            if range == 0 {
                found.within = Some(seed + 1);
            }
            if found.first.is_none() {
                let run = perform(&*scenario, &BareHost, &group.example.attempt.job());
                found.first = Some(First::of(group, run.as_ref().ok()));
            }
        }
        found
    }

    /// The gravest failure of the first seed of a range that fails.
    fn first_in(&self, scenario: &dyn Runnable, begin: u64) -> Option<Group> {
        // One sweep, so that what learns learns as it does for users.
        let report = self.sweep_to(scenario, begin..begin + self.most, Stop::AtFailure);
        let seed = report.harvest.lowest_failing?;
        let groups = report.harvest.failures.groups().iter().filter(|group| group.example.seed == seed);
        groups.min_by_key(|group| group.gravity).cloned()
    }

    /// Sweeps these seeds.
    pub(super) fn sweep(&self, scenario: &dyn Runnable, seeds: Range<u64>) -> SweepReport {
        self.sweep_to(scenario, seeds, Stop::AtEnd)
    }

    fn sweep_to(&self, scenario: &dyn Runnable, seeds: Range<u64>, stop: Stop) -> SweepReport {
        let seeds = Seeds::new(seeds).expect("at least one seed");
        Sweep { jobs: self.jobs, strategy: self.strategy, stop, ..Sweep::of(seeds) }.run(scenario, &BareHost)
    }

    /// Faults that are left of the first failure when nothing more can be taken out within so many runs.
    #[must_use]
    pub fn shrunk(&self, bug: &Bug, first: &First, budget: u64) -> Option<u64> {
        let scenario = bug.planted();
        let shrink = Shrink { scenario: &*scenario, host: &BareHost, budget };
        shrink.group(&first.group).ok().map(|shrunk| shrunk.after.faults)
    }
}

impl First {
    fn of(group: Group, run: Option<&Run>) -> First {
        let planned = group.example.schedule.faults.len() as u64;
        let Some(run) = run.filter(|run| run.crash.is_none()) else {
            return First { group, checker: CRASH.to_owned(), planned };
        };
        let fired = run.judged.iter().filter_map(|judged| {
            let end = judged.verdict.witness()?.steps.last().map(|step| step.at);
            match judged.property.kind {
                // What has no steps can only be seen when the run is over, and so can what never came.
                PropertyKind::Safety => Some((end.is_none(), end, judged.property.name)),
                PropertyKind::Liveness => Some((true, end, judged.property.name)),
                PropertyKind::Correctness => None,
            }
        });
        let checker = fired.min().map_or(CRASH, |(_, _, name)| name).to_owned();
        First { group, checker, planned }
    }
}
