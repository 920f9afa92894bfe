//! What came of the plan: planned, fired, felt.

use super::{Kind, Schedule};
use serde::Serialize;
use std::collections::BTreeMap;

/// Three counts for one kind of fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Faults in the schedule.
    pub planned: u64,
    /// Times a planned fault acted: a message struck, a process stopped, a reply altered.
    pub fired: u64,
    /// Times its target observed it: something arrived otherwise, or did not, or memory was lost.
    pub felt: u64,
}

impl Tally {
    /// Adds another tally.
    pub fn add(&mut self, other: Tally) {
        self.planned += other.planned;
        self.fired += other.fired;
        self.felt += other.felt;
    }
}

/// Tallies by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ledger(BTreeMap<Kind, Tally>);

impl Ledger {
    /// The ledger of a schedule nothing of which has happened yet.
    #[must_use]
    pub fn of(schedule: &Schedule) -> Ledger {
        let mut ledger = Ledger::default();
        schedule.faults.iter().for_each(|fault| ledger.entry(fault.kind).planned += 1);
        ledger
    }

    /// A planned fault acted.
    pub fn fired(&mut self, kind: Kind) {
        self.entry(kind).fired += 1;
    }

    /// Its target observed it.
    pub fn felt(&mut self, kind: Kind) {
        self.entry(kind).felt += 1;
    }

    /// The tally of a kind.
    #[must_use]
    pub fn tally(&self, kind: Kind) -> Tally {
        self.0.get(&kind).copied().unwrap_or_default()
    }

    /// The sum over all kinds.
    #[must_use]
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        self.0.values().for_each(|tally| total.add(*tally));
        total
    }

    /// Every kind with a tally.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, Tally)> + '_ {
        self.0.iter().map(|(kind, tally)| (*kind, *tally))
    }

    /// Adds another run's ledger.
    pub fn add(&mut self, other: &Ledger) {
        other.iter().for_each(|(kind, tally)| self.entry(kind).add(tally));
    }

    fn entry(&mut self, kind: Kind) -> &mut Tally {
        self.0.entry(kind).or_default()
    }
}
