//! The detection table in a small size: over the bugs that are found in few seeds.

use std::num::NonZeroUsize;
use synod::explore::Strategy;
use synod_scenarios::corpus::detect::{Adequacy, Hunt, Table, configuration, false_alarms, mean_seeds, twins};
use synod_scenarios::corpus::{Bug, by_name};

const JOBS: NonZeroUsize = NonZeroUsize::MIN;

const fn hunt(most: u64, ranges: u64) -> Hunt {
    Hunt { most, ranges, strategy: Strategy::Swarm, jobs: JOBS }
}

/// One or two of each family that take few seeds.
fn easy() -> Vec<Bug> {
    let names = [
        "raft/TermNotPersisted",
        "raft/AcksBeforeDisk",
        "paxos/DisjointQuorums",
        "debate/vote/QuorumTooSmall",
        "line/DeliversWithoutWaiting",
        "gossip/LastToComeWins",
        "policy/NoJitter",
        "panel/ClaimsVotes",
    ];
    names.map(|name| by_name(name).unwrap_or_else(|| panic!("{name} is a bug of the corpus"))).into()
}

#[test]
fn easy_bugs_are_found_in_every_range_and_their_twins_are_not_accused() {
    let hunt = hunt(500, 3);
    for bug in easy() {
        let found = hunt.of(&bug);
        assert_eq!((found.hits, found.ranges), (3, 3), "{}", bug.name);
        let mean = mean_seeds(&found);
        assert!(mean.least <= Some(mean.value) && Some(mean.value) <= mean.most, "{}: {mean:?}", bug.name);
    }
    for (twin, bugs) in twins(&easy()) {
        let alarms = false_alarms(&hunt, &*twin, bugs.len(), 100);
        assert_eq!((alarms.accused, alarms.seeds), (0, 100), "{bugs:?}: {:?}", alarms.lowest);
    }
}

#[test]
fn a_hunt_finds_the_same_on_any_number_of_threads() {
    let bug = by_name("raft/TermNotPersisted").expect("a bug of the corpus");
    let hunt = hunt(500, 2);
    let three = NonZeroUsize::new(3).expect("three threads");
    assert_eq!(hunt.of(&bug), Hunt { jobs: three, ..hunt }.of(&bug));
}

#[test]
fn a_bug_that_is_not_found_is_said_to_take_more_seeds_than_were_run() {
    let bug = by_name("raft/CommitsEarlierTerm").expect("a bug of the corpus");
    let found = hunt(4, 1).of(&bug);
    assert_eq!((found.hits, found.seeds, found.within), (0, 4, None));
    let mut table = Table::default();
    let line = table.note(&bug, Strategy::Swarm, found, None);
    assert!(line.contains("0/1") && line.contains("more than 2"), "{line}");
    assert_eq!(table.survivors().collect::<Vec<_>>(), [("raft/CommitsEarlierTerm", Strategy::Swarm)]);
    assert!(table.kill_rates().contains("0 of 1"));
}

#[test]
fn a_checker_that_is_the_only_one_to_catch_a_bug_is_told_from_one_that_is_not() {
    let bugs = [by_name("line/DeliversWithoutWaiting"), by_name("gossip/LastToComeWins")].map(Option::unwrap);
    let hunt = hunt(500, 1);
    let adequacy = Adequacy::of(&hunt, &bugs, 100);
    assert!(adequacy.missed.is_empty(), "{:?}", adequacy.missed);
    assert_eq!(adequacy.checkers["causal_delivery"].alone, ["line/DeliversWithoutWaiting"]);
    assert!(adequacy.spare().any(|name| name == "no_invented_letter"));
}

#[test]
fn a_configuration_is_another_for_other_bugs_and_budgets() {
    let hunt = hunt(500, 3);
    let bugs = easy();
    let whole = configuration(&bugs, &hunt);
    assert_eq!(whole, configuration(&easy(), &Hunt { jobs: NonZeroUsize::new(2).expect("two"), ..hunt }));
    assert_ne!(whole, configuration(&bugs[1..], &hunt));
    assert_ne!(whole, configuration(&bugs, &Hunt { most: 501, ..hunt }));
}
