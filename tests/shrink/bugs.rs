//! Scenarios that fail: the baselines, and one for each planted bug.

use std::num::NonZeroUsize;
use synod::explore::{BareHost, Fingerprint, Seeds, Shrink, Shrunk, Sweep};
use synod::protocol::consensus::bft::{self, Bft};
use synod::protocol::consensus::raft::{self, Raft};
use synod::protocol::consensus::{Debate, Paxos, Refine, debate, paxos, refine, vote};
use synod::scenario::Runnable;
use synod::seed::Seed;
use synod_scenarios::{bft_of, catalogue, debate_of, paxos_config, paxos_of, raft_of, refine_of};

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
    fn of(name: String, scenario: impl Runnable + 'static) -> Bug {
        Bug { name, scenario: Box::new(scenario) }
    }

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
    Bug::of(name.to_owned(), Listed { name })
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

fn of_raft(bug: raft::Planted) -> Bug {
    let config = move || raft::Config { planted: Some(bug), ..raft::Config::default() };
    Bug::of(format!("raft {bug:?}"), raft_of(move |me, members| Raft::new(me, members, config())))
}

fn of_paxos(bug: paxos::Planted) -> Bug {
    let scenario = paxos_of(move |me, members| {
        Paxos::new(me, members, paxos::Config { planted: Some(bug), ..paxos_config(members) })
    });
    Bug::of(format!("paxos {bug:?}"), scenario)
}

fn of_bft(bug: bft::Planted) -> Bug {
    let config = move || bft::Config { planted: Some(bug), ..bft::Config::default() };
    Bug::of(format!("bft {bug:?}"), bft_of(move |me, members| Bft::new(me, members, config())))
}

fn of_debate(bug: debate::Planted) -> Bug {
    let config = move || debate::Config { planted: Some(bug), ..debate::Config::default() };
    Bug::of(format!("debate {bug:?}"), debate_of(move |me, members| Debate::new(me, members, config())))
}

fn of_refine(bug: refine::Planted) -> Bug {
    let config = move || refine::Config { planted: Some(bug), ..refine::Config::default() };
    Bug::of(format!("refine {bug:?}"), refine_of(move |me, members| Refine::new(me, members, config())))
}

/// Every planted bug.
pub fn planted() -> Vec<Bug> {
    use raft::Planted as R;
    let of_raft = [
        R::VoteNotPersisted,
        R::TermNotPersisted,
        R::CommitsEarlierTerm,
        R::SkipsUpToDateCheck,
        R::AdoptsParaphrase,
        R::NeverStepsDown,
    ]
    .map(of_raft);
    use paxos::Planted as P;
    let of_paxos = [
        P::PromiseNotPersisted,
        P::VoteNotPersisted,
        P::KeepsOwnValue,
        P::ReusesBallot,
        P::DisjointQuorums,
        P::CountsAcrossBallots,
        P::VotesBelowPromise,
        P::AdoptsParaphrase,
    ]
    .map(of_paxos);
    use bft::Planted as B;
    let of_bft =
        [B::QuorumTooSmall, B::NoLock, B::DropsValidValue, B::CountsVoterTwice, B::TrustsAnyName, B::LockNotPersisted]
            .map(of_bft);
    use vote::Planted as V;
    let votes = [
        V::VoteNotPersisted,
        V::CountsVoterTwice,
        V::QuorumOfPresent,
        V::QuorumTooSmall,
        V::IgnoresEarlierVotes,
        V::AdoptsParaphrase,
    ];
    let of_debate = votes.map(debate::Planted::Vote).map(of_debate);
    let of_refine = votes.map(refine::Planted::Vote).map(of_refine);
    of_raft.into_iter().chain(of_paxos).chain(of_bft).chain(of_debate).chain(of_refine).collect()
}

/// Those that are found within a few hundred seeds: one or two of each protocol.
pub fn quick() -> Vec<Bug> {
    vec![
        of_raft(raft::Planted::TermNotPersisted),
        of_raft(raft::Planted::NeverStepsDown),
        of_paxos(paxos::Planted::VoteNotPersisted),
        of_paxos(paxos::Planted::DisjointQuorums),
        of_bft(bft::Planted::QuorumTooSmall),
        of_debate(debate::Planted::Vote(vote::Planted::QuorumTooSmall)),
        of_refine(refine::Planted::Vote(vote::Planted::QuorumOfPresent)),
    ]
}
