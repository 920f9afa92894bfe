//! The usual turn as a whole: read a note, have a model make another one of it, write that. Knows no model.

use super::{Notes, Swapped};
use crate::agent::{Agent, Error, Result};
use crate::model::Request;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// How a turn writes what it came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revision {
    /// Whatever is there by now, as most agents do.
    Overwrite,
    /// By compare-and-set on the version that it read. If somebody was faster, the turn is done again.
    Swap,
    /// The same, and told of a newer version while its model thinks, it does not wait for the end: it begins again with
    /// what is there (notify and repair).
    Repair,
}

/// What a turn has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The note; nothing if there is none.
    pub note: Option<T>,
    /// The agent's task with the note: what to ask a model.
    pub request: Request,
}

/// Turns that are overtaken before one gives up. Of a team's members one always gets through, so this is beyond what a
/// team of ten needs.
const OVERTAKEN: u32 = 24;

impl Notes {
    /// One turn about one note: reads it, makes another one of it, and writes that. Returns what stands there then.
    ///
    /// ```
    /// use synod::agent::{Notes, Page, Revision};
    /// use synod::{Agent, Result};
    ///
    /// async fn editor(agent: Agent) -> Result<()> {
    ///     let mut notes = Notes::open(&agent)?;
    ///     let improve = |page: Page<String>| {
    ///         let agent = agent.clone();
    ///         async move { agent.ask::<String>(page.request).await }
    ///     };
    ///     let draft = notes.revise("draft", Revision::Swap, improve).await?;
    ///     agent.decide(draft).await
    /// }
    /// ```
    ///
    /// # Errors
    /// What `make` failed with, what the store failed with, or that others were always faster.
    pub async fn revise<T, F, W>(&mut self, key: &str, revision: Revision, mut make: F) -> Result<T>
    where
        T: Serialize + DeserializeOwned,
        F: FnMut(Page<T>) -> W,
        W: Future<Output = Result<T>>,
    {
        let make = |page| {
            let made = make(page);
            async move { made.await.map(Some) }
        };
        self.consider(key, revision, make).await?.ok_or_else(|| Error::Other(format!("nothing was made of {key}")))
    }

    /// One turn about one note that may come to nothing: whoever makes nothing of what it read leaves it as it is.
    ///
    /// # Errors
    /// As [`revise`](Notes::revise).
    pub async fn consider<T, F, W>(&mut self, key: &str, revision: Revision, mut make: F) -> Result<Option<T>>
    where
        T: Serialize + DeserializeOwned,
        F: FnMut(Page<T>) -> W,
        W: Future<Output = Result<Option<T>>>,
    {
        for _ in 0..OVERTAKEN {
            self.begin_turn();
            let note: Option<T> = self.read(key).await?;
            let request = self.prompt(self.agent.task());
            let making = make(Page { note, request });
            let made = match revision {
                Revision::Overwrite | Revision::Swap => Some(making.await?),
                Revision::Repair => self.unless_changed::<T, _>(key, making).await.transpose()?,
            };
            let Some(made) = made else { continue };
            let Some(made) = made else { return Ok(None) };
            if revision == Revision::Overwrite {
                self.write(key, &made).await?;
                return Ok(Some(made));
            }
            if self.swap(key, &made).await? == Swapped::Done {
                return Ok(Some(made));
            }
        }
        Err(Error::Other(format!("{OVERTAKEN} turns about {key} were overtaken by others")))
    }

    /// What comes of this, unless the note changes first.
    async fn unless_changed<T: DeserializeOwned, W: Future>(&mut self, key: &str, making: W) -> Option<W::Output> {
        let (mut making, mut changed) = (pin!(making), pin!(self.changed::<T>(key)));
        poll_fn(|context| {
            if let Poll::Ready(made) = making.as_mut().poll(context) {
                return Poll::Ready(Some(made));
            }
            changed.as_mut().poll(context).map(|_| None)
        })
        .await
    }

    /// The agent whose session it is.
    #[must_use]
    pub fn agent(&self) -> &Agent {
        &self.agent
    }
}
