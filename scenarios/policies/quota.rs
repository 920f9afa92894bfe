//! Three agents that share a service with a quota. As usually written, each keeps to the whole quota, as if it were
//! alone, and their calls are turned away; with a share each, none is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use synod::agent::Shared;
use synod::check::{Check, Lane, Property, PropertyKind, Step, Verdict, Witness};
use synod::history::{Decline, Environment, Event, History};
use synod::model::ToolCall;
use synod::policy::Allowance;
use synod::scenario::Story;
use synod::time::{Duration, Time, minutes, seconds};
use synod::tool::{Invocation, Service, Toolbox};
use synod::{Agent, Result, Sim};

const AGENTS: u16 = 3;
/// What the service admits: calls a minute, and at once.
const A_MINUTE: u32 = 30;
const AT_ONCE: u32 = 9;
/// What callers make use of at once: three calls less, since calls overtake each other by as much on their way.
const USED_AT_ONCE: u32 = 6;
/// Between two calls of one agent, on average half of this: more than its share, less than the whole.
const THINK: Duration = seconds(6);
/// Nobody waits for long in a queue of nine calls.
const PATIENCE: Duration = seconds(12);
const END: Duration = minutes(4);

/// Looks prices up, for so many calls a minute. A service has no clock here: it goes by the time that callers send
/// along, as signed requests do.
struct Prices;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Question {
    /// Nanoseconds.
    sent: u64,
}

/// When the next call would come, if calls came evenly.
#[derive(Clone, Default)]
struct Meter {
    next: u64,
}

impl Service for Prices {
    type Arguments = Question;
    type Output = String;
    type State = Meter;
    const NAME: &'static str = "prices";
    const ABOUT: &'static str = "Looks a price up.";

    fn call(&self, meter: &mut Meter, Question { sent }: Question) -> std::result::Result<String, String> {
        let every = minutes(1).0 / u64::from(A_MINUTE);
        let next = meter.next.max(sent);
        if next - sent > every * u64::from(AT_ONCE - 1) {
            return Err("the quota is used up".to_owned());
        }
        meter.next = next + every;
        Ok("7 cents".to_owned())
    }
}

static TOOLS: LazyLock<Toolbox> = LazyLock::new(|| Toolbox::default().with(Prices));

async fn buyer(agent: Agent, allowance: Allowance) -> Result<()> {
    let allowance = Shared::new(allowance);
    let mut number = 0;
    while agent.now() + THINK + PATIENCE < Time::ZERO + END {
        agent.sleep(Duration(agent.draw(THINK.0))).await;
        let id = format!("price-{}-{number}", agent.id());
        agent.undertake(&id, END);
        agent.pace(&allowance).await;
        let sent = agent.now().0;
        let call =
            ToolCall { id: id.clone(), name: Prices::NAME.to_owned(), arguments: format!(r#"{{"sent":{sent}}}"#) };
        // What does not come is of no matter: calls that are turned away are on trial.
        let found = agent.call(Invocation::of(&call).within(PATIENCE)).await;
        agent.conclude(&id, found.err().map(|_| id.clone()).into_iter().collect());
        number += 1;
    }
    agent.decide("bought").await
}

/// That no call is turned away for its rate.
struct WithinQuota;

impl Check for WithinQuota {
    fn property(&self) -> Property {
        Property {
            name: "within_quota",
            about: "no call is turned away because the callers' rate is too high",
            source: "the rate limits of model providers' APIs: requests a minute of an organisation",
            kind: PropertyKind::Safety,
        }
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        let mut judged = 0;
        for (place, entry) in history.entries().iter().enumerate() {
            match &entry.event {
                Event::Environment(Environment::Executed { .. }) => judged += 1,
                Event::Environment(Environment::Declined { call, by, why: Decline::Refused, .. }) => {
                    let what = format!("turns {call} of {by} away");
                    return Verdict::Violated(Witness {
                        property: self.property().name,
                        shape: "a call beyond the quota".to_owned(),
                        steps: vec![Step { place: Some(place), at: entry.at, node: entry.node, what }],
                        contradiction: format!("All callers together made more than {A_MINUTE} calls a minute."),
                    });
                }
                _ => {}
            }
        }
        Verdict::Holds { judged }
    }
}

fn story(name: &str, allowance: Allowance) -> Story {
    Story::new(name, move |sim: Sim| async move {
        sim.team(AGENTS, move |agent| buyer(agent, allowance)).tools(TOOLS.clone()).run_for(END).await;
        sim.check(WithinQuota);
    })
}

/// Each agent keeps to the quota as if it were alone.
pub(crate) fn quota() -> Story {
    story("quota", Allowance::per_minute(A_MINUTE, USED_AT_ONCE))
        .about("three agents share a service of 30 calls a minute; each keeps to that, as if it were alone")
        .violates(&WithinQuota)
}

/// Each agent keeps to its share.
pub(crate) fn quota_shared() -> Story {
    quota_shared_of(Allowance::per_minute(A_MINUTE, USED_AT_ONCE))
}

/// The same with shares of this.
#[must_use]
pub fn quota_shared_of(whole: Allowance) -> Story {
    story("quota_shared", whole.share(u32::from(AGENTS)))
        .about("the same; each keeps to its share of the quota")
        .expect(&WithinQuota)
}
