//! Opinions: what a model says of another's proposal, and how it is asked. Knows no protocol.

use super::request::TASK;
use super::{Form, Problem, Request, Speaker};
use crate::fact::Value;
use crate::protocol::team::Reason;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A model's verdict on a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Opinion {
    /// Whether it would have the team decide so.
    pub approve: bool,
    /// Why.
    pub reason: String,
}

/// What stands before the proposal in a request, so that a mock reads it where a real model would.
const PROPOSAL: &str = "\nPROPOSAL: ";

impl Opinion {
    /// The form of an opinion. Make it once.
    #[must_use]
    pub fn form() -> Form {
        Form::of::<Opinion>()
    }

    /// A request for an opinion on a proposal. `form` is [`Opinion::form`].
    #[must_use]
    pub fn request(problem: &Problem, proposal: &Value, form: &Form) -> Request {
        let text = format!(
            "{TASK}{}: {}\n{}\nA member of your team proposes this answer. Approve it only if the evidence supports it.\
             {PROPOSAL}{proposal}\nReply as JSON of this form: {}",
            problem.slot().0,
            problem.task().name(),
            problem.evidence(),
            form.gist(),
        );
        Request::about(problem.slot()).say(Speaker::User, text).expecting(form.schema())
    }

    /// The opinion in a reply's text.
    ///
    /// # Errors
    /// [`Reason::Schema`] if there is none in it.
    pub fn read(text: &str) -> Result<Opinion, Reason> {
        serde_json::from_str(text).map_err(|_| Reason::Schema)
    }

    /// The proposal that a request shows on a line that begins with `PROPOSAL: `, the last one if there are several.
    ///
    /// Who is asked for an opinion in a form of the user's own gives one as well: a mock that is shown a proposal looks
    /// in the form for a field `approve`, or else for the only field that is a flag or an enum of verdicts, and fills
    /// in `reason`, or else the only field for prose.
    #[must_use]
    pub fn proposal(request: &Request) -> Option<Value> {
        let after = |text: &str| {
            let first = text.strip_prefix(PROPOSAL.trim_start());
            let last = text.rfind(PROPOSAL).map(|place| &text[place + PROPOSAL.len()..]);
            last.or(first).map(|rest| Value::from(line(rest)))
        };
        request.messages.iter().rev().find_map(|message| after(&message.text))
    }
}

fn line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
