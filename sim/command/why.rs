//! `why`: how likely a run's failure was after each instant of it, as text, JSON and a picture.

use super::Stage;
use super::arguments::{Format, Why as Options, threads};
use super::chosen::tried;
use super::error::BadInput;
use super::shrink::{is_capsule, is_still, of_capsule};
use crate::explore::{Exit, INSTANTS, ShrinkError, TRIES, Why};
use crate::report;
use crate::scenario::Runnable;
use crate::seed::Seed;
use std::path::Path;

pub(super) fn why(stage: &mut Stage<'_>, options: &Options) -> Result<Exit, BadInput> {
    let (name, capsule) = match is_capsule(&options.scenario) {
        true => of_capsule(Path::new(&options.scenario))?,
        false => (options.scenario.clone(), None),
    };
    let chosen = stage.one(&name, &options.variant)?;
    let scenario: &dyn Runnable = &*chosen;
    scenario.validate().map_err(BadInput::Invalid)?;
    let (instants, tries) = (options.instants.unwrap_or(INSTANTS), options.tries.unwrap_or(TRIES));
    if instants < 2 || tries == 0 {
        return Err(BadInput::Usage("a curve needs --instants of at least 2 and --tries of at least 1".to_owned()));
    }
    let ask = Why { scenario, host: stage.host, jobs: threads(options.jobs), instants, tries };
    let told = match (&capsule, options.seed) {
        (Some(capsule), _) => {
            is_still(stage, scenario, capsule)?;
            ask.capsule(capsule)
        }
        (None, Some(seed)) => ask.attempt(Seed(seed), &tried(scenario, options.strategy, Seed(seed))?),
        (None, None) => return Err(BadInput::Usage(format!("which run of {name}? Give --seed N, or a capsule"))),
    };
    let told = match told {
        Ok(told) => told,
        Err(error @ ShrinkError::Panics { .. }) => {
            writeln!(stage.out, "{error}")?;
            return Ok(Exit::Crashed);
        }
        Err(error) => return Err(BadInput::Usage(error.to_string())),
    };
    if let Some(path) = &options.plot {
        draw(&told, path)?;
    }
    let exit = told.fails.gravity.exit();
    if stage.format == Format::Json {
        let mut document = serde_json::to_value(&told).expect("counts and texts");
        document["exit_code"] = exit.code().into();
        stage.print_json(&document)?;
    } else {
        write!(stage.out, "{}", report::causality(&told))?;
    }
    Ok(exit)
}

#[cfg(feature = "report")]
fn draw(told: &crate::explore::Causality, path: &Path) -> Result<(), BadInput> {
    let svg = report::causality_svg(told).map_err(|error| BadInput::Usage(error.to_string()))?;
    let failed = |error| BadInput::Usage(format!("{}: {error}", path.display()));
    std::fs::write(path, svg).map_err(failed)
}

#[cfg(not(feature = "report"))]
fn draw(_: &crate::explore::Causality, _: &Path) -> Result<(), BadInput> {
    Err(BadInput::Usage("--plot needs the feature `report`, which this build does not have".to_owned()))
}
