//! The hunt for a planted bug, over the seeds of the scenario that the correct protocol holds.

use synod::explore::{BareHost, Seeds, Sweep};
use synod::scenario::Runnable;

/// Every planted bug must be caught within so many seeds; the hunt stops at the first chunk that holds a failure.
const MOST_SEEDS: u64 = 25_000;
const CHUNK: u64 = 500;

/// The properties that the lowest failing chunk of seeds violates.
pub fn caught(bug: &str, scenario: &dyn Runnable) -> Vec<String> {
    caught_within(MOST_SEEDS, bug, scenario)
}

/// The same within so many seeds.
pub fn caught_within(most_seeds: u64, bug: &str, scenario: &dyn Runnable) -> Vec<String> {
    for chunk in 0..most_seeds / CHUNK {
        let seeds = Seeds::new(chunk * CHUNK..(chunk + 1) * CHUNK).expect("a range");
        let report = Sweep::of(seeds).run(scenario, &BareHost);
        if let Some(first) = report.first_failure() {
            println!("{bug}: {} with seed {}", first.property, first.example.seed);
            return report.harvest.failures.groups().iter().map(|group| group.property.clone()).collect();
        }
    }
    Vec::new()
}

/// Asserts that the bug is caught by this property, perhaps among others.
pub fn expect(bug: &str, scenario: &dyn Runnable, property: &str) {
    let violated = caught(bug, scenario);
    assert!(violated.iter().any(|name| name == property), "{bug} violated {violated:?}, not {property}");
}
