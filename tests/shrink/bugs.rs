//! Scenarios that fail: the baselines, and one for each planted bug.

use std::num::NonZeroUsize;
use synod::explore::{BareHost, Fingerprint, Seeds, Shrink, Shrunk, Sweep};
use synod::scenario::Runnable;
use synod::seed::Seed;
use synod_scenarios::{catalogue, corpus};

/// A scenario that fails, by the name of its bug.
pub struct Bug {
    pub name: String,
    pub scenario: Box<dyn Runnable>,
}

/// A seed on which it fails, and how.
pub struct Failing {
    pub seed: Seed,
    pub alike: Fingerprint,
}

/// Seeds searched at most.
const MOST_SEEDS: u64 = 25_000;
const CHUNK: u64 = 500;

impl Bug {
    /// The lowest seed that fails first, as a hunt would find it.
    pub fn hunt(&self) -> Option<Failing> {
        (0..MOST_SEEDS / CHUNK).find_map(|chunk| {
            let seeds = Seeds::new(chunk * CHUNK..(chunk + 1) * CHUNK).expect("a range");
            let jobs = NonZeroUsize::new(2).expect("two threads");
            let report = Sweep { jobs, ..Sweep::of(seeds) }.run(&*self.scenario, &BareHost);
            let group = report.first_failure()?;
            Some(Failing { seed: group.example.seed, alike: Fingerprint::of(group) })
        })
    }

    pub fn shrunk(&self, failing: &Failing, budget: u64) -> Shrunk {
        let shrink = Shrink { scenario: &*self.scenario, host: &BareHost, budget };
        shrink.failure(failing.seed, &failing.alike).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

/// The catalogue's scenarios that are expected to violate something.
pub fn baselines() -> Vec<Bug> {
    ["last_speaker", "orchestrator", "majority_naive"].map(listed).into()
}

fn listed(name: &'static str) -> Bug {
    Bug { name: name.to_owned(), scenario: Box::new(Listed { name }) }
}

/// A scenario of the catalogue, which lends its scenarios only.
struct Listed {
    name: &'static str,
}

impl Listed {
    fn with<T>(&self, use_it: impl FnOnce(&dyn Runnable) -> T) -> T {
        use_it(catalogue().find(self.name).expect("a scenario of the catalogue"))
    }
}

impl Runnable for Listed {
    fn summary(&self) -> synod::scenario::Summary {
        self.with(|scenario| scenario.summary())
    }

    fn validate(&self) -> Result<(), String> {
        self.with(|scenario| scenario.validate())
    }

    fn run(&self, job: &synod::scenario::Job, clock: &dyn synod::scenario::Clock) -> synod::scenario::Run {
        self.with(|scenario| scenario.run(job, clock))
    }

    fn wants_fresh_thread(&self) -> bool {
        false
    }
}

/// The bug of the corpus of this name.
fn of_corpus(bug: &corpus::Bug) -> Bug {
    Bug { name: bug.name.clone(), scenario: bug.planted() }
}

/// Every planted bug.
pub fn planted() -> Vec<Bug> {
    corpus::all().iter().map(of_corpus).collect()
}

/// Those that are found within a few hundred seeds: one or two of each protocol.
pub fn quick() -> Vec<Bug> {
    let names = [
        "raft/TermNotPersisted",
        "raft/NeverStepsDown",
        "paxos/VoteNotPersisted",
        "paxos/DisjointQuorums",
        "bft/QuorumTooSmall",
        "debate/vote/QuorumTooSmall",
        "refine/vote/QuorumOfPresent",
    ];
    names.map(|name| of_corpus(&corpus::by_name(name).expect("a bug of the corpus"))).into()
}
