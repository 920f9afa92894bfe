//! Sweeps: every seed of a range, on several threads, with the same result as on one.

use super::corpus::{self, Find};
use super::crew::in_order;
use super::harvest::Suspect;
use super::perform::{Outcome, perform_freshly, perform_here};
use super::reproduce::{diagnose, digest};
use super::watchdog::{PATIENCE, Watchdog, now};
use super::{Attempt, Corpus, GENERATION, Harvest, Host, Seeds, Strategy, SweepReport};
use crate::scenario::{Job, Runnable, States, Summary};
use crate::seed::{Misfits, Seed};
use crate::trace::{Detail, Spread};
use std::num::{NonZeroU64, NonZeroUsize};
use std::ops::Range;
use std::thread;
use std::time::Duration;

/// Seeds that a worker takes at once: enough that handing over costs nothing, few enough that threads finish together.
const CHUNK: u64 = 32;

/// Seeds between two looks at whether anything new is shown: two generations.
const BATCH: u64 = 2 * GENERATION;

/// Every so many seeds from the first one on, a passing run is made again on a new thread, as every failing one is.
/// Costs 0.4 % of a sweep that passes.
const SAMPLE: u64 = 256;

/// Seeds whose two runs are compared record by record: more of the same would only scroll the first away.
const MOST_DIAGNOSED: usize = 3;

/// When a sweep ends before its last seed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stop {
    /// Never, but for a plateau.
    #[default]
    AtEnd,
    /// With the generation in which a seed fails: for those who ask how many seeds it takes.
    AtFailure,
}

/// How far a sweep has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Seeds done.
    pub done: u64,
    /// Seeds in all.
    pub total: u64,
    /// Seeds that failed so far.
    pub failures: u64,
}

/// How to sweep.
pub struct Sweep<'a> {
    /// Which seeds.
    pub seeds: Seeds,
    /// On how many threads.
    pub jobs: NonZeroUsize,
    /// How long one seed may take on the wall before the process ends with exit code 4.
    pub patience: Duration,
    /// What each seed is used for.
    pub strategy: Strategy,
    /// Whether to end with the first failure.
    pub stop: Stop,
    /// End early once so many seeds in a row showed nothing new.
    pub plateau: Option<NonZeroU64>,
    /// Told of every few dozen seeds done, in order.
    pub progress: &'a (dyn Fn(Progress) + Sync),
}

impl<'a> Sweep<'a> {
    /// These seeds on every core, each as it is by itself ([`Strategy::Swarm`]), telling nobody how far it is. Who
    /// looks for failures asks for a [`Strategy::Portfolio`]; who measures does not want half of the runs quiet.
    #[must_use]
    pub fn of(seeds: Seeds) -> Sweep<'static> {
        let jobs = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let (strategy, stop) = (Strategy::Swarm, Stop::default());
        Sweep { seeds, jobs, patience: PATIENCE, strategy, stop, plateau: None, progress: &|_| () }
    }

    /// The same seeds, used so.
    #[must_use]
    pub fn strategy(self, strategy: Strategy) -> Sweep<'a> {
        Sweep { strategy, ..self }
    }

    /// Runs every seed. The scenario must be valid. Nothing but the time it took depends on the number of threads.
    #[must_use]
    pub fn run(&self, scenario: &dyn Runnable, host: &dyn Host) -> SweepReport {
        let started = now();
        let summary = scenario.summary();
        let stage = self.stage(scenario, &summary, host);
        let mut harvest = Harvest::default();
        let mut wall = Duration::ZERO;
        let not_reproducible = stage.dog.guard(&summary.name, || {
            harvest = self.reap(&stage);
            let strays =
                harvest.strays.iter().take(MOST_DIAGNOSED).map(|stray| diagnose(scenario, host, stray)).collect();
            // Telling the failures is no part of the sweep's speed.
            wall = now().duration_since(started);
            harvest.failures.tell_spreads(|attempt| stage.spreads(attempt));
            strays
        });
        // What a plateau ended is no longer than what was run.
        let first = self.seeds.range().start;
        let seeds = Seeds::new(first..first + harvest.runs).unwrap_or_else(|_| self.seeds.clone());
        SweepReport { summary, host: host.name(), seeds, harvest, not_reproducible, wall }
    }

    /// Runs every seed once and looks at each run; what was seen comes in the order of seeds. For questions that sums
    /// over many runs cannot answer. Nothing is run again, so it says nothing of whether runs are reproducible.
    #[must_use]
    pub fn survey<T: Send>(
        &self,
        scenario: &dyn Runnable,
        host: &dyn Host,
        look: impl Fn(&Outcome) -> T + Sync,
    ) -> Vec<T> {
        let summary = scenario.summary();
        let stage = self.stage(scenario, &summary, host);
        let range = self.seeds.range();
        let mut seen = Vec::new();
        stage.dog.guard(&summary.name, || {
            let work = |worker, index: u64| {
                let seed = Seed(range.start + index);
                let job = self.strategy.first(seed, &summary).job();
                look(&stage.dog.time(worker, seed, || stage.perform(&job)))
            };
            let total = self.seeds.len();
            in_order(self.jobs, total, work, |one| {
                seen.push(one);
                (self.progress)(Progress { done: seen.len() as u64, total, failures: 0 });
            });
        });
        seen
    }

    fn stage<'s>(&self, scenario: &'s dyn Runnable, summary: &'s Summary, host: &'s dyn Host) -> Stage<'s> {
        let dog = Watchdog::new(self.jobs.get(), self.patience);
        let first = Seed(self.seeds.range().start);
        Stage { scenario, host, strategy: self.strategy, summary, first, dog }
    }

    /// The whole range, or as much of it as is wanted. Generations have a fixed size, so that neither what they keep
    /// nor where a sweep ends depends on the number of threads.
    fn reap(&self, stage: &Stage<'_>) -> Harvest {
        let range = self.seeds.range();
        let (mut whole, mut corpus) = (Harvest::default(), Corpus::default());
        let whole_at_once = self.plateau.is_none() && self.stop == Stop::AtEnd && !self.strategy.learns();
        let step = if whole_at_once { self.seeds.len() } else { GENERATION };
        let mut begin = range.start;
        while begin < range.end {
            let end = range.end.min(begin.saturating_add(step));
            let finds = self.reap_range(stage, begin..end, &corpus, &mut whole);
            if self.ends(&whole, end) {
                break;
            }
            self.keep(stage, corpus.learn(finds), &mut corpus);
            begin = end;
        }
        whole
    }

    /// Whether the seeds before this one were enough.
    fn ends(&self, whole: &Harvest, end: u64) -> bool {
        let start = self.seeds.range().start;
        let last = whole.coverage.last_new().map_or(start, |seed| seed.0);
        let quiet = |quiet: NonZeroU64| (end - start).is_multiple_of(BATCH) && end - 1 - last >= quiet.get();
        self.plateau.is_some_and(quiet) || (self.stop == Stop::AtFailure && whole.failed > 0)
    }

    /// Keeps what was found, each with all of its draws.
    fn keep(&self, stage: &Stage<'_>, worth: Vec<Find>, corpus: &mut Corpus) {
        let again = |worker, index: u64| {
            let find = &worth[usize::try_from(index).expect("an index of a slice")];
            let job = Job { record_draws: true, ..find.attempt.job() };
            let run = stage.dog.time(worker, find.seed, || stage.perform(&job)).ok();
            run.map(|run| corpus::Kept::of(find.attempt.clone(), &run))
        };
        in_order(self.jobs, worth.len() as u64, again, |kept| kept.into_iter().for_each(|kept| corpus.keep(kept)));
    }

    /// Runs these seeds and says which reached something that the corpus does not know.
    fn reap_range(&self, stage: &Stage<'_>, range: Range<u64>, corpus: &Corpus, whole: &mut Harvest) -> Vec<Find> {
        let mut finds = Vec::new();
        let total = range.end - range.start;
        let chunk = |index: u64| {
            let first = range.start + index * CHUNK;
            first..range.end.min(first.saturating_add(CHUNK))
        };
        let work = |worker, index| {
            let mut part = Part::default();
            chunk(index).for_each(|seed| stage.reap_seed(worker, Seed(seed), corpus, &mut part));
            part
        };
        in_order(self.jobs, total.div_ceil(CHUNK), work, |part: Part| {
            whole.append(part.harvest);
            finds.extend(part.finds);
            (self.progress)(Progress { done: whole.runs, total: self.seeds.len(), failures: whole.failed });
        });
        finds
    }
}

/// What a chunk of seeds gave.
#[derive(Default)]
struct Part {
    harvest: Harvest,
    /// Runs that reached something new, in the order of their seeds.
    finds: Vec<Find>,
}

/// What every worker of a sweep shares.
struct Stage<'a> {
    scenario: &'a dyn Runnable,
    host: &'a dyn Host,
    strategy: Strategy,
    summary: &'a Summary,
    /// The first seed of the sweep.
    first: Seed,
    dog: Watchdog,
}

impl Stage<'_> {
    fn reap_seed(&self, worker: usize, seed: Seed, corpus: &Corpus, part: &mut Part) {
        let attempt = self.strategy.attempt(seed, self.summary, corpus);
        let states = if self.strategy.learns() { States::Kept } else { States::Unseen };
        // A mutation may do away with draws that other pins are for.
        let job = Job { misfits: Misfits::Idle, states, ..attempt.job() };
        let outcome = self.dog.time(worker, seed, || self.perform(&job));
        let idle = outcome.as_ref().map(|run| &run.idle_pins[..]).unwrap_or_default();
        let attempt = attempt.without(idle);
        let failed_before = part.harvest.failed;
        part.harvest.absorb(seed, &attempt, &outcome);
        if self.strategy.learns()
            && let Ok(run) = &outcome
        {
            part.finds.extend(corpus.find(seed, &attempt, run));
        }
        let failed = part.harvest.failed > failed_before;
        if failed || (seed.0 - self.first.0).is_multiple_of(SAMPLE) {
            let suspect = Suspect { seed, attempt, digest: digest(&outcome) };
            if !self.repeats(worker, &suspect) {
                part.harvest.strays.push(suspect);
            }
        }
    }

    fn repeats(&self, worker: usize, suspect: &Suspect) -> bool {
        let job = suspect.attempt.job();
        let outcome = self.dog.time(worker, suspect.seed, || perform_freshly(self.scenario, self.host, &job));
        digest(&outcome) == suspect.digest
    }

    /// How far false claims came in a run: made again in full detail, which a sweep cannot afford for every seed.
    fn spreads(&self, attempt: &Attempt) -> Option<Vec<Spread>> {
        let job = attempt.job().detailed(Detail::Full);
        let outcome = self.dog.time(0, attempt.from, || perform_freshly(self.scenario, self.host, &job));
        outcome.ok().map(|run| run.trace.spreads().to_vec())
    }

    fn perform(&self, job: &Job) -> Outcome {
        let perform = if self.scenario.wants_fresh_thread() { perform_freshly } else { perform_here };
        perform(self.scenario, self.host, job)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::{Fake, Sin};
    use crate::explore::{BareHost, Divergence, Exit};
    use std::sync::atomic::{AtomicU64, Ordering};

    fn sweep(sin: Sin, seeds: std::ops::Range<u64>, jobs: usize) -> SweepReport {
        let jobs = NonZeroUsize::new(jobs).unwrap();
        Sweep { jobs, ..Sweep::of(Seeds::new(seeds).unwrap()) }.run(&Fake::new("fake", sin), &BareHost)
    }

    #[test]
    fn every_figure_is_independent_of_the_number_of_threads() {
        let sins = [Sin::ViolatesEvery(17), Sin::StallsEvery(29), Sin::PanicsOn(300), Sin::None];
        for (sin, strategy) in sins.into_iter().flat_map(|sin| Strategy::ALL.map(|strategy| (sin, strategy))) {
            let on = |jobs: usize| {
                let sweep = Sweep::of(Seeds::new(1..1_000).unwrap()).strategy(strategy);
                Sweep { jobs: NonZeroUsize::new(jobs).unwrap(), ..sweep }
                    .run(&Fake::new("fake", sin), &BareHost)
                    .harvest
            };
            let alone = on(1);
            for jobs in [2, 7] {
                assert_eq!(on(jobs), alone, "{sin:?} by {strategy} on {jobs} threads");
            }
        }
    }

    #[test]
    fn the_lowest_failing_seed_is_the_lowest() {
        for jobs in [1, 2, 7] {
            let report = sweep(Sin::ViolatesEvery(17), 18..2_000, jobs);
            assert_eq!(report.harvest.lowest_failing, Some(Seed(34)));
            assert_eq!(report.harvest.failures.first().unwrap().example.seed, Seed(34));
        }
    }

    #[test]
    fn the_shortest_failing_run_is_the_shortest_on_any_number_of_threads() {
        for jobs in [1, 2, 7] {
            let report = sweep(Sin::ViolatesEvery(17), 18..2_000, jobs);
            let odd = report.harvest.failures.groups().iter().find(|group| group.shape == "odd").unwrap();
            // The fake's runs of seeds with a remainder of 6 by 7 are its shortest.
            assert_eq!((odd.example.seed, odd.shortest.seed, odd.shortest.events), (Seed(51), Seed(153), 34));
        }
    }

    #[test]
    fn a_panic_of_the_scenario_itself_is_a_crash_on_its_seed() {
        let report = sweep(Sin::PanicsOn(300), 0..1_000, 2);
        assert_eq!((report.harvest.crashed, report.harvest.lowest_failing), (1, Some(Seed(300))));
        assert_eq!(report.exit(), Exit::Crashed);
        assert!(report.not_reproducible.is_empty(), "the same panic again is reproducible");
    }

    #[test]
    fn what_outlives_a_run_is_found_and_the_divergent_record_named() {
        let report = sweep(Sin::Remembers, 0..300, 2);
        let found = &report.not_reproducible[0];
        let Divergence::Record { place, once, again } = &found.divergence else { panic!("{found}") };
        assert_eq!(*place, 1, "the second record holds the counter");
        assert_ne!(once, again);
        let text = found.to_string();
        assert!(text.contains("NOT REPRODUCIBLE") && text.contains("a2  receives from a1: proposal"), "{text}");
        assert_eq!(report.exit(), Exit::Crashed);
    }

    #[test]
    fn a_reproducible_scenario_is_not_accused() {
        assert!(sweep(Sin::ViolatesEvery(5), 0..600, 2).not_reproducible.is_empty());
    }

    #[test]
    fn a_plateau_ends_a_sweep_at_the_same_seed_on_any_number_of_threads() {
        let ended = |jobs: usize, quiet: u64| {
            let sweep = Sweep::of(Seeds::new(100..10_000).unwrap());
            let (jobs, plateau) = (NonZeroUsize::new(jobs).unwrap(), NonZeroU64::new(quiet));
            let report = Sweep { jobs, plateau, ..sweep }.run(&Fake::new("fake", Sin::None), &BareHost);
            (report.seeds.range(), report.harvest.runs)
        };
        // The fake's runs are all alike: the first one is the last to show something new.
        assert_eq!(ended(1, 600), (100..1_124, 1_024));
        assert_eq!(ended(3, 600), ended(1, 600));
        assert_eq!(ended(2, 20_000), (100..10_000, 9_900));
    }

    #[test]
    fn a_sweep_that_stops_at_a_failure_ends_with_its_generation() {
        for (strategy, jobs) in Strategy::ALL.into_iter().flat_map(|strategy| [(strategy, 1), (strategy, 3)]) {
            let jobs = NonZeroUsize::new(jobs).unwrap();
            let sweep = Sweep::of(Seeds::new(1..10_000).unwrap()).strategy(strategy);
            let sweep = Sweep { jobs, stop: Stop::AtFailure, ..sweep };
            let report = sweep.run(&Fake::new("fake", Sin::ViolatesEvery(600)), &BareHost);
            assert!(report.harvest.lowest_failing.is_some(), "{strategy}");
            assert_eq!(report.harvest.runs % GENERATION, 0, "{strategy}");
            if !strategy.learns() {
                assert_eq!((report.harvest.lowest_failing, report.harvest.runs), (Some(Seed(600)), 768), "{strategy}");
            }
        }
    }

    #[test]
    fn progress_counts_up_to_the_whole() {
        let last = AtomicU64::new(0);
        let progress = |progress: Progress| {
            assert!(last.swap(progress.done, Ordering::Relaxed) < progress.done && progress.total == 100);
        };
        let sweep = Sweep { progress: &progress, ..Sweep::of(Seeds::new(0..100).unwrap()) };
        let _ = sweep.run(&Fake::new("fake", Sin::None), &BareHost);
        assert_eq!(last.load(Ordering::Relaxed), 100);
    }
}
