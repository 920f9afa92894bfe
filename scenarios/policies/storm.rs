//! A retry storm: eight agents search, each every eight seconds or so; the service can bear twice that. Then it pauses
//! for a while. As usually written, retries keep it down when it is back; with a budget, the team recovers.
//!
//! The mechanism is that of metastable failures: a call that waits for longer than its caller is served in vain, and is
//! made again.

use super::search::{TOOLS, query};
use super::trouble;
use synod::agent::Shared;
use synod::check::{DeadlinesKept, NoVainRetry, Recovery, RetryGaps, RetryLoad};
use synod::fault::Kind;
use synod::policy::{Backoff, Budget, Jitter, Plan, Retry};
use synod::scenario::Story;
use synod::time::{Duration, Time, micros, minutes, seconds};
use synod::tool::{CallError, Invocation};
use synod::{Agent, Error, Result, Sim};

const AGENTS: u16 = 8;
/// Between two searches of one agent. Eight agents make one call a second; the service serves 2.1 (.47 s each).
const THINK: Duration = seconds(8);
/// How long an agent waits for an answer: four times as long as the usual one takes. Eight agents that call again at
/// once make 2.7 calls a second, more than are served.
const PATIENCE: Duration = seconds(3);
/// By when a search is to have come to something.
const DUE: Duration = seconds(10);
/// Waits between tries: as long as the service needs to serve all eight.
const BACKOFF: Backoff = Backoff { first: seconds(4), most: seconds(8), jitter: Jitter::Full };
/// Retries that each agent has in reserve.
const RESERVE: u32 = 2;
/// The service pauses from here on for so many seconds.
const PAUSE: u64 = 60;
const PAUSED: u64 = 40;
const END: Duration = minutes(5);

/// That retries stay within what the agents' budgets allow together.
const BORNE: RetryLoad = RetryLoad { percent: 10, reserve: AGENTS as u64 * RESERVE as u64 };

/// Of waits drawn from four seconds and eight, two in a row as short as that are in one of a billion calls.
const NEVER_AT_ONCE: RetryGaps = RetryGaps { at_once: micros(100), most: 1, ..RetryGaps::DEFAULT };

/// As usually written: what did not answer is called again until it does.
async fn insistent(agent: Agent) -> Result<()> {
    agent.sleep(Duration(agent.draw(THINK.0))).await;
    for number in 0.. {
        let call = query(&agent, number);
        while let Err(Error::Call(CallError::Timeout)) = agent.call(Invocation::of(&call).within(PATIENCE)).await {}
        if over(&agent) {
            break;
        }
        agent.sleep(THINK).await;
    }
    agent.decide("searched").await
}

/// As it should be: a few retries with jitter, paid from a budget, within a deadline; then the agent goes on without.
async fn budgeted(agent: Agent, retry: Retry, plan: fn(Retry) -> Plan, budget: Budget) -> Result<()> {
    let budget = Shared::new(budget);
    agent.sleep(Duration(agent.draw(THINK.0))).await;
    for number in 0.. {
        let call = query(&agent, number);
        agent.undertake(&call.id, DUE);
        let tried = |attempt: synod::policy::Try| agent.call(Invocation::of(&call).within(attempt.within));
        let found = agent.pursue(plan(retry), Some(&budget), tried).await;
        agent.conclude(&call.id, found.err().map(|_| call.id.clone()).into_iter().collect());
        if over(&agent) {
            break;
        }
        agent.sleep(THINK).await;
    }
    agent.decide("searched").await
}

fn over(agent: &Agent) -> bool {
    agent.now() + THINK + DUE >= Time::ZERO + END
}

/// The usual plan of the better version.
fn usual(retry: Retry) -> Plan {
    Plan::new(retry).each(PATIENCE).within(DUE)
}

/// Eight agents that insist.
#[must_use]
pub fn retry_storm() -> Story {
    let body = |sim: Sim| async move {
        sim.team(AGENTS, insistent).tools(TOOLS.clone());
        sim.schedule(trouble(Kind::Pause, PAUSE, PAUSED)).run_for(END).await;
        sim.check(Recovery::DEFAULT);
    };
    Story::new("retry_storm", body)
        .about("eight agents call a service that pauses once; what does not answer is called again at once")
        .violates(&Recovery::DEFAULT)
}

/// The same with retries that are paid for.
#[must_use]
pub fn retry_storm_budgeted() -> Story {
    retry_storm_budgeted_of(Retry::times(4), usual)
}

/// The same with this retry policy, in this plan.
#[must_use]
pub fn retry_storm_budgeted_of(retry: Retry, plan: fn(Retry) -> Plan) -> Story {
    budgeted_story(retry, plan, Budget::new(10, RESERVE))
}

/// The same with budgets made so.
#[must_use]
pub fn retry_storm_budgeted_with(made: impl FnOnce(Budget) -> Budget) -> Story {
    budgeted_story(Retry::times(4), usual, made(Budget::new(10, RESERVE)))
}

fn budgeted_story(retry: Retry, plan: fn(Retry) -> Plan, budget: Budget) -> Story {
    let retry = retry.backoff(BACKOFF);
    let body = move |sim: Sim| async move {
        sim.team(AGENTS, move |agent| budgeted(agent, retry, plan, budget)).tools(TOOLS.clone());
        sim.schedule(trouble(Kind::Pause, PAUSE, PAUSED)).run_for(END).await;
        sim.check(Recovery::DEFAULT);
        sim.check(BORNE);
        sim.check(DeadlinesKept);
        sim.check(NoVainRetry);
        sim.check(NEVER_AT_ONCE);
    };
    Story::new("retry_storm_budgeted", body)
        .about("the same: backoff with jitter, a budget of retries, a deadline; then the agent goes on without")
        .expect(&Recovery::DEFAULT)
        .expect(&BORNE)
        .expect(&DeadlinesKept)
        .expect(&NoVainRetry)
        .expect(&NEVER_AT_ONCE)
}
