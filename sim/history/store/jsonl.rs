//! Histories of stores as JSON Lines: one event a line, in order. Knows the format and nothing of any property.
//!
//! ```json
//! {"at":1,"session":"a1","op":0,"invoke":"write","key":"plan","value":"draft"}
//! {"at":5,"session":"a1","op":0,"end":"ok","version":"a1.1"}
//! {"at":7,"session":"a2","op":1,"invoke":"read","key":"plan"}
//! {"at":9,"session":"a2","op":1,"end":"ok","value":"draft","version":"a1.1"}
//! {"at":9,"replica":"r1","applied":"a1.1"}
//! {"at":9,"replica":"r1","state":"00000000c0ffee00"}
//! {"at":20,"settled":true}
//! ```
//!
//! - `at` is a time in nanoseconds and never decreases. Events of one instant stand in the order they happened.
//! - `session` is any text: one client's sequence of calls, one after the other. `op` is any number used once.
//! - `invoke` names a [`Call`]; `value` is what it carries in, `expected` what a `cas` compares with, `turn` (any text,
//!   optional) the read–generate–write turn or transaction it belongs to.
//! - `end` is `ok`, `refused` (the condition did not hold), `fail` (certainly without effect) or `info` (unknown). With
//!   `ok`, `value` or `values` (a list) is what came back; neither means nothing did.
//! - `version`, optional, is `SESSION.N` for the N-th write of a session as its store stamped it, or `initial`. A write
//!   that never ended may carry it on its invocation.
//! - `applied`, `state` (16 hexadecimal digits) and `lost` are what replicas tell; `settled` says that faults were over
//!   and everything had time to arrive.
//! - Empty lines are skipped. An operation without an end stays open.

use super::calls::{Invocation, Return};
use super::error::{StoreError, Wrong};
use super::record::{Answer, Deed, Operation, StoreHistory};
use crate::call::{Call, Outcome, ValueId, Version};
use crate::id::OpId;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

/// Reads a history.
///
/// ```
/// let lines = r#"{"at":1,"session":"a1","op":0,"invoke":"write","key":"plan","value":"draft"}"#;
/// let history = synod::history::store::read(lines.as_bytes())?;
/// assert_eq!(history.operations().len(), 1);
///
/// let error = synod::history::store::read(r#"{"at":1,"session":"a1","op":0,"end":"ok"}"#.as_bytes()).unwrap_err();
/// assert!(error.to_string().starts_with("line 1: operation 0 ends but was never invoked"));
/// # Ok::<(), synod::history::store::StoreError>(())
/// ```
///
/// # Errors
/// The first line that is no event or does not fit those before it, with what to do about it.
pub fn read(input: impl BufRead) -> Result<StoreHistory, StoreError> {
    let mut reader = Reader::default();
    let mut lines = input.lines().zip(1..).peekable();
    while let Some((text, line)) = lines.next() {
        let is_last = lines.peek().is_none();
        let taken = text.map_err(|error| Wrong::Unreadable(error).into()).and_then(|text| reader.take(&text, line));
        taken.map_err(|what| {
            let what = match what {
                Stumble::Broken if is_last => Wrong::Truncated,
                Stumble::Broken => malformed("this JSON breaks off: write one JSON object on each line"),
                Stumble::Wrong(what) => what,
            };
            StoreError { line, what }
        })?;
    }
    reader.unwritten()?;
    Ok(reader.history)
}

/// Writes a history, one event a line.
///
/// # Errors
/// What the output refuses.
pub fn write(history: &StoreHistory, mut output: impl Write) -> io::Result<()> {
    for line in lines(history) {
        serde_json::to_writer(&mut output, &line)?;
        output.write_all(b"\n")?;
    }
    output.flush()
}

/// One line: every field that any event has.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    op: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    invoke: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    values: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    turn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replica: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    applied: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lost: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settled: Option<bool>,
}

impl Line {
    /// Refuses a field that says nothing of such an event: whoever wrote it meant something else.
    fn has_only(&self, known: &[&str]) -> Result<(), Wrong> {
        let fields = [
            ("session", self.session.is_some()),
            ("op", self.op.is_some()),
            ("invoke", self.invoke.is_some()),
            ("end", self.end.is_some()),
            ("key", self.key.is_some()),
            ("value", self.value.is_some()),
            ("values", self.values.is_some()),
            ("expected", self.expected.is_some()),
            ("version", self.version.is_some()),
            ("turn", self.turn.is_some()),
            ("replica", self.replica.is_some()),
            ("applied", self.applied.is_some()),
            ("state", self.state.is_some()),
            ("lost", self.lost.is_some()),
            ("settled", self.settled.is_some()),
        ];
        let strange = fields.into_iter().find(|(name, is_there)| *is_there && !known.contains(name));
        strange.map_or(Ok(()), |(name, _)| {
            let known = known.join(", ");
            Err(malformed(format!("\"{name}\" says nothing here: besides \"at\" such an event has {known} at most")))
        })
    }
}

enum Stumble {
    /// The JSON ends too early.
    Broken,
    Wrong(Wrong),
}

impl From<Wrong> for Stumble {
    fn from(wrong: Wrong) -> Stumble {
        Stumble::Wrong(wrong)
    }
}

fn malformed(text: impl Into<String>) -> Wrong {
    Wrong::Malformed(text.into())
}

fn missing(field: &str, of: &str) -> Wrong {
    malformed(format!("there is no \"{field}\": {of} has one"))
}

#[derive(Default)]
struct Reader {
    history: StoreHistory,
    /// By the number in the file.
    ops: BTreeMap<u64, OpId>,
    /// What replicas took in.
    applied: Vec<Taken>,
}

/// A version that a replica took in, and the line that says so.
struct Taken {
    version: Version,
    line: usize,
}

impl Reader {
    fn take(&mut self, text: &str, line: usize) -> Result<(), Stumble> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let event: Line = serde_json::from_str(text).map_err(|error| match error.classify() {
            Category::Eof => Stumble::Broken,
            Category::Syntax | Category::Io => malformed(format!("this is no JSON ({error})")).into(),
            Category::Data => malformed(format!("this is no event of a store's history ({error})")).into(),
        })?;
        if self.history.is_settled() {
            return Err(malformed("the history is settled already: nothing comes after \"settled\"").into());
        }
        let kinds = [event.invoke.is_some(), event.end.is_some(), event.replica.is_some(), event.settled.is_some()];
        match kinds {
            [true, false, false, false] => {
                event.has_only(&["session", "op", "invoke", "key", "value", "expected", "version", "turn"])?;
                self.invoke(&event, line)?;
            }
            [false, true, false, false] => {
                event.has_only(&["session", "op", "end", "key", "value", "values", "version"])?;
                self.end(&event)?;
            }
            [false, false, true, false] => {
                event.has_only(&["replica", "applied", "state", "lost"])?;
                self.replica(&event, line)?;
            }
            [false, false, false, true] => {
                event.has_only(&["settled"])?;
                self.history.settle();
            }
            _ => {
                let text = "an event has exactly one of \"invoke\", \"end\", \"replica\" and \"settled\"";
                return Err(malformed(text).into());
            }
        }
        Ok(())
    }

    fn invoke(&mut self, event: &Line, line: usize) -> Result<(), Wrong> {
        let op = event.op.ok_or_else(|| missing("op", "every operation"))?;
        if self.ops.contains_key(&op) {
            return Err(Wrong::InvokedTwice { op });
        }
        let name = event.invoke.as_deref().unwrap_or_default();
        let call = Call::named(name).ok_or_else(|| {
            let known = Call::ALL.map(Call::name).join(", ");
            malformed(format!("\"{name}\" is no call: there are {known}"))
        })?;
        let session = event.session.as_ref().ok_or_else(|| missing("session", "every operation"))?;
        let key = event.key.as_ref().ok_or_else(|| missing("key", "every invocation"))?;
        if event.value.is_some() != call.carries() {
            return Err(malformed(match call.carries() {
                true => format!("a {call} carries a value: add \"value\""),
                false => format!("a {call} carries no value: delete \"value\", or move it to where the operation ends"),
            }));
        }
        let history = &mut self.history;
        if event.expected.is_some() && call != Call::Cas {
            return Err(malformed(format!("a {call} compares with nothing: delete \"expected\"")));
        }
        let value = event.value.as_ref().map_or(ValueId::NOTHING, |text| history.value(text));
        let expected = event.expected.as_ref().map_or(ValueId::NOTHING, |text| history.value(text));
        let turn = event.turn.as_ref().map(|name| history.turn(name));
        let (session, key) = (history.session(session), history.key(key));
        let made = history.invoke(Time(event.at), Invocation { session, key, call, value, expected, turn })?;
        history.at_line(line);
        if let Some(text) = &event.version {
            let version = version(history, text)?;
            history.stamp(made.0 as usize, Some(version))?;
        }
        self.ops.insert(op, made);
        Ok(())
    }

    fn end(&mut self, event: &Line) -> Result<(), Wrong> {
        let op = event.op.ok_or_else(|| missing("op", "every operation"))?;
        let made = *self.ops.get(&op).ok_or(Wrong::NeverInvoked { op })?;
        let history = &mut self.history;
        let asked = history.operations()[made.0 as usize];
        let owner = history.sessions().text(asked.session.0);
        if event.session.as_deref().is_some_and(|session| session != owner) {
            let text = format!("operation {op} was invoked by session {owner}: only {owner} can see it end");
            return Err(malformed(text));
        }
        let key = history.keys().text(asked.key.0);
        if event.key.as_deref().is_some_and(|named| named != key) {
            return Err(malformed(format!("operation {op} was about key {key}, and ends about another")));
        }
        if asked.call.changes() && asked.call != Call::Dequeue && (event.value.is_some() || event.values.is_some()) {
            let call = asked.call;
            return Err(malformed(format!(
                "a {call} brings no value back: what it carries stands where it is invoked"
            )));
        }
        let outcome = match event.end.as_deref().unwrap_or_default() {
            "ok" => Outcome::Ok,
            "refused" => Outcome::Refused,
            "fail" => Outcome::Failed,
            "info" => Outcome::Open,
            other => {
                return Err(malformed(format!("\"{other}\" is no end: an operation ends ok, refused, fail or info")));
            }
        };
        let answer = match (&event.value, &event.values) {
            (Some(_), Some(_)) => return Err(malformed("an answer is a \"value\" or a list of \"values\", not both")),
            (None, None) => Answer::NOTHING,
            (Some(value), None) => Answer::Value(history.value(value)),
            (None, Some(values)) => {
                let values = values.iter().map(|text| history.value(text)).collect();
                Answer::List(history.list(values))
            }
        };
        let version = event.version.as_ref().map(|text| version(history, text)).transpose()?;
        history.complete(Time(event.at), made, Return { outcome, answer, version }).map_err(|wrong| match wrong {
            Wrong::CompletedTwice { .. } => Wrong::CompletedTwice { op },
            other => other,
        })
    }

    fn replica(&mut self, event: &Line, line: usize) -> Result<(), Wrong> {
        let history = &mut self.history;
        let replica = history.replica(event.replica.as_deref().unwrap_or_default());
        let what = match (&event.applied, &event.state, event.lost) {
            (Some(text), None, None) => {
                let version = version(history, text)?;
                self.applied.push(Taken { version, line });
                Deed::Applied(version)
            }
            (None, Some(text), None) => Deed::State(
                u64::from_str_radix(text, 16)
                    .map_err(|_| malformed(format!("\"{text}\" is no digest: write up to 16 hexadecimal digits")))?,
            ),
            (None, None, Some(true)) => Deed::Lost,
            _ => return Err(malformed("a replica tells exactly one of \"applied\", \"state\" and \"lost\":true")),
        };
        history.replicate(Time(event.at), replica, what)
    }

    /// Refuses a version that no session can have written: it never made as many changes.
    fn unwritten(&self) -> Result<(), StoreError> {
        let mut changes = vec![0; self.history.sessions().len()];
        for operation in self.history.operations().iter().filter(|operation| operation.call.changes()) {
            changes[operation.session.0 as usize] += 1;
        }
        let most = |version: Version| changes[version.session().0 as usize];
        let unwritten =
            |taken: &&Taken| taken.version != Version::INITIAL && taken.version.number() > most(taken.version);
        self.applied.iter().find(unwritten).map_or(Ok(()), |Taken { version, line }| {
            let (text, most) = (self.history.show_version(*version), most(*version));
            let text = format!("version {text} was never written: its session changed something {most} times");
            Err(StoreError { line: *line, what: malformed(text) })
        })
    }
}

/// The version that a text names.
fn version(history: &mut StoreHistory, text: &str) -> Result<Version, Wrong> {
    if text == "initial" {
        return Ok(Version::INITIAL);
    }
    let parts = text.rsplit_once('.').and_then(|(name, number)| Some((name, number.parse::<u32>().ok()?)));
    match parts.filter(|(_, number)| (1..u32::MAX).contains(number)) {
        Some((name, number)) => Ok(Version::of(history.session(name), number)),
        None => Err(malformed(format!("\"{text}\" is no version: write SESSION.N with N from 1, or initial"))),
    }
}

/// Every event, in order.
fn lines(history: &StoreHistory) -> Vec<Line> {
    let mut lines: Vec<(u32, Line)> = Vec::new();
    let mut open: BTreeMap<u32, u64> = BTreeMap::new();
    for (op, operation) in (0..).zip(history.operations()) {
        // The session went on, so it had given this one up.
        if let Some(op) = open.remove(&operation.session.0) {
            let info = Line { at: operation.from.0, op: Some(op), end: Some("info".to_owned()), ..Line::default() };
            lines.push((operation.invoked, info));
        }
        lines.push((operation.invoked, invocation(history, op, operation)));
        if operation.outcome == Outcome::Open {
            open.insert(operation.session.0, op);
        } else {
            lines.push((operation.returned, ending(history, op, operation)));
        }
    }
    for record in history.replicas() {
        let replica = Some(history.replica_names().text(record.replica.0).to_owned());
        let mut line = Line { at: record.at.0, replica, ..Line::default() };
        match record.what {
            Deed::Applied(version) => line.applied = Some(history.show_version(version)),
            Deed::State(digest) => line.state = Some(format!("{digest:016x}")),
            Deed::Lost => line.lost = Some(true),
        }
        lines.push((record.event, line));
    }
    lines.sort_by_key(|(event, _)| *event);
    let mut lines: Vec<Line> = lines.into_iter().map(|(_, line)| line).collect();
    if history.is_settled() {
        let at = lines.last().map_or(0, |line| line.at);
        lines.push(Line { at, settled: Some(true), ..Line::default() });
    }
    lines
}

fn text(history: &StoreHistory, value: ValueId) -> Option<String> {
    (value != ValueId::NOTHING).then(|| history.text(value).map_or_else(|| history.show(value), str::to_owned))
}

fn invocation(history: &StoreHistory, op: u64, operation: &Operation) -> Line {
    let stamped = operation.outcome == Outcome::Open && operation.call.changes();
    Line {
        at: operation.from.0,
        session: Some(history.sessions().text(operation.session.0).to_owned()),
        op: Some(op),
        invoke: Some(operation.call.name().to_owned()),
        key: Some(history.keys().text(operation.key.0).to_owned()),
        value: text(history, operation.value),
        expected: text(history, operation.expected),
        version: operation.version.filter(|_| stamped).map(|version| history.show_version(version)),
        turn: operation.turn.map(|turn| history.turns().text(turn.0.get() - 1).to_owned()),
        ..Line::default()
    }
}

fn ending(history: &StoreHistory, op: u64, operation: &Operation) -> Line {
    let end = match operation.outcome {
        Outcome::Ok => "ok",
        Outcome::Refused => "refused",
        Outcome::Failed => "fail",
        Outcome::Open => "info",
    };
    let (value, values) = match operation.answer {
        Answer::Value(value) => (text(history, value), None),
        Answer::List(list) => {
            let values = history.values_of(list).iter();
            (None, Some(values.map(|value| text(history, *value).unwrap_or_default()).collect()))
        }
    };
    Line {
        at: operation.until.0,
        session: Some(history.sessions().text(operation.session.0).to_owned()),
        op: Some(op),
        end: Some(end.to_owned()),
        value,
        values,
        version: operation.version.map(|version| history.show_version(version)),
        ..Line::default()
    }
}
