//! Shared stores beside async agents: replicas are nodes of their own, agents are their clients. Knows no store and no
//! note.
//!
//! Agents number from `a1`, replicas follow. An agent's call and its answer cross links like any other message. The
//! history is recorded where the agent is (`records.rs`); what is never answered stays open.

use super::clients::Settling;
use super::envelope::{Envelope, Invoke, Return};
use super::process::Body;
use super::recorder::Who;
use super::records::{named, process_of};
use super::{Due, Phase, Setup, World};
use crate::agent::{Completion, Consult, Ticket};
use crate::fact::Session;
use crate::id::{Members, NodeId, OpId, ProcessId, Role};
use crate::protocol::store;
use crate::protocol::team::{self, TeamProtocol};
use crate::trace::Cause;

/// An agent's call under way, under the ticket of its latest try.
pub(super) struct Consulting {
    op: OpId,
    ticket: Ticket,
}

impl<P: TeamProtocol> World<P> {
    /// The nodes that are there from the start and may be started again: the team, and the replicas of its store.
    pub(super) fn everyone(setup: &Setup<P>) -> Members {
        let replicas = setup.shelf.as_ref().map_or(0, |shelf| shelf.replicas);
        Members::of(setup.agents + replicas)
    }

    /// The replicas of the team's store.
    pub(super) fn replicas(&self) -> Members {
        let replicas = self.setup.shelf.as_ref().map_or(0, |shelf| shelf.replicas);
        Members::following(self.setup.agents, replicas)
    }

    /// What a replica runs, if the node is one.
    pub(super) fn replica(&self, node: NodeId) -> Option<Body<P>> {
        let shelf = self.setup.shelf.as_ref()?;
        let replicas = self.replicas();
        replicas.contains(node).then(|| Body::Pure((shelf.factory)(node, &replicas)))
    }

    /// An agent asks a replica. Asked again under the same number, the call is the same one.
    pub(super) fn consult(&mut self, process: u32, who: Who, consult: Consult, cause: Cause) {
        let Consult { ticket, number, replica, request } = consult;
        let (op, session) = (named(who, number), session_of(who));
        let Body::Async(task) = &mut self.processes[process as usize].body else { return };
        task.consulting.retain(|known| known.op != op);
        task.consulting.push(Consulting { op, ticket });
        let request = team::Request::Store(Box::new(store::Request { session, ..request }));
        self.send(who, replica, Envelope::Invoke(Invoke { op, request }), cause);
    }

    /// The agent whose call it is, if agents call a store here.
    pub(super) fn agent_of(&self, op: OpId) -> Option<NodeId> {
        self.setup.shelf.as_ref()?;
        self.processes.get(process_of(op)).map(|process| process.node)
    }

    /// Whether a process made this call.
    pub(super) fn is_caller(process: ProcessId, back: &Return) -> bool {
        process_of(back.op) == process.0 as usize
    }

    /// An agent hears a replica's answer. One to a call that has ended changes nothing.
    pub(super) fn hear_store(&mut self, process: u32, back: Return, cause: Cause) {
        let Body::Async(task) = &mut self.processes[process as usize].body else { return };
        let Some(place) = task.consulting.iter().position(|known| known.op == back.op) else { return };
        let Consulting { ticket, .. } = task.consulting.remove(place);
        self.complete(process, ticket, Completion::Consulted(Box::new(back.outcome)), cause);
    }

    /// An agent's function returned: where the end of a run is awaited, it is not started again.
    pub(super) fn retire(&mut self, node: NodeId) {
        if self.setup.shelf.is_some() && !self.retired.contains(&node) {
            self.retired.push(node);
            self.end_if_retired();
        }
    }

    /// Ends the run once faults are over, every agent has done, and what is under way had time to arrive.
    pub(super) fn end_if_retired(&mut self) {
        let Some(shelf) = &self.setup.shelf else { return };
        let (settling, healed) = (shelf.settling, matches!(self.phase, Phase::Liveness { .. }));
        let done = Members::of(self.setup.agents).iter().all(|agent| self.retired.contains(&agent));
        if healed && done && self.settling == Settling::No {
            self.settling = Settling::Yes;
            self.queue.push(self.after(settling), Due::Settle);
        }
    }

    /// Whether a message belongs to the team's shared context: not to its models and tools.
    pub(super) fn is_metered(&self, from: NodeId, to: NodeId) -> bool {
        self.setup.shelf.is_some() && from != to && from.role() == Role::Agent && to.role() == Role::Agent
    }
}

/// Each life of an agent is a session.
pub(super) fn session_of(who: Who) -> Session {
    Session { node: who.node, life: who.process.0 }
}
