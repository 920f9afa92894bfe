//! A retry storm: twenty agents search, each every twenty seconds or so; the service can bear twice that. Then it
//! pauses for a while. Both teams wait with jitter before they try again, and go on without when the deadline is there;
//! one of them pays for its retries from a budget, and nothing else differs. Without the budget, retries keep the
//! service down when it is back; with it, the team recovers.
//!
//! The mechanism is that of metastable failures: a call that waits for longer than its caller is served in vain, and is
//! made again. When the service pauses is no matter of chance: a picture lays the runs of many seeds over each other.

use super::search::{TOOLS, query};
use super::trouble;
use synod::agent::Shared;
use synod::check::{DeadlinesKept, NoVainRetry, Recovery, RetryGaps, RetryLoad};
use synod::fault::Kind;
use synod::policy::{Backoff, Budget, Jitter, Plan, Retry, Try};
use synod::scenario::Story;
use synod::time::{Duration, Time, micros, millis, minutes, seconds};
use synod::tool::Invocation;
use synod::{Agent, Result, Sim};

const AGENTS: u16 = 20;
/// Between two searches of one agent. Twenty agents make one call a second; the service serves 2.1 (.47 s each).
const THINK: Duration = seconds(20);
/// How long an agent waits for an answer: four times as long as the usual one takes.
const PATIENCE: Duration = seconds(2);
/// By when a search is to have come to something. Four tries fall into it, so that twenty agents whose tries all fail
/// make 2.9 calls a second, more than are served.
const DUE: Duration = seconds(8);
/// Waits between tries, long enough to part the callers and too short to relieve the service.
const BACKOFF: Backoff = Backoff { first: millis(500), most: seconds(1), jitter: Jitter::Full };
/// More tries than the deadline leaves time for.
const TRIES: u32 = 9;
/// Retries that each agent has in reserve, and how many it earns with a hundred searches.
const RESERVE: u32 = 2;
const PERCENT: u32 = 10;
/// The service pauses from here on for so many seconds.
const PAUSE: u64 = 60;
const PAUSED: u64 = 40;
const END: Duration = minutes(5);

/// That retries stay within what the agents' budgets allow together.
const BORNE: RetryLoad = RetryLoad { percent: PERCENT as u64, reserve: AGENTS as u64 * RESERVE as u64 };

/// Of waits drawn from half a second and one, two in a row as short as that are in one of five billion calls.
const NEVER_AT_ONCE: RetryGaps = RetryGaps { at_once: micros(10), most: 1, ..RetryGaps::DEFAULT };

/// What a team does about a search that fails.
struct Terms {
    retry: Retry,
    plan: fn(Retry) -> Plan,
    /// Who pays for retries; `None`: nobody.
    budget: Option<Budget>,
    due: Duration,
}

impl Terms {
    fn usual(budget: Option<Budget>) -> Terms {
        Terms { retry: Retry::times(TRIES), plan: usual, budget, due: DUE }
    }
}

/// The usual plan.
fn usual(retry: Retry) -> Plan {
    Plan::new(retry).each(PATIENCE).within(DUE)
}

/// Searches again and again: tries with waits between them, within a deadline; then the agent goes on without.
async fn searcher(agent: Agent, plan: Plan, budget: Option<Budget>, due: Duration) -> Result<()> {
    let budget = budget.map(Shared::new);
    agent.sleep(Duration(agent.draw(THINK.0))).await;
    for number in 0.. {
        let call = query(&agent, number);
        agent.undertake(&call.id, due);
        let tried = |attempt: Try| agent.call(Invocation::of(&call).within(attempt.within));
        let found = agent.pursue(plan.clone(), budget.as_ref(), tried).await;
        agent.conclude(&call.id, found.err().map(|_| call.id.clone()).into_iter().collect());
        if agent.now() + THINK + due >= Time::ZERO + END {
            break;
        }
        agent.sleep(THINK).await;
    }
    agent.decide("searched").await
}

/// Both teams are judged alike. That retries stay within their budget is asked of the one that has a budget.
fn story(name: &str, terms: Terms) -> Story {
    let Terms { retry, plan, budget, due } = terms;
    let retry = retry.backoff(BACKOFF);
    let body = move |sim: Sim| async move {
        sim.team(AGENTS, move |agent| searcher(agent, plan(retry), budget, due)).tools(TOOLS.clone());
        sim.schedule(trouble(Kind::Pause, PAUSE, PAUSED)).run_for(END).await;
        sim.check(Recovery::DEFAULT);
        sim.check(DeadlinesKept);
        sim.check(NoVainRetry);
        sim.check(NEVER_AT_ONCE);
        if budget.is_some() {
            sim.check(BORNE);
        }
    };
    Story::new(name, body).expect(&DeadlinesKept).expect(&NoVainRetry).expect(&NEVER_AT_ONCE)
}

/// Twenty agents whose retries cost them nothing.
#[must_use]
pub fn retry_storm() -> Story {
    story("retry_storm", Terms::usual(None))
        .about("twenty agents call a service that pauses once; what does not answer is called again, with jitter")
        .violates(&Recovery::DEFAULT)
}

/// The same with retries that are paid for.
#[must_use]
pub fn retry_storm_budgeted() -> Story {
    retry_storm_budgeted_with(|budget| budget)
}

/// The same with this retry policy, in this plan, for searches that are due after so long.
#[must_use]
pub fn retry_storm_budgeted_of(retry: Retry, plan: fn(Retry) -> Plan, due: Duration) -> Story {
    budgeted(Terms { retry, plan, due, ..Terms::usual(Some(Budget::new(PERCENT, RESERVE))) })
}

/// The same with budgets made so.
#[must_use]
pub fn retry_storm_budgeted_with(made: impl FnOnce(Budget) -> Budget) -> Story {
    budgeted(Terms::usual(Some(made(Budget::new(PERCENT, RESERVE)))))
}

fn budgeted(terms: Terms) -> Story {
    story("retry_storm_budgeted", terms)
        .about("the same; each agent pays for its retries from a budget, and that is all that differs")
        .expect(&Recovery::DEFAULT)
        .expect(&BORNE)
}
