//! Eight agents that begin at the same instant while the service is down, as jobs do that run every hour: whether they
//! come back together is a matter of jitter.

use super::search::{TOOLS, query};
use super::trouble_drawn;
use std::ops::RangeInclusive;
use synod::check::Herd;
use synod::fault::Kind;
use synod::policy::{Backoff, Jitter, Plan, Retry};
use synod::scenario::Story;
use synod::time::{Duration, minutes, seconds};
use synod::tool::Invocation;
use synod::{Agent, Result, Sim};

const AGENTS: u16 = 8;
/// When the job begins. The service is down from a little before, for half a minute or so.
const HOUR: Duration = seconds(30);
const DOWN: RangeInclusive<u64> = 25..=29;
const DOWN_FOR: RangeInclusive<u64> = 20..=40;
const PATIENCE: Duration = seconds(3);
/// Nobody waits for a job of the night.
const DUE: Duration = minutes(10);
/// Eight callers spread over ten seconds are fewer than the service can serve in that time.
const BACKOFF: Backoff = Backoff { first: seconds(10), most: seconds(20), jitter: Jitter::Full };

async fn job(agent: Agent, retry: Retry) -> Result<()> {
    agent.sleep(HOUR).await;
    let call = query(&agent, 0);
    agent.undertake(&call.id, DUE);
    let plan = Plan::new(retry).each(PATIENCE);
    let found = agent.pursue(plan, None, |_| agent.call(Invocation::of(&call).within(PATIENCE))).await;
    agent.conclude(&call.id, found.as_ref().err().map(|_| call.id.clone()).into_iter().collect());
    // Whatever came of it: the herd is on trial, not the search.
    agent.decide(found.is_ok()).await
}

fn story(name: &str, retry: Retry) -> Story {
    Story::new(name, move |sim: Sim| async move {
        sim.team(AGENTS, move |agent| job(agent, retry)).tools(TOOLS.clone());
        sim.schedule_drawn(|draws| trouble_drawn(draws, Kind::Crash, DOWN, DOWN_FOR)).run_for(minutes(3)).await;
        sim.check(Herd::DEFAULT);
    })
}

/// Everyone waits for twice as long after each failure, and all wait alike.
pub(crate) fn herd() -> Story {
    let retry = Retry::times(6).backoff(Backoff { first: seconds(1), jitter: Jitter::None, ..BACKOFF });
    story("herd", retry)
        .about("eight agents meet an outage at one instant and wait alike after each failure")
        .violates(&Herd::DEFAULT)
}

/// The same with full jitter.
pub(crate) fn herd_jittered() -> Story {
    herd_jittered_of(Retry::times(6))
}

/// The same with this retry policy.
#[must_use]
pub fn herd_jittered_of(retry: Retry) -> Story {
    story("herd_jittered", retry.backoff(BACKOFF))
        .about("the same with full jitter: each wait is drawn between nothing and its longest")
        .expect(&Herd::DEFAULT)
}
