//! The witness of a store's checker: the fewest operations, why each comes before the next, and the contradiction.
//!
//! Knows how operations read as sentences, and no property.

use crate::call::{Call, KeyId, Outcome, SessionId};
use crate::history::store::{Answer, Deed, Operation, StoreHistory};
use crate::time::Time;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;

/// Operations that cannot all have happened so, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chain {
    /// The violated property's name.
    pub property: &'static str,
    /// The pattern's name, as the literature has it.
    pub pattern: &'static str,
    /// The operations, in the order in which the edges tell of them.
    pub events: Vec<Happening>,
    /// What comes before what, and why.
    pub edges: Vec<Edge>,
    /// Why that cannot be, in one sentence.
    pub contradiction: String,
}

/// One event of a witness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Happening {
    /// Its number in the history: operations count from 0 as they were invoked, what replicas tell by itself.
    pub number: usize,
    /// Which of both it is.
    #[serde(skip)]
    pub kind: Kind,
    /// The line it stands on, if the history came from a file.
    pub line: Option<u32>,
    /// Whose it is: a session, a replica or a node.
    pub who: String,
    /// When it began.
    pub from: Time,
    /// When it ended; nothing if it never did.
    pub until: Option<Time>,
    /// What, as the rest of a sentence that begins with the session's name.
    pub what: String,
}

/// Whose event it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A session's: an operation.
    Operation,
    /// A replica's: what it told of itself.
    Replica,
}

/// Why one operation comes before another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// The earlier one, by its place in the witness.
    pub before: usize,
    /// The later one.
    pub after: usize,
    /// The whole sentence.
    pub because: String,
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for event in &self.events {
            let place = event.line.map_or_else(|| event.from.to_string(), |line| format!("line {line}"));
            writeln!(f, "  {place:>14}  {} {}", named("session", &event.who), event.what)?;
        }
        for edge in &self.edges {
            writeln!(f, "  {}", edge.because)?;
        }
        write!(f, "  {}", self.contradiction)
    }
}

/// A chain under construction.
pub(super) struct Telling<'a> {
    history: &'a StoreHistory,
    chain: Chain,
}

impl<'a> Telling<'a> {
    pub(super) fn of(history: &'a StoreHistory, property: &'static str, pattern: &'static str) -> Telling<'a> {
        let (events, edges, contradiction) = (Vec::new(), Vec::new(), String::new());
        Telling { history, chain: Chain { property, pattern, events, edges, contradiction } }
    }

    /// Tells of an operation, once.
    pub(super) fn event(&mut self, number: usize) -> usize {
        let is_it = |event: &Happening| event.kind == Kind::Operation && event.number == number;
        if let Some(place) = self.chain.events.iter().position(is_it) {
            return place;
        }
        let operation = self.history.operations()[number];
        self.chain.events.push(Happening {
            number,
            kind: Kind::Operation,
            line: self.history.line(number),
            who: self.history.sessions().text(operation.session.0).to_owned(),
            from: operation.from,
            until: (operation.returned != Operation::NEVER).then_some(operation.until),
            what: deed(self.history, &operation),
        });
        self.chain.events.len() - 1
    }

    /// Tells of what a replica told of itself.
    pub(super) fn replica(&mut self, record: usize) {
        let told = self.history.replicas()[record];
        let what = match told.what {
            Deed::Applied(version) => format!("takes version {} in", self.history.show_version(version)),
            Deed::State(state) => format!("is in state {state:016x}"),
            Deed::Lost => "loses all it had".to_owned(),
        };
        let who = self.history.replica_names().text(told.replica.0).to_owned();
        let (from, until) = (told.at, Some(told.at));
        let kind = Kind::Replica;
        self.chain.events.push(Happening { number: record, kind, line: None, who, from, until, what });
    }

    /// Tells that one operation comes before another.
    pub(super) fn edge(&mut self, before: usize, after: usize, because: impl fmt::Display) {
        let sentence = format!("{} comes before {}: {because}.", noun(self.history, before), noun(self.history, after));
        let (before, after) = (self.event(before), self.event(after));
        let edge = Edge { before, after, because: sentence };
        if !self.chain.edges.contains(&edge) {
            self.chain.edges.push(edge);
        }
    }

    /// Tells that one operation had ended before another began.
    pub(super) fn precedes(&mut self, before: usize, after: usize) {
        self.edge(before, after, "it had ended before the other began");
    }

    /// Ends in the contradiction.
    pub(super) fn end(mut self, contradiction: impl fmt::Display) -> Chain {
        self.chain.contradiction = contradiction.to_string();
        self.chain
    }
}

/// A name as a sentence can bear it: other tools call sessions and keys by numbers alone.
fn named<'a>(what: &str, name: &'a str) -> Cow<'a, str> {
    if is_number(name) { Cow::Owned(format!("{what} {name}")) } else { Cow::Borrowed(name) }
}

fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|letter| letter.is_ascii_digit())
}

/// A session's name.
pub(super) fn session(history: &StoreHistory, session: SessionId) -> Cow<'_, str> {
    named("session", history.sessions().text(session.0))
}

/// A key's name.
pub(super) fn key(history: &StoreHistory, key: KeyId) -> Cow<'_, str> {
    named("key", history.keys().text(key.0))
}

/// Why one operation of a session comes before a later one.
pub(super) fn in_turn(history: &StoreHistory, session: SessionId) -> String {
    let name = history.sessions().text(session.0);
    if is_number(name) {
        format!("it is earlier in session {name}")
    } else {
        format!("it is earlier in {name}'s session")
    }
}

/// An operation as the rest of a sentence that begins with its session.
fn deed(history: &StoreHistory, operation: &Operation) -> String {
    let key = key(history, operation.key);
    let value = history.show(operation.value);
    let text = match operation.call {
        Call::Read => format!("reads {} from {key}", answer(history, operation)),
        Call::Write => format!("writes {value} to {key}"),
        Call::Remove => format!("removes {key}"),
        Call::Cas => format!("replaces {} by {value} in {key}", history.show(operation.expected)),
        Call::Append => format!("appends {value} to {key}"),
        Call::Acquire => format!("acquires {key}"),
        Call::Release => format!("releases {key}"),
        Call::Enqueue => format!("enqueues {value} in {key}"),
        Call::Dequeue if operation.outcome == Outcome::Ok => {
            format!("dequeues {} from {key}", answer(history, operation))
        }
        Call::Dequeue => format!("dequeues from {key}"),
        Call::Add => format!("adds {value} to {key}"),
        Call::Discard => format!("discards {value} from {key}"),
        Call::Contains => format!("asks whether {value} is in {key}"),
        Call::Post | Call::Claim | Call::Complete | Call::Abandon => format!("{}s task {key}", operation.call),
    };
    match operation.outcome {
        Outcome::Ok => text,
        Outcome::Open => format!("{text} (outcome unknown)"),
        Outcome::Refused => format!("{text} (refused)"),
        Outcome::Failed => format!("{text} (failed)"),
    }
}

fn answer(history: &StoreHistory, operation: &Operation) -> String {
    match operation.answer {
        Answer::Value(value) => history.show(value),
        Answer::List(list) => {
            let values = history.values_of(list);
            let shown: Vec<String> = values.iter().rev().take(3).rev().map(|value| history.show(*value)).collect();
            let more = if values.len() > 3 { "…, " } else { "" };
            format!("[{more}{}]", shown.join(", "))
        }
    }
}

/// An operation as a noun: `a2's write of "v3" to plan`.
pub(super) fn noun(history: &StoreHistory, number: usize) -> String {
    let operation = history.operations()[number];
    let (session, key) = (session(history, operation.session), key(history, operation.key));
    let value = history.show(operation.value);
    match operation.call {
        Call::Read => format!("{session}'s read of {} from {key}", answer(history, &operation)),
        Call::Write => format!("{session}'s write of {value} to {key}"),
        Call::Append => format!("{session}'s append of {value} to {key}"),
        Call::Cas => format!("{session}'s replacement of {} by {value} in {key}", history.show(operation.expected)),
        Call::Dequeue => format!("{session}'s dequeue of {} from {key}", answer(history, &operation)),
        Call::Enqueue | Call::Add | Call::Discard | Call::Contains => {
            format!("{session}'s {} of {value} at {key}", operation.call)
        }
        other => format!("{session}'s {other} of {key}"),
    }
}
