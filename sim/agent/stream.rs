//! A reply that is read while it is written. Knows its port, not who writes.

use super::port::{Command, Completion, Port};
use super::wait::Waiting;
use super::{Error, Result, canonical};
use crate::fact::Slot;
use crate::model::{Assembly, Chunk, Reply, TypedReply, parse_reply};
use crate::time::Time;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A streamed reply. Dropped before its end, it tells the world that nobody reads on.
pub struct ReplyStream {
    port: Arc<dyn Port>,
    waiting: Waiting,
    slot: Slot,
    state: State,
}

/// Whether more may come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Over,
}

/// A chunk with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When it was read, by the agent's own clock.
    pub at: Time,
    /// What came.
    pub chunk: Chunk,
}

impl ReplyStream {
    pub(super) fn new(port: Arc<dyn Port>, waiting: Waiting, slot: Slot) -> ReplyStream {
        ReplyStream { port, waiting, slot, state: State::Open }
    }

    /// The next chunk; `None` after the last event, which is a chunk too, or after an error.
    ///
    /// An item is an error if the stream could not begin, broke off, or was not complete in time: what came before may
    /// be any part of the reply.
    pub async fn next(&mut self) -> Option<Result<Arrival>> {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }

    /// The whole reply.
    ///
    /// # Errors
    /// If the stream could not begin, broke off, or was not complete in time.
    pub async fn whole(mut self) -> Result<Reply> {
        let mut assembly = Assembly::default();
        while let Some(arrival) = self.next().await {
            assembly.take(arrival?.chunk);
        }
        // A stream ends without an error only after its last event.
        assembly.finish().ok_or(Error::ModelTimeout)
    }

    /// The whole reply as a value of this type, validated against the type's JSON Schema.
    ///
    /// # Errors
    /// As [`whole`](ReplyStream::whole), or if the model refused or the reply does not fit the type.
    pub async fn typed<R: TypedReply>(self) -> Result<R> {
        let (port, slot) = (self.port.clone(), self.slot);
        let reply = parse_reply::<R>(&self.whole().await?)?;
        port.submit(Command::Offer { slot, value: canonical(&reply)? });
        Ok(reply)
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Arrival>>> {
        if self.state == State::Over {
            return Poll::Ready(None);
        }
        if let Some(chunk) = self.port.chunk(self.waiting.ticket(), context.waker()) {
            return Poll::Ready(Some(Ok(Arrival { at: self.port.now(), chunk })));
        }
        Pin::new(&mut self.waiting).poll(context).map(|completion| {
            self.state = State::Over;
            match completion {
                Completion::Replied(Err(failure)) => Some(Err(failure.into())),
                _ => None,
            }
        })
    }
}
