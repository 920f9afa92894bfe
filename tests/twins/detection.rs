//! Seeds to detect each planted bug, with Twins and without.

use synod::explore::{BareHost, Seeds, Sweep};
use synod::fault::Nemesis;
use synod::protocol::consensus::bft::{Bft, Config, Planted};
use synod::scenario::Scenario;
use synod_scenarios::bft_of;

/// Enough for what is found once in a hundred seeds.
const SEEDS: u64 = 1_500;

/// Teams that bear one liar and two.
const SIZES: [u16; 2] = [4, 7];

/// A planted bug, and what it breaks.
struct Row {
    id: &'static str,
    bug: Planted,
    property: &'static str,
}

const ROWS: [Row; 7] = [
    row("B01 quorum of 2f", Planted::QuorumTooSmall, "certificates"),
    row("B02 team of 3f", Planted::LeavesOneOut, "certificates"),
    row("B03 no lock", Planted::NoLock, "locked_value"),
    row("B05 unlocks on any round", Planted::UnlocksOnAnyRound, "locked_value"),
    row("B07 keeps the first valid value", Planted::KeepsFirstValid, "locked_value"),
    row("B10 drops the valid value (safety)", Planted::DropsValidValue, "locked_value"),
    row("B10 drops the valid value (liveness)", Planted::DropsValidValue, "termination"),
];

const fn row(id: &'static str, bug: Planted, property: &'static str) -> Row {
    Row { id, bug, property }
}

fn seeds() -> u64 {
    std::env::var("SYNOD_TWINS").map_or(SEEDS, |text| text.parse().expect("SYNOD_TWINS is a number of seeds"))
}

fn scenario(bug: Option<Planted>, sizes: &[u16], nemesis: Nemesis) -> Scenario<Bft> {
    let config = Config { planted: bug, ..Config::default() };
    bft_of(move |me, members| Bft::new(me, members, config.clone())).sizes(sizes.iter().copied()).nemesis(nemesis)
}

/// In how many of so many seeds a property is violated.
fn violations(scenario: &Scenario<Bft>, seeds: u64, property: &str) -> u64 {
    let report = Sweep::of(Seeds::new(0..seeds).expect("a range")).run(scenario, &BareHost);
    report.harvest.property(property).expect("a property of the scenario").violated
}

fn once_in(found: u64, seeds: u64) -> String {
    seeds.checked_div(found).map_or_else(|| format!("none in {seeds}"), |each| format!("once in {each}"))
}

#[test]
fn twins_find_bugs_of_byzantine_agreement_in_far_fewer_seeds_than_random_faults() {
    let seeds = seeds();
    println!("{:<38} {:<14} {:>16} {:>16}", "bug", "breaks", "random faults", "twins");
    for Row { id, bug, property } in &ROWS {
        let random = violations(&scenario(Some(*bug), &SIZES, Nemesis::all()), seeds, property);
        let twins = violations(&scenario(Some(*bug), &SIZES, Nemesis::twins()), seeds, property);
        println!("{id:<38} {property:<14} {:>16} {:>16}", once_in(random, seeds), once_in(twins, seeds));
        // The others need more than one round under one partition, or a restart: their figures are for readers.
        if *property == "certificates" {
            assert!(twins >= 5 && twins >= 5 * random, "{id}: {twins} of {seeds} seeds by twins, {random} without");
        }
    }
}

#[test]
fn a_correct_team_bears_as_many_twins_as_it_says() {
    let seeds = seeds();
    let report =
        Sweep::of(Seeds::new(0..seeds).expect("a range")).run(&scenario(None, &SIZES, Nemesis::twins()), &BareHost);
    let first = report.first_failure().map(|group| (group.property.clone(), group.example.seed));
    assert_eq!(first, None);
    for kind in [synod::fault::Kind::Twin, synod::fault::Kind::RoundPartitions] {
        assert!(report.harvest.ledger.tally(kind).felt > 0, "{kind} is never felt");
    }
}

/// Two of four are more than it bears: the same plan with one twin too many breaks the correct protocol.
#[test]
fn one_twin_too_many_breaks_a_correct_team() {
    let found = violations(&scenario(None, &[4], Nemesis::twins_of(2)), seeds(), "certificates");
    assert!(found > 0, "two twins among four contradict no certificate");
}
