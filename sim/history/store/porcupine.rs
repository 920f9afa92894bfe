//! Reads the key-value log of Porcupine: `{:process 4, :type :invoke, :f :append, :key "1", :value "x 4 0 y"}`.
//!
//! A `:get` returns everything appended to a key as one string, which is read as the list of values it consists of.
//! That is possible if no value is the beginning of another; what a value could not be is read as a value that nobody
//! appended. Knows no property.

use super::calls::{Invocation, Return};
use super::error::{StoreError, Wrong};
use super::record::{Operation, StoreHistory};
use crate::call::{Call, KeyId, SessionId, ValueId};
use crate::id::OpId;
use crate::time::Time;
use std::collections::BTreeMap;
use std::io::BufRead;
use std::ops::Bound;

/// Reads such a log.
///
/// ```
/// let log = r#"
/// {:process 0, :type :invoke, :f :append, :key "7", :value "x"}
/// {:process 0, :type :ok, :f :append, :key "7", :value "x"}"#;
/// let history = synod::history::store::read_porcupine(log.as_bytes())?;
/// assert_eq!(history.operations().len(), 1);
/// # Ok::<(), synod::history::store::StoreError>(())
/// ```
///
/// # Errors
/// The first line that cannot be, with what to do about it.
pub fn read_porcupine(input: impl BufRead) -> Result<StoreHistory, StoreError> {
    let mut lines = Vec::new();
    for (text, line) in input.lines().zip(1..) {
        let parsed = text.map_err(Wrong::Unreadable).and_then(|text| parse(&text));
        if let Some(event) = parsed.map_err(|what| StoreError { line, what })? {
            lines.push((line, event));
        }
    }
    let mut reader = Reader::default();
    for (line, event) in lines.iter().filter(|(_, event)| event.begins && event.call != Call::Read) {
        let text = event.value.clone();
        reader.written.entry(event.key.clone()).or_default().entry(text).or_insert(*line);
    }
    for written in reader.written.values() {
        unambiguous(written)?;
    }
    for (line, event) in &lines {
        reader.take(event, *line).map_err(|what| StoreError { line: *line, what })?;
    }
    Ok(reader.history)
}

struct Event {
    process: String,
    begins: bool,
    call: Call,
    key: String,
    value: String,
}

/// Reads one line; `None` if it is empty.
fn parse(text: &str) -> Result<Option<Event>, Wrong> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let shape = || {
        let example = r#"{:process 0, :type :invoke, :f :get, :key "7", :value nil}"#;
        Wrong::Malformed(format!("this is no event of Porcupine's key-value log, such as {example}"))
    };
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).ok_or_else(shape)?;
    let field = |name: &str| -> Result<&str, Wrong> {
        let start = inner.find(name).ok_or_else(shape)? + name.len();
        let rest = inner[start..].trim_start();
        Ok(match rest.strip_prefix('"') {
            Some(quoted) => &quoted[..quoted.find('"').ok_or_else(shape)?],
            None => rest.split(',').next().unwrap_or_default().trim(),
        })
    };
    let begins = match field(":type")? {
        ":invoke" => true,
        ":ok" => false,
        other => return Err(Wrong::Malformed(format!("{other} is no type of this log: :invoke or :ok"))),
    };
    let call = match field(":f")? {
        ":get" => Call::Read,
        ":put" => Call::Write,
        ":append" => Call::Append,
        other => return Err(Wrong::Malformed(format!("{other} is no operation of this log: :get, :put or :append"))),
    };
    let [process, key, value] = [field(":process")?, field(":key")?, field(":value")?].map(str::to_owned);
    Ok(Some(Event { process, begins, call, key, value }))
}

#[derive(Default)]
struct Reader {
    history: StoreHistory,
    under_way: BTreeMap<SessionId, OpId>,
    /// By key: every value written or appended in the whole log.
    written: BTreeMap<String, Written>,
}

impl Reader {
    fn take(&mut self, event: &Event, line: usize) -> Result<(), Wrong> {
        let session = self.history.session(&event.process);
        let at = Time(line as u64);
        if event.begins {
            let key: KeyId = self.history.key(&event.key);
            let mut made = Invocation::of(session, key, event.call);
            if event.call != Call::Read {
                made.value = self.history.value(&event.value);
            }
            let op = self.history.invoke(at, made)?;
            self.history.at_line(line);
            self.under_way.insert(session, op);
            return Ok(());
        }
        let op = self.under_way.remove(&session).ok_or_else(|| {
            Wrong::Malformed(format!("process {} ends what it never invoked: add its :invoke before", event.process))
        })?;
        self.ends(event, &self.history.operations()[op.0 as usize])?;
        let mut end = Return::OK;
        if event.call == Call::Read {
            let values = self.split(&event.key, &event.value);
            end = Return::list(self.history.list(values));
        }
        self.history.complete(at, op, end)
    }

    /// Refuses the end of something else than was invoked.
    fn ends(&self, event: &Event, invoked: &Operation) -> Result<(), Wrong> {
        let (key, value) = (self.history.keys().text(invoked.key.0), self.history.text(invoked.value));
        let same = event.call == invoked.call && event.key == key;
        if same && (event.call == Call::Read || value == Some(event.value.as_str())) {
            return Ok(());
        }
        let process = &event.process;
        let what = value.map(|value| format!(" of {value:?}")).unwrap_or_default();
        let text = format!("process {process} invoked a {}{what} under key {key:?} and ends another", invoked.call);
        Err(Wrong::Malformed(text))
    }

    /// The values that a string consists of.
    fn split(&mut self, key: &str, mut text: &str) -> Vec<ValueId> {
        let none = Written::new();
        let written = self.written.get(key).unwrap_or(&none);
        let mut values = Vec::new();
        while !text.is_empty() {
            // Whatever stands between a value and a text that begins with it begins with it too, and no value does.
            let nearest = written.range::<str, _>((Bound::Unbounded, Bound::Included(text))).next_back();
            let found =
                nearest.map(|(value, _)| value).filter(|value| text.starts_with(value.as_str()) && !value.is_empty());
            let piece = found.map_or(text, |found| &text[..found.len()]);
            values.push(self.history.value(piece));
            text = &text[piece.len()..];
        }
        values
    }
}

/// Every value, each with the line that wrote it first.
type Written = BTreeMap<String, usize>;

/// Refuses values of which one begins another.
fn unambiguous(written: &Written) -> Result<(), StoreError> {
    let mut pairs = written.keys().zip(written.iter().skip(1));
    let Some((one, (other, line))) = pairs.find(|(one, (other, _))| other.starts_with(one.as_str())) else {
        return Ok(());
    };
    let text = format!("{one:?} begins {other:?}, so a string of both cannot be told apart: end every value alike");
    Err(StoreError { line: *line, what: Wrong::Malformed(text) })
}
