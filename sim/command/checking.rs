//! `check` through its arguments and its output: every format, every exit code, every mistake.

use super::obey;
use crate::explore::Exit;
use crate::scenario::Catalogue;
use std::ffi::OsString;
use std::path::PathBuf;

/// A file that is gone when the test is over.
struct Kept(PathBuf);

impl Kept {
    fn of(name: &str, text: &str) -> Kept {
        let path = std::env::temp_dir().join(format!("synod-check-{name}-{}", std::process::id()));
        std::fs::write(&path, text).expect("a temporary file");
        Kept(path)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What `check` said of a text, and how it ended; bad input is its line.
fn said(name: &str, options: &str, text: &str) -> (String, Result<Exit, String>) {
    let file = Kept::of(name, text);
    let mut out = Vec::new();
    let words = ["synod", "check"].into_iter().chain(options.split_whitespace()).map(OsString::from);
    let ended = obey(words.chain([file.0.clone().into()]), &Catalogue::of(Vec::new()), &mut out);
    (String::from_utf8(out).expect("text"), ended)
}

const STALE: &str = "w(x,3,a1,1)\nr(x,0,a1,2)\n";

#[test]
fn every_format_is_told_by_its_looks() {
    let jsonl = r#"{"at":1,"session":"a1","op":0,"invoke":"read","key":"x"}
                   {"at":2,"session":"a1","op":0,"end":"ok"}"#;
    let knossos = "starting\nINFO jepsen.util - 0 :invoke :read nil\nINFO jepsen.util - 0 :ok :read nil\n";
    let porcupine = "{:process 0, :type :invoke, :f :get, :key \"1\", :value nil}\n\
                     {:process 0, :type :ok, :f :get, :key \"1\", :value \"\"}\n";
    for (name, text) in [("jsonl", jsonl), ("knossos", knossos), ("porcupine", porcupine)] {
        let (out, ended) = said(name, "linearizable", text);
        assert_eq!((out.as_str(), ended), ("linearizable: holds (1 judged)\n", Ok(Exit::AsSaid)), "{name}");
        let (_, named) = said(name, &format!("lin --format {name}"), text);
        assert_eq!(named, Ok(Exit::AsSaid), "{name}");
    }
    assert_eq!(said("rw", "causal --format rw", STALE).1, Ok(Exit::Violated));
}

#[test]
fn a_violation_shows_its_operations_their_causes_and_the_contradiction() {
    let (out, ended) = said("stale", "Causal", STALE);
    assert_eq!(ended, Ok(Exit::Violated));
    for part in ["causal_consistency: VIOLATED", "line 1", "line 2", "earlier in a1's session", "with a1's write"] {
        assert!(out.contains(part), "{part:?} is missing in\n{out}");
    }
    let (json, _) = said("stale-json", "causal --json", STALE);
    let document: serde_json::Value = serde_json::from_str(&json).expect("one document");
    assert_eq!(document["exit_code"], 1);
    assert_eq!(document["verdict"]["violated"]["pattern"], "WriteCOInitRead");
    assert_eq!(document["verdict"]["violated"]["edges"][0]["before"], 0);
}

#[test]
fn sessions_and_keys_that_are_numbers_are_told_apart_from_values() {
    let (out, _) = said("numbers", "cc", "w(1,2,0,1)\nw(1,3,0,2)\nr(1,2,0,3)\n");
    for part in ["session 0 writes \"2\" to key 1", "earlier in session 0", "session 0's read of \"2\" from key 1"] {
        assert!(out.contains(part), "{part:?} is missing in\n{out}");
    }
}

#[test]
fn what_is_undecided_or_empty_is_no_pass() {
    assert_eq!(said("timeless", "linearizable", "w(x,3,a1,1)\n").1, Ok(Exit::Undecided));
    assert_eq!(said("twice", "cc", "w(x,3,a1,1)\nw(x,3,a2,1)\nr(x,3,a2,2)\n").1, Ok(Exit::Undecided));
    assert_eq!(said("none", "agreement", "").1, Ok(Exit::NotExercised));
}

#[test]
fn properties_of_runs_are_checked_too() {
    let decides = |node: &str, value: &str| {
        format!(r#"{{"at":1,"node":"{node}","process":0,"fact":{{"decided":{{"slot":0,"value":"{value}"}}}}}}"#)
    };
    let both = |one, other| format!("{}\n{}\n", decides("a1", one), decides("a2", other));
    assert_eq!(said("agree", "agreement", &both("x", "x")).1, Ok(Exit::AsSaid));
    assert_eq!(said("disagree", "agreement", &both("x", "y")).1, Ok(Exit::Violated));
}

#[test]
fn values_only_hides_versions() {
    // By its version the read is of the first write; by its value it cannot be told.
    let text = r#"{"at":1,"session":"a1","op":0,"invoke":"write","key":"x","value":"3"}
                  {"at":2,"session":"a1","op":0,"end":"ok","version":"a1.1"}
                  {"at":3,"session":"a2","op":1,"invoke":"write","key":"x","value":"3"}
                  {"at":4,"session":"a2","op":1,"end":"ok","version":"a2.1"}
                  {"at":5,"session":"a2","op":2,"invoke":"read","key":"x"}
                  {"at":6,"session":"a2","op":2,"end":"ok","value":"3","version":"a1.1"}"#;
    assert_eq!(said("white", "linearizable", text).1, Ok(Exit::Violated));
    assert_eq!(said("black", "linearizable --values-only", text).1, Ok(Exit::AsSaid));
    assert_eq!(said("white-cc", "cc", text).1, Ok(Exit::AsSaid));
    assert_eq!(said("black-cc", "cc --values-only", text).1, Ok(Exit::Undecided));
}

#[test]
fn every_mistake_is_one_clear_line() {
    for (name, options, text, part) in [
        ("unknown", "casual", STALE, "the nearest is 'causal'"),
        ("unlike", "causal", "hello\n", "name one with --format"),
        ("nothing", "causal", " \n", "the file is empty"),
        ("wrong", "causal --format knossos", STALE, "no event in the format knossos"),
        ("format", "causal --format edn", STALE, "'edn' is no format"),
        ("broken", "causal --format rw", "w(x,3,a1,1)\nw(x", "line 2: this is no operation"),
        ("decisions", "agreement --values-only", STALE, "is about a run"),
        ("lines", "agreement", "{\"at\":0,\"node\":\"x9\"}\n", "line 1: 'x9' names no participant"),
    ] {
        let (out, ended) = said(name, options, text);
        let message = ended.expect_err(name);
        assert!(message.contains(part) && !message.contains('\n'), "{name}: {message}");
        assert_eq!(out, "", "{name}");
    }
    let words = ["synod", "check", "causal", "no/such/file"].map(OsString::from);
    let ended = obey(words, &Catalogue::of(Vec::new()), &mut Vec::new());
    assert!(ended.expect_err("no file").contains("no/such/file: cannot be read"));
}
