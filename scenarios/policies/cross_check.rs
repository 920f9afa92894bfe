//! An answer that is looked at before it is used: by the model that gave it, by another model that answers for itself,
//! and by a rule. Models approve nearly everything they are shown (arXiv 2510.11822); a second model errs less often at
//! the same place, but it does; a rule does not.

use super::ledger::{BOOKS, Invoice, NothingFalse, Posted, Sum, added_up, post};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use synod::check::{Check, Lane, Property, PropertyKind, Step, Verdict, Witness};
use synod::fact::Fact;
use synod::fault::{Kind, Nemesis};
use synod::history::{Event, History};
use synod::id::NodeId;
use synod::model::{Form, Opinion, Profile, Request, Speaker, Task};
use synod::policy::{Belief, Checking, CrossCheck, Retry, Voice};
use synod::scenario::Story;
use synod::time::{Duration, minutes, seconds};
use synod::{Agent, Result, Sim};

const AUTHOR: NodeId = NodeId::agent(0);
/// How many answers the author tries to get confirmed.
const ROUNDS: u32 = 3;
/// How long it waits for each: an examiner's model answers within 24 s in nineteen of twenty cases.
const PATIENCE: Duration = seconds(40);

/// What the team is there for, and by when: as long as it runs.
const WORK: &str = "invoice";
const DUE: Duration = minutes(6);

static OPINION: LazyLock<Form> = LazyLock::new(Opinion::form);

/// An answer that is to be looked at.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Look {
    round: u32,
    said: Sum,
}

/// What an examiner makes of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Looked {
    round: u32,
    verdict: Finding,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Finding {
    Approved,
    Rejected,
    Unreadable,
}

/// The request, in other words with each round.
fn worded(agent: &Agent, round: u32) -> Request {
    match round {
        1 => agent.task(),
        _ => agent.task().say(Speaker::User, format!("Answer {} was not confirmed. Add up again.", round - 1)),
    }
}

/// The author: asks its model, has the answer looked at, and posts what is confirmed.
async fn author(agent: Agent, wants: impl Fn(NodeId) -> Checking, models: u16) -> Result<()> {
    agent.undertake(WORK, DUE);
    let model_of = |agent: NodeId| NodeId::model(agent.index() as u16 % models);
    for round in 1..=ROUNDS {
        let asked = agent.ask::<Sum>(worded(&agent, round)).retry(Retry::times(2)).deadline(PATIENCE);
        let Ok(said) = asked.await else { continue };
        agent.broadcast(&Look { round, said: said.clone() }).await?;
        let mut checking = wants(model_of(AUTHOR));
        let end = agent.now() + PATIENCE;
        while checking.belief() == Belief::Open {
            let looked = agent.timeout(end.since(agent.now()), agent.recv::<Looked>()).await;
            let Some(looked) = looked else { break };
            if looked.message.round == round {
                let voice = match looked.message.verdict {
                    Finding::Approved => Voice::Approves,
                    Finding::Rejected => Voice::Rejects,
                    Finding::Unreadable => Voice::Unreadable,
                };
                checking.opinion(looked.from, model_of(looked.from), voice);
            }
        }
        if checking.belief() == Belief::Accepted {
            return conclude(&agent, Some(&said)).await;
        }
    }
    conclude(&agent, None).await
}

/// An examiner that is shown the answer and asks its model what it thinks of it.
async fn judge(agent: Agent) -> Result<()> {
    loop {
        let look = agent.recv::<Look>().await.message;
        let shown = serde_json::to_string(&look.said).map_err(|error| error.to_string())?;
        let words = format!("{}\nApprove it only if the evidence supports it.\nPROPOSAL: {shown}", agent.evidence());
        let request = Request::about(agent.task().slot).say(Speaker::User, words).expecting(OPINION.schema());
        let verdict = match agent.ask_within::<Opinion>(request, PATIENCE).await {
            Ok(Opinion { approve: true, .. }) => Finding::Approved,
            Ok(_) => Finding::Rejected,
            Err(_) => Finding::Unreadable,
        };
        let _ = agent.send(AUTHOR, &Looked { round: look.round, verdict }).await;
    }
}

/// An examiner that has its model answer for itself, unaware of what the author's said, and compares.
async fn second(agent: Agent) -> Result<()> {
    loop {
        let look = agent.recv::<Look>().await.message;
        let verdict = match agent.ask_within::<Sum>(agent.task(), PATIENCE).await {
            Ok(own) => {
                let (slot, value) = (agent.task().slot, synod::agent::canonical(&own)?);
                agent.note(Fact::Answered { slot, term: 0, round: u64::from(look.round), value });
                if own == look.said { Finding::Approved } else { Finding::Rejected }
            }
            Err(_) => Finding::Unreadable,
        };
        let _ = agent.send(AUTHOR, &Looked { round: look.round, verdict }).await;
    }
}

/// The author with a rule: an answer that the rule refutes is asked for in other words, and in the end the rule's own
/// sum is as good as any.
async fn proving(agent: Agent) -> Result<()> {
    let rule = added_up(&agent.evidence());
    agent.undertake(WORK, DUE);
    for round in 1..=ROUNDS {
        let Ok(said) = agent.ask::<Sum>(worded(&agent, round)).retry(Retry::times(2)).deadline(PATIENCE).await else {
            continue;
        };
        let mut checking = CrossCheck { approvals: 1, models: 1 }.begin(AUTHOR);
        checking.proof(if said == rule { Voice::Approves } else { Voice::Rejects });
        if checking.belief() == Belief::Accepted {
            return conclude(&agent, Some(&said)).await;
        }
    }
    conclude(&agent, Some(&rule)).await
}

/// Posts the answer, or says that there is none.
async fn conclude(agent: &Agent, said: Option<&Sum>) -> Result<()> {
    let done = match said {
        Some(said) => post(agent, said).await,
        None => agent.abstain().await,
    };
    let missing = said.is_none() || done.is_err();
    agent.conclude(WORK, if missing { vec![WORK.to_owned()] } else { Vec::new() });
    done
}

/// That nothing false is posted that only its author's model says. Of what two models say alike nothing is asked: that
/// is rarer false, and how much rarer is a share, not a promise.
struct NoLoneError {
    models: u16,
}

impl Check for NoLoneError {
    fn property(&self) -> Property {
        Property {
            name: "no_lone_error",
            about: "nothing false is posted that no other model than its author's says",
            source: "arXiv 2605.29800 (judges of like training weigh as few); MAST, mode 3.3",
            kind: PropertyKind::Safety,
        }
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        let mut answers: Vec<Sum> = Vec::new();
        let mut judged = 0;
        for (place, entry) in history.entries().iter().enumerate() {
            match &entry.event {
                Event::Fact(Fact::Answered { value, .. })
                    if !(entry.node.index() as u16).is_multiple_of(self.models) =>
                {
                    answers.extend(serde_json::from_slice::<Sum>(value.bytes()));
                }
                Event::Environment(environment) => {
                    let Some(posted) = Posted::of(environment) else { continue };
                    judged += 1;
                    if posted.is_true() || answers.contains(&posted.said()) {
                        continue;
                    }
                    return Verdict::Violated(Witness {
                        property: self.property().name,
                        shape: "an error that only its author's model makes".to_owned(),
                        steps: vec![Step {
                            place: Some(place),
                            at: entry.at,
                            node: entry.node,
                            what: format!("posts {posted}"),
                        }],
                        contradiction: format!("That is false, and no other model says it: {}", posted.truth()),
                    });
                }
                _ => {}
            }
        }
        Verdict::Holds { judged }
    }
}

/// Models err of themselves, hang and garble; nothing else goes wrong.
fn set(sim: &Sim, models: u16) {
    sim.task(Invoice::generate).tools(BOOKS.clone()).model(Profile::grounded()).models(models);
    sim.nemesis(Nemesis::only(Kind::ModelTimeout) + Nemesis::only(Kind::MalformedJson));
}

const USUAL: CrossCheck = CrossCheck { approvals: 1, models: 1 };

/// The same model looks at its own answer.
pub(crate) fn cross_check() -> Story {
    // The one model counts as nobody's own: that is the mistake.
    let body = |sim: Sim| async move {
        set(&sim, 1);
        sim.team(2, |agent: Agent| async move {
            if agent.id() != AUTHOR {
                return judge(agent).await;
            }
            author(agent, |_| USUAL.begin(NodeId::model(u16::MAX)), 1).await
        });
        sim.run_for(minutes(6)).await;
        sim.check(NoLoneError { models: 1 });
    };
    Story::new("cross_check", body)
        .about("an agent adds an invoice up; a second one asks the same model whether that is right")
        .violates(&NoLoneError { models: 1 })
}

/// Another model answers for itself. That is rarer wrong, and not never: see the shares that `compare` gives.
pub(crate) fn cross_check_independent() -> Story {
    cross_check_independent_of(|checking| checking)
}

/// The same with examinations made so. Of three agents the third has the author's model.
#[must_use]
pub fn cross_check_independent_of(made: impl Fn(Checking) -> Checking + Copy + Send + Sync + 'static) -> Story {
    const MODELS: u16 = 2;
    let body = move |sim: Sim| async move {
        set(&sim, MODELS);
        sim.team(3, move |agent: Agent| async move {
            if agent.id() == AUTHOR {
                author(agent, |author| made(USUAL.begin(author)), MODELS).await
            } else {
                second(agent).await
            }
        });
        sim.run_for(minutes(6)).await;
        sim.check(NoLoneError { models: MODELS });
    };
    Story::new("cross_check_independent", body)
        .about("the same; another model adds up for itself, and only equal sums are posted: rarer wrong, not never")
        .expect(&NoLoneError { models: MODELS })
}

/// A rule looks at the answer.
pub(crate) fn cross_check_proved() -> Story {
    let body = |sim: Sim| async move {
        set(&sim, 1);
        sim.team(1, proving).run_for(minutes(6)).await;
        sim.check(NoLoneError { models: 1 });
        sim.check(NothingFalse);
    };
    Story::new("cross_check_proved", body)
        .about("the same; a deterministic rule adds up too, and an answer that differs is not used")
        .expect(&NoLoneError { models: 1 })
        .expect(&NothingFalse)
}
