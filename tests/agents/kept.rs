//! What a failing test prints and keeps, and what becomes of it when the test is run again.

use super::attribute::{broken, loners, replayed};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use synod::Sim;
use synod::check::Agreement;
use synod::explore::Capsule;
use synod::testing::Case;
use synod::time::seconds;

/// A package directory of a test's own, removed at its end.
struct Package(PathBuf);

impl Package {
    fn new(name: &str) -> Package {
        let path = std::env::temp_dir().join(format!("synod-kept-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a temporary directory");
        Package(path)
    }

    /// Runs the broken team as the attribute would, and returns what the test prints.
    fn failure(&self) -> String {
        self.outcome(broken).expect_err("three loners disagree on some seed")
    }

    fn outcome<F, W>(&self, body: F) -> Result<(), String>
    where
        F: Fn(Sim) -> W + Send + Sync + 'static,
        W: Future<Output = ()> + 'static,
    {
        // A case holds what the compiler knows, so its texts are static: this one is leaked.
        let manifest: &'static str = Box::leak(self.0.display().to_string().into_boxed_str());
        let outcome = catch_unwind(AssertUnwindSafe(|| synod::testing::run(loners(manifest), body)));
        outcome.map_err(|panic| *panic.downcast::<String>().expect("a report"))
    }

    fn capsules(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.0.join("synod-regressions")).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    }

    fn capsule(&self) -> PathBuf {
        let [only] = self.capsules().try_into().expect("one capsule");
        only
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn altered(path: &Path, alter: impl Fn(&mut Capsule)) {
    let mut capsule = Capsule::read(path).expect("a capsule");
    alter(&mut capsule);
    capsule.write_to(path).expect("it can be written");
}

/// The report from the first line of its witness up to the faults: what a replay must show again.
fn proof(report: &str) -> Vec<String> {
    let lines = report.lines().skip_while(|line| !line.contains("violates agreement")).skip(1);
    lines
        .take_while(|line| !line.starts_with("Faults that") && !line.starts_with("No fault"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_failing_test_prints_what_failed_and_the_line_that_replays_it_in_another_process() {
    let package = Package::new("replay");
    let report = package.failure();
    let capsule = package.capsule();
    let path = capsule.strip_prefix(&package.0).expect("a path below the package, where its tests run").display();
    let line = format!(
        "SYNOD_CAPSULE={path} cargo test -p synod --test agents -- --exact attribute::loners_agree --nocapture"
    );
    assert!(report.contains("violates agreement with seed "), "{report}");
    assert!(report.ends_with(&line), "{report}");
    let told = replayed(&capsule);
    let (first, again) = (proof(&report), proof(&told));
    assert!(first.len() > 1 && first == again, "{report}\n\n{told}");
    let seed = Capsule::read(&capsule).expect("a capsule").seed;
    assert!(told.contains(&format!("violates agreement with seed {seed}")), "{told}");
    assert!(told.contains("decides"), "the replay tells the run event by event: {told}");
}

#[test]
fn what_failed_is_run_first_until_it_is_mended() {
    let package = Package::new("mended");
    let first = package.failure();
    let capsule = package.capsule();
    let again = package.failure();
    assert!(again.contains("on 1 of 1 seeds"), "the kept run alone was made: {again}");
    assert_eq!(again.lines().last(), first.lines().last());
    let mended = package.outcome(|sim: Sim| async move {
        sim.team(1, |agent: synod::Agent| async move { agent.decide(1).await });
        sim.run_for(seconds(1)).await;
        sim.check(Agreement);
    });
    assert_eq!(mended, Ok(()), "a mended run has another digest, and that is right");
    assert_eq!(package.capsules(), [capsule], "it stays to guard against the same bug");
}

#[test]
fn a_capsule_of_another_version_is_recorded_anew() {
    let package = Package::new("version");
    package.failure();
    let capsule = package.capsule();
    let recorded = Capsule::read(&capsule).expect("a capsule");
    altered(&capsule, |capsule| {
        capsule.synod = "0.0.1".to_owned();
        capsule.digest = "0123456789abcdef".to_owned();
    });
    let report = package.failure();
    assert!(report.starts_with("re-recorded: ") && report.contains("was of synod 0.0.1"), "{report}");
    assert_eq!(Capsule::read(&capsule).expect("a capsule"), recorded);
}

#[test]
fn another_digest_in_the_same_version_is_an_error() {
    let package = Package::new("digest");
    package.failure();
    let capsule = package.capsule();
    let recorded = Capsule::read(&capsule).expect("a capsule");
    altered(&capsule, |capsule| capsule.digest = "0123456789abcdef".to_owned());
    let told = replayed(&capsule);
    assert!(told.contains("the capsule's digest is 0123456789abcdef"), "{told}");
    let report = package.failure();
    assert!(report.starts_with("the capsule's digest is 0123456789abcdef"), "{report}");
    assert!(report.contains("violates agreement"), "{report}");
    assert_eq!(Capsule::read(&capsule).expect("a capsule"), recorded, "the line below the report replays again");
}

#[test]
fn the_line_names_the_library_when_the_test_is_a_unit_test() {
    let package = Package::new("library");
    let manifest: &'static str = Box::leak(package.0.display().to_string().into_boxed_str());
    let unit = Case { name: "my_crate::tests::agree", package: "my-crate", target: "my_crate", ..loners(manifest) };
    let outcome = catch_unwind(AssertUnwindSafe(|| synod::testing::run(unit, broken)));
    let report = outcome.expect_err("three loners disagree").downcast::<String>().expect("a report");
    assert!(report.ends_with(" cargo test -p my-crate --lib -- --exact tests::agree --nocapture"), "{report}");
}

#[test]
fn a_corrupt_capsule_is_named_in_one_line() {
    let package = Package::new("corrupt");
    package.failure();
    let capsule = package.capsule();
    fs::write(&capsule, "{").expect("it can be written");
    let report = package.failure();
    assert!(report.contains(&capsule.display().to_string()) && !report.contains('\n'), "{report}");
}
