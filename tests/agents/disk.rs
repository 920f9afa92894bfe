//! What a crash leaves: saved state, and nothing else.

use super::support::{A1, A2, Notes, at, noted_with, on, only, run_with};
use serde::{Deserialize, Serialize};
use synod::fault::{Kind, Schedule};
use synod::time::{micros, millis, minutes, seconds};
use synod::{Agent, Sim};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Progress {
    steps: u64,
}

/// Saves a step a second and writes down where each of its lives begins.
async fn stepper(agent: Agent, notes: Notes) -> synod::Result {
    let mut progress: Progress = agent.recall().unwrap_or_default();
    notes.write(format!("from {}", progress.steps));
    while progress.steps < 5 {
        agent.sleep(seconds(1)).await;
        progress.steps += 1;
        if let Err(error) = agent.save(&progress).await {
            notes.write(error);
        }
    }
    notes.write("done");
    Ok(())
}

fn life(set: impl Fn(&Sim) + Copy + Send + Sync + 'static) -> Vec<String> {
    noted_with(31, 1, stepper, set)
}

#[test]
fn a_restarted_agent_goes_on_from_what_it_saved() {
    // Three seconds, three writes of at most 8 ms each, and then a crash in the middle of the fourth second.
    let lines = life(|sim| _ = sim.schedule(only(at(Kind::Crash, A1, millis(3_500), seconds(20)))));
    assert_eq!(lines, ["from 0", "from 3", "done"]);
}

#[test]
fn a_crash_before_a_write_is_durable_loses_that_write() {
    let saver = |agent: Agent, notes: Notes| async move {
        notes.write(format!("{:?}", agent.recall::<u64>()));
        agent.sleep(seconds(1)).await;
        agent.save(&7).await?;
        agent.sleep(minutes(1)).await;
        Ok(())
    };
    // The fastest write takes 200 µs.
    let during = noted_with(32, 1, saver, |sim| {
        sim.schedule(only(at(Kind::Crash, A1, seconds(1) + micros(100), seconds(1))));
    });
    let after = noted_with(32, 1, saver, |sim| {
        sim.schedule(only(at(Kind::Crash, A1, seconds(2), seconds(1))));
    });
    assert_eq!((during[1].as_str(), after[1].as_str()), ("None", "Some(7)"));
}

#[test]
fn a_crash_between_a_write_and_what_follows_keeps_the_write() {
    let lines = life(|sim| _ = sim.schedule(only(at(Kind::CrashAfterPersist, A1, millis(500), seconds(1)))));
    assert_eq!(lines, ["from 0", "from 1", "done"]);
}

#[test]
fn a_lost_disk_a_lying_disk_and_a_full_disk_are_felt() {
    let lost = life(|sim| _ = sim.schedule(only(at(Kind::CrashLosingDisk, A1, millis(3_500), seconds(1)))));
    assert_eq!(lost, ["from 0", "from 0", "done"]);
    let lying = life(|sim| {
        let lies = at(Kind::LostWrite, A1, millis(2_500), seconds(9));
        sim.schedule(Schedule { faults: vec![lies, at(Kind::Crash, A1, millis(4_500), seconds(1))] });
    });
    assert_eq!(lying, ["from 0", "from 2", "done"]);
    let full = life(|sim| _ = sim.schedule(only(at(Kind::DiskFull, A1, millis(1_500), seconds(1)))));
    assert_eq!(full, ["from 0", "the disk is full", "done"]);
}

#[test]
fn a_disk_that_cannot_be_read_at_first_is_no_empty_one_to_whoever_waits_for_it() {
    let waiter = |agent: Agent, notes: Notes| async move {
        notes.write(format!("{:?} {:?}", agent.recall::<u64>(), agent.recover::<u64>().await));
        agent.save(&7).await?;
        agent.sleep(minutes(1)).await;
        Ok(())
    };
    let lines = noted_with(36, 1, waiter, |sim| {
        let unreadable = at(Kind::ReadError, A1, seconds(1), seconds(9));
        sim.schedule(Schedule { faults: vec![unreadable, at(Kind::Crash, A1, seconds(2), seconds(1))] });
    });
    assert_eq!(lines, ["None None", "None Some(7)"]);
}

#[test]
fn what_was_saved_as_another_type_is_not_recalled() {
    let lines = noted_with(
        33,
        1,
        |agent: Agent, notes: Notes| async move {
            agent.save(&"seven").await?;
            notes.write(format!("{:?} {:?}", agent.recall::<u64>(), agent.recall::<String>()));
            Ok(())
        },
        |_| (),
    );
    assert_eq!(lines, ["None Some(\"seven\")"]);
}

#[test]
fn a_restarted_agent_has_no_messages_of_its_former_life_and_knows_which_links_are_cut() {
    let lines = noted_with(
        34,
        2,
        |agent: Agent, notes: Notes| async move {
            if agent.id() == A2 {
                agent.send(A1, &1u64).await?;
                agent.sleep(minutes(9)).await;
                return Ok(());
            }
            agent.sleep(seconds(1)).await;
            notes.write(format!("{:?}", agent.send(A2, &2u64).await.is_ok()));
            if agent.now() > synod::time::Time(seconds(3).0) {
                notes.write(format!("{:?}", agent.timeout(seconds(1), agent.recv::<u64>()).await.is_some()));
            }
            agent.sleep(minutes(8)).await;
            Ok(())
        },
        |sim| {
            let cut = on(Kind::Cut, A1, A2, minutes(9));
            sim.schedule(Schedule { faults: vec![cut, at(Kind::Crash, A1, seconds(2), seconds(1))] });
        },
    );
    assert_eq!(lines, ["false", "false", "false"]);
}

#[test]
fn a_paused_agent_sleeps_through_and_acts_late() {
    let run = run_with(
        35,
        1,
        |agent: Agent| async move {
            agent.sleep(seconds(2)).await;
            agent.decide(agent.now().0).await
        },
        |sim| _ = sim.schedule(only(at(Kind::Pause, A1, seconds(1), seconds(30)))),
    );
    assert_eq!((run.crash, run.figures.decision_time), (None, seconds(31)));
    assert_eq!(run.ledger.tally(Kind::Pause).felt, 1);
}
