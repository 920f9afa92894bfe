//! The least schedule of each planted bug shows it, and shows nothing against its twin.

use std::num::NonZeroUsize;
use synod::explore::Strategy;
use synod_scenarios::corpus::detect::Hunt;
use synod_scenarios::corpus::{Bug, HANDMADE, UNSHOWN, all, by_name, least};

const HUNT: Hunt = Hunt { most: 1, ranges: 1, strategy: Strategy::Swarm, jobs: NonZeroUsize::MIN };

#[test]
fn every_bug_has_one_least_schedule_or_is_said_to_have_none() {
    let schedules = least().iter().map(|least| least.bug.as_str()).chain(HANDMADE.iter().map(|made| made.bug));
    let mut schedules: Vec<&str> = schedules.chain(UNSHOWN.iter().copied()).collect();
    schedules.sort_unstable();
    let bugs = all();
    let mut names: Vec<&str> = bugs.iter().map(|bug| bug.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(schedules, names);
}

/// Every so many schedules are one test's, so that tests share the machine.
const SHARES: usize = 4;

fn each_shows(share: usize) {
    let mut wrong = Vec::new();
    for schedule in least().iter().skip(share).step_by(SHARES) {
        let bug: Bug = by_name(&schedule.bug).expect("a bug of the corpus");
        if HUNT.shows(&bug, schedule).is_none() {
            wrong.push(format!("{} does not show in its least schedule", bug.name));
        } else if let Some(seed) = HUNT.accuses(&bug, schedule) {
            wrong.push(format!("the twin of {} is accused of {} with seed {seed}", bug.name, bug.property));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_first_share_of_bugs_shows_in_its_least_schedules() {
    each_shows(0);
}

#[test]
fn a_second_share_of_bugs_shows_in_its_least_schedules() {
    each_shows(1);
}

#[test]
fn a_third_share_of_bugs_shows_in_its_least_schedules() {
    each_shows(2);
}

#[test]
fn a_fourth_share_of_bugs_shows_in_its_least_schedules() {
    each_shows(3);
}

#[test]
fn a_line_of_the_file_reads_as_the_schedule_that_it_was_written_from() {
    for schedule in least() {
        let read: synod_scenarios::corpus::Least = serde_json::from_str(&schedule.line()).expect("a line");
        assert_eq!(&read, schedule);
    }
}
