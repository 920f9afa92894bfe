//! One agent's question, answered by another agent with its own model. Knows its agent only.

use super::{Agent, Error, Result, canonical};
use crate::id::NodeId;
use crate::model::{Message, Request, Speaker, TypedReply};
use crate::time::Duration;
use serde::{Deserialize, Serialize};

/// A question to a peer.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Plea {
    number: u64,
    words: String,
    /// How long the asker waits yet: a span, since clocks differ.
    within: u64,
}

/// A peer's answer as JSON; nothing if it has none.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Relief {
    number: u64,
    answer: Option<String>,
}

impl Agent {
    /// Asks a peer what its model says, in the words of this request's users, and waits no longer than this. The peer
    /// has to [help](Agent::help_peers).
    ///
    /// # Errors
    /// [`Error::Unreachable`] if the link is cut, [`Error::ModelTimeout`] if nothing came in time, [`Error::Other`] if
    /// the peer has no answer either, [`Error::Reply`] if its answer is of another type.
    pub async fn ask_peer<R: TypedReply>(
        &self,
        peer: NodeId,
        request: impl Into<Request>,
        within: Duration,
    ) -> Result<R> {
        let request = request.into();
        let asked = request.messages.iter().filter(|message| message.role == Speaker::User);
        let words: Vec<&str> = asked.map(|message| message.text.as_str()).collect();
        // Unique in this life of the agent, as tickets are.
        let number = self.port.ticket().0;
        self.send(peer, &Plea { number, words: words.join("\n"), within: within.as_nanos() }).await?;
        let end = self.now() + within;
        let relief = loop {
            let left = end.since(self.now());
            let heard = self.timeout(left, self.recv::<Relief>()).await.ok_or(Error::ModelTimeout)?;
            // What another peer says, or said too late, answers nothing.
            if heard.from == peer && heard.message.number == number {
                break heard.message;
            }
        };
        let answer = relief.answer.ok_or_else(|| Error::Other(format!("{peer} has no answer either")))?;
        serde_json::from_str(&answer).map_err(|_| Error::Reply(crate::model::ReplyError::Schema))
    }

    /// Answers what peers [ask](Agent::ask_peer), one question after the other, with this agent's own model; never
    /// ends. Run it beside the agent's work.
    ///
    /// ```
    /// use synod::{Agent, Result};
    /// async fn helper(agent: Agent) -> Result {
    ///     agent.help_peers::<String>().await
    /// }
    /// ```
    ///
    /// # Errors
    /// If an answer has no JSON form.
    pub async fn help_peers<R: TypedReply>(&self) -> Result<()> {
        loop {
            let arrived = self.recv::<Plea>().await;
            let Plea { number, words, within } = arrived.message;
            let request = Request { messages: vec![Message::new(Speaker::User, words)], ..self.task() };
            let said = self.ask_within::<R>(request, Duration(within)).await;
            let answer = said.ok().map(|reply| canonical(&reply)).transpose()?.map(|value| value.to_string());
            // Who cannot be reached waits no longer than it said.
            let _ = self.send(arrived.from, &Relief { number, answer }).await;
        }
    }
}
