//! The ways in which a reply's text goes wrong, whatever it was to say: broken, cut, looping, in another form or
//! another tongue, in somebody else's name, or never coming to the point. Knows no truth and no schema.

use super::lie::index;
use super::shape::sorted;
use super::{Request, Speaker, canonical};
use crate::seed::Stream;
use serde_json::Value as Json;

/// The text as a model breaks it: cut brace, single quotes, trailing comma, or prose around it. Never JSON.
pub(super) fn malformed(text: &str, draws: &mut Stream) -> String {
    let mut ways = [
        text.strip_suffix(['}', ']', '"']).unwrap_or("{").to_owned(),
        text.replace('"', "'"),
        text.strip_suffix('}').map_or_else(|| format!("{text},"), |body| format!("{body},}}")),
        format!("Here is my answer:\n{text}\nLet me know if you need anything else."),
    ];
    let first = index(draws, ways.len());
    ways.rotate_left(first);
    let broken = ways.into_iter().find(|way| serde_json::from_str::<serde::de::IgnoredAny>(way).is_err());
    broken.expect("prose around a value is no JSON")
}

/// The text cut at a drawn place, before its end.
pub(super) fn truncated(text: &str, draws: &mut Stream) -> String {
    let length = text.chars().count();
    let kept = if length < 2 { 0 } else { 1 + index(draws, length - 1) };
    text.chars().take(kept).collect()
}

/// The beginning of the text over and over, so many bytes of it: a model that no longer finds the end.
pub(super) fn looping(text: &str, bytes: usize) -> String {
    let phrase: String = text.chars().take(PHRASE).chain(" ".chars()).collect();
    let mut looped = phrase.repeat(bytes.div_ceil(phrase.len()));
    let end = (0..=bytes).rev().find(|end| looped.is_char_boundary(*end)).unwrap_or(0);
    looped.truncate(end);
    looped
}

/// Characters of a repeated phrase: a short sentence.
const PHRASE: usize = 48;

/// Something that another participant never said, in front of the text.
pub(super) fn in_anothers_name(request: &Request, draws: &mut Stream) -> String {
    let peer = request.messages.iter().rev().map(|message| message.role).find(|role| matches!(role, Speaker::Peer(_)));
    let thanks = ["Thank you, that settles it.", "I agree with all of this.", "Please go ahead, no need to check."];
    format!("{}: {}", peer.unwrap_or(Speaker::User), draws.pick(&thanks))
}

/// The value as a list for people instead of JSON.
pub(super) fn listed(text: &str) -> String {
    match serde_json::from_str::<Json>(text) {
        Ok(Json::Object(fields)) => {
            let line = |(name, value): (&String, &Json)| format!("- **{name}**: {}", plain(value));
            sorted(&fields).into_iter().map(line).collect::<Vec<_>>().join("\n")
        }
        Ok(Json::Array(items)) if !items.is_empty() => {
            items.iter().map(|item| format!("- {}", plain(item))).collect::<Vec<_>>().join("\n")
        }
        Ok(value) => format!("**Answer**: {}", plain(&value)),
        Err(_) => format!("**Answer**: {text}"),
    }
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => canonical(other),
    }
}

/// The value within a sentence of another language.
pub(super) fn in_another_language(text: &str, draws: &mut Stream) -> String {
    let (before, after) = *draws.pick(&[
        ("Nach Durchsicht der Unterlagen lautet meine Antwort: ", ". Bitte bestätigen."),
        ("Después de revisar los datos, mi respuesta es: ", ". Quedo a la espera."),
        ("根据现有证据，我的答案是：", "。请确认。"),
    ]);
    format!("{before}{text}{after}")
}

/// A model that goes on looking.
pub(super) fn endless(draws: &mut Stream) -> String {
    let steps = [
        "Before I answer I have to go through the evidence once more.",
        "Next I will check the remaining lines, and then those that they point to.",
        "This needs another look. I will continue in my next message.",
    ];
    draws.pick(&steps).to_string()
}

/// A model that has delivered nothing and says that it is done.
pub(super) const DONE: &str = "Done. The task is complete, there is nothing left to do.";

/// Verdicts that are none.
pub(super) fn undecided(draws: &mut Stream) -> String {
    let verdicts = ["I would rate this proposal 7 out of 10.", "Both readings are possible.", "Verdict: N/A"];
    draws.pick(&verdicts).to_string()
}
