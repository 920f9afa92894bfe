//! The determinism contract: a run is a function of its scenario, seed and pins, wherever and whenever it takes place.
//!
//! Every scenario of the catalogue and one more team, each over a thousand seeds. The reference is each seed alone, on
//! a thread on which nothing ran before; every other place must give the same digests. Knows no scenario by name.

mod elsewhere;
mod golden;
mod places;
mod printing;
mod team;

use places::{ALONE, BARE, Place};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, OnceLock};
use synod::explore::{Divergence, NotReproducible};
use synod::scenario::{Catalogue, Job, Runnable, Story};
use synod::seed::Seed;
use synod::trace::Detail;

/// As many as the contract says.
const SEEDS: u64 = 1_000;
/// Seeds of what takes several runs each, or runs a hundred times slower.
const FEW: u64 = 50;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(synod_scenarios::catalogue);
static TEAM: LazyLock<Story> = LazyLock::new(team::story);

fn scenarios() -> impl Iterator<Item = &'static dyn Runnable> {
    let team: &'static dyn Runnable = &*TEAM;
    CATALOGUE.iter().chain([team])
}

/// The digests of each scenario once they are asked for, by its name: whoever needs another one need not wait.
static REFERENCE: LazyLock<BTreeMap<String, OnceLock<Vec<u64>>>> =
    LazyLock::new(|| scenarios().map(|scenario| (scenario.summary().name, OnceLock::new())).collect());

/// The digests that every seed of the scenario gives alone.
fn reference(scenario: &dyn Runnable) -> &'static [u64] {
    REFERENCE[&scenario.summary().name].get_or_init(|| ALONE.digests(scenario, SEEDS))
}

#[test]
fn a_seed_gives_the_same_run_on_the_bare_host() {
    assert_same_as_alone(&BARE);
}

fn assert_same_as_alone(place: &Place) {
    let partings = scenarios().filter_map(|scenario| {
        let given = place.digests(scenario, SEEDS);
        let expected = reference(scenario);
        let seed = expected.iter().zip(&given).position(|(expected, given)| expected != given)?;
        Some(explain(scenario, Seed(seed as u64), &ALONE, place).to_string())
    });
    let partings: Vec<String> = partings.collect();
    assert!(partings.is_empty(), "{} and {} differ.\n{}", ALONE.name, place.name, partings.join("\n"));
}

/// Where the runs of a seed part, all that came before it in each place done again.
fn explain(scenario: &dyn Runnable, seed: Seed, one: &Place, other: &Place) -> NotReproducible {
    let divergence = Divergence::between(&one.told(scenario, seed), &other.told(scenario, seed));
    let divergence = divergence.unwrap_or(Divergence::Thread);
    NotReproducible { scenario: scenario.summary().name, seed, divergence }
}

#[test]
fn different_seeds_differ() {
    for scenario in scenarios() {
        let (name, digests) = (scenario.summary().name, reference(scenario));
        let distinct: BTreeSet<&u64> = digests.iter().collect();
        // A run of few choices may come twice; a stream that ignores its seed makes most of them alike.
        assert!(distinct.len() * 100 >= digests.len() * 99, "{name}: {} of {}", distinct.len(), digests.len());
    }
}

#[test]
fn a_run_is_the_same_however_much_of_it_is_kept() {
    for scenario in scenarios() {
        for seed in (0..FEW).map(Seed) {
            let digest = |detail| places::run(scenario, &Job::of(seed).detailed(detail)).digest;
            let digests = [Detail::Digest, Detail::Records, Detail::Full].map(digest);
            assert!(digests.iter().all(|other| *other == digests[0]), "{}, {seed}", scenario.summary().name);
        }
    }
}

#[test]
fn recording_the_draws_of_a_run_changes_nothing() {
    for scenario in scenarios() {
        for (seed, digest) in reference(scenario).iter().enumerate().take(FEW as usize) {
            let job = Job { record_draws: true, ..Job::of(Seed(seed as u64)) };
            assert_eq!(places::run(scenario, &job).digest, *digest, "{}, {seed}", scenario.summary().name);
        }
    }
}

/// Under another seed, so that a choice which no pin decides shows.
#[test]
fn pinning_every_draw_of_a_run_repeats_it_under_another_seed() {
    for scenario in scenarios() {
        let name = scenario.summary().name;
        for seed in 0..FEW {
            let parting = |detail| {
                let job = Job { record_draws: true, ..Job::of(Seed(seed)) };
                let recorded = places::run(scenario, &job.detailed(detail));
                assert!(!recorded.draws.is_empty(), "{name}, {seed}: nothing was drawn");
                let job = Job { pins: recorded.draws.clone(), ..Job::of(Seed(seed + SEEDS)) };
                let pinned = places::run(scenario, &job.detailed(detail));
                assert_eq!(pinned.pin_error, None, "{name}, {seed}");
                Divergence::between(&recorded, &pinned)
            };
            // Texts cost ten times the run, so only a run that parts is told in words.
            if let Some(divergence) = parting(Detail::Records) {
                let divergence = parting(Detail::Full).unwrap_or(divergence);
                panic!("{}", NotReproducible { scenario: name, seed: Seed(seed), divergence });
            }
        }
    }
}
