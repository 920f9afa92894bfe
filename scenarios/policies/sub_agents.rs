//! The plainest failure: a lead hands three parts of a report to sub-agents, and one fails: in time, in form, or
//! completely. As usually written the workflow ends there. It should ask in other words, whatever the failure was, then
//! take something simpler, then deliver what there is and say what is missing.
//!
//! What is simpler here is a rule, where there is one: all models of a simulated team have one profile.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use synod::agent::Delegated;
use synod::check::{Check, DeadlinesKept, Lane, NoSilentLoss, Property, PropertyKind, Step, Verdict, Witness};
use synod::fact::Fact;
use synod::fault::{Kind, Nemesis};
use synod::history::History;
use synod::id::NodeId;
use synod::model::{Profile, Task};
use synod::policy::{Partial, Plan, Retry};
use synod::scenario::Story;
use synod::seed::Draws;
use synod::time::{Duration, minutes, seconds};
use synod::{Agent, Error, Result, Sim, majority};

/// The lead, and the customer who wants the report.
const AGENTS: u16 = 2;
const LEAD: NodeId = NodeId::agent(0);
const PARTS: [&str; 3] = ["report/facts", "report/risks", "report/costs"];
/// Facts can be looked up by rule, whatever becomes of the model.
const BY_RULE: &str = "report/facts";
/// What the customer bears: three parts of a minute each, and some.
const DUE: Duration = seconds(200);
/// How long a part may take, and each question about it: as long as nine in ten replies. Two questions leave time for
/// the rule.
const PART: Duration = seconds(60);
const EACH: Duration = seconds(15);

/// What is reported on.
#[derive(Clone)]
struct Project {
    name: String,
    days: u64,
}

/// A part of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Section {
    project: String,
    days: u64,
}

impl Task for Project {
    type Reply = Section;

    fn generate(draws: &mut Draws) -> (String, Project) {
        let (number, days) = (draws.choose(10, 99, 10), draws.choose(3, 90, 3));
        let name = format!("project-{number}");
        let evidence = format!("{name} is planned to take {days} days. project-7 took {} days.", days / 2 + 1);
        (evidence, Project { name, days })
    }

    fn right(&self) -> Section {
        Section { project: self.name.clone(), days: self.days }
    }
}

/// A deterministic rule: poorer than a model's answer, and always there.
fn by_rule(evidence: &str) -> Section {
    let mut words = evidence.split(' ');
    let project = words.next().unwrap_or_default().to_owned();
    let days = words.find_map(|word| word.parse().ok()).unwrap_or_default();
    Section { project, days }
}

/// Waits for the report, and looks after a while whether it came.
async fn customer(agent: Agent) -> Result<()> {
    agent.sleep(DUE + seconds(1)).await;
    agent.abstain().await
}

/// One part, made as usual.
async fn plain(agent: Agent, part: &'static str) -> Result<()> {
    let found: Section = agent.ask(agent.task()).await?;
    agent.conclude(part, Vec::new());
    agent.send(LEAD, &found).await
}

/// As usually written: what fails fails the whole.
async fn fragile(agent: Agent) -> Result<()> {
    agent.undertake("report", DUE);
    let mut found = Vec::new();
    for part in PARTS {
        agent.undertake(part, DUE);
        match agent.delegate(part, PART, move |helper| plain(helper, part)).await {
            Delegated::Done => found.push(agent.recv::<Section>().await.message),
            failed => return Err(Error::Other(format!("{part}: {failed:?}"))),
        }
    }
    agent.conclude("report", Vec::new());
    agent.decide(majority(&found)).await
}

/// One part, made with the policies there are for it.
async fn supported(agent: Agent, part: &'static str, plan: Plan) -> Result<()> {
    let asked = agent.ask::<Section>(agent.task()).plan(plan);
    let rule = |agent: Agent| async move { Ok(by_rule(&agent.evidence())) };
    let found = if part == BY_RULE { asked.fallback(rule).await } else { asked.await }?;
    agent.conclude(part, Vec::new());
    agent.send(LEAD, &found).await
}

/// As it should be: what fails is missing, and is said to be.
async fn degrading(agent: Agent, mut report: Partial<()>, plan: Plan) -> Result<()> {
    agent.undertake("report", DUE);
    let mut found = Vec::new();
    for part in PARTS {
        agent.undertake(part, DUE);
        let plan = plan.clone();
        match agent.delegate(part, PART, move |helper| supported(helper, part, plan)).await {
            Delegated::Done => {
                found.push(agent.recv::<Section>().await.message);
                report.put(part, ());
            }
            failed => {
                agent.conclude(part, vec![part.to_owned()]);
                report.lack(part, format!("{failed:?}"));
            }
        }
    }
    agent.conclude("report", report.missing().into_iter().map(|missing| missing.part).collect());
    if found.is_empty() { agent.abstain().await } else { agent.decide(majority(&found)).await }
}

/// That whoever asks again says it in other words.
struct OtherWords;

impl Check for OtherWords {
    fn property(&self) -> Property {
        Property {
            name: "other_words",
            about: "a question that is put again is put in other words, whatever became of the one before",
            source: "this scenario; arXiv 2505.06120: a model's error outlasts repetitions of the same words",
            kind: PropertyKind::Safety,
        }
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        let (mut said, mut judged) = (BTreeMap::<&str, u64>::new(), 0);
        for (place, entry, fact) in history.facts() {
            let Fact::Questioned { question, words } = fact else { continue };
            let Some(before) = said.insert(question, *words) else { continue };
            judged += 1;
            if before == *words {
                let what = format!("puts {question} to its model again");
                return Verdict::Violated(Witness {
                    property: self.property().name,
                    shape: "the same words again".to_owned(),
                    steps: vec![Step { place: Some(place), at: entry.at, node: entry.node, what }],
                    contradiction: format!("{question} was put in the same words before."),
                });
            }
        }
        Verdict::Holds { judged }
    }
}

/// That what can be had by rule is there.
struct RuleApplied;

impl Check for RuleApplied {
    fn property(&self) -> Property {
        Property {
            name: "rule_applied",
            about: "a part that can be had by rule is never missing",
            source: "this scenario",
            kind: PropertyKind::Safety,
        }
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        let mut judged = 0;
        for (place, entry, fact) in history.facts() {
            let Fact::Concluded { work, missing } = fact else { continue };
            judged += u64::from(work == BY_RULE);
            if work == BY_RULE && !missing.is_empty() {
                let what = format!("goes without {work}");
                return Verdict::Violated(Witness {
                    property: self.property().name,
                    shape: "a part that is missing without need".to_owned(),
                    steps: vec![Step { place: Some(place), at: entry.at, node: entry.node, what }],
                    contradiction: format!("{work} can be had by rule."),
                });
            }
        }
        Verdict::Holds { judged }
    }
}

/// A sub-agent fails in time, in form, or completely.
fn nemesis() -> Nemesis {
    let form = Nemesis::only(Kind::MalformedJson) + Nemesis::only(Kind::Refusal) + Nemesis::only(Kind::Truncated);
    Nemesis::only(Kind::ModelTimeout) + form + Nemesis::only(Kind::ModelOutage)
}

/// A workflow that ends with the first failure of a part.
pub(crate) fn sub_agents() -> Story {
    let body = |sim: Sim| async move {
        sim.task(Project::generate).model(Profile::grounded()).team(AGENTS, |agent: Agent| async move {
            if agent.id() == LEAD { fragile(agent).await } else { customer(agent).await }
        });
        sim.nemesis(nemesis()).run_for(minutes(5)).await;
        sim.check(DeadlinesKept);
    };
    Story::new("sub_agents", body)
        .about("a lead hands three parts of a report to sub-agents; the first failure ends the workflow")
        .violates(&DeadlinesKept)
}

/// A workflow that delivers what there is.
pub(crate) fn sub_agents_degrading() -> Story {
    sub_agents_degrading_of(Partial::of(PARTS), plan(Retry::times(2)))
}

/// How a part is asked for: in other words after each failure, and in time for the rule.
fn plan(retry: Retry) -> Plan {
    Plan::new(retry.rephrased()).each(EACH).within(PART - seconds(5))
}

/// The same with this retry policy.
#[must_use]
pub fn sub_agents_degrading_with(retry: Retry) -> Story {
    sub_agents_degrading_of(Partial::of(PARTS), plan(retry))
}

/// The same where nothing goes wrong but this.
#[must_use]
pub fn sub_agents_degrading_under(nemesis: Nemesis) -> Story {
    degrading_story(Partial::of(PARTS), plan(Retry::times(2)), nemesis)
}

/// The same with this report to fill and this plan for each part.
#[must_use]
pub fn sub_agents_degrading_of(report: Partial<()>, plan: Plan) -> Story {
    degrading_story(report, plan, nemesis())
}

fn degrading_story(report: Partial<()>, plan: Plan, nemesis: Nemesis) -> Story {
    let body = move |sim: Sim| {
        let (report, plan, nemesis) = (report.clone(), plan.clone(), nemesis.clone());
        async move {
            sim.task(Project::generate).model(Profile::grounded()).team(AGENTS, move |agent: Agent| {
                let (report, plan) = (report.clone(), plan.clone());
                async move {
                    if agent.id() == LEAD { degrading(agent, report, plan).await } else { customer(agent).await }
                }
            });
            sim.nemesis(nemesis).run_for(minutes(5)).await;
            sim.check(DeadlinesKept);
            sim.check(NoSilentLoss);
            sim.check(OtherWords);
            sim.check(RuleApplied);
        }
    };
    Story::new("sub_agents_degrading", body)
        .about("the same: other words, then a rule where there is one, then a report that says what is missing")
        .expect(&DeadlinesKept)
        .expect(&NoSilentLoss)
        .expect(&OtherWords)
        .expect(&RuleApplied)
}
