//! What an answer is about: the right value, where its names are mentioned, and what counts as wrong. Knows no model.

use super::{Form, Lie, canonical};
use crate::fault::Kind;
use crate::seed::Stream;
use serde_json::Value as Json;
use std::borrow::Cow;

/// Something with a right answer, and hence with lies about it.
pub(in crate::model) trait Subject {
    /// The form of its answers.
    fn form(&self) -> &Form;

    /// The right one.
    fn truth(&self) -> &Json;

    /// The text in which names that exist are mentioned.
    fn mentions(&self) -> Cow<'_, str>;

    /// Whether a valid answer is readable and not right.
    fn is_wrong(&self, json: &Json) -> bool;

    /// A better lie than one derived from the schema, if the subject has one.
    fn believable(&self, draws: &mut Stream) -> Option<Json>;

    /// The same if it is a lie indeed.
    fn accepted(&self, draws: &mut Stream) -> Option<Json> {
        self.believable(draws).filter(|json| self.form().admits(json) && self.is_wrong(json))
    }

    /// A lie of this kind, labelled with the kind that it came to be: a type without a place for it gets a wrong
    /// answer. `None` if the type has a single value.
    fn lie(&self, kind: Kind, draws: &mut Stream) -> Option<Lie> {
        if matches!(kind, Kind::WrongAnswer | Kind::CorrelatedError | Kind::Contradiction)
            && let Some(json) = self.accepted(draws)
        {
            return Some(Lie { claim: canonical(&json), json, kind });
        }
        let lie = self.form().lie(kind, self.truth(), &self.mentions(), draws, |json| self.is_wrong(json))?;
        // A type that has a place for this kind of lie may have none in this very answer, as an empty list of ids.
        if lie.kind == Kind::WrongAnswer
            && kind != Kind::WrongAnswer
            && let Some(json) = self.accepted(draws)
        {
            return Some(Lie { claim: canonical(&json), json, kind: Kind::WrongAnswer });
        }
        let derived = matches!(kind, Kind::CorrelatedError | Kind::Contradiction);
        Some(if derived { Lie { kind, ..lie } } else { lie })
    }
}
