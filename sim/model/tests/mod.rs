//! Tests of the whole module: lies on users' types, determinism, and the figures of the profiles.

mod deeds;
mod figures;
mod habits;
mod kinds;
mod lies;
mod limits;
mod opinions;
mod paces;
mod reading;
mod replies;
mod scripts;
mod stops;
mod teams;

use super::{Answered, Call, Form, Mock, Model, Problem, Profile, Reply, Request, Task, TaskSet, Turn};
use crate::fact::Slot;
use crate::fault::Kind;
use crate::id::NodeId;
use crate::seed::{Draws, Seed, Streams};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A user's own reply type: an enum, a string id, a number and a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Review {
    verdict: Verdict,
    ticket: String,
    points: u8,
    files: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
enum Verdict {
    Accept,
    Reject,
    /// A documented variant makes `schemars` write `oneOf` with constants.
    Postpone,
}

#[derive(Clone)]
struct Change(Review);

impl Task for Change {
    type Reply = Review;

    fn generate(draws: &mut Draws) -> (String, Change) {
        let number = draws.choose(100, 999, 100);
        let files: Vec<String> = (0..=draws.below(3)).map(|place| format!("file-{}", number + place)).collect();
        let evidence = format!("CHG-{number} touches {}; CHG-{} waits.", files.join(" and "), number + 1);
        let ticket = format!("CHG-{number}");
        (evidence, Change(Review { verdict: Verdict::Reject, ticket, points: 13, files }))
    }

    fn right(&self) -> Review {
        self.0.clone()
    }

    /// For requests that offer tools: what is reviewed is recorded.
    fn actions(&self) -> Vec<super::Action> {
        vec![super::Action::new("record", &self.0)]
    }
}

fn call<'a>(request: &'a Request, problem: &'a Problem) -> Call<'a> {
    let (model, caller) = (NodeId::model(0), NodeId::agent(0));
    Call { model, caller, turn: Turn(0), request, problem: Some(problem), fault: None }
}

/// What a model answers about slot 0 when a fault strikes it.
fn struck(mock: &Mock, task: &TaskSet, seed: u64, fault: Option<Kind>) -> Struck {
    let streams = Streams::of(Seed(seed));
    let problem = task.problem(&streams, Slot(0));
    let request = problem.request();
    let answered = mock.answer(&streams, &Call { fault, ..call(&request, &problem) });
    Struck { problem, answered }
}

struct Struck {
    problem: Problem,
    answered: Answered,
}

impl Struck {
    fn reply(&self) -> &Reply {
        self.answered.outcome.as_ref().expect("no outage was asked for")
    }
}
