//! Sub-agents: nodes of their own that a parent waits for, or loses.

use super::support::{A1, A2, A4, Notes, at, noted_with, on, only, run_with, traced};
use synod::agent::Delegated;
use synod::fault::Kind;
use synod::scenario::Run;
use synod::time::{Duration, minutes, seconds};
use synod::{Agent, Sim};

/// A team of three whose first member delegates: its helper sends it a word after four seconds and ends so.
fn delegated(
    within: Duration,
    ends: fn() -> synod::Result,
    set: impl Fn(&Sim) + Copy + Send + Sync + 'static,
) -> (Vec<String>, Run) {
    let notes = Notes::default();
    let told = notes.clone();
    let program = move |agent: Agent| {
        let notes = told.clone();
        async move {
            if agent.id() != A1 {
                return Ok(());
            }
            let outcome = agent.delegate("search", within, move |helper| async move {
                helper.sleep(seconds(4)).await;
                helper.send(A1, &format!("{} of {}", helper.id(), helper.members().len())).await?;
                ends()
            });
            let outcome: Delegated = outcome.await;
            notes.write(format!("{outcome:?}"));
            let word = agent.timeout(seconds(30), agent.recv::<String>()).await;
            word.into_iter().for_each(|word| notes.write(format!("{}: {}", word.from, word.message)));
            Ok(())
        }
    };
    let run = run_with(41, 3, program, set);
    (notes.lines(), run)
}

#[test]
fn a_sub_agent_is_a_node_whose_end_its_parent_hears() {
    let (done, run) = delegated(minutes(1), || Ok(()), |_| ());
    assert_eq!((done, run.crash), (vec!["Done".to_owned(), "a4: a4 of 3".to_owned()], None));
    let (failed, _) = delegated(minutes(1), || Err("found nothing".into()), |_| ());
    assert_eq!(failed[0], "Failed(\"found nothing\")");
}

#[test]
fn a_result_after_the_parent_gave_up_is_in_the_trace() {
    let (late, run) = delegated(seconds(1), || Ok(()), |_| ());
    assert_eq!(late, ["TimedOut", "a4: a4 of 3"]);
    assert_eq!(traced(&run, A1, "never receives"), ["a sub-agent's result that nobody waits for: Done"]);
}

#[test]
fn a_sub_agent_that_crashes_is_lost_and_stays_down() {
    let (lost, run) = delegated(
        minutes(1),
        || Ok(()),
        |sim| {
            sim.schedule(only(at(Kind::Crash, A4, seconds(2), seconds(1))));
        },
    );
    assert_eq!((lost, run.crash.as_ref()), (vec!["Lost".to_owned()], None));
    assert_eq!(traced(&run, A4, "starts").len(), 1, "its parent alone could start it again");
    assert_eq!(run.ledger.tally(Kind::Crash).felt, 1);
}

#[test]
fn faults_of_the_network_reach_a_sub_agent() {
    let (silent, run) = delegated(
        minutes(1),
        || Ok(()),
        |sim| {
            sim.schedule(only(on(Kind::Loss, A4, A1, minutes(1))));
        },
    );
    assert_eq!((silent, run.ledger.tally(Kind::Loss).felt), (vec!["Done".to_owned()], 1));
    let (refused, _) = delegated(
        minutes(1),
        || Ok(()),
        |sim| {
            sim.schedule(only(on(Kind::Cut, A4, A1, minutes(1))));
        },
    );
    assert_eq!(refused, ["Failed(\"a1 cannot be reached\")"], "it learns of a cut that is older than itself");
}

#[test]
fn a_fault_at_a_sub_agent_that_never_comes_is_no_crash() {
    let lines = noted_with(
        42,
        3,
        |agent: Agent, notes: Notes| async move {
            notes.write(agent.id());
            Ok(())
        },
        |sim| _ = sim.schedule(only(at(Kind::Pause, A4, seconds(0), seconds(5)))),
    );
    assert_eq!(lines.len(), 3);
}

#[test]
fn sub_agents_of_a_crashed_parent_are_orphans() {
    let (_, run) = delegated(
        minutes(1),
        || Ok(()),
        |sim| {
            sim.schedule(only(at(Kind::Crash, A1, seconds(2), minutes(8))));
        },
    );
    assert_eq!(run.crash, None);
    assert_eq!(traced(&run, A4, "is orphaned"), ["its parent a1 is gone"]);
    assert_eq!(traced(&run, A4, "finishes"), ["well"], "an orphan works on");
    assert_eq!(traced(&run, A1, "never receives").len(), 2, "neither its word nor its result finds anybody");
}

#[test]
fn sub_agents_may_have_sub_agents() {
    let lines = noted_with(
        43,
        2,
        |agent: Agent, notes: Notes| async move {
            if agent.id() == A2 {
                return Ok(());
            }
            let deeper = notes.clone();
            let outcome = agent
                .delegate("plan", minutes(2), move |planner| async move {
                    let deepest = deeper.clone();
                    let outcome = planner
                        .delegate("check", minutes(1), move |checker| async move {
                            deepest.write(checker.id());
                            Ok(())
                        })
                        .await;
                    deeper.write(format!("{} {outcome:?}", planner.id()));
                    Ok(())
                })
                .await;
            notes.write(format!("{} {outcome:?}", agent.id()));
            Ok(())
        },
        |_| (),
    );
    assert_eq!(lines, ["a4", "a3 Done", "a1 Done"]);
}
