//! Archived digests: what a run of each scenario was when somebody last meant to change it.
//!
//! After a deliberate change, `SYNOD_BLESS=1 cargo test --test determinism golden` writes the file anew. Say in the
//! commit why runs changed: every capsule that a user kept is re-recorded by it.

use super::places;
use super::scenarios;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};
use synod::scenario::Job;
use synod::seed::Seed;

const FILE: &str = "tests/golden/runs.txt";
/// Enough that most kinds of fault strike in some of them, few enough that a changed line is read.
const SEEDS: u64 = 5;
const OPENING: &str = "# Scenario, seed, digest. Rewritten by `SYNOD_BLESS=1 cargo test --test determinism golden`.\n";

#[test]
fn golden_digests_are_those_of_today() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let today = listing();
    if env::var_os("SYNOD_BLESS").is_some() {
        fs::write(&path, &today).unwrap_or_else(|error| panic!("{FILE}: {error}"));
    }
    let archived = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{FILE}: {error}"));
    let changed = difference(&archived, &today);
    assert!(
        changed.is_empty(),
        "runs are no longer those of {FILE}:\n{}\nIf meant so: SYNOD_BLESS=1 cargo test --test determinism golden",
        changed.join("\n")
    );
}

#[test]
fn golden_lines_that_are_gone_new_or_changed_are_told() {
    let cases =
        [("a 0 1\nb 0 2\n", "a 0 1\nb 0 2\n", 0), ("a 0 1\n", "a 0 2\n", 2), ("a 0 1\n", "", 1), ("", "b 0 1\n", 1)];
    for (archived, today, lines) in cases {
        assert_eq!(difference(archived, today).len(), lines, "{archived:?} {today:?}");
    }
}

fn listing() -> String {
    let mut text = OPENING.to_owned();
    for scenario in scenarios() {
        let name = scenario.summary().name;
        for seed in 0..SEEDS {
            let digest = places::run(scenario, &Job::of(Seed(seed))).digest;
            writeln!(text, "{name} {seed} {digest:016x}").expect("writing to a string cannot fail");
        }
    }
    text
}

/// Lines of one text that the other lacks.
fn difference(archived: &str, today: &str) -> Vec<String> {
    let lacks = |text: &str, line: &str| !text.lines().any(|other| other == line);
    let gone = archived.lines().filter(|line| lacks(today, line)).map(|line| format!("  archived: {line}"));
    let new = today.lines().filter(|line| lacks(archived, line)).map(|line| format!("  today:    {line}"));
    gone.chain(new).collect()
}
