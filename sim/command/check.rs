//! `check`: a history from anywhere against a property. Knows which kind of history a property is about.

use super::Stage;
use super::arguments::{Check, Format as Output};
use super::error::BadInput;
use crate::check::consistency::{self, Look, Sight};
use crate::check::{self, Property, PropertyKind, Verdict};
use crate::explore::Exit;
use crate::history;
use crate::history::store::Format;
use crate::time::seconds;
use serde::Serialize;
use serde_json::json;
use std::fmt::Display;
use std::fs;
use std::num::NonZeroU64;
use std::path::Path;

pub(super) fn check(stage: &mut Stage<'_>, options: &Check) -> Result<Exit, BadInput> {
    let sight = if options.values_only { Sight::ValuesOnly } else { Sight::Recorded };
    let look = Look { sight, budget: options.budget.map(NonZeroU64::get), within: options.within.map(seconds) };
    let Some(check) = consistency::by_name(&options.property, look) else { return run(stage, options) };
    let text = read(&options.file)?;
    let format = match options.format {
        Some(format) => format,
        None => Format::of(&text).ok_or_else(|| refuse(&options.file, formless(&text)))?,
    };
    let history = format.read(&text).map_err(|error| refuse(&options.file, error))?;
    show(stage, check.property(), &check.check(&history))
}

/// A property of runs, or of nothing.
fn run(stage: &mut Stage<'_>, options: &Check) -> Result<Exit, BadInput> {
    let Ok(check) = check::by_name(&options.property) else {
        let nearest = check::nearest(&options.property, consistency::names());
        let unknown = check::UnknownProperty { name: options.property.clone(), nearest };
        return Err(BadInput::Usage(unknown.to_string()));
    };
    let name = check.property().name;
    let of_stores = options.values_only || options.budget.is_some() || options.within.is_some();
    if of_stores || options.format.is_some_and(|format| format != Format::Jsonl) {
        let text = format!("{name} is about a run: its history is jsonl, and nothing else is to be said of it");
        return Err(BadInput::Usage(text));
    }
    let text = read(&options.file)?;
    let history = history::read(text.as_bytes()).map_err(|error| refuse(&options.file, error))?;
    show(stage, check.property(), &check.check(&history))
}

fn read(path: &Path) -> Result<String, BadInput> {
    fs::read_to_string(path).map_err(|error| refuse(path, format!("cannot be read ({error})")))
}

fn formless(text: &str) -> &'static str {
    if text.trim().is_empty() { "the file is empty" } else { "no format fits: name one with --format" }
}

fn refuse(path: &Path, error: impl Display) -> BadInput {
    BadInput::Usage(format!("{}: {error}", path.display()))
}

fn show<W: Serialize + Display>(
    stage: &mut Stage<'_>,
    Property { name, kind, .. }: Property,
    verdict: &Verdict<W>,
) -> Result<Exit, BadInput> {
    let exit = match (verdict, kind) {
        (Verdict::Holds { judged: 0 }, _) => Exit::NotExercised,
        (Verdict::Unknown { .. }, _) => Exit::Undecided,
        (Verdict::Holds { .. }, _) => Exit::AsSaid,
        (Verdict::Violated(_), PropertyKind::Liveness) => Exit::Stalled,
        (Verdict::Violated(_), _) => Exit::Violated,
    };
    if stage.format == Output::Json {
        let document = json!({ "property": name, "verdict": verdict, "exit_code": exit.code() });
        stage.print_json(&document)?;
        return Ok(exit);
    }
    match verdict {
        Verdict::Holds { judged: 0 } => writeln!(stage.out, "{name}: nothing to judge, so no evidence")?,
        Verdict::Holds { judged } => writeln!(stage.out, "{name}: holds ({judged} judged)")?,
        Verdict::Unknown { limit } => writeln!(stage.out, "{name}: UNDECIDED, no pass: {limit}")?,
        Verdict::Violated(witness) => writeln!(stage.out, "{name}: VIOLATED\n{witness}")?,
    }
    Ok(exit)
}
