//! What correspondents say to each other, as text that a model can read. Knows no channel.

use crate::fact::{Slot, Value};
use crate::protocol::channel::LetterId;

/// What a letter says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Remark {
    /// The writer found a bug.
    Found(Slot),
    /// The writer fixed it.
    Fixed(Slot),
    /// The writer judged how things stand.
    Verdict(Slot, Value),
    /// Something to be answered so many times, perhaps itself an answer.
    Said {
        /// What it is about.
        slot: Slot,
        /// How many answers are to follow on each other.
        hops: u64,
        /// What it answers.
        answers: Option<LetterId>,
    },
}

const FOUND: &str = ": I found this bug.";
const FIXED: &str = ": this bug is fixed.";
const VERDICT: &str = ": as I see it, ";

impl Remark {
    /// The text.
    pub(super) fn value(&self) -> Value {
        let text = match self {
            Remark::Found(slot) => format!("{slot}{FOUND}"),
            Remark::Fixed(slot) => format!("{slot}{FIXED}"),
            Remark::Verdict(slot, value) => format!("{slot}{VERDICT}{value}"),
            Remark::Said { slot, hops, answers: None } => format!("{slot}: hops {hops}"),
            Remark::Said { slot, hops, answers: Some(LetterId { from, number }) } => {
                format!("{slot}: hops {hops}, on {number} of {from}")
            }
        };
        Value::from(text.as_str())
    }

    /// What a text says, if it is a correspondent's.
    pub(super) fn read(value: &Value) -> Option<Remark> {
        let text = std::str::from_utf8(value.bytes()).ok()?;
        let (number, rest) = text.strip_prefix("slot ")?.split_at_checked(text.find(':')?.checked_sub(5)?)?;
        let slot = Slot(number.parse().ok()?);
        if let Some(verdict) = rest.strip_prefix(VERDICT) {
            return Some(Remark::Verdict(slot, Value::from(verdict)));
        }
        match rest {
            FOUND => Some(Remark::Found(slot)),
            FIXED => Some(Remark::Fixed(slot)),
            rest => said(slot, rest.strip_prefix(": hops ")?),
        }
    }
}

fn said(slot: Slot, rest: &str) -> Option<Remark> {
    let Some((hops, answered)) = rest.split_once(", on ") else {
        return Some(Remark::Said { slot, hops: rest.parse().ok()?, answers: None });
    };
    let (number, from) = answered.split_once(" of ")?;
    let answers = Some(LetterId { from: from.parse().ok()?, number: number.parse().ok()? });
    Some(Remark::Said { slot, hops: hops.parse().ok()?, answers })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::NodeId;

    #[test]
    fn what_is_written_is_read() {
        let answers = Some(LetterId { from: NodeId::agent(3), number: 12 });
        let remarks = [
            Remark::Found(Slot(0)),
            Remark::Fixed(Slot(17)),
            Remark::Verdict(Slot(2), Value::from(r#"{"status":"fixed"}"#)),
            Remark::Said { slot: Slot(4), hops: 2, answers: None },
            Remark::Said { slot: Slot(4), hops: 0, answers },
        ];
        for remark in remarks {
            assert_eq!(Remark::read(&remark.value()), Some(remark));
        }
    }

    #[test]
    fn other_texts_say_nothing() {
        for text in ["", "slot", "slot x: I found this bug.", "slot 1: hello", ":", "slot 1: hops 2, on 3"] {
            assert_eq!(Remark::read(&Value::from(text)), None, "{text:?}");
        }
    }
}
