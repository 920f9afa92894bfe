//! What members of the baseline have for a model: the mock and the problem of Synod's round, asked without a network.

use synod::fact::{Slot, Value};
use synod::id::NodeId;
use synod::model::{Call, Diagnose, Mock, Model, Problem, Profile, Task, TaskSet, Turn};
use synod::protocol::team::Answer;
use synod::seed::{Seed, Streams};

/// A model and what it is asked about.
pub struct Mind {
    streams: Streams,
    mock: Mock,
    problem: Problem,
}

impl Mind {
    /// That of a seed's round.
    pub fn of(seed: u64) -> Mind {
        let (streams, tasks) = (Streams::of(Seed(seed)), TaskSet::of(Diagnose::generate));
        let problem = tasks.problem(&streams, Slot(0));
        Mind { mock: Mock::new(Profile::grounded(), tasks), streams, problem }
    }

    /// What the model of a member proposes, once that was validated.
    pub fn propose(&self, member: usize, turn: u64) -> Answer {
        let caller = NodeId::agent(u16::try_from(member).expect("a small team"));
        let (request, model) = (self.problem.request(), NodeId::model(0));
        let call =
            Call { model, caller, turn: Turn(turn), request: &request, problem: Some(&self.problem), fault: None };
        let said = self.mock.answer(&self.streams, &call).outcome.ok();
        let value = said.and_then(|reply| self.problem.canonical(&reply.text).ok());
        // Nobody waits here for a model that errs: the right answer stands in for a second thought.
        Answer::Proposal(value.unwrap_or_else(|| self.problem.right().clone()))
    }

    /// What a member says of a proposal.
    pub fn validate(&self, value: &Value) -> Answer {
        self.problem.facts(value).map_or_else(Answer::Refused, |()| Answer::Approved)
    }
}
