//! `shrink`: the least of a failing run that still fails alike, as a story, and as a capsule.

use super::Stage;
use super::arguments::{Format, Shrink as Options};
use super::chosen::tried;
use super::error::BadInput;
use super::replay::compare;
use crate::explore::{Capsule, CapsuleError, Exit, SHRINK_BUDGET, Shrink, ShrinkError, Shrunk, Strategy, perform};
use crate::report::{self, View};
use crate::scenario::{Runnable, Summary};
use crate::seed::{Pins, Seed};
use crate::trace::Detail;
use std::path::{Path, PathBuf};

pub(super) fn shrink(stage: &mut Stage<'_>, options: &Options) -> Result<Exit, BadInput> {
    let budget = options.budget.unwrap_or(SHRINK_BUDGET);
    if let Some(View::Transcript | View::Html) = options.view {
        let what = "a story cannot be followed by this view: write the capsule with --out and replay it with --view";
        return Err(BadInput::Usage(what.to_owned()));
    }
    let (name, capsule) = match (&options.capsule, &options.scenario) {
        (Some(path), _) => of_capsule(path)?,
        (None, Some(path)) if is_capsule(path) => of_capsule(Path::new(path))?,
        (None, Some(name)) => (name.clone(), None),
        (None, None) => {
            return Err(BadInput::Usage("what to shrink? Give a scenario and --seed N, or a capsule".to_owned()));
        }
    };
    let chosen = stage.one(&name, &options.variant)?;
    let scenario: &dyn Runnable = &*chosen;
    scenario.validate().map_err(BadInput::Invalid)?;
    let shrink = Shrink { scenario, host: stage.host, budget };
    let shrunk = match (&capsule, options.seed) {
        (Some(capsule), _) => {
            is_still(stage, scenario, capsule)?;
            shrink.capsule(capsule)
        }
        (None, Some(seed)) => shrink.attempt(Seed(seed), &tried(scenario, options.strategy, Seed(seed))?),
        (None, None) => return Err(BadInput::Usage(format!("which run of {name}? Give --seed N, or a capsule"))),
    };
    let shrunk = match shrunk {
        Ok(shrunk) => shrunk,
        Err(ShrinkError::Panics { what, .. }) => {
            writeln!(stage.out, "{name}: the scenario itself panics, which leaves no run to shrink: {what}")?;
            return Ok(Exit::Crashed);
        }
        Err(error) => return Err(BadInput::Usage(error.to_string())),
    };
    let path = options.out.as_deref().map(|directory| write_least(scenario, &shrunk, directory)).transpose()?;
    show(stage, scenario, &shrunk, path.as_deref(), options.view)?;
    Ok(shrunk.fingerprint.gravity.exit())
}

/// A scenario's name is never a file's.
pub(super) fn is_capsule(text: &str) -> bool {
    Path::new(text).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

pub(super) fn of_capsule(path: &Path) -> Result<(String, Option<Capsule>), BadInput> {
    let capsule = Capsule::read(path)?;
    Ok((capsule.scenario.clone(), Some(capsule)))
}

/// Whether a capsule's run is still the one that was recorded: the least of another run would be passed off as its own.
pub(super) fn is_still(stage: &Stage<'_>, scenario: &dyn Runnable, capsule: &Capsule) -> Result<(), BadInput> {
    capsule.is_of(&scenario.summary())?;
    Pins::new(&capsule.pins)?;
    match perform(scenario, stage.host, &capsule.job(Detail::Full)) {
        Ok(run) => compare(capsule, &run),
        // A panic is told by who makes the run next.
        Err(_) => Ok(()),
    }
}

/// Writes the least run's capsule, which `replay --capsule` tells event by event.
pub(super) fn write_least(scenario: &dyn Runnable, shrunk: &Shrunk, directory: &Path) -> Result<PathBuf, BadInput> {
    let capsule = Capsule::least(&scenario.summary(), shrunk);
    let path = directory.join(format!("{}-{}-least.json", capsule.scenario, capsule.seed));
    let failed = |error| CapsuleError::File { path: path.clone(), error };
    std::fs::create_dir_all(directory).map_err(failed)?;
    capsule.write_to(&path)?;
    Ok(path)
}

/// The command that shows the least run again: from its capsule if there is one, else by shrinking again, which gives
/// the same. A mutant of earlier runs is found again by the same sweep, which writes its capsule.
pub(super) fn again(summary: &Summary, shrunk: &Shrunk, path: Option<&Path>, sweep: &str) -> String {
    match path {
        Some(path) => format!("cargo run --release -- replay --capsule {}", path.display()),
        None if shrunk.group.example.attempt.by == Strategy::Guided => format!("{sweep} --out DIR"),
        None => {
            let (seed, by) = (shrunk.group.example.seed, shrunk.group.example.attempt.by);
            let option = report::strategy_option(summary, seed, by);
            format!("cargo run --release -- shrink {} --seed {seed}{option}", shrunk.scenario)
        }
    }
}

fn show(
    stage: &mut Stage<'_>,
    scenario: &dyn Runnable,
    shrunk: &Shrunk,
    path: Option<&Path>,
    view: Option<View>,
) -> Result<(), BadInput> {
    if stage.format == Format::Json {
        let mut document = report::least_json(scenario, shrunk);
        document["capsule"] = path.map(|path| path.display().to_string()).into();
        document["exit_code"] = shrunk.fingerprint.gravity.exit().code().into();
        return stage.print_json(&document);
    }
    write!(stage.out, "{}", report::story(shrunk, &again(&scenario.summary(), shrunk, path, "")))?;
    match view {
        None => {}
        Some(view) => write!(stage.out, "\n{}", told(scenario, shrunk, view))?,
    }
    Ok(())
}

/// The least run in a view of every agent.
fn told(scenario: &dyn Runnable, shrunk: &Shrunk, view: View) -> String {
    match view {
        View::Jsonl => report::jsonl(&shrunk.run),
        View::Mermaid => report::mermaid(&scenario.summary(), &shrunk.run),
        View::Text | View::Transcript | View::Html => report::text(&scenario.summary(), &shrunk.run),
    }
}
