//! What agents of every pattern do to get through: they ask and call again until they are answered.

use serde_json::Value as Json;
use synod::model::Request;
use synod::time::{Duration, seconds};
use synod::{Agent, Result};

/// Before something is tried again.
pub(super) const AGAIN: Duration = seconds(2);
/// Beyond the p90 of a reply; a hung call must not hold an agent much longer.
const REPLY: Duration = seconds(25);
/// Tries in all: some five minutes, beyond every fault.
const TRIES: u32 = 12;

/// Repeats a call of the store until it is answered. What may have happened is done again: every note here means the
/// same if it is written twice.
macro_rules! steadily {
    ($agent:expr, $call:expr) => {
        loop {
            match $call.await {
                Err(synod::Error::Unanswered) => $agent.sleep(crate::patterns::desk::AGAIN).await,
                answered => break answered,
            }
        }
    };
}
pub(super) use steadily;

/// Has the model answer, however often it takes.
pub(super) async fn think(agent: &Agent, request: Request) -> Result<Json> {
    for _ in 1..TRIES {
        match agent.ask_within::<Json>(request.clone(), REPLY).await {
            Ok(reply) => return Ok(reply),
            Err(_) => agent.sleep(AGAIN).await,
        }
    }
    agent.ask_within(request, REPLY).await
}
