//! What stands around a protocol in a search: whoever answers its questions, and what its clients' words mean. Knows no
//! state.

use crate::fact::{Slot, Value};
use crate::history::{Environment, Operation};
use crate::id::{NodeId, OpId};
use crate::protocol::Protocol;
use crate::protocol::team::{Answer, Ask, Outcome, Reason, Request, TeamProtocol};

/// Answers a protocol's questions in every way it may be answered, and translates what checkers read.
///
/// ```
/// use synod::explore::exhaustive::{Surroundings, Team};
/// use synod::fact::{Slot, Value};
/// use synod::id::NodeId;
/// use synod::protocol::{consensus::Raft, team::{Answer, Ask}};
///
/// let team = Team::proposing([Value::from("rollback"), Value::from("restart")]);
/// let ask = Ask::Propose { slot: Slot(0), refusals: Vec::new() };
/// let answers = Surroundings::<Raft>::answers(&team, NodeId::agent(0), &ask);
/// assert_eq!(answers.len(), 2);
/// assert_eq!(answers[0], Answer::Proposal(Value::from("rollback")));
/// ```
pub trait Surroundings<P: Protocol> {
    /// Every answer that may come. None of them may, too: a search needs no telling.
    fn answers(&self, node: NodeId, ask: &P::Ask) -> Vec<P::Answer> {
        let _ = (node, ask);
        Vec::new()
    }

    /// What the world records when this answer arrives: a value that was offered.
    fn offered(&self, ask: &P::Ask, answer: &P::Answer) -> Option<Environment> {
        let _ = (ask, answer);
        None
    }

    /// What the client's history holds of its request.
    fn invoked(&self, op: OpId, request: &P::Request) -> Option<Operation> {
        let _ = (op, request);
        None
    }

    /// What the client's history holds of a response.
    fn returned(&self, op: OpId, response: &P::Response) -> Option<Operation> {
        let _ = (op, response);
        None
    }
}

/// Nobody answers, and clients keep no history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silent;

impl<P: Protocol> Surroundings<P> for Silent {}

/// The surroundings of a team protocol: models that may propose any of some values, agents that may approve or refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    values: Vec<Value>,
    minds: Minds,
    checks: Vec<Answer>,
}

/// Whose model proposes what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Minds {
    /// Any proposes anything.
    Open,
    /// The model of the n-th member proposes the n-th value, counted round.
    Fixed,
}

impl Team {
    /// Models may propose any of these values, and a check may come out either way.
    #[must_use]
    pub fn proposing(values: impl IntoIterator<Item = Value>) -> Team {
        let checks = vec![Answer::Approved, Answer::Refused(Reason::Facts)];
        Team { values: values.into_iter().collect(), minds: Minds::Open, checks }
    }

    /// The same, but every check that is answered approves.
    #[must_use]
    pub fn approving(mut self) -> Team {
        self.checks = vec![Answer::Approved];
        self
    }

    /// The same, but the model of the n-th member proposes the n-th value only, counted round: as many values and fewer
    /// states, for who proposes which decides nothing where members are alike.
    #[must_use]
    pub fn fixed(mut self) -> Team {
        self.minds = Minds::Fixed;
        self
    }

    fn offer(ask: &Ask, answer: &Answer) -> Option<(Slot, Value)> {
        match (ask, answer) {
            (Ask::Propose { slot, .. } | Ask::Revise { slot, .. }, Answer::Proposal(value)) => {
                Some((*slot, value.clone()))
            }
            _ => None,
        }
    }
}

impl<P: TeamProtocol> Surroundings<P> for Team {
    fn answers(&self, node: NodeId, ask: &Ask) -> Vec<Answer> {
        match (ask, self.minds) {
            (Ask::Propose { .. } | Ask::Revise { .. }, Minds::Open) => {
                self.values.iter().cloned().map(Answer::Proposal).collect()
            }
            (Ask::Propose { .. } | Ask::Revise { .. }, Minds::Fixed) => {
                let own = self.values.iter().cycle().nth(node.index());
                own.cloned().map(Answer::Proposal).into_iter().collect()
            }
            (Ask::Validate { .. }, _) => self.checks.clone(),
        }
    }

    fn offered(&self, ask: &Ask, answer: &Answer) -> Option<Environment> {
        Team::offer(ask, answer).map(|(slot, value)| Environment::Offered { slot, value })
    }

    fn invoked(&self, op: OpId, request: &Request) -> Option<Operation> {
        match request {
            Request::Propose { slot } => Some(Operation::Invoke { op, slot: *slot }),
            Request::Read
            | Request::Admit { .. }
            | Request::Remove { .. }
            | Request::Transfer { .. }
            | Request::Store(_) => None,
        }
    }

    fn returned(&self, op: OpId, response: &Outcome) -> Option<Operation> {
        match response {
            Outcome::Decided { slot, value } => Some(Operation::Ok { op, slot: *slot, value: value.clone() }),
            Outcome::GaveUp { .. } => Some(Operation::Fail { op }),
            // The client goes on to another member, which a search leaves out.
            Outcome::Elsewhere { .. } => None,
            // A search's client asks for decisions only.
            Outcome::Log { .. } | Outcome::Done | Outcome::Refused | Outcome::Store(_) => None,
        }
    }
}
