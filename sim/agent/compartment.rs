//! A bulkhead that the tasks of one process share, with those who wait for a seat. Knows no call.

use super::{Agent, Error, Result};
use crate::policy::{Bulkhead, Entry, Place};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// A compartment of an agent: of the work done in it, so much is under way at once. Clones mean the same one; like all
/// that is [`Shared`](super::Shared), it is made inside of the agent's function.
///
/// ```
/// use synod::agent::Compartment;
/// use synod::policy::Bulkhead;
/// use synod::{Agent, Result, model::ToolCall};
/// async fn searcher(agent: Agent, query: ToolCall) -> Result<String> {
///     let searches = Compartment::new(Bulkhead::new(2, 8));
///     agent.seated(&searches, agent.call(&query)).await
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Compartment(Arc<Mutex<Inside>>);

#[derive(Debug)]
struct Inside {
    bulkhead: Bulkhead,
    /// Who waited, and has a seat that it does not know of yet.
    seated: BTreeSet<Place>,
    wakers: BTreeMap<Place, Waker>,
}

impl Compartment {
    /// A compartment behind this bulkhead.
    #[must_use]
    pub fn new(bulkhead: Bulkhead) -> Compartment {
        Compartment(Arc::new(Mutex::new(Inside { bulkhead, seated: BTreeSet::new(), wakers: BTreeMap::new() })))
    }

    fn with<R>(&self, look: impl FnOnce(&mut Inside) -> R) -> R {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A seat, if need be after a wait.
    async fn seat(&self) -> Result<Seat> {
        match self.with(|inside| inside.bulkhead.enter()) {
            Entry::In => {}
            Entry::Full => return Err(Error::Full),
            Entry::Waits(place) => Queued { compartment: self.clone(), place, standing: Standing::Waits }.await,
        }
        Ok(Seat(self.clone()))
    }

    fn leave(&self) {
        let waker = self.with(|inside| {
            let next = inside.bulkhead.leave()?;
            inside.seated.insert(next);
            inside.wakers.remove(&next)
        });
        waker.into_iter().for_each(Waker::wake);
    }
}

/// Gives its seat back however the work in it ends, dropped work too.
struct Seat(Compartment);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// Somebody who waits for a seat.
struct Queued {
    compartment: Compartment,
    place: Place,
    standing: Standing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Waits,
    Seated,
}

impl Future for Queued {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let place = self.place;
        let seated = self.compartment.with(|inside| {
            let seated = inside.seated.remove(&place);
            if !seated {
                inside.wakers.insert(place, context.waker().clone());
            }
            seated
        });
        if !seated {
            return Poll::Pending;
        }
        self.standing = Standing::Seated;
        Poll::Ready(())
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        if self.standing == Standing::Seated {
            return;
        }
        let place = self.place;
        let gone = self.compartment.with(|inside| {
            inside.wakers.remove(&place);
            inside.seated.remove(&place);
            inside.bulkhead.abandon(place)
        });
        if !gone {
            self.compartment.leave();
        }
    }
}

impl Agent {
    /// Does something in a compartment: once there is a seat in it, which is given back when it ends or is dropped.
    ///
    /// # Errors
    /// [`Error::Full`] if nobody more may wait, or the work's own error.
    pub async fn seated<T, W>(&self, compartment: &Compartment, work: W) -> Result<T>
    where
        W: Future<Output = Result<T>>,
    {
        let _seat = compartment.seat().await?;
        work.await
    }
}
