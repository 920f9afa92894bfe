//! The public histories of Porcupine: 102 Jepsen runs against etcd and 6 logs of a key-value store, all with known
//! verdicts.
//!
//! porcupine-rs brings them; they are read from its package, so nothing of them is copied here.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::Command;
use synod::check::Verdict;
use synod::check::consistency::{CheckStore, Linearizable};
use synod::history::store::{StoreHistory, read_knossos, read_porcupine};

/// Runs of etcd that were linearizable. All others but 95, in which the cluster never started, were not.
const LINEARIZABLE: [u32; 23] =
    [2, 5, 7, 18, 25, 31, 38, 45, 48, 49, 51, 53, 56, 67, 75, 76, 80, 87, 92, 98, 100, 101, 102];

/// Where cargo keeps the package's files, those of this host's dependencies only.
fn package() -> PathBuf {
    let cargo = |arguments: &[&str]| {
        let asked = Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
        let asked = asked.expect("cargo runs");
        assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
        String::from_utf8(asked.stdout).expect("cargo answers in text")
    };
    let version = cargo(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("cargo names its host");
    let text = cargo(&["metadata", "--format-version", "1", "--locked", "--filter-platform", host]);
    let metadata: serde_json::Value = serde_json::from_str(&text).expect("metadata is JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let found =
        packages.iter().find(|package| package["name"] == "porcupine-rs").expect("porcupine-rs is a dependency");
    PathBuf::from(found["manifest_path"].as_str().expect("a path")).with_file_name("test_data")
}

fn verdict(history: &StoreHistory) -> bool {
    match Linearizable::DEFAULT.check(history) {
        Verdict::Holds { judged } => {
            assert!(judged > 0, "nothing was judged");
            true
        }
        Verdict::Violated(chain) => {
            assert!(!chain.events.is_empty() && !chain.contradiction.is_empty());
            false
        }
        Verdict::Unknown { limit } => panic!("undecided: {limit}"),
    }
}

#[test]
fn every_jepsen_run_against_etcd_has_its_verdict() {
    let folder = package().join("jepsen");
    let runs = (0..=102).filter(|run| *run != 95);
    let mut wrong = Vec::new();
    for run in runs {
        let file = File::open(folder.join(format!("etcd_{run:03}.log"))).expect("a log of the package");
        let history = read_knossos(BufReader::new(file)).unwrap_or_else(|error| panic!("run {run}: {error}"));
        if verdict(&history) != LINEARIZABLE.contains(&run) {
            wrong.push(run);
        }
    }
    assert!(wrong.is_empty(), "runs judged wrongly: {wrong:?}");
}

#[test]
fn every_log_of_the_key_value_store_has_its_verdict() {
    let folder = package().join("kv");
    for clients in ["c01", "c10", "c50"] {
        for (end, expected) in [("ok", true), ("bad", false)] {
            let name = format!("{clients}-{end}.txt");
            let file = File::open(folder.join(&name)).expect("a log of the package");
            let history = read_porcupine(BufReader::new(file)).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(verdict(&history), expected, "{name}");
        }
    }
}
