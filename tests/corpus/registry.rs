//! The registry of planted bugs: it names every one that there is, each once, and each is carried by a scenario whose
//! twin differs in nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use synod::explore::{BareHost, perform};
use synod::scenario::Job;
use synod::seed::Seed;
use synod_scenarios::corpus::{Bug, EQUIVALENT, Family, HANDMADE, KNOWN, OWN, all, by_name, known, of};

pub fn names() -> BTreeSet<String> {
    all().into_iter().map(|bug| bug.name).chain(EQUIVALENT.iter().map(|bug| bug.name.to_owned())).collect()
}

#[test]
fn every_bug_has_a_name_of_its_own() {
    let (bugs, names) = (all(), names());
    assert_eq!(names.len(), bugs.len() + EQUIVALENT.len());
    assert!(bugs.iter().all(|bug| by_name(&bug.name).is_some_and(|found| found.shows == bug.shows)));
    let sentences: BTreeSet<&str> = bugs.iter().map(|bug| bug.shows).collect();
    assert!(sentences.len() >= 60, "{} bugs that differ in what they show", sentences.len());
}

#[test]
fn every_bug_restates_a_known_one_or_says_that_it_is_our_own() {
    let ids = all().into_iter().map(|bug| (bug.name, bug.id));
    let ids = ids.chain(EQUIVALENT.iter().map(|bug| (bug.name.to_owned(), bug.id)));
    let strange: Vec<_> = ids.filter(|(_, id)| *id != OWN && known(id).is_none()).collect();
    assert!(strange.is_empty(), "{strange:?} are none of the known bugs");
    let ids: BTreeSet<&str> = KNOWN.iter().map(|known| known.id).collect();
    assert_eq!(ids.len(), KNOWN.len());
}

#[test]
fn families_share_the_corpus_among_them() {
    let counts = Family::ALL.map(|family| of(family).len());
    assert_eq!(counts.iter().sum::<usize>(), all().len());
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
}

/// Where the sources are.
fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sim")
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry of a readable folder").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.ends_with("planted.rs") && !path.components().any(|part| part.as_os_str() == "tests") {
            found.push(path);
        }
    }
}

/// The bugs that a file plants: variants of its enum, or lines of the macro that makes one. A variant that holds
/// another enum's bug is none of its own.
fn planted_in(text: &str) -> Vec<String> {
    let mut within = false;
    let mut bugs = Vec::new();
    for line in text.lines() {
        within = (within && !line.starts_with('}')) || line.starts_with("bugs! {") || line.contains("enum Planted {");
        let line = line.trim();
        let name = match line.split_once(" = ") {
            Some((number, rest)) if number.chars().all(|letter| letter.is_ascii_digit()) => rest,
            _ => line,
        };
        let (name, _) = name.split_once(',').unwrap_or((name, ""));
        let is_name = name.starts_with(char::is_uppercase) && name.chars().all(char::is_alphanumeric);
        if within && is_name {
            bugs.push(name.to_owned());
        }
    }
    bugs
}

#[test]
fn bugs_are_read_off_the_sources() {
    let macros =
        "bugs! {\n    1 = One, \"About (R01).\";\n    2 = Two,\n        \"About, this: Three, too.\";\n}\n    Four,\n";
    assert_eq!(planted_in(macros), ["One", "Two"]);
    let listed = "pub enum Planted {\n    /// Doc.\n    One,\n    Vote(vote::Planted),\n}\nimpl X {\n    Two,\n}\n";
    assert_eq!(planted_in(listed), ["One"]);
}

/// A bug is registered under the folder that plants it; the vote's are registered once under each deliberation.
#[test]
fn every_bug_that_is_planted_is_registered() {
    let mut files = Vec::new();
    collect(&sources(), &mut files);
    // The one at the top holds what the others are written with.
    files.retain(|file| file.parent() != Some(&*sources()));
    let names = names();
    let mut found = 0;
    for file in &files {
        let folder = file.parent().and_then(Path::file_name).and_then(|name| name.to_str()).expect("a folder");
        let bugs = planted_in(&fs::read_to_string(file).expect("a readable file"));
        assert!(!bugs.is_empty(), "{} plants nothing", file.display());
        for bug in bugs {
            let name = format!("{folder}/{bug}");
            let registered = names.iter().any(|known| *known == name || known.ends_with(&format!("/{name}")));
            assert!(registered, "{name} is planted in {} and stands in no table of the corpus", file.display());
            found += 1;
        }
    }
    assert!(files.len() >= 11 && found >= 90, "{found} bugs in {} files", files.len());
}

/// The same team, task, budget and properties; the same plan of faults for each seed.
fn differs_in_one_switch(bug: &Bug) {
    let (planted, twin) = (bug.planted(), bug.twin());
    let (one, other) = (planted.summary(), twin.summary());
    assert_eq!(one, other, "{}", bug.name);
    assert!(one.properties.iter().any(|property| property.name == bug.property), "{} is not judged", bug.property);
    for seed in 0..4 {
        let job = Job::of(Seed(seed));
        let plan = |scenario| perform(scenario, &BareHost, &job).expect("a run").schedule;
        assert_eq!(plan(&*planted), plan(&*twin), "{}, seed {seed}", bug.name);
    }
}

#[test]
fn a_bug_and_its_twin_differ_in_one_switch() {
    all().iter().for_each(differs_in_one_switch);
}

#[test]
fn a_mistake_that_is_shown_by_hand_names_the_test_that_shows_it() {
    let mut files = Vec::new();
    every_source(&sources(), &mut files);
    let sources: Vec<String> = files.iter().map(|file| fs::read_to_string(file).expect("a readable file")).collect();
    let equivalent = EQUIVALENT.iter().map(|bug| (bug.name, bug.test));
    for (bug, test) in equivalent.chain(HANDMADE.iter().map(|made| (made.bug, made.test))) {
        let named = format!("fn {test}()");
        assert!(sources.iter().any(|source| source.contains(&named)), "{bug}: there is no test {test}");
    }
}

pub fn every_source(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry of a readable folder").path();
        if path.is_dir() { every_source(&path, found) } else { found.push(path) }
    }
}
