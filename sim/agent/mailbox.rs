//! A channel held by an async agent: letters in order, over links that lose them and crashes that forget. Knows no
//! order; the channel does.

use super::{Agent, Command, DISK_PAUSE, Error, Received, Result, canonical};
use crate::fact::Fact;
use crate::id::{Members, OpId};
use crate::protocol::channel::{Audience, Channel, Delivery, Kept, Letter, LetterId, Post, Posted, Refusal, Taken};
use crate::protocol::{Effect, Effects, Event, Fold};
use crate::time::{Duration, Time};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::pin;
use std::task::Poll;

/// How finely a timer's span is drawn from its range.
const GRAIN: u64 = 1 << 10;

/// What a mailbox keeps on the agent's disk, in one piece.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Saved<D> {
    channel: D,
    transcript: Vec<Kept>,
}

/// An agent's end of a channel. It works while the agent waits for it: in [`next`](Mailbox::next),
/// [`post`](Mailbox::post) and, beside something else, in [`during`](Mailbox::during).
///
/// It keeps its state with [`Agent::save`], so the agent keeps nothing else there: what it did follows from
/// [`transcript`](Mailbox::transcript), which has each letter once, in order, however often the agent crashes.
///
/// ```
/// use synod::agent::Mailbox;
/// use synod::protocol::channel::{Audience, Line};
/// use synod::{Agent, Result};
///
/// async fn teller(agent: Agent) -> Result<()> {
///     let mut mailbox = Mailbox::open(&agent, Line::causal).await?;
///     mailbox.post(Audience::All, &"the build is red").await?;
///     let heard: String = mailbox.next().await?.read()?;
///     agent.decide(heard).await
/// }
/// ```
pub struct Mailbox<C: Channel> {
    agent: Agent,
    channel: C,
    disk: C::Durable,
    transcript: Vec<Kept>,
    timers: BTreeMap<C::Timer, Time>,
    /// Handed over and not yet read by the agent.
    inbox: VecDeque<Delivery>,
    /// The position that the agent has read up to.
    read: u64,
    posted: Option<Posted>,
}

/// A letter that an agent reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// Its place among all that the agent ever got, from 1.
    pub position: u64,
    /// The letter.
    pub letter: Letter,
}

impl Read {
    /// What it says.
    ///
    /// # Errors
    /// If it is not of this type.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        let Letter { id, body, .. } = &self.letter;
        serde_json::from_slice(body.bytes()).map_err(|error| Error::Other(format!("{id} says something else: {error}")))
    }
}

impl<C> Mailbox<C>
where
    C: Channel,
    C::Message: Serialize + Send + Sync,
    C::Durable: Serialize + DeserializeOwned,
{
    /// Opens an agent's end, with what its disk has of it, as soon as that can be read.
    ///
    /// # Errors
    /// If its state has no JSON form, or the channel gives up.
    pub async fn open(agent: &Agent, make: impl FnOnce(crate::id::NodeId, &Members) -> C) -> Result<Mailbox<C>> {
        let saved: Option<Saved<C::Durable>> = agent.recover().await;
        let (disk, transcript) = saved.map(|saved| (saved.channel, saved.transcript)).unwrap_or_default();
        let again = (disk != C::Durable::default()).then(|| disk.clone());
        let channel = make(agent.id(), &agent.members());
        let (timers, inbox) = (BTreeMap::new(), VecDeque::new());
        let mut mailbox =
            Mailbox { agent: agent.clone(), channel, disk, transcript, timers, inbox, read: 0, posted: None };
        // A crash may have come between a write and its report.
        for kept in &mailbox.transcript {
            mailbox.report(kept);
        }
        mailbox.drive(Event::Start(again)).await?;
        Ok(mailbox)
    }

    /// Everything that was sent and delivered here, in the order in which it became durable. A restarted agent finds
    /// in it what it had read.
    #[must_use]
    pub fn transcript(&self) -> &[Kept] {
        &self.transcript
    }

    /// Posts a letter once the channel takes it: while it is full, this waits.
    ///
    /// # Errors
    /// If the body has no JSON form, or the channel will never take it.
    pub async fn post<T: Serialize>(&mut self, to: Audience, body: &T) -> Result<LetterId> {
        loop {
            match self.try_post(to, body).await? {
                Posted::Accepted(id) => return Ok(id),
                Posted::Refused(Refusal::Full { .. }) => self.work_until_something_happens().await?,
                Posted::Refused(refusal) => return Err(Error::Other(refusal.to_string())),
            }
        }
    }

    /// Posts a letter if the channel takes it now.
    ///
    /// # Errors
    /// If the body has no JSON form.
    pub async fn try_post<T: Serialize>(&mut self, to: Audience, body: &T) -> Result<Posted> {
        let request = Post { to, body: canonical(body)? };
        self.drive(Event::Invoke { op: OpId(0), request }).await?;
        Ok(self.posted.take().expect("a channel answers within the step"))
    }

    /// The next letter. The one before it counts as taken in, so the channel may bring more.
    ///
    /// # Errors
    /// If the channel gives up.
    pub async fn next(&mut self) -> Result<Read> {
        if self.read > 0 {
            self.drive(Event::Answer { ticket: self.read, answer: Taken }).await?;
        }
        loop {
            if let Some(Delivery { position, letter }) = self.inbox.pop_front() {
                self.read = position;
                self.agent.note(Fact::Heeded { from: letter.id.from, number: letter.id.number });
                return Ok(Read { position, letter });
            }
            self.work_until_something_happens().await?;
        }
    }

    /// Does the channel's work while something else goes on, such as a call of a model.
    ///
    /// # Errors
    /// If the channel gives up.
    pub async fn during<F: Future>(&mut self, other: F) -> Result<F::Output> {
        let mut other = pin!(other);
        loop {
            let came = {
                let mut work = pin!(self.wait());
                std::future::poll_fn(|context| {
                    if let Poll::Ready(output) = other.as_mut().poll(context) {
                        return Poll::Ready(Err(output));
                    }
                    work.as_mut().poll(context).map(Ok)
                })
                .await
            };
            match came {
                Err(output) => return Ok(output),
                Ok(came) => self.handle(came).await?,
            }
        }
    }

    async fn work_until_something_happens(&mut self) -> Result<()> {
        let came = self.wait().await;
        self.handle(came).await
    }

    /// The next message, or none before the next timer is due.
    async fn wait(&self) -> Option<Received<C::Message>> {
        let received = self.agent.recv::<C::Message>();
        match self.timers.values().min() {
            None => Some(received.await),
            Some(due) => self.agent.timeout(due.since(self.agent.now()), received).await,
        }
    }

    async fn handle(&mut self, came: Option<Received<C::Message>>) -> Result<()> {
        if let Some(Received { from, message }) = came {
            return self.drive(Event::Deliver { from, message }).await;
        }
        let now = self.agent.now();
        let due = |mailbox: &Self| mailbox.timers.iter().find(|(_, due)| **due <= now).map(|(timer, _)| timer.clone());
        // The wait for the earliest timer is over, whatever the clock says: one that drifts may still show a moment
        // before, and to wait for that moment takes no time at all.
        let earliest = self.timers.iter().min_by_key(|(_, due)| **due).map(|(timer, _)| timer.clone());
        let mut next = due(self).or(earliest);
        while let Some(timer) = next {
            self.timers.remove(&timer);
            self.drive(Event::Fire(timer)).await?;
            next = due(self);
        }
        Ok(())
    }

    /// One event for the channel, and what it then wants done, in order.
    async fn drive(&mut self, event: Event<C>) -> Result<()> {
        let mut wanted = Effects::default();
        self.channel.step(self.agent.now(), event, &mut wanted);
        let wanted: Vec<Effect<C>> = wanted.drain().collect();
        for effect in wanted {
            self.carry_out(effect).await?;
        }
        Ok(())
    }

    async fn carry_out(&mut self, effect: Effect<C>) -> Result<()> {
        match effect {
            // A cut link: the channel sends again.
            Effect::Send { to, message } => _ = self.agent.send(to, &message).await,
            Effect::Arm { timer, within } => {
                let spread = within.end().0 - within.start().0;
                let span = within.start().0 + spread / GRAIN * self.agent.draw(GRAIN);
                self.timers.insert(timer, self.agent.now() + Duration(span));
            }
            Effect::Disarm(timer) => _ = self.timers.remove(&timer),
            Effect::Persist(write) => self.persist(&write).await?,
            Effect::Return { response, .. } => {
                if let Posted::Accepted(id) = response {
                    let is_it = |kept: &&Kept| matches!(kept, Kept::Sent(letter) if letter.id == id);
                    self.transcript.iter().rev().find(is_it).into_iter().for_each(|kept| self.report(kept));
                }
                self.posted = Some(response);
            }
            Effect::Ask { ask, .. } => {
                self.report(&Kept::Delivered(ask.clone()));
                self.inbox.push_back(ask);
            }
            Effect::Note(fact) => self.agent.port.submit(Command::Note(fact)),
            Effect::Halt => return Err(Error::Other("the channel's disk failed".to_owned())),
            Effect::Cancel(_) | Effect::Decide { .. } => {}
        }
        Ok(())
    }

    /// Nothing that follows a write happens before it is durable.
    async fn persist(&mut self, write: &C::Write) -> Result<()> {
        self.disk.fold(write);
        self.transcript.extend(C::kept(write));
        let saved = Saved { channel: self.disk.clone(), transcript: self.transcript.clone() };
        loop {
            match self.agent.save(&saved).await {
                Err(Error::DiskFull) => self.agent.sleep(DISK_PAUSE).await,
                ended => return ended,
            }
        }
    }

    fn report(&self, kept: &Kept) {
        let fact = match kept {
            Kept::Sent(Letter { id, to, .. }) => Fact::Sent { number: id.number, to: to.among(&self.agent.members()) },
            Kept::Delivered(Delivery { position, letter: Letter { id, .. } }) => {
                Fact::Delivered { from: id.from, number: id.number, position: *position }
            }
        };
        self.agent.port.submit(Command::Note(fact));
    }
}
