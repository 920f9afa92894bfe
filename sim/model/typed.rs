//! Replies as values of the caller's own type.

use super::{Form, Reply, Stop};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::TypeId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A type that a model's reply can be read as.
pub trait TypedReply: Serialize + DeserializeOwned + JsonSchema + 'static {}

impl<T: Serialize + DeserializeOwned + JsonSchema + 'static> TypedReply for T {}

/// Why a reply cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// The model refused.
    #[error("the model refused to answer")]
    Refused,
    /// The reply was cut off.
    #[error("it was cut off at its token limit")]
    CutOff,
    /// The reply is no JSON of the wanted form.
    #[error("it does not satisfy the reply type's JSON Schema")]
    Schema,
}

/// Reads a reply as a value of this type, after validating it against the type's JSON Schema.
///
/// # Errors
/// If the model refused, was cut off, or answered in another form.
pub fn parse_reply<R: TypedReply>(reply: &Reply) -> Result<R, ReplyError> {
    match reply.stop {
        Stop::Refusal | Stop::ContentFilter => return Err(ReplyError::Refused),
        Stop::MaxTokens | Stop::ContextWindow | Stop::PauseTurn => return Err(ReplyError::CutOff),
        Stop::EndTurn | Stop::StopSequence | Stop::ToolUse => {}
    }
    let json = form_of::<R>().parse(&reply.text).map_err(|_| ReplyError::Schema)?;
    serde_json::from_value(json).map_err(|_| ReplyError::Schema)
}

/// The compiled form of a type. Compiling a schema costs more than a run; each type's is made once a process. The map
/// is looked up and never walked, so its order cannot reach a run.
fn form_of<R: TypedReply>() -> Arc<Form> {
    static FORMS: Mutex<BTreeMap<TypeId, Arc<Form>>> = Mutex::new(BTreeMap::new());
    let mut forms = FORMS.lock().unwrap_or_else(PoisonError::into_inner);
    forms.entry(TypeId::of::<R>()).or_insert_with(|| Arc::new(Form::of::<R>())).clone()
}
