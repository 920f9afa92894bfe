//! Convergence of replicas: strong (the same writes taken in, the same state) and eventual (the same state in the end).
//!
//! Shapiro, Preguiça, Baquero and Zawirski, *Conflict-free replicated data types*, SSS 2011, definitions 2.2 and 2.3.
//! A replica tells which versions it takes in and the digest of its whole state. Which versions a replica has is kept
//! as a set beside a digest of the set, of 128 bits, which is what states are compared under: one bit and one word for
//! each version, and O(log n) for each state. Knows no session.

use super::CheckStore;
use super::chain::{Chain, Telling};
use crate::call::Version;
use crate::check::{Property, PropertyKind, Verdict};
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
    versions: Versions,
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
                    self.digest ^= digest(version);
                    self.state = None;
                }
            }
            Deed::State(state) => self.state = Some(Shown { state, record }),
            Deed::Lost => *self = Contents { last: record, ..Contents::default() },
        }
    }
}

/// A digest of a version, of which a set's is the sum without carry: two mixes of one word, each one to one, are as
/// good as one of twice the width.
fn digest(version: Version) -> u128 {
    let word = u64::from(version.session().0) << 32 | u64::from(version.number());
    let half = |salt: u64| u128::from(mix(word ^ salt));
    half(0x9e37_79b9_7f4a_7c15) << 64 | half(0xd1b5_4a32_d192_ed03)
}

/// The finalizer of `SplitMix64` (Steele, Lea, Flood 2014).
const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// The first state that each set of versions was shown with, found in constant time: a digest is its own hash.
struct States {
    /// By the digest's last bits, or the next free place: one more than the number of the set, or 0.
    slots: Vec<u32>,
    sets: Vec<Set>,
}

#[derive(Clone, Copy)]
struct Set {
    digest: u128,
    first: Shown,
}

impl States {
    /// Room for so many sets: at least as many places again stay free.
    fn of(most: usize) -> States {
        States { slots: vec![0; (2 * most).next_power_of_two()], sets: Vec::new() }
    }

    /// What this set was first shown with: this, if it is new.
    fn first(&mut self, digest: u128, shown: Shown) -> Shown {
        let last = self.slots.len() - 1;
        let mut slot = digest as usize & last;
        while let Some(known) = self.slots[slot].checked_sub(1) {
            let set = self.sets[known as usize];
            if set.digest == digest {
                return set.first;
            }
            slot = (slot + 1) & last;
        }
        self.sets.push(Set { digest, first: shown });
        self.slots[slot] = self.sets.len() as u32;
        shown
    }
}

/// A set of versions.
#[derive(Default)]
struct Versions {
    /// By session, then by number, a bit each.
    near: Vec<Vec<u64>>,
    /// Numbers beyond what a table should have room for.
    far: BTreeSet<Version>,
    count: usize,
}

/// Numbers below this have a bit in a table: more writes than a session of ours makes, and some kilobytes at most.
const NEAR: u32 = 1 << 16;

impl Versions {
    /// Takes a version in; whether it is new.
    fn insert(&mut self, version: Version) -> bool {
        let is_new = self.insert_if_new(version);
        self.count += usize::from(is_new);
        is_new
    }

    fn has(&self, version: Version) -> bool {
        let (session, number) = (version.session().0 as usize, version.number());
        let word = self.near.get(session).and_then(|bits| bits.get(number as usize / 64));
        word.is_some_and(|word| word >> (number % 64) & 1 == 1) || self.far.contains(&version)
    }

    fn insert_if_new(&mut self, version: Version) -> bool {
        let (session, number) = (version.session().0 as usize, version.number());
        if number >= NEAR {
            return self.far.insert(version);
        }
        if session >= self.near.len() {
            self.near.resize(session + 1, Vec::new());
        }
        let (bits, place, bit) = (&mut self.near[session], number as usize / 64, 1 << (number % 64));
        if place >= bits.len() {
            bits.resize(place + 1, 0);
        }
        let is_new = bits[place] & bit == 0;
        bits[place] |= bit;
        is_new
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
        let mut replicas: Vec<Contents> = Vec::new();
        replicas.resize_with(history.replica_names().len(), Contents::default);
        let mut states = States::of(history.replicas().len());
        let mut judged = 0;
        for (record, told) in history.replicas().iter().enumerate() {
            let contents = &mut replicas[told.replica.0 as usize];
            contents.take(told.what, record);
            let Deed::State(state) = told.what else { continue };
            judged += 1;
            let first = states.first(contents.digest, Shown { state, record });
            if first.state != state {
                let count = contents.versions.count;
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
    let told = history.replicas().iter().filter_map(|told| match told.what {
        Deed::Applied(version) => Some(version),
        Deed::State(_) | Deed::Lost => None,
    });
    let lacking = told.filter(|version| one.versions.has(*version) != other.versions.has(*version)).min()?;
    let version = history.show_version(lacking);
    Some(format!("Everything had time to arrive, and only one of them has version {version}."))
}
