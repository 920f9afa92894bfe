//! Histories as JSON Lines: one entry a line, in order. Knows the format and nothing of any property.
//!
//! ```json
//! {"at":0,"node":"c1","process":0,"operation":{"invoke":{"op":0,"slot":0}}}
//! {"at":800,"node":"a1","process":0,"environment":{"offered":{"slot":0,"value":"rollback"}}}
//! {"at":1000,"node":"a1","process":0,"fact":{"decided":{"slot":0,"value":"rollback"}}}
//! {"at":1500,"node":"c1","process":0,"operation":{"ok":{"op":0,"slot":0,"value":"rollback"}}}
//! {"at":1600,"node":"c2","process":0,"operation":{"read":{"op":1}}}
//! {"at":1700,"node":"c2","process":0,"operation":{"log":{"op":1,"decisions":[{"slot":0,"value":"rollback"}]}}}
//! {"at":1800,"node":"c3","process":0,"operation":{"administer":{"op":2,"wish":{"remove":"a1"}}}}
//! {"at":1900,"node":"c3","process":0,"operation":{"done":{"op":2}}}
//! {"at":9000,"node":"a1","process":0,"environment":"ended"}
//! ```
//!
//! - `at` is virtual time in nanoseconds and never decreases. Entries of one instant stand in the order they happened.
//! - `node` is `a1`, `a2` … for agents, `c1` … for clients, `m1` … for models, `t1` … for tools; `process` counts its
//!   lives.
//! - The event stands under the name of its lane: `operation`, `fact` or `environment`. Its variants are those of
//!   [`Operation`](super::Operation), [`Fact`](crate::fact::Fact) and [`Environment`](super::Environment) in snake
//!   case; one without fields is its bare name.
//! - A value is a text; bytes that are no text are `{"hex":"00ff"}`.
//! - A call of a tool leaves a trail in two lanes, told together by its name:
//!
//! ```json
//! {"at":5,"node":"t1","process":0,"environment":{"serves":{"tool":"refund","nature":"effect"}}}
//! {"at":6,"node":"a1","process":0,"environment":{"requested":{"call":"call_1","tool":"refund","extent":"whole"}}}
//! {"at":7,"node":"a1","process":0,"fact":{"called":{"call":"call_1","tool":"refund","arguments":"{\"order\":7}"}}}
//! {"at":8,"node":"t1","process":0,"environment":{"executed":{"call":"call_1","tool":"refund","key":null,"by":"a1",
//!  "arguments":"{\"order\":7}","result":"\"paid\"","fit":"fits"}}}
//! {"at":9,"node":"a1","process":0,"fact":{"call_ended":{"call":"call_1","outcome":{"result":"\"paid\""}}}}
//! {"at":9,"node":"a1","process":0,"fact":{"announced":{"tool":"refund","result":"\"paid\""}}}
//! ```
//!
//!   (The fourth entry is one line in a file.)
//! - Letters of channels and stamps of clocks (a `stamp` is `{"time":5,"count":0,"node":"a1"}`):
//!
//! ```json
//! {"at":1,"node":"a1","process":0,"fact":{"sent":{"number":1,"to":["a1","a2"]}}}
//! {"at":2,"node":"a2","process":0,"fact":{"delivered":{"from":"a1","number":1,"position":1}}}
//! {"at":3,"node":"a1","process":0,"fact":{"stamped":{"stamp":{"time":5,"count":0,"node":"a1"},"clock":5,
//!  "heard":null}}}
//! ```
//!
//!   (The third entry is one line in a file.)
//!
//! - Empty lines are skipped.
//!
//! What a checker could not make sense of is refused here: an operation invoked twice, completed without or before
//! its invocation, or completed twice (`info` completes it too).

use super::{Entry, Event, History, Operation};
use crate::id::{NodeId, OpId};
use crate::text::one_line;
use crate::time::Time;
use serde_json::{Map, Value, error::Category};
use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

/// Reads a history.
///
/// ```
/// let lines = r#"{"at":1000,"node":"a1","process":0,"fact":{"decided":{"slot":0,"value":"rollback"}}}"#;
/// let history = synod::history::read(lines.as_bytes())?;
/// assert_eq!(history.entries().len(), 1);
///
/// let error = synod::history::read(r#"{"at":0,"node":"x9"}"#.as_bytes()).unwrap_err();
/// assert!(error.to_string().starts_with("line 1: 'x9' names no participant"));
/// # Ok::<(), synod::history::HistoryError>(())
/// ```
///
/// # Errors
/// The first line that is no entry or does not fit those before it, with what to do about it.
pub fn read(input: impl BufRead) -> Result<History, HistoryError> {
    let mut reader = Reader::default();
    let mut lines = input.lines().zip(1..).peekable();
    while let Some((text, line)) = lines.next() {
        let place = if lines.peek().is_none() { Place::Last } else { Place::Amid };
        let text = text.map_err(Malformed::Unreadable);
        text.and_then(|text| reader.take(&text, line, place)).map_err(|what| HistoryError { line, what })?;
    }
    Ok(reader.history)
}

/// Writes a history, one entry a line.
///
/// ```
/// let history = synod::history::History::new();
/// let mut lines = Vec::new();
/// synod::history::write(&history, &mut lines)?;
/// assert!(lines.is_empty());
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// What the output refuses.
pub fn write(history: &History, mut output: impl Write) -> io::Result<()> {
    for entry in history.entries() {
        serde_json::to_writer(&mut output, entry)?;
        output.write_all(b"\n")?;
    }
    output.flush()
}

/// Why a history cannot be read, and where.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {}", one_line(what))]
pub struct HistoryError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it, and the remedy.
    pub what: Malformed,
}

/// What is wrong with a line of a history.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// The input itself failed.
    #[error("cannot be read ({0}): make sure the file is UTF-8 text and still there")]
    Unreadable(io::Error),
    /// The last line breaks off.
    #[error("the last line breaks off in the middle: copy the file again, or delete the line to judge what is there")]
    Truncated,
    /// It is no JSON.
    #[error("this is no JSON ({0}): write one JSON object on each line")]
    Json(serde_json::Error),
    /// It is JSON but no object.
    #[error("this is no JSON object: write one object with at, node, process and an event on each line")]
    NotAnObject,
    /// A field is missing.
    #[error("there is no \"{0}\": every entry has at, node, process and an event")]
    Missing(&'static str),
    /// A field has a value it cannot have.
    #[error("\"{field}\" cannot be {found}: {remedy}")]
    Field {
        /// The field.
        field: &'static str,
        /// What it holds.
        found: String,
        /// What it should hold.
        remedy: &'static str,
    },
    /// The node is none.
    #[error(transparent)]
    Node(#[from] crate::id::UnknownNode),
    /// There is a key that no entry has.
    #[error("\"{0}\" belongs to no entry: an event stands under \"operation\", \"fact\" or \"environment\"")]
    Stray(String),
    /// There is no event, or more than one.
    #[error("an entry has exactly one event, under \"operation\", \"fact\" or \"environment\"; this one has {0}")]
    Events(usize),
    /// The event is none, or its fields are not those of such an event.
    #[error("not an event of lane \"{lane}\" ({what}): see the variants in the documentation of synod::history")]
    Event {
        /// The lane.
        lane: String,
        /// What is wrong.
        what: serde_json::Error,
    },
    /// Time runs backwards.
    #[error("{} is before {}, the entry before: sort by \"at\", ties as they happened", at.0, last.0)]
    Backwards {
        /// This line's time.
        at: Time,
        /// The time of the entry before.
        last: Time,
    },
    /// An operation is invoked twice.
    #[error("operation {op} was invoked in line {line} already: give every call its own op, a retry too")]
    InvokedTwice {
        /// The operation.
        op: u64,
        /// Where it was invoked.
        line: usize,
    },
    /// An operation completes that nobody invoked.
    #[error("operation {op} completes but was never invoked: add its \"invoke\" before, or delete this line")]
    NeverInvoked {
        /// The operation.
        op: u64,
    },
    /// An operation completes at another node than it was invoked at.
    #[error("operation {op} was invoked by {client}: only {client} can see it complete")]
    Stranger {
        /// The operation.
        op: u64,
        /// Whose it is.
        client: NodeId,
    },
    /// An operation completes twice.
    #[error("operation {op} was complete in line {line} already: keep its first ok, fail or info only")]
    CompletedTwice {
        /// The operation.
        op: u64,
        /// Where it was completed.
        line: usize,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Amid,
    Last,
}

/// The history so far, and how far each operation is.
#[derive(Default)]
struct Reader {
    history: History,
    calls: BTreeMap<OpId, Call>,
}

struct Call {
    client: NodeId,
    invoked: usize,
    completed: Option<usize>,
}

impl Reader {
    fn take(&mut self, text: &str, line: usize, place: Place) -> Result<(), Malformed> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let entry = parse(text, place)?;
        if let Some(last) = self.history.entries().last().filter(|last| last.at > entry.at) {
            return Err(Malformed::Backwards { at: entry.at, last: last.at });
        }
        if let Event::Operation(operation) = &entry.event {
            self.operate(operation, entry.node, line)?;
        }
        self.history.push(entry);
        Ok(())
    }

    fn operate(&mut self, operation: &Operation, client: NodeId, line: usize) -> Result<(), Malformed> {
        let op = operation.op();
        if operation.begins() {
            if let Some(call) = self.calls.get(&op) {
                return Err(Malformed::InvokedTwice { op: op.0, line: call.invoked });
            }
            self.calls.insert(op, Call { client, invoked: line, completed: None });
            return Ok(());
        }
        let call = self.calls.get_mut(&op).ok_or(Malformed::NeverInvoked { op: op.0 })?;
        if call.client != client {
            return Err(Malformed::Stranger { op: op.0, client: call.client });
        }
        if let Some(line) = call.completed.replace(line) {
            return Err(Malformed::CompletedTwice { op: op.0, line });
        }
        Ok(())
    }
}

const LANES: [&str; 3] = ["operation", "fact", "environment"];

/// Reads the parts of an entry one by one, so that an error can say which part is wrong.
fn parse(text: &str, place: Place) -> Result<Entry, Malformed> {
    let json: Value = serde_json::from_str(text).map_err(|error| match (error.classify(), place) {
        (Category::Eof, Place::Last) => Malformed::Truncated,
        _ => Malformed::Json(error),
    })?;
    let Value::Object(mut fields) = json else { return Err(Malformed::NotAnObject) };
    let at = number(&mut fields, "at", u64::MAX, "a time is a whole number of nanoseconds, from 0")?;
    let node = match take(&mut fields, "node")? {
        Value::String(name) => name.parse()?,
        other => {
            let remedy = "a node is a name such as \"a1\", \"c1\" or \"m1\"";
            return Err(Malformed::Field { field: "node", found: other.to_string(), remedy });
        }
    };
    let remedy = "a process is a whole number from 0, below 2^32";
    let process = number(&mut fields, "process", u64::from(u32::MAX), remedy)?;
    if let Some(stray) = fields.keys().find(|key| !LANES.contains(&key.as_str())) {
        return Err(Malformed::Stray(stray.clone()));
    }
    if fields.len() != 1 {
        return Err(Malformed::Events(fields.len()));
    }
    let lane = fields.keys().next().cloned().unwrap_or_default();
    let event = serde_json::from_value(Value::Object(fields)).map_err(|what| Malformed::Event { lane, what })?;
    let process = crate::id::ProcessId(u32::try_from(process).expect("checked against the greatest process"));
    Ok(Entry { at: Time(at), node, process, event })
}

fn take(fields: &mut Map<String, Value>, field: &'static str) -> Result<Value, Malformed> {
    fields.remove(field).ok_or(Malformed::Missing(field))
}

fn number(
    fields: &mut Map<String, Value>,
    field: &'static str,
    greatest: u64,
    remedy: &'static str,
) -> Result<u64, Malformed> {
    let found = take(fields, field)?;
    let number = found.as_u64().filter(|number| *number <= greatest);
    number.ok_or_else(|| Malformed::Field { field, found: found.to_string(), remedy })
}
