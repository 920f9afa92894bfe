//! The form of an opinion: where in it the verdict stands, and where the reason. Users' own types of opinions seldom
//! have the names that ours has. Knows no proposal.

use super::shape::Shape;
use super::{Form, canonical};
use crate::seed::Stream;
use serde_json::Value as Json;

/// How opinions of one form are written and read.
pub(super) struct Ballot<'a> {
    form: &'a Form,
    /// The field of the verdict.
    verdict: &'a str,
    sides: Sides,
    /// The field of the reason, if there is a place for one.
    reason: Option<&'a str>,
    /// How an opinion in canonical form begins.
    opening: String,
}

/// What stands for either verdict.
struct Sides {
    approved: Json,
    rejected: Json,
}

/// The names that are looked for first where several fields would do.
const VERDICT: &str = "approve";
const REASON: &str = "reason";

/// How the options of an enum begin that has verdicts for its values.
const APPROVALS: [&str; 4] = ["approve", "accept", "yes", "pass"];
const REJECTIONS: [&str; 5] = ["reject", "deny", "denied", "no", "fail"];

impl Sides {
    fn of(shape: &Shape) -> Option<Sides> {
        match shape {
            Shape::Flag => Some(Sides { approved: Json::from(true), rejected: Json::from(false) }),
            Shape::Options(options) => {
                let find = |words: &[&str]| {
                    let begins = |word: &str| words.iter().any(|start| word.to_lowercase().starts_with(start));
                    options.iter().find(|option| option.as_str().is_some_and(begins)).cloned()
                };
                Some(Sides { approved: find(&APPROVALS)?, rejected: find(&REJECTIONS)? })
            }
            _ => None,
        }
    }
}

impl<'a> Ballot<'a> {
    /// The ballot of a form; `None` if it has no field for a verdict, or several and none that is called `approve`.
    pub(super) fn of(form: &'a Form) -> Option<Ballot<'a>> {
        let verdict = one_of(form.fields(|shape| Sides::of(shape).is_some()), VERDICT)?;
        let sides = Sides::of(form.field(verdict)?)?;
        let prose = |shape: &Shape| match shape {
            Shape::Either(variants) => variants.iter().any(|variant| matches!(variant, Shape::Text)),
            shape => matches!(shape, Shape::Text),
        };
        let reason = one_of(form.fields(prose), REASON);
        let first = form.fields(|_| true).into_iter().min()?;
        Some(Ballot { form, verdict, sides, reason, opening: format!("{{{}:", Json::from(first)) })
    }

    /// The form of its opinions.
    pub(super) const fn form(&self) -> &'a Form {
        self.form
    }

    /// How an opinion in canonical form begins.
    pub(super) fn opening(&self) -> &str {
        &self.opening
    }

    /// An opinion. What else the form asks for is drawn.
    pub(super) fn written(&self, approve: bool, reason: &str, draws: &mut Stream) -> String {
        let mut opinion = self.form.sample(draws);
        opinion[self.verdict] = if approve { &self.sides.approved } else { &self.sides.rejected }.clone();
        if let Some(field) = self.reason {
            opinion[field] = Json::from(reason);
        }
        canonical(&opinion)
    }

    /// Whether an opinion approves.
    pub(super) fn approves(&self, opinion: &Json) -> Option<bool> {
        let said = opinion.get(self.verdict)?;
        (*said == self.sides.approved).then_some(true).or((*said == self.sides.rejected).then_some(false))
    }
}

/// The only one, or the one of this name.
fn one_of<'a>(names: Vec<&'a str>, preferred: &str) -> Option<&'a str> {
    match names[..] {
        [only] => Some(only),
        _ => names.into_iter().find(|name| *name == preferred),
    }
}
