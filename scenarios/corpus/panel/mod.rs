//! A panel: a lead proposes which branch to merge, five reviewers vote, and the lead merges what three of them on two
//! models approved of. As it should be, or with one of its [`Flaw`]s.
//!
//! The team is what MAST's failure modes are about; every rule that it keeps is a decidable invariant of `checks`.

mod checks;
mod flaw;
mod lead;
mod reviewer;

pub use flaw::Flaw;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use synod::check::{AnnouncedIsExecuted, Certificates, EffectAtMostOnce};
use synod::fault::{Kind, Nemesis};
use synod::history::Nature;
use synod::id::NodeId;
use synod::model::{Profile, Task};
use synod::scenario::Story;
use synod::seed::{Draws, Ratio};
use synod::time::{Duration, minutes, seconds};
use synod::tool::{Service, Toolbox};
use synod::{Agent, Sim};

/// The lead and five reviewers.
const AGENTS: u16 = 6;
const LEAD: NodeId = NodeId::agent(0);
/// A panel decides one thing.
const HEIGHT: u64 = 0;
/// Every second agent runs on the same model.
const MODELS: u16 = 2;
/// Approvals that a draft needs: a majority of the reviewers.
const APPROVALS: usize = 3;
/// Rounds after which the lead gives up.
const ROUNDS: u64 = 4;
/// How long a lead waits for ballots: two replies of a model and a check, each as slow as nine in ten.
const PATIENCE: Duration = seconds(50);
/// By when everyone has come to an end: four rounds with a draft each, and restarts.
const END: Duration = minutes(12);
/// Until when reviewers wait for the outcome.
const WAIT: Duration = minutes(10);

/// The branch to merge: what the task asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Pick {
    branch: String,
}

/// Branches of which one is sound.
#[derive(Clone)]
struct Branches {
    sound: String,
}

/// What a branch of this number is called.
fn branch(number: u64) -> String {
    format!("fix-{number}")
}

/// Whether a branch passes its tests: those of even numbers do. Its truth is in its name so that a check can be a
/// service like any other, and models are told it in words.
fn passes(branch: &str) -> bool {
    let number = branch.strip_prefix("fix-").and_then(|number| number.parse::<u64>().ok());
    number.is_some_and(|number| number.is_multiple_of(2))
}

impl Task for Branches {
    type Reply = Pick;

    fn generate(draws: &mut Draws) -> (String, Branches) {
        let (number, step) = (draws.choose(50, 400, 50) * 2, draws.choose(3, 30, 3) * 2);
        let (before, sound, after) = (branch(number - step + 1), branch(number), branch(number + step + 1));
        let evidence = format!(
            "Merge the branch whose tests pass and that two have reviewed.\n{before}: two reviews, 3 tests fail.\n\
             {sound}: two reviews, tests pass.\n{after}: one review, 1 test fails.",
        );
        (evidence, Branches { sound })
    }

    fn right(&self) -> Pick {
        Pick { branch: self.sound.clone() }
    }
}

/// What is merged, or checked.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Named {
    branch: String,
}

/// Merges a branch.
struct Merge;

impl Service for Merge {
    type Arguments = Named;
    type Output = String;
    type State = Vec<String>;
    const NAME: &'static str = "merge";
    const ABOUT: &'static str = "Merges a branch into main.";

    fn call(&self, merged: &mut Vec<String>, Named { branch }: Named) -> Result<String, String> {
        merged.push(branch.clone());
        Ok(merge_of(&branch))
    }
}

fn merge_of(branch: &str) -> String {
    format!("merged {branch}")
}

/// Runs a branch's tests.
struct Tests;

impl Service for Tests {
    type Arguments = Named;
    type Output = String;
    type State = ();
    const NAME: &'static str = "tests";
    const ABOUT: &'static str = "Runs the tests of a branch.";

    fn call(&self, (): &mut (), Named { branch }: Named) -> Result<String, String> {
        Ok(if passes(&branch) { PASS } else { "fail" }.to_owned())
    }

    fn nature(&self) -> Nature {
        Nature::Query
    }
}

/// What the tests of a sound branch say.
const PASS: &str = "pass";

/// Compiled once, for all seeds.
static TOOLS: LazyLock<Toolbox> = LazyLock::new(|| Toolbox::default().with(Merge).with(Tests));

/// A draft of a round, as its author worded it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Draft {
    round: u64,
    text: String,
}

/// What one reviewer says of a draft. Anyone may pass it on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Ballot {
    round: u64,
    voter: NodeId,
    text: String,
    opinion: Opinion,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Opinion {
    Approves,
    Rejects,
    /// The reviewer's model said something that is no opinion.
    Unreadable,
}

/// What came of it all.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Outcome {
    text: Option<String>,
}

/// What goes wrong: links that alter nothing, models, and crashes of agents and tools that keep their disks.
fn nemesis() -> Nemesis {
    let kinds = [
        Kind::Loss,
        Kind::Duplicate,
        Kind::Reorder,
        Kind::DelayUniform,
        Kind::DelayBimodal,
        Kind::LateDelivery,
        Kind::Crash,
        Kind::CrashAfterPersist,
        Kind::Pause,
    ];
    let named = kinds.map(Nemesis::only).into_iter().fold(Nemesis::none(), |nemesis, kind| nemesis + kind);
    Nemesis::partitions() + Nemesis::hallucinations() + Nemesis::outages() + named
}

/// Models that are wrong now and then and unreadable now and then. Rates of ours: often enough to be seen.
fn model() -> Profile {
    Profile::closed_book().slipping(Kind::MalformedJson, Ratio::percent(10))
}

/// A panel, with this flaw or none.
#[must_use]
pub fn panel(flaw: Option<Flaw>) -> Story {
    let body = move |sim: Sim| async move {
        sim.task(Branches::generate).tools(TOOLS.clone()).model(model()).models(MODELS);
        sim.team(AGENTS, move |agent: Agent| async move {
            if agent.id() == LEAD { lead::lead(agent, flaw).await } else { reviewer::reviewer(agent, flaw).await }
        });
        sim.nemesis(nemesis()).run_for(END).await;
        checks::ALL.iter().for_each(|check| sim.check(*check));
        sim.check(Certificates);
        sim.check(EffectAtMostOnce);
        sim.check(AnnouncedIsExecuted);
    };
    let story = Story::new("panel", body).about("a lead drafts, five reviewers on two models vote, the lead merges");
    let story = checks::ALL.iter().fold(story, |story, check| story.expect(check));
    story.expect(&Certificates).expect(&EffectAtMostOnce).expect(&AnnouncedIsExecuted)
}
