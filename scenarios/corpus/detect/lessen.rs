//! From failing seeds to a directed schedule: the faults of shrunk runs, each tried over fresh seeds.

use super::super::{Bug, Least, Switch};
use super::Hunt;
use synod::explore::{BareHost, Group, Shrink};
use synod::scenario::Runnable;
use synod::seed::Seed;

/// Failing seeds that are shrunk, at most.
const TRIED: usize = 4;
/// Runs that each of these may take.
const BUDGET: u64 = 1_000;
/// Seeds over which a schedule is tried.
const SEEDS: u64 = 1_000;

impl Hunt {
    /// The least schedule found that shows a bug by its own property: fewest faults first, then fewest seeds.
    #[must_use]
    pub fn lessen(&self, bug: &Bug) -> Option<Least> {
        let scenario = bug.planted();
        let shrink = Shrink { scenario: &*scenario, host: &BareHost, budget: BUDGET };
        let mut plans: Vec<Least> = Vec::new();
        for group in self.failing(bug) {
            let Ok(shrunk) = shrink.group(&group) else { continue };
            let agents = u16::try_from(shrunk.after.agents).ok();
            let faults = shrunk.run.schedule.faults;
            plans.push(Least { bug: bug.name.clone(), agents, seeds: SEEDS, faults });
        }
        plans.sort_by_key(|plan| plan.faults.len());
        let shown = plans.into_iter().filter_map(|plan| {
            let seeds = self.shows(bug, &plan)?.0 + 1;
            Some(Least { seeds, ..plan })
        });
        // Of as many faults the one that needs fewest seeds.
        shown.min_by_key(|plan| (plan.faults.len(), plan.seeds))
    }

    /// The first few ways in which seeds violate the bug's property.
    fn failing(&self, bug: &Bug) -> Vec<Group> {
        let scenario = bug.planted();
        let (mut from, mut length, mut found) = (0, 64, Vec::new());
        while from < self.most && found.len() < TRIED {
            let to = self.most.min(from + length);
            let report = self.sweep(&*scenario, from..to);
            let groups = report.harvest.failures.groups().iter().filter(|group| group.property == bug.property);
            found.extend(groups.cloned());
            (from, length) = (to, length * 2);
        }
        found.truncate(TRIED);
        found
    }

    /// The first seed that shows a bug by its own property in this trouble.
    #[must_use]
    pub fn shows(&self, bug: &Bug, least: &Least) -> Option<Seed> {
        self.violates(&*bug.under(Switch::Planted, least), bug.property, least.seeds)
    }

    /// The first seed on which the correct twin violates the bug's property in the same trouble.
    #[must_use]
    pub fn accuses(&self, bug: &Bug, least: &Least) -> Option<Seed> {
        self.violates(&*bug.under(Switch::Correct, least), bug.property, least.seeds)
    }

    fn violates(&self, scenario: &dyn Runnable, property: &str, seeds: u64) -> Option<Seed> {
        let mut from = 0;
        while from < seeds {
            let to = seeds.min(from + 64);
            let report = self.sweep(scenario, from..to);
            if let Some(seed) = report.harvest.property(property).and_then(|tally| tally.lowest) {
                return Some(seed);
            }
            from = to;
        }
        None
    }
}
