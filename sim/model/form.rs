//! What a typed reply must look like: a schema, compiled once. Knows no truth.

use super::lie::{Lie, Source};
use super::scale::Scale;
use super::shape::{Shape, Shapes};
use super::{Schema, canonical, words};
use crate::digest::digest_of;
use crate::fact::Value;
use crate::fault::Kind;
use crate::protocol::team::Reason;
use crate::seed::Stream;
use jsonschema::Validator;
use schemars::JsonSchema;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A schema with its compiled validator and the lies that satisfy it. Make one per type, never per seed: compiling
/// costs a thousand times what validating does.
///
/// ```
/// use synod::{model::Form, protocol::team::Reason};
/// let form = Form::of::<Vec<u8>>();
/// assert_eq!(form.canonical(" [1, 2] ").unwrap().to_string(), "[1,2]");
/// assert_eq!(form.canonical("[1, true]"), Err(Reason::Schema));
/// ```
#[derive(Debug)]
pub struct Form {
    schema: Schema,
    shapes: Shapes,
    validator: Validator,
    gist: String,
    confidence: Option<Scale>,
}

/// How many samples are looked at for one that keeps all rules. Nothing is drawn behind them.
const SAMPLES: usize = 8;

impl Form {
    /// The form of a type.
    #[must_use]
    pub fn of<T: JsonSchema + ?Sized>() -> Form {
        Form::new(Schema::of::<T>())
    }

    /// The form of a schema.
    ///
    /// # Panics
    /// If it is no valid JSON Schema: a type's own derivation always is.
    #[must_use]
    pub fn new(schema: Schema) -> Form {
        Form::compiled(schema).unwrap_or_else(|why| panic!("a reply type's schema must be a valid JSON Schema: {why}"))
    }

    fn compiled(schema: Schema) -> Result<Form, String> {
        let validator = jsonschema::validator_for(schema.json()).map_err(|error| error.to_string())?;
        let shapes = Shapes::of(schema.json());
        let confidence = Scale::of(&shapes, schema.json());
        Ok(Form { gist: shapes.gist(), schema, shapes, validator, confidence })
    }

    /// The form of a schema that is met again and again: compiled once a process.
    ///
    /// # Panics
    /// As [`Form::new`].
    #[must_use]
    pub fn shared(schema: &Schema) -> Arc<Form> {
        Form::known(schema).unwrap_or_else(|why| panic!("a reply type's schema must be a valid JSON Schema: {why}"))
    }

    /// The same of a schema that may be none. The map is looked up and never walked, so its order cannot reach a run.
    ///
    /// # Errors
    /// Why it is no JSON Schema.
    pub(super) fn known(schema: &Schema) -> Result<Arc<Form>, String> {
        static FORMS: Mutex<BTreeMap<u64, Arc<Form>>> = Mutex::new(BTreeMap::new());
        let mut forms = FORMS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(form) = forms.get(&digest_of(schema)) {
            return Ok(form.clone());
        }
        let form = Arc::new(Form::compiled(schema.clone())?);
        forms.insert(digest_of(schema), form.clone());
        Ok(form)
    }

    /// The schema.
    #[must_use]
    pub const fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The schema in one line, for a prompt.
    #[must_use]
    pub fn gist(&self) -> &str {
        &self.gist
    }

    /// Whether a value satisfies the schema.
    #[must_use]
    pub fn admits(&self, json: &Json) -> bool {
        self.validator.is_valid(json)
    }

    /// A reply's text as a value that satisfies the schema.
    ///
    /// # Errors
    /// [`Reason::Schema`] if it is no JSON or does not satisfy the schema.
    pub fn parse(&self, text: &str) -> Result<Json, Reason> {
        let json: Json = serde_json::from_str(text).map_err(|_| Reason::Schema)?;
        if self.admits(&json) { Ok(json) } else { Err(Reason::Schema) }
    }

    /// A reply's text in canonical form.
    ///
    /// # Errors
    /// As [`Form::parse`].
    pub fn canonical(&self, text: &str) -> Result<Value, Reason> {
        Ok(Value::from(canonical(&self.parse(text)?).as_str()))
    }

    /// Whether every id of the value is mentioned in one of the texts. An id is a free string of one word; prose is
    /// nobody's to check by rule.
    ///
    /// # Errors
    /// [`Reason::Facts`] if one is not.
    pub fn facts(&self, json: &Json, texts: &[&str]) -> Result<(), Reason> {
        let known = |id: &str| !words::is_id(id) || texts.iter().any(|text| words::mentions(text, id));
        let ids =
            self.shapes.leaves(json).into_iter().filter(|leaf| leaf.is_text()).filter_map(|leaf| leaf.value.as_str());
        if ids.into_iter().all(known) { Ok(()) } else { Err(Reason::Facts) }
    }

    /// A value that satisfies the schema, differs from `right` in exactly one place and is accepted as a lie by the
    /// caller. `None` if there is none, as for a type with a single value.
    #[must_use]
    pub fn wrong(
        &self,
        right: &Json,
        evidence: &str,
        draws: &mut Stream,
        accepts: impl Fn(&Json) -> bool,
    ) -> Option<Lie> {
        let accepts = |json: &Json| self.admits(json) && accepts(json);
        Source { shapes: &self.shapes, right, evidence, accepts: &accepts }.wrong(draws)
    }

    /// As [`Form::wrong`], but what is altered is an id, and the new one is mentioned nowhere in the evidence. A type
    /// without a free string gets a wrong answer instead.
    #[must_use]
    pub fn fabricated(
        &self,
        right: &Json,
        evidence: &str,
        draws: &mut Stream,
        accepts: impl Fn(&Json) -> bool,
    ) -> Option<Lie> {
        let accepts = |json: &Json| self.admits(json) && accepts(json);
        Source { shapes: &self.shapes, right, evidence, accepts: &accepts }.fabricated(draws)
    }

    /// As [`Form::wrong`], but a lie of this kind: an invented id or source, a part of the truth, an outdated fact,
    /// an act against its own prose. A type that has no place for it gets a wrong answer instead; which it came to be
    /// is the lie's own kind.
    ///
    /// ```
    /// use synod::{fault::Kind, model::Form, seed::{Seed, Streams}};
    /// let form = Form::of::<Vec<String>>();
    /// let mut draws = Streams::of(Seed(1)).stream(format_args!("lie"));
    /// let right = serde_json::json!(["log-17", "log-18"]);
    /// let lie = form.lie(Kind::PartialTruth, &right, "log-17 log-18", &mut draws, |_| true).unwrap();
    /// assert_eq!(lie.json, serde_json::json!(["log-17"]));
    /// ```
    #[must_use]
    pub fn lie(
        &self,
        kind: Kind,
        right: &Json,
        evidence: &str,
        draws: &mut Stream,
        accepts: impl Fn(&Json) -> bool,
    ) -> Option<Lie> {
        let accepts = |json: &Json| json != right && self.admits(json) && accepts(json);
        Source { shapes: &self.shapes, right, evidence, accepts: &accepts }.of(kind, draws)
    }

    /// Whether the type has a number or an enum called `confidence`.
    pub(super) const fn states_confidence(&self) -> bool {
        self.confidence.is_some()
    }

    /// How sure a value says it is, if it does: more is surer, and only the order means anything.
    pub(super) fn confidence_of(&self, json: &Json) -> Option<u64> {
        self.confidence.as_ref()?.rank(json.get(Scale::FIELD)?)
    }

    /// A value without the field that says how sure it is.
    pub(super) fn unsure(&self, json: &Json) -> Json {
        let mut json = json.clone();
        if let Some(fields) = json.as_object_mut() {
            fields.remove(Scale::FIELD);
        }
        json
    }

    /// A value with its field `confidence` set to so many percent; `None` if the type has no such number or enum.
    pub(super) fn confident(&self, json: &Json, percent: u64) -> Option<Json> {
        let stated = self.confidence.as_ref()?.stated(percent);
        let mut json = json.clone();
        *json.get_mut(Scale::FIELD)? = stated;
        self.admits(&json).then_some(json)
    }

    /// The fields of the whole value in which such a thing may stand.
    pub(super) fn fields(&self, is: impl Fn(&Shape) -> bool) -> Vec<&str> {
        self.shapes.fields(is)
    }

    /// What may stand in a field of the whole value, if it has such a field.
    pub(super) fn field(&self, name: &str) -> Option<&Shape> {
        self.shapes.field(name)
    }

    /// A value of the form, if one of the first few samples is one. A rule that only the validator knows may be broken.
    pub(super) fn sampled(&self, draws: &mut Stream) -> Json {
        let mut sample = self.sample(draws);
        for _ in 1..SAMPLES {
            if self.admits(&sample) {
                break;
            }
            sample = self.sample(draws);
        }
        sample
    }

    /// Some value of the schema's shape.
    #[must_use]
    pub fn sample(&self, draws: &mut Stream) -> Json {
        self.shapes.sample(draws)
    }
}
