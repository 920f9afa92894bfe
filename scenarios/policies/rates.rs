//! Agents that convert money at a rate that they look up, from a service that is down for a while. As usually written,
//! the last answer serves until there is a new one, however long that takes; it should serve for half a minute, and
//! then the trade is left out, and said to be.

use super::trouble_drawn;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use std::sync::LazyLock;
use synod::agent::Shared;
use synod::check::{Check, Lane, NoSilentLoss, Property, PropertyKind, Step, Verdict, Witness};
use synod::fault::Kind;
use synod::history::{Environment, Event, History, Nature};
use synod::model::ToolCall;
use synod::policy::{Plan, Remembered, Retry, Try};
use synod::scenario::Story;
use synod::time::{Duration, Time, minutes, seconds};
use synod::tool::{Invocation, Service, Toolbox};
use synod::{Agent, Error, Result, Sim};

const TRADERS: u16 = 2;
const THINK: Duration = seconds(8);
/// The services work for .9 s at most, for two traders.
const PATIENCE: Duration = seconds(3);
/// How old a rate may be, remembered or not; it is as old as its question.
pub const RATE_IS_GOOD_FOR: Duration = seconds(30);
/// The rates are down from one of these seconds on for so many: several times as long as one may be remembered.
const DOWN: RangeInclusive<u64> = 30..=80;
const DOWN_FOR: RangeInclusive<u64> = 70..=100;
const END: Duration = minutes(4);

/// Tells the rate of the moment. A service has no clock here, so the rate is the instant of the question.
struct Rates;

/// Converts at a rate that was looked up before.
struct Convert;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Question {
    /// Nanoseconds.
    asked: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Trade {
    /// Nanoseconds: the rate, and when it is traded at.
    rate_of: u64,
    now: u64,
}

impl Service for Rates {
    type Arguments = Question;
    type Output = u64;
    type State = ();
    const NAME: &'static str = "rates";
    const ABOUT: &'static str = "Tells the rate of the moment.";

    fn call(&self, (): &mut (), Question { asked }: Question) -> std::result::Result<u64, String> {
        Ok(asked)
    }

    fn nature(&self) -> Nature {
        Nature::Query
    }
}

impl Service for Convert {
    type Arguments = Trade;
    type Output = u64;
    type State = u64;
    const NAME: &'static str = "convert";
    const ABOUT: &'static str = "Converts a sum at a rate.";

    fn call(&self, trades: &mut u64, _: Trade) -> std::result::Result<u64, String> {
        *trades += 1;
        Ok(*trades)
    }
}

static TOOLS: LazyLock<Toolbox> = LazyLock::new(|| Toolbox::default().with(Rates).with(Convert));

/// The rate, from the service if it answers; else the one remembered.
async fn rate(agent: &Agent, memory: &Shared<Remembered<u64>>, trade: &str) -> Result<u64> {
    let plan = Plan::new(Retry::times(2)).fallback(Retry::never()).each(PATIENCE);
    let tried = |attempt: Try| async move {
        if attempt.rung > 0 {
            let kept = memory.with(|memory| memory.recall(agent.now()).copied());
            return kept.ok_or_else(|| Error::Other("no rate is known".to_owned()));
        }
        let (id, asked) = (format!("{trade}/rate/{}", attempt.number), agent.now().0);
        let call = ToolCall { id, name: Rates::NAME.to_owned(), arguments: format!(r#"{{"asked":{asked}}}"#) };
        let told = agent.call(Invocation::of(&call).within(attempt.within)).await?;
        let rate = told.parse().map_err(|_| Error::Other(format!("'{told}' is no rate")))?;
        memory.with(|memory| memory.keep(Time(rate), rate));
        Ok(rate)
    };
    agent.pursue(plan, None, tried).await
}

async fn trader(agent: Agent, memory: Remembered<u64>) -> Result<()> {
    let memory = Shared::new(memory);
    let mut number = 0;
    while agent.now() + THINK + PATIENCE * 4 < Time::ZERO + END {
        agent.sleep(Duration(agent.draw(THINK.0))).await;
        let trade = format!("trade-{}-{number}", agent.id());
        agent.undertake(&trade, minutes(1));
        let done = match rate(&agent, &memory, &trade).await {
            Ok(rate_of) => {
                let arguments = format!(r#"{{"rate_of":{rate_of},"now":{}}}"#, agent.now().0);
                let call = ToolCall { id: trade.clone(), name: Convert::NAME.to_owned(), arguments };
                agent.call(Invocation::of(&call).within(PATIENCE)).await.map(drop)
            }
            Err(error) => Err(error),
        };
        agent.conclude(&trade, done.err().map(|_| trade.clone()).into_iter().collect());
        number += 1;
    }
    agent.decide("traded").await
}

/// That nothing is traded at an old rate.
struct FreshRates;

impl Check for FreshRates {
    fn property(&self) -> Property {
        Property {
            name: "fresh_rates",
            about: "nothing is traded at a rate older than rates may be",
            source: "RFC 9111 (HTTP Caching), section 4.2.4: a stale answer is not reused when that is forbidden",
            kind: PropertyKind::Safety,
        }
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        let mut judged = 0;
        for (place, entry) in history.entries().iter().enumerate() {
            let Event::Environment(Environment::Executed { tool, arguments, .. }) = &entry.event else { continue };
            if tool != Convert::NAME {
                continue;
            }
            let Ok(Trade { rate_of, now }) = serde_json::from_slice(arguments.bytes()) else { continue };
            judged += 1;
            let age = Time(now).since(Time(rate_of));
            if age > RATE_IS_GOOD_FOR {
                return Verdict::Violated(Witness {
                    property: self.property().name,
                    shape: "a trade at an old rate".to_owned(),
                    steps: vec![Step {
                        place: Some(place),
                        at: entry.at,
                        node: entry.node,
                        what: format!("converts at a rate that is {age} old"),
                    }],
                    contradiction: format!("A rate is good for {RATE_IS_GOOD_FOR}."),
                });
            }
        }
        Verdict::Holds { judged }
    }
}

fn story(name: &str, memory: Remembered<u64>) -> Story {
    let body = move |sim: Sim| {
        let memory = memory.clone();
        async move {
            sim.team(TRADERS, move |agent| trader(agent, memory.clone())).tools(TOOLS.clone());
            sim.schedule_drawn(|draws| trouble_drawn(draws, Kind::Crash, DOWN, DOWN_FOR)).run_for(END).await;
            sim.check(FreshRates);
            sim.check(NoSilentLoss);
        }
    };
    Story::new(name, body).expect(&NoSilentLoss)
}

/// What was answered once serves until there is something new.
pub(crate) fn rates() -> Story {
    story("rates", Remembered::for_at_most(END))
        .about("two agents trade at rates that they look up; while the service is down, the last one serves")
        .violates(&FreshRates)
}

/// What was answered serves for as long as it is good.
pub(crate) fn rates_fresh() -> Story {
    rates_fresh_of(Remembered::for_at_most(RATE_IS_GOOD_FOR))
}

/// The same, remembered so.
#[must_use]
pub fn rates_fresh_of(memory: Remembered<u64>) -> Story {
    story("rates_fresh", memory)
        .about("the same; a rate serves for half a minute, then trades are left out and said to be")
        .expect(&FreshRates)
}
