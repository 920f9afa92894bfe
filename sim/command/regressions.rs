//! `run --regressions`: runs that were kept because they failed, made again before the sweep.

use super::Stage;
use super::error::BadInput;
use crate::explore::{Capsule, Exit, Fit, Met, Rerun, kept};
use crate::scenario::Runnable;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What has become of a kept run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
enum State {
    /// It violates its property, or crashes, as before.
    Fails,
    /// It fails, but by something else.
    FailsOtherwise {
        /// What it violates now.
        property: String,
    },
    /// It fails no more.
    Mended,
}

/// A kept run, made again.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Regression {
    capsule: PathBuf,
    scenario: String,
    property: Option<String>,
    #[serde(flatten)]
    state: State,
    /// How it differs from what was recorded, if it does. It is recorded anew if it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// What it makes of the command's exit, if that asks for verdicts alone, and if it asks what is expected.
    #[serde(skip)]
    pub(super) plain: Exit,
    #[serde(skip)]
    pub(super) expected: Exit,
}

/// Makes the kept runs of these scenarios again.
pub(super) fn rerun(
    stage: &Stage<'_>,
    scenarios: &[&dyn Runnable],
    directory: &Path,
) -> Result<Vec<Regression>, BadInput> {
    // All are read before the first is recorded anew: what cannot be read leaves all as they are.
    let read = |path: PathBuf| Capsule::read(&path).map(|capsule| (path, capsule));
    let kept: Vec<(PathBuf, Capsule)> = kept(directory).into_iter().map(read).collect::<Result<_, _>>()?;
    let mut again = Vec::new();
    for (path, capsule) in kept {
        let of = |scenario: &&&dyn Runnable| scenario.summary().name == capsule.scenario;
        if let Some(scenario) = scenarios.iter().find(of) {
            again.push(Regression::of(path, &capsule, capsule.rerun(*scenario, stage.host))?);
        }
    }
    Ok(again)
}

impl Regression {
    fn of(path: PathBuf, capsule: &Capsule, Rerun { report, fit, anew }: Rerun) -> Result<Regression, BadInput> {
        let state = match (capsule.failure_in(&report), report.first_failure()) {
            (Some(_), _) => State::Fails,
            (None, Some(group)) => State::FailsOtherwise { property: group.property.clone() },
            (None, None) => State::Mended,
        };
        let note = match fit {
            Ok(Fit::Same) => None,
            Ok(Fit::Rerecorded { from }) => Some(format!("another run than synod {from} recorded")),
            Err(error) => Some(error.to_string()),
        };
        if let Some(anew) = &anew {
            anew.write_to(&path)?;
        }
        let plain = if state == State::Mended { Exit::AsSaid } else { report.exit() };
        // A run that a scenario is expected to make is no surprise.
        let expected = if report.met() == Met::No { plain } else { Exit::AsSaid };
        let (scenario, property) = (capsule.scenario.clone(), capsule.property.clone());
        Ok(Regression { capsule: path, scenario, property, state, note, plain, expected })
    }

    /// One line.
    pub(super) fn line(&self) -> String {
        let property = self.property.as_deref().unwrap_or("the run");
        let state = match &self.state {
            State::Fails => format!("{property} still fails"),
            State::FailsOtherwise { property: now } => format!("{property} holds, but {now} fails"),
            State::Mended => format!("{property} does not fail any more; delete it if the mend is meant"),
        };
        let note = self.note.iter().map(|note| format!(" ({note})"));
        format!("kept: {}: {}: {state}{}", self.capsule.display(), self.scenario, note.collect::<String>())
    }
}
