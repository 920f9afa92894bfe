//! From a schema's keywords to its tree. Keywords that change no kind of value are left to the validator.

use super::{Field, Need, Shape, sorted};
use serde_json::{Map, Value as Json};

/// The shape of a schema or of a part of one.
pub(super) fn shape_of(schema: &Json) -> Shape {
    let Some(keywords) = schema.as_object() else { return Shape::Any };
    let mut parts = Vec::new();
    if let Some(link) = keywords.get("$ref").and_then(Json::as_str) {
        parts.push(Shape::Link(link.rsplit('/').next().unwrap_or(link).to_owned()));
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(variants) = keywords.get(key).and_then(Json::as_array) {
            parts.push(Shape::Either(variants.iter().map(shape_of).collect()));
        }
    }
    if let Some(all) = keywords.get("allOf").and_then(Json::as_array) {
        parts.extend(all.iter().map(shape_of));
    }
    match own_shape(keywords) {
        Shape::Any => {}
        own => parts.push(own),
    }
    match parts.len() {
        0 => Shape::Any,
        1 => parts.remove(0),
        _ => Shape::All(parts),
    }
}

/// The shape of a schema's own keywords, references and combinations left aside.
fn own_shape(keywords: &Map<String, Json>) -> Shape {
    if let Some(value) = keywords.get("const") {
        return Shape::Options(vec![value.clone()]);
    }
    if let Some(options) = keywords.get("enum").and_then(Json::as_array) {
        return Shape::Options(options.clone());
    }
    match keywords.get("type") {
        Some(Json::String(kind)) => typed(kind, keywords),
        Some(Json::Array(kinds)) => {
            Shape::Either(kinds.iter().filter_map(Json::as_str).map(|kind| typed(kind, keywords)).collect())
        }
        _ if keywords.contains_key("properties") => typed("object", keywords),
        _ => Shape::Any,
    }
}

fn typed(kind: &str, keywords: &Map<String, Json>) -> Shape {
    match kind {
        "boolean" => Shape::Flag,
        "integer" | "number" => Shape::Number(keywords.get("minimum").and_then(Json::as_i64)),
        "string" => Shape::Text,
        "null" => Shape::Nothing,
        "array" => {
            let first = keywords.get("prefixItems").and_then(Json::as_array);
            let rest = keywords.get("items").filter(|items| items.is_object());
            Shape::List(
                first.into_iter().flatten().map(shape_of).collect(),
                rest.map(|items| Box::new(shape_of(items))),
            )
        }
        "object" => object(keywords),
        _ => Shape::Any,
    }
}

fn object(keywords: &Map<String, Json>) -> Shape {
    let Some(properties) = keywords.get("properties").and_then(Json::as_object) else {
        let values = keywords.get("additionalProperties").map_or(Shape::Any, shape_of);
        return Shape::Map(Box::new(values));
    };
    let required = keywords.get("required").and_then(Json::as_array);
    let need = |name: &String| {
        let listed = required.is_some_and(|names| names.iter().any(|required| required.as_str() == Some(name)));
        if listed { Need::Required } else { Need::Optional }
    };
    let field =
        |(name, schema): (&String, &Json)| Field { name: name.clone(), shape: shape_of(schema), needed: need(name) };
    Shape::Fields(sorted(properties).into_iter().map(field).collect())
}
