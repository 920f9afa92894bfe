//! One agent with eight tasks at once, which share a breaker on the service. When it half-opens, as usually written,
//! everyone who waited goes ahead; it should be one.

use super::search::{SEARCH, TOOLS, query};
use super::{Work, together, trouble_drawn};
use std::future::Future;
use std::ops::RangeInclusive;
use synod::agent::Shared;
use synod::check::BreakerLegality;
use synod::fact::{Circuit, Fact};
use synod::fault::Kind;
use synod::policy::Breaker;
use synod::scenario::Story;
use synod::time::{Duration, Time, minutes, seconds};
use synod::tool::Invocation;
use synod::{Agent, Error, Result, Sim};

const TASKS: u64 = 8;
const THINK: Duration = seconds(6);
const PATIENCE: Duration = seconds(3);
/// Failures in a row that open the breaker, and how long it stays open: longer than a call may take.
const FAILURES: u32 = 3;
const COOLING: Duration = seconds(5);
/// The service is down from one of these seconds on for so many.
const DOWN: RangeInclusive<u64> = 15..=40;
const DOWN_FOR: RangeInclusive<u64> = 25..=45;
const END: Duration = minutes(2);

/// A breaker as usually written by hand: a count and an instant.
#[derive(Default)]
struct Handmade {
    failures: u32,
    open_until: Option<Time>,
}

fn searches<F, W>(agent: &Agent, one: F) -> Vec<Work<'static>>
where
    F: Fn(Agent, u64) -> W + Clone + Send + 'static,
    W: Future<Output = Result<String>> + Send + 'static,
{
    let task = |task: u64| -> Work<'static> {
        let (agent, one) = (agent.clone(), one.clone());
        Box::pin(async move {
            agent.sleep(Duration(agent.draw(THINK.0))).await;
            let mut number = task;
            while agent.now() < Time::ZERO + END {
                let work = format!("search-{number}");
                agent.undertake(&work, END);
                let found = one(agent.clone(), number).await;
                agent.conclude(&work, found.as_ref().err().map(|_| work.clone()).into_iter().collect());
                match found {
                    Err(Error::Guarded(wait)) => agent.sleep(wait).await,
                    _ => agent.sleep(THINK).await,
                }
                number += TASKS;
            }
        })
    };
    (0..TASKS).map(task).collect()
}

async fn search(agent: &Agent, number: u64) -> Result<String> {
    let call = query(agent, number);
    agent.call(Invocation::of(&call).within(PATIENCE)).await
}

async fn handmade(agent: Agent) -> Result<()> {
    let breaker = Shared::new(Handmade::default());
    let switch = |agent: &Agent, circuit| agent.note(Fact::Switched { tool: SEARCH.to_owned(), circuit });
    let one = move |agent: Agent, number| {
        let breaker = breaker.clone();
        async move {
            let now = agent.now();
            if let Some(until) = breaker.with(|breaker| breaker.open_until) {
                if now < until {
                    return Err(Error::Guarded(until.since(now)));
                }
                // The time is over: it counts as half-open from the first who comes.
                if breaker.with(|breaker| std::mem::take(&mut breaker.failures)) > 0 {
                    switch(&agent, Circuit::HalfOpen);
                }
            }
            let found = search(&agent, number).await;
            let now = agent.now();
            match &found {
                Err(Error::Call(error)) if !error.is_certain() => breaker.with(|breaker| {
                    breaker.failures += 1;
                    if breaker.failures == FAILURES {
                        breaker.open_until = Some(now + COOLING);
                        switch(&agent, Circuit::Open);
                    }
                }),
                _ => breaker.with(|breaker| {
                    breaker.failures = 0;
                    if breaker.open_until.take_if(|until| now >= *until).is_some() {
                        switch(&agent, Circuit::Closed);
                    }
                }),
            }
            found
        }
    };
    together(searches(&agent, one)).await;
    agent.decide("searched").await
}

async fn probing(agent: Agent, breaker: Breaker) -> Result<()> {
    let breaker = Shared::new(breaker);
    let one = move |agent: Agent, number| {
        let breaker = breaker.clone();
        async move { agent.guarded(SEARCH, &breaker, search(&agent, number)).await }
    };
    together(searches(&agent, one)).await;
    agent.decide("searched").await
}

/// Everyone who waited for the breaker calls at once.
pub(crate) fn half_open() -> Story {
    let body = |sim: Sim| async move {
        sim.team(1, handmade).tools(TOOLS.clone());
        sim.schedule_drawn(|draws| trouble_drawn(draws, Kind::Crash, DOWN, DOWN_FOR)).run_for(END).await;
        sim.check(BreakerLegality);
    };
    Story::new("half_open", body)
        .about("eight tasks of an agent share a handmade breaker; when its time is over, all of them call")
        .violates(&BreakerLegality)
}

/// The same with one probe.
pub(crate) fn half_open_probed() -> Story {
    half_open_probed_of(Breaker::new(FAILURES, COOLING))
}

/// The same with this breaker.
#[must_use]
pub fn half_open_probed_of(breaker: Breaker) -> Story {
    let body = move |sim: Sim| {
        let breaker = breaker.clone();
        async move {
            sim.team(1, move |agent| probing(agent, breaker.clone())).tools(TOOLS.clone());
            sim.schedule_drawn(|draws| trouble_drawn(draws, Kind::Crash, DOWN, DOWN_FOR)).run_for(END).await;
            sim.check(BreakerLegality);
        }
    };
    Story::new("half_open_probed", body)
        .about("the same with a breaker that half-opens for one probe")
        .expect(&BreakerLegality)
}
