//! Agents that panic, hang, spin or reach outside: each ends as one line that names agent, time, place and remedy.

use super::support::{A1, A2, A3, run, run_with, traced};
use futures::future::{join, poll_fn};
use serde::Serialize;
use std::task::Poll;
use synod::scenario::{Crash, Run};
use synod::time::{Time, minutes, seconds};
use synod::{Agent, Sim};
use tokio::sync::oneshot;

#[derive(Clone, Debug, Serialize)]
struct Word(u64);

const FILE: &str = "tests/agents/containment.rs:";

/// The crash of a team of three in which the second does this after three seconds.
fn crash_of<F, W>(deed: F) -> Crash
where
    F: Fn(Agent) -> W + Clone + Send + Sync + 'static,
    W: Future<Output = ()> + Send + 'static,
{
    let run = run(51, 3, move |agent: Agent| {
        let deed = deed.clone();
        async move {
            if agent.id() == A2 {
                agent.sleep(seconds(3)).await;
                deed(agent).await;
            }
            Ok(())
        }
    });
    let crash = run.crash.clone().expect("it crashes");
    assert_eq!((crash.node, run.failed()), (Some(A2), true), "{crash}");
    assert!(!crash.what.contains('\n'), "{crash}");
    assert_eq!(traced(&run, A2, "panics"), std::slice::from_ref(&crash.what));
    crash
}

#[test]
fn a_panic_names_agent_time_place_and_message() {
    let crash = crash_of(|agent| async move { panic!("no plan for {}", agent.id()) });
    assert_eq!(crash.at, Time(seconds(3).0));
    assert!(crash.what.starts_with(&format!("panicked at {FILE}")), "{crash}");
    assert!(crash.to_string().starts_with("a2 ") && crash.what.ends_with("no plan for a2"), "{crash}");
}

/// Something whose end is not peaceful.
struct Sore(&'static str);

impl Drop for Sore {
    fn drop(&mut self) {
        panic!("{}", self.0);
    }
}

#[test]
fn a_panic_while_an_agent_is_dropped_is_a_verdict_too() {
    let crash = crash_of(|_| async move {
        let _sore = Sore("dropped at its end");
    });
    assert!(crash.what.contains(FILE) && crash.what.ends_with("dropped at its end"), "{crash}");
    let crash = crash_of(|agent| async move {
        let _sore = Sore("dropped at the run's end");
        agent.recv::<Word>().await;
    });
    assert!(crash.what.contains("dropped at the run's end, while the agent was dropped"), "{crash}");
    assert_eq!(crash.at, Time(minutes(10).0));
}

#[test]
fn a_panic_while_a_crashed_agent_is_dropped_is_a_verdict_too() {
    use super::support::{at, only};
    let run = run_with(
        52,
        1,
        |agent: Agent| async move {
            let _sore = (agent.now() == Time::ZERO).then(|| Sore("dropped by a crash"));
            agent.sleep(minutes(2)).await;
            Ok(())
        },
        |sim: &Sim| _ = sim.schedule(only(at(synod::fault::Kind::Crash, A1, seconds(5), seconds(1)))),
    );
    let crash = run.crash.expect("its future panics");
    assert_eq!((crash.node, crash.at), (Some(A1), Time(seconds(5).0)));
    assert!(crash.what.ends_with("dropped by a crash"), "{crash}");
}

#[test]
fn a_panic_of_a_scripted_model_is_the_models() {
    use synod::model::{Request, Scripted};
    let script = |_: &Request| -> u64 { panic!("nobody asked for this") };
    let run = run_with(
        56,
        1,
        |agent: Agent| async move {
            let _ = agent.ask::<u64>(agent.task()).await;
            Ok(())
        },
        move |sim: &Sim| _ = sim.model(Scripted::new(script)),
    );
    let crash = run.crash.expect("the model panics");
    assert_eq!(crash.node, Some(super::support::M1));
    assert!(crash.what.contains(FILE) && crash.what.ends_with("nobody asked for this"), "{crash}");
}

#[test]
fn a_call_that_needs_the_reactor_of_tokio_is_told_what_to_use_instead() {
    let crash = crash_of(|_| tokio::time::sleep(std::time::Duration::from_secs(1)));
    assert!(crash.what.starts_with(&format!("at {FILE}")), "{crash}");
    assert!(crash.what.contains("calls tokio's reactor") && crash.what.contains("agent.sleep"), "{crash}");
    assert_eq!(crash.at, Time(seconds(3).0));
}

#[cfg(madsim)]
#[test]
#[allow(clippy::disallowed_methods, reason = "this test is about what happens then")]
fn a_thread_is_refused_and_its_agent_named() {
    let crash = crash_of(|_| async { _ = std::thread::spawn(|| ()).join() });
    assert!(crash.what.starts_with("starts a thread") && crash.what.contains("agent.delegate"), "{crash}");
}

#[test]
fn an_agent_that_awaits_something_outside_is_a_crash() {
    let crash = crash_of(|_| std::future::pending());
    assert!(crash.what.starts_with("awaits something outside the simulation"), "{crash}");
    assert_eq!(crash.at, Time(seconds(3).0), "at the last instant at which anything happened");
}

#[test]
fn an_agent_whose_parts_wait_for_each_other_is_a_crash() {
    let crash = crash_of(|_| async {
        let ((give, get), (yield_, take)) = (oneshot::channel(), oneshot::channel());
        let one = async { give.send(take.await) };
        let other = async { yield_.send(get.await.is_ok()) };
        let _ = join(one, other).await;
    });
    assert!(crash.what.starts_with("awaits something outside"), "{crash}");
}

#[test]
fn a_message_no_longer_waited_for_does_not_hide_that_an_agent_awaits_something_outside() {
    let crash = crash_of(|agent| async move {
        let none = agent.timeout(seconds(1), agent.recv::<Word>()).await;
        assert!(none.is_none());
        std::future::pending().await
    });
    assert!(crash.what.starts_with("awaits something outside"), "{crash}");
    assert_eq!(crash.at, Time(seconds(4).0));
}

#[test]
fn an_agent_outside_is_found_although_the_others_never_rest() {
    let run = run(53, 2, |agent: Agent| async move {
        if agent.id() == A1 {
            std::future::pending::<()>().await;
        }
        loop {
            agent.sleep(seconds(20)).await;
        }
    });
    let crash = run.crash.expect("a1 is stuck");
    assert_eq!((crash.node, crash.at), (Some(A1), Time(minutes(10).0)));
}

#[test]
fn a_loop_that_always_yields_is_ended() {
    let crash = crash_of(|_| {
        poll_fn(|context| {
            context.waker().wake_by_ref();
            Poll::Pending
        })
    });
    assert!(crash.what.contains("loops without waiting for anything"), "{crash}");
    let crash = crash_of(|agent| async move {
        loop {
            agent.sleep(synod::time::Duration::ZERO).await;
        }
    });
    assert!(crash.what.contains("loops without waiting"), "{crash}");
}

#[test]
fn an_unmatched_message_is_a_deadlock_told_in_words() {
    let run: Run = run(54, 3, |agent: Agent| async move {
        match agent.id() {
            A1 => _ = agent.recv::<Word>().await,
            A2 => _ = join(agent.recv::<u64>(), agent.recv::<Word>()).await,
            _ => agent.sleep(minutes(60)).await,
        }
        Ok(())
    });
    assert_eq!(run.crash, None, "a deadlock is a matter of liveness");
    assert_eq!(run.waiting.len(), 3, "{:?}", run.waiting);
    assert!(run.waiting[0].starts_with("a1 waits for a message of type ") && run.waiting[0].ends_with("::Word"));
    assert!(run.waiting[1].starts_with("a2 waits for a message of type "), "{:?}", run.waiting);
    assert_eq!(run.waiting[2], "a3 waits for a sleep");
    assert_eq!(traced(&run, A3, "still waits for"), ["a sleep"]);
}

#[test]
fn each_wait_has_words_of_its_own() {
    let run = run_with(
        55,
        3,
        |agent: Agent| async move {
            match agent.id() {
                A1 => drop(
                    agent
                        .delegate("search", minutes(60), |helper| async move {
                            helper.recv::<Word>().await;
                            Ok(())
                        })
                        .await,
                ),
                A2 => drop(agent.ask_within::<bool>(agent.task(), minutes(60)).await),
                _ => {
                    agent.sleep(minutes(10) - synod::time::Duration(1)).await;
                    agent.save(&1).await?;
                }
            }
            Ok(())
        },
        |sim| {
            use super::support::{M1, at, only};
            sim.schedule(only(at(synod::fault::Kind::ModelTimeout, M1, seconds(0), minutes(60))));
        },
    );
    let told: Vec<&str> = run.waiting.iter().map(String::as_str).collect();
    let word = told[3];
    assert_eq!(
        told[..3],
        ["a1 waits for sub-agent a4 (search)", "a2 waits for its model's reply", "a3 waits for its disk"]
    );
    assert!(word.starts_with("a4 waits for a message of type "), "{word}");
}
