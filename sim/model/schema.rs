//! JSON Schemas that are cheap to pass along, and the canonical form of JSON. Validates nothing.

use crate::digest::{Digest, Digester, digest_of};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value as Json;
use std::fmt::{self, Write};
use std::sync::Arc;

/// A JSON Schema with its digest and its size, so that a request holding one is measured without walking it.
#[derive(Clone)]
pub struct Schema {
    json: Arc<Json>,
    digest: u64,
    bytes: usize,
}

impl Schema {
    /// The schema of a type.
    #[must_use]
    pub fn of<T: JsonSchema + ?Sized>() -> Schema {
        Schema::from(Json::from(SchemaGenerator::default().into_root_schema_for::<T>()))
    }

    /// The length of its canonical text.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The schema itself.
    #[must_use]
    pub fn json(&self) -> &Json {
        &self.json
    }
}

impl From<Json> for Schema {
    fn from(json: Json) -> Schema {
        let text = canonical(&json);
        Schema { digest: digest_of(&text), bytes: text.len(), json: Arc::new(json) }
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Schema) -> bool {
        self.digest == other.digest && (Arc::ptr_eq(&self.json, &other.json) || self.json == other.json)
    }
}

impl Eq for Schema {}

impl Digest for Schema {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.digest);
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&canonical(&self.json))
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The canonical text of a JSON value: keys sorted, no spaces. Equal values have equal texts, whatever order their keys
/// came in and whatever map the JSON crate was built with.
///
/// ```
/// use synod::model::canonical;
/// let reply = serde_json::from_str(r#"{ "service": "svc-417", "cause": "bad_deploy" }"#).unwrap();
/// assert_eq!(canonical(&reply), r#"{"cause":"bad_deploy","service":"svc-417"}"#);
/// ```
#[must_use]
pub fn canonical(json: &Json) -> String {
    let mut text = String::with_capacity(64);
    write_canonical(json, &mut text).expect("writing to a string cannot fail");
    text
}

fn write_canonical(json: &Json, text: &mut String) -> fmt::Result {
    match json {
        Json::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                separate(place, text);
                write_canonical(item, text)?;
            }
            text.push(']');
        }
        Json::Object(fields) => {
            let mut sorted: Vec<(&String, &Json)> = fields.iter().collect();
            sorted.sort_unstable_by_key(|field| field.0);
            text.push('{');
            for (place, (name, value)) in sorted.into_iter().enumerate() {
                separate(place, text);
                write_text(name, text)?;
                text.push(':');
                write_canonical(value, text)?;
            }
            text.push('}');
        }
        Json::String(string) => write_text(string, text)?,
        scalar => write!(text, "{scalar}")?,
    }
    Ok(())
}

fn separate(place: usize, text: &mut String) {
    if place > 0 {
        text.push(',');
    }
}

/// Ids and enum names need no escape, which is worth a look: it spares the general writer.
fn write_text(string: &str, text: &mut String) -> fmt::Result {
    if string.bytes().all(|byte| (b' '..0x7f).contains(&byte) && byte != b'"' && byte != b'\\') {
        text.push('"');
        text.push_str(string);
        text.push('"');
        return Ok(());
    }
    write!(text, "{}", Json::from(string))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equal_schemas_have_equal_digests() {
        assert_eq!(digest_of(&Schema::of::<Vec<u8>>()), digest_of(&Schema::of::<Vec<u8>>()));
        assert_ne!(digest_of(&Schema::of::<Vec<u8>>()), digest_of(&Schema::of::<Vec<bool>>()));
    }

    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            ".{0,12}".prop_map(Json::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::btree_map(".{0,6}", inner, 0..4).prop_map(Json::from_iter),
            ]
        })
    }

    proptest! {
        #[test]
        fn canonical_text_means_the_same_value(json in any_json()) {
            let text = canonical(&json);
            prop_assert_eq!(&serde_json::from_str::<Json>(&text).unwrap(), &json);
        }
    }
}
