//! When a failure became inevitable: its run again up to an instant, with fresh draws after it, many times, for
//! instants from the beginning to the failure. Knows runs, draws and records; computes no share.
//!
//! The plan of faults is drawn before anything else happens, so it belongs to every prefix: what is fresh after an
//! instant are delays, timers, replies and the luck of single strikes.

use super::crew::in_order;
use super::perform::{Outcome, perform_freshly, perform_here};
use super::watchdog::{PATIENCE, Watchdog};
use super::{Attempt, Capsule, Fingerprint, Gravity, Group, Host, ShrinkError, SweepReport};
use crate::scenario::{Job, Run, Runnable};
use crate::seed::{Pin, Seed};
use crate::time::Time;
use crate::trace::{Detail, Happening};
use serde::Serialize;
use std::num::NonZeroUsize;

/// Instants looked at unless told otherwise: with the events between them they fit on a screen.
pub const INSTANTS: u64 = 24;
/// Runs for each instant unless told otherwise: Wilson's interval is then at most a quarter wide.
pub const TRIES: u64 = 60;

/// How to ask.
#[derive(Clone, Copy)]
pub struct Why<'a> {
    /// What failed.
    pub scenario: &'a dyn Runnable,
    /// Where it runs.
    pub host: &'a dyn Host,
    /// On how many threads; nothing depends on it.
    pub jobs: NonZeroUsize,
    /// How many instants.
    pub instants: u64,
    /// How many runs for each.
    pub tries: u64,
}

/// How likely a run fails that is the failing one up to an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Instant {
    /// Everything drawn before this instant is as in the failing run.
    pub at: Time,
    /// How many of the runs failed by the same property.
    pub failed: u64,
    /// How many runs were made.
    pub tries: u64,
    /// What tells most in the failing run from this instant to the next: up to `MOST_EVENTS`.
    pub events: Vec<String>,
}

/// How the failure came about.
#[derive(Clone, Debug, Serialize)]
pub struct Causality {
    /// The scenario.
    pub scenario: String,
    /// The seed.
    pub seed: Seed,
    /// What failed.
    pub fails: Fingerprint,
    /// From the beginning to the failure.
    pub instants: Vec<Instant>,
    /// Runs that did not keep to the prefix, and count for nothing: a draw that depends on more than it should.
    pub strayed: u64,
}

/// Events told for each stretch.
pub const MOST_EVENTS: usize = 4;

impl Why<'_> {
    /// Asks about the first failure of a seed's run.
    ///
    /// # Errors
    /// If it fails nothing, or panics.
    pub fn seed(&self, seed: Seed) -> Result<Causality, ShrinkError> {
        self.attempt(seed, &Attempt::from(seed))
    }

    /// Asks about the first failure of what was tried on a seed.
    ///
    /// # Errors
    /// If it fails nothing, or panics.
    pub fn attempt(&self, seed: Seed, attempt: &Attempt) -> Result<Causality, ShrinkError> {
        self.of(seed, attempt, |report| report.first_failure().cloned())
    }

    /// Asks about a capsule's failure.
    ///
    /// # Errors
    /// If its pins do not fit, or its run does not fail as it says.
    pub fn capsule(&self, capsule: &Capsule) -> Result<Causality, ShrinkError> {
        let same = |group: &&Group| capsule.property.as_ref().is_none_or(|property| group.property == *property);
        let attempt = Attempt::from(capsule);
        self.of(capsule.seed, &attempt, |report| report.harvest.failures.groups().iter().find(same).cloned())
    }

    fn of(
        &self,
        seed: Seed,
        attempt: &Attempt,
        failure: impl Fn(&SweepReport) -> Option<Group>,
    ) -> Result<Causality, ShrinkError> {
        let job = Job { record_draws: true, ..attempt.job().detailed(Detail::Full) };
        let dog = Watchdog::new(self.jobs.get(), PATIENCE);
        let scenario = self.scenario.summary().name;
        dog.guard(&scenario, || {
            let outcome = dog.time(0, seed, || self.perform(&job));
            let summary = self.scenario.summary();
            let group = failure(&SweepReport::of_one(summary, self.host, seed, attempt, &outcome));
            let scenario = scenario.clone();
            let run = match outcome {
                Ok(run) => run,
                Err(escape) => return Err(ShrinkError::Panics { scenario, seed, what: escape.what }),
            };
            if let Some(error) = run.pin_error {
                return Err(error.into());
            }
            match group {
                Some(group) => Ok(self.curve(&dog, &run, &group, scenario)),
                None if run.failed() => Err(ShrinkError::Otherwise { scenario, seed }),
                None => Err(ShrinkError::Fine { scenario, seed }),
            }
        })
    }

    fn curve(&self, dog: &Watchdog, run: &Run, group: &Group, scenario: String) -> Causality {
        let times = instants(run, group, self.instants);
        let mut instants: Vec<Instant> =
            times.iter().map(|at| Instant { at: *at, failed: 0, tries: 0, events: Vec::new() }).collect();
        let prefixes: Vec<Vec<Pin>> = times.iter().map(|at| prefix(run, *at)).collect();
        let mut strayed = 0;
        let work = |worker, piece: u64| {
            let place = usize::try_from(piece / self.tries).expect("an instant");
            let seed = fresh(run.seed, piece);
            let job = Job { pins: prefixes[place].clone(), ..Job::of(seed) };
            Sample { place, fate: fate(&dog.time(worker, seed, || self.perform(&job)), group) }
        };
        in_order(self.jobs, times.len() as u64 * self.tries, work, |Sample { place, fate }| {
            let instant = &mut instants[place];
            match fate {
                Fate::Strayed => strayed += 1,
                Fate::Failed => (instant.failed, instant.tries) = (instant.failed + 1, instant.tries + 1),
                Fate::Fine => instant.tries += 1,
            }
        });
        for place in 0..instants.len() {
            let end = times.get(place + 1).copied().unwrap_or(Time(u64::MAX));
            instants[place].events = telling(run, times[place], end);
        }
        Causality { scenario, seed: run.seed, fails: Fingerprint::of(group), instants, strayed }
    }

    fn perform(&self, job: &Job) -> Outcome {
        let perform = if self.scenario.wants_fresh_thread() { perform_freshly } else { perform_here };
        perform(self.scenario, self.host, job)
    }
}

struct Sample {
    place: usize,
    fate: Fate,
}

enum Fate {
    Failed,
    Fine,
    Strayed,
}

/// Whether a run fails by the group's property, whatever its shape.
fn fate(outcome: &Outcome, group: &Group) -> Fate {
    let Ok(run) = outcome else { return if group.gravity == Gravity::Crash { Fate::Failed } else { Fate::Fine } };
    if run.pin_error.is_some() {
        return Fate::Strayed;
    }
    let mut violated = run.judged.iter().filter(|judged| judged.verdict.witness().is_some());
    let failed = match group.gravity {
        Gravity::Crash => run.crash.is_some(),
        Gravity::Safety | Gravity::Liveness => violated.any(|judged| judged.property.name == group.property),
    };
    if failed { Fate::Failed } else { Fate::Fine }
}

/// Another seed for each run: SplitMix64's increment keeps them apart, and none is the failing one.
fn fresh(seed: Seed, piece: u64) -> Seed {
    let other = seed.0.wrapping_add((piece + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    Seed(if other == seed.0 { !other } else { other })
}

/// Every draw that the run made before this instant.
fn prefix(run: &Run, until: Time) -> Vec<Pin> {
    let draws = run.draws.iter().zip(&run.draw_times);
    draws.filter(|(_, at)| **at < until).map(|(draw, _)| draw.clone()).collect()
}

/// From the first instant after the beginning to the one after the failure, evenly among the events between them.
fn instants(run: &Run, group: &Group, wanted: u64) -> Vec<Time> {
    let last = match &group.example.evidence {
        super::Evidence::Witness(witness) => witness.steps.iter().map(|step| step.at).max(),
        super::Evidence::Crash(crash) => Some(crash.at),
        super::Evidence::Panic(_) => None,
    };
    let records = run.trace.records();
    let last = last.or(records.last().map(|record| record.at)).unwrap_or_default();
    let before: Vec<Time> =
        records.iter().map(|record| record.at).filter(|at| *at <= last && *at > Time::ZERO).collect();
    let steps = wanted.max(2) - 1;
    let pick = |step: u64| before.get(usize::try_from(step * before.len() as u64 / steps).expect("a place")).copied();
    let mut times: Vec<Time> = (0..steps).filter_map(pick).collect();
    times.insert(0, Time(1));
    times.push(Time(last.0 + 1));
    times.sort_unstable();
    times.dedup();
    times
}

/// What tells most in a stretch of the run: faults and crashes before decisions, decisions before reports.
fn telling(run: &Run, from: Time, end: Time) -> Vec<String> {
    let weight = |happening: Happening| match happening {
        Happening::Decided => Some(0),
        Happening::Crashed | Happening::Panicked | Happening::FaultBegan | Happening::Healed => Some(1),
        Happening::Fact | Happening::Returned | Happening::Executed | Happening::Paused => Some(2),
        Happening::FaultEnded | Happening::Started | Happening::Replied => Some(3),
        _ => None,
    };
    let stretch = run.trace.records().iter().enumerate().filter(|(_, record)| (from..end).contains(&record.at));
    let mut all: Vec<(u8, usize)> =
        stretch.filter_map(|(place, record)| Some((weight(record.happening)?, place))).collect();
    all.sort_unstable();
    all.truncate(MOST_EVENTS);
    all.sort_unstable_by_key(|(_, place)| *place);
    all.iter().filter_map(|(_, place)| run.trace.line(*place)).map(|line| line.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Agreement;
    use crate::explore::BareHost;
    use crate::fault::Nemesis;
    use crate::protocol::baseline::last_speaker::LastSpeaker;
    use crate::scenario::{Frozen, Scenario};

    #[test]
    fn a_failure_is_certain_once_it_has_happened_and_not_before_it_began() {
        let talkers = Scenario::new("talkers").team(5, LastSpeaker::factory).nemesis(Nemesis::all()).expect(Agreement);
        let fails = |seed: &u64| talkers.run(&Job::of(Seed(*seed)), &Frozen).failed();
        let seed = (0..500).find(fails).expect("talkers disagree on some seed");
        let jobs = NonZeroUsize::new(2).expect("two");
        let why = Why { scenario: &talkers, host: &BareHost, jobs, instants: 6, tries: 20 };
        let told = why.seed(Seed(seed)).expect("it fails");
        assert_eq!(told.strayed, 0, "a prefix was left");
        let (first, last) = (&told.instants[0], told.instants.last().expect("an instant"));
        assert_eq!((last.failed, last.tries), (20, 20), "{told:?}");
        assert!(first.failed < first.tries, "{told:?}");
        assert!(told.instants.iter().any(|instant| !instant.events.is_empty()));
        let alone = Why { jobs: NonZeroUsize::MIN, ..why };
        assert_eq!(alone.seed(Seed(seed)).expect("it fails").instants, told.instants);
    }

    #[test]
    fn a_run_that_fails_nothing_has_no_reason() {
        let fake = crate::explore::fake::Fake::new("fake", crate::explore::fake::Sin::None);
        let why = Why { scenario: &fake, host: &BareHost, jobs: NonZeroUsize::MIN, instants: 3, tries: 2 };
        assert!(matches!(why.seed(Seed(1)), Err(ShrinkError::Fine { .. })));
    }
}
