//! A round of Raft on Synod as the catalogue runs it: five members, faults, history, digest and every check.
//!
//! There are two. The *same round* has the faults that madsim's network can do as well, so that both sides are up
//! against the same. The *whole round* has every fault of the catalogue on Synod's side; delays, duplicates,
//! reordering, corruption, clocks, disks and failing models the baseline is spared.

use synod::fault::{Fault, Kind, Moment, Nemesis, Team};
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

/// What madsim can do: lose, cut, part, crash and start again.
const COMMON: [Kind; 10] = [
    Kind::Loss,
    Kind::Cut,
    Kind::Flap,
    Kind::PartitionSplit,
    Kind::PartitionIsolate,
    Kind::PartitionRing,
    Kind::PartitionBridge,
    Kind::PartitionOneWay,
    Kind::Crash,
    Kind::CrashAfterPersist,
];

/// A round, seed by seed.
pub struct Round {
    nemesis: Nemesis,
    scenario: Scenario<Raft>,
}

/// What a seed's round takes, to be done elsewhere too.
pub struct Load {
    /// The seed.
    pub seed: u64,
    /// How many messages are sent.
    pub messages: u64,
}

impl Round {
    /// With the faults that both sides can do.
    pub fn same() -> Round {
        Round::under(COMMON.into_iter().map(Nemesis::only).fold(Nemesis::none(), |all, kind| all + kind))
    }

    /// With every fault that Raft promises to survive.
    pub fn whole() -> Round {
        Round::under(Nemesis::all())
    }

    /// The catalogue's Raft, with five members on every seed and one decision wanted.
    fn under(nemesis: Nemesis) -> Round {
        let scenario = synod_scenarios::raft_of(Raft::factory).nemesis(nemesis.clone());
        Round { nemesis, scenario: scenario.sizes([]).workload(1, 1).phases(SAFETY, BOUND) }
    }

    /// The run of a seed, on the host that sweeps use.
    pub fn run(&self, seed: u64, detail: Detail) -> Run {
        let run = default_host().run(&self.scenario, &Job::of(Seed(seed)).detailed(detail));
        assert!(!run.failed(), "a correct Raft is what is measured, and seed {seed} fails");
        run
    }

    /// How many messages the run of each seed sends.
    pub fn messages(&self) -> Vec<u64> {
        SEEDS.map(|seed| self.run(seed, Detail::Digest).figures.messages).collect()
    }

    /// The load of every seed.
    pub fn loads(&self) -> Vec<Load> {
        let load = |seed| {
            let Run { figures, schedule, .. } = self.run(seed, Detail::Digest);
            assert_eq!(self.plan(seed), schedule.faults, "seed {seed}: both sides plan the same faults");
            Load { seed, messages: figures.messages }
        };
        SEEDS.map(load).collect()
    }

    /// The faults of a seed.
    pub fn plan(&self, seed: u64) -> Vec<Fault> {
        let members = Members::of(super::ring::NODES);
        let until = Time::ZERO + SAFETY;
        let (moments, tolerance) = (&Moment::ALL, &Raft::tolerance);
        let team = Team { members: &members, models: 1, clients: 1, tools: 0, moments, tolerance, until };
        self.nemesis.plan(&team, &Streams::of(Seed(seed))).expect("a plan").faults
    }

    /// The properties that judge it.
    pub fn properties(&self) -> Vec<&'static str> {
        self.scenario.summary().properties.iter().map(|property| property.name).collect()
    }
}
