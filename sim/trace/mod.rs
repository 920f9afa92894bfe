//! Traces: everything that happened in a run, totally ordered.
//!
//! Records are compact and always made; their text only in [`Detail::Full`], which a replay asks for. The digest is
//! over the records alone, so both details give the same one.

mod falsehood;
mod line;
mod record;
mod spread;
mod told;
mod trail;

pub use record::{Cause, Happening, Mark, Record};
pub use spread::{Birth, Decided, Effect, Noted, Spread};
pub use told::{Claim, Told};

use crate::digest::{Digest, Digester};
use crate::id::Members;

/// How much of a run is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The digest only.
    Digest,
    /// Every record, for finding the first one that differs.
    Records,
    /// Every record with its text, for people.
    Full,
}

/// What happened in one run.
#[derive(Clone, Debug)]
pub struct Trace {
    detail: Detail,
    /// What a member of the team is called, where that is known.
    role: Option<String>,
    records: Vec<Record>,
    told: Vec<Told>,
    spreads: Vec<Spread>,
    digester: Digester,
    length: u32,
}

impl Trace {
    /// An empty trace that will keep this much.
    #[must_use]
    pub fn new(detail: Detail) -> Trace {
        Trace {
            detail,
            role: None,
            records: Vec::new(),
            told: Vec::new(),
            spreads: Vec::new(),
            digester: Digester::default(),
            length: 0,
        }
    }

    /// The trace of a team whose members are called this; `None`: agents. Words only: no digest knows it.
    #[must_use]
    pub fn of_team(mut self, role: Option<String>) -> Trace {
        self.role = role;
        self
    }

    /// Appends a record and says where it stands, to be the cause of later ones. `text` is called only in full detail;
    /// it gives a `String`, or a [`Told`] if the record carries content.
    #[inline]
    pub fn push<T: Into<Told>>(&mut self, record: Record, text: impl FnOnce() -> T) -> Cause {
        record.digest(&mut self.digester);
        let place = Cause::record(self.length);
        self.length += 1;
        if self.detail != Detail::Digest {
            self.keep(record, text);
        }
        place
    }

    #[cold]
    fn keep<T: Into<Told>>(&mut self, record: Record, text: impl FnOnce() -> T) {
        self.records.push(record);
        if self.detail == Detail::Full {
            self.told.push(text().into());
        }
    }

    /// How much is kept.
    #[must_use]
    pub const fn detail(&self) -> Detail {
        self.detail
    }

    /// How many records there were, kept or not.
    #[must_use]
    pub const fn len(&self) -> u32 {
        self.length
    }

    /// Whether nothing happened yet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The digest of every record, in order.
    #[must_use]
    pub const fn digest(&self) -> u64 {
        self.digester.finish()
    }

    /// The kept records.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The text of a kept record; empty unless in full detail.
    #[must_use]
    pub fn text(&self, place: usize) -> &str {
        self.told.get(place).map_or("", Told::text)
    }

    /// Follows every false claim of a run that is over and marks the records it reached. Only full detail has what it
    /// takes; the digest, which is of what happened and not of what came of it, stays as it is. `replicas` are the
    /// nodes of the team's shared store: they pass claims on and are no agents.
    pub fn follow_claims(&mut self, replicas: &Members) {
        self.spreads = trail::follow(&self.records, &self.told, self.role.as_deref(), replicas);
        for place in self.spreads.iter().flat_map(|spread| &spread.reached) {
            let record = &mut self.records[*place];
            record.mark = record.mark.with(Mark::TAINT);
        }
    }

    /// How far each falsehood came, in the order of their births; empty before [`follow_claims`](Trace::follow_claims).
    #[must_use]
    pub fn spreads(&self) -> &[Spread] {
        &self.spreads
    }

    /// The first place at which two traces of kept records differ.
    #[must_use]
    pub fn first_difference(&self, other: &Trace) -> Option<usize> {
        let both = self.records.len().min(other.records.len());
        let differs = (0..both).find(|place| self.records[*place] != other.records[*place]);
        differs.or((self.records.len() != other.records.len()).then_some(both))
    }
}
