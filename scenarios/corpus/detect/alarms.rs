//! False alarms: what is said against the correct twins, of safety and of liveness.

use super::super::Bug;
use super::Hunt;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use synod::explore::{BareHost, perform};
use synod::scenario::{Job, Runnable};
use synod::seed::Seed;

/// Two twins that agree on the runs of so many seeds are one.
const ALIKE: u64 = 6;

/// What a sweep said against a twin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FalseAlarms {
    /// The twin's scenario, and the bugs that it is the twin of.
    pub twin: String,
    /// How many bugs.
    pub bugs: usize,
    /// Seeds swept.
    pub seeds: u64,
    /// Of those, how many were accused.
    pub accused: u64,
    /// Of those, how many of liveness.
    pub stalled: u64,
    /// The lowest seed that was, and of what.
    pub lowest: Option<(Seed, String)>,
}

impl FalseAlarms {
    /// As part of a document.
    #[must_use]
    pub fn json(&self) -> Value {
        let FalseAlarms { twin, bugs, seeds, accused, stalled, lowest } = self;
        let lowest = lowest.as_ref().map(|(seed, property)| json!({ "seed": seed.0, "property": property }));
        json!({
            "twin": twin, "bugs": bugs, "seeds": seeds, "accused": accused, "stalled": stalled, "lowest": lowest,
        })
    }
}

/// The twins of these bugs, each once, with the names of its bugs.
#[must_use]
pub fn twins(bugs: &[Bug]) -> Vec<(Box<dyn Runnable>, Vec<String>)> {
    let mut places: BTreeMap<Vec<u64>, usize> = BTreeMap::new();
    let mut twins: Vec<(Box<dyn Runnable>, Vec<String>)> = Vec::new();
    for bug in bugs {
        let twin = bug.twin();
        let digest = |seed| perform(&*twin, &BareHost, &Job::of(Seed(seed))).map_or(0, |run| run.digest);
        let place = *places.entry((0..ALIKE).map(digest).collect()).or_insert(twins.len());
        match twins.get_mut(place) {
            Some((_, names)) => names.push(bug.name.clone()),
            None => twins.push((twin, vec![bug.name.clone()])),
        }
    }
    twins
}

/// Sweeps a twin.
#[must_use]
pub fn false_alarms(hunt: &Hunt, twin: &dyn Runnable, bugs: usize, seeds: u64) -> FalseAlarms {
    let report = hunt.sweep(twin, 0..seeds);
    let first = report.first_failure();
    FalseAlarms {
        twin: twin.summary().name,
        bugs,
        seeds,
        accused: report.harvest.failed,
        stalled: report.harvest.stalled_runs,
        lowest: first.map(|group| (group.example.seed, group.property.clone())),
    }
}
