//! Tasks: what a team decides about. Knows a problem's evidence and its truth, and no model.

use super::{Form, Lie, Request, Schema, Speaker, canonical};
use crate::fact::{Score, Slot, Value};
use crate::fault::Kind;
use crate::protocol::team::Reason;
use crate::seed::{Draws, Stream, Streams};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::fmt::{self, Debug};
use std::sync::Arc;

/// A task of the user's own. The value that implements it is the truth of one problem.
///
/// ```
/// use synod::{fact::Slot, model::{Task, TaskSet}, seed::{Draws, Seed, Streams}};
/// #[derive(Clone)]
/// struct Sum(u64);
/// impl Task for Sum {
///     type Reply = u64;
///     fn generate(draws: &mut Draws) -> (String, Sum) {
///         let (a, b) = (draws.below(100), draws.below(100));
///         (format!("How much is {a} and {b}?"), Sum(a + b))
///     }
///     fn right(&self) -> u64 { self.0 }
/// }
/// let task = TaskSet::of(Sum::generate);
/// let problem = task.problem(&Streams::of(Seed(1)), Slot(0));
/// assert!(problem.score(problem.right()).is_correct());
/// ```
pub trait Task: Clone + Send + Sync + 'static {
    /// What is decided. Equality of its canonical JSON is equality of decisions.
    type Reply: Serialize + DeserializeOwned + JsonSchema + Clone + Debug + PartialEq + Send + Sync + 'static;

    /// One problem: its evidence in words, and its truth. Everything random in it comes from the draws.
    fn generate(draws: &mut Draws) -> (String, Self)
    where
        Self: Sized;

    /// The right reply.
    fn right(&self) -> Self::Reply;

    /// How much of the task a reply gets right. Unless told otherwise, all of it or nothing.
    fn score(&self, reply: &Self::Reply) -> Score {
        if *reply == self.right() { Score::CORRECT } else { Score::WRONG }
    }

    /// A believable wrong reply, better than one derived from the schema.
    fn wrong(&self, draws: &mut Draws) -> Option<Self::Reply> {
        let _ = draws;
        None
    }
}

/// A task with its type erased and its schema compiled. Made once per scenario, cheap to clone, shared by all seeds.
#[derive(Clone)]
pub struct TaskSet(Arc<Compiled>);

struct Compiled {
    name: String,
    form: Form,
    maker: Box<dyn Maker>,
}

impl TaskSet {
    /// The task whose problems this function generates, as in `TaskSet::of(Diagnose::generate)`.
    #[must_use]
    pub fn of<T: Task>(generate: fn(&mut Draws) -> (String, T)) -> TaskSet {
        let (name, form) = (snake_case(std::any::type_name::<T>()), Form::of::<T::Reply>());
        TaskSet(Arc::new(Compiled { name, form, maker: Box::new(Typed(generate)) }))
    }

    /// The task's snake-case name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What replies must look like.
    #[must_use]
    pub fn form(&self) -> &Form {
        &self.0.form
    }

    /// The schema of replies.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        self.0.form.schema()
    }

    /// The problem of a slot, drawn from the stream `task/<slot>`.
    #[must_use]
    pub fn problem(&self, streams: &Streams, slot: Slot) -> Problem {
        let Made { evidence, right, truth } = self.0.maker.make(&mut streams.stream(format_args!("task/{}", slot.0)));
        debug_assert!(self.0.form.admits(&right), "the right reply of {} must satisfy its own schema", self.name());
        let text = canonical(&right);
        Problem(Arc::new(Facts {
            task: self.clone(),
            slot,
            evidence,
            right,
            value: Value::from(text.as_str()),
            text,
            truth,
        }))
    }
}

impl Debug for TaskSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

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
    truth: Box<dyn Truth>,
}

/// What every prompt starts with.
const INSTRUCTION: &str =
    "You are one member of a team that has to agree. Answer with one JSON value and nothing else.";

impl Problem {
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

    /// The whole prompt: which task, the evidence, and the form of the reply.
    #[must_use]
    pub fn prompt(&self) -> String {
        let Facts { task, slot, evidence, .. } = &*self.0;
        let (name, gist) = (task.name(), task.form().gist());
        let parts = ["Task #", &slot.0.to_string(), ": ", name, "\n", evidence, "\nReply as JSON of this form: ", gist];
        parts.concat()
    }

    /// A request for an answer.
    #[must_use]
    pub fn request(&self) -> Request {
        let request = Request::about(self.slot()).say(Speaker::System, INSTRUCTION);
        request.say(Speaker::User, self.prompt()).expecting(self.task().schema())
    }

    /// The right answer in canonical form.
    #[must_use]
    pub fn right(&self) -> &Value {
        &self.0.value
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
        let json: Json = serde_json::from_slice(value.bytes()).map_err(|_| Reason::Schema)?;
        self.task().form().facts(&json, &[&self.0.evidence, &self.0.text])
    }

    pub(super) fn right_text(&self) -> &str {
        &self.0.text
    }

    /// A wrong answer: the task's own if it has one, else one derived from the schema.
    pub(super) fn wrong(&self, draws: &mut Stream) -> Option<Lie> {
        let Facts { task, right, evidence, truth, .. } = &*self.0;
        let believable = truth.wrong(draws).filter(|json| task.form().admits(json) && self.is_wrong(json));
        match believable {
            Some(json) => Some(Lie { claim: canonical(&json), json, kind: Kind::WrongAnswer }),
            None => task.form().wrong(right, evidence, draws, |json| self.is_wrong(json)),
        }
    }

    /// An answer that names an id that does not exist.
    pub(super) fn fabricated(&self, draws: &mut Stream) -> Option<Lie> {
        let Facts { task, right, evidence, .. } = &*self.0;
        task.form().fabricated(right, evidence, draws, |json| self.is_wrong(json))
    }

    /// A lie has to be readable as the user's type and must not happen to be right.
    fn is_wrong(&self, json: &Json) -> bool {
        self.0.truth.score(json).is_some_and(|score| !score.is_correct())
    }

    fn score_of(&self, json: &Json) -> Score {
        self.0.truth.score(json).unwrap_or(Score::WRONG)
    }
}

impl Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.task().name(), self.slot())
    }
}

/// Makes problems without naming their type.
trait Maker: Send + Sync {
    fn make(&self, draws: &mut Draws) -> Made;
}

struct Made {
    evidence: String,
    right: Json,
    truth: Box<dyn Truth>,
}

struct Typed<T: Task>(fn(&mut Draws) -> (String, T));

impl<T: Task> Maker for Typed<T> {
    fn make(&self, draws: &mut Draws) -> Made {
        let (evidence, truth) = (self.0)(draws);
        Made { evidence, right: json_of(&truth.right()), truth: Box::new(truth) }
    }
}

/// A truth without its type. A score is `None` for what the type cannot be read from.
trait Truth: Send + Sync {
    fn score(&self, json: &Json) -> Option<Score>;
    fn wrong(&self, draws: &mut Draws) -> Option<Json>;
}

impl<T: Task> Truth for T {
    fn score(&self, json: &Json) -> Option<Score> {
        let reply = <T::Reply as serde::Deserialize>::deserialize(json).ok()?;
        Some(Task::score(self, &reply))
    }

    fn wrong(&self, draws: &mut Draws) -> Option<Json> {
        Task::wrong(self, draws).map(|reply| json_of(&reply))
    }
}

pub(super) fn json_of<R: Serialize>(reply: &R) -> Json {
    serde_json::to_value(reply).expect("a reply type must serialize to JSON: maps need string keys")
}

/// `my_crate::Change<T>` becomes `change`.
fn snake_case(path: &str) -> String {
    let path = path.split('<').next().unwrap_or(path);
    let last = path.rsplit("::").next().unwrap_or(path);
    let mut name = String::with_capacity(last.len() + 2);
    for letter in last.chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}
