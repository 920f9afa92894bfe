//! Agents: participants that talk to a model, written as plain async functions.
//!
//! An [`Agent`] is a handle. It knows its [`Port`] and nothing of the simulator behind it; all it does is want things
//! and wait for what becomes of them. Handles and futures are `Send`; standard wakers work.

mod ask;
mod canonical;
mod compartment;
mod error;
mod mailbox;
mod notes;
mod parcel;
mod peer;
mod port;
mod post;
mod record;
mod saga;
mod shared;
mod stream;
mod tools;
mod wait;
mod work;

pub use ask::Ask;
pub use canonical::{Measured, measure};
pub use compartment::Compartment;
pub use error::{Error, Result};
pub use mailbox::{Mailbox, Read};
pub use notes::{Notes, Page, Pass, Revision, Swapped};
pub use parcel::Parcel;
pub use port::{Command, Completion, Consult, Delegated, Delivery, Letter, ModelFailure, Port, Store, Ticket, Work};
pub use record::{Act, Began, Called, Ended};
pub use shared::Shared;
pub use stream::{Arrival, ReplyStream};
pub use tools::Rounds;

use crate::fact::{Fact, Slot, Value};
use crate::id::{Members, NodeId};
use crate::model::{Manner, Request, TypedReply};
use crate::time::{Duration, Time, seconds};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::sync::Arc;
use wait::{Waiting, race};

/// How long an agent waits for its model unless told otherwise: beyond the p99.9 of 58 s measured over 73,963 replies
/// (data of arXiv 2603.12229).
const PATIENCE: Duration = seconds(60);

/// Before a disk that is full or cannot be read is tried again.
const DISK_PAUSE: Duration = seconds(1);

/// How many answers are enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enough(pub usize);

/// A majority of so many members.
#[must_use]
pub const fn quorum(members: usize) -> Enough {
    Enough(members / 2 + 1)
}

/// All of so many members.
#[must_use]
pub const fn all(members: usize) -> Enough {
    Enough(members)
}

/// The most frequent of these values, the earliest among equals.
///
/// # Panics
/// If there is none.
///
/// ```
/// assert_eq!(synod::majority(&["a", "b", "b"]), "b");
/// ```
#[must_use]
pub fn majority<T: PartialEq + Clone>(values: &[T]) -> T {
    let count = |value: &T| values.iter().filter(|other| *other == value).count();
    let first = values.first().expect("a majority of nothing");
    values.iter().fold(first, |best, value| if count(value) > count(best) { value } else { best }).clone()
}

/// The value that enough of these agree on, if there is one.
///
/// ```
/// use synod::{agreed, quorum};
/// assert_eq!(agreed(&["a", "b", "b"], quorum(3)), Some("b"));
/// assert_eq!(agreed(&["a", "b"], quorum(3)), None);
/// ```
#[must_use]
pub fn agreed<T: PartialEq + Clone>(values: &[T], enough: Enough) -> Option<T> {
    let winner = values.iter().find(|value| values.iter().filter(|other| other == value).count() >= enough.0);
    winner.cloned()
}

/// A participant's handle to its world.
#[derive(Clone)]
pub struct Agent {
    port: Arc<dyn Port>,
}

/// A message with its sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received<T> {
    /// Who it says it is from.
    pub from: NodeId,
    /// The message.
    pub message: T,
}

impl Agent {
    /// The handle over a port.
    #[must_use]
    pub fn new(port: Arc<dyn Port>) -> Agent {
        Agent { port }
    }

    /// Who this agent is.
    #[must_use]
    pub fn id(&self) -> NodeId {
        self.port.me()
    }

    /// The team, this agent included.
    #[must_use]
    pub fn members(&self) -> Members {
        self.port.members()
    }

    /// The agent's own clock, which may be skewed.
    #[must_use]
    pub fn now(&self) -> Time {
        self.port.now()
    }

    /// The request about the team's task, with the evidence that this agent has.
    #[must_use]
    pub fn task(&self) -> Request {
        self.port.task()
    }

    /// The evidence that this agent has. If it is spread over the team, the others have other parts.
    #[must_use]
    pub fn evidence(&self) -> String {
        self.port.evidence()
    }

    /// A number below `options`, from a stream of this agent's own.
    ///
    /// # Panics
    /// If `options` is zero.
    #[must_use]
    pub fn draw(&self, options: u64) -> u64 {
        self.port.draw(options)
    }

    /// Asks the model and waits for a reply of this type, validated against the type's JSON Schema. [Policies](Ask)
    /// against failure may be added before it is awaited.
    ///
    /// Awaited, it fails if nothing came in a minute, the provider failed, the model refused, or the reply does not fit
    /// the type.
    pub fn ask<R: TypedReply>(&self, request: impl Into<Request>) -> Ask<R> {
        Ask::new(self.clone(), request.into())
    }

    /// As [`ask`](Agent::ask), waiting no longer than this.
    ///
    /// # Errors
    /// As [`ask`](Agent::ask).
    pub async fn ask_within<R: TypedReply>(&self, request: impl Into<Request>, within: Duration) -> Result<R> {
        self.ask_once(request.into(), within, None).await
    }

    /// Asks the model and reads its reply as it comes, for a minute at most.
    ///
    /// ```
    /// use synod::{Agent, model::Chunk};
    /// async fn dictation(agent: Agent) -> synod::Result {
    ///     let mut stream = agent.stream(agent.task());
    ///     while let Some(arrival) = stream.next().await {
    ///         if let Chunk::Text(text) = arrival?.chunk {
    ///             agent.broadcast(&text).await?;
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn stream(&self, request: impl Into<Request>) -> ReplyStream {
        self.stream_within(request, PATIENCE)
    }

    /// As [`stream`](Agent::stream), waiting no longer than this for its last event.
    #[must_use]
    pub fn stream_within(&self, request: impl Into<Request>, within: Duration) -> ReplyStream {
        let request = Box::new(request.into());
        let slot = request.slot;
        let waiting = self.want(|ticket| Command::Ask { ticket, request, within, manner: Manner::Streamed });
        ReplyStream::new(self.port.clone(), waiting, slot)
    }

    /// Sends a message to one participant. It may be lost, late, doubled or reordered; all the sender can be told is
    /// that the link took it.
    ///
    /// # Errors
    /// If the link is cut.
    pub async fn send<T: Serialize + Clone + Send + Sync + 'static>(&self, to: NodeId, message: &T) -> Result<()> {
        match self.port.send(to, Parcel::new(message)) {
            Delivery::Accepted => Ok(()),
            Delivery::Refused => Err(Error::Unreachable(to)),
        }
    }

    /// Sends a message to every member, this agent included. Links that are cut are passed over.
    ///
    /// # Errors
    /// None in this version; the result lets `?` stand where a stricter world may refuse.
    pub async fn broadcast<T: Serialize + Clone + Send + Sync + 'static>(&self, message: &T) -> Result<()> {
        let parcel = Parcel::new(message);
        for member in self.members().iter() {
            // A refusal concerns one link; the others still carry the message.
            let _ = self.port.send(member, parcel.clone());
        }
        Ok(())
    }

    /// Waits for the next message of this type. Messages of other types wait for someone who asks for them.
    pub async fn recv<T: Clone + Send + 'static>(&self) -> Received<T> {
        let port = &self.port;
        std::future::poll_fn(|context| {
            let letter = port.receive(&Parcel::holds::<T>, std::any::type_name::<T>(), context.waker());
            let open = |letter: Letter| {
                let message = letter.parcel.open().expect("a parcel that holds this type");
                Received { from: letter.from, message }
            };
            letter.map_or(std::task::Poll::Pending, |letter| std::task::Poll::Ready(open(letter)))
        })
        .await
    }

    /// Waits for messages of this type from enough different senders, or until the span is over: whatever came by then.
    /// Of several from one sender the first counts.
    pub async fn gather<T: Clone + Send + 'static>(&self, enough: Enough, within: Duration) -> Vec<T> {
        let mut heard: Vec<Received<T>> = Vec::new();
        let mut deadline = self.timer(within);
        while heard.len() < enough.0 {
            match race(self.recv::<T>(), &mut deadline).await {
                Some(received) if heard.iter().any(|known| known.from == received.from) => {}
                Some(received) => heard.push(received),
                None => break,
            }
        }
        heard.into_iter().map(|received| received.message).collect()
    }

    /// Sleeps in virtual time, by the agent's own clock.
    pub async fn sleep(&self, span: Duration) {
        self.timer(span).await;
    }

    /// Waits for a future no longer than this. `None`: it did not end in time and was dropped.
    pub async fn timeout<F: Future>(&self, span: Duration, future: F) -> Option<F::Output> {
        race(future, &mut self.timer(span)).await
    }

    /// Makes the agent's state durable. When this returns, a crash cannot lose it.
    ///
    /// # Errors
    /// If the disk is full.
    pub async fn save<T: Serialize>(&self, state: &T) -> Result<()> {
        let state = canonical(state)?;
        match self.want(|ticket| Command::Save { ticket, state }).await {
            Completion::Saved(Ok(())) => Ok(()),
            _ => Err(Error::DiskFull),
        }
    }

    /// What was last saved and survived, if it is of this type: waits for as long as the disk cannot be read. Whoever
    /// takes an unreadable disk for an empty one, and saves, has lost what was on it.
    pub async fn recover<T: DeserializeOwned>(&self) -> Option<T> {
        while !self.port.disk_is_readable() {
            self.sleep(DISK_PAUSE).await;
        }
        self.recall()
    }

    /// What was last saved and survived, if it is of this type and the disk can be read now. Right after a restart it
    /// may be that it cannot: [`recover`](Agent::recover) waits for it.
    #[must_use]
    pub fn recall<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(self.port.recall()?.bytes()).ok()
    }

    /// Decides what the team's task is about.
    ///
    /// # Errors
    /// If the value has no JSON form.
    pub async fn decide<T: Serialize>(&self, value: T) -> Result<()> {
        let value = canonical(&value)?;
        self.port.submit(Command::Note(Fact::Decided { slot: self.task().slot, value }));
        Ok(())
    }

    /// Gives up deciding: costs liveness, never safety.
    ///
    /// # Errors
    /// None; the result lets it end an agent's function.
    pub async fn abstain(&self) -> Result<()> {
        self.port.submit(Command::Note(Fact::Abstained { slot: self.task().slot }));
        Ok(())
    }

    /// Starts a sub-agent and waits for it no longer than this. It is a node of its own, which faults reach.
    pub async fn delegate<F, W>(&self, role: &str, within: Duration, program: F) -> Delegated
    where
        F: FnOnce(Agent) -> W + Send + 'static,
        W: Future<Output = Result<()>> + Send + 'static,
    {
        let start = Box::new(move |agent: Agent| -> Work { Box::pin(program(agent)) });
        match self.want(|ticket| Command::Delegate { ticket, role: role.to_owned(), start, within }).await {
            Completion::Delegated(outcome) => outcome,
            _ => Delegated::Lost,
        }
    }

    /// Wants something done under a new ticket and waits for what becomes of it.
    fn want(&self, command: impl FnOnce(Ticket) -> Command) -> Waiting {
        let ticket = self.port.ticket();
        self.port.submit(command(ticket));
        Waiting::new(self.port.clone(), ticket)
    }

    fn timer(&self, span: Duration) -> Waiting {
        self.want(|ticket| Command::Sleep { ticket, span })
    }
}

/// The canonical form of a value: JSON with sorted keys and no spaces.
///
/// # Errors
/// If the value has no JSON form.
pub fn canonical<T: Serialize>(value: &T) -> Result<Value> {
    let json = serde_json::to_value(value).map_err(|error| Error::NoJson(error.to_string()))?;
    Ok(Value::from(json.to_string().as_str()))
}

/// A slot that agents decide when their scenario has one task.
pub const ONLY_SLOT: Slot = Slot(0);
