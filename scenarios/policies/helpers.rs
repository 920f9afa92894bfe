//! A lead that hands questions to three helpers, each with a model of its own: one model hangs, one garbles, one shell
//! is paused, and any may be wrong. As usually written, a helper that beats is well; its model's progress, what it says
//! and what a second agent, the lead with a rule, says to that should count.

use super::ledger::{Invoice, Sum, added_up};
use super::{Work, together};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use synod::agent::ReplyStream;
use synod::check::DeadlinesKept;
use synod::fault::{Fault, Kind, Schedule};
use synod::id::NodeId;
use synod::model::{Chunk, Profile, Request, Speaker, Task};
use synod::policy::{Condition, Detector, Health, Remembered, Sign, Vitals};
use synod::scenario::Story;
use synod::time::{Duration, Time, millis, minutes, seconds};
use synod::{Agent, Result, Sim};

/// The lead and three helpers.
const AGENTS: u16 = 4;
const LEAD: NodeId = NodeId::agent(0);
const QUESTIONS: u64 = 6;
const BEAT: Duration = seconds(1);
/// Three heartbeats.
const SILENCE: Duration = seconds(3);
/// How often the lead looks at who has its question.
const LOOK: Duration = millis(500);
/// By when a question is to be answered: each helper may take half a minute before it counts as stuck, and be asked
/// twice more before it counts as garbling.
const DUE: Duration = minutes(5);
/// Between two questions.
const PAUSE: Duration = seconds(5);
/// How long an answer of yesterday's will do.
const FRESH: Duration = minutes(2);
const END: Duration = minutes(22);

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Beat;

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Question {
    number: u64,
    /// How often it was put to somebody.
    round: u64,
}

/// A helper's model begins to answer.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Yields {
    round: u64,
}

/// What a helper's model said of it; nothing if that cannot be used.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Said {
    round: u64,
    sum: Option<Sum>,
}

/// Asks its model without a bound of its own, and beats meanwhile.
async fn helper(agent: Agent) -> Result<()> {
    let beating = agent.clone();
    let works: [Work<'_>; 2] = [
        Box::pin(async move {
            loop {
                let _ = beating.send(LEAD, &Beat).await;
                beating.sleep(BEAT).await;
            }
        }),
        Box::pin(async move {
            loop {
                let Question { number, round } = agent.recv::<Question>().await.message;
                // The same words whoever asks again: who errs on them errs alike, and another helper is what helps.
                let words = format!("This is question {number}.");
                let request: Request = agent.task().say(Speaker::User, words);
                let reply = read(&agent, round, agent.stream_within(request, END)).await;
                let _ = agent.send(LEAD, &Said { round, sum: serde_json::from_str(&reply).ok() }).await;
            }
        }),
    ];
    together(works.into()).await;
    Ok(())
}

/// All of a reply that comes, and says that it comes.
async fn read(agent: &Agent, round: u64, mut reply: ReplyStream) -> String {
    let mut text = String::new();
    while let Some(Ok(arrival)) = reply.next().await {
        if let Chunk::Text(more) = arrival.chunk {
            if text.is_empty() {
                let _ = agent.send(LEAD, &Yields { round }).await;
            }
            text.push_str(&more);
        }
    }
    text
}

/// A lead with what it knows of its helpers.
struct Lead {
    agent: Agent,
    health: BTreeMap<NodeId, Health>,
    round: u64,
    /// What a rule says, which holds each answer against it.
    rule: Sum,
}

impl Lead {
    /// Hears heartbeats and answers until it is time to look again. The answer, if one came to this round.
    async fn listen(&mut self) -> Option<Said> {
        let end = self.agent.now() + LOOK;
        let (agent, round, mut beats, mut said) = (self.agent.clone(), self.round, Vec::new(), None);
        let mut yields = Vec::new();
        let works: [Work<'_>; 3] = [
            Box::pin(async {
                while let Some(heard) = agent.timeout(end.since(agent.now()), agent.recv::<Yields>()).await {
                    yields.extend((heard.message.round == round).then_some(heard.from));
                }
            }),
            Box::pin(async {
                while let Some(beat) = agent.timeout(end.since(agent.now()), agent.recv::<Beat>()).await {
                    beats.push(beat.from);
                }
            }),
            Box::pin(async {
                while let Some(heard) = agent.timeout(end.since(agent.now()), agent.recv::<Said>()).await {
                    if heard.message.round == round {
                        said = Some(heard.message);
                    }
                }
            }),
        ];
        together(works.into()).await;
        let now = self.agent.now();
        for from in beats {
            self.health.entry(from).and_modify(|health| health.heard(now));
        }
        for from in yields {
            self.health.entry(from).and_modify(|health| health.told(now, Sign::Progress));
        }
        said
    }

    /// Waits for the next question, and hears heartbeats meanwhile: who is not listened to does not seem well.
    async fn pause(&mut self) {
        let end = self.agent.now() + PAUSE;
        while self.agent.now() < end {
            self.listen().await;
        }
    }

    /// Puts a question to helpers: to the same one as long as it is well, then to the next. `None`: none of them is.
    async fn ask(&mut self, number: u64) -> Option<Sum> {
        let mut order: Vec<NodeId> = self.health.keys().copied().collect();
        // All have their turn.
        let turn = number as usize % order.len();
        order.rotate_left(turn);
        loop {
            let now = self.agent.now();
            let asked = order.iter().copied().find(|helper| self.health[helper].is_well(now))?;
            self.round += 1;
            let _ = self.agent.send(asked, &Question { number, round: self.round }).await;
            self.tell(asked, Health::handed);
            if let Some(sum) = self.wait_for(asked).await {
                return Some(sum);
            }
        }
    }

    /// Waits for the one who was asked, as long as that one is well.
    async fn wait_for(&mut self, asked: NodeId) -> Option<Sum> {
        loop {
            match self.listen().await {
                Some(Said { sum: Some(sum), .. }) => {
                    self.tell(asked, |health, now| health.told(now, Sign::Usable));
                    let right = sum == self.rule;
                    let sign = if right { Sign::Confirmed } else { Sign::Refuted };
                    self.tell(asked, |health, now| health.told(now, sign));
                    return right.then_some(sum);
                }
                Some(Said { sum: None, .. }) => {
                    self.tell(asked, |health, now| health.told(now, Sign::Unusable));
                    return None;
                }
                None => {}
            }
            match self.health[&asked].condition(self.agent.now()) {
                Condition::Well => {}
                Condition::Stuck => {
                    self.tell(asked, |health, now| health.told(now, Sign::TakenBack));
                    return None;
                }
                Condition::Gone | Condition::Garbling | Condition::Refuted => return None,
            }
        }
    }

    fn tell(&mut self, helper: NodeId, what: impl FnOnce(&mut Health, Time)) {
        let now = self.agent.now();
        if let Some(health) = self.health.get_mut(&helper) {
            what(health, now);
        }
    }
}

async fn lead(agent: Agent, health: impl Fn(Time) -> Health) -> Result<()> {
    let helpers = (1..AGENTS).map(NodeId::agent);
    let health = helpers.map(|helper| (helper, health(agent.now()))).collect();
    let rule = added_up(&agent.evidence());
    let mut lead = Lead { agent: agent.clone(), health, round: 0, rule };
    let mut memory = Remembered::for_at_most(FRESH);
    let mut last = added_up(&agent.evidence());
    for number in 0..QUESTIONS {
        let work = format!("question-{number}");
        agent.undertake(&work, DUE);
        let answered = lead.ask(number).await;
        // Nobody is well: what was said a short while ago, and else what can be had by rule.
        let recalled = || memory.recall(agent.now()).cloned();
        last = answered.clone().or_else(recalled).unwrap_or_else(|| added_up(&agent.evidence()));
        if let Some(sum) = answered {
            memory.keep(agent.now(), sum);
        }
        agent.conclude(&work, Vec::new());
        lead.pause().await;
    }
    agent.decide(last).await
}

/// The first helper's model hangs, the second one's garbles, each for good from its second call on; the third helper is
/// paused for a while.
fn trouble() -> Schedule {
    let ill = |kind, node| Fault::of_caller(kind, NodeId::agent(node)).at_call(1);
    let paused = Fault::at(Kind::Pause, NodeId::agent(3)).from(Time::ZERO + seconds(20)).lasting(seconds(30));
    Schedule { faults: vec![ill(Kind::ModelTimeout, 1), ill(Kind::MalformedJson, 2), paused] }
}

fn story(name: &str, health: impl Fn(Time) -> Health + Copy + Send + Sync + 'static) -> Story {
    Story::new(name, move |sim: Sim| async move {
        sim.task(Invoice::generate).model(Profile::grounded()).models(AGENTS);
        sim.team(AGENTS, move |agent: Agent| async move {
            if agent.id() == LEAD { lead(agent, health).await } else { helper(agent).await }
        });
        sim.schedule(trouble()).run_for(END).await;
        sim.check(DeadlinesKept);
    })
}

/// Vitals that nothing but silence offends.
const HEARTBEAT_ONLY: Vitals = Vitals { progress: END, unusable: u32::MAX, refuted: u32::MAX, rest: seconds(60) };

/// Whoever beats is well.
pub(crate) fn helpers() -> Story {
    story("helpers", |now| Health::new(HEARTBEAT_ONLY, Detector::fixed(SILENCE, now)))
        .about("a lead hands questions to three helpers and takes whoever beats for well; one model hangs")
        .violates(&DeadlinesKept)
}

/// Whoever beats, makes progress and can be understood is well.
pub(crate) fn helpers_watched() -> Story {
    helpers_watched_of(|health| health)
}

/// The same with health checks made so.
#[must_use]
pub fn helpers_watched_of(made: impl Fn(Health) -> Health + Copy + Send + Sync + 'static) -> Story {
    let health = move |now| made(Health::new(Vitals::usual(), Detector::fixed(SILENCE, now)));
    story("helpers_watched", health)
        .about("the same; a model that yields nothing or nonsense is ill, too, and its question goes to another")
        .expect(&DeadlinesKept)
}
