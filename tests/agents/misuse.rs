//! A test's body that misuses its handle gets one clear line before any seed is run, or a verdict of nobody's.

use super::support::{performed, refusal};
use synod::check::Agreement;
use synod::scenario::{Crash, Runnable, Story};
use synod::time::{Time, seconds};
use synod::{Agent, Sim};

async fn idle(agent: Agent) -> synod::Result {
    agent.abstain().await
}

#[test]
fn a_body_that_cannot_work_is_refused_in_one_line() {
    let cases = [
        (Story::new("s", |sim: Sim| async move { sim.run_for(seconds(1)).await }), "0 agents: call sim.team("),
        (
            Story::new("s", |sim: Sim| async move {
                sim.team(0, idle);
                sim.run_for(seconds(1)).await;
            }),
            "0 agents: call sim.team(",
        ),
        (
            Story::new("s", |sim: Sim| async move {
                sim.team(1, idle).models(0);
                sim.run_for(seconds(1)).await;
            }),
            "0 models: leave out sim.models(0)",
        ),
        (Story::new("s", |sim: Sim| async move { _ = sim.team(1, idle) }), "never runs: call sim.run_for("),
        (
            Story::new("s", |sim: Sim| async move {
                sim.team(1, idle);
                sim.check(Agreement);
                sim.run_for(seconds(1)).await;
            }),
            "sim.check judges a run: call sim.run_for(",
        ),
        (
            Story::new("s", |sim: Sim| async move {
                sim.team(1, idle);
                std::future::pending::<()>().await;
            }),
            "awaits something other than sim.run_for",
        ),
    ];
    for (story, expected) in cases {
        let line = refusal(&story);
        assert!(line.contains(expected) && line.starts_with("scenario 's' cannot run: "), "{line}");
        assert!(!line.contains('\n'), "{line}");
        let crash = performed(&story, 0).crash.expect("run all the same, it fails");
        assert!(crash.node.is_none() && line.ends_with(&crash.what), "{crash:?}");
    }
}

#[test]
fn a_body_that_goes_astray_later_fails_its_run_there() {
    let story = Story::new("s", |sim: Sim| async move {
        sim.team(1, idle);
        sim.run_for(seconds(1)).await;
        std::future::pending::<()>().await;
    });
    assert_eq!(story.validate(), Ok(()));
    let Crash { node, at, what } = performed(&story, 1).crash.expect("the body waits for ever");
    assert_eq!((node, at), (None, Time(seconds(1).0)));
    assert!(what.contains("awaits something other than sim.run_for"), "{what}");
}

#[test]
fn a_panic_of_the_body_is_reported_with_its_place() {
    let before = Story::new("s", |sim: Sim| async move {
        assert!(sim.history().entries().len() > 1_000, "too short before");
    });
    let after = Story::new("s", |sim: Sim| async move {
        sim.team(1, idle);
        sim.run_for(seconds(1)).await;
        assert!(sim.history().entries().len() > 1_000, "too short after");
    });
    for (story, text) in [(before, "too short before"), (after, "too short after")] {
        assert_eq!(story.validate(), Ok(()), "the run reports it, with its seed");
        let run = performed(&story, 3);
        let crash = run.crash.expect("the body panics");
        assert!(crash.what.starts_with("the test's body panicked at tests/agents/misuse.rs:"), "{crash}");
        assert!(crash.what.ends_with(text) && run.digest != 0, "{crash}");
    }
}
