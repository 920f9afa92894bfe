//! Any task whose answers say how sure they are, for teams that make something of that. Knows no model.

use crate::fact::Score;
use crate::model::{Action, Task};
use crate::seed::Draws;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An answer, and how sure its author says to be of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stated<R> {
    /// The answer.
    pub answer: R,
    /// In percent. What it is worth is the model's [`Confidence`](crate::model::Confidence).
    #[schemars(range(min = 0, max = 100))]
    pub confidence: u8,
}

/// A task with a confidence beside its answer. What is stated scores nothing: a decision is as right as its answer.
///
/// ```
/// use synod::fact::Slot;
/// use synod::id::NodeId;
/// use synod::model::{Call, Confidence, Diagnose, Diagnosis, Mock, Model, Profile, Stated, Sure, Task, TaskSet, Turn};
/// use synod::seed::{Seed, Streams};
/// let task = TaskSet::of(Sure::<Diagnose>::generate);
/// let mock = Mock::new(Profile { confidence: Confidence::Informative, ..Profile::closed_book() }, task.clone());
/// let streams = Streams::of(Seed(1));
/// let (problem, model, caller) = (task.problem(&streams, Slot(0)), NodeId::model(0), NodeId::agent(0));
/// let request = problem.request();
/// let call = Call { model, caller, turn: Turn(0), request: &request, problem: Some(&problem), fault: None };
/// let reply = mock.answer(&streams, &call).outcome.unwrap();
/// let said: Stated<Diagnosis> = serde_json::from_str(&reply.text).unwrap();
/// assert!(said.confidence <= 100);
/// ```
#[derive(Clone, Debug)]
pub struct Sure<T>(pub T);

/// What a truth states of itself; a mock says what its profile has it say.
const CERTAIN: u8 = 100;

impl<T: Task> Task for Sure<T> {
    type Reply = Stated<T::Reply>;

    fn generate(draws: &mut Draws) -> (String, Sure<T>) {
        let (evidence, truth) = T::generate(draws);
        (evidence, Sure(truth))
    }

    fn right(&self) -> Stated<T::Reply> {
        Stated { answer: self.0.right(), confidence: CERTAIN }
    }

    fn score(&self, reply: &Stated<T::Reply>) -> Score {
        self.0.score(&reply.answer)
    }

    fn actions(&self) -> Vec<Action> {
        self.0.actions()
    }

    fn common_lines(&self) -> usize {
        self.0.common_lines()
    }

    fn wrong(&self, draws: &mut Draws) -> Option<Stated<T::Reply>> {
        self.0.wrong(draws).map(|answer| Stated { answer, confidence: CERTAIN })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tasks::laws;
    use crate::model::{Board, Diagnose, Estimate, Extract, Plan, Review, TaskSet};

    #[test]
    fn every_built_in_task_can_be_answered_with_a_confidence() {
        fn check<T: Task>() {
            let task = TaskSet::of(Sure::<T>::generate);
            assert!(task.form().states_confidence(), "{task:?}");
            laws::lies_hold(&task);
        }
        check::<Diagnose>();
        check::<Plan>();
        check::<Estimate>();
        check::<Extract>();
        check::<Review>();
        check::<Board<3>>();
    }
}
