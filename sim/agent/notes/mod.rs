//! An agent's view of the team's store: notes that it reads go into its prompts, notes that it writes come from
//! replies. Knows no level of promise but by what a call may do that is not answered.
//!
//! A *turn* is a transaction that lasts as long as a model thinks: seconds to minutes. Whatever is called between
//! [`Notes::begin_turn`] and the next one is recorded as a part of it, so that checkers can tell what was read on the
//! ground of what, and what had changed meanwhile: lost updates, stale generations, phantom tools and causal cascades
//! (Khan 2026, arXiv 2606.17182; `check::consistency` has a checker for each). [`Notes::revise`] is the usual turn as a
//! whole.

mod call;
mod plain;
mod turn;

pub use turn::{Page, Revision};

use super::port::Store;
use super::record::Act;
use super::{Agent, Error, Result, canonical};
use crate::call::{Call, Looks};
use crate::fact::{Content, Key, Value, WriteId};
use crate::model::{Request, Speaker};
use crate::protocol::store::{self, Response, Token};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An agent's session with the team's store. One at a time calls; a restarted agent begins another session.
///
/// ```
/// use synod::agent::Notes;
/// use synod::{Agent, Result};
///
/// async fn planner(agent: Agent) -> Result<()> {
///     let mut notes = Notes::open(&agent)?;
///     notes.begin_turn();
///     let known: Option<String> = notes.read("plan").await?;
///     let plan: String = agent.ask(notes.prompt(agent.task())).await?;
///     if known.is_none() {
///         notes.write("plan", &plan).await?;
///     }
///     agent.decide(plan).await
/// }
/// ```
pub struct Notes {
    agent: Agent,
    store: Store,
    /// The replica that it goes to as long as it is content.
    home: usize,
    token: Token,
    /// What it last saw under each key: the version, or that there is none.
    known: BTreeMap<Key, Known>,
    turns: u32,
    /// What it has read in this turn, in order.
    sheets: Vec<Sheet>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    write: Option<WriteId>,
    value: Option<Value>,
}

/// A note or a thread as a prompt shows it.
struct Sheet {
    key: Key,
    text: String,
}

/// What a session has seen and done, to be handed to another agent by whatever way: whoever
/// [follows](Notes::follow) it finds all of that in a store that promises causal order. Stores that promise less
/// pass it over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass(Token);

/// What came of a compare-and-set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swapped {
    /// The note stands.
    Done,
    /// Somebody was faster: nothing was changed.
    Differs,
}

impl Notes {
    /// Opens an agent's session.
    ///
    /// # Errors
    /// If the team has no store.
    pub fn open(agent: &Agent) -> Result<Notes> {
        let store = agent.port.store().filter(|store| !store.replicas.is_empty());
        let store = store.ok_or("the team has no store: give it one with sim.store(Level::Causal)")?;
        let home = agent.id().index() % store.replicas.len();
        let (token, known, sheets) = (Token::default(), BTreeMap::new(), Vec::new());
        Ok(Notes { agent: agent.clone(), store, home, token, known, turns: 0, sheets })
    }

    /// Begins a turn. What was read before goes into no prompt of it.
    pub fn begin_turn(&mut self) {
        self.turns += 1;
        self.sheets.clear();
    }

    /// The request with everything that this turn has read.
    #[must_use]
    pub fn prompt(&self, request: impl Into<Request>) -> Request {
        let show = |request: Request, sheet: &Sheet| {
            request.say(Speaker::User, format!("The shared note {}:\n{}", sheet.key, sheet.text))
        };
        self.sheets.iter().fold(request.into(), show)
    }

    /// Reads a note; nothing if there is none.
    ///
    /// # Errors
    /// If no replica answers in time, or the note is of another type.
    pub async fn read<T: DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>> {
        let found = self.look(key, store::Act::Read).await?;
        self.note_in(key, &found)
    }

    /// Waits until a note is another one than this session last read, and reads it.
    ///
    /// # Errors
    /// If the note is of another type. It waits for as long as it takes.
    pub async fn changed<T: DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>> {
        let seen = self.known.get(&Key::from(key)).and_then(|known| known.write.filter(|_| known.value.is_some()));
        loop {
            match self.look(key, store::Act::Watch { seen }).await {
                // Whoever watches is told of nothing for long; it asks another replica meanwhile.
                Err(Error::Unanswered) => {}
                found => return self.note_in(key, &found?),
            }
        }
    }

    /// Reads a thread, oldest entry first.
    ///
    /// # Errors
    /// If no replica answers in time, or an entry is of another type.
    pub async fn thread<T: DeserializeOwned>(&mut self, key: &str) -> Result<Vec<T>> {
        match self.look(key, store::Act::Read).await? {
            Content::Thread(entries) => entries.iter().map(|entry| parsed(key, &entry.value)).collect(),
            Content::Note { .. } | Content::Listed(_) => Ok(Vec::new()),
        }
    }

    /// Puts a note in place of whatever is there.
    ///
    /// # Errors
    /// If it has no JSON form, or nobody answers: then it may be there, or come to be, or not.
    pub async fn write<T: Serialize>(&mut self, key: &str, note: &T) -> Result<()> {
        let value = canonical(note)?;
        let act = Act { call: Call::Write, value: Some(value.clone()), ..Act::read(key) };
        self.change(act, store::Act::Write { value }).await.map(|_| ())
    }

    /// Takes a note away.
    ///
    /// # Errors
    /// As [`write`](Notes::write).
    pub async fn remove(&mut self, key: &str) -> Result<()> {
        let act = Act { call: Call::Remove, ..Act::read(key) };
        self.change(act, store::Act::Remove).await.map(|_| ())
    }

    /// Puts an entry at the end of a thread.
    ///
    /// # Errors
    /// As [`write`](Notes::write).
    pub async fn append<T: Serialize>(&mut self, key: &str, entry: &T) -> Result<()> {
        let value = canonical(entry)?;
        let act = Act { call: Call::Append, value: Some(value.clone()), ..Act::read(key) };
        self.change(act, store::Act::Append { value }).await.map(|_| ())
    }

    /// Puts a note in place of the one that this session last read there. How much that is worth is the store's
    /// promise: only a strong one compares with what all replicas have.
    ///
    /// # Errors
    /// As [`write`](Notes::write), and if the session has read nothing there since it last wrote.
    pub async fn swap<T: Serialize>(&mut self, key: &str, note: &T) -> Result<Swapped> {
        let value = canonical(note)?;
        let known = self.known.get(&Key::from(key)).cloned();
        let Known { write, value: expected } = known
            .ok_or_else(|| format!("read {key} before you compare and set it: there is nothing to compare with"))?;
        let expected_write = write.filter(|_| expected.is_some());
        let act = Act { call: Call::Cas, value: Some(value.clone()), expected, expected_write, ..Act::read(key) };
        let expected = expected_write;
        match self.change(act, store::Act::Swap { expected, value }).await? {
            Response::Differs => Ok(Swapped::Differs),
            Response::Done { .. } | Response::Found { .. } => Ok(Swapped::Done),
        }
    }

    /// What this session has seen and done, for another agent.
    #[must_use]
    pub fn pass(&self) -> Pass {
        Pass(self.token.clone())
    }

    /// Sees from now on no less than whoever handed this over had seen and done, if the store promises causal order.
    pub fn follow(&mut self, pass: &Pass) {
        self.token.0.join(&pass.0.0);
    }

    async fn look(&mut self, key: &str, act: store::Act) -> Result<Content> {
        let looks = if matches!(act, store::Act::Watch { .. }) { Looks::OnceChanged } else { Looks::AtOnce };
        match self.call(Act { looks, ..Act::read(key) }, act).await? {
            Response::Found { content, token } => {
                self.token.0.join(&token.0);
                self.learn(key, &content);
                Ok(content)
            }
            Response::Done { .. } | Response::Differs => Err("the store answers a read with something else".into()),
        }
    }

    async fn change(&mut self, act: Act, wanted: store::Act) -> Result<Response> {
        // Which version its own write makes, nobody tells.
        let before = self.known.remove(&act.key);
        let (key, response) = (act.key.clone(), self.call(act, wanted).await?);
        match (&response, before) {
            (Response::Done { token }, _) => self.token.0.join(&token.0),
            (Response::Differs, Some(before)) => _ = self.known.insert(key, before),
            _ => {}
        }
        Ok(response)
    }

    fn learn(&mut self, key: &str, content: &Content) {
        let key = Key::from(key);
        if let Content::Note { value, write } = content {
            self.known.insert(key.clone(), Known { write: *write, value: value.clone() });
        }
        self.sheets.retain(|sheet| sheet.key != key);
        self.sheets.push(Sheet { text: plain::of_content(content), key });
    }

    fn note_in<T: DeserializeOwned>(&self, key: &str, content: &Content) -> Result<Option<T>> {
        match content {
            Content::Note { value, .. } => value.as_ref().map(|value| parsed(key, value)).transpose(),
            Content::Thread(_) | Content::Listed(_) => Err(format!("{key} is a thread: read it with thread").into()),
        }
    }
}

fn parsed<T: DeserializeOwned>(key: &str, value: &Value) -> Result<T> {
    serde_json::from_slice(value.bytes()).map_err(|error| Error::Other(format!("{key} says something else: {error}")))
}
