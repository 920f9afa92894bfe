//! Linearizability of a log of decisions that clients append to and read whole. Reads no fact, so members that answer
//! from a log that is out of date are caught whatever they say of themselves.
//!
//! An operation takes effect at one instant between its invocation and its answer. For a log that is only appended to
//! and whose reads tell all of it, that can be decided without a search, since a read's length is its place in the
//! order. The history is linearizable if and only if
//!
//! - of any two reads one begins with the other, and no slot stands in one twice;
//! - a read tells at least what every read told that ended before it began;
//! - a read tells every decision that was acknowledged before it began, as it was acknowledged;
//! - a read tells no decision that nobody had asked for when it ended;
//! - a decision that was acknowledged before another one was asked for stands before it.
//!
//! An operation that never ended may have taken effect at any instant since it began, or not at all; one that was
//! refused is not judged here.

use super::dense::Dense;
use super::online::{Observe, Online, Seen, judge};
use super::verdict::Step;
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::{Decision, Slot, Value};
use crate::history::{Entry, Event, History, Operation};
use crate::id::OpId;

/// Reads of the log and appends to it take effect at once, in one order that all clients see.
///
/// ```
/// use synod::check::{Check, LinearizableLog};
/// let history = synod::history::read(r#"
///     {"at":0,"node":"c1","process":0,"operation":{"invoke":{"op":0,"slot":7}}}
///     {"at":5,"node":"c1","process":0,"operation":{"ok":{"op":0,"slot":7,"value":"rollback"}}}
///     {"at":6,"node":"c2","process":0,"operation":{"read":{"op":1}}}
///     {"at":9,"node":"c2","process":0,"operation":{"log":{"op":1,"decisions":[]}}}
/// "#.as_bytes())?;
/// let witness = LinearizableLog.check(&history).witness().cloned().expect("the read misses the decision");
/// assert_eq!(witness.shape, "a read without an acknowledged decision");
/// # Ok::<(), synod::history::HistoryError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct LinearizableLog;

impl LinearizableLog {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "linearizable_log",
        about: "reads tell the log as it was at one instant between question and answer",
        source: "Herlihy, Wing: Linearizability (TOPLAS 1990), for a log; prefixes as Kingsbury, Alvaro: Elle (2020)",
        kind: PropertyKind::Safety,
    };
}

impl Check for LinearizableLog {
    fn property(&self) -> Property {
        LinearizableLog::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Operations]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for LinearizableLog {
    type State = LogReads;

    fn begin(&self) -> LogReads {
        LogReads::default()
    }
}

/// The log as far as any read told it, and what every open read must tell at least.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogReads {
    /// The longest log that was told.
    told: Vec<Told>,
    /// Where each told slot stands in it.
    places: Dense<usize>,
    /// The first invocation of each slot.
    asked: Dense<Asked>,
    /// Acknowledged decisions, in the order of their acknowledgement.
    acknowledged: Vec<Acknowledged>,
    /// Which of them are about each slot.
    known: Dense<Known>,
    /// How many of them, from the first on, stand in `told`.
    settled: usize,
    /// The longest read that ended so far.
    longest: Option<Ended>,
    /// Reads that have not ended.
    open: Dense<Floor>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    decision: Decision,
    /// The read that told it first.
    by: Seen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Asked {
    by: Seen,
    /// How many decisions had been acknowledged by then.
    after: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Acknowledged {
    slot: Slot,
    value: Value,
    by: Seen,
    /// Of this and all before it, the one that stands last in the log, and how long a log that tells it must be; known
    /// once they are settled.
    last: Needed,
}

/// The acknowledgements of one slot, by their places: the first, and the first that says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    first: usize,
    otherwise: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Needed {
    length: usize,
    which: usize,
}

/// What held when a read began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Floor {
    by: Seen,
    acknowledged: usize,
    longest: Option<Ended>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ended {
    length: usize,
    by: Seen,
}

impl Observe for LogReads {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let Event::Operation(operation) = &entry.event else { return None };
        let by = Seen::of(place, entry);
        match operation {
            Operation::Invoke { slot, .. } => {
                let after = self.acknowledged.len();
                self.asked.get_or(slot.0, || Asked { by, after });
                None
            }
            Operation::Ok { slot, value, .. } => self.acknowledge(*slot, value, by),
            Operation::Read { op } => {
                let floor = Floor { by, acknowledged: self.acknowledged.len(), longest: self.longest };
                self.open.get_or(op.0, || floor);
                None
            }
            Operation::Log { op, decisions } => self.end(*op, decisions, by),
            _ => None,
        }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl LogReads {
    fn acknowledge(&mut self, slot: Slot, value: &Value, by: Seen) -> Option<Witness> {
        if let Some(told) = self.places.get(slot.0).map(|place| &self.told[*place])
            && told.decision.value != *value
        {
            return refute(
                "a decision acknowledged otherwise than told",
                vec![told.step(), acknowledgement(slot, value, by)],
                format!("The log held {} for {slot}, which never changes.", told.decision.value),
            );
        }
        let (last, next) = (Needed::default(), self.acknowledged.len());
        let known = self.known.get_or(slot.0, || Known { first: next, otherwise: None });
        if known.first < next && known.otherwise.is_none() && self.acknowledged[known.first].value != *value {
            known.otherwise = Some(next);
        }
        self.acknowledged.push(Acknowledged { slot, value: value.clone(), by, last });
        self.settle();
        None
    }

    /// Finds the places of acknowledged decisions, as far as they are told without a gap.
    fn settle(&mut self) {
        while let Some(place) = self.acknowledged.get(self.settled).and_then(|next| self.places.get(next.slot.0)) {
            let own = Needed { length: place + 1, which: self.settled };
            let before = self.needed(self.settled);
            self.acknowledged[self.settled].last = if own.length > before.length { own } else { before };
            self.settled += 1;
        }
    }

    /// How long a log is that tells the first so many acknowledged decisions, and which of them needs it.
    fn needed(&self, first: usize) -> Needed {
        first.checked_sub(1).map_or(Needed::default(), |last| self.acknowledged[last].last)
    }

    fn end(&mut self, op: OpId, decisions: &[Decision], by: Seen) -> Option<Witness> {
        let floor = *self.open.get(op.0)?;
        self.judged += 1;
        let common = decisions.len().min(self.told.len());
        let parting = (0..common).find(|place| self.told[*place].decision != decisions[*place]);
        if let Some(place) = parting {
            let told = &self.told[place];
            let read =
                format!("reads {} for {} as decision {}", decisions[place].value, decisions[place].slot, place + 1);
            let said = format!("Decision {} of a log cannot be two.", place + 1);
            return refute("two reads that part", vec![told.step(), by.step(read)], said);
        }
        for decision in &decisions[common..] {
            let witness = self.tell(decision, by);
            if witness.is_some() {
                return witness;
            }
        }
        let witness = self.misses(floor, decisions.len(), by);
        if self.longest.is_none_or(|longest| longest.length < decisions.len()) {
            self.longest = Some(Ended { length: decisions.len(), by });
        }
        witness
    }

    /// A read tells a decision that no read told before.
    fn tell(&mut self, decision: &Decision, by: Seen) -> Option<Witness> {
        let Decision { slot, value } = decision;
        let number = self.told.len() + 1;
        let read = || by.step(format_args!("reads {value} for {slot} as decision {number}"));
        if let Some(place) = self.places.get(slot.0) {
            let said = format!("{slot} stands in the log as decision {} too.", place + 1);
            return refute("a slot decided twice", vec![self.told[*place].step(), read()], said);
        }
        let Some(asked) = self.asked.get(slot.0).copied() else {
            let said = format!("Nobody had asked for a decision of {slot}.");
            return refute("a read of what nobody asked for", vec![read()], said);
        };
        if let Some(known) = self.acknowledged_otherwise(decision) {
            let said = format!("{slot} was decided {}, which never changes.", known.value);
            return refute("a decision told otherwise than acknowledged", vec![known.step(), read()], said);
        }
        if asked.after > self.settled {
            let earlier = &self.acknowledged[self.settled];
            let steps = vec![earlier.step(), asked.by.step(format_args!("asks for a decision of {slot}")), read()];
            let said = format!("{} was decided before anyone asked for {slot}, and stands behind it.", earlier.slot);
            return refute("decisions out of order", steps, said);
        }
        self.places.get_or(slot.0, || self.told.len());
        self.told.push(Told { decision: decision.clone(), by });
        self.settle();
        None
    }

    /// An acknowledgement of the same slot that names another value. If the first names this one, any that does not
    /// will do.
    fn acknowledged_otherwise(&self, told: &Decision) -> Option<&Acknowledged> {
        let known = self.known.get(told.slot.0)?;
        let places = [Some(known.first), known.otherwise].into_iter().flatten();
        places.map(|place| &self.acknowledged[place]).find(|known| known.value != told.value)
    }

    /// What a read of this length had to tell and did not.
    fn misses(&self, floor: Floor, length: usize, by: Seen) -> Option<Witness> {
        let begins = || floor.by.step("begins to read the log");
        let ends = || by.step(format_args!("reads {length} decisions"));
        let missing = if floor.acknowledged > self.settled {
            Some(self.settled)
        } else {
            let needed = self.needed(floor.acknowledged);
            (needed.length > length).then_some(needed.which)
        };
        if let Some(known) = missing.map(|which| &self.acknowledged[which]) {
            let said = format!("{} was known to be decided before the read began, which misses it.", known.slot);
            return refute("a read without an acknowledged decision", vec![known.step(), begins(), ends()], said);
        }
        let longer = floor.longest.filter(|ended| ended.length > length)?;
        let told = longer.by.step(format_args!("has read {} decisions", longer.length));
        let said = format!("A log that had {} decisions before cannot have {length}.", longer.length);
        refute("a read that goes back", vec![told, begins(), ends()], said)
    }
}

impl Told {
    fn step(&self) -> Step {
        let Decision { slot, value } = &self.decision;
        self.by.step(format_args!("reads {value} for {slot}"))
    }
}

impl Acknowledged {
    fn step(&self) -> Step {
        acknowledgement(self.slot, &self.value, self.by)
    }
}

fn acknowledgement(slot: Slot, value: &Value, by: Seen) -> Step {
    by.step(format_args!("hears that {slot} is decided {value}"))
}

#[cold]
fn refute(shape: &str, steps: Vec<Step>, contradiction: String) -> Option<Witness> {
    Some(LinearizableLog::PROPERTY.refuted(shape, steps, contradiction))
}
