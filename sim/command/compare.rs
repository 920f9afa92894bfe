//! `compare`: scenarios side by side on the same seeds. The exit code says whether the comparison could be made.

use super::arguments::{Compare, Format};
use super::chosen::{Chosen, on_task, validated};
use super::error::BadInput;
use super::run::sweep_each;
use super::{ALL, Stage};
use crate::explore::Exit;
use crate::report::Comparison;
use crate::runtime::host_note;
use crate::scenario::{ON_TASK, Runnable};
use serde_json::json;

pub(super) fn compare(stage: &mut Stage<'_>, options: &Compare) -> Result<Exit, BadInput> {
    let chosen = chosen(stage, &options.teams, options.task.as_deref())?;
    let scenarios: Vec<&dyn Runnable> = chosen.iter().map(|scenario| &**scenario).collect();
    let reports = sweep_each(stage, &scenarios, &options.seeds, options.jobs);
    let comparisons: Vec<Comparison> = reports.iter().map(Comparison::from).collect();
    let broken = reports.iter().any(|report| !report.not_reproducible.is_empty() || report.harvest.crashed > 0);
    let exit = if broken { Exit::Crashed } else { Exit::AsSaid };
    if stage.format == Format::Json {
        let document = json!({ "comparisons": comparisons, "host_note": host_note(), "exit_code": exit.code() });
        stage.print_json(&document)?;
        return Ok(exit);
    }
    writeln!(stage.out, "seeds {}, {}\n", options.seeds, host_note())?;
    write!(stage.out, "{}", Comparison::table(&comparisons))?;
    for unlike in reports.iter().flat_map(|report| &report.not_reproducible) {
        writeln!(stage.out, "\n{unlike}")?;
    }
    Ok(exit)
}

/// The scenarios named, and those of the teams named; each once, in catalogue order. With another task, those that can
/// have it.
fn chosen<'a>(stage: &Stage<'a>, names: &[String], task: Option<&str>) -> Result<Vec<Chosen<'a>>, BadInput> {
    let catalogue = stage.catalogue;
    let is_team = |name: &String| catalogue.iter().any(|scenario| scenario.summary().team == *name);
    let mut made: Vec<Chosen<'a>> = Vec::new();
    for name in names.iter().filter(|name| *name != ALL && !is_team(name)) {
        let one = stage.one(name, task)?;
        made.extend(name.contains(ON_TASK).then_some(one));
    }
    let is_named = |scenario: &&dyn Runnable| {
        let summary = scenario.summary();
        names.is_empty() || names.iter().any(|name| name == ALL || *name == summary.name || *name == summary.team)
    };
    let mut named = catalogue.iter().filter(is_named).peekable();
    let listed = match task {
        Some(task) if named.peek().is_some() => on_task(named, task, &names.join(","))?,
        _ => named.map(Chosen::Listed).collect(),
    };
    validated(listed.into_iter().chain(made).collect())
}
