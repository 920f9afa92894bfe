//! Runs the stories of `*.txt`.
//!
//! A case is a title (`== …`), a story, and what properties say of it: `agreement: holds 2`, `agreement: violated by
//! <shape>` or `termination: unknown`. Lines that begin with `|` are the whole witness of the verdict above them.

use crate::story::told;
use synod::check::{Check, Verdict, by_name};
use synod::history::History;

/// The one place where a checker meets a story.
fn check(property: &str, history: &History) -> Verdict {
    let checker: &dyn Check = by_name(property).unwrap_or_else(|unknown| panic!("{unknown}"));
    checker.check(history)
}

fn in_short(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Holds { judged } => format!("holds {judged}"),
        Verdict::Violated(witness) => format!("violated by {}", witness.shape),
        Verdict::Unknown { .. } => "unknown".to_owned(),
    }
}

/// Runs every case of a file and panics with all that differ from what is written there.
fn run(file: &str) {
    let mut wrong = Vec::new();
    let mut judged = 0;
    for case in file.split("\n== ").skip(1) {
        let mut lines = case.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let title = lines.next().expect("a case has a title");
        let (claims, story): (Vec<&str>, Vec<&str>) =
            lines.partition(|line| line.contains(": ") || line.starts_with('|'));
        let history = told(&story);
        let mut claims = claims.into_iter().peekable();
        while let Some(claim) = claims.next() {
            let (property, expected) = claim.split_once(": ").expect("a claim names a property and a verdict");
            let verdict = check(property, &history);
            judged += 1;
            let found = in_short(&verdict);
            if found != expected {
                wrong.push(format!("{title}\n  {property}: expected {expected}, found {found}\n  {verdict:?}"));
            }
            let mut told = Vec::new();
            while let Some(line) = claims.next_if(|line| line.starts_with('|')) {
                told.push(line[1..].trim().to_owned());
            }
            let witness = verdict.witness().map(ToString::to_string).unwrap_or_default();
            let lines: Vec<String> = witness.lines().map(|line| line.trim().to_owned()).collect();
            if !told.is_empty() && told != lines {
                wrong.push(format!("{title}\n  {property}: the witness is\n| {}", lines.join("\n| ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{} verdicts differ:\n\n{}", wrong.len(), wrong.join("\n\n"));
    assert!(judged > 0, "the file holds no case");
}

#[test]
fn judges_stories_of_agreement() {
    run(include_str!("agreement.txt"));
}

#[test]
fn judges_stories_of_validity() {
    run(include_str!("validity.txt"));
}

#[test]
fn judges_stories_of_integrity() {
    run(include_str!("integrity.txt"));
}

#[test]
fn judges_stories_of_termination() {
    run(include_str!("termination.txt"));
}

#[test]
fn judges_stories_of_elections() {
    run(include_str!("elections.txt"));
}

#[test]
fn judges_stories_of_logs() {
    run(include_str!("logs.txt"));
}

#[test]
fn judges_stories_of_reads() {
    run(include_str!("reads.txt"));
}

#[test]
fn judges_stories_of_correctness() {
    run(include_str!("correctness.txt"));
}

#[test]
fn judges_stories_of_tools() {
    run(include_str!("tools.txt"));
}

#[test]
#[should_panic(expected = "expected holds 1, found holds 2")]
fn a_wrong_claim_fails() {
    run("\n== two decide the same\n1ms a1 decides 0 x\n1ms a2 decides 0 x\nagreement: holds 1");
}

#[test]
#[should_panic(expected = "this line tells nothing")]
fn a_line_that_tells_nothing_fails() {
    run("\n== gibberish\n1ms a1 dithers 0 x\nagreement: holds 0");
}

#[test]
fn judges_stories_of_deliberations() {
    run(include_str!("deliberations.txt"));
}

#[test]
fn judges_stories_of_letters_and_clocks() {
    run(include_str!("letters.txt"));
}

#[test]
fn judges_stories_of_ballots() {
    run(include_str!("ballots.txt"));
}
