//! Reads the operation log of Jepsen and Knossos: `INFO jepsen.util - 3 :invoke :write 4`, one event a line, with or
//! without what stands before the process.
//!
//! The log is about one register under a key without a name. A process that ends with `:info` never comes back; a
//! `:fail` of a read or write says that it never took effect, a `:fail` of a `:cas` that its comparison failed. Lines
//! that are not operations of a numbered process are skipped, the nemesis' among them. There are no times, so each
//! event gets its line number in nanoseconds. Knows no property.

use super::calls::{Invocation, Return};
use super::error::{StoreError, Wrong};
use super::record::StoreHistory;
use crate::call::{Call, Outcome, SessionId, ValueId};
use crate::id::OpId;
use crate::time::Time;
use std::collections::BTreeMap;
use std::io::BufRead;

/// Reads such a log.
///
/// ```
/// let log = "INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 0\t:ok\t:read\tnil\n";
/// let history = synod::history::store::read_knossos(log.as_bytes())?;
/// assert_eq!(history.operations().len(), 1);
/// # Ok::<(), synod::history::store::StoreError>(())
/// ```
///
/// # Errors
/// The first line that cannot be, with what to do about it.
pub fn read_knossos(input: impl BufRead) -> Result<StoreHistory, StoreError> {
    let mut history = StoreHistory::default();
    let mut under_way = BTreeMap::new();
    for (text, line) in input.lines().zip(1..) {
        let taken = text.map_err(Wrong::Unreadable);
        let taken = taken.and_then(|text| take(&mut history, &mut under_way, &text, line));
        taken.map_err(|what| StoreError { line, what })?;
    }
    Ok(history)
}

/// Whether a line is an operation of such a log.
#[cfg(feature = "simulator")]
pub(super) fn is_event(line: &str) -> bool {
    matches!(operation(line)[..], [_, ":invoke" | ":ok" | ":fail" | ":info", ..])
}

/// The words of a line from its process on; none if it is not about a numbered process.
fn operation(line: &str) -> Vec<&str> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let start = words.iter().position(|word| *word == "-").map_or(0, |dash| dash + 1);
    let is_process = |word: &&str| word.bytes().all(|letter| letter.is_ascii_digit());
    // Logs say other things of numbers: an operation goes on with a keyword, or breaks off.
    match &words[start..] {
        [process, rest @ ..] if is_process(process) && rest.first().is_none_or(|word| word.starts_with(':')) => {
            words[start..].to_vec()
        }
        _ => Vec::new(),
    }
}

type UnderWay = BTreeMap<SessionId, OpId>;

fn take(history: &mut StoreHistory, under_way: &mut UnderWay, text: &str, line: usize) -> Result<(), Wrong> {
    let words = operation(text);
    if words.is_empty() {
        return Ok(());
    }
    let [process, end @ (":invoke" | ":ok" | ":fail" | ":info"), call, value @ ..] = &words[..] else {
        let text = "this operation breaks off: it is written `0 :invoke :write 3`, and so on with :ok, :fail or :info";
        return Err(Wrong::Malformed(text.to_owned()));
    };
    let call = match *call {
        ":read" => Call::Read,
        ":write" => Call::Write,
        ":cas" => Call::Cas,
        other => return Err(Wrong::Malformed(format!("{other} is no operation of a register: :read, :write or :cas"))),
    };
    let session = history.session(process);
    let at = Time(line as u64);
    if *end == ":invoke" {
        let key = history.key("register");
        let Carried { value, expected } = carried(history, call, value)?;
        let op = history.invoke(at, Invocation { value, expected, ..Invocation::of(session, key, call) })?;
        history.at_line(line);
        under_way.insert(session, op);
        return Ok(());
    }
    let unknown = || Wrong::Malformed(format!("process {process} ends what it never invoked: add its :invoke before"));
    let op = under_way.remove(&session).ok_or_else(unknown)?;
    let invoked = history.operations()[op.0 as usize];
    if invoked.call != call {
        let text = format!("process {process} invoked a :{} and ends a :{call}", invoked.call);
        return Err(Wrong::Malformed(text));
    }
    if *end == ":ok" && call != Call::Read {
        let told = carried(history, call, value)?;
        if told != (Carried { value: invoked.value, expected: invoked.expected }) {
            let text = format!("process {process} ends a :{call} with other values than it invoked it with");
            return Err(Wrong::Malformed(text));
        }
    }
    let outcome = match (*end, call) {
        (":ok", _) => Outcome::Ok,
        (":fail", Call::Cas) if value != [":timed-out"] => Outcome::Refused,
        (":fail", _) => Outcome::Failed,
        _ => Outcome::Open,
    };
    let read = match (call, value) {
        (Call::Read, ["nil"]) => ValueId::NOTHING,
        (Call::Read, [value]) if outcome == Outcome::Ok => history.value(value),
        (Call::Read, _) if outcome == Outcome::Ok => {
            return Err(Wrong::Malformed("an :ok :read says what it read, such as `:ok :read 3`, or nil".to_owned()));
        }
        _ => ValueId::NOTHING,
    };
    history.complete(at, op, Return { outcome, ..Return::value(read) })
}

/// What an operation carries in.
#[derive(PartialEq, Eq)]
struct Carried {
    value: ValueId,
    expected: ValueId,
}

fn carried(history: &mut StoreHistory, call: Call, words: &[&str]) -> Result<Carried, Wrong> {
    let mut known = |text: &str| if text == "nil" { ValueId::NOTHING } else { history.value(text) };
    let (expected, value) = match (call, words) {
        (Call::Read, _) => (ValueId::NOTHING, ValueId::NOTHING),
        (Call::Write, [value]) if *value != "nil" => (ValueId::NOTHING, known(value)),
        (Call::Cas, [expected, value]) if expected.starts_with('[') && value.ends_with(']') => {
            (known(&expected[1..]), known(&value[..value.len() - 1]))
        }
        _ => return Err(Wrong::Malformed(format!("a :{call} is written `:write 3` or `:cas [3 4]`"))),
    };
    Ok(Carried { value, expected })
}
