//! Failing seeds, grouped by what failed and how. Knows no property's meaning.

use super::attempt::Tried;
use super::{Attempt, Escape, Exit, Shortest, Strategy};
use crate::check::{PropertyKind, Witness};
use crate::fault::{Ledger, Schedule};
use crate::scenario::{Crash, Run};
use crate::seed::Seed;
use crate::trace::Spread;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Groups kept of one sweep. A property has a handful of shapes; a hundred is room for every property of a scenario,
/// and memory stays flat when a checker names shapes too finely. The groups with the lowest first seeds are kept.
pub const MOST_GROUPS: usize = 100;

/// How grave a failure is. Ordered, gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gravity {
    /// The tested code itself failed.
    Crash,
    /// Something bad happened.
    Safety,
    /// Something good did not happen in time.
    Liveness,
}

impl Gravity {
    /// The exit code it calls for.
    #[must_use]
    pub const fn exit(self) -> Exit {
        match self {
            Gravity::Crash => Exit::Crashed,
            Gravity::Safety => Exit::Violated,
            Gravity::Liveness => Exit::Stalled,
        }
    }
}

/// What proves a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The events that prove a violation.
    Witness(Witness),
    /// What an agent's panic, or its endless loop, said.
    Crash(Crash),
    /// What a panic of the scenario's own code said.
    Panic(String),
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Evidence::Witness(witness) => witness.fmt(f),
            Evidence::Crash(crash) => write!(f, "  {:>14}  {crash}", crash.at.to_string()),
            Evidence::Panic(what) => write!(f, "  the scenario itself panicked: {what}"),
        }
    }
}

/// One seed's failure, with what had been planned against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    /// The seed.
    pub seed: Seed,
    /// What was tried on it: all it takes to make the run again.
    pub attempt: Attempt,
    /// The run's digest; zero for a panic that left no run.
    pub digest: u64,
    /// The proof.
    pub evidence: Evidence,
    /// The faults the nemesis planned.
    pub schedule: Schedule,
    /// What came of them.
    pub ledger: Ledger,
    /// How far each false claim came.
    pub spreads: Vec<Spread>,
}

/// Failures of the same property and shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// How grave.
    pub gravity: Gravity,
    /// The violated property, or `crash`.
    pub property: String,
    /// The shape they share.
    pub shape: String,
    /// On how many seeds.
    pub count: u64,
    /// The same by the strategy that found them.
    pub found_by: BTreeMap<Strategy, u64>,
    /// The one with the lowest seed.
    pub example: Example,
    /// The one that shows it in the least.
    pub shortest: Shortest,
}

/// The groups of a sweep. Absorbing in seed order keeps the lowest seeds, however the work was shared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Failures {
    groups: Vec<Group>,
    beyond: u64,
}

impl Failures {
    /// The groups, in the order of their lowest seeds.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Failures of shapes that came after [`MOST_GROUPS`] others, counted but not kept.
    #[must_use]
    pub const fn beyond(&self) -> u64 {
        self.beyond
    }

    /// The group to show first: the gravest, and among those the one with the lowest seed.
    #[must_use]
    pub fn first(&self) -> Option<&Group> {
        self.groups.iter().min_by_key(|group| (group.gravity, group.example.seed))
    }

    /// Takes in what failed in one run, if anything.
    pub(super) fn absorb(&mut self, tried: &Tried<'_>, run: &Run) {
        if let Some(crash) = &run.crash {
            let shape = without_numbers(&crash.what);
            let size = Shortest::of(tried, run, 1);
            self.note(Gravity::Crash, CRASH, &shape, size, || example(tried, run, Evidence::Crash(crash.clone())));
        }
        for judged in &run.judged {
            let gravity = match judged.property.kind {
                PropertyKind::Safety => Gravity::Safety,
                PropertyKind::Liveness => Gravity::Liveness,
                PropertyKind::Correctness => continue,
            };
            if let Some(witness) = judged.verdict.witness() {
                let evidence = || Evidence::Witness(witness.clone());
                let size = Shortest::of(tried, run, witness.steps.len());
                self.note(gravity, judged.property.name, &witness.shape, size, || example(tried, run, evidence()));
            }
        }
    }

    /// Has every example's run told in full, so that it can say how far false claims came.
    pub(super) fn tell_spreads(&mut self, mut told: impl FnMut(&Attempt) -> Option<Vec<Spread>>) {
        for group in &mut self.groups {
            group.example.spreads = told(&group.example.attempt).unwrap_or_default();
        }
    }

    /// Takes in a run that left nothing but a panic.
    pub(super) fn absorb_escape(&mut self, tried: &Tried<'_>, escape: &Escape) {
        let shape = without_numbers(&escape.what);
        self.note(Gravity::Crash, CRASH, &shape, Shortest::unknown(tried), || Example {
            seed: tried.seed,
            attempt: tried.attempt.clone(),
            digest: 0,
            evidence: Evidence::Panic(escape.what.clone()),
            schedule: Schedule::default(),
            ledger: Ledger::default(),
            spreads: Vec::new(),
        });
    }

    /// Takes in the failures of the seeds that follow.
    pub(super) fn append(&mut self, later: Failures) {
        self.beyond += later.beyond;
        for group in later.groups {
            match self.find(group.gravity, &group.property, &group.shape) {
                Some(known) => {
                    known.count += group.count;
                    for (strategy, count) in group.found_by {
                        *known.found_by.entry(strategy).or_default() += count;
                    }
                    if group.shortest < known.shortest {
                        known.shortest = group.shortest;
                    }
                }
                None => self.insert(group),
            }
        }
    }

    fn note(
        &mut self,
        gravity: Gravity,
        property: &str,
        shape: &str,
        shortest: Shortest,
        example: impl FnOnce() -> Example,
    ) {
        let by = shortest.attempt.by;
        match self.find(gravity, property, shape) {
            Some(known) => {
                known.count += 1;
                *known.found_by.entry(by).or_default() += 1;
                if shortest < known.shortest {
                    known.shortest = shortest;
                }
            }
            None => {
                let (property, shape) = (property.to_owned(), shape.to_owned());
                let found_by = BTreeMap::from([(by, 1)]);
                self.insert(Group { gravity, property, shape, count: 1, found_by, example: example(), shortest });
            }
        }
    }

    fn find(&mut self, gravity: Gravity, property: &str, shape: &str) -> Option<&mut Group> {
        let same = |group: &&mut Group| group.gravity == gravity && group.property == property && group.shape == shape;
        self.groups.iter_mut().find(same)
    }

    fn insert(&mut self, group: Group) {
        if self.groups.len() < MOST_GROUPS { self.groups.push(group) } else { self.beyond += group.count }
    }
}

/// What a crash goes by where a property's name is expected.
pub const CRASH: &str = "crash";

fn example(tried: &Tried<'_>, run: &Run, evidence: Evidence) -> Example {
    Example {
        seed: tried.seed,
        attempt: tried.attempt.clone(),
        digest: run.digest,
        evidence,
        schedule: run.schedule.clone(),
        ledger: run.ledger.clone(),
        spreads: run.trace.spreads().to_vec(),
    }
}

/// The text with every number as `#`, so that the same panic about other numbers has the same shape.
fn without_numbers(text: &str) -> String {
    let mut shape = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '0'..='9' if shape.ends_with('#') => {}
            '0'..='9' => shape.push('#'),
            _ => shape.push(letter),
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake;

    fn absorbed(seeds: std::ops::Range<u64>) -> Failures {
        let mut failures = Failures::default();
        seeds.for_each(|seed| {
            let (seed, run) = (Seed(seed), fake::violating_every(1, seed));
            failures.absorb(&Tried { seed, attempt: &Attempt::from(seed) }, &run);
        });
        failures
    }

    #[test]
    fn the_same_property_and_shape_make_one_group_with_its_lowest_seed() {
        let failures = absorbed(5..25);
        let agreement = failures.groups().iter().filter(|group| group.property == "agreement");
        let groups: Vec<_> = agreement.map(|group| (group.example.seed.0, group.count)).collect();
        assert_eq!(groups, [(5, 10), (6, 10)], "the fake has an odd and an even shape");
    }

    #[test]
    fn appending_parts_in_order_equals_absorbing_the_whole() {
        let mut parts = absorbed(0..7);
        parts.append(absorbed(7..40));
        assert_eq!(parts, absorbed(0..40));
    }

    #[test]
    fn shapes_beyond_the_cap_are_counted() {
        let mut failures = Failures::default();
        for seed in 0..150 {
            let shape = char::from_u32(0x4e00 + seed).unwrap().to_string();
            let seed = Seed(u64::from(seed));
            failures.absorb_escape(&Tried { seed, attempt: &Attempt::from(seed) }, &Escape { what: shape });
        }
        assert_eq!((failures.groups().len(), failures.beyond()), (MOST_GROUPS, 50));
        assert_eq!(failures.groups().last().unwrap().example.seed, Seed(99));
    }

    #[test]
    fn a_panic_about_other_numbers_has_the_same_shape() {
        assert_eq!(without_numbers("slot 17 of a2 (x.rs:9)"), without_numbers("slot 4 of a31 (x.rs:10)"));
    }
}
