//! Each rule that a protocol's documentation numbers is shown by a planted bug, or held by a test.

use super::registry::{every_source, names};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use synod_scenarios::corpus::{RULES, Shown};

/// The numbers that open a line of a module's documentation.
fn numbered(text: &str) -> BTreeSet<u32> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("//! ")?.split_once(". "));
    lines.filter_map(|(number, _)| number.parse().ok()).collect()
}

#[test]
fn rules_are_read_off_the_documentation() {
    assert_eq!(
        numbered("//! Of 3 things.\n//! 1. One.\n//!    2. Not.\n//! 12. Twelve.\n// 3. Code.\n"),
        [1, 12].into()
    );
}

#[test]
fn every_rule_of_a_protocol_is_shown_by_a_bug_or_held_by_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let protocols: BTreeSet<&str> = RULES.iter().map(|rule| rule.protocol).collect();
    let all = ["bft", "debate", "gossip", "line", "paxos", "raft", "refine", "strong", "vote"];
    assert_eq!(protocols, all.into());
    for protocol in protocols {
        let kinds = ["consensus", "store", "channel"].map(|kind| root.join("sim/protocol").join(kind));
        let file = kinds.map(|kind| kind.join(protocol).join("mod.rs")).into_iter().find(|file| file.exists());
        let file = file.unwrap_or_else(|| panic!("{protocol} has no folder"));
        let documented = numbered(&fs::read_to_string(file).expect("a readable file"));
        let listed: Vec<u32> = RULES.iter().filter(|rule| rule.protocol == protocol).map(|rule| rule.number).collect();
        assert_eq!(listed, Vec::from_iter(documented), "{protocol}");
    }
}

#[test]
fn what_shows_a_rule_is_there() {
    let mut files = Vec::new();
    for folder in ["sim", "tests"] {
        every_source(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut files);
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    let sources: Vec<String> = files.iter().map(|file| fs::read_to_string(file).expect("a readable file")).collect();
    let names = names();
    for rule in RULES {
        match rule.shown {
            Shown::Bugs(bugs) => {
                assert!(!bugs.is_empty() && bugs.iter().all(|bug| names.contains(*bug)), "{rule:?}");
            }
            Shown::Test(test) => {
                let named = format!("fn {test}()");
                assert!(sources.iter().any(|source| source.contains(&named)), "{rule:?}: there is no such test");
            }
        }
    }
}
