//! Every kind of the catalogue's two model parts is felt in a scenario of this repository, as `run all` runs it. A seed
//! that showed it is archived and looked at first; all are looked through only where it shows the kind no more.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs};
use synod::explore::{BareHost, perform};
use synod::fault::Kind;
use synod::scenario::{Job, Runnable};
use synod::seed::Seed;
use synod_scenarios::catalogue;

/// As many as `run all` has a scenario run.
const MOST_SEEDS: u64 = 1_000;

/// A run in which a kind was felt.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    scenario: String,
    seed: u64,
}

fn archive() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/felt.txt")
}

/// The archived run of each kind: `kind scenario seed`.
fn read(archive: &str) -> BTreeMap<Kind, Shown> {
    let line = |line: &str| {
        let [kind, scenario, seed] = line.split(' ').collect::<Vec<_>>().try_into().ok()?;
        Some((kind.parse().ok()?, Shown { scenario: scenario.to_owned(), seed: seed.parse().ok()? }))
    };
    archive.lines().filter_map(line).collect()
}

fn feels(scenario: &dyn Runnable, seed: u64) -> impl Fn(Kind) -> bool {
    let run = perform(scenario, &BareHost, &Job::of(Seed(seed))).expect("the run is contained");
    move |kind| run.ledger.tally(kind).felt > 0
}

/// A run for each of these kinds, the lowest seeds first; without those that are felt nowhere.
fn hunt(mut missing: Vec<Kind>) -> BTreeMap<Kind, Shown> {
    let (catalogue, mut found) = (catalogue(), BTreeMap::new());
    for seed in 0..MOST_SEEDS {
        for scenario in catalogue.iter() {
            if missing.is_empty() {
                return found;
            }
            let feels = feels(scenario, seed);
            let shown = || Shown { scenario: scenario.summary().name, seed };
            found.extend(missing.iter().filter(|kind| feels(**kind)).map(|kind| (*kind, shown())));
            missing.retain(|kind| !found.contains_key(kind));
        }
    }
    found
}

#[test]
fn every_fault_of_models_is_felt_in_a_scenario_of_this_repository() {
    let blessed = env::var_os("SYNOD_BLESS").is_some();
    let before = fs::read_to_string(archive()).unwrap_or_default();
    let catalogue = catalogue();
    let still = |(kind, shown): &(Kind, Shown)| {
        catalogue.find(&shown.scenario).is_ok_and(|scenario| feels(scenario, shown.seed)(*kind))
    };
    let mut shown: BTreeMap<Kind, Shown> = read(&before).into_iter().filter(still).collect();
    let of_models = || Kind::ALL.iter().copied().filter(|kind| kind.part().is_model());
    shown.extend(hunt(of_models().filter(|kind| !shown.contains_key(kind)).collect()));
    let nowhere: Vec<Kind> = of_models().filter(|kind| !shown.contains_key(kind)).collect();
    assert!(nowhere.is_empty(), "felt in no scenario within {MOST_SEEDS} seeds: {nowhere:?}");
    if blessed {
        let mut today = String::new();
        for (kind, Shown { scenario, seed }) in &shown {
            writeln!(today, "{kind} {scenario} {seed}").expect("a string takes all");
        }
        fs::write(archive(), today).expect("the archive is writable");
    }
}
