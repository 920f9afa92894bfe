//! Places where seeds run: threads, hosts, and what ran there before. Knows no digest's value.

use super::SEEDS;
use std::thread;
use synod::explore::{BareHost, Host, perform};
use synod::runtime::default_host;
use synod::scenario::{Job, Run, Runnable};
use synod::seed::Seed;
use synod::trace::Detail;

/// Somewhere to run jobs, one after another or not; the runs come back in the order of the jobs.
pub struct Place {
    /// What a mismatch calls it.
    pub name: &'static str,
    run: fn(&dyn Runnable, &[Job]) -> Vec<Run>,
}

/// Each seed on a thread of its own.
pub const ALONE: Place = Place { name: "a seed alone", run: |scenario, jobs| each(jobs, |job| run(scenario, job)) };

/// Every seed on one thread, after all that come before it.
pub const REUSED: Place = Place {
    name: "a seed on a thread that ran others before",
    run: |scenario, jobs| on_one_thread(scenario, jobs, default_host()),
};

/// The same on the bare host.
pub const BARE: Place =
    Place { name: "a seed on the bare host", run: |scenario, jobs| on_one_thread(scenario, jobs, &BareHost) };

/// Two threads at once that run every other seed.
pub const BESIDE: Place = Place { name: "a seed beside others", run: on_two_threads };

impl Place {
    /// What each seed gives.
    pub fn digests(&self, scenario: &dyn Runnable, seeds: u64) -> Vec<u64> {
        let jobs: Vec<Job> = (0..seeds).map(|seed| Job::of(Seed(seed))).collect();
        (self.run)(scenario, &jobs).iter().map(|run| run.digest).collect()
    }

    /// The run of one seed in full, after all that come before it.
    pub fn told(&self, scenario: &dyn Runnable, seed: Seed) -> Run {
        assert!(seed.0 < SEEDS, "seed {seed} was not run");
        let mut jobs: Vec<Job> = (0..=seed.0).map(|seed| Job::of(Seed(seed))).collect();
        jobs.iter_mut().skip(usize::try_from(seed.0).expect("an index")).for_each(|job| job.detail = Detail::Full);
        (self.run)(scenario, &jobs).pop().expect("at least one run")
    }
}

/// One run on a thread of its own.
pub fn run(scenario: &dyn Runnable, job: &Job) -> Run {
    let outcome = perform(scenario, default_host(), job);
    outcome.unwrap_or_else(|escape| panic!("{}, seed {}: {escape}", scenario.summary().name, job.seed))
}

fn each(jobs: &[Job], run: impl FnMut(&Job) -> Run) -> Vec<Run> {
    jobs.iter().map(run).collect()
}

fn on_one_thread(scenario: &dyn Runnable, jobs: &[Job], host: &dyn Host) -> Vec<Run> {
    thread::scope(|scope| joined(scope.spawn(|| each(jobs, |job| host.run(scenario, job)))))
}

fn on_two_threads(scenario: &dyn Runnable, jobs: &[Job]) -> Vec<Run> {
    let every_other = |first: usize| -> Vec<Job> { jobs.iter().skip(first).step_by(2).cloned().collect() };
    let [even, odd] = [every_other(0), every_other(1)];
    let [even, odd] = thread::scope(|scope| {
        let workers = [&even, &odd].map(|jobs| scope.spawn(|| each(jobs, |job| default_host().run(scenario, job))));
        workers.map(joined)
    });
    let (mut even, mut odd) = (even.into_iter(), odd.into_iter());
    let alternately = |place: usize| if place.is_multiple_of(2) { even.next() } else { odd.next() };
    (0..jobs.len()).filter_map(alternately).collect()
}

fn joined<T>(worker: thread::ScopedJoinHandle<'_, T>) -> T {
    worker.join().unwrap_or_else(|payload| std::panic::resume_unwind(payload))
}
