//! What a JSON Schema allows, as a tree that lies can be read off: made once per schema, walked along a right value.
//!
//! Knows only what changes a value: kinds, options, fields, alternatives. Every finer rule (patterns, bounds,
//! uniqueness) is the validator's, which judges each lie before it is told.

mod gist;
mod read;

use crate::seed::Stream;
use read::shape_of;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// One place of a schema.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// One of these values.
    Options(Vec<Json>),
    /// True or false.
    Flag,
    /// A number, at least this much if the schema says so.
    Number(Option<i64>),
    /// A free string.
    Text,
    /// A list: the shapes of its first items, and of the rest.
    List(Vec<Shape>, Option<Box<Shape>>),
    /// An object with named fields.
    Fields(Vec<Field>),
    /// An object with free names.
    Map(Box<Shape>),
    /// One of several.
    Either(Vec<Shape>),
    /// Several at once.
    All(Vec<Shape>),
    /// A definition of the schema, by name.
    Link(String),
    /// Null.
    Nothing,
    /// Anything: nothing is known that could be altered.
    Any,
}

/// A named field.
#[derive(Clone, Debug)]
pub(super) struct Field {
    name: String,
    shape: Shape,
    needed: Need,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    Required,
    Optional,
}

/// A place of a value at which a lie can be told.
pub(super) struct Leaf<'a> {
    /// Where, as a JSON pointer.
    pub(super) pointer: String,
    /// What stands there.
    pub(super) value: &'a Json,
    /// What may stand there.
    pub(super) shape: &'a Shape,
}

/// A schema's tree and its definitions.
#[derive(Clone, Debug)]
pub(super) struct Shapes {
    root: Shape,
    definitions: BTreeMap<String, Shape>,
}

/// Deeper than this a recursive type's sample ends; users' types are shallower.
const DEEPEST: u32 = 12;

impl Shapes {
    pub(super) fn of(schema: &Json) -> Shapes {
        let definitions = ["$defs", "definitions"]
            .into_iter()
            .filter_map(|key| schema.get(key)?.as_object())
            .flatten()
            .map(|(name, definition)| (name.clone(), shape_of(definition)))
            .collect();
        Shapes { root: shape_of(schema), definitions }
    }

    /// Every place of `value` at which the schema leaves a choice.
    pub(super) fn leaves<'a>(&'a self, value: &'a Json) -> Vec<Leaf<'a>> {
        let mut leaves = Vec::new();
        self.collect(&self.root, value, &mut String::new(), &mut leaves);
        leaves
    }

    fn collect<'a>(&'a self, shape: &'a Shape, value: &'a Json, pointer: &mut String, leaves: &mut Vec<Leaf<'a>>) {
        match (shape, value) {
            (Shape::Link(name), _) => {
                if let Some(shape) = self.definitions.get(name) {
                    self.collect(shape, value, pointer, leaves);
                }
            }
            (Shape::All(parts), _) => parts.iter().for_each(|part| self.collect(part, value, pointer, leaves)),
            (Shape::Either(variants), _) => {
                leaves.push(Leaf { pointer: pointer.clone(), value, shape });
                if let Some(variant) = variants.iter().find(|variant| self.fits(variant, value)) {
                    self.collect(variant, value, pointer, leaves);
                }
            }
            (Shape::List(first, rest), Json::Array(items)) if !items.is_empty() => {
                for (place, item) in items.iter().enumerate() {
                    if let Some(shape) = first.get(place).or(rest.as_deref()) {
                        self.below(shape, item, &place.to_string(), pointer, leaves);
                    }
                }
            }
            (Shape::Fields(fields), Json::Object(object)) => {
                for field in fields {
                    if let Some(value) = object.get(&field.name) {
                        self.below(&field.shape, value, &field.name, pointer, leaves);
                    }
                }
            }
            (Shape::Map(shape), Json::Object(object)) => {
                for (name, value) in sorted(object) {
                    self.below(shape, value, name, pointer, leaves);
                }
            }
            (Shape::Nothing | Shape::Any, _) => {}
            (shape, value) => leaves.push(Leaf { pointer: pointer.clone(), value, shape }),
        }
    }

    fn below<'a>(
        &'a self,
        shape: &'a Shape,
        value: &'a Json,
        name: &str,
        pointer: &mut String,
        leaves: &mut Vec<Leaf<'a>>,
    ) {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
        self.collect(shape, value, pointer, leaves);
        pointer.truncate(length);
    }

    /// Whether a value is roughly of this shape: enough to tell the variants of an enum apart.
    pub(super) fn fits(&self, shape: &Shape, value: &Json) -> bool {
        match (shape, value) {
            (Shape::Link(name), _) => self.definitions.get(name).is_none_or(|shape| self.fits(shape, value)),
            (Shape::All(parts), _) => parts.iter().all(|part| self.fits(part, value)),
            (Shape::Either(variants), _) => variants.iter().any(|variant| self.fits(variant, value)),
            (Shape::Options(options), _) => options.contains(value),
            (Shape::List(first, rest), Json::Array(items)) => items
                .iter()
                .enumerate()
                .all(|(place, item)| first.get(place).or(rest.as_deref()).is_none_or(|shape| self.fits(shape, item))),
            (Shape::Fields(fields), Json::Object(object)) => fields.iter().all(|field| {
                object.get(&field.name).map_or(field.needed == Need::Optional, |value| self.fits(&field.shape, value))
            }),
            (Shape::Map(shape), Json::Object(object)) => object.values().all(|value| self.fits(shape, value)),
            (Shape::Flag, Json::Bool(_))
            | (Shape::Number(_), Json::Number(_))
            | (Shape::Text, Json::String(_))
            | (Shape::Nothing, Json::Null)
            | (Shape::Any, _) => true,
            _ => false,
        }
    }

    /// What may stand in a field of the whole value, if it has such a field.
    pub(super) fn field(&self, name: &str) -> Option<&Shape> {
        let Shape::Fields(fields) = self.resolved(&self.root)? else { return None };
        self.resolved(&fields.iter().find(|field| field.name == name)?.shape)
    }

    /// The fields of the whole value in which such a thing may stand.
    pub(super) fn fields(&self, is: impl Fn(&Shape) -> bool) -> Vec<&str> {
        let Some(Shape::Fields(fields)) = self.resolved(&self.root) else { return Vec::new() };
        let such = fields.iter().filter(|field| self.resolved(&field.shape).is_some_and(&is));
        such.map(|field| field.name.as_str()).collect()
    }

    /// A shape, or the definition that it names.
    fn resolved<'a>(&'a self, shape: &'a Shape) -> Option<&'a Shape> {
        match shape {
            Shape::Link(name) => self.definitions.get(name),
            Shape::All(parts) => parts.iter().find_map(|part| match part {
                Shape::Link(name) => self.definitions.get(name),
                _ => None,
            }),
            shape => Some(shape),
        }
    }

    /// Some value of the whole schema.
    pub(super) fn sample(&self, draws: &mut Stream) -> Json {
        self.sample_of(&self.root, draws, 0)
    }

    /// Some value of this shape. It may break a rule only the validator knows.
    pub(super) fn sample_of(&self, shape: &Shape, draws: &mut Stream, depth: u32) -> Json {
        if depth > DEEPEST {
            return Json::Null;
        }
        match shape {
            Shape::Options(options) => draws.pick(options).clone(),
            Shape::Flag => Json::from(draws.below(2) == 1),
            Shape::Number(least) => Json::from(least.unwrap_or(0) + i64::try_from(draws.below(10)).expect("a digit")),
            Shape::Text => Json::from(format!("item-{}", 100 + draws.below(900))),
            Shape::List(first, rest) => {
                let rest = rest.iter().map(|shape| &**shape).filter(|_| first.is_empty());
                first.iter().chain(rest).map(|item| self.sample_of(item, draws, depth + 1)).collect()
            }
            Shape::Fields(fields) => {
                let needed = fields.iter().filter(|field| field.needed == Need::Required);
                needed.map(|field| (field.name.clone(), self.sample_of(&field.shape, draws, depth + 1))).collect()
            }
            Shape::Map(_) => Json::Object(Map::new()),
            Shape::Either(variants) => self.sample_of(draws.pick(variants), draws, depth + 1),
            Shape::All(parts) => {
                let samples = parts.iter().map(|part| self.sample_of(part, draws, depth + 1));
                samples.reduce(merged).unwrap_or(Json::Null)
            }
            Shape::Link(name) => match self.definitions.get(name) {
                Some(shape) => self.sample_of(shape, draws, depth + 1),
                None => Json::Null,
            },
            Shape::Nothing | Shape::Any => Json::Null,
        }
    }
}

/// By name, whatever map the JSON crate was built with: the order decides which leaf a draw means.
pub(super) fn sorted(object: &Map<String, Json>) -> BTreeMap<&String, &Json> {
    object.iter().collect()
}

fn merged(mut one: Json, other: Json) -> Json {
    if let (Json::Object(fields), Json::Object(more)) = (&mut one, other) {
        fields.extend(more);
    }
    one
}
