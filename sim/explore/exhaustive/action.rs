//! What may happen next in a state. Knows how to tell of it, not what comes of it.

use super::node::Leaves;
use super::setting::Setting;
use super::state::State;
use crate::protocol::Protocol;
use crate::time::Time;

/// One thing that may happen. Places are those of the state it may happen in.
#[derive(Clone)]
pub(super) enum Action<P: Protocol> {
    /// A client's request reaches its member.
    Invoke { request: usize, clock: Time },
    /// A message arrives.
    Deliver { letter: usize, after: After, clock: Time },
    /// An armed timer fires.
    Fire { node: usize, timer: P::Timer, clock: Time },
    /// A question is answered.
    Answer { node: usize, question: usize, answer: P::Answer, clock: Time },
    /// The write under way ends.
    EndWrite { node: usize },
    /// A process crashes and starts again.
    Crash { node: usize, leaves: Leaves },
}

/// What becomes of a message that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    Gone,
    /// It will arrive again.
    StillInFlight,
}

impl<P: Protocol> Action<P> {
    /// The action in words.
    pub(super) fn told(&self, state: &State<P>, setting: &Setting<P>) -> String {
        let name = |node: &usize| state.nodes[*node].id;
        let clock = match self {
            Action::Invoke { clock, .. }
            | Action::Deliver { clock, .. }
            | Action::Fire { clock, .. }
            | Action::Answer { clock, .. }
                if setting.clocks.len() > 1 =>
            {
                format!(", whose clock shows {clock}")
            }
            _ => String::new(),
        };
        match self {
            Action::Invoke { request, .. } => {
                let invocation = &setting.requests[*request];
                format!("a client asks {}: {:?}{clock}", invocation.node, invocation.request)
            }
            Action::Deliver { letter, after, .. } => {
                let letter = &state.mail[*letter].value;
                let again = match after {
                    After::Gone => "",
                    After::StillInFlight => ", and will arrive again",
                };
                format!("{:?} from {} reaches {}{again}{clock}", letter.message, letter.from, letter.to)
            }
            Action::Fire { node, timer, .. } => format!("timer {timer:?} fires at {}{clock}", name(node)),
            Action::Answer { node, question, answer, .. } => {
                let ask = &state.nodes[*node].questions[*question].ask;
                format!("{} asked {ask:?} and hears {answer:?}{clock}", name(node))
            }
            Action::EndWrite { node } => format!("the write of {} is durable", name(node)),
            Action::Crash { node, leaves } => {
                let write = match (leaves, &state.nodes[*node].writing) {
                    (_, None) => "",
                    (Leaves::Nothing, Some(_)) => ", its write lost",
                    (Leaves::TheWrite, Some(_)) => ", its write durable",
                };
                format!("{} crashes and starts again{write}", name(node))
            }
        }
    }
}
