//! Publish and subscribe: state travels in what is published, and what a subscriber heard last is how things stand.

use super::desk::think;
use super::draft::Draft;
use super::mail::Mail;
use synod::agent::Pass;
use synod::model::{Estimate, Request, Speaker, Task};
use synod::scenario::{Parts, Pattern, Rung, Story};
use synod::{Agent, Result};

const ABOUT: &str = "each publishes the last draft it heard with its own part; the last decides by what it heard last";

const PARTS: Parts = Parts::Channel;

pub(super) fn pattern() -> Pattern {
    Pattern::new("topic", ABOUT, PARTS, include_str!("topic.rs"), on)
}

fn on(name: &str, rung: Rung) -> Story {
    super::cell(name, ABOUT, PARTS, move |sim| {
        _ = sim.task(Estimate::generate).team(4, move |agent| subscriber(agent, rung))
    })
}

async fn subscriber(agent: Agent, rung: Rung) -> Result<()> {
    let mut mail = Mail::open(&agent, rung.channel).await?;
    let (place, members) = (agent.id().index(), agent.members().len());
    // It has something to say once as many have spoken as stand before it.
    let mut standing = Draft::default();
    for _ in 0..place {
        standing = mail.next().await?.draft.unwrap_or_default();
    }
    let step = u32::try_from(place).expect("a few members");
    if !mail.said(step) {
        let answer = mail.during(think(&agent, shown(agent.task(), &standing))).await??;
        let draft = standing.signed(&agent, answer);
        if place + 1 == members {
            agent.decide(draft.answer.clone()).await?;
        }
        mail.tell(step, Pass::default(), Some(draft)).await?;
    }
    if place + 1 == members { mail.close().await } else { mail.linger().await }
}

/// The task with what was heard last.
fn shown(request: Request, draft: &Draft) -> Request {
    let lines: Vec<&str> = draft.lines.iter().map(String::as_str).collect();
    request.say(Speaker::User, format!("What was published last rests on:\n{}", lines.join("\n")))
}
