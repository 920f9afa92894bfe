//! What the README promises of the command, tried as a newcomer would: the command itself is run, and the command that
//! it prints.

use std::process::{Command, Output};

/// What stands before the arguments in a command that is printed.
const FROM_A_CLONE: &str = "cargo run --release -- ";
/// A story's lines, the command included.
const MOST_LINES: usize = 10;

fn synod(arguments: &[&str], planted: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_synod"));
    command.args(arguments).env_remove("SYNOD_PLANTED");
    planted.into_iter().for_each(|value| _ = command.env("SYNOD_PLANTED", value));
    command.output().expect("the command can be started")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// The story in what `run` or `shrink` prints: from its headline to its command.
fn story(printed: &str) -> Vec<&str> {
    let from = printed.lines().skip_while(|line| !line.contains(" with seed ") || !line.ends_with(':'));
    let mut lines = Vec::new();
    for line in from {
        lines.push(line);
        if line.contains("See it again") {
            break;
        }
    }
    lines
}

#[test]
fn run_orchestrator_finds_shrinks_and_tells_a_violation_and_its_command_shows_it_again() {
    let found = synod(&["run", "orchestrator"], None);
    assert_eq!(found.status.code(), Some(1), "{}", String::from_utf8_lossy(&found.stderr));
    let printed = text(&found);
    let told = story(&printed);
    assert!((4..=MOST_LINES).contains(&told.len()), "{} lines:\n{printed}", told.len());
    assert!(told[0].starts_with("orchestrator violates agreement with seed "), "{printed}");
    let (_, command) = told.last().and_then(|line| line.split_once(FROM_A_CLONE)).expect("a command");
    let again = synod(&command.split_whitespace().collect::<Vec<_>>(), None);
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(story(&text(&again)), told, "{command}");
    assert!(printed.contains("run again in another process, every event the same"), "{printed}");
}

#[test]
fn the_capsule_of_the_least_run_replays_it() {
    let directory = std::env::temp_dir().join(format!("synod-promise-{}", std::process::id()));
    let path = directory.display().to_string();
    let found = text(&synod(&["run", "orchestrator", "--seeds", "0..200", "--out", &path], None));
    let (_, command) = story(&found).last().and_then(|line| line.split_once(FROM_A_CLONE)).expect("a command");
    let replayed = synod(&command.split_whitespace().collect::<Vec<_>>(), None);
    assert_eq!(replayed.status.code(), Some(1), "{}", String::from_utf8_lossy(&replayed.stderr));
    assert!(text(&replayed).contains("agreement: VIOLATED"), "{command}");
    std::fs::remove_dir_all(directory).expect("it was made");
}

#[cfg(feature = "planted")]
#[test]
fn a_run_that_depends_on_its_process_is_found_and_its_first_event_named() {
    let found = synod(&["run", "unsteady", "--seeds", "0..100"], Some("1"));
    let printed = text(&found);
    assert_eq!(found.status.code(), Some(4), "{printed}");
    assert!(printed.contains("NOT REPRODUCIBLE: unsteady") && printed.contains("They part at record "), "{printed}");
    assert!(printed.contains("NOT the same"), "{printed}");
}
