//! Sweeping in a plain test: `scenario.sweep(0..1_000)?`.

use super::elsewhere::{Errand, Test, number};
use super::failure::Found;
use super::{
    Asked, Attempt, BareHost, Capsule, Failure, Outcome, REGRESSIONS, SHRINK_BUDGET, Seeds, Shrink, Strategy, Sweep,
    SweepReport, perform,
};
use crate::scenario::{Runnable, Summary};
use crate::seed::Seed;
use crate::trace::Detail;
use std::ops::Range;
use std::path::Path;

/// Sweeps for everything that can be run by seed.
pub trait SweepExt {
    /// Runs these seeds on every core and fails with the lowest failing one. The environment goes first:
    /// `SYNOD_CAPSULE`, `SYNOD_SEED`, `SYNOD_SEEDS`, `SYNOD_STRATEGY` and `SYNOD_JOBS` as [`Asked`] says.
    ///
    /// A share of the seeds is run again in another process and compared, if the test's name is known: the test binary
    /// is started once more for exactly this test, with [`ERRAND`](super::ERRAND) in its environment.
    ///
    /// Runs on the bare host: a scenario whose agents ask the standard clock belongs under `#[synod::test]`.
    ///
    /// # Errors
    /// If the scenario cannot run or does not do what it is expected to do.
    fn sweep(&self, seeds: Range<u64>) -> Result<SweepReport, Failure>;
}

impl<T: Runnable> SweepExt for T {
    fn sweep(&self, seeds: Range<u64>) -> Result<SweepReport, Failure> {
        let asked = Asked::by_environment().map_err(Failure::Asked)?;
        let thread = std::thread::current();
        let name = thread.name().filter(|name| *name != "main");
        let strategy = asked.strategy.unwrap_or_default();
        let number = number();
        let test = name.map(|name| Test { name, scenario: self, host: &BareHost, strategy, number });
        if let (Some(test), Some(errand)) = (&test, Errand::by_environment()) {
            self.validate().map_err(Failure::Invalid)?;
            errand.run(test);
            // Whatever the test does with its sweep, it was not started for that.
            let asked = Asked { seeds: Some(Seeds::only(Seed(seeds.start))), ..asked };
            return sweep_as_asked(self, seeds, &asked);
        }
        let report = sweep_as_asked(self, seeds, &asked).map_err(|failure| written(failure, &self.summary()))?;
        match test.filter(|_| report.seeds.len() > 1).and_then(|test| test.compare(&report.seeds)) {
            Some(unlike) => Err(Failure::NotReproducible(unlike)),
            None => Ok(report),
        }
    }
}

fn sweep_as_asked(scenario: &dyn Runnable, seeds: Range<u64>, asked: &Asked) -> Result<SweepReport, Failure> {
    scenario.validate().map_err(Failure::Invalid)?;
    let seeds = Seeds::new(seeds).map_err(Failure::Range)?;
    if let Some(path) = &asked.capsule {
        let capsule = Capsule::read(path).map_err(Failure::Capsule)?;
        if capsule.scenario == scenario.summary().name {
            return replay(scenario, &capsule);
        }
    }
    let strategy = asked.strategy.unwrap_or_default();
    let mut sweep = Sweep::of(asked.seeds.clone().unwrap_or(seeds)).strategy(strategy);
    sweep.jobs = asked.jobs.unwrap_or(sweep.jobs);
    let report = sweep.run(scenario, &BareHost);
    let by = report.first_failure().map(|group| group.example.attempt.by).unwrap_or_default();
    let again = |seed: Seed| match by {
        // What it made of the seed depends on the seeds before it.
        Strategy::Guided => {
            let asked = Some(strategy).filter(|strategy| *strategy != Strategy::default());
            again(&report.seeds.up_to(seed).to_string(), asked)
        }
        by => again(&seed.to_string(), by.to_ask_for(seed, &report.summary)),
    };
    match Failure::of(&report, again) {
        None => Ok(report),
        // One seed alone is asked for to look at it as it is.
        Some(failure) if asked.seeds.as_ref().is_some_and(|seeds| seeds.len() == 1) => Err(failure),
        Some(failure) => Err(shrunk(scenario, failure)),
    }
}

/// The failure with what is left of its run, if there is a run to take something out of.
fn shrunk(scenario: &dyn Runnable, failure: Failure) -> Failure {
    let Failure::Found(found) = &failure else { return failure };
    let shrink = Shrink { scenario, host: &BareHost, budget: SHRINK_BUDGET };
    match shrink.group(&found.group) {
        Ok(least) => failure.shrunk(least),
        Err(_) => failure,
    }
}

/// The failure with its least run written down, so that the line below its report makes exactly that run again.
fn written(mut failure: Failure, summary: &Summary) -> Failure {
    let Failure::Found(found) = &mut failure else { return failure };
    let (Some(least), Ok(manifest)) = (&found.least, std::env::var("CARGO_MANIFEST_DIR")) else { return failure };
    let written = Capsule::least(summary, least).write(&Path::new(&manifest).join(REGRESSIONS));
    found.again = match written {
        // Tests run in their package's directory, wherever cargo was called: the path can stay short.
        Ok(path) => command(&format!("SYNOD_CAPSULE={}", path.strip_prefix(&manifest).unwrap_or(&path).display())),
        Err(error) => format!("{}\n  as it was before it was shrunk: {error}", found.again),
    };
    failure
}

fn replay(scenario: &dyn Runnable, capsule: &Capsule) -> Result<SweepReport, Failure> {
    capsule.is_of(&scenario.summary()).map_err(Failure::Capsule)?;
    let outcome: Outcome = perform(scenario, &BareHost, &capsule.job(Detail::Full));
    if let Ok(run) = &outcome {
        capsule.fits(run).map_err(Failure::Capsule)?;
    }
    let report = SweepReport::of_one(scenario.summary(), &BareHost, capsule.seed, &Attempt::from(capsule), &outcome);
    let again = "the same command: SYNOD_CAPSULE names this run".to_owned();
    match report.harvest.failures.first() {
        None => Ok(report),
        Some(group) => {
            let (scenario, group) = (capsule.scenario.clone(), group.clone());
            Err(Failure::Found(Box::new(Found { scenario, group, runs: 1, again, least: None })))
        }
    }
}

/// The line that runs this seed, or these seeds, of the running test again, asking for a strategy if one is to be asked
/// for.
fn again(seeds: &str, by: Option<Strategy>) -> String {
    command(&variables(seeds, by))
}

fn variables(seeds: &str, by: Option<Strategy>) -> String {
    let variable = if seeds.contains("..") { "SYNOD_SEEDS" } else { "SYNOD_SEED" };
    let strategy = by.map(|by| format!("SYNOD_STRATEGY={by} ")).unwrap_or_default();
    format!("{strategy}{variable}={seeds}")
}

/// The line that runs the running test with these variables.
fn command(variables: &str) -> String {
    let thread = std::thread::current();
    let package = std::env::var("CARGO_PKG_NAME").ok();
    line(variables, package.as_deref(), thread.name().filter(|name| *name != "main"))
}

/// The test harness names each test's thread after the test; with one thread it does not, and then all tests are run.
fn line(variables: &str, package: Option<&str>, test: Option<&str>) -> String {
    let package = package.map(|package| format!(" -p {package}")).unwrap_or_default();
    let test = test.map(|test| format!(" --exact {test}")).unwrap_or_default();
    format!("{variables} cargo test{package} --{test} --nocapture")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::{Fake, Sin};

    fn swept(fake: &Fake, asked: &Asked) -> Result<SweepReport, Failure> {
        sweep_as_asked(fake, 0..100, asked)
    }

    #[test]
    fn a_failing_sweep_prints_property_witness_faults_and_the_line_that_replays_it() {
        let report = Sweep::of("0..100".parse().unwrap()).run(&Fake::new("review", Sin::ViolatesEvery(30)), &BareHost);
        let again = |seed: Seed| line(&variables(&seed.to_string(), None), Some("demo"), Some("tests::review"));
        let failure = Failure::of(&report, again).expect("seed 30 fails");
        insta::assert_snapshot!(failure.to_string());
        assert_eq!(format!("{failure:?}"), failure.to_string());
    }

    #[test]
    fn the_least_run_is_written_down_and_the_line_below_its_report_makes_that_run_again() {
        let fake = Fake::new("written_down", Sin::ViolatesEvery(30));
        let failure = written(swept(&fake, &Asked::default()).expect_err("seed 30 fails"), &fake.summary());
        let (Failure::Found(found), text) = (&failure, failure.to_string()) else { panic!("{failure}") };
        let least = found.least.as_ref().expect("it shrinks");
        let manifest = std::env::var("CARGO_MANIFEST_DIR").expect("tests are run by cargo");
        let path = text.split("SYNOD_CAPSULE=").nth(1).and_then(|rest| rest.split(' ').next()).expect("a path");
        let path = Path::new(&manifest).join(path);
        let asked = Asked { capsule: Some(path.clone()), ..Asked::default() };
        let again = swept(&fake, &asked).expect_err("it fails again");
        std::fs::remove_file(path).expect("it was written");
        let Failure::Found(again) = again else { panic!("{again}") };
        assert_eq!(again.group.example.digest, least.group.example.digest);
    }

    #[test]
    fn the_seed_asked_for_is_the_only_one_run() {
        let asked = Asked { seeds: Some("60..61".parse().unwrap()), ..Asked::default() };
        let Err(Failure::Found(found)) = swept(&Fake::new("review", Sin::ViolatesEvery(30)), &asked) else {
            panic!("seed 60 fails");
        };
        assert_eq!((found.group.example.seed, found.runs), (Seed(60), 1));
        let asked = Asked { seeds: Some("61..62".parse().unwrap()), ..Asked::default() };
        assert_eq!(swept(&Fake::new("review", Sin::ViolatesEvery(30)), &asked).unwrap().harvest.runs, 1);
    }

    #[test]
    fn a_sweep_that_is_no_success_says_why() {
        let cases = [
            (Fake::new("invalid", Sin::None), "invalid has 0 agents: give it a team of at least 1"),
            (Fake::violating("idle", Sin::None, "agreement"), "but does not on any of the seeds 0..100"),
            (Fake::new("idle", Sin::Idle), "nothing was decided in any run"),
            (Fake::new("idle", Sin::PanicsOn(7)), "slot 7 is missing"),
        ];
        for (fake, why) in cases {
            let text = swept(&fake, &Asked::default()).unwrap_err().to_string();
            assert!(text.contains(why), "{text}");
        }
        assert!(swept(&Fake::violating("split", Sin::ViolatesEvery(9), "agreement"), &Asked::default()).is_ok());
    }

    #[test]
    fn the_line_names_package_and_test_as_far_as_they_are_known() {
        assert_eq!(
            line(&variables("7", None), Some("demo"), Some("tests::review")),
            "SYNOD_SEED=7 cargo test -p demo -- --exact tests::review --nocapture"
        );
        assert_eq!(line(&variables("7", None), None, None), "SYNOD_SEED=7 cargo test -- --nocapture");
        let guided = line(&variables("0..8", Some(Strategy::Guided)), None, None);
        assert_eq!(guided, "SYNOD_STRATEGY=guided SYNOD_SEEDS=0..8 cargo test -- --nocapture");
    }
}
