//! The least trouble in which each bug is known to show: a directed schedule, kept as a line of `least.jsonl`.
//!
//! Such a schedule proves that its bug can be reached, and its number of faults is what shrunk schedules are held
//! against. `detect --least` makes the lines anew from what it finds and shrinks; a shorter schedule made by hand may
//! take a line's place.

use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use synod::fault::{Fault, Schedule};

/// What it takes to see a bug.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Least {
    /// Which bug.
    pub bug: String,
    /// How many members the team has; without it, as many as the scenario draws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<u16>,
    /// With which seeds, the faults aside: one of the first so many shows it.
    pub seeds: u64,
    /// The faults.
    pub faults: Vec<Fault>,
}

impl Least {
    /// Its faults as a plan.
    #[must_use]
    pub fn schedule(&self) -> Schedule {
        Schedule { faults: self.faults.clone() }
    }

    /// As a line of the file.
    ///
    /// # Panics
    /// Never: every part has a JSON form.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = serde_json::to_value(self).expect("plain data");
        if let Some(faults) = line.get_mut("faults").and_then(serde_json::Value::as_array_mut) {
            // A plan names its faults anew.
            faults.iter_mut().filter_map(serde_json::Value::as_object_mut).for_each(|fault| _ = fault.remove("name"));
        }
        line.to_string()
    }
}

/// A bug that is shown by messages made by hand, because no plan of faults found so far shows it in few seeds.
#[derive(Clone, Copy, Debug)]
pub struct Handmade {
    /// Which bug.
    pub bug: &'static str,
    /// The test in `sim` that shows it, and shows that the correct protocol does not go wrong on the same messages.
    pub test: &'static str,
    /// Faults that its messages amount to.
    pub faults: u64,
}

/// Every such bug.
pub const HANDMADE: &[Handmade] = &[
    // One reply twice.
    Handmade { bug: "raft/CountsVotesTwice", test: "one_vote_that_arrives_twice_elects", faults: 1 },
    // Three rounds, each under a partition of its own.
    Handmade {
        bug: "bft/UnlocksOnAnyRound",
        test: "a_member_that_prevotes_of_any_earlier_round_free_votes_against_its_lock",
        faults: 3,
    },
    Handmade {
        bug: "bft/KeepsFirstValid",
        test: "a_proposer_that_keeps_what_was_valid_first_goes_back_behind_its_lock",
        faults: 3,
    },
    // A delayed answer, a leader that is cut off, and a successor.
    Handmade { bug: "raft/ReusesReadRound", test: "answers_to_heartbeats_before_the_read_confirm_it", faults: 2 },
];

/// Bugs that no schedule is known to show in few seeds: each is a gap to be closed.
pub const UNSHOWN: &[&str] = &["policy/NoCeiling"];

/// Every least schedule; lines that begin with `#` say what is meant.
static LEAST: LazyLock<Vec<Least>> = LazyLock::new(|| {
    let lines = include_str!("least.jsonl").lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
    let read = |(number, line)| match serde_json::from_str(line) {
        Ok(least) => least,
        Err(error) => panic!("least.jsonl, line {}: {error}", number + 1),
    };
    lines.map(read).collect()
});

/// The least schedules of all bugs.
#[must_use]
pub fn least() -> &'static [Least] {
    &LEAST
}
