//! Both versions of every scenario on the same seeds: the first `MOST` for the usual one, fewer for the better one.

use synod::explore::{BareHost, Seeds, Sweep, SweepReport};
use synod::scenario::{Expectation, Pairing, Runnable};
use synod_scenarios::catalogue;

/// The usual version must be caught within so many seeds.
const MOST: u64 = 1_000;
/// Enough to see that nothing is broken; the sweep of 100,000 is `cargo run --release -- run NAME --seeds 0..100000`.
const FEW: u64 = 200;

#[test]
fn the_usual_version_of_each_scenario_is_caught_within_a_thousand_seeds() {
    let catalogue = catalogue();
    for name in catalogue.pairings().iter().map(Pairing::name) {
        let scenario = catalogue.find(name).expect("a scenario of the catalogue");
        let Expectation::Violates(property) = scenario.summary().expectation else { panic!("{name} expects nothing") };
        let caught = (0..MOST / FEW).find_map(|chunk| first_failure(&swept(scenario, chunk * FEW..(chunk + 1) * FEW)));
        println!("{name}: {caught:?}");
        assert_eq!(caught.map(|caught| caught.property), Some(property), "{name}");
    }
}

#[test]
fn the_better_version_of_each_scenario_holds_and_judges_something() {
    let catalogue = catalogue();
    let better = catalogue.pairings().iter().flat_map(Pairing::better).map(String::as_str);
    for name in better.chain(["hedged_search"]) {
        let scenario = catalogue.find(name).expect("a scenario of the catalogue");
        assert_eq!(scenario.summary().expectation, Expectation::Holds);
        let report = swept(scenario, 0..FEW);
        assert_eq!(first_failure(&report), None, "{name}");
        for tally in &report.harvest.properties {
            assert!(tally.is_exercised(), "{name}: nothing for {} to judge", tally.property.name);
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Caught {
    property: String,
    seed: u64,
}

fn swept(scenario: &dyn Runnable, seeds: std::ops::Range<u64>) -> SweepReport {
    Sweep::of(Seeds::new(seeds).expect("a range")).run(scenario, &BareHost)
}

fn first_failure(report: &SweepReport) -> Option<Caught> {
    let first = report.first_failure()?;
    Some(Caught { property: first.property.clone(), seed: first.example.seed.0 })
}
