//! Reads the operation log of Jepsen and Knossos: `INFO jepsen.util - 3 :invoke :write 4`, one event a line.
//!
//! The log is about one register under a key without a name. A process that ends with `:info` never comes back; a
//! `:fail` of a
//! read or write says that it never took effect, a `:fail` of a `:cas` that its comparison failed. Lines that are not
//! operations are skipped. There are no times, so each event gets its line number in nanoseconds. Knows no property.

use super::error::{StoreError, Wrong};
use super::record::{Invocation, Return, StoreHistory};
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
    let mut words = line.split_whitespace();
    words.any(|word| word == "-")
        && words.nth(1).is_some_and(|word| matches!(word, ":invoke" | ":ok" | ":fail" | ":info"))
}

type UnderWay = BTreeMap<SessionId, OpId>;

fn take(history: &mut StoreHistory, under_way: &mut UnderWay, text: &str, line: usize) -> Result<(), Wrong> {
    let words: Vec<&str> = text.split_whitespace().skip_while(|word| *word != "-").skip(1).collect();
    let [process, end @ (":invoke" | ":ok" | ":fail" | ":info"), call, value @ ..] = &words[..] else { return Ok(()) };
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
        let mut made = Invocation::of(session, key, call);
        match (call, value) {
            (Call::Write, [value]) => made.value = history.value(value),
            (Call::Cas, [expected, value]) => {
                made.expected = history.value(expected.trim_start_matches('['));
                made.value = history.value(value.trim_end_matches(']'));
            }
            (Call::Read, _) => {}
            _ => return Err(Wrong::Malformed(format!("a :{call} is written `:write 3` or `:cas [3 4]`"))),
        }
        let op = history.invoke(at, made)?;
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
    let outcome = match (*end, call) {
        (":ok", _) => Outcome::Ok,
        (":fail", Call::Cas) if value != [":timed-out"] => Outcome::Refused,
        (":fail", _) => Outcome::Failed,
        _ => Outcome::Open,
    };
    let read = match (call, value) {
        (Call::Read, ["nil"]) => ValueId::NOTHING,
        (Call::Read, [value]) if outcome == Outcome::Ok => history.value(value),
        _ => ValueId::NOTHING,
    };
    history.complete(at, op, Return { outcome, ..Return::value(read) })
}
