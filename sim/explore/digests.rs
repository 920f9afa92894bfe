//! Digests of many seeds, in order: what two builds or machines are compared by.

use super::crew::in_order;
use super::perform::{perform_freshly, perform_here};
use super::watchdog::{PATIENCE, Watchdog};
use super::{Attempt, Escape, Host, Seeds};
use crate::scenario::Runnable;
use crate::seed::Seed;
use std::num::NonZeroUsize;

/// Runs what is tried on each seed, on `jobs` threads, and gives each digest to `take`, in the order of the seeds. A
/// panic of the scenario's own code takes the digest's place.
pub fn digests(
    scenario: &dyn Runnable,
    host: &dyn Host,
    seeds: &Seeds,
    attempt: impl Fn(Seed) -> Attempt + Sync,
    jobs: NonZeroUsize,
    mut take: impl FnMut(Seed, Result<u64, Escape>) + Send,
) {
    let perform = if scenario.wants_fresh_thread() { perform_freshly } else { perform_here };
    let first = seeds.range().start;
    let dog = Watchdog::new(jobs.get(), PATIENCE);
    let work = |worker, piece| {
        let seed = Seed(first + piece);
        let job = attempt(seed).job();
        let outcome = dog.time(worker, seed, || perform(scenario, host, &job));
        (seed, outcome.map(|run| run.digest))
    };
    dog.guard(&scenario.summary().name, || in_order(jobs, seeds.len(), work, |(seed, digest)| take(seed, digest)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::BareHost;
    use crate::explore::fake::{Fake, Sin};

    #[test]
    fn digests_come_in_order_and_alike_on_any_number_of_threads() {
        let on = |jobs| {
            let mut all = Vec::new();
            let (fake, seeds) = (Fake::new("fake", Sin::PanicsOn(40)), "3..103".parse().unwrap());
            let jobs = NonZeroUsize::new(jobs).unwrap();
            digests(&fake, &BareHost, &seeds, Attempt::from, jobs, |seed, digest| all.push((seed, digest)));
            all
        };
        let alone = on(1);
        assert_eq!(alone, on(3));
        assert!(alone.iter().map(|(seed, _)| seed.0).eq(3..103));
        assert!(alone[37].1.is_err() && alone[36].1.is_ok());
    }
}
