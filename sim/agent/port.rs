//! An agent's view of the world: what it can want, what can become of it, and the seam to whoever fulfils it.

use super::Agent;
use super::parcel::Parcel;
use super::record::{Began, Ended};
use crate::fact::{Fact, Slot, Value};
use crate::id::{Members, NodeId};
use crate::model::{Chunk, Manner, ProviderError, Reply, Request, Response, Stamp, Tool};
use crate::protocol::DiskError;
use crate::protocol::store;
use crate::protocol::team::Outcome;
use crate::time::{Duration, Time};
use crate::tool::{CallError, Invocation};
use std::future::Future;
use std::pin::Pin;
use std::task::Waker;

/// An agent's program once it runs.
pub type Work = Pin<Box<dyn Future<Output = super::Result<()>> + Send>>;

/// Names one thing an agent waits for; unique within its process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// What an agent wants done.
pub enum Command {
    /// Send a message.
    Send {
        /// To whom.
        to: NodeId,
        /// What.
        parcel: Parcel,
    },
    /// Wake up after so long.
    Sleep {
        /// The ticket to complete.
        ticket: Ticket,
        /// How long.
        span: Duration,
    },
    /// Ask the agent's model.
    Ask {
        /// The ticket to complete.
        ticket: Ticket,
        /// What to ask.
        request: Box<Request>,
        /// How long the caller waits.
        within: Duration,
        /// Whether it wants the whole or the pieces.
        manner: Manner,
    },
    /// Call a tool.
    Call {
        /// The ticket to complete.
        ticket: Ticket,
        /// Which tool, with what, and how long the caller waits.
        invocation: Box<Invocation>,
    },
    /// Ask a replica of the team's store.
    Consult(Box<Consult>),
    /// Make the agent's state durable.
    Save {
        /// The ticket to complete.
        ticket: Ticket,
        /// The state.
        state: Value,
    },
    /// A valid reply of the model was parsed: this value may be decided.
    Offer {
        /// The slot it is about.
        slot: Slot,
        /// The value.
        value: Value,
    },
    /// Report a fact.
    Note(Fact),
    /// Start a sub-agent.
    Delegate {
        /// The ticket to complete when it is done or lost.
        ticket: Ticket,
        /// What it is for.
        role: String,
        /// Its program.
        start: Box<dyn FnOnce(Agent) -> Work + Send>,
        /// How long the parent waits.
        within: Duration,
    },
    /// An operation on a store of the agents' own begins.
    Began(Box<Began>),
    /// An operation on a store of the agents' own came to an end.
    Ended(Box<Ended>),
    /// Nobody waits for this ticket any more.
    Forget(Ticket),
}

/// A call of the team's store.
pub struct Consult {
    /// The ticket to complete.
    pub ticket: Ticket,
    /// Which of the agent's operations it is, in this life; asked again, the same.
    pub number: u64,
    /// Who is asked.
    pub replica: NodeId,
    /// For what. The session is whoever asks.
    pub request: store::Request,
}

/// What the team shares: a store, as its agents know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// What it promises.
    pub level: store::Level,
    /// Who keeps it.
    pub replicas: Members,
}

/// What became of something wanted.
#[derive(Clone, Debug)]
pub enum Completion {
    /// The span is over.
    Elapsed,
    /// The model answered, or the way to it failed.
    Replied(Result<Reply, ModelFailure>),
    /// The last event of a stream came.
    Streamed,
    /// A provider's response came, or the connection failed before there was a status.
    Posted(Result<Response, ProviderError>),
    /// The tool answered, or nothing came of the call in time.
    Called(Result<Value, CallError>),
    /// A replica answered.
    Consulted(Box<Outcome>),
    /// The write ended.
    Saved(Result<(), DiskError>),
    /// The sub-agent ended.
    Delegated(Delegated),
}

/// What the sender of a message is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The link took it. It may still be lost.
    Accepted,
    /// The link is cut.
    Refused,
}

/// Why a model gave no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelFailure {
    /// Nothing came in time.
    Timeout,
    /// The provider answered with an error.
    Provider(ProviderError),
}

/// What became of a sub-agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delegated {
    /// It ended well.
    Done,
    /// It ended with an error.
    Failed(String),
    /// It is still running, but its parent waited long enough.
    TimedOut,
    /// It crashed.
    Lost,
}

/// What fulfils an agent's wishes: the simulator, or something real.
pub trait Port: Send + Sync {
    /// Who the agent is.
    fn me(&self) -> NodeId;

    /// The team.
    fn members(&self) -> Members;

    /// The agent's own clock, skewed as it may be.
    fn now(&self) -> Time;

    /// The request about the team's task, with the evidence this agent has.
    fn task(&self) -> Request;

    /// The evidence this agent has.
    fn evidence(&self) -> String;

    /// The tools of the team.
    fn tools(&self) -> Vec<Tool>;

    /// What the team shares, if it shares anything.
    fn store(&self) -> Option<Store>;

    /// A new ticket.
    fn ticket(&self) -> Ticket;

    /// Sends a message and says whether the link took it.
    fn send(&self, to: NodeId, parcel: Parcel) -> Delivery;

    /// Wants something done.
    fn submit(&self, command: Command);

    /// Takes what became of a ticket, or has the waker called when something does.
    fn completed(&self, ticket: Ticket, waker: &Waker) -> Option<Completion>;

    /// Takes the next chunk of a streamed reply, or has the waker called when one comes. After the last one the ticket
    /// completes.
    fn chunk(&self, ticket: Ticket, waker: &Waker) -> Option<Chunk>;

    /// Takes the oldest message that `wanted` accepts, or has the waker called when a message comes. `what` is what the
    /// agent waits for, for reports.
    fn receive(&self, wanted: &dyn Fn(&Parcel) -> bool, what: &'static str, waker: &Waker) -> Option<Letter>;

    /// What the provider stamped on the last response that came, in this life of the agent.
    fn stamp(&self) -> Stamp;

    /// What was last saved and survived.
    fn recall(&self) -> Option<Value>;

    /// Whether the disk can be read: after a restart it may be that it cannot, at first.
    fn disk_is_readable(&self) -> bool;

    /// The number of the agent's next operation on a store of its own, from 0, in this life.
    fn next_operation(&self) -> u64;

    /// A draw of the agent's own, for whatever it wants to choose at random.
    fn draw(&self, options: u64) -> u64;
}

/// A message as it arrives.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Who it says it is from.
    pub from: NodeId,
    /// The message.
    pub parcel: Parcel,
}
