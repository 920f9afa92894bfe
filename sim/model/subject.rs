//! What an answer is about: the right value, where its names are mentioned, and what counts as wrong. Knows no model.

use super::failing::WHOLE;
use super::{Form, Lie, canonical};
use crate::fault::Kind;
use crate::seed::{Stream, Streams};
use serde_json::Value as Json;
use std::borrow::Cow;

/// Wrong answers that are looked at for how alike they are. Sixty-six pairs: what chance makes of their share moves the
/// agreement of models by less than half a point.
const SAMPLED: usize = 12;

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

    /// A believable lie, if it is one indeed.
    fn accepted(&self, draws: &mut Stream) -> Option<Json> {
        self.believable(draws).filter(|json| self.form().admits(json) && self.is_wrong(json))
    }

    /// The right answer to another question of this form, if it is a wrong one here.
    fn elsewhere(&self, streams: &Streams, draws: &mut Stream) -> Option<Json>;

    /// How often two wrong answers are the same by chance, in parts of [`WHOLE`].
    fn alike(&self, streams: &Streams, slot: u64) -> u64;

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

/// Of wrong answers at random, the share of pairs that are the same, in parts of [`WHOLE`].
pub(super) fn alike(subject: &dyn Subject, streams: &Streams, slot: u64) -> u64 {
    let mut draws = streams.stream(format_args!("alternatives/{slot}"));
    let lies = (0..SAMPLED).filter_map(|_| subject.lie(Kind::WrongAnswer, &mut draws));
    let lies: Vec<Json> = lies.map(|lie| lie.json).collect();
    let pairs = lies.len() * lies.len().saturating_sub(1) / 2;
    let same: usize =
        (0..lies.len()).map(|place| lies[..place].iter().filter(|lie| **lie == lies[place]).count()).sum();
    same as u64 * WHOLE / pairs.max(1) as u64
}
