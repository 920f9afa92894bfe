//! A client of real models: Synod's shapes over a way to the provider that the user brings. Knows no socket and no TLS.
//!
//! Inside a simulated run it refuses, with an error that names the agent: a run reaches no real model. So the code that
//! asks a real model in production can be linked into tests without fear, and what it asked there is kept on a
//! [`Tape`] if it is [`Taped`], for runs to replay.

use crate::id::NodeId;
use crate::model::{Delivery, Header, Provider, ProviderError, Recorded, Reply, Request, Response, Tape, Turn};
use crate::time::Duration;
use crate::world::Inside;
use std::io;

/// A request on its way to a provider.
#[derive(Clone, PartialEq, Eq)]
pub struct Post {
    /// Where to.
    pub url: String,
    /// The headers, the caller's key among them.
    pub headers: Vec<Header>,
    /// The body, which is JSON.
    pub body: String,
}

/// A way to a provider: one HTTP request, one response.
pub trait Transport {
    /// Sends a POST and waits for all of the response.
    ///
    /// # Errors
    /// If no response came.
    fn post(&self, post: &Post) -> io::Result<Response>;
}

impl<F: Fn(&Post) -> io::Result<Response>> Transport for F {
    fn post(&self, post: &Post) -> io::Result<Response> {
        self(post)
    }
}

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// A simulated run is under way on this thread.
    #[error(
        "{0} called a live model inside a simulated run, which reaches nothing real: ask the run's model through the \
         agent's handle, or replay a cassette"
    )]
    InsideARun(Inside),
    /// No response came.
    #[error("no response came: {0}")]
    Unreachable(#[from] io::Error),
    /// The provider answered with an error.
    #[error("the provider failed: {0}")]
    Provider(ProviderError),
}

/// A client of one model.
///
/// ```
/// use synod::live::{Live, Post};
/// use synod::model::{Delivery, Provider, Reply, Request, Response, Speaker, Usage};
/// use synod::fact::Slot;
/// // In production this is a call of your HTTP client, which brings TLS, pools and proxies.
/// let wire = |post: &Post| -> std::io::Result<Response> {
///     assert_eq!(post.url, "https://api.anthropic.com/v1/messages");
///     let usage = Usage { input_tokens: 9, output_tokens: 2 };
///     let reply = Reply { usage, ..Reply::saying("Yes.") };
///     Ok(Provider::Anthropic.respond(&Ok(reply), Delivery::Whole).expect("a reply has a status"))
/// };
/// let live = Live::new(Provider::Anthropic, "https://api.anthropic.com", "a-model", "a key", wire);
/// let reply = live.ask(&Request::about(Slot(0)).say(Speaker::User, "Does it merge?")).unwrap();
/// assert_eq!(reply.text, "Yes.");
/// ```
pub struct Live<T> {
    provider: Provider,
    address: String,
    model: String,
    key: String,
    transport: T,
}

impl<T: Transport> Live<T> {
    /// A client of this model at this address (without the path), with this key.
    #[must_use]
    pub fn new(provider: Provider, address: &str, model: &str, key: &str, transport: T) -> Live<T> {
        let address = address.trim_end_matches('/').to_owned();
        Live { provider, address, model: model.to_owned(), key: key.to_owned(), transport }
    }

    /// Asks the model and waits for the whole reply. Retries nothing.
    ///
    /// # Errors
    /// If a simulated run is under way on this thread, no response came, or it is an error.
    pub fn ask(&self, request: &Request) -> Result<Reply, LiveError> {
        if let Some(inside) = Inside::now() {
            return Err(LiveError::InsideARun(inside));
        }
        let response = self.transport.post(&self.post(request))?;
        self.provider.read(&response).map_err(LiveError::Provider)
    }

    /// The same client for one caller, with everything it asks and hears kept on a tape.
    ///
    /// ```
    /// use synod::live::{Live, Post};
    /// use synod::model::{Delivery, Provider, Reply, Request, Response, Speaker, Tape, Turn};
    /// use synod::{fact::Slot, id::NodeId};
    /// let wire = |_: &Post| -> std::io::Result<Response> {
    ///     Ok(Provider::OpenAi.respond(&Ok(Reply::saying("Yes.")), Delivery::Whole).expect("a reply has a status"))
    /// };
    /// let live = Live::new(Provider::OpenAi, "https://api.example", "a-model", "a key", wire);
    /// let tape = Tape::default();
    /// let mut first = live.taped(&tape, NodeId::agent(0));
    /// let request = Request::about(Slot(0)).say(Speaker::User, "Does it merge?");
    /// first.ask(&request).unwrap();
    /// first.ask(&request).unwrap();
    /// // `tape.cassette().write("replies.jsonl")` keeps it; a run replays it with `sim.model(Cassette::read(…)?)`.
    /// let cassette = tape.cassette();
    /// assert_eq!(cassette.find(NodeId::agent(0), Turn(1), &request).unwrap().outcome.as_ref().unwrap().text, "Yes.");
    /// ```
    #[must_use]
    pub fn taped(&self, tape: &Tape, caller: NodeId) -> Taped<'_, T> {
        Taped { live: self, tape: tape.clone(), caller, turn: Turn(0) }
    }

    fn post(&self, request: &Request) -> Post {
        let key = match self.provider {
            Provider::Anthropic => vec![
                Header::new("x-api-key", &self.key),
                // The only version of this API that its documentation names as current.
                Header::new("anthropic-version", "2023-06-01"),
            ],
            Provider::OpenAi | Provider::Responses => {
                vec![Header::new("authorization", format!("Bearer {}", self.key))]
            }
        };
        let headers = std::iter::once(Header::new("content-type", "application/json")).chain(key).collect();
        let url = format!("{}{}", self.address, self.provider.path());
        Post { url, headers, body: self.provider.request_to(&self.model, request, Delivery::Whole) }
    }
}

/// A client of a real model that records for one caller: what it asks is its turn 0, 1, 2 and so on, as in a run.
pub struct Taped<'a, T> {
    live: &'a Live<T>,
    tape: Tape,
    caller: NodeId,
    turn: Turn,
}

impl<T: Transport> Taped<'_, T> {
    /// As [`Live::ask`]. A reply and a provider's error are recorded, with the time they took; a call that reached
    /// nobody is not, and its turn is the next call's.
    ///
    /// # Errors
    /// As [`Live::ask`].
    pub fn ask(&mut self, request: &Request) -> Result<Reply, LiveError> {
        #[expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "a real model takes real time")]
        let began = std::time::Instant::now();
        let asked = self.live.ask(request);
        let latency = Some(Duration::from(began.elapsed()));
        let outcome = match &asked {
            Ok(reply) => Ok(reply.clone()),
            Err(LiveError::Provider(error)) => Err(*error),
            Err(LiveError::InsideARun(_) | LiveError::Unreachable(_)) => return asked,
        };
        let (caller, turn) = (self.caller, self.turn);
        self.tape.keep(Recorded { caller, turn, request: request.clone(), outcome, first_token: latency, latency });
        self.turn = Turn(turn.0 + 1);
        asked
    }
}
