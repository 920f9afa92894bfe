//! Traces: everything that happened in a run, totally ordered.
//!
//! Records are compact and always made; their text only in [`Detail::Full`], which a replay asks for. The digest is
//! over the records alone, so both details give the same one.

mod line;
mod record;

pub use record::{Cause, Happening, Mark, Record};

use crate::digest::{Digest, Digester};

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
    records: Vec<Record>,
    texts: Vec<String>,
    digester: Digester,
    length: u32,
}

impl Trace {
    /// An empty trace that will keep this much.
    #[must_use]
    pub fn new(detail: Detail) -> Trace {
        Trace { detail, records: Vec::new(), texts: Vec::new(), digester: Digester::default(), length: 0 }
    }

    /// Appends a record and says where it stands, to be the cause of later ones. `text` is called only in full detail.
    #[inline]
    pub fn push(&mut self, record: Record, text: impl FnOnce() -> String) -> Cause {
        record.digest(&mut self.digester);
        let place = Cause::record(self.length);
        self.length += 1;
        if self.detail != Detail::Digest {
            self.keep(record, text);
        }
        place
    }

    #[cold]
    fn keep(&mut self, record: Record, text: impl FnOnce() -> String) {
        self.records.push(record);
        if self.detail == Detail::Full {
            self.texts.push(text());
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
        self.texts.get(place).map_or("", String::as_str)
    }

    /// The first place at which two traces of kept records differ.
    #[must_use]
    pub fn first_difference(&self, other: &Trace) -> Option<usize> {
        let both = self.records.len().min(other.records.len());
        let differs = (0..both).find(|place| self.records[*place] != other.records[*place]);
        differs.or((self.records.len() != other.records.len()).then_some(both))
    }
}
