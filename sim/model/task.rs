//! Tasks: what a team decides about, the user's type first and without its type then. Knows no model.

use super::{Action, Form, Problem, Schema};
use crate::fact::{Score, Slot};
use crate::seed::{Draws, Piece, Streams};
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

    /// The calls of tools that carry the task out, in order, if any do. A model that is offered tools makes them, one
    /// after the other, before it replies.
    fn actions(&self) -> Vec<Action> {
        Vec::new()
    }

    /// How many lines at the beginning of the evidence say what is asked. Every member knows them, even if the rest is
    /// spread over the team.
    fn common_lines(&self) -> usize {
        1
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
        let made = self.0.maker.make(&mut streams.stream([Piece::Text("task/"), Piece::Number(slot.0)]));
        Problem::new(self, slot, made)
    }
}

impl Debug for TaskSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Who has which part of a problem's evidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Evidence {
    /// Everyone has all of it.
    #[default]
    Whole,
    /// Each member has its share: whoever keeps it for itself leaves the others to guess.
    Spread,
}

/// Makes problems without naming their type.
trait Maker: Send + Sync {
    fn make(&self, draws: &mut Draws) -> Made;
}

/// What a task generates for one slot.
pub(super) struct Made {
    pub(super) evidence: String,
    pub(super) right: Json,
    pub(super) actions: Vec<Action>,
    pub(super) common: usize,
    pub(super) truth: Box<dyn Truth>,
}

struct Typed<T: Task>(fn(&mut Draws) -> (String, T));

impl<T: Task> Maker for Typed<T> {
    fn make(&self, draws: &mut Draws) -> Made {
        let (evidence, truth) = (self.0)(draws);
        Made {
            evidence,
            right: json_of(&truth.right()),
            actions: truth.actions(),
            common: truth.common_lines(),
            truth: Box::new(truth),
        }
    }
}

/// A truth without its type. A score is `None` for what the type cannot be read from.
pub(super) trait Truth: Send + Sync {
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
