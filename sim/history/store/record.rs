//! The records of a store's history, and how they come in: in order, each checked against those before it.

use super::calls::{Invocation, Return};
use super::error::Wrong;
use super::tables::{ListId, Names, Values};
use super::versions::ByVersion;
use crate::call::{Call, KeyId, Outcome, SessionId, ValueId, Version};
use crate::history::shelf::Shelf;
use crate::id::OpId;
use crate::time::Time;

/// One operation, from its invocation to its end. Sixty-four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Who asked.
    pub session: SessionId,
    /// Of which key.
    pub key: KeyId,
    /// What.
    pub call: Call,
    /// How it ended.
    pub outcome: Outcome,
    /// What it carried in; [`ValueId::NOTHING`] if it carries nothing.
    pub value: ValueId,
    /// What a compare-and-set compares with.
    pub expected: ValueId,
    /// What came back.
    pub answer: Answer,
    /// The version that it wrote or read, where the store tells.
    pub version: Option<Version>,
    /// The read–generate–write turn it belongs to, where that is told.
    pub turn: Option<TurnId>,
    /// The number of the event that invoked it.
    pub invoked: u32,
    /// The number of the event that ended it; [`Operation::NEVER`] while it is open.
    pub returned: u32,
    /// When it was invoked.
    pub from: Time,
    /// When it ended.
    pub until: Time,
}

impl Operation {
    /// The number of an event that never came: after every other.
    pub const NEVER: u32 = u32::MAX;

    /// Whether what it changes is or may be there for others to see.
    #[must_use]
    pub const fn may_take_effect(&self) -> bool {
        self.call.changes() && matches!(self.outcome, Outcome::Ok | Outcome::Open)
    }

    /// Whether it was answered, so that the answer must be explained.
    #[must_use]
    pub const fn is_answered(&self) -> bool {
        matches!(self.outcome, Outcome::Ok | Outcome::Refused)
    }
}

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// One value, or nothing.
    Value(ValueId),
    /// A list of values.
    List(ListId),
}

impl Answer {
    /// No value.
    pub const NOTHING: Answer = Answer::Value(ValueId::NOTHING);
}

/// A read–generate–write turn, or a transaction, as a number of its history's table of turns, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TurnId(pub std::num::NonZeroU32);

/// A replica, as a number of its history's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Replica(pub u32);

/// What a replica did or was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaRecord {
    /// The number of the event.
    pub event: u32,
    /// When.
    pub at: Time,
    /// Which replica.
    pub replica: Replica,
    /// What.
    pub what: Deed,
}

/// What happened at a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It took a version in.
    Applied(Version),
    /// Its whole state had this digest.
    State(u64),
    /// It lost everything it had taken in.
    Lost,
}

/// Everything that clients did with a store, in the order it happened, and what its replicas told of themselves.
///
/// ```
/// use synod::call::Call;
/// use synod::history::store::{Invocation, Return, StoreHistory};
/// use synod::time::Time;
///
/// let mut history = StoreHistory::default();
/// let (session, key, value) = (history.session("a1"), history.key("plan"), history.value("draft"));
/// let write = history.invoke(Time(1), Invocation::of(session, key, Call::Write).with(value))?;
/// history.complete(Time(5), write, Return::OK)?;
/// assert_eq!(history.operations().len(), 1);
/// # Ok::<(), synod::history::store::Wrong>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreHistory {
    operations: Vec<Operation>,
    replicas: Vec<ReplicaRecord>,
    sessions: Names,
    keys: Names,
    values: Values,
    replica_names: Names,
    turns: Names,
    /// By session: its operation under way.
    under_way: Vec<Option<u32>>,
    events: u32,
    now: Time,
    settled: bool,
    timeless: bool,
    transactional: bool,
    /// Where operations came from, if from a file: the line of each invocation.
    lines: Vec<u32>,
    versions: ByVersion<u32>,
    grounds: Shelf,
}

impl StoreHistory {
    /// The operations, in the order of their invocations.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Where causal checkers keep what they share.
    pub(crate) const fn grounds(&self) -> &Shelf {
        &self.grounds
    }

    /// What replicas did, in order.
    #[must_use]
    pub fn replicas(&self) -> &[ReplicaRecord] {
        &self.replicas
    }

    /// Whether the run ended in peace: faults were over, and long enough for everything to arrive everywhere.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        self.settled
    }

    /// Says that the order of events is that of sessions only, and tells nothing of real time.
    pub const fn without_time(&mut self) {
        self.timeless = true;
    }

    /// Whether the order of events is the order in which they happened.
    #[must_use]
    pub const fn has_time(&self) -> bool {
        !self.timeless
    }

    /// Says that each turn is a transaction: whatever sees one of its writes is to see them all.
    pub const fn in_transactions(&mut self) {
        self.transactional = true;
    }

    /// A transaction of more than one operation, if turns are transactions and there is one.
    #[must_use]
    pub fn transaction(&self) -> Option<TurnId> {
        let mut seen = vec![false; self.turns.len()];
        let turns = self.operations.iter().filter_map(|operation| operation.turn).filter(|_| self.transactional);
        turns.into_iter().find(|turn| std::mem::replace(&mut seen[turn.0.get() as usize - 1], true))
    }

    /// The sessions' names.
    #[must_use]
    pub const fn sessions(&self) -> &Names {
        &self.sessions
    }

    /// The keys' names.
    #[must_use]
    pub const fn keys(&self) -> &Names {
        &self.keys
    }

    /// The replicas' names.
    #[must_use]
    pub const fn replica_names(&self) -> &Names {
        &self.replica_names
    }

    /// The turns' names.
    #[must_use]
    pub const fn turns(&self) -> &Names {
        &self.turns
    }

    /// The session of this name.
    pub fn session(&mut self, name: &str) -> SessionId {
        SessionId(self.sessions.number(name))
    }

    /// The key of this name.
    pub fn key(&mut self, name: &str) -> KeyId {
        KeyId(self.keys.number(name))
    }

    /// The value of this text.
    pub fn value(&mut self, text: &str) -> ValueId {
        self.values.of_text(text)
    }

    /// The value of this text that this write made, where the store tells versions apart: the same text written again
    /// is another value. Compare-and-set by version needs that, for it tells `a` from an `a` that was put back.
    pub fn value_of(&mut self, text: &str, version: Version) -> ValueId {
        self.values.of_write(text, version)
    }

    /// The same of a write that is known to have made no value before, and whose value nobody looks for by its text.
    pub(in crate::history) fn value_anew(&mut self, text: &str, version: Version) -> ValueId {
        self.values.anew(text, version)
    }

    /// Makes room for so many operations and records of replicas.
    pub(in crate::history) fn reserve(&mut self, operations: usize, records: usize) {
        self.operations.reserve(operations);
        self.replicas.reserve(records);
    }

    /// The value of this text, if the history has it.
    #[must_use]
    pub fn find_value(&self, text: &str) -> Option<ValueId> {
        self.values.find(text)
    }

    /// A value unlike any other, without a text.
    pub fn fresh_value(&mut self) -> ValueId {
        self.values.fresh()
    }

    /// A list of values, for a read to return.
    pub fn list(&mut self, values: Vec<ValueId>) -> ListId {
        self.values.keep(values)
    }

    /// The replica of this name.
    pub fn replica(&mut self, name: &str) -> Replica {
        Replica(self.replica_names.number(name))
    }

    /// The turn of this name.
    ///
    /// # Panics
    /// After four billion turns.
    pub fn turn(&mut self, name: &str) -> TurnId {
        TurnId(self.turns.number(name).checked_add(1).and_then(std::num::NonZeroU32::new).expect("fewer turns"))
    }

    /// The turn of a name that is known to be new.
    pub(in crate::history) fn turn_anew(&mut self, name: &str) -> TurnId {
        TurnId(self.turns.append(name).checked_add(1).and_then(std::num::NonZeroU32::new).expect("fewer turns"))
    }

    /// A list's values.
    #[must_use]
    pub fn values_of(&self, list: ListId) -> &[ValueId] {
        self.values.list(list)
    }

    /// A value as people read it: the beginning of its text in quotes, or `nothing`. Where that could be several
    /// values, with the version that it is.
    #[must_use]
    pub fn show(&self, value: ValueId) -> String {
        self.values.show(value, |version| self.show_version(version))
    }

    /// A value's text, if it has one.
    #[must_use]
    pub fn text(&self, value: ValueId) -> Option<&str> {
        self.values.text(value)
    }

    /// How many values have texts, nothing included: their numbers are below this.
    #[must_use]
    pub fn texts(&self) -> usize {
        self.values.known()
    }

    /// The line of a file that an operation's invocation stood on, if it came from a file.
    #[must_use]
    pub fn line(&self, operation: usize) -> Option<u32> {
        self.lines.get(operation).copied().filter(|line| *line > 0)
    }

    /// A read that begins and ends in one instant, which is what both together come to.
    ///
    /// # Errors
    /// As [`invoke`](StoreHistory::invoke).
    pub(in crate::history) fn glance(&mut self, at: Time, call: Invocation, end: Return) -> Result<(), Wrong> {
        self.advance(at)?;
        let Invocation { session, key, call, value, expected, turn } = call;
        if let Some(other) = self.under_way.get(session.0 as usize).copied().flatten() {
            return Err(self.overlapping(session, other));
        }
        self.change();
        let (invoked, returned) = (self.event()?, self.event()?);
        let (outcome, answer, version) = (end.outcome, end.answer, end.version);
        let (from, until) = (at, at);
        self.operations.push(Operation {
            session,
            key,
            call,
            outcome,
            value,
            expected,
            answer,
            version,
            turn,
            invoked,
            returned,
            from,
            until,
        });
        Ok(())
    }

    #[cold]
    fn overlapping(&self, session: SessionId, other: u32) -> Wrong {
        let session = self.sessions.text(session.0).to_owned();
        Wrong::Overlapping { session, other: u64::from(other), line: self.line(other as usize) }
    }

    /// A call is made. Its number counts calls from 0.
    ///
    /// # Errors
    /// If it cannot be made now: time runs backwards, or the session has a call under way.
    pub fn invoke(&mut self, at: Time, call: Invocation) -> Result<OpId, Wrong> {
        self.advance(at)?;
        let Invocation { session, key, call, value, expected, turn } = call;
        let place = session.0 as usize;
        if place >= self.under_way.len() {
            self.under_way.resize(place + 1, None);
        }
        if let Some(other) = self.under_way[place] {
            return Err(self.overlapping(session, other));
        }
        self.change();
        let number = u32::try_from(self.operations.len()).map_err(|_| Wrong::TooLong)?;
        self.under_way[place] = Some(number);
        let invoked = self.event()?;
        let (outcome, answer, returned) = (Outcome::Open, Answer::NOTHING, Operation::NEVER);
        let (version, from, until) = (None, at, Time(u64::MAX));
        self.operations.push(Operation {
            session,
            key,
            call,
            outcome,
            value,
            expected,
            answer,
            version,
            turn,
            invoked,
            returned,
            from,
            until,
        });
        Ok(OpId(u64::from(number)))
    }

    /// A call ends.
    ///
    /// # Errors
    /// If it cannot end so: it never began or ended before, the call cannot be refused, or the version is another's.
    pub fn complete(&mut self, at: Time, op: OpId, end: Return) -> Result<(), Wrong> {
        self.advance(at)?;
        let number = usize::try_from(op.0).ok().filter(|number| *number < self.operations.len());
        let number = number.ok_or(Wrong::NeverInvoked { op: op.0 })?;
        let operation = self.operations[number];
        let place = operation.session.0 as usize;
        if self.under_way[place] != Some(number as u32) {
            return Err(Wrong::CompletedTwice { op: op.0 });
        }
        if end.outcome == Outcome::Refused && !operation.call.refusable() {
            return Err(Wrong::CannotRefuse { call: operation.call });
        }
        self.stamp(number, end.version)?;
        self.change();
        self.under_way[place] = None;
        let returned = self.event()?;
        let operation = &mut self.operations[number];
        (operation.outcome, operation.answer) = (end.outcome, end.answer);
        operation.version = end.version.or(operation.version);
        if end.outcome != Outcome::Open {
            (operation.returned, operation.until) = (returned, at);
        }
        Ok(())
    }

    /// The version that an operation wrote, if its store told it before it ended, or although it never did.
    ///
    /// # Errors
    /// If another operation wrote this version.
    pub fn stamp(&mut self, operation: usize, version: Option<Version>) -> Result<(), Wrong> {
        let Some(version) = version else { return Ok(()) };
        if self.operations[operation].call.changes() {
            if version == Version::INITIAL {
                return Err(Wrong::WritesInitial);
            }
            let first = *self.versions.get_or(version, || operation as u32);
            if first as usize != operation {
                let version = self.show_version(version);
                return Err(Wrong::VersionTwice { version, line: self.line(first as usize) });
            }
        }
        self.operations[operation].version = Some(version);
        self.change();
        Ok(())
    }

    /// A replica took a version in, showed its state, or lost it.
    ///
    /// # Errors
    /// If time runs backwards.
    pub fn replicate(&mut self, at: Time, replica: Replica, what: Deed) -> Result<(), Wrong> {
        self.advance(at)?;
        let event = self.event()?;
        self.replicas.push(ReplicaRecord { event, at, replica, what });
        Ok(())
    }

    /// Says that the run ended in peace: what has not arrived by now never will.
    pub const fn settle(&mut self) {
        self.settled = true;
    }

    /// Remembers the line of the last invocation.
    pub(super) fn at_line(&mut self, line: usize) {
        self.lines.resize(self.operations.len(), 0);
        if let Some(last) = self.lines.last_mut() {
            *last = u32::try_from(line).unwrap_or(0);
        }
    }

    /// A version as people read it.
    #[must_use]
    pub fn show_version(&self, version: Version) -> String {
        match version {
            Version::INITIAL => "initial".to_owned(),
            version => format!("{}.{}", self.sessions.text(version.session().0), version.number()),
        }
    }

    /// The operation that wrote a version.
    #[must_use]
    pub fn writer(&self, version: Version) -> Option<usize> {
        self.versions.get(version).map(|number| *number as usize)
    }

    /// The operations are others now.
    #[inline]
    fn change(&mut self) {
        if !self.grounds.is_empty() {
            self.grounds = Shelf::default();
        }
    }

    fn advance(&mut self, at: Time) -> Result<(), Wrong> {
        if at < self.now {
            return Err(Wrong::Backwards { at, last: self.now });
        }
        self.now = at;
        Ok(())
    }

    fn event(&mut self) -> Result<u32, Wrong> {
        let number = self.events;
        self.events = number.checked_add(1).filter(|next| *next < Operation::NEVER).ok_or(Wrong::TooLong)?;
        Ok(number)
    }
}
