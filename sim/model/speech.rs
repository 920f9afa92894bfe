//! How something said becomes a reply: its length and latency, and the faults of form. Knows no truth.

use super::claim::Claim;
use super::lie;
use super::manner::{Overflow, Window};
use super::pace::Tempo;
use super::profile::Profile;
use super::reading::TOKEN_BYTES;
use super::slur;
use super::{Answered, ErrorKind, ProviderError, Reply, Request, Slip, Stop, Taint, ToolCall, Usage};
use crate::fault::Kind;
use crate::seed::Stream;

/// What a call draws before anything is said: always the same draws in the same order, whatever comes of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mood {
    fault: Option<Kind>,
    tempo: Tempo,
}

impl Mood {
    pub(super) fn drawn(profile: &Profile, draws: &mut Stream) -> Mood {
        let fault = Slip::drawn(&profile.slips, draws);
        let tempo = Tempo::drawn(&profile.pace, draws);
        Mood { fault, tempo }
    }

    /// What slips of itself in this call.
    pub(super) const fn slip(&self) -> Option<Kind> {
        self.fault
    }

    /// Says something, with the fault of form that strikes it.
    pub(super) fn deliver(
        &self,
        said: Said,
        fault: Option<Kind>,
        profile: &Profile,
        request: &Request,
        draws: &mut Stream,
    ) -> Answered {
        let cuts = |kind: Kind| kind == Kind::TruncatedCall && !said.calls.is_empty();
        let content = said.fault;
        let mut acted = fault.filter(|kind| is_of_form(*kind) || cuts(*kind)).or(content);
        let meant = (!request.stops.is_empty()).then(|| said.text.clone());
        let claim = said.taint.as_ref().map(|taint| Claim::of(taint, &said.text, &said.calls));
        let Spoken { text, calls, stop, taint } = said.spoken(fault, request, draws);
        let mut reply = Reply { text, calls, stop, usage: Usage::default(), stopped_at: None, taint };
        let input = request.input_tokens();
        let room = match profile.window.overflow {
            Overflow::Refused => profile.window.tokens.saturating_sub(input),
            // As much of the oldest is dropped as the reply needs.
            Overflow::OldestDropped => profile.window.tokens,
        };
        let mut written = limit(&mut reply, request.max_tokens, room);
        if let Some(until) = halt(&mut reply, &request.stops) {
            written = until;
            // What a fault of form did behind the sequence was never said.
            let same = |meant: String| halted(&meant, &request.stops).is_some_and(|end| end.kept == reply.text);
            acted = if meant.is_some_and(same) { content } else { acted };
        }
        let claim = claim.unwrap_or_default();
        reply.taint = reply.taint.take().filter(|taint| claim.stands(taint, &reply));
        let most = request.max_tokens.unwrap_or(u32::MAX).min(room);
        let reasoning = self.tempo.reasoning.min(most.saturating_sub(written));
        reply.usage = Usage { input_tokens: input, output_tokens: reasoning.saturating_add(written) };
        let latency = self.tempo.until(reply.usage.output_tokens);
        Answered { outcome: Ok(reply), first_token: self.tempo.start, latency, fault: acted }
    }

    /// The provider is down: an error as soon as a first token would have come.
    pub(super) fn outage(&self, draws: &mut Stream) -> Answered {
        // What providers answer while they are down; none of them says when to come back.
        let kind = *draws.pick(&[ErrorKind::Overloaded, ErrorKind::Unavailable, ErrorKind::Server]);
        self.failed(kind, Some(Kind::ModelOutage))
    }

    fn failed(&self, kind: ErrorKind, fault: Option<Kind>) -> Answered {
        let latency = self.tempo.start;
        Answered { outcome: Err(ProviderError::of(kind)), first_token: latency, latency, fault }
    }

    /// The request does not fit into the window: an error before any token.
    pub(super) fn overflow(&self, fault: Option<Kind>) -> Answered {
        self.failed(ErrorKind::ContextLength, fault.filter(|kind| *kind == Kind::ContextOverflow))
    }
}

/// Whether a request is longer than the window, and the provider says so.
pub(super) fn overflows(request: &Request, window: Window) -> bool {
    window.overflow == Overflow::Refused && request.input_tokens() > window.tokens
}

/// Whether a fault strikes the text of whatever is said.
const fn is_of_form(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::MalformedJson
            | Kind::Truncated
            | Kind::Refusal
            | Kind::Empty
            | Kind::RepetitionLoop
            | Kind::RoleConfusion
            | Kind::FormatDrift
            | Kind::LanguageDrift
            | Kind::PrematureDone
            | Kind::NeverDone
    )
}

/// What a model wants to say.
pub(super) struct Said {
    pub(super) text: String,
    pub(super) taint: Option<Taint>,
    /// The fault of content that acted on it.
    pub(super) fault: Option<Kind>,
    /// The tools it calls.
    pub(super) calls: Vec<ToolCall>,
}

/// What is said in the end.
struct Spoken {
    text: String,
    calls: Vec<ToolCall>,
    stop: Stop,
    taint: Option<Taint>,
}

impl Said {
    pub(super) fn truly(text: impl Into<String>) -> Said {
        Said { text: text.into(), taint: None, fault: None, calls: Vec::new() }
    }

    pub(super) fn falsely(lie: lie::Lie) -> Said {
        let taint = Some(Taint { kind: lie.kind, claim: lie.claim });
        Said { taint, ..Said::truly(super::canonical(&lie.json)) }
    }

    /// The same, said because of this fault.
    pub(super) fn by(mut self, fault: Kind) -> Said {
        self.fault = Some(fault);
        self
    }

    fn spoken(self, fault: Option<Kind>, request: &Request, draws: &mut Stream) -> Spoken {
        let Said { text, taint, calls, .. } = self;
        if !calls.is_empty() {
            return called(text, calls, taint, fault, request, draws);
        }
        let spoken = |text: String, stop: Stop, taint: Option<Taint>| Spoken { text, calls: Vec::new(), stop, taint };
        let ended = |text: String, taint: Option<Taint>| spoken(text, Stop::EndTurn, taint);
        match fault {
            Some(Kind::MalformedJson) => ended(slur::malformed(&text, draws), taint),
            Some(Kind::Truncated) => spoken(slur::truncated(&text, draws), Stop::MaxTokens, taint),
            Some(Kind::Refusal) => {
                let text = draws.pick(&REFUSALS).to_string();
                spoken(text, *draws.pick(&REFUSING), None)
            }
            Some(Kind::Empty) => ended(String::new(), None),
            Some(Kind::RepetitionLoop) => {
                let most = request.max_tokens.map_or(LOOP_TOKENS, |most| most.min(LOOP_TOKENS));
                spoken(slur::looping(&text, most as usize * TOKEN_BYTES), Stop::MaxTokens, taint)
            }
            Some(kind @ Kind::RoleConfusion) => {
                let claim = slur::in_anothers_name(request, draws);
                // Where the answer is false, that is what counts.
                let own = || Taint { kind, claim: claim.clone() };
                let taint = taint.unwrap_or_else(own);
                ended(format!("{claim}\nassistant: {text}"), Some(taint))
            }
            Some(Kind::FormatDrift) => ended(slur::listed(&text), taint),
            Some(Kind::LanguageDrift) => ended(slur::in_another_language(&text, draws), taint),
            Some(kind @ Kind::PrematureDone) => {
                ended(slur::DONE.to_owned(), Some(Taint { kind, claim: slur::DONE.to_owned() }))
            }
            // Providers pause a turn that goes on and on, and leave it to their caller to ask for more.
            Some(Kind::NeverDone) => spoken(slur::endless(draws), Stop::PauseTurn, None),
            _ => ended(text, taint),
        }
    }
}

/// How calls of tools come out: a fault of form breaks or cuts the last one, or makes prose of it, which calls nothing.
fn called(
    text: String,
    mut calls: Vec<ToolCall>,
    taint: Option<Taint>,
    fault: Option<Kind>,
    request: &Request,
    draws: &mut Stream,
) -> Spoken {
    let Some(last) = calls.last_mut() else { return Spoken { text, calls, stop: Stop::EndTurn, taint } };
    match fault {
        Some(Kind::MalformedJson) => last.arguments = slur::malformed(&last.arguments, draws),
        Some(Kind::Truncated | Kind::TruncatedCall) => {
            last.arguments = slur::truncated(&last.arguments, draws);
            return Spoken { text, calls, stop: Stop::MaxTokens, taint };
        }
        Some(Kind::RoleConfusion) => {
            let claim = slur::in_anothers_name(request, draws);
            let taint = taint.or(Some(Taint { kind: Kind::RoleConfusion, claim: claim.clone() }));
            return Spoken { text: claim, calls, stop: Stop::ToolUse, taint };
        }
        Some(kind) if is_of_form(kind) => {
            let words = if text.is_empty() { last.arguments.clone() } else { text };
            return Said { taint, ..Said::truly(words) }.spoken(fault, request, draws);
        }
        _ => {}
    }
    Spoken { text, calls, stop: Stop::ToolUse, taint }
}

/// Tokens of a reply that no longer ends, unless its request sets a lower limit: the default limit of several
/// providers' examples. A choice of ours where providers demand one.
const LOOP_TOKENS: u32 = 1_024;

const REFUSALS: [&str; 3] = [
    "I can't help with that request.",
    "I'm not able to make this decision on your behalf.",
    "I won't speculate about this without a human in charge.",
];

/// Who refuses: mostly the model, now and then a filter of its provider. One in four is a choice of ours.
const REFUSING: [Stop; 4] = [Stop::Refusal, Stop::Refusal, Stop::Refusal, Stop::ContentFilter];

fn tokens(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(TOKEN_BYTES)).unwrap_or(u32::MAX)
}

/// Cuts a reply off at its limit or where the window is full, and says how many tokens it has. What comes last is cut
/// first: the arguments of its last call, and a call of which nothing is left is none.
fn limit(reply: &mut Reply, most: Option<u32>, room: u32) -> u32 {
    let called: usize = reply.calls.iter().map(|call| call.name.len() + call.arguments.len()).sum();
    let written = tokens(reply.text.len() + called);
    let (most, stop) = match most {
        Some(most) if most <= room => (most, Stop::MaxTokens),
        _ => (room, Stop::ContextWindow),
    };
    if written <= most {
        return written;
    }
    let mut left = most as usize * TOKEN_BYTES;
    cut(&mut reply.text, &mut left);
    reply.calls.retain_mut(|call| {
        let begun = left > call.name.len();
        left = left.saturating_sub(call.name.len());
        cut(&mut call.arguments, &mut left);
        begun
    });
    reply.stop = stop;
    most
}

/// Where a text comes upon a stop sequence.
struct Halted<'a> {
    /// What is said before it.
    kept: &'a str,
    sequence: &'a str,
}

/// The stop sequence that a text completes first; of two that end at once, the longer.
fn halted<'a>(text: &'a str, stops: &'a [String]) -> Option<Halted<'a>> {
    let found = stops.iter().filter(|stop| !stop.is_empty()).filter_map(|stop| {
        let place = text.find(stop.as_str())?;
        Some(Halted { kept: &text[..place], sequence: stop })
    });
    found.min_by_key(|halted| (halted.kept.len() + halted.sequence.len(), halted.kept.len()))
}

/// Ends a reply where its text comes upon a stop sequence, and says how many tokens were written by then, those of the
/// sequence among them. Calls of tools would have come behind the text; their own arguments are not looked at.
fn halt(reply: &mut Reply, stops: &[String]) -> Option<u32> {
    let Halted { kept, sequence } = halted(&reply.text, stops)?;
    let (kept, sequence) = (kept.len(), sequence.to_owned());
    reply.text.truncate(kept);
    reply.calls.clear();
    (reply.stop, reply.stopped_at) = (Stop::StopSequence, Some(sequence.clone()));
    Some(tokens(kept + sequence.len()))
}

/// Cuts a text where nothing is left, and takes it from what is.
fn cut(text: &mut String, left: &mut usize) {
    text.truncate(text.floor_char_boundary(*left));
    *left -= text.len();
}
