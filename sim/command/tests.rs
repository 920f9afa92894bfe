//! The command line over a catalogue of fakes, through its arguments and its output.

use super::obey;
use crate::explore::Exit;
use crate::explore::fake::{Fake, Sin};
use crate::model::BuiltIn;
use crate::scenario::{Catalogue, Runnable};
use serde_json::Value;
use std::ffi::OsString;
use std::path::PathBuf;

fn catalogue() -> Catalogue {
    let boxed = |fake: Fake| -> Box<dyn Runnable> { Box::new(fake) };
    Catalogue::of(vec![
        boxed(Fake::violating("last_speaker", Sin::ViolatesEvery(17), "agreement")),
        boxed(Fake::new("raft", Sin::None)),
    ])
}

fn flawed() -> Catalogue {
    let boxed = |fake: Fake| -> Box<dyn Runnable> { Box::new(fake) };
    Catalogue::of(vec![
        boxed(Fake::new("split", Sin::ViolatesEvery(5))),
        boxed(Fake::new("slow", Sin::StallsEvery(5))),
        boxed(Fake::new("broken", Sin::PanicsOn(7))),
        boxed(Fake::new("idle", Sin::Idle)),
        boxed(Fake::new("invalid", Sin::None)),
        boxed(Fake::violating("harmless", Sin::None, "agreement")),
    ])
}

/// What a command line printed and how it ended; bad input is its line.
fn said(catalogue: &Catalogue, line: &str) -> (String, Result<Exit, String>) {
    let mut out = Vec::new();
    let words = std::iter::once("synod").chain(line.split_whitespace()).map(OsString::from);
    let ended = obey(words, catalogue, &mut out);
    (String::from_utf8(out).expect("text"), ended)
}

fn json(catalogue: &Catalogue, line: &str) -> Value {
    let text = said(catalogue, line).0;
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn run_all_shows_the_table_one_violation_and_its_replay_and_exits_zero_if_all_is_as_expected() {
    let (text, ended) = said(&catalogue(), "run all");
    assert_eq!(ended, Ok(Exit::AsSaid), "{text}");
    for part in [
        "seeds 0..1000 (the default)",
        crate::runtime::host_note(),
        "agreement@17",
        "last_speaker violates agreement with seed ",
        "shrunk in ",
        "Two participants decided slot 0 differently.",
        "cargo run --release -- shrink last_speaker --seed ",
        "every scenario did what it is expected to do",
    ] {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
}

#[test]
fn run_exits_by_the_plain_verdict() {
    for (line, exit) in [
        ("run split --seeds 0..20", Exit::Violated),
        ("run slow --seeds 0..20", Exit::Stalled),
        ("run broken --seeds 0..20", Exit::Crashed),
        ("run idle --seeds 0..20", Exit::NotExercised),
        ("run harmless --seeds 0..20", Exit::AsSaid),
        ("run split --seeds 1..5", Exit::AsSaid),
        ("replay split --seed 5", Exit::Violated),
        ("replay slow --seed 5", Exit::Stalled),
        ("replay broken --seed 7", Exit::Crashed),
        ("replay idle --seed 7", Exit::NotExercised),
        ("replay split --seed 6", Exit::AsSaid),
        ("compare --scenarios split,slow --seeds 0..20", Exit::AsSaid),
    ] {
        assert_eq!(said(&flawed(), line).1, Ok(exit), "{line}");
    }
}

#[test]
fn an_expected_violation_that_is_not_found_is_a_one() {
    let boxed: Box<dyn Runnable> = Box::new(Fake::violating("harmless", Sin::None, "agreement"));
    let (text, ended) = said(&Catalogue::of(vec![boxed]), "run all --seeds 0..20");
    assert_eq!(ended, Ok(Exit::Violated));
    assert!(text.contains("NOT as expected: harmless"), "{text}");
}

#[test]
fn bad_input_is_one_clear_line_and_prints_nothing_else() {
    for (line, part) in [
        ("run rafft", "did you mean 'raft'?"),
        ("run raft --seeds 5", "'5' is no range of seeds"),
        ("run raft --seeds 9..9", "holds no seed"),
        ("run raft --jobs 0", "'0' is no number of threads: write 1 to 1024"),
        ("run raft --jobs 9999999999999", "is no number of threads"),
        ("replay raft --seed x", "'x' is no seed: write a whole number"),
        ("run raft --seeds -3..9", "no range of seeds"),
        ("run raft --jobs 0", "--jobs"),
        ("run", "<SCENARIO>"),
        ("replay last_speeker", "did you mean 'last_speaker'?"),
        ("replay raft", "Give --seed N"),
        ("replay", "what to replay?"),
        ("replay raft --seed x", "--seed"),
        ("replay raft --seed 1 --view video", "this version has text, transcript, html, mermaid and jsonl"),
        ("replay raft --seed 1 --view transcript", "--agent a1"),
        ("replay raft --seed 1 --agent a1", "goes with --view transcript"),
        ("replay raft --seed 1 --view transcript --agent b1", "names no participant"),
        ("replay raft --seed 1 --view transcript --agent a9", "its agents are a1 to a3"),
        ("replay --capsule no/such/file.json", "no/such/file.json"),
        ("compare --scenarios raft,rraft", "did you mean 'raft'?"),
        ("digest rat --seeds 0..3", "did you mean 'raft'?"),
    ] {
        let (text, ended) = said(&catalogue(), line);
        let message = ended.expect_err(line);
        assert!(message.contains(part) && !message.contains('\n'), "{line}: {message}");
        assert_eq!(text, "", "{line}");
    }
    let invalid = said(&flawed(), "run invalid").1.unwrap_err();
    assert_eq!(invalid, "invalid has 0 agents: give it a team of at least 1");
}

#[test]
fn json_is_one_document_with_everything_the_table_shows() {
    let document = json(&catalogue(), "run all --seeds 0..100 --json");
    assert_eq!((&document["exit_code"], document["rows"].as_array().unwrap().len()), (&0.into(), 2));
    assert_eq!(document["rows"][0]["lowest_failing_seed"], 17);
    assert!(json(&catalogue(), "list --json")["faults"].as_array().unwrap().len() > 40);
    assert_eq!(json(&catalogue(), "replay last_speaker --seed 17 --json")["exit_code"], 1);
    assert_eq!(json(&catalogue(), "digest raft --seeds 4..6 --json")["raft"].as_object().unwrap().len(), 2);
    assert_eq!(json(&catalogue(), "compare --seeds 0..50 --json")["comparisons"][0]["violated"]["count"], 2);
}

#[test]
fn a_replay_gives_the_same_bytes_twice() {
    let line = "replay last_speaker --seed 34";
    assert_eq!(said(&catalogue(), line), said(&catalogue(), line));
    assert!(said(&catalogue(), line).0.contains("agreement: VIOLATED"));
}

#[test]
fn digests_do_not_depend_on_the_number_of_threads() {
    let with = |jobs| said(&catalogue(), &format!("digest all --seeds 3..90 --jobs {jobs}")).0;
    assert_eq!(with(1), with(3));
    assert_eq!(with(1).lines().count(), 2 * 87);
    assert!(with(1).starts_with("last_speaker 3 "), "{}", with(1));
}

#[test]
fn a_capsule_that_run_wrote_replays_the_same_failure() {
    let directory = directory("replays");
    let line = format!("run last_speaker --seeds 0..40 --out {}", directory.display());
    assert_eq!(said(&catalogue(), &line).1, Ok(Exit::Violated));
    let written = directory.join("last_speaker-17.json");
    let (text, ended) = said(&catalogue(), &format!("replay --capsule {}", written.display()));
    assert_eq!(ended, Ok(Exit::Violated));
    assert_eq!(text, said(&catalogue(), "replay last_speaker --seed 17").0);
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_capsule_whose_pins_do_not_fit_is_bad_input() {
    let directory = directory("pins");
    let _ = said(&catalogue(), &format!("run last_speaker --seeds 0..20 --out {}", directory.display()));
    let path = directory.join("last_speaker-17.json");
    let whole = std::fs::read_to_string(&path).unwrap();
    let pinned = |stream: &str, choice: u64, most: u64| {
        let pin = format!(
            r#"[{{"stream":"{stream}","index":0,"choice":{choice},"domain":{{"least":0,"most":{most},"harmless":0}}}}]"#
        );
        std::fs::write(&path, whole.replace("\"pins\": []", &format!("\"pins\": {pin}"))).unwrap();
        said(&catalogue(), &format!("replay --capsule {}", path.display()))
    };
    let cases = [(pinned("no/such", 1, 9), "never consumed"), (pinned("delay/a1->a2", 5, 3), "decides 0..=3")];
    for ((text, ended), part) in cases {
        assert!(text.is_empty() && ended.as_ref().is_err_and(|line| line.contains(part)), "{ended:?}");
    }
    std::fs::remove_dir_all(directory).unwrap();
}

/// A team of a protocol, which can have any task, beside one that cannot.
fn protocols() -> Catalogue {
    use crate::check::Agreement;
    use crate::protocol::baseline::last_speaker::LastSpeaker;
    use crate::scenario::Scenario;
    let team = || Scenario::new("talkers").team(3, LastSpeaker::factory).nemesis(crate::fault::Nemesis::partitions());
    Catalogue::of(vec![Box::new(team().expect(Agreement)), Box::new(Fake::new("fake", Sin::None))])
}

#[test]
fn a_scenario_runs_with_another_task_and_its_replay_does_too() {
    for task in BuiltIn::ALL {
        let document = json(&protocols(), &format!("run talkers --task {} --seeds 0..20 --json", task.name));
        let row = &document["rows"][0];
        assert_eq!(row["scenario"], format!("talkers@{}", task.name), "{document}");
    }
    let text = |line: &str| said(&protocols(), line).0;
    assert!(text("replay talkers --task plan --seed 3").contains(", task plan\n"));
    assert_eq!(text("replay talkers --task plan --seed 3"), text("replay talkers@plan --seed 3"));
    assert_ne!(text("digest talkers --task plan --seeds 0..3"), text("digest talkers --seeds 0..3"));
    let compared = json(&protocols(), "compare --task estimate --seeds 0..5 --json");
    assert_eq!(compared["comparisons"].as_array().map(Vec::len), Some(1), "the fake cannot have it: {compared}");
    let beside = json(&protocols(), "compare --scenarios talkers,talkers@plan --seeds 0..5 --json");
    assert_eq!(beside["comparisons"].as_array().map(Vec::len), Some(2), "{beside}");
    let all = json(&protocols(), "run all --task board --seeds 0..5 --json");
    assert_eq!(all["rows"].as_array().map(Vec::len), Some(1), "{all}");
}

#[test]
fn a_task_that_is_none_or_cannot_be_had_is_bad_input() {
    for (line, part) in [
        ("run talkers --task plam", "there is no task 'plam', did you mean 'plan'?"),
        ("run talkers --task chess", "the built-in tasks are diagnose, plan, estimate, extract, review, board"),
        ("compare --scenarios talkers --task borad", "did you mean 'board'?"),
        ("compare --task borad", "did you mean 'board'?"),
        ("run all --task revew", "did you mean 'review'?"),
        ("replay talkers@plam --seed 1", "did you mean 'plan'?"),
        ("run fake --task plan", "fake cannot have --task plan: its agents decide about a type of their own"),
        ("compare --scenarios fake --task plan", "fake cannot have --task plan"),
        ("run talkerz --task plan", "did you mean 'talkers'?"),
    ] {
        let (text, ended) = said(&protocols(), line);
        let message = ended.expect_err(line);
        assert!(message.contains(part) && !message.contains('\n'), "{line}: {message}");
        assert_eq!(text, "", "{line}");
    }
}

#[test]
fn help_is_no_error() {
    let (text, ended) = said(&catalogue(), "--help");
    assert_eq!(ended, Ok(Exit::AsSaid));
    assert!(text.contains("Exit codes: 0 as said"), "{text}");
}

fn directory(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("synod-command-{name}-{}", std::process::id()))
}

#[test]
fn shrink_and_why_exit_as_the_run_does_and_refuse_one_that_fails_nothing() {
    for (line, exit, part) in [
        ("shrink split --seed 5", Exit::Violated, "See it again: cargo run --release -- shrink split --seed 5"),
        ("shrink slow --seed 5", Exit::Stalled, "slow violates termination with seed 5:\n  shrunk in "),
        ("shrink broken --seed 7", Exit::Crashed, "the scenario itself panics"),
        ("why split --seed 5 --tries 4 --instants 3", Exit::Violated, "with agreement violated if all is as"),
        ("why broken --seed 7", Exit::Crashed, "the scenario itself panics"),
    ] {
        let (text, ended) = said(&flawed(), line);
        assert_eq!(ended, Ok(exit), "{line}");
        assert!(text.contains(part), "{line}: {text}");
    }
    for (line, part) in [
        ("shrink split --seed 6", "split with seed 6 fails nothing"),
        ("shrink split", "Give --seed N, or a capsule"),
        ("shrink", "what to shrink?"),
        ("shrink no/such.json", "no/such.json"),
        ("why split --seed 6", "split with seed 6 fails nothing"),
        ("why split", "Give --seed N, or a capsule"),
        ("why split --seed 5 --tries 0", "--tries of at least 1"),
    ] {
        let message = said(&flawed(), line).1.expect_err(line);
        assert!(message.contains(part) && !message.contains('\n'), "{line}: {message}");
    }
    let least = json(&flawed(), "shrink split --seed 5 --json");
    assert_eq!((&least["fails"]["property"], &least["exit_code"]), (&"agreement".into(), &1.into()));
    assert_eq!(json(&flawed(), "why split --seed 5 --tries 2 --json")["seed"], 5);
}

#[test]
fn a_plateau_ends_a_sweep_early_and_says_so() {
    let (text, ended) = said(&catalogue(), "run raft --seeds 0..100000 --until-plateau 600");
    assert_eq!(ended, Ok(Exit::AsSaid), "{text}");
    assert!(text.contains("1,024"), "two batches of 512: {text}");
    assert!(text.contains("the last new one with seed 0, 1,023 seeds before the end"), "{text}");
}

#[test]
fn a_goal_that_no_run_reaches_is_a_five_and_named() {
    use crate::check::Agreement;
    use crate::protocol::baseline::last_speaker::LastSpeaker;
    use crate::scenario::Scenario;
    let team = |name: &str| Scenario::new(name).team(3, LastSpeaker::factory).expect(Agreement);
    let met = team("met").sometimes("somebody decides", |seen| seen.decisions > 0);
    let unmet = team("unmet").sometimes("a term is contested", |seen| seen.contested_terms > 0);
    let catalogue = Catalogue::of(vec![Box::new(met), Box::new(unmet)]);
    let (text, ended) = said(&catalogue, "run met --seeds 0..20 --strategy quiet");
    assert!(!text.contains("it never happened"), "{text}");
    assert_ne!(ended, Ok(Exit::NotExercised), "{text}");
    let (text, ended) = said(&catalogue, "run unmet --seeds 0..20");
    assert_eq!(ended, Ok(Exit::NotExercised), "{text}");
    assert!(text.contains("it never happened that a term is contested"), "{text}");
}

#[test]
fn a_sweep_goes_by_a_portfolio_says_which_strategy_found_what_and_each_replays_what_it_found() {
    let (text, ended) = said(&catalogue(), "run last_speaker --seeds 0..200");
    assert_eq!(ended, Ok(Exit::Violated), "{text}");
    assert!(text.contains("by strategy: last_speaker: ") && text.contains("found by "), "{text}");
    let document = json(&catalogue(), "run last_speaker --seeds 0..200 --json");
    assert!(document["rows"][0]["strategies"]["trigger"]["lowest_failing"].is_u64(), "{document}");
    for group in document["rows"][0]["failures"].as_array().expect("failures") {
        let (seed, by) = (&group["example"]["seed"], group["example"]["attempt"]["by"].as_str().expect("a name"));
        let replayed = json(&catalogue(), &format!("replay last_speaker --seed {seed} --strategy {by} --json"));
        let digest = u64::from_str_radix(replayed["digest"].as_str().expect("digits"), 16).expect("a number");
        assert_eq!(group["example"]["digest"], digest, "{by} {seed}");
    }
}

#[test]
fn a_strategy_that_is_none_or_finds_no_room_or_is_no_seed_alone_is_bad_input() {
    let cases = [
        ("run raft --strategy triger", "did you mean 'trigger'?"),
        ("run raft --seeds 0..9 --strategy twins", "bear members who run twice"),
        ("replay raft --seed 300 --strategy guided", "give its capsule"),
        ("shrink raft --seed 300 --strategy guided", "give its capsule"),
    ];
    for (line, why) in cases {
        let (text, ended) = said(&catalogue(), line);
        let refusal = ended.expect_err(line);
        assert!(text.is_empty() && refusal.contains(why) && !refusal.contains('\n'), "{line}: {refusal}");
    }
}

#[test]
fn other_faults_than_a_scenarios_own_make_another_scenario_that_replays_by_its_name() {
    let text = |line: &str| said(&protocols(), line).0;
    assert_eq!(text("replay talkers --faults none --seed 3"), text("replay talkers+none --seed 3"));
    assert_eq!(text("replay talkers@plan+none --seed 3"), text("replay talkers --task plan --faults none --seed 3"));
    let planned = |line: &str| text(line).matches("planned fault").count();
    let over_seeds = |faults: &str| (0..9).map(|seed| planned(&format!("replay talkers+{faults} --seed {seed}"))).sum();
    let (none, lied): (usize, usize) = (over_seeds("none"), over_seeds("hallucinations"));
    assert!(none == 0 && lied > 0, "{none} {lied}");
    for (line, part) in [
        ("run talkers --faults netwrok", "there is no fault profile 'netwrok', did you mean 'network'?"),
        ("run talkers+chaos", "this version has none, all, network, partitions"),
        ("run fake --faults none", "fake cannot have --faults none"),
        ("run talkers --faults network", "its team promises nothing under such faults"),
    ] {
        let message = said(&protocols(), line).1.expect_err(line);
        assert!(message.contains(part) && !message.contains('\n'), "{line}: {message}");
    }
}

#[test]
fn kept_runs_are_made_again_before_a_sweep_and_what_fails_is_kept() {
    let kept = directory("regressions");
    let line = format!("run split --seeds 0..20 --regressions {}", kept.display());
    let (first, _) = said(&flawed(), &line);
    assert!(!first.contains("kept: ") && first.contains("split-5-least.json"), "{first}");
    let (second, ended) = said(&flawed(), &line);
    assert_eq!(ended, Ok(Exit::Violated));
    assert!(second.contains("split-5-least.json: split: agreement still fails\n"), "{second}");
    let mended: Box<dyn Runnable> = Box::new(Fake::new("split", Sin::None));
    let (third, ended) = said(&Catalogue::of(vec![mended]), &line);
    assert_eq!(ended, Ok(Exit::AsSaid), "{third}");
    assert!(third.contains("agreement does not fail any more"), "{third}");
    let none = json(&flawed(), "run split --seeds 0..20 --json");
    assert_eq!(none["regressions"].as_array().map(Vec::len), Some(0), "only when asked: {none}");
    let all = json(&flawed(), &format!("{line} --json"));
    assert_eq!((&all["regressions"][0]["state"], &all["exit_code"]), (&"fails".into(), &1.into()));
    std::fs::remove_dir_all(kept).expect("it was made");
}

#[test]
fn a_run_is_drawn_as_a_page_and_as_a_diagram() {
    let text = |view: &str| said(&flawed(), &format!("replay split --seed 5 --view {view}")).0;
    assert!(text("html").starts_with("<!doctype html>") && text("html").contains("<circle"));
    assert!(text("mermaid").starts_with("sequenceDiagram\n"), "{}", text("mermaid"));
    let refused = said(&flawed(), "shrink split --seed 5 --view html").1.expect_err("a story is no page");
    assert!(refused.contains("replay it with --view"), "{refused}");
}
