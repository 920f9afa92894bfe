//! Lies derived from a schema: wrong but valid, fabricated, and the ways a reply's text breaks.
//!
//! A lie starts from the right value and alters one place of it. Which place and how is drawn; the caller's judgement
//! is asked of each candidate in turn, starting from the drawn one, so a lie is valid for any type without a draw being
//! repeated.

use super::canonical;
use super::shape::{Leaf, Shape, Shapes};
use super::words;
use crate::fault::Kind;
use crate::seed::Stream;
use serde_json::Value as Json;

/// A false value and what is false in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lie {
    /// The whole value.
    pub json: Json,
    /// The false part, to be quoted.
    pub claim: String,
    /// What kind of falsehood it came to be.
    pub kind: Kind,
}

/// What lies are made from.
pub(super) struct Source<'a> {
    /// The schema's tree.
    pub(super) shapes: &'a Shapes,
    /// The right value.
    pub(super) right: &'a Json,
    /// Where ids that exist are mentioned.
    pub(super) evidence: &'a str,
    /// Judges a candidate: valid, and not right after all.
    pub(super) accepts: &'a dyn Fn(&Json) -> bool,
}

impl Leaf<'_> {
    /// Whether a free string stands here.
    pub(super) fn is_text(&self) -> bool {
        matches!((self.shape, self.value), (Shape::Text, Json::String(_)))
    }
}

impl Source<'_> {
    /// Another value of the schema. Strings become other ids of the evidence, and invented ones only if nothing else
    /// can be altered.
    pub(super) fn wrong(&self, draws: &mut Stream) -> Option<Lie> {
        let leaves = self.shapes.leaves(self.right);
        self.told(Kind::WrongAnswer, &leaves, draws, |leaf, draws| alternatives(self, leaf, draws))
            .or_else(|| self.invented(Kind::WrongAnswer, draws))
    }

    /// The right value with one free string invented; without one, a wrong answer.
    pub(super) fn fabricated(&self, draws: &mut Stream) -> Option<Lie> {
        self.invented(Kind::FabricatedId, draws).or_else(|| self.wrong(draws))
    }

    fn invented(&self, kind: Kind, draws: &mut Stream) -> Option<Lie> {
        let mut leaves = self.shapes.leaves(self.right);
        leaves.retain(Leaf::is_text);
        self.told(kind, &leaves, draws, |leaf, draws| {
            let sample = leaf.value.as_str().unwrap_or_default();
            vec![Json::from(words::fabricated(sample, self.evidence, draws.word()))]
        })
    }

    /// The first accepted alteration, from a drawn leaf on.
    fn told(
        &self,
        kind: Kind,
        leaves: &[Leaf<'_>],
        draws: &mut Stream,
        alternatives: impl Fn(&Leaf<'_>, &mut Stream) -> Vec<Json>,
    ) -> Option<Lie> {
        if leaves.is_empty() {
            return None;
        }
        let first = index(draws, leaves.len());
        (0..leaves.len()).map(|step| &leaves[(first + step) % leaves.len()]).find_map(|leaf| {
            let altered = alternatives(leaf, draws).into_iter().filter(|alternative| alternative != leaf.value);
            altered.map(|alternative| self.with(leaf, alternative, kind)).find(|lie| (self.accepts)(&lie.json))
        })
    }

    /// The right value with something else at one leaf.
    fn with(&self, leaf: &Leaf<'_>, alternative: Json, kind: Kind) -> Lie {
        let claim = claim(&leaf.pointer, &alternative);
        let mut json = self.right.clone();
        *json.pointer_mut(&leaf.pointer).expect("a leaf was found along the right value") = alternative;
        Lie { json, claim, kind }
    }
}

fn claim(pointer: &str, value: &Json) -> String {
    let text = canonical(value);
    if pointer.is_empty() { text } else { format!("{} = {text}", pointer[1..].replace('/', ".")) }
}

/// What else could stand at a leaf, the drawn choice first.
fn alternatives(source: &Source<'_>, leaf: &Leaf<'_>, draws: &mut Stream) -> Vec<Json> {
    let Source { shapes, evidence, .. } = source;
    match (leaf.shape, leaf.value) {
        (Shape::Options(options), _) => rotated(options.clone(), draws),
        (Shape::Flag, Json::Bool(flag)) => vec![Json::from(!flag)],
        (Shape::Number(_), Json::Number(number)) => other_numbers(&number.to_string(), draws),
        (Shape::Text, Json::String(id)) => {
            rotated(words::lookalikes(evidence, id).into_iter().map(Json::from).collect(), draws)
        }
        (Shape::Either(variants), value) => {
            let others = variants.iter().filter(|variant| !shapes.fits(variant, value));
            let samples = others.map(|variant| shapes.sample_of(variant, draws, 0)).collect();
            rotated(samples, draws)
        }
        (Shape::List(..), Json::Array(_)) => vec![shapes.sample_of(leaf.shape, draws, 0)],
        _ => Vec::new(),
    }
}

fn rotated(mut items: Vec<Json>, draws: &mut Stream) -> Vec<Json> {
    if !items.is_empty() {
        let first = index(draws, items.len());
        items.rotate_left(first);
    }
    items
}

/// Numbers near this one with as many decimals, then the usual small ones. Decimal throughout, so every machine agrees.
fn other_numbers(text: &str, draws: &mut Stream) -> Vec<Json> {
    let word = draws.word();
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let scaled: i64 = format!("{whole}{decimals}").parse().unwrap_or(0);
    // Up to half of the number itself: a believable error. Small numbers move by up to nine.
    let step = 1 + i64::try_from(word % (scaled.unsigned_abs() / 2).max(9)).unwrap_or(1);
    let (near, far) = if word >> 63 == 0 { (step, -step) } else { (-step, step) };
    let moved = [near, far, 1, -1].into_iter().map(|by| scaled.saturating_add(by)).chain([0, 1]);
    moved.filter_map(|number| serde_json::from_str(&decimal(number, decimals.len())).ok()).collect()
}

fn decimal(scaled: i64, places: usize) -> String {
    if places == 0 {
        return scaled.to_string();
    }
    let digits = format!("{:0>width$}", scaled.unsigned_abs(), width = places + 1);
    let (whole, decimals) = digits.split_at(digits.len() - places);
    format!("{}{whole}.{decimals}", if scaled < 0 { "-" } else { "" })
}

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

fn index(draws: &mut Stream, length: usize) -> usize {
    usize::try_from(draws.below(length as u64)).expect("an index of a slice")
}
