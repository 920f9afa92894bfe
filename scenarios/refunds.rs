//! A team that pays customers back through a tool: as usually written, and so that nobody is paid twice.

use crate::clerks;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use synod::agent::Rounds;
use synod::check::{EffectAtMostOnce, NoRepeatedStep};
use synod::fault::{Kind, Nemesis};
use synod::model::{Action, Profile, Task, ToolCall};
use synod::scenario::Story;
use synod::seed::Draws;
use synod::time::{minutes, seconds};
use synod::tool::{CallError, Invocation, Service, Toolbox};
use synod::{Agent, Error, Result, Sim};

/// What a payment says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payment {
    /// How much.
    pub cents: u64,
    /// For which order.
    pub order: String,
}

/// What comes of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Receipt {
    /// Names the payment.
    pub receipt: String,
}

/// Pays orders back. Remembers idempotency keys, for those who give it some.
pub struct Refund;

impl Service for Refund {
    type Arguments = Payment;
    type Output = Receipt;
    type State = Vec<Payment>;
    const NAME: &'static str = "refund";
    const ABOUT: &'static str = "Pays an order back to its customer.";

    fn call(&self, paid: &mut Vec<Payment>, payment: Payment) -> std::result::Result<Receipt, String> {
        if payment.cents == 0 {
            return Err("there is nothing to pay".to_owned());
        }
        let receipt = receipt_of(&payment);
        paid.push(payment);
        Ok(Receipt { receipt })
    }
}

fn receipt_of(Payment { cents, order }: &Payment) -> String {
    format!("paid-{order}-{cents}")
}

/// Hands an order over to a person.
pub struct Escalate;

/// What a person is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Matter {
    /// The order that it is about.
    pub order: String,
}

impl Service for Escalate {
    type Arguments = Matter;
    type Output = String;
    type State = Vec<String>;
    const NAME: &'static str = "escalate";
    const ABOUT: &'static str = "Hands an order over to a person, who decides within a day.";

    fn call(&self, open: &mut Vec<String>, Matter { order }: Matter) -> std::result::Result<String, String> {
        open.push(order);
        Ok(format!("matter {}", open.len()))
    }
}

/// Compiled once, for all seeds.
static TOOLS: LazyLock<Toolbox> = LazyLock::new(|| Toolbox::default().with(Refund).with(Escalate));

/// A complaint about an order.
#[derive(Clone)]
struct Complaint {
    payment: Payment,
}

/// What the customer is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Settlement {
    cents: u64,
    order: String,
    receipt: String,
}

impl Task for Complaint {
    type Reply = Settlement;

    fn generate(draws: &mut Draws) -> (String, Complaint) {
        let [first, second, third] = clerks::lookalikes(draws);
        let cents = draws.choose(900, 90_000, 900);
        let payment = Payment { cents, order: format!("ord-{second}") };
        let evidence = format!(
            "Goods that arrive broken are paid back in full, at once.\n\
             ord-{first}: delivered, {} cents, no complaint.\n\
             ord-{second}: arrived broken, {cents} cents, the customer waits for the money.\n\
             ord-{third}: on its way, {} cents.",
            cents + 350,
            cents / 2,
        );
        (evidence, Complaint { payment })
    }

    fn right(&self) -> Settlement {
        let Payment { cents, order } = self.payment.clone();
        Settlement { receipt: receipt_of(&self.payment), cents, order }
    }

    fn actions(&self) -> Vec<Action> {
        vec![Action::new(Refund::NAME, &self.payment)]
    }
}

/// How many replies of its model an agent reads for one complaint.
const ROUNDS: Rounds = Rounds(6);
/// How often a call is tried that did not answer in time.
const TRIES: u32 = 4;
/// How long a deputy waits for word that it is done: longer than nine in ten replies take.
const TAKEOVER: synod::time::Duration = seconds(40);

/// As usually written: a call that does not answer is made again, and a colleague who hears nothing does it himself.
async fn hasty(agent: Agent) -> Result<()> {
    clerks::take_on(&agent);
    if !clerks::works(&agent) && agent.timeout(TAKEOVER, agent.recv::<Settlement>()).await.is_some() {
        return Ok(());
    }
    let settled: Settlement = agent.use_tools(agent.task_with_tools(), ROUNDS, again_and_again).await?;
    agent.broadcast(&settled).await?;
    clerks::settle(&agent, Some(settled)).await
}

async fn again_and_again(agent: Agent, call: ToolCall) -> Result<String> {
    for _ in 1..TRIES {
        match agent.call(&call).await {
            Err(Error::Call(CallError::Timeout)) => {}
            ended => return ended,
        }
    }
    agent.call(&call).await
}

/// What the executor must not forget: the call that it is about to make, then what came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Intent {
    call: ToolCall,
    result: Option<String>,
}

/// As it should be: one member alone pays; it checks every call against the tool's schema, writes it down before it
/// makes it, and makes it under a key of the complaint's own, so that each repetition of it is the same payment.
async fn careful(agent: Agent) -> Result<()> {
    if !clerks::works(&agent) {
        let told = agent.recv::<Settlement>().await.message;
        return agent.decide(told).await;
    }
    clerks::take_on(&agent);
    if let Some(Intent { call, result: None }) = agent.recover().await {
        // It crashed in the middle of a call: nobody knows what came of it until it is made again.
        let _ = keyed(agent.clone(), call).await;
    }
    // Whatever the model says in the end: what counts is what the tool gave.
    let said: Result<Settlement> = agent.use_tools(agent.task_with_tools(), ROUNDS, keyed).await;
    let Some(Intent { call, result: Some(result) }) = agent.recover().await else {
        return clerks::settle(&agent, None::<Settlement>).await;
    };
    let (Ok(Payment { cents, order }), Ok(Receipt { receipt }), Ok(_)) =
        (serde_json::from_str(&call.arguments), serde_json::from_str(&result), said)
    else {
        return clerks::settle(&agent, None::<Settlement>).await;
    };
    agent.announce(Refund::NAME, &Receipt { receipt: receipt.clone() }).await?;
    let settled = Settlement { cents, order, receipt };
    agent.broadcast(&settled).await?;
    clerks::settle(&agent, Some(settled)).await
}

async fn keyed(agent: Agent, call: ToolCall) -> Result<String> {
    let key = clerks::key_of(&agent, &call)?;
    agent.save(&Intent { call: call.clone(), result: None }).await?;
    for pause in 0..TRIES {
        match agent.call(Invocation::of(&call).key(&key)).await {
            Err(Error::Call(CallError::Timeout)) => agent.sleep(seconds(1 << pause)).await,
            Ok(result) => {
                agent.save(&Intent { call, result: Some(result.clone()) }).await?;
                return Ok(result);
            }
            ended => return ended,
        }
    }
    Err("the tool does not answer".into())
}

/// What goes wrong: links, models, and crashes of agents and tools that keep their disks.
fn nemesis() -> Nemesis {
    let crashes = Nemesis::only(Kind::Crash) + Nemesis::only(Kind::CrashAfterPersist) + Nemesis::only(Kind::Pause);
    Nemesis::network() + Nemesis::hallucinations() + Nemesis::outages() + crashes
}

/// Two clerks who pay as if nothing could go wrong.
pub(crate) fn refunds() -> Story {
    let body = |sim: Sim| async move {
        sim.task(Complaint::generate).team(2, hasty).tools(TOOLS.clone()).model(Profile::grounded());
        sim.role("clerk");
        sim.nemesis(nemesis()).run_for(minutes(10)).await;
        sim.check(EffectAtMostOnce);
    };
    Story::new("refunds", body)
        .about("two async clerks pay a customer back through a tool; what does not answer is tried again")
        .violates(&EffectAtMostOnce)
}

/// The same with one executor, checked calls and idempotency keys.
pub(crate) fn refunds_keyed() -> Story {
    let body = |sim: Sim| async move {
        sim.task(Complaint::generate).team(2, careful).tools(TOOLS.clone()).model(Profile::grounded());
        sim.role("clerk");
        sim.nemesis(nemesis()).run_for(minutes(10)).await;
        sim.check(EffectAtMostOnce);
        sim.check(NoRepeatedStep);
        clerks::judge(&sim);
    };
    let story = Story::new("refunds_keyed", body)
        .about("the same: one executor, calls checked and written down, one idempotency key for each complaint")
        .expect(&EffectAtMostOnce)
        .expect(&NoRepeatedStep);
    clerks::expecting(story)
}
