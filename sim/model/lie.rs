//! Lies derived from a schema: wrong, outdated or told in part, yet valid; names and sources that do not exist.
//!
//! A lie starts from the right value and alters one place of it. Which place and how is drawn; the caller's judgement
//! is asked of each candidate in turn, starting from the drawn one, so a lie is valid for any type without a draw being
//! repeated.

use super::canonical;
use super::shape::{Leaf, Shape, Shapes, sorted};
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

    /// Whether prose stands here: a free string of more than one word.
    fn is_prose(&self) -> bool {
        self.is_text() && self.value.as_str().is_some_and(|text| !words::is_id(text))
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

    /// A lie of this kind; a type that has no place for it gets a wrong answer instead. `None` for what is no lie.
    pub(super) fn of(&self, kind: Kind, draws: &mut Stream) -> Option<Lie> {
        let special = match kind {
            Kind::FabricatedId => self.invented(kind, draws),
            Kind::FabricatedCitation => self.cited(draws),
            Kind::PartialTruth => self.in_part(draws),
            Kind::OutdatedFact => {
                self.told(kind, &self.shapes.leaves(self.right), draws, |leaf, draws| earlier(self, leaf, draws))
            }
            Kind::SaidNotDone => self.against_prose(draws),
            _ => None,
        };
        special.or_else(|| self.wrong(draws))
    }

    /// The right value with one more source in one of its lists of ids, or a source behind its prose, or else one
    /// invented.
    fn cited(&self, draws: &mut Stream) -> Option<Lie> {
        let word = draws.word();
        let mut lists = lists(self.right);
        rotate(&mut lists, draws);
        let longer = lists.iter().find_map(|list| {
            let sample = list.items.iter().find_map(Json::as_str).filter(|item| words::is_id(item))?;
            let source = Json::from(words::fabricated(sample, self.evidence, word));
            let mut json = self.right.clone();
            json.pointer_mut(&list.pointer)?.as_array_mut()?.push(source.clone());
            let pointer = format!("{}/{}", list.pointer, list.items.len());
            Some(Lie { json, claim: claim(&pointer, &source), kind: Kind::FabricatedCitation })
        });
        let accepted = longer.filter(|lie| (self.accepts)(&lie.json));
        accepted.or_else(|| self.invented(Kind::FabricatedCitation, draws))
    }

    /// The right value without the last item of one of its lists, or without a field that may be missing.
    fn in_part(&self, draws: &mut Stream) -> Option<Lie> {
        let mut lists = lists(self.right);
        rotate(&mut lists, draws);
        let kind = Kind::PartialTruth;
        let shorter = lists.iter().filter(|list| !list.items.is_empty()).map(|list| {
            let mut json = self.right.clone();
            let items = json.pointer_mut(&list.pointer).and_then(Json::as_array_mut).expect("a list of this value");
            items.pop();
            let left = Json::from(items.clone());
            Lie { claim: claim(&list.pointer, &left), json, kind }
        });
        let fields = self.right.as_object().into_iter().flat_map(sorted).map(|(name, _)| {
            let mut json = self.right.clone();
            json.as_object_mut().expect("an object").remove(name);
            Lie { claim: format!("nothing is said of {name}"), json, kind }
        });
        shorter.chain(fields).find(|lie| (self.accepts)(&lie.json))
    }

    /// A value whose prose tells the truth while something else in it does not. `None` without prose.
    fn against_prose(&self, draws: &mut Stream) -> Option<Lie> {
        let mut leaves = self.shapes.leaves(self.right);
        let before = leaves.len();
        leaves.retain(|leaf| !leaf.is_prose());
        if leaves.len() == before {
            return None;
        }
        self.told(Kind::SaidNotDone, &leaves, draws, |leaf, draws| alternatives(self, leaf, draws))
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

/// A list of a value.
struct Listed<'a> {
    pointer: String,
    items: &'a [Json],
}

/// Every list of a value, outer ones first.
fn lists(json: &Json) -> Vec<Listed<'_>> {
    let mut found = Vec::new();
    let mut pending = vec![(String::new(), json)];
    while let Some((pointer, json)) = pending.pop() {
        match json {
            Json::Array(items) => {
                let below = items.iter().enumerate().rev().map(|(place, item)| (format!("{pointer}/{place}"), item));
                pending.extend(below);
                found.push(Listed { pointer, items });
            }
            Json::Object(fields) => {
                let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
                let below = sorted(fields).into_iter().rev();
                pending.extend(below.map(|(name, item)| (format!("{pointer}/{}", escaped(name)), item)));
            }
            _ => {}
        }
    }
    found
}

fn rotate<T>(items: &mut [T], draws: &mut Stream) {
    if !items.is_empty() {
        let first = index(draws, items.len());
        items.rotate_left(first);
    }
}

/// How things may have stood before: the id mentioned earlier, the lower number, the option declared before this one.
fn earlier(source: &Source<'_>, leaf: &Leaf<'_>, draws: &mut Stream) -> Vec<Json> {
    let Source { evidence, .. } = source;
    match (leaf.shape, leaf.value) {
        (Shape::Options(options), value) => {
            let place = options.iter().position(|option| option == value).unwrap_or(0);
            (1..options.len()).map(|back| options[(place + options.len() - back) % options.len()].clone()).collect()
        }
        (Shape::Number(_), Json::Number(number)) => lower_numbers(&number.to_string(), draws),
        (Shape::Text, Json::String(id)) => words::lookalikes(evidence, id).into_iter().map(Json::from).collect(),
        _ => alternatives(source, leaf, draws),
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
    rotate(&mut items, draws);
    items
}

/// Numbers near this one with as many decimals, then the usual small ones. Decimal throughout, so every machine agrees.
fn other_numbers(text: &str, draws: &mut Stream) -> Vec<Json> {
    let (near, step) = (Scaled::of(text), draws.word());
    let by = near.step(step);
    let (first, second) = if step >> 63 == 0 { (by, -by) } else { (-by, by) };
    let moved = [first, second, 1, -1].into_iter().map(|by| near.number.saturating_add(by)).chain([0, 1]);
    near.all(moved)
}

/// Numbers below this one: what a count or a version was before.
fn lower_numbers(text: &str, draws: &mut Stream) -> Vec<Json> {
    let near = Scaled::of(text);
    let by = near.step(draws.word());
    near.all([-by, -1].into_iter().map(|by| near.number.saturating_add(by)))
}

/// A decimal number as a whole one and its places.
struct Scaled {
    number: i64,
    places: usize,
}

impl Scaled {
    fn of(text: &str) -> Scaled {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        Scaled { number: format!("{whole}{decimals}").parse().unwrap_or(0), places: decimals.len() }
    }

    /// Up to half of the number itself: a believable error. Small numbers move by up to nine.
    fn step(&self, word: u64) -> i64 {
        1 + i64::try_from(word % (self.number.unsigned_abs() / 2).max(9)).unwrap_or(1)
    }

    fn all(&self, numbers: impl Iterator<Item = i64>) -> Vec<Json> {
        numbers.filter_map(|number| serde_json::from_str(&decimal(number, self.places)).ok()).collect()
    }
}

fn decimal(scaled: i64, places: usize) -> String {
    if places == 0 {
        return scaled.to_string();
    }
    let digits = format!("{:0>width$}", scaled.unsigned_abs(), width = places + 1);
    let (whole, decimals) = digits.split_at(digits.len() - places);
    format!("{}{whole}.{decimals}", if scaled < 0 { "-" } else { "" })
}

pub(super) fn index(draws: &mut Stream, length: usize) -> usize {
    usize::try_from(draws.below(length as u64)).expect("an index of a slice")
}
