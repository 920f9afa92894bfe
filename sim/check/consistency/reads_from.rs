//! Which write each read returned: by the versions that the store recorded, or, where it recorded none, by value.
//!
//! Knows no order and no property. A value that was written twice under one key tells nothing of which write it was:
//! then the read's source is ambiguous, and it is for the checker to say what it can still decide.

use crate::call::{Call, Outcome, ValueId, Version};
use crate::history::store::{Answer, Operation, StoreHistory};

/// What of a history may be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Sight {
    /// Versions, where they are recorded; values where not.
    #[default]
    Recorded,
    /// Values only, as a client sees them.
    ValuesOnly,
}

/// Where a read's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The operation returned no value, or was never answered.
    None,
    /// What was there before every write.
    Initial,
    /// An operation that wrote it.
    Write(u32),
    /// Nobody wrote it.
    Nowhere,
    /// More than one operation wrote this value.
    Ambiguous,
}

/// The source of every operation, packed in a word each.
#[derive(Debug)]
pub(super) struct ReadsFrom(Vec<u32>);

const NONE: u32 = u32::MAX;
const INITIAL: u32 = u32::MAX - 1;
const NOWHERE: u32 = u32::MAX - 2;
const AMBIGUOUS: u32 = u32::MAX - 3;

impl ReadsFrom {
    /// Finds every source. O(n) with recorded versions, O(n log n) by value.
    pub(super) fn of(history: &StoreHistory, sight: Sight) -> ReadsFrom {
        let operations = history.operations();
        let recorded = if sight == Sight::Recorded { Recorded::of(operations) } else { Recorded::default() };
        let mut by_value = None;
        let sources = (0..).zip(operations).map(|(place, operation)| {
            let Some(value) = value_read(operation) else { return NONE };
            let version = operation.version.filter(|_| sight == Sight::Recorded && operation.call == Call::Read);
            if let Some(version) = version {
                if version == Version::INITIAL {
                    return if value == ValueId::NOTHING { INITIAL } else { NOWHERE };
                }
                if let Some(write) = recorded.find(version) {
                    let writes = &operations[write as usize];
                    let same = writes.key == operation.key && written(writes) == value && writes.may_take_effect();
                    return if same { write } else { NOWHERE };
                }
            }
            let by_value = by_value.get_or_insert_with(|| ByValue::of(operations));
            // No operation reads what it writes itself, nor a version that is known to be another one's.
            by_value.find(operation, value, |write| {
                write != place && (version.is_none() || operations[write as usize].version.is_none())
            })
        });
        ReadsFrom(sources.collect())
    }

    pub(super) fn get(&self, operation: usize) -> Source {
        match self.0[operation] {
            NONE => Source::None,
            INITIAL => Source::Initial,
            NOWHERE => Source::Nowhere,
            AMBIGUOUS => Source::Ambiguous,
            write => Source::Write(write),
        }
    }
}

/// The value that an operation saw, if it saw one.
fn value_read(operation: &Operation) -> Option<ValueId> {
    match (operation.call, operation.outcome, operation.answer) {
        (Call::Read, Outcome::Ok, Answer::Value(value)) => Some(value),
        (Call::Cas, Outcome::Ok, _) => Some(operation.expected),
        _ => None,
    }
}

/// The value that an operation leaves behind.
pub(super) const fn written(operation: &Operation) -> ValueId {
    if matches!(operation.call, Call::Remove) { ValueId::NOTHING } else { operation.value }
}

/// Whether an operation replaces the value under its key, as far as anyone knows.
pub(super) const fn replaces(operation: &Operation) -> bool {
    matches!(operation.call, Call::Write | Call::Remove | Call::Cas) && operation.may_take_effect()
}

/// Writes by their recorded versions.
#[derive(Default)]
struct Recorded {
    /// By session, then by number.
    writes: Vec<Vec<u32>>,
}

impl Recorded {
    fn of(operations: &[Operation]) -> Recorded {
        let mut writes: Vec<Vec<u32>> = Vec::new();
        // A session has no more writes than the history has operations: a greater number is no place in a table.
        let stamped = (0..).zip(operations).filter(|(_, operation)| operation.call.changes());
        let stamped = stamped.filter_map(|(place, operation): (u32, _)| Some((place, operation.version?)));
        for (place, version) in stamped.filter(|(_, version)| version.number() as usize <= operations.len()) {
            let session = version.session().0 as usize;
            if session >= writes.len() {
                writes.resize(session + 1, Vec::new());
            }
            let number = version.number() as usize;
            if number >= writes[session].len() {
                writes[session].resize(number + 1, NONE);
            }
            writes[session][number] = place;
        }
        Recorded { writes }
    }

    fn find(&self, version: Version) -> Option<u32> {
        let session = self.writes.get(version.session().0 as usize)?;
        session.get(version.number() as usize).copied().filter(|write| *write != NONE)
    }
}

/// Writes by key and value.
struct ByValue {
    writes: Vec<Written>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Written {
    key: u32,
    value: u32,
    write: u32,
}

impl ByValue {
    fn of(operations: &[Operation]) -> ByValue {
        let effective = (0..).zip(operations).filter(|(_, operation)| replaces(operation));
        let mut writes: Vec<Written> = effective
            .map(|(write, operation)| Written { key: operation.key.0, value: written(operation).0, write })
            .collect();
        writes.sort_unstable();
        ByValue { writes }
    }

    fn find(&self, operation: &Operation, value: ValueId, may_be: impl Fn(u32) -> bool) -> u32 {
        let wanted = (operation.key.0, value.0);
        let start = self.writes.partition_point(|written| (written.key, written.value) < wanted);
        let found = self.writes[start..].iter().take_while(|written| (written.key, written.value) == wanted);
        let mut found = found.filter(|written| may_be(written.write));
        match (found.next(), found.next(), value == ValueId::NOTHING) {
            (None, _, true) => INITIAL,
            (None, _, false) => NOWHERE,
            (Some(only), None, false) => only.write,
            // Nothing may also be what was there before a remove.
            _ => AMBIGUOUS,
        }
    }
}
