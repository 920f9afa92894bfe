//! What a model reads of a request: how much of the evidence is in it, what the model itself said before, and what its
//! peers say. Knows no truth; draws nothing.
//!
//! Evidence is lines: a line is in a request if a message holds it verbatim. Which task a request is about stands in
//! its text ([`Request::task`]).

use super::manner::{Overflow, Window};
use super::{Form, Message, Request, Speaker};
use crate::fault::Kind;
use crate::id::NodeId;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Four bytes make a token: the providers' own rule of thumb for English text.
pub(super) const TOKEN_BYTES: usize = 4;

/// What of a request a model really reads.
pub(super) struct Reading<'a> {
    parts: Vec<Part<'a>>,
}

/// A piece of a message.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    /// The message that it is a piece of: what is not text in it, such as calls of tools, is read with any piece.
    pub(super) message: &'a Message,
    /// What of its text is read.
    pub(super) text: &'a str,
}

impl Part<'_> {
    pub(super) const fn role(&self) -> Speaker {
        self.message.role
    }
}

/// How many lines of evidence are missing, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Missing {
    pub(super) lines: u64,
    pub(super) of: u64,
}

impl Missing {
    pub(super) const NOTHING: Missing = Missing { lines: 0, of: 1 };
}

/// The byte ranges of a whole request, message after message, that are read.
#[derive(Clone, Copy)]
struct Read {
    from: usize,
    until: usize,
}

impl<'a> Reading<'a> {
    /// What is read with this window and under this fault.
    pub(super) fn of(request: &'a Request, window: Window, fault: Option<Kind>) -> Reading<'a> {
        let bytes = request.bytes();
        // Only messages are ever dropped.
        let room = (window.tokens as usize * TOKEN_BYTES).saturating_sub(request.besides());
        let newest = |room: usize| [Read { from: bytes - room, until: bytes }, Read { from: bytes, until: bytes }];
        let whole = request.messages.iter().map(|message| Part { message, text: &message.text });
        let read = match fault {
            Some(Kind::ConversationReset) => {
                let asked = request.messages.iter().position(|message| message.role == Speaker::User);
                return Reading { parts: whole.take(asked.map_or(usize::MAX, |place| place + 1)).collect() };
            }
            Some(Kind::IgnoredPeers) => {
                let own = |part: &Part<'_>| !matches!(part.role(), Speaker::Peer(_));
                return Reading { parts: whole.filter(own).collect() };
            }
            Some(Kind::HistoryTruncated) => newest(bytes / 2),
            Some(Kind::LostInTheMiddle) => {
                [Read { from: 0, until: bytes / 3 }, Read { from: bytes - bytes / 3, until: bytes }]
            }
            _ if bytes > room && window.overflow == Overflow::OldestDropped => newest(room),
            _ => return Reading { parts: whole.collect() },
        };
        let mut parts = Vec::new();
        let mut start = 0;
        for message in &request.messages {
            let end = start + message.text.len();
            // A message without a text, of which calls are all, has a place and no length.
            let holds = |Read { from, until }: &Read| *from <= start && (start < *until || *until == bytes);
            if start == end && read.iter().any(holds) {
                parts.push(Part { message, text: "" });
            }
            for Read { from, until } in read {
                let (from, until) = (from.clamp(start, end) - start, until.clamp(start, end) - start);
                if from < until {
                    parts.push(Part { message, text: within(&message.text, from, until) });
                }
            }
            start = end;
        }
        Reading { parts }
    }

    /// The request as it was read, if that is less than all of it.
    pub(super) fn of_less(&self, request: &Request) -> Option<Request> {
        if !self.is_less(request) {
            return None;
        }
        let read = |part: &Part<'_>| Message { text: part.text.to_owned(), ..part.message.clone() };
        Some(Request { messages: self.parts.iter().map(read).collect(), ..request.clone() })
    }

    /// Whether a message of the request, or a part of one, was not read.
    pub(super) fn is_less(&self, request: &Request) -> bool {
        let read: usize = self.parts.iter().map(|part| part.text.len()).sum();
        read < request.bytes() || self.parts.len() < request.messages.len()
    }

    /// What is read, in order.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part<'a>> + '_ {
        self.parts.iter().copied()
    }

    /// How much of this evidence the model has not read.
    pub(super) fn missing(&self, evidence: &str) -> Missing {
        // Prompts have one line before the evidence; most requests need no look at single lines.
        let follows = |part: &Part<'_>| part.text.split_once('\n').is_some_and(|(_, rest)| rest.starts_with(evidence));
        if self.parts.iter().any(follows) {
            return Missing::NOTHING;
        }
        let (mut lines, mut of) = (0, 0);
        for line in evidence.lines().filter(|line| !line.trim().is_empty()) {
            of += 1;
            lines += u64::from(!self.holds(line));
        }
        if of == 0 { Missing::NOTHING } else { Missing { lines, of } }
    }

    /// Whether a line was read.
    pub(super) fn holds(&self, line: &str) -> bool {
        self.parts.iter().any(|part| stands_in(line, part.text))
    }

    /// The last answer that the model itself gave, if the transcript shows it.
    pub(super) fn own(&self, form: &Form) -> Option<Json> {
        let mine = |part: &&Part<'_>| part.role() == Speaker::Assistant;
        self.parts.iter().rev().filter(mine).find_map(|part| value_in(form, part.text))
    }

    /// The latest answer of each peer, and every answer that the shell quotes as canonical JSON. `right` is the
    /// canonical text of some answer: quotes begin as it does.
    pub(super) fn peers(&self, form: &Form, right: &str) -> Vec<Json> {
        let mut latest: BTreeMap<NodeId, Json> = BTreeMap::new();
        let mut quoted = Vec::new();
        let opening = right.find(':').filter(|_| right.starts_with('{')).map(|place| &right[..=place]);
        for part in &self.parts {
            let text = part.text;
            match part.role() {
                Speaker::Peer(peer) => {
                    if let Some(json) = value_in(form, text) {
                        latest.insert(peer, json);
                    }
                }
                Speaker::User => quoted.extend(opening.into_iter().flat_map(|opening| quotes(form, text, opening))),
                _ => {}
            }
        }
        latest.into_values().chain(quoted).collect()
    }

    /// The last thing that a peer says, and the answer in it.
    pub(super) fn last_peer(&self, form: &Form) -> Option<Told<'a>> {
        let said = self.parts.iter().rev().find(|part| matches!(part.role(), Speaker::Peer(_)))?;
        Some(Told { text: said.text, answer: value_in(form, said.text) })
    }

    /// Whether any peer or earlier answer of the model's own may be in it. A cheap look before a thorough one.
    pub(super) fn is_conversation(&self, right: &str) -> bool {
        let quotes = || {
            let opening = right.find(':').filter(|_| right.starts_with('{')).map(|place| &right[..=place]);
            // In a prompt's sketch of the form a space follows, in canonical JSON none does.
            let quoted = |text: &str, opening: &str| {
                text.match_indices(opening).any(|(place, _)| !text[place + opening.len()..].starts_with(' '))
            };
            opening.is_some_and(|opening| self.parts.iter().any(|part| quoted(part.text, opening)))
        };
        self.parts.iter().any(|part| matches!(part.role(), Speaker::Peer(_))) || quotes()
    }
}

/// What a peer said last.
pub(super) struct Told<'a> {
    pub(super) text: &'a str,
    pub(super) answer: Option<Json>,
}

/// Whether a text holds a line by itself, and not as a part of other words: `load 3` does not stand in `load 31`.
fn stands_in(line: &str, text: &str) -> bool {
    let within = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    text.match_indices(line).any(|(place, _)| {
        let (before, behind) = (&text[..place], &text[place + line.len()..]);
        let goes_on = within(before.chars().next_back()) && within(line.chars().next())
            || within(line.chars().next_back()) && within(behind.chars().next());
        !goes_on
    })
}

/// A part of a text, moved to where its characters begin.
fn within(text: &str, from: usize, until: usize) -> &str {
    let from = (from..=text.len()).find(|place| text.is_char_boundary(*place)).unwrap_or(text.len());
    let until = (0..=until).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(0);
    &text[from..until.max(from)]
}

/// The first value of this form in a text.
fn value_in(form: &Form, text: &str) -> Option<Json> {
    if let Ok(json) = form.parse(text) {
        return Some(json);
    }
    let starts = text.char_indices().filter(|(_, letter)| matches!(letter, '{' | '[')).map(|(place, _)| place);
    starts.filter_map(|place| first_value(&text[place..])).find(|json| form.admits(json))
}

fn quotes(form: &Form, text: &str, opening: &str) -> Vec<Json> {
    let places = text.match_indices(opening).map(|(place, _)| place);
    places.filter_map(|place| first_value(&text[place..])).filter(|json| form.admits(json)).collect()
}

fn first_value(text: &str) -> Option<Json> {
    serde_json::Deserializer::from_str(text).into_iter().next()?.ok()
}
