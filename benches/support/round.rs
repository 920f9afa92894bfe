//! A round of Raft on Synod as the catalogue runs it: five members, faults, history, digest and every check.

use synod::fault::{Fault, Nemesis, Team};
use synod::id::Members;
use synod::protocol::Protocol;
use synod::protocol::consensus::Raft;
use synod::runtime::default_host;
use synod::scenario::{Job, Run, Runnable, Scenario};
use synod::seed::{Seed, Streams};
use synod::time::{Duration, Time, seconds};
use synod::trace::Detail;

/// The seeds that one measurement runs through.
pub const SEEDS: std::ops::Range<u64> = 0..50;

/// How long the faults last: with one decision, a round then takes about 500 messages.
pub const SAFETY: Duration = seconds(8);

/// How long the healed core may take, as in the catalogue.
const BOUND: Duration = seconds(220);

/// The catalogue's Raft, with five members on every seed and one decision wanted.
pub fn scenario() -> Scenario<Raft> {
    synod_scenarios::raft_of(Raft::factory).sizes([]).workload(1, 1).phases(SAFETY, BOUND)
}

/// The run of a seed, on the host that sweeps use.
pub fn run(scenario: &Scenario<Raft>, seed: u64, detail: Detail) -> Run {
    let run = default_host().run(scenario, &Job::of(Seed(seed)).detailed(detail));
    assert!(!run.failed(), "a correct Raft is what is measured, and seed {seed} fails");
    run
}

/// How many messages the run of each seed sends.
pub fn messages(scenario: &Scenario<Raft>) -> Vec<u64> {
    SEEDS.map(|seed| run(scenario, seed, Detail::Digest).figures.messages).collect()
}

/// What a seed's round takes, to be done elsewhere too.
pub struct Load {
    /// The seed.
    pub seed: u64,
    /// How many messages are sent.
    pub messages: u64,
}

/// The load of every seed.
pub fn loads(scenario: &Scenario<Raft>) -> Vec<Load> {
    let load = |seed| {
        let Run { figures, schedule, .. } = run(scenario, seed, Detail::Digest);
        assert_eq!(plan(seed), schedule.faults, "seed {seed}: both sides plan the same faults");
        Load { seed, messages: figures.messages }
    };
    SEEDS.map(load).collect()
}

/// The faults of a seed.
pub fn plan(seed: u64) -> Vec<Fault> {
    let members = Members::of(super::ring::NODES);
    let until = Time::ZERO + SAFETY;
    let team = Team { members: &members, models: 1, clients: 1, tools: 0, tolerance: &Raft::tolerance, until };
    Nemesis::all().plan(&team, &Streams::of(Seed(seed))).expect("a plan").faults
}

/// The properties that judge it.
pub fn properties() -> Vec<&'static str> {
    scenario().summary().properties.iter().map(|property| property.name).collect()
}
