//! What an agent does with tools: it calls them, lets its model ask for them, and says what came of it. Knows its
//! port, not the services behind it.

use super::port::{Command, Completion};
use super::{Agent, Error, PATIENCE, Result, canonical};
use crate::fact::Fact;
use crate::model::{Manner, Message, Reply, Request, Tool, ToolCall, TypedReply};
use crate::tool::{CallError, Invocation};
use serde::Serialize;
use std::future::Future;

/// How many replies of its model a loop over tools reads at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounds(pub u32);

impl Agent {
    /// The tools of the team, as a request offers them.
    #[must_use]
    pub fn tools(&self) -> Vec<Tool> {
        self.port.tools()
    }

    /// The request about the team's task with every tool of the team on offer.
    #[must_use]
    pub fn task_with_tools(&self) -> Request {
        self.tools().into_iter().fold(self.task(), Request::offering)
    }

    /// Asks the model and waits a minute at most for its reply, whatever is in it: text, calls of tools, or both.
    ///
    /// # Errors
    /// If nothing came in time or the provider failed.
    pub async fn reply(&self, request: impl Into<Request>) -> Result<Reply> {
        let (request, within) = (Box::new(request.into()), PATIENCE);
        let completion = self.want(|ticket| Command::Ask { ticket, request, within, manner: Manner::Whole }).await;
        let Completion::Replied(outcome) = completion else { unreachable!("an ask completes with a reply") };
        Ok(outcome?)
    }

    /// Calls a tool and waits for its result, which is JSON. Nothing is checked here: not whether the tool exists, not
    /// whether the arguments are whole, not whether it was called before.
    ///
    /// # Errors
    /// [`Error::Call`]: the tool refused, does not exist, or did not answer in time. After a timeout it may have done
    /// what it was asked all the same: to repeat the call safely, give it a [key](Invocation::key).
    pub async fn call(&self, invocation: impl Into<Invocation>) -> Result<String> {
        let invocation = Box::new(invocation.into());
        match self.want(|ticket| Command::Call { ticket, invocation }).await {
            Completion::Called(outcome) => Ok(outcome?.to_string()),
            _ => Err(Error::Call(CallError::Timeout)),
        }
    }

    /// Lets the model use tools: asks, hands every call in the reply to `carry_out`, shows the model what came of each,
    /// and asks again until it calls nothing more; what it says then is the result, validated against its schema. An
    /// error of `carry_out` is shown to the model as the call's result.
    ///
    /// ```
    /// use synod::agent::Rounds;
    /// use synod::{Agent, Result, tool::Invocation};
    /// async fn clerk(agent: Agent) -> Result {
    ///     let keyed = |agent: Agent, call: synod::model::ToolCall| async move {
    ///         agent.call(Invocation::of(&call).key("ticket 7")).await
    ///     };
    ///     let done: String = agent.use_tools(agent.task_with_tools(), Rounds(6), keyed).await?;
    ///     agent.decide(done).await
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`ask`](Agent::ask), and [`Error::Rounds`] if the model still calls tools after so many replies.
    pub async fn use_tools<R, F, W>(&self, request: impl Into<Request>, rounds: Rounds, carry_out: F) -> Result<R>
    where
        R: TypedReply,
        F: Fn(Agent, ToolCall) -> W,
        W: Future<Output = Result<String>>,
    {
        let mut request = request.into();
        for _ in 0..rounds.0 {
            let reply = self.reply(request.clone()).await?;
            if reply.calls.is_empty() {
                let value = crate::model::parse_reply::<R>(&reply)?;
                self.port.submit(Command::Offer { slot: request.slot, value: canonical(&value)? });
                return Ok(value);
            }
            request.messages.push(Message::said(&reply));
            for call in &reply.calls {
                let outcome = carry_out(self.clone(), call.clone()).await;
                let text = outcome.unwrap_or_else(|error| format!("error: {error}"));
                request.messages.push(Message::result(call, text));
            }
        }
        Err(Error::Rounds(rounds.0))
    }

    /// Says that this came of a tool: what the team, or its user, is told. Whether it is so is for a checker to find.
    ///
    /// # Errors
    /// If the result has no JSON form.
    pub async fn announce<T: Serialize>(&self, tool: &str, result: &T) -> Result<()> {
        let result = canonical(result)?;
        self.port.submit(Command::Note(Fact::Announced { tool: tool.to_owned(), result }));
        Ok(())
    }
}
