//! Whether each checker is needed: which bugs it catches, and which nobody else does.
//!
//! A checker that catches no bug alone is either one too many, or a bug is missing from the corpus.

use super::super::Bug;
use super::Hunt;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use synod::check::PropertyKind;
use synod::explore::CRASH;

/// What a checker caught.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caught {
    /// Bugs that it caught.
    pub bugs: Vec<String>,
    /// Of those, the ones that no other checker caught: kills that are lost without it.
    pub alone: Vec<String>,
}

/// What every checker caught over the same seeds of every bug.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adequacy {
    /// By property, of every property that a carrier judges.
    pub checkers: BTreeMap<String, Caught>,
    /// Bugs that nobody caught in so few seeds.
    pub missed: Vec<String>,
}

impl Adequacy {
    /// Sweeps so many seeds of every bug; a bug that fails nothing in them is looked for as long as a hunt lasts.
    #[must_use]
    pub fn of(hunt: &Hunt, bugs: &[Bug], seeds: u64) -> Adequacy {
        let mut adequacy = Adequacy::default();
        for bug in bugs {
            adequacy.note(bug, &caught(hunt, bug, seeds));
        }
        adequacy
    }

    fn note(&mut self, bug: &Bug, by: &BTreeSet<String>) {
        for property in bug.twin().summary().properties {
            if property.kind != PropertyKind::Correctness {
                self.checkers.entry(property.name.to_owned()).or_default();
            }
        }
        if by.is_empty() {
            self.missed.push(bug.name.clone());
        }
        for checker in by {
            let caught = self.checkers.entry(checker.clone()).or_default();
            caught.bugs.push(bug.name.clone());
            if by.len() == 1 {
                caught.alone.push(bug.name.clone());
            }
        }
    }

    /// As part of a document.
    #[must_use]
    pub fn json(&self) -> Value {
        let caught =
            |(name, caught): (&String, &Caught)| (name.clone(), json!({ "bugs": caught.bugs, "alone": caught.alone }));
        let checkers: serde_json::Map<String, Value> = self.checkers.iter().map(caught).collect();
        json!({ "checkers": checkers, "missed": self.missed })
    }

    /// Checkers without which every kill is still made.
    pub fn spare(&self) -> impl Iterator<Item = &str> {
        self.checkers.iter().filter(|(_, caught)| caught.alone.is_empty()).map(|(name, _)| name.as_str())
    }
}

/// Who catches a bug.
fn caught(hunt: &Hunt, bug: &Bug, seeds: u64) -> BTreeSet<String> {
    let scenario = bug.planted();
    let mut from = 0;
    while from < hunt.most {
        let to = hunt.most.min(from + seeds);
        let report = hunt.sweep(&*scenario, from..to);
        let violated = report
            .harvest
            .properties
            .iter()
            .filter(|tally| tally.violated > 0 && tally.property.kind != PropertyKind::Correctness);
        let mut by: BTreeSet<String> = violated.map(|tally| tally.property.name.to_owned()).collect();
        if report.harvest.crashed > 0 {
            by.insert(CRASH.to_owned());
        }
        if !by.is_empty() {
            return by;
        }
        from = to;
    }
    BTreeSet::new()
}
