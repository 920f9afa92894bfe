//! Every planted bug that is not known to be hard is caught by its own property, under the very nemesis and budgets
//! under which its twin holds.
//!
//! The seed that showed a bug last is archived and looked at first: one failing seed below the bound is the proof.
//! Where it shows the bug no more, since runs have changed, all are looked through;
//! `SYNOD_BLESS=1 cargo test --test corpus kills` looks through them in any case and writes the archive anew.

use std::fmt::Write;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::PathBuf;
use std::{env, fs};
use synod::explore::{BareHost, Seeds, Sweep};
use synod::scenario::Runnable;
use synod_scenarios::corpus::{Bug, Family, of};

/// Within how many seeds every planted bug of a family must be caught; the hunt stops at the first chunk that holds a
/// failure.
const fn most_seeds(family: Family) -> u64 {
    match family {
        Family::Channels | Family::Stores => 5_000,
        _ => 25_000,
    }
}

/// The lowest of some seeds that violates the bug's own property.
fn shows(bug: &Bug, planted: &dyn Runnable, seeds: Range<u64>) -> Option<u64> {
    // Families are looked through side by side.
    let sweep = Sweep { jobs: NonZeroUsize::MIN, ..Sweep::of(Seeds::new(seeds).expect("a range")) };
    let report = sweep.run(planted, &BareHost);
    report.harvest.property(bug.property).and_then(|tally| tally.lowest).map(|seed| seed.0)
}

/// The lowest seed of all that shows a bug. Chunks of seeds grow: most bugs show at once.
fn lowest(bug: &Bug, planted: &dyn Runnable) -> Option<u64> {
    let (mut from, mut length, most) = (0, 64, most_seeds(bug.family));
    while from < most {
        let to = most.min(from + length);
        if let Some(seed) = shows(bug, planted, from..to) {
            return Some(seed);
        }
        (from, length) = (to, 1_024.min(length * 2));
    }
    None
}

/// A seed that shows a bug: the archived one, or else the lowest.
fn caught(bug: &Bug, archived: Option<u64>) -> Option<u64> {
    let planted = bug.planted();
    let still =
        archived.filter(|seed| *seed < most_seeds(bug.family) && shows(bug, &*planted, *seed..*seed + 1).is_some());
    still.or_else(|| lowest(bug, &*planted))
}

fn archive(family: Family) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/caught/{family}.txt"))
}

/// The archived seed of a bug.
fn archived(archive: &str, bug: &Bug) -> Option<u64> {
    let mut lines = archive.lines().filter_map(|line| line.split_once(' '));
    lines.find(|(name, _)| *name == bug.name).and_then(|(_, seed)| seed.parse().ok())
}

fn each_is_caught(family: Family) {
    let blessed = env::var_os("SYNOD_BLESS").is_some();
    let before = if blessed { String::new() } else { fs::read_to_string(archive(family)).unwrap_or_default() };
    let (mut today, mut missed) = (String::new(), Vec::new());
    for bug in &of(family) {
        match caught(bug, archived(&before, bug)) {
            Some(seed) => writeln!(today, "{} {seed}", bug.name).expect("a string takes all"),
            None => missed.push(format!("{}: {}", bug.name, bug.property)),
        }
    }
    assert!(missed.is_empty(), "not within {} seeds: {missed:?}", most_seeds(family));
    if blessed {
        fs::write(archive(family), &today).expect("the archive is writable");
    }
}

#[test]
fn every_planted_bug_of_raft_is_caught() {
    each_is_caught(Family::Raft);
}

#[test]
fn every_planted_bug_of_paxos_is_caught() {
    each_is_caught(Family::Paxos);
}

#[test]
fn every_planted_bug_of_byzantine_agreement_is_caught() {
    each_is_caught(Family::Bft);
}

#[test]
fn every_planted_bug_of_debate_and_refinement_is_caught() {
    each_is_caught(Family::Deliberation);
}

#[test]
fn every_planted_bug_of_channels_is_caught() {
    each_is_caught(Family::Channels);
}

#[test]
fn every_planted_bug_of_stores_is_caught() {
    each_is_caught(Family::Stores);
}

#[test]
fn every_planted_bug_of_policies_is_caught() {
    each_is_caught(Family::Policies);
}

#[test]
fn every_planted_bug_of_teams_is_caught() {
    each_is_caught(Family::Teams);
}
