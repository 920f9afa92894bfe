//! Inside madsim. Knows its runtime and its clock; the network, tasks and timers it offers are not used.

use crate::explore::Host;
use crate::scenario::{Clock, Job, Run, Runnable};
use crate::time::Time;
use madsim::Config;
use madsim::runtime::Runtime;
use madsim::time::TimeHandle;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

/// Runs each job inside one madsim task.
#[derive(Clone, Copy, Debug, Default)]
pub struct MadsimHost;

impl Host for MadsimHost {
    fn name(&self) -> &'static str {
        "madsim"
    }

    fn run(&self, scenario: &dyn Runnable, job: &Job) -> Run {
        let runtime = Runtime::with_seed_and_config(job.seed.0, Config::default());
        let outcome = runtime.block_on(async {
            // Caught inside: madsim would print its own lines about the task before passing the panic on.
            panic::catch_unwind(AssertUnwindSafe(|| scenario.run(job, &MadsimClock::started())))
        });
        outcome.unwrap_or_else(|payload| panic::resume_unwind(payload))
    }
}

/// Moves madsim's clock along with the world's.
struct MadsimClock {
    handle: TimeHandle,
    /// The instant of the run that it shows. Nothing else moves madsim's clock while its only task runs, so it need not
    /// be asked: its lock costs as much as the rest.
    shown: Cell<Time>,
}

impl MadsimClock {
    fn started() -> MadsimClock {
        MadsimClock { handle: TimeHandle::current(), shown: Cell::new(Time::ZERO) }
    }
}

impl Clock for MadsimClock {
    fn advance_to(&self, now: Time) {
        let shown = self.shown.get();
        if now > shown {
            self.shown.set(now);
            self.handle.advance(std::time::Duration::from_nanos(now.since(shown).0));
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "these tests are about the standard library")]
mod tests {
    use super::*;
    use crate::explore::fake::{Fake, Sin};
    use crate::explore::{BareHost, perform};
    use crate::scenario::Summary;
    use crate::seed::Seed;
    use crate::time::{millis, seconds};
    use std::hash::{BuildHasher, RandomState};
    use std::sync::Mutex;
    use std::time::{Instant, SystemTime};

    /// A scenario that looks behind Synod's back and writes down what it saw.
    struct Peeping<F>(F, Mutex<Vec<String>>);

    impl<F: Fn(&dyn Clock) -> String + Send + Sync> Runnable for Peeping<F> {
        fn summary(&self) -> Summary {
            Fake::new("peeping", Sin::None).summary()
        }

        fn validate(&self) -> Result<(), String> {
            Ok(())
        }

        fn run(&self, job: &Job, clock: &dyn Clock) -> Run {
            self.1.lock().unwrap().push((self.0)(clock));
            Fake::new("peeping", Sin::None).run(job, clock)
        }

        fn wants_fresh_thread(&self) -> bool {
            true
        }
    }

    fn seen(seed: u64, peep: impl Fn(&dyn Clock) -> String + Send + Sync) -> String {
        let peeping = Peeping(peep, Mutex::default());
        perform(&peeping, &MadsimHost, &Job::of(Seed(seed))).expect("peeping is harmless");
        peeping.1.into_inner().unwrap().remove(0)
    }

    #[test]
    fn the_standard_clocks_follow_virtual_time_and_never_run_backwards() {
        let spans = seen(1, |clock| {
            clock.advance_to(Time::ZERO + millis(1));
            let (instant, system) = (Instant::now(), SystemTime::now());
            clock.advance_to(Time::ZERO + seconds(91));
            let forward = (instant.elapsed(), system.elapsed().unwrap());
            clock.advance_to(Time::ZERO + seconds(5));
            format!("{forward:?} {:?}", instant.elapsed())
        });
        assert_eq!(spans, "(90.999s, 90.999s) 90.999s");
    }

    #[test]
    fn system_randomness_comes_from_the_seed() {
        let keys = |seed| seen(seed, |_| format!("{:x}", RandomState::new().hash_one("plan")));
        assert_eq!(keys(7), keys(7));
        assert_ne!(keys(7), keys(8));
    }

    #[test]
    fn threads_are_refused() {
        let peeping =
            Peeping(|_: &dyn Clock| format!("{:?}", std::thread::spawn(|| 1).join().is_ok()), Mutex::default());
        let refused = perform(&peeping, &MadsimHost, &Job::of(Seed(1))).unwrap_err();
        assert!(refused.what.contains("thread"), "{refused}");
    }

    #[test]
    fn a_run_has_the_same_digest_inside_madsim_and_on_the_bare_host() {
        let fake = Fake::new("fake", Sin::ViolatesEvery(3));
        for seed in 0..200 {
            let digest = |host: &dyn Host| perform(&fake, host, &Job::of(Seed(seed))).unwrap().digest;
            assert_eq!(digest(&MadsimHost), digest(&BareHost), "seed {seed}");
        }
    }

    #[test]
    fn a_panic_keeps_its_text_on_the_way_out() {
        let escape = perform(&Fake::new("fake", Sin::PanicsOn(5)), &MadsimHost, &Job::of(Seed(5))).unwrap_err();
        assert!(escape.what.starts_with("slot 5 is missing"), "{escape}");
    }
}
