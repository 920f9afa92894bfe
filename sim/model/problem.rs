//! One problem of a task: its prompt, its truth, and the lies about it. Knows no model.

#[cfg(test)]
use super::Lie;
use super::request::TASK;
use super::subject::{Subject, alike};
use super::task::{Made, Truth};
use super::{Action, Form, Request, Speaker, TaskSet, canonical};
use crate::fact::{Score, Slot, Value};
use crate::protocol::team::Reason;
use crate::seed::{Stream, Streams};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::fmt::{self, Debug};
use std::sync::{Arc, OnceLock};

/// One problem of a task: evidence for the team, truth for the judge. Cheap to clone.
#[derive(Clone)]
pub struct Problem(Arc<Facts>);

struct Facts {
    task: TaskSet,
    slot: Slot,
    evidence: String,
    right: Json,
    text: String,
    value: Value,
    actions: Vec<Action>,
    common: usize,
    truth: Box<dyn Truth>,
    /// How alike its wrong answers are; asked for only if somebody is wrong.
    alike: OnceLock<u64>,
}

/// Among how many following problems one is looked for that has another right answer. A choice between two is the same
/// eight times once in 256 problems.
const NEIGHBOURS: u64 = 8;

/// What every prompt starts with.
const INSTRUCTION: &str =
    "You are one member of a team that has to agree. Answer with one JSON value and nothing else.";

impl Problem {
    pub(super) fn new(task: &TaskSet, slot: Slot, made: Made) -> Problem {
        let Made { evidence, right, actions, common, truth } = made;
        debug_assert!(task.form().admits(&right), "the right reply of {task:?} must satisfy its own schema");
        let text = canonical(&right);
        let value = Value::from(text.as_str());
        let (task, alike) = (task.clone(), OnceLock::new());
        Problem(Arc::new(Facts { task, slot, evidence, right, text, value, actions, common, truth, alike }))
    }

    /// Which decision it is.
    #[must_use]
    pub fn slot(&self) -> Slot {
        self.0.slot
    }

    /// Its task.
    #[must_use]
    pub fn task(&self) -> &TaskSet {
        &self.0.task
    }

    /// The evidence as the task wrote it.
    #[must_use]
    pub fn evidence(&self) -> &str {
        &self.0.evidence
    }

    /// The part of the evidence that a member has who is this one of so many. Everyone has the lines that say what is
    /// asked; the others are dealt out one by one, so that together all have all of it.
    ///
    /// ```
    /// use synod::{fact::Slot, model::{Diagnose, Task, TaskSet}, seed::{Seed, Streams}};
    /// let problem = TaskSet::of(Diagnose::generate).problem(&Streams::of(Seed(1)), Slot(0));
    /// let shares: Vec<String> = (0..3).map(|member| problem.share(member, 3)).collect();
    /// assert!(problem.evidence().lines().all(|line| shares.iter().any(|share| share.contains(line))));
    /// ```
    ///
    /// # Panics
    /// If there are no members.
    #[must_use]
    pub fn share(&self, member: usize, members: usize) -> String {
        assert!(members > 0, "evidence is shared among at least one member");
        let common = self.0.common;
        let has = |place: usize| place < common || (place - common) % members == member % members;
        let lines = self.0.evidence.lines().enumerate().filter(|(place, _)| has(*place)).map(|(_, line)| line);
        lines.collect::<Vec<&str>>().join("\n")
    }

    /// The whole prompt: which task, the evidence, and the form of the reply.
    #[must_use]
    pub fn prompt(&self) -> String {
        self.prompt_with(&self.0.evidence)
    }

    fn prompt_with(&self, evidence: &str) -> String {
        let Facts { task, slot, .. } = &*self.0;
        let (name, gist) = (task.name(), task.form().gist());
        let parts = [TASK, &slot.0.to_string(), ": ", name, "\n", evidence, "\nReply as JSON of this form: ", gist];
        parts.concat()
    }

    /// A request for an answer.
    #[must_use]
    pub fn request(&self) -> Request {
        let request = Request::about(self.slot()).say(Speaker::System, INSTRUCTION);
        request.say(Speaker::User, self.prompt()).expecting(self.task().schema())
    }

    /// A request for an answer from a member that has only its share of the evidence.
    #[must_use]
    pub fn request_of(&self, member: usize, members: usize) -> Request {
        let request = Request::about(self.slot()).say(Speaker::System, INSTRUCTION);
        let prompt = self.prompt_with(&self.share(member, members));
        request.say(Speaker::User, prompt).expecting(self.task().schema())
    }

    /// The right answer in canonical form.
    #[must_use]
    pub fn right(&self) -> &Value {
        &self.0.value
    }

    /// The calls of tools that carry it out, in order.
    #[must_use]
    pub fn actions(&self) -> &[Action] {
        &self.0.actions
    }

    /// How much of the task a decision gets right. What does not satisfy the schema gets nothing right.
    #[must_use]
    pub fn score(&self, value: &Value) -> Score {
        if *value == self.0.value {
            return Score::CORRECT;
        }
        serde_json::from_slice(value.bytes()).map_or(Score::WRONG, |json| self.score_of(&json))
    }

    /// A reply's text in canonical form.
    ///
    /// # Errors
    /// [`Reason::Schema`] if it is no JSON or does not satisfy the task's schema.
    pub fn canonical(&self, text: &str) -> Result<Value, Reason> {
        if text == self.0.text {
            return Ok(self.0.value.clone());
        }
        self.task().form().canonical(text)
    }

    /// The local check that needs no model: every id of the value is mentioned in the evidence or in the right answer.
    ///
    /// # Errors
    /// [`Reason::Schema`] if the value is not of the schema, [`Reason::Facts`] if it names an id that does not exist.
    pub fn facts(&self, value: &Value) -> Result<(), Reason> {
        if *value == self.0.value {
            return Ok(());
        }
        let json: Json = serde_json::from_slice(value.bytes()).map_err(|_| Reason::Schema)?;
        self.task().form().facts(&json, &[&self.0.evidence, &self.0.text])
    }

    pub(super) fn right_text(&self) -> &str {
        &self.0.text
    }

    /// A wrong answer: the task's own if it has one, else one derived from the schema.
    #[cfg(test)]
    pub(super) fn wrong(&self, draws: &mut Stream) -> Option<Lie> {
        self.lie(crate::fault::Kind::WrongAnswer, draws)
    }

    fn score_of(&self, json: &Json) -> Score {
        self.0.truth.score(json).unwrap_or(Score::WRONG)
    }
}

impl Subject for Problem {
    fn form(&self) -> &Form {
        self.0.task.form()
    }

    fn truth(&self) -> &Json {
        &self.0.right
    }

    fn mentions(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0.evidence)
    }

    /// A lie has to be readable as the user's type and must not happen to be right.
    fn is_wrong(&self, json: &Json) -> bool {
        self.0.truth.score(json).is_some_and(|score| !score.is_correct())
    }

    fn believable(&self, draws: &mut Stream) -> Option<Json> {
        self.0.truth.wrong(draws)
    }

    /// Of the decisions that follow, the first that is right otherwise.
    fn elsewhere(&self, streams: &Streams, _: &mut Stream) -> Option<Json> {
        let others = (1..=NEIGHBOURS).map(|step| self.task().problem(streams, Slot(self.slot().0.wrapping_add(step))));
        others.map(|other| other.0.right.clone()).find(|json| self.is_wrong(json))
    }

    fn alike(&self, streams: &Streams, slot: u64) -> u64 {
        *self.0.alike.get_or_init(|| alike(self, streams, slot))
    }
}

impl Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.task().name(), self.slot())
    }
}
