//! What `#[synod::test]` turns an async function into: a sweep over seeds inside an ordinary test.
//!
//! The environment overrides the attribute: `SYNOD_CAPSULE` replays one file, `SYNOD_SEED` one seed, `SYNOD_SEEDS=A..B`
//! a range, `SYNOD_STRATEGY` how they are used, `SYNOD_JOBS` says on how many threads, `SYNOD_VIEW` (`text`,
//! `transcript`, `html`, `mermaid`, `jsonl`) how a replay is told. What failed is shrunk unless `SYNOD_SEED` asked for
//! it, kept as a capsule in `synod-regressions/` beside the manifest and run again first, every time.

use crate::explore::{
    Asked, Attempt, Capsule, Errand, Failure, Fit, REGRESSIONS, Rerun, SHRINK_BUDGET, Seeds, Shrink, Shrunk, Sweep,
    SweepReport, Test, kept, perform,
};
use crate::report::{self, View};
use crate::runtime::default_host;
use crate::scenario::{Run, Runnable, Sim, Story};
use crate::trace::Detail;
use std::fmt::Display;
use std::future::Future;
use std::path::{Path, PathBuf};

/// What the attribute knows of the function it stands on.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The function's path, the crate's name first.
    pub name: &'static str,
    /// The package.
    pub package: &'static str,
    /// The crate that holds the test.
    pub target: &'static str,
    /// The directory of the package's manifest.
    pub manifest: &'static str,
    /// The source file.
    pub file: &'static str,
    /// Seeds 0 to this are run.
    pub seeds: u64,
}

/// What a test's body may return.
pub trait Ending {
    /// What went wrong, if something did.
    fn error(self) -> Option<String>;
}

impl Ending for () {
    fn error(self) -> Option<String> {
        None
    }
}

impl<E: Display> Ending for Result<(), E> {
    fn error(self) -> Option<String> {
        self.err().map(|error| error.to_string())
    }
}

/// Runs a test's body over its seeds.
///
/// # Panics
/// If a seed fails: that is how a test fails. The message is the whole report.
pub fn run<F, W>(case: Case, body: F)
where
    F: Fn(Sim) -> W + Send + Sync + 'static,
    W: Future + 'static,
    W::Output: Ending,
{
    let body = std::sync::Arc::new(body);
    let story = Story::new(&case.scenario(), move |sim: Sim| {
        let body = body.clone();
        async move {
            if let Some(error) = body(sim.clone()).await.error() {
                sim.fail(format!("the test's body returned an error: {error}"));
            }
        }
    });
    if let Err(report) = case.judge(&story) {
        // The report is for a person: it must not be squeezed into the one line of a Debug string.
        panic!("{report}");
    }
}

impl Case {
    /// The scenario's name: the test's path, fit for a file name. The crate is part of it, for two files of one package
    /// may have tests of the same name.
    fn scenario(&self) -> String {
        self.name.replace("::", ".")
    }

    /// The test's path within its crate, as the test harness knows it.
    fn path(&self) -> &'static str {
        self.name.split_once("::").map_or(self.name, |(_, path)| path)
    }

    fn judge(&self, story: &Story) -> Result<(), String> {
        let asked = Asked::by_environment().map_err(|error| error.to_string())?;
        story.validate()?;
        let strategy = asked.strategy.unwrap_or_default();
        let test = Test { name: self.path(), scenario: story, host: default_host(), strategy, number: 0 };
        if let Some(errand) = Errand::by_environment() {
            errand.run(&test);
            return Ok(());
        }
        if let Some(path) = &asked.capsule {
            let capsule = Capsule::read(path).map_err(|error| error.to_string())?;
            if capsule.scenario != self.scenario() {
                // Other tests of the same process were not meant.
                println!("SYNOD_CAPSULE is a run of {}: nothing was run for {}", capsule.scenario, self.scenario());
                return Ok(());
            }
            return self.replay(story, &capsule, &asked);
        }
        if asked.seeds.is_none() {
            self.rerun_kept(story)?;
        }
        let seeds = match asked.seeds {
            Some(seeds) => seeds,
            None => Seeds::new(0..self.seeds).map_err(|error| error.to_string())?,
        };
        let mut sweep = Sweep::of(seeds).strategy(strategy);
        sweep.jobs = asked.jobs.unwrap_or(sweep.jobs);
        let mut report = sweep.run(story, default_host());
        if report.seeds.len() > 1 && test.is_running() {
            report.not_reproducible.extend(test.compare(&report.seeds));
        }
        // One seed alone is asked for to look at it as it is.
        let least = if report.seeds.len() == 1 { None } else { least(story, &report) };
        self.verdict(&report, least)
    }

    /// The report of a sweep that failed; its lowest failing run, or the least that is left of it, is kept.
    fn verdict(&self, report: &SweepReport, least: Option<Shrunk>) -> Result<(), String> {
        let capsule = match &least {
            Some(least) => Some(Capsule::least(&report.summary, least)),
            None => report.first_failure().map(|group| Capsule::of(&self.scenario(), group)),
        };
        let path = match capsule.map(|capsule| capsule.write(&self.regressions())) {
            Some(Err(error)) => return Err(error.to_string()),
            Some(Ok(path)) => path,
            None => PathBuf::new(),
        };
        let Some(failure) = Failure::of(report, |_| self.line(&path)) else { return Ok(()) };
        let failure = match least {
            Some(least) => failure.shrunk(least),
            None => failure,
        };
        Err(failure.to_string())
    }

    /// Runs what failed before.
    fn rerun_kept(&self, story: &Story) -> Result<(), String> {
        for path in kept(&self.regressions()) {
            let capsule = Capsule::read(&path).map_err(|error| error.to_string())?;
            if capsule.scenario == self.scenario() {
                self.rerun(story, &capsule, &path)?;
            }
        }
        Ok(())
    }

    /// Judges a kept run by its verdicts: one that fails no more is mended, whatever its digest. One that fails
    /// otherwise than recorded is recorded anew, so that the line below its report replays exactly it.
    fn rerun(&self, story: &Story, capsule: &Capsule, path: &Path) -> Result<(), String> {
        let Rerun { report, fit, anew } = capsule.rerun(story, default_host());
        let note = match (&anew, &fit) {
            (None, _) | (_, Ok(Fit::Same)) => String::new(),
            (_, Ok(Fit::Rerecorded { from })) => format!("re-recorded: {} was of synod {from}\n", path.display()),
            (_, Err(error)) => format!("{error}; re-recorded: {}\n", path.display()),
        };
        if let Some(anew) = anew {
            anew.write_to(path).map_err(|error| error.to_string())?;
        }
        // What one seed did not exercise, the sweep may.
        if report.first_failure().is_none() {
            return Ok(());
        }
        Failure::of(&report, |_| self.line(path)).map_or(Ok(()), |failure| Err(format!("{note}{failure}")))
    }

    /// Tells one kept run event by event, and fails as it failed.
    fn replay(&self, story: &Story, capsule: &Capsule, asked: &Asked) -> Result<(), String> {
        let outcome = perform(story, default_host(), &capsule.job(Detail::Full));
        if let Ok(run) = &outcome {
            if let Fit::Rerecorded { from } = capsule.fits(run).map_err(|error| error.to_string())? {
                println!("re-recorded: the capsule is of synod {from}, and the run is another one now");
            }
            println!("{}", told(story, run, asked.view.as_deref())?);
        }
        let attempt = Attempt::from(capsule);
        let report = SweepReport::of_one(story.summary(), default_host(), capsule.seed, &attempt, &outcome);
        let again = "the same command: SYNOD_CAPSULE names this run".to_owned();
        Failure::of(&report, |_| again.clone()).map_or(Ok(()), |failure| Err(failure.to_string()))
    }

    fn regressions(&self) -> PathBuf {
        Path::new(self.manifest).join(REGRESSIONS)
    }

    /// The line that replays exactly this run.
    fn line(&self, capsule: &Path) -> String {
        let of_library = self.target == self.package.replace('-', "_");
        let target = if of_library { "--lib".to_owned() } else { format!("--test {}", self.target) };
        let (package, path) = (self.package, self.path());
        // Tests run in their package's directory, wherever cargo was called: the path can stay short.
        let capsule = capsule.strip_prefix(self.manifest).unwrap_or(capsule).display();
        format!("SYNOD_CAPSULE={capsule} cargo test -p {package} {target} -- --exact {path} --nocapture")
    }
}

/// What is left of a sweep's first failing run when all is taken out that it can do without. Runs that do not come out
/// the same have nothing that could be taken out.
fn least(story: &Story, report: &SweepReport) -> Option<Shrunk> {
    let group = report.first_failure().filter(|_| report.not_reproducible.is_empty())?;
    Shrink { scenario: story, host: default_host(), budget: SHRINK_BUDGET }.group(group).ok()
}

/// A run as the wanted view tells it.
fn told(story: &Story, run: &Run, view: Option<&str>) -> Result<String, String> {
    match view.unwrap_or("text").parse::<View>().map_err(|error| error.to_string())? {
        View::Text => Ok(report::text(&story.summary(), run)),
        View::Html => Ok(report::html(&story.summary(), run)),
        View::Mermaid => Ok(report::mermaid(&story.summary(), run)),
        View::Jsonl => Ok(report::jsonl(run)),
        View::Transcript => {
            let all = (0..story.summary().agents).map(crate::id::NodeId::agent);
            let each: Vec<String> = all.map(|agent| report::transcript(&story.summary(), run, agent)).collect();
            Ok(each.join("\n"))
        }
    }
}
