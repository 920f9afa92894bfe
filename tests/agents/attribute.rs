//! The attribute itself: tests that pass, and one whose failure is replayed in a process of its own.

use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::Command;
use synod::check::{Agreement, Termination};
use synod::fault::Nemesis;
use synod::testing::Case;
use synod::time::{minutes, seconds};
use synod::{Agent, Sim, agreed, quorum};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Vote(u64);

/// Decides on the first majority it hears, or not at all.
async fn voter(agent: Agent) -> synod::Result {
    let mine = agent.recall().unwrap_or(Vote(agent.draw(2)));
    agent.save(&mine).await?;
    agent.broadcast(&mine).await?;
    let votes: Vec<Vote> = agent.gather(quorum(5), seconds(30)).await;
    match agreed(&votes, quorum(5)) {
        Some(vote) => agent.decide(vote).await,
        None => agent.abstain().await,
    }
}

/// Decides on its own: a team of these agrees by luck only.
async fn loner(agent: Agent) -> synod::Result {
    agent.sleep(seconds(1)).await;
    agent.decide(Vote(agent.draw(2))).await
}

#[synod::test(seeds = 50)]
async fn voters_agree(sim: Sim) {
    sim.team(5, voter).nemesis(Nemesis::partitions() + Nemesis::processes());
    sim.run_for(minutes(5)).await;
    sim.check(Agreement);
}

#[synod::test(seeds = 50)]
async fn a_body_may_run_in_steps_and_end_with_an_error(sim: Sim) -> Result<(), String> {
    sim.team(3, loner);
    sim.run_for(seconds(2)).await;
    let decided = sim.history().entries().len();
    sim.run_for(seconds(2)).await;
    if sim.history().entries().len() == decided { Ok(()) } else { Err("a second decision".to_owned()) }
}

/// Set in the process that replays a failure: everywhere else the test below passes.
const BROKEN: &str = "SYNOD_TESTS_BROKEN_TEAM";

#[synod::test(seeds = 50)]
async fn loners_agree(sim: Sim) {
    if std::env::var_os(BROKEN).is_some() { broken(sim).await } else { sound(sim).await }
}

async fn sound(sim: Sim) {
    sim.team(1, loner);
    sim.run_for(seconds(5)).await;
    sim.check(Agreement);
}

pub async fn broken(sim: Sim) {
    sim.team(3, loner).nemesis(Nemesis::processes());
    sim.run_for(minutes(1)).await;
    sim.check(Agreement);
    sim.check(Termination::default());
}

/// The test above, keeping its capsules elsewhere.
pub fn loners(manifest: &'static str) -> Case {
    Case {
        name: "agents::attribute::loners_agree",
        package: env!("CARGO_PKG_NAME"),
        target: env!("CARGO_CRATE_NAME"),
        manifest,
        file: file!(),
        seeds: 50,
    }
}

/// What this test binary prints when it runs the test above with a capsule and the broken team.
pub fn replayed(capsule: &Path) -> String {
    let program = std::env::current_exe().expect("this test binary");
    let output = Command::new(program)
        .args(["--exact", "attribute::loners_agree", "--nocapture"])
        .env("SYNOD_CAPSULE", capsule)
        .env(BROKEN, "1")
        .env_remove("RUST_BACKTRACE")
        .output()
        .expect("it can be run");
    assert!(!output.status.success(), "the replay fails as the test failed");
    [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat()
}
