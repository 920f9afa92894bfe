//! Any bytes as pins and faults through each team that holds: nothing panics, safety holds, and twice is the same run.
//!
//! A run's own draws are recorded first. The input then chooses some of them and what they shall yield, within their
//! domains: deliveries, losses, faults of the nemesis, persists, replies. Liveness and correctness are not judged: pins
//! may silence every model for good.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use synod::check::PropertyKind;
use synod::explore::{BareHost, Host};
use synod::scenario::{Catalogue, Job, Run, Runnable};
use synod::seed::{Pin, Seed};
use synod_fuzz::Bytes;

/// Those that promise safety under all that their own nemesis does.
const TEAMS: [&str; 18] = [
    "raft",
    "raft_log",
    "paxos",
    "bft",
    "debate",
    "refine",
    "orchestrator_fenced",
    "reviewers_quorum",
    "majority",
    "paxos_log",
    "bft_log",
    "channel_unordered",
    "channel_fifo",
    "channel_causal",
    "channel_total",
    "eventual",
    "causal",
    "strong",
];
/// Enough for a few faults and a few deliveries.
const MOST_PINS: u8 = 24;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(synod_scenarios::catalogue);

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = Bytes::of(bytes);
    let team = CATALOGUE.find(TEAMS[usize::from(bytes.below(TEAMS.len() as u8))]).expect("a team of the catalogue");
    let plain = Job { record_draws: true, ..Job::of(Seed(u64::from(bytes.byte()))) };
    let draws = sound(team, &plain).draws;
    if draws.is_empty() {
        return;
    }
    let job = Job { pins: pins(&draws, &mut bytes), record_draws: false, ..plain };
    let once = sound(team, &job);
    assert_eq!(sound(team, &job).digest, once.digest, "{job:?} gives two runs");
});

/// Some of these draws, with other choices of their domains. No draw twice.
fn pins(draws: &[Pin], bytes: &mut Bytes<'_>) -> Vec<Pin> {
    let wanted = bytes.below(MOST_PINS);
    let mut pins: BTreeMap<(String, u64), Pin> = BTreeMap::new();
    for _ in 0..wanted {
        let pin = bytes.pick(draws);
        let domain = pin.domain;
        let choice = match bytes.below(4) {
            0 => domain.least,
            1 => domain.most,
            2 => domain.harmless,
            _ => within(domain.least, domain.most, bytes.word()),
        };
        pins.insert((pin.stream.clone(), pin.index), Pin { choice, ..pin.clone() });
    }
    pins.into_values().collect()
}

/// The word folded into both ends' range.
fn within(least: u64, most: u64, word: u64) -> u64 {
    let span = (most - least).checked_add(1);
    span.map_or(word, |span| least + word % span)
}

/// The run of a job, in which nothing panicked and no safety property is violated. A pin that another pin made needless
/// ends nothing: the run says so and is as sound as any.
fn sound(team: &dyn Runnable, job: &Job) -> Run {
    let run = BareHost.run(team, job);
    assert!(run.crash.is_none(), "{job:?}: {:?}", run.crash);
    let unsafe_by = run
        .judged
        .iter()
        .find(|judged| judged.property.kind == PropertyKind::Safety && judged.verdict.witness().is_some());
    assert!(unsafe_by.is_none(), "{job:?}: {unsafe_by:?}");
    run
}
