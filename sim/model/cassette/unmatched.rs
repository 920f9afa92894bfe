//! A request that matches no recorded call: which one is nearest, and what differs. Knows no file.

use super::{Key, Recorded};
use crate::id::NodeId;
use crate::model::{Message, Request, Turn};
use std::cmp::Reverse;
use std::fmt;

/// A request that matches no recorded call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmatched {
    /// Who asked.
    pub caller: NodeId,
    /// Which of its requests it is.
    pub turn: Turn,
    /// Its digest.
    pub content: u64,
    /// The nearest recorded call; `None` if there is none at all.
    pub nearest: Option<Nearest>,
}

impl std::error::Error for Unmatched {}

/// The recorded call that comes nearest: of the same caller before any other, then of the nearest turn, then with the
/// longest text in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// Who asked.
    pub caller: NodeId,
    /// Which of its requests it was.
    pub turn: Turn,
    /// Its digest.
    pub content: u64,
    /// What differs, in words.
    pub differs: Vec<String>,
}

impl Unmatched {
    pub(super) fn among<'a>(calls: impl Iterator<Item = &'a Recorded>, key: Key, request: &Request) -> Unmatched {
        let Key { caller, turn, content } = key;
        let asked = request.to_string();
        let nearest = calls.min_by_key(|recorded| {
            let away = recorded.turn.0.abs_diff(turn.0);
            (recorded.caller != caller, away, Reverse(alike(&recorded.request.to_string(), &asked)))
        });
        let nearest = nearest.map(|recorded| Nearest {
            caller: recorded.caller,
            turn: recorded.turn,
            content: recorded.key().content,
            differs: differences(recorded, &key, request),
        });
        Unmatched { caller, turn, content, nearest }
    }
}

impl fmt::Display for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unmatched { caller, turn, content, nearest } = self;
        write!(f, "the cassette has no reply for turn {turn} of {caller} (content {content:016x}): ")?;
        let Some(Nearest { caller, turn, content, differs }) = nearest else {
            return f.write_str("it is empty");
        };
        write!(f, "the nearest recorded call is turn {turn} of {caller} (content {content:016x}), where ")?;
        write!(f, "{}; record it again if the change was meant", differs.join("; "))
    }
}

/// How many bytes two texts have in common at their beginning and their end.
fn alike(one: &str, other: &str) -> usize {
    let before = prefix(one, other);
    let backwards = |text: &str| text.as_bytes()[before..].iter().rev().copied().collect::<Vec<u8>>();
    let behind = backwards(one).iter().zip(backwards(other).iter()).take_while(|(one, other)| one == other).count();
    before + behind
}

/// How many bytes two texts have in common at their beginning, never within a character.
fn prefix(one: &str, other: &str) -> usize {
    let same = one.chars().zip(other.chars()).take_while(|(one, other)| one == other);
    same.map(|(letter, _)| letter.len_utf8()).sum()
}

fn differences(recorded: &Recorded, key: &Key, asked: &Request) -> Vec<String> {
    let mut found = Vec::new();
    let mut differ = |what: &str, then: String, now: String| {
        if then != now {
            found.push(format!("{what} was {then} and is {now}"));
        }
    };
    let then = &recorded.request;
    differ("the caller", recorded.caller.to_string(), key.caller.to_string());
    differ("the turn", recorded.turn.to_string(), key.turn.to_string());
    differ("the slot", then.slot.0.to_string(), asked.slot.0.to_string());
    let limit = |most: Option<u32>| most.map_or("none".to_owned(), |most| most.to_string());
    differ("the limit of tokens", limit(then.max_tokens), limit(asked.max_tokens));
    let stops = |request: &Request| format!("{:?}", request.stops);
    differ("the list of stop sequences", stops(then), stops(asked));
    let schema =
        |request: &Request| request.schema.as_ref().map_or("none".to_owned(), |schema| short(&schema.to_string(), 0));
    if then.schema != asked.schema {
        differ("the schema", schema(then), schema(asked));
    }
    let tools = |request: &Request| request.tools.iter().map(|tool| tool.name.clone()).collect::<Vec<_>>().join(", ");
    if then.tools != asked.tools {
        let (before, after) = (tools(then), tools(asked));
        let what = if before == after { "a tool's description or arguments" } else { "the tools" };
        found.push(format!("{what} changed: {before:?}, then {after:?}"));
    }
    found.extend(differing_message(&then.messages, &asked.messages));
    found
}

/// The first message that differs.
fn differing_message(then: &[Message], now: &[Message]) -> Option<String> {
    let place = then.iter().zip(now).take_while(|(then, now)| then == now).count();
    let number = place + 1;
    match (then.get(place), now.get(place)) {
        (Some(then), Some(now)) if then.role != now.role => {
            Some(format!("message {number} was the {}'s and is the {}'s", then.role, now.role))
        }
        (Some(then), Some(now)) if then.text != now.text => {
            let at = prefix(&then.text, &now.text);
            let (before, after) = (short(&then.text, at), short(&now.text, at));
            Some(format!("message {number} ({}) said {before:?} and says {after:?}", now.role))
        }
        (Some(_), Some(now)) => Some(format!("message {number} ({}) calls or answers other tools", now.role)),
        (Some(then), None) => Some(format!("message {number} ({}) is gone: {:?}", then.role, short(&then.text, 0))),
        (None, Some(now)) => Some(format!("message {number} ({}) is new: {:?}", now.role, short(&now.text, 0))),
        (None, None) => None,
    }
}

/// A text around the byte at which it begins to differ.
fn short(text: &str, at: usize) -> String {
    /// Letters before the difference and behind it: enough to find the place.
    const BEFORE: usize = 16;
    const BEHIND: usize = 40;
    let start = text[..at].char_indices().rev().nth(BEFORE - 1).map_or(0, |(place, _)| place);
    let kept: String = text[start..].chars().take(BEFORE + BEHIND).collect();
    let (open, close) = (if start > 0 { "…" } else { "" }, if start + kept.len() < text.len() { "…" } else { "" });
    format!("{open}{kept}{close}")
}
