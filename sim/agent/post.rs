//! Talking to the model in a provider's own shapes: for agents whose client writes and reads HTTP bodies.

use super::port::{Command, Completion};
use super::{Agent, Error, PATIENCE, Result};
use crate::fact::Value;
use crate::model::{Manner, Meters, Provider, Response, canonical};
use serde_json::Value as Json;

impl Agent {
    /// Posts a request as a provider's own client would, and returns what the provider would send back: status, headers
    /// (what is left of the organisation's quota among them) and body, errors included. So the code that shapes
    /// requests and reads replies in production is on trial too; only its socket is replaced.
    ///
    /// The request is about the team's task. A body that asks for a stream gets all of the stream's events at once,
    /// when the last one is there; to read them as they come, see [`stream`](Agent::stream). A stream that a fault
    /// breaks holds the provider's own events up to there: see [`Provider::broken`]. The reply's text may be decided if
    /// it is JSON.
    ///
    /// ```
    /// use synod::{Agent, model::{Delivery, Provider}};
    /// async fn wired(agent: Agent) -> synod::Result {
    ///     let body = Provider::Anthropic.request(&agent.task(), Delivery::Whole);
    ///     let response = agent.post(Provider::Anthropic, &body).await?;
    ///     if response.status == 429 {
    ///         agent.sleep(response.retry_after().unwrap_or(synod::time::seconds(1))).await;
    ///     }
    ///     let left = response.header("anthropic-ratelimit-requests-remaining");
    ///     assert!(left.is_some());
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// If nothing came in a minute, or the connection failed before there was a status.
    pub async fn post(&self, provider: Provider, body: &str) -> Result<Response> {
        let slot = self.task().slot;
        let delivery = provider.delivery(body);
        let request = match provider.accept(body, slot) {
            Ok(request) => Box::new(request),
            Err(why) => {
                let stamp = self.port.stamp();
                return Ok(provider.reject(&why).metered(provider, &stamp.meters, stamp.at));
            }
        };
        let manner = Manner::Posted { provider, delivery };
        let completion = self.want(|ticket| Command::Ask { ticket, request, within: PATIENCE, manner }).await;
        let Completion::Posted(outcome) = completion else { return Err(Error::ModelTimeout) };
        let response = outcome.map_err(Error::Provider)?;
        if let Ok(reply) = provider.read(&response)
            && let Ok(json) = serde_json::from_str::<Json>(&reply.text)
        {
            self.port.submit(Command::Offer { slot, value: Value::from(canonical(&json).as_str()) });
        }
        Ok(response)
    }

    /// What was left of the organisation's quota when the provider sent the last response that this agent heard.
    #[must_use]
    pub fn meters(&self) -> Meters {
        self.port.stamp().meters
    }
}
