//! A client of real models: Synod's shapes over a way to the provider that the user brings. Knows no socket and no TLS.
//!
//! Inside a simulated run it refuses, with an error that names the agent: a run reaches no real model. So the code that
//! asks a real model in production can be linked into tests without fear, and what it asked there can be kept in a
//! [`Cassette`](crate::model::Cassette) for runs to replay.

use crate::model::{Delivery, Header, Provider, ProviderError, Reply, Request, Response};
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
