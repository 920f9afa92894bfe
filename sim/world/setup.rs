//! What a world is made of.

use super::Latency;
use super::agents::Program;
use super::sessions::Sessions;
use crate::fault::Schedule;
use crate::id::{Members, NodeId};
use crate::model::{Evidence, Model, TaskSet};
use crate::protocol::Protocol;
use crate::protocol::store::Level;
use crate::time::{Duration, Time};
use crate::tool::Toolbox;
use std::sync::Arc;

/// What a world is made of.
pub struct Setup<P: Protocol> {
    /// How many agents.
    pub agents: u16,
    /// How many clients: those that want decisions first, then readers, administrators and sessions, if there are any.
    pub clients: u16,
    /// How many models; agent `i` calls model `i mod models`.
    pub models: u16,
    /// What each agent runs.
    pub team: Team<P>,
    /// The latency of a link without faults.
    pub latency: Latency,
    /// How long a write takes.
    pub disk: Latency,
    /// What answers prompts.
    pub model: Arc<dyn Model>,
    /// What the team decides about.
    pub tasks: TaskSet,
    /// The tools that async agents call, each one a node.
    pub tools: Toolbox,
    /// Who has which part of the evidence.
    pub evidence: Evidence,
    /// Whether validators ask their own model for an opinion.
    pub validation: Validation,
    /// What the nemesis will do.
    pub schedule: Schedule,
    /// What clients do.
    pub workload: Workload,
    /// When the nemesis stops and a core is healed; `None`: never.
    pub safety: Option<Duration>,
    /// How many members the healed core has at least; usually as many as the protocol needs.
    pub core: usize,
    /// What async agents share, and how their run ends.
    pub shelf: Option<Shelf<P>>,
}

/// A store beside async agents, each replica a node of its own; and the end of a run of agents that come to an end.
pub struct Shelf<P: Protocol> {
    /// How many replicas, which number after the agents; none if agents only talk.
    pub replicas: u16,
    /// What the store promises, as its clients are told.
    pub level: Level,
    /// Makes a replica.
    pub factory: Factory<P>,
    /// How long everything has to arrive once faults are over and every agent's function has returned.
    pub settling: Duration,
}

/// The program of a team.
pub enum Team<P: Protocol> {
    /// A pure protocol; a restart calls the factory again.
    Pure(Factory<P>),
    /// A user's async function; a restart calls it again.
    Async(Program),
}

/// Makes a member of a team, at the start and at every restart.
pub type Factory<P> = Arc<dyn Fn(NodeId, &Members) -> P + Send + Sync>;

/// How a member checks what another one proposed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Validation {
    /// Schema and local facts.
    #[default]
    Local,
    /// Schema, local facts, then its own model's opinion.
    WithOpinion,
}

/// What the clients of a world do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workload {
    /// How many decisions each of the other clients wants, one after the other.
    pub decisions: u64,
    /// How long a client waits for an answer before it tries another member.
    pub patience: Duration,
    /// The longest pause between two operations.
    pub think: Duration,
    /// No client begins its last operation before this instant, so that the liveness phase has one of its own.
    pub last_after: Time,
    /// What is wanted besides decisions.
    pub visits: Visits,
    /// What is wanted of a shared store.
    pub sessions: Option<Sessions>,
}

/// What clients want of a team that keeps a log, besides decisions. None of it unless asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Visits {
    /// How many clients read the log.
    pub readers: u16,
    /// How many reads each wants, one after the other.
    pub reads: u64,
    /// How many clients change who votes and who leads.
    pub administrators: u16,
    /// How many changes each wants, one after the other, as long as faults act.
    pub changes: u64,
}
