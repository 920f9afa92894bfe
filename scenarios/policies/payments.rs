//! A payment through a service that knows no idempotency keys: what did not answer may have been paid.

use super::trouble;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use synod::check::{DeadlinesKept, NoRepeatedStep};
use synod::fault::Kind;
use synod::model::ToolCall;
use synod::policy::{Hedge, Plan, Repeatable, Retry};
use synod::scenario::Story;
use synod::time::{Duration, minutes, seconds};
use synod::tool::{Invocation, Keys, Service, Toolbox};
use synod::{Agent, Result, Sim};

/// Pays.
struct Pay;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Bill {
    bill: String,
}

impl Service for Pay {
    type Arguments = Bill;
    type Output = String;
    type State = Vec<String>;
    const NAME: &'static str = "pay";
    const ABOUT: &'static str = "Pays a bill, as often as it is told to.";

    fn call(&self, paid: &mut Vec<String>, Bill { bill }: Bill) -> std::result::Result<String, String> {
        paid.push(bill.clone());
        Ok(format!("paid {bill}"))
    }

    fn keys(&self) -> Keys {
        Keys::Ignored
    }
}

static TOOLS: LazyLock<Toolbox> = LazyLock::new(|| Toolbox::default().with(Pay));

const CLERKS: u16 = 3;
const BILLS: u64 = 6;
const PATIENCE: Duration = seconds(2);
/// When a call is late: the service works for .9 s at most, but may have others to serve before.
const LATE: Duration = seconds(1);
/// Four tries of two seconds, and the waits between them.
const DUE: Duration = seconds(20);

async fn clerk(agent: Agent, retry: Retry, hedge: Hedge) -> Result<()> {
    for number in 0..BILLS {
        agent.sleep(Duration(agent.draw(seconds(10).0))).await;
        let bill = format!("bill-{}-{number}", agent.id());
        agent.undertake(&bill, DUE);
        let arguments = format!(r#"{{"bill":"{bill}"}}"#);
        let plan = Plan::new(retry).each(PATIENCE).within(DUE);
        let paid = agent.pursue(plan, None, |attempt| {
            // Each try is a call of its own, as clients make them that know no keys.
            let id = format!("{bill}/{}", attempt.number);
            let call = ToolCall { id, name: "pay".to_owned(), arguments: arguments.clone() };
            let agent = agent.clone();
            async move { agent.hedged(hedge, None, |_| agent.call(Invocation::of(&call).within(PATIENCE))).await }
        });
        let paid = paid.await;
        // A bill of which nobody knows is for a person to look into.
        agent.conclude(&bill, paid.err().map(|_| bill.clone()).into_iter().collect());
    }
    agent.decide("every bill is paid or looked into").await
}

fn story(name: &str, retry: Retry, hedge: Hedge) -> Story {
    Story::new(name, move |sim: Sim| async move {
        sim.team(CLERKS, move |agent| clerk(agent, retry, hedge)).tools(TOOLS.clone());
        sim.schedule(trouble(Kind::Pause, 15, 8)).run_for(minutes(4)).await;
        sim.check(NoRepeatedStep);
        sim.check(DeadlinesKept);
    })
    .expect(&DeadlinesKept)
}

/// What did not answer is paid again.
pub(crate) fn payments() -> Story {
    story("payments", Retry::times(4), Hedge::after(LATE, Repeatable::OnceOnly))
        .about("clerks pay bills through a service without keys that pauses once; what does not answer is paid again")
        .violates(&NoRepeatedStep)
}

/// What may have been paid is not paid again.
pub(crate) fn payments_once() -> Story {
    payments_once_of(Retry::times(4).once_only(), Hedge::after(LATE, Repeatable::OnceOnly))
}

/// The same with these policies.
#[must_use]
pub fn payments_once_of(retry: Retry, hedge: Hedge) -> Story {
    story("payments_once", retry, hedge)
        .about("the same: what may have been paid is left to a person")
        .expect(&NoRepeatedStep)
}
