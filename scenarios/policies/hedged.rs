//! Searches that are made a second time when they are late: hedging costs little as long as it is rare, and twice as
//! much when everything is late at once, unless a budget bounds it.

use super::search::{TOOLS, query};
use super::trouble_drawn;
use std::ops::RangeInclusive;
use synod::agent::Shared;
use synod::check::{RetryGaps, RetryLoad};
use synod::fault::Kind;
use synod::policy::{Budget, Hedge, Repeatable};
use synod::scenario::Story;
use synod::time::{Duration, Time, minutes, seconds};
use synod::tool::Invocation;
use synod::{Agent, Result, Sim};

const AGENTS: u16 = 4;
const THINK: Duration = seconds(8);
const PATIENCE: Duration = seconds(20);
/// Of a service that works for .9 s at most and has half a call a second, fewer than one answer in twenty takes longer.
const LATE: Duration = seconds(2);
const END: Duration = minutes(4);
/// The service pauses at one of these seconds for so many, in which a few searches are late at once.
const PAUSE: RangeInclusive<u64> = 40..=90;
const PAUSED: RangeInclusive<u64> = 5..=8;

/// Dean and Barroso find a twentieth more load enough for hedging. Each agent pays for a tenth, and has one in reserve
/// for when all of them are late.
const PERCENT: u32 = 10;
const BORNE: RetryLoad = RetryLoad { percent: PERCENT as u64, reserve: AGENTS as u64 };
const LATE_ONLY: RetryGaps = RetryGaps { late: LATE, ..RetryGaps::DEFAULT };

async fn searcher(agent: Agent, hedge: Hedge) -> Result<()> {
    let budget = Shared::new(Budget::new(PERCENT, 1));
    for number in 0.. {
        agent.sleep(Duration(agent.draw(THINK.0))).await;
        let call = query(&agent, number);
        // Found or not: what is asked twice is on trial.
        let _ = agent.hedged(hedge, Some(&budget), |_| agent.call(Invocation::of(&call).within(PATIENCE))).await;
        if agent.now() + THINK + PATIENCE >= Time::ZERO + END {
            break;
        }
    }
    agent.decide("searched").await
}

/// Searches hedged when they are late.
pub(crate) fn hedged_search() -> Story {
    hedged_search_of(Hedge::after(LATE, Repeatable::Idempotent))
}

/// The same with this hedge.
#[must_use]
pub fn hedged_search_of(hedge: Hedge) -> Story {
    let body = move |sim: Sim| async move {
        sim.team(AGENTS, move |agent| searcher(agent, hedge)).tools(TOOLS.clone());
        sim.schedule_drawn(|draws| trouble_drawn(draws, Kind::Pause, PAUSE, PAUSED)).run_for(END).await;
        sim.check(BORNE);
        sim.check(LATE_ONLY);
    };
    Story::new("hedged_search", body)
        .about("four agents search, and search again beside it what takes longer than two seconds")
        .expect(&BORNE)
        .expect(&LATE_ONLY)
}
