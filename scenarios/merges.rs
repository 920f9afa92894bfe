//! A team that merges a branch through a tool: one that mends what its model says, one that believes it, and one that
//! looks at what the tool did.

use crate::clerks;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use synod::agent::Rounds;
use synod::check::{AnnouncedIsExecuted, CompleteCalls, EffectAtMostOnce};
use synod::fault::{Kind, Nemesis};
use synod::model::{Action, Profile, Task, ToolCall};
use synod::scenario::Story;
use synod::seed::{Draws, Ratio};
use synod::time::minutes;
use synod::tool::{Invocation, Service, Toolbox};
use synod::{Agent, Result, Sim};

/// What a merge says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Branch {
    branch: String,
    #[serde(default = "trunk")]
    into: String,
}

fn trunk() -> String {
    "main".to_owned()
}

/// What comes of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Commit {
    commit: String,
}

/// Merges branches: any whose name it is given, as services do that create what they do not find.
struct Merge;

impl Service for Merge {
    type Arguments = Branch;
    type Output = Commit;
    type State = BTreeSet<String>;
    const NAME: &'static str = "merge";
    const ABOUT: &'static str = "Merges a branch into another one, main unless told otherwise.";

    fn call(&self, merged: &mut BTreeSet<String>, branch: Branch) -> std::result::Result<Commit, String> {
        merged.insert(branch.branch.clone());
        Ok(Commit { commit: commit_of(&branch) })
    }
}

fn commit_of(Branch { branch, into }: &Branch) -> String {
    format!("merge-of-{branch}-into-{into}")
}

/// Closes a branch without merging it.
struct Close;

impl Service for Close {
    type Arguments = Branch;
    type Output = String;
    type State = BTreeSet<String>;
    const NAME: &'static str = "close";
    const ABOUT: &'static str = "Closes a branch without merging it.";

    fn call(
        &self,
        closed: &mut BTreeSet<String>,
        Branch { branch, .. }: Branch,
    ) -> std::result::Result<String, String> {
        closed.insert(branch.clone());
        Ok(format!("closed {branch}"))
    }
}

/// Compiled once, for all seeds.
static TOOLS: LazyLock<Toolbox> = LazyLock::new(|| Toolbox::default().with(Merge).with(Close));

/// Branches of which one is ready.
#[derive(Clone)]
struct Ready {
    branch: Branch,
}

/// What the team is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Merged {
    branch: String,
    commit: String,
}

impl Task for Ready {
    type Reply = Merged;

    fn generate(draws: &mut Draws) -> (String, Ready) {
        let [first, second, third] = clerks::lookalikes(draws);
        let branch = Branch { branch: format!("fix-{second}"), into: trunk() };
        let evidence = format!(
            "Merge the branch that two have reviewed and whose tests pass.\n\
             fix-{first}: one review, tests pass.\nfix-{second}: two reviews, tests pass.\n\
             fix-{third}: two reviews, 3 tests fail.",
        );
        (evidence, Ready { branch })
    }

    fn right(&self) -> Merged {
        Merged { branch: self.branch.branch.clone(), commit: commit_of(&self.branch) }
    }

    fn actions(&self) -> Vec<Action> {
        vec![Action::new(Merge::NAME, &self.branch)]
    }
}

/// How many replies of its model an agent reads for one merge.
const ROUNDS: Rounds = Rounds(6);

/// Everyone but the first waits to be told.
async fn is_told(agent: &Agent) -> Option<Merged> {
    clerks::take_on(agent);
    if clerks::works(agent) { None } else { Some(agent.recv::<Merged>().await.message) }
}

/// As agent frameworks parse calls: what is open is closed, and off it goes.
async fn mending(agent: Agent) -> Result<()> {
    if let Some(told) = is_told(&agent).await {
        return agent.decide(told).await;
    }
    let mended = |agent: Agent, call: ToolCall| async move { agent.call(&call.repaired()).await };
    let merged: Merged = agent.use_tools(agent.task_with_tools(), ROUNDS, mended).await?;
    agent.broadcast(&merged).await?;
    clerks::settle(&agent, Some(merged)).await
}

/// As usually reported: the team is told what the model says.
async fn believing(agent: Agent) -> Result<()> {
    if let Some(told) = is_told(&agent).await {
        return agent.decide(told).await;
    }
    let called = |agent: Agent, call: ToolCall| async move { agent.call(&call).await };
    let merged: Merged = agent.use_tools(agent.task_with_tools(), ROUNDS, called).await?;
    agent.announce(Merge::NAME, &Commit { commit: merged.commit.clone() }).await?;
    agent.broadcast(&merged).await?;
    clerks::settle(&agent, Some(merged)).await
}

/// What an agent makes of a call that its model gives it.
pub type Made = fn(ToolCall) -> ToolCall;

/// As it should be: half a call is none, a key makes a repetition harmless, and what the tool gave is announced.
async fn looking(agent: Agent, made: Made) -> Result<()> {
    if let Some(told) = is_told(&agent).await {
        return agent.decide(told).await;
    }
    let checked = |agent: Agent, call: ToolCall| async move {
        let call = made(call);
        let key = clerks::key_of(&agent, &call)?;
        let result = agent.call(Invocation::of(&call).key(key)).await?;
        if call.name == Merge::NAME {
            agent.save(&result).await?;
        }
        Ok(result)
    };
    let said: Result<Merged> = agent.use_tools(agent.task_with_tools(), ROUNDS, checked).await;
    let given = agent.recall::<String>().and_then(|result| serde_json::from_str::<Commit>(&result).ok());
    let (Ok(said), Some(given)) = (said, given) else {
        return clerks::settle(&agent, None::<Merged>).await;
    };
    agent.announce(Merge::NAME, &given).await?;
    let merged = Merged { commit: given.commit, ..said };
    agent.broadcast(&merged).await?;
    clerks::settle(&agent, Some(merged)).await
}

/// A model that calls tools as today's do: now and then a call is cut off, or reported and never made. Rates of ours.
fn model() -> Profile {
    let cut = Profile::grounded().slipping(Kind::TruncatedCall, Ratio::percent(2));
    cut.slipping(Kind::FabricatedResult, Ratio::percent(2)).slipping(Kind::WrongArgument, Ratio::percent(2))
}

fn set(sim: &Sim) {
    sim.task(Ready::generate).tools(TOOLS.clone()).model(model());
    sim.nemesis(Nemesis::network() + Nemesis::hallucinations());
}

/// A team that carries out what is left of a call.
pub(crate) fn merges() -> Story {
    let body = |sim: Sim| async move {
        set(&sim);
        sim.team(3, mending).run_for(minutes(10)).await;
        sim.check(CompleteCalls);
    };
    Story::new("merges", body)
        .about("three async agents; the first merges a branch through a tool and mends calls that are cut off")
        .violates(&CompleteCalls)
}

/// A team that takes its model's word for it.
pub(crate) fn merges_believed() -> Story {
    let body = |sim: Sim| async move {
        set(&sim);
        sim.team(3, believing).run_for(minutes(10)).await;
        sim.check(AnnouncedIsExecuted);
    };
    Story::new("merges_believed", body)
        .about("the same; what the model says that it merged is announced as merged")
        .violates(&AnnouncedIsExecuted)
}

/// A team that looks at what the tool did.
pub(crate) fn merges_checked() -> Story {
    merges_checked_of(|call| call)
}

/// The same; calls are taken so.
#[must_use]
pub fn merges_checked_of(made: Made) -> Story {
    let body = move |sim: Sim| async move {
        set(&sim);
        sim.team(3, move |agent| looking(agent, made)).run_for(minutes(10)).await;
        sim.check(EffectAtMostOnce);
        clerks::judge(&sim);
    };
    let story = Story::new("merges_checked", body)
        .about("the same; half a call is none, and what the tool gave is what is announced")
        .expect(&EffectAtMostOnce);
    clerks::expecting(story)
}
