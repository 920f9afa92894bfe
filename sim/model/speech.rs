//! How something said becomes a reply: its length and latency, and the faults of form. Knows no truth.

use super::lie;
use super::pace::Tempo;
use super::profile::{BY_PROBLEM, BY_PROMPT, BY_SAMPLING, Profile};
use super::{Answered, ErrorKind, ProviderError, Reply, Request, Stop, Taint, Usage};
use crate::fault::Kind;
use crate::seed::Stream;

/// What decides whether a call's answer is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decider {
    /// How hard the problem is for this model.
    Problem,
    /// How the prompt is put.
    Prompt,
    /// Chance alone, with the outcome drawn.
    Sampling(Lapse),
}

/// Whether an answer goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lapse {
    /// It does not.
    Right,
    /// It does.
    Wrong,
}

impl Lapse {
    pub(super) fn drawn(profile: &Profile, draws: &mut Stream) -> Lapse {
        if draws.chance(profile.wrong) { Lapse::Wrong } else { Lapse::Right }
    }
}

/// What a call draws before anything is said: always the same draws in the same order, whatever comes of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mood {
    pub(super) decider: Decider,
    fault: Option<Kind>,
    tempo: Tempo,
}

impl Mood {
    pub(super) fn drawn(profile: &Profile, draws: &mut Stream) -> Mood {
        let decider = draws.below(BY_PROBLEM + BY_PROMPT + BY_SAMPLING);
        let lapse = Lapse::drawn(profile, draws);
        let decider = match decider {
            0..BY_PROBLEM => Decider::Problem,
            BY_PROBLEM => Decider::Prompt,
            _ => Decider::Sampling(lapse),
        };
        let refuses = draws.chance(profile.refusal).then_some(Kind::Refusal);
        let stammers = draws.chance(profile.malformed).then_some(Kind::MalformedJson);
        let tempo = Tempo::drawn(&profile.pace, draws);
        Mood { decider, fault: refuses.or(stammers), tempo }
    }

    /// The fault of a call: the one that is forced on it, or one of the model's own.
    pub(super) fn fault(&self, forced: Option<Kind>) -> Option<Kind> {
        forced.or(self.fault)
    }

    /// Says something, with the fault of form that strikes it.
    pub(super) fn deliver(&self, said: Said, fault: Option<Kind>, request: &Request, draws: &mut Stream) -> Answered {
        let Said { text, taint } = said;
        let (text, stop, taint) = match fault {
            Some(Kind::MalformedJson) => (lie::malformed(&text, draws), Stop::EndTurn, taint),
            Some(Kind::Truncated) => (lie::truncated(&text, draws), Stop::MaxTokens, taint),
            Some(Kind::Refusal) => (draws.pick(&REFUSALS).to_string(), Stop::Refusal, None),
            _ => (text, Stop::EndTurn, taint),
        };
        let mut reply = Reply { text, calls: Vec::new(), stop, usage: Usage::default(), taint };
        let written = limit(&mut reply, request.max_tokens);
        let reasoning = self.tempo.reasoning.min(request.max_tokens.map_or(u32::MAX, |most| most - written));
        reply.usage = Usage { input_tokens: tokens(request.bytes()), output_tokens: reasoning.saturating_add(written) };
        let latency = self.tempo.until(reply.usage.output_tokens);
        Answered { outcome: Ok(reply), first_token: self.tempo.until(reasoning), latency }
    }

    /// The provider is down: an error as soon as a first token would have come.
    pub(super) fn outage(&self, draws: &mut Stream) -> Answered {
        // What providers answer while they are down; none of them says when to come back.
        let kind = *draws.pick(&[ErrorKind::Overloaded, ErrorKind::Unavailable, ErrorKind::Server]);
        let latency = self.tempo.start;
        Answered { outcome: Err(ProviderError::of(kind)), first_token: latency, latency }
    }
}

/// What a model wants to say.
pub(super) struct Said {
    pub(super) text: String,
    pub(super) taint: Option<Taint>,
}

impl Said {
    pub(super) fn truly(text: impl Into<String>) -> Said {
        Said { text: text.into(), taint: None }
    }

    pub(super) fn falsely(lie: lie::Lie) -> Said {
        Said { text: super::canonical(&lie.json), taint: Some(Taint { kind: lie.kind, claim: lie.claim }) }
    }
}

const REFUSALS: [&str; 3] = [
    "I can't help with that request.",
    "I'm not able to make this decision on your behalf.",
    "I won't speculate about this without a human in charge.",
];

/// Four bytes make a token: the providers' own rule of thumb for English text.
const TOKEN_BYTES: usize = 4;

fn tokens(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(TOKEN_BYTES)).unwrap_or(u32::MAX)
}

/// Cuts a reply off at its limit and says how many tokens it has.
fn limit(reply: &mut Reply, most: Option<u32>) -> u32 {
    let written = tokens(reply.text.len());
    match most {
        Some(most) if most < written => {
            let mut end = most as usize * TOKEN_BYTES;
            while !reply.text.is_char_boundary(end) {
                end -= 1;
            }
            reply.text.truncate(end);
            reply.stop = Stop::MaxTokens;
            most
        }
        _ => written,
    }
}
