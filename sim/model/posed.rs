//! A problem posed in a form of the request's own: what a framework writes as the schema of a type is seldom, word for
//! word, what the task's type derives. Knows no model.

use super::subject::Subject;
use super::{Form, Lie, Problem};
use crate::fault::Kind;
use crate::seed::{Stream, Streams};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::sync::Arc;

/// A problem whose answers are to have another form than the task's.
pub(super) struct Posed<'a> {
    problem: &'a Problem,
    form: Arc<Form>,
}

impl<'a> Posed<'a> {
    /// The problem in this form. `None` if the right answer is not of it: then something else is asked.
    pub(super) fn of(problem: &'a Problem, form: Arc<Form>) -> Option<Posed<'a>> {
        form.admits(problem.truth()).then_some(Posed { problem, form })
    }
}

impl Subject for Posed<'_> {
    fn form(&self) -> &Form {
        &self.form
    }

    fn truth(&self) -> &Json {
        self.problem.truth()
    }

    fn mentions(&self) -> Cow<'_, str> {
        self.problem.mentions()
    }

    fn is_wrong(&self, json: &Json) -> bool {
        self.problem.is_wrong(json)
    }

    fn believable(&self, draws: &mut Stream) -> Option<Json> {
        self.problem.believable(draws)
    }

    fn elsewhere(&self, streams: &Streams, draws: &mut Stream) -> Option<Json> {
        self.problem.elsewhere(streams, draws).filter(|json| self.form.admits(json))
    }

    /// The task's own lie where that is of the form, else one that is derived from the form.
    fn lie(&self, kind: Kind, draws: &mut Stream) -> Option<Lie> {
        let own = self.problem.lie(kind, draws).filter(|lie| self.form.admits(&lie.json));
        own.or_else(|| self.form.lie(kind, self.truth(), &self.mentions(), draws, |json| self.is_wrong(json)))
    }

    fn alike(&self, streams: &Streams, slot: u64) -> u64 {
        self.problem.alike(streams, slot)
    }
}

#[cfg(test)]
mod tests {
    use crate::fact::Slot;
    use crate::fault::Kind;
    use crate::id::NodeId;
    use crate::model::{Call, Diagnose, Form, Mock, Model, Profile, Reply, Request, Schema, Task, TaskSet, Turn};
    use crate::seed::{Seed, Streams};
    use serde_json::json;

    /// The schema of a diagnosis as frameworks write it: closed, every field required, none an enum.
    fn strict() -> Schema {
        Schema::from(json!({
            "type": "object",
            "properties": {
                "cause": { "type": "string", "description": "What it was." },
                "service": { "type": "string" },
                "evidence": { "type": "array", "items": { "type": "string" }, "minItems": 1 },
            },
            "required": ["cause", "service", "evidence"],
            "additionalProperties": false,
        }))
    }

    fn reply(seed: u64, schema: &Schema, fault: Option<Kind>) -> (Reply, crate::model::Problem) {
        let task = TaskSet::of(Diagnose::generate);
        let streams = Streams::of(Seed(seed));
        let problem = task.problem(&streams, Slot(0));
        let request = Request { schema: Some(schema.clone()), ..problem.request() };
        let (model, caller) = (NodeId::model(0), NodeId::agent(0));
        let call = Call { model, caller, turn: Turn(0), request: &request, problem: Some(&problem), fault };
        let answered = Mock::new(Profile::perfect(), task).answer(&streams, &call);
        (answered.outcome.expect("a reply"), problem)
    }

    #[test]
    fn a_task_is_answered_in_the_requests_own_form_of_its_type() {
        let form = Form::new(strict());
        for seed in 0..100 {
            let (right, problem) = reply(seed, &strict(), None);
            assert_eq!((right.text.as_str(), right.taint), (problem.right_text(), None));
            let lies =
                [Kind::WrongAnswer, Kind::FabricatedId, Kind::PartialTruth, Kind::OutdatedFact, Kind::Derailment];
            for kind in lies {
                let (wrong, problem) = reply(seed, &strict(), Some(kind));
                let json = serde_json::from_str(&wrong.text).expect("JSON");
                assert!(form.admits(&json), "{kind}: {}", wrong.text);
                assert!(!problem.score(&wrong.text.as_str().into()).is_correct(), "{kind}: {}", wrong.text);
                assert!(wrong.taint.is_some(), "{kind}");
            }
        }
    }

    /// As of a caller that takes any JSON and reads it later: there is nothing in the form to derive a lie from.
    #[test]
    fn a_form_that_says_nothing_gets_the_tasks_own_lies() {
        let anything = Schema::from(json!({}));
        for kind in [Kind::WrongAnswer, Kind::FabricatedId] {
            let (wrong, problem) = reply(1, &anything, Some(kind));
            let value = problem.canonical(&wrong.text).expect("of the task's form");
            assert!(!problem.score(&value).is_correct(), "{kind}: {}", wrong.text);
        }
    }

    #[test]
    fn a_form_that_the_right_answer_does_not_have_asks_for_something_else() {
        let (said, _) = reply(1, &Schema::of::<bool>(), None);
        assert!(["true", "false"].contains(&said.text.as_str()), "{said}");
    }
}
