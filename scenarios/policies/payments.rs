//! Payments through a service that remembers idempotency keys: what did not answer may have been paid. As usually
//! written, each try has a key of its own, as if it were another payment; then what may have been paid must not be paid
//! again. With one key for each bill it may be, and is paid once.

use super::TOOL;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use synod::check::{DeadlinesKept, NoRepeatedStep};
use synod::fault::{Fault, Kind, Schedule};
use synod::model::ToolCall;
use synod::policy::{Hedge, Plan, Repeatable, Retry};
use synod::scenario::Story;
use synod::seed::Draws;
use synod::time::{Duration, Time, minutes, seconds};
use synod::tool::{Invocation, Service, Toolbox};
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
    const ABOUT: &'static str = "Pays a bill, as often as it is told to under another key.";

    fn call(&self, paid: &mut Vec<String>, Bill { bill }: Bill) -> std::result::Result<String, String> {
        paid.push(bill.clone());
        Ok(format!("paid {bill}"))
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

/// What a try to pay goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The bill's name: each try is the same payment.
    OfBill,
    /// A name of its own: the service knows a message that comes twice, and no more.
    OfTry,
}

async fn clerk(agent: Agent, retry: Retry, hedge: Hedge, key: Key) -> Result<()> {
    for number in 0..BILLS {
        agent.sleep(Duration(agent.draw(seconds(10).0))).await;
        let bill = format!("bill-{}-{number}", agent.id());
        agent.undertake(&bill, DUE);
        let plan = Plan::new(retry).each(PATIENCE).within(DUE);
        let paid = agent.pursue(plan, None, |attempt| {
            let (agent, bill) = (agent.clone(), bill.clone());
            let tried = move |racer| format!("{}/{racer}", attempt.number);
            async move { agent.hedged(hedge, None, |racer| pay(&agent, &bill, tried(racer), key)).await }
        });
        let paid = paid.await;
        // A bill of which nobody knows is for a person to look into.
        agent.conclude(&bill, paid.err().map(|_| bill.clone()).into_iter().collect());
    }
    agent.decide("every bill is paid or looked into").await
}

/// One call to pay a bill, in a try of this name.
async fn pay(agent: &Agent, bill: &str, tried: String, key: Key) -> Result<String> {
    let id = format!("{bill}/{tried}");
    let key = if key == Key::OfBill { bill.to_owned() } else { id.clone() };
    let call = ToolCall { id, name: Pay::NAME.to_owned(), arguments: format!(r#"{{"bill":"{bill}"}}"#) };
    agent.call(Invocation::of(&call).key(key).within(PATIENCE)).await
}

/// The service pauses once, for longer than a clerk waits, while bills are paid.
fn trouble(draws: &mut Draws) -> Schedule {
    let from = Time::ZERO + seconds(8) + Duration(draws.below(seconds(15).0));
    Schedule { faults: vec![Fault::at(Kind::Pause, TOOL).from(from).lasting(seconds(draws.choose(5, 9, 5)))] }
}

fn story(name: &str, retry: Retry, hedge: Hedge, key: Key) -> Story {
    Story::new(name, move |sim: Sim| async move {
        sim.team(CLERKS, move |agent| clerk(agent, retry, hedge, key)).tools(TOOLS.clone());
        sim.schedule_drawn(trouble).run_for(minutes(4)).await;
        sim.check(NoRepeatedStep);
        sim.check(DeadlinesKept);
    })
    .expect(&DeadlinesKept)
}

/// What did not answer is paid again.
pub(crate) fn payments() -> Story {
    story("payments", Retry::times(4), Hedge::after(LATE, Repeatable::OnceOnly), Key::OfTry)
        .about("clerks pay bills through a service that pauses once; what does not answer is paid again")
        .violates(&NoRepeatedStep)
}

/// What may have been paid is not paid again.
pub(crate) fn payments_once() -> Story {
    payments_once_of(Retry::times(4).once_only(), Hedge::after(LATE, Repeatable::OnceOnly))
}

/// The same with these policies.
#[must_use]
pub fn payments_once_of(retry: Retry, hedge: Hedge) -> Story {
    story("payments_once", retry, hedge, Key::OfTry)
        .about("the same: what may have been paid is left to a person")
        .expect(&NoRepeatedStep)
}

/// What may have been paid is paid again, under the bill's own key.
pub(crate) fn payments_keyed() -> Story {
    story("payments_keyed", Retry::times(4), Hedge::after(LATE, Repeatable::OnceOnly), Key::OfBill)
        .about("the same: every try to pay a bill has the bill's key, and may be made again")
        .expect(&NoRepeatedStep)
}
