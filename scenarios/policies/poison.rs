//! A task that ends whoever takes it. As usually written, a lead hands it to the next sub-agent, for ever: recover,
//! reassign, die. It should set it aside after a few times, and say so.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use synod::agent::Delegated;
use synod::check::{NoLivelock, NoSilentLoss};
use synod::fact::Fact;
use synod::model::ToolCall;
use synod::policy::{Leases, Token};
use synod::scenario::Story;
use synod::time::{Duration, Time, minutes, seconds};
use synod::tool::{Invocation, Service, Toolbox};
use synod::{Agent, Result, Sim};

const TASKS: u64 = 5;
/// A sub-agent has a call of a second to make; its claim ends when its lead waits no more.
const LEASE: Duration = seconds(20);
/// Handed out so often, a task is set aside: one less than a queue's usual limit of five deliveries.
const TIMES: u32 = 4;
const END: Duration = minutes(4);

/// Reads documents, if they can be read.
struct Parse;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Document {
    document: u64,
}

impl Service for Parse {
    type Arguments = Document;
    type Output = u64;
    type State = ();
    const NAME: &'static str = "parse";
    const ABOUT: &'static str = "Reads a document.";

    fn call(&self, (): &mut (), Document { document }: Document) -> std::result::Result<u64, String> {
        // A sixth of all documents cannot be read, today or tomorrow.
        if document % 6 == 5 { Err("it cannot be read".to_owned()) } else { Ok(document / 2) }
    }
}

static TOOLS: LazyLock<Toolbox> = LazyLock::new(|| Toolbox::default().with(Parse));

fn task(number: u64) -> String {
    format!("inbox/{number}")
}

/// A sub-agent: claims its task and reads the document. What it cannot read ends it.
async fn reader(agent: Agent, number: u64, document: u64, token: Token, until: Time) -> Result<()> {
    agent.note(Fact::Claimed { work: task(number), token: token.0, until });
    let id = format!("read {number} for the {}th time", token.0);
    let call = ToolCall { id, name: Parse::NAME.to_owned(), arguments: format!(r#"{{"document":{document}}}"#) };
    agent.call(Invocation::of(&call)).await?;
    agent.conclude(&task(number), Vec::new());
    Ok(())
}

/// Hands a task to a sub-agent.
async fn hand_out(agent: &Agent, leases: &mut Leases, number: u64, document: u64) -> Delegated {
    let until = agent.now() + LEASE;
    let Ok(token) = leases.claim(&task(number), agent.now(), LEASE) else { return Delegated::Lost };
    let read = move |helper: Agent| reader(helper, number, document, token, until);
    let ended = agent.delegate("reader", LEASE, read).await;
    leases.release(&task(number), token, agent.now());
    ended
}

async fn lead(agent: Agent, most: Option<u32>) -> Result<()> {
    let mut leases = Leases::new();
    let mut aside = Vec::new();
    agent.undertake("inbox", END);
    for number in 0..TASKS {
        agent.undertake(&task(number), END);
        let (document, mut times) = (agent.draw(1_000), 0);
        while hand_out(&agent, &mut leases, number, document).await != Delegated::Done {
            times += 1;
            if most.is_some_and(|most| times >= most) {
                agent.conclude(&task(number), vec![task(number)]);
                aside.push(task(number));
                break;
            }
            agent.sleep(seconds(1)).await;
        }
    }
    agent.conclude("inbox", aside);
    agent.decide("what can be read is read").await
}

fn story(name: &str, most: Option<u32>) -> Story {
    Story::new(name, move |sim: Sim| async move {
        sim.team(1, move |agent| lead(agent, most)).tools(TOOLS.clone()).run_for(END).await;
        sim.check(NoLivelock::DEFAULT);
        sim.check(NoSilentLoss);
    })
    .expect(&NoSilentLoss)
}

/// What fails is handed out again until it does not.
pub(crate) fn poison() -> Story {
    story("poison", None)
        .about("a lead hands documents to sub-agents; one that cannot be read ends each of them, and is handed on")
        .violates(&NoLivelock::DEFAULT)
}

/// What fails again and again is set aside.
pub(crate) fn poison_set_aside() -> Story {
    poison_set_aside_of(|most| most)
}

/// The same; what may be done with a task how often is made so.
#[must_use]
pub fn poison_set_aside_of(most: fn(Option<u32>) -> Option<u32>) -> Story {
    story("poison_set_aside", most(Some(TIMES)))
        .about("the same; what ended four sub-agents is set aside and said to be missing")
        .expect(&NoLivelock::DEFAULT)
}
