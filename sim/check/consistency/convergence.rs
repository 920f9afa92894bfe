//! Convergence of replicas: strong (the same writes taken in, the same state) and eventual (the same state in the end).
//!
//! Shapiro, Preguiça, Baquero and Zawirski, *Conflict-free replicated data types*, SSS 2011, definitions 2.2 and 2.3.
//! A replica tells which versions it takes in and the digest of its whole state. Which versions a replica has is kept
//! as a set beside a digest of the set, of 128 bits, which is what states are compared under: O(log n) for each
//! version. Knows no session.

use super::CheckStore;
use super::chain::{Chain, Telling};
use crate::call::Version;
use crate::check::{Property, PropertyKind, Verdict};
use crate::digest::digest_of;
use crate::history::store::{Deed, Replica, StoreHistory};
use std::collections::{BTreeMap, BTreeSet};

/// Replicas that have taken in the same versions, in whatever order, have the same state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StrongConvergence;

/// When everything had time to arrive, every replica has the same state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventualConvergence;

/// What a replica has.
#[derive(Default)]
struct Contents {
    versions: BTreeSet<Version>,
    digest: u128,
    /// The last state it showed and where, if it took nothing in since.
    state: Option<Shown>,
    /// The last record about it.
    last: usize,
}

#[derive(Clone, Copy)]
struct Shown {
    state: u64,
    record: usize,
}

impl Contents {
    fn take(&mut self, what: Deed, record: usize) {
        self.last = record;
        match what {
            Deed::Applied(version) => {
                if self.versions.insert(version) {
                    // Two digests of a version under two names are as good as one of twice the width.
                    let half = |name: u64| u128::from(digest_of(&(name, version)));
                    self.digest ^= (half(1) << 64) | half(2);
                    self.state = None;
                }
            }
            Deed::State(state) => self.state = Some(Shown { state, record }),
            Deed::Lost => *self = Contents { last: record, ..Contents::default() },
        }
    }
}

impl CheckStore for StrongConvergence {
    fn property(&self) -> Property {
        Property {
            name: "strong_convergence",
            about: "replicas that have taken in the same versions have the same state",
            source: "Shapiro et al. 2011, definition 2.3",
            kind: PropertyKind::Safety,
        }
    }

    fn check(&self, history: &StoreHistory) -> Verdict<Chain> {
        let mut replicas: BTreeMap<Replica, Contents> = BTreeMap::new();
        let mut states: BTreeMap<u128, Shown> = BTreeMap::new();
        let mut judged = 0;
        for (record, told) in history.replicas().iter().enumerate() {
            let contents = replicas.entry(told.replica).or_default();
            contents.take(told.what, record);
            let Deed::State(state) = told.what else { continue };
            judged += 1;
            let first = *states.entry(contents.digest).or_insert(Shown { state, record });
            if first.state != state {
                let count = contents.versions.len();
                let mut telling = Telling::of(history, self.property().name, "divergence");
                [first.record, record].into_iter().for_each(|record| telling.replica(record));
                let said = format!("The same {count} versions make two states.");
                return Verdict::Violated(telling.end(said));
            }
        }
        Verdict::Holds { judged }
    }
}

impl CheckStore for EventualConvergence {
    fn property(&self) -> Property {
        Property {
            name: "eventual_convergence",
            about: "when everything had time to arrive, every replica has the same state",
            source: "Shapiro et al. 2011, definition 2.2",
            kind: PropertyKind::Liveness,
        }
    }

    fn check(&self, history: &StoreHistory) -> Verdict<Chain> {
        // Before the end of faults, replicas may differ.
        if !history.is_settled() {
            return Verdict::Holds { judged: 0 };
        }
        let ends = last_shown(history);
        if let Some(first) = ends.first().copied().flatten()
            && ends.iter().all(|end| *end == Some(first))
        {
            return Verdict::Holds { judged: ends.len() as u64 };
        }
        // What replicas took in matters only where one of them is in another state, or shows none.
        let mut replicas: BTreeMap<Replica, Contents> = BTreeMap::new();
        for (record, told) in history.replicas().iter().enumerate() {
            replicas.entry(told.replica).or_default().take(told.what, record);
        }
        // Whoever shows no state is told from its neighbour by what both took in, so two who show one may stand apart.
        let (mut last, mut showing): (Option<&Contents>, Option<&Contents>) = (None, None);
        for contents in replicas.values() {
            let others = [last, showing.filter(|_| contents.state.is_some())];
            let found = others.into_iter().flatten().find_map(|other| Some((other, differ(history, other, contents)?)));
            if let Some((other, said)) = found {
                let mut telling = Telling::of(history, self.property().name, "divergence");
                for contents in [other, contents] {
                    telling.replica(contents.state.map_or(contents.last, |shown| shown.record));
                }
                return Verdict::Violated(telling.end(said));
            }
            last = Some(contents);
            showing = Some(contents).filter(|contents| contents.state.is_some()).or(showing);
        }
        Verdict::Holds { judged: replicas.len() as u64 }
    }
}

/// By replica: the state that it showed last, if it took nothing in since.
fn last_shown(history: &StoreHistory) -> Vec<Option<u64>> {
    let mut ends = vec![None; history.replica_names().len()];
    for told in history.replicas() {
        ends[told.replica.0 as usize] = match told.what {
            Deed::State(state) => Some(state),
            Deed::Applied(_) | Deed::Lost => None,
        };
    }
    ends
}

/// Why two replicas are not in the same state: by their states, or by what they took in if one of them shows none.
fn differ(history: &StoreHistory, one: &Contents, other: &Contents) -> Option<String> {
    if let (Some(one), Some(other)) = (one.state, other.state) {
        return (one.state != other.state)
            .then(|| "Everything had time to arrive, and their states differ.".to_owned());
    }
    let lacking = one.versions.symmetric_difference(&other.versions).next()?;
    let version = history.show_version(*lacking);
    Some(format!("Everything had time to arrive, and only one of them has version {version}."))
}
