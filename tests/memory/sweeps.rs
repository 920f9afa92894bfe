//! Memory stays flat however many seeds are swept.

use super::{live, turn};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Mutex;
use synod::explore::{Seeds, Sweep};
use synod::runtime::default_host;
use synod::scenario::{Clock, Job, Run, Runnable, Summary};

/// Seeds in a sweep.
const SEEDS: usize = 4_000;
/// Two stretches of it, far apart; before the first one every cache has been filled.
const EARLY: Range<usize> = 1_000..2_000;
const LATE: Range<usize> = 3_000..4_000;
/// Between the stretches lie 2,000 runs: sixteen bytes kept of each come to more. Measured: see the assertion's text.
const SLACK: usize = 32_000;

/// A scenario that notes, before each of its runs, how much is allocated.
struct Watched<'a> {
    scenario: &'a dyn Runnable,
    noted: Mutex<Vec<usize>>,
}

impl Runnable for Watched<'_> {
    fn summary(&self) -> Summary {
        self.scenario.summary()
    }

    fn validate(&self) -> Result<(), String> {
        self.scenario.validate()
    }

    fn run(&self, job: &Job, clock: &dyn Clock) -> Run {
        self.noted.lock().expect("no run panics here").push(live());
        self.scenario.run(job, clock)
    }

    fn wants_fresh_thread(&self) -> bool {
        self.scenario.wants_fresh_thread()
    }
}

#[test]
fn memory_stays_flat_over_many_seeds() {
    let _turn = turn();
    let catalogue = synod_scenarios::catalogue();
    let scenario = catalogue.find("raft").expect("raft is in the catalogue");
    let mut after = [0; 2];
    for left in &mut after {
        // Room for every note and for the runs that a sweep repeats, made before anything is measured.
        let watched = Watched { scenario, noted: Mutex::new(Vec::with_capacity(SEEDS * 2)) };
        sweep(&watched);
        let noted = watched.noted.lock().expect("the sweep is over");
        let [early, late] = [EARLY, LATE].map(|stretch| *noted[stretch].iter().min().expect("a stretch of runs"));
        println!("least allocated before a run: {early} bytes early, {late} late");
        assert!(late <= early + SLACK, "from {early} to {late} bytes: something of each run is kept");
        drop(noted);
        drop(watched);
        *left = live();
    }
    let [first, second] = after;
    println!("allocated after a sweep: {first} bytes, after another: {second}");
    assert!(second <= first + SLACK, "from {first} to {second} bytes: something of each sweep is kept");
}

/// On one thread: on several, results wait for each other, a number that depends on the machine's mood.
fn sweep(scenario: &dyn Runnable) {
    let seeds = Seeds::new(0..SEEDS as u64).expect("a range");
    let sweep = Sweep { jobs: NonZeroUsize::MIN, ..Sweep::of(seeds) };
    let report = sweep.run(scenario, default_host());
    assert_eq!(report.harvest.failed, 0, "failing runs are kept, a few of each kind");
}
