//! Capsules of shrunk runs: the same run in another process, and a loud end where they no longer fit.

use super::bugs::{baselines, quick};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use synod::explore::{BareHost, Capsule, SHRINK_BUDGET, perform};
use synod::trace::Detail;

const VARIABLE: &str = "SYNOD_TEST_CAPSULES";
const TEST: &str = "capsules::a_capsule_gives_the_same_run_in_another_process";
const WORD: &str = "capsule ";

/// A directory of a test's own, removed at its end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Directory {
        let path = env::temp_dir().join(format!("synod-capsules-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a temporary directory");
        Directory(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_capsule_gives_the_same_run_in_another_process() {
    if let Some(directory) = env::var_os(VARIABLE) {
        return answer(Path::new(&directory));
    }
    let directory = Directory::new("process");
    let mut expected = Vec::new();
    for (number, bug) in baselines().iter().chain(&quick()).enumerate() {
        let failing = bug.hunt().expect("it is found");
        let shrunk = bug.shrunk(&failing, SHRINK_BUDGET);
        let capsule = Capsule::least(&bug.scenario.summary(), &shrunk);
        capsule.write_to(&directory.0.join(format!("{number:02}.json"))).expect("it can be written");
        expected.push(format!("{WORD}{number:02} {:016x}", shrunk.run.digest));
    }
    let this = env::current_exe().expect("the path of this test");
    let output = Command::new(this).args([TEST, "--exact", "--nocapture"]).env(VARIABLE, &directory.0).output();
    let output = output.expect("this test can be started again");
    let printed = String::from_utf8(output.stdout).expect("text");
    let given: Vec<&str> = printed.lines().filter(|line| line.starts_with(WORD)).collect();
    assert_eq!(given, expected, "{}", String::from_utf8_lossy(&output.stderr));
}

/// In the other process: every capsule's run.
fn answer(directory: &Path) {
    println!();
    for (number, bug) in baselines().iter().chain(&quick()).enumerate() {
        let capsule = Capsule::read(&directory.join(format!("{number:02}.json"))).expect("a capsule");
        let run = perform(&*bug.scenario, &BareHost, &capsule.job(Detail::Full)).expect("no panic");
        capsule.fits(&run).unwrap_or_else(|error| panic!("{}: {error}", bug.name));
        println!("{WORD}{number:02} {:016x}", run.digest);
    }
}

#[test]
fn a_capsule_of_another_run_names_the_first_event_that_differs() {
    let bug = &baselines()[0];
    let failing = bug.hunt().expect("it is found");
    let shrunk = bug.shrunk(&failing, SHRINK_BUDGET);
    let capsule = Capsule::least(&bug.scenario.summary(), &shrunk);
    let other = Capsule { seed: synod::seed::Seed(failing.seed.0 + 1), ..capsule.clone() };
    let run = perform(&*bug.scenario, &BareHost, &other.job(Detail::Full)).expect("no panic");
    let error = other.fits(&run).expect_err("another seed gives another run").to_string();
    assert!(error.contains("the first event that differs is record "), "{error}");
    let strange = Capsule { seed: failing.seed, pins: vec![], ..capsule.clone() };
    let run = perform(&*bug.scenario, &BareHost, &strange.job(Detail::Full)).expect("no panic");
    assert!(shrunk.pins.is_empty() || strange.fits(&run).is_err());
    let mut summary = bug.scenario.summary();
    assert!(capsule.is_of(&summary).is_ok());
    summary.agents += 2;
    let error = capsule.is_of(&summary).expect_err("another team").to_string();
    assert!(error.contains("but it has 7 agents"), "{error}");
}
