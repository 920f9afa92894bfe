//! Reads the text of Plume and PolySI: `w(3,17,0,5)`, an operation a line: key, value, session, transaction.
//!
//! A session's operations stand in its order; sessions may stand one after the other, for there are no times and
//! nothing
//! is known of what happened first: see [`StoreHistory::without_time`]. Value 0 is what a key holds before its first
//! write. What one transaction does is one turn: properties of single operations are not decided of larger ones. Knows
//! no property.

use super::calls::{Invocation, Return};
use super::error::{StoreError, Wrong};
use super::record::StoreHistory;
use crate::call::{Call, ValueId};
use crate::time::Time;
use std::io::BufRead;

/// Reads such a text.
///
/// ```
/// let history = synod::history::store::read_read_write("w(1,5,0,0)\nr(1,5,1,1)\n".as_bytes())?;
/// assert_eq!(history.operations().len(), 2);
/// let error = synod::history::store::read_read_write("w(1,5,0)\n".as_bytes()).unwrap_err();
/// assert!(error.to_string().starts_with("line 1: this is no operation"));
/// # Ok::<(), synod::history::store::StoreError>(())
/// ```
///
/// # Errors
/// The first line that is no operation.
pub fn read_read_write(input: impl BufRead) -> Result<StoreHistory, StoreError> {
    let mut history = StoreHistory::default();
    history.without_time();
    history.in_transactions();
    for (text, line) in input.lines().zip(1..) {
        let taken = text.map_err(Wrong::Unreadable).and_then(|text| take(&mut history, &text, line));
        taken.map_err(|what| StoreError { line, what })?;
    }
    Ok(history)
}

/// Whether a line is an operation of such a text.
#[cfg(feature = "simulator")]
pub(super) fn is_operation(line: &str) -> bool {
    parse(line).is_some()
}

struct Parsed<'a> {
    call: Call,
    fields: [&'a str; 4],
}

fn parse(text: &str) -> Option<Parsed<'_>> {
    let text = text.trim();
    let call = match text.get(..2)? {
        "w(" => Call::Write,
        "r(" => Call::Read,
        _ => return None,
    };
    let fields: Vec<&str> = text[2..].strip_suffix(')')?.split(',').map(str::trim).collect();
    let fields: [&str; 4] = fields.try_into().ok()?;
    fields.iter().all(|field| !field.is_empty()).then_some(Parsed { call, fields })
}

fn take(history: &mut StoreHistory, text: &str, line: usize) -> Result<(), Wrong> {
    if text.trim().is_empty() {
        return Ok(());
    }
    let shape = || Wrong::Malformed("this is no operation, such as w(key,value,session,transaction)".to_owned());
    let Parsed { call, fields: [key, value, session, turn] } = parse(text).ok_or_else(shape)?;
    let value = if value == "0" { ValueId::NOTHING } else { history.value(value) };
    if call == Call::Write && value == ValueId::NOTHING {
        let text = "nothing can write 0: it is what a key holds before its first write";
        return Err(Wrong::Malformed(text.to_owned()));
    }
    let (session_id, key) = (history.session(session), history.key(key));
    let turn = history.turn(&format!("{session}/{turn}"));
    let mut made = Invocation { turn: Some(turn), ..Invocation::of(session_id, key, call) };
    if call == Call::Write {
        made.value = value;
    }
    let op = history.invoke(Time(line as u64), made)?;
    history.at_line(line);
    let answer = if call == Call::Read { Return::value(value) } else { Return::OK };
    history.complete(Time(line as u64), op, answer)
}
