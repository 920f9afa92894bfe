//! `compare`: teams in one setting, or scenarios in their own, side by side on the same seeds. The exit code says
//! whether the comparison could be made.

use super::arguments::{Compare, Format};
use super::chosen::{Chosen, each, validated};
use super::error::BadInput;
use super::run::sweep_each;
use super::variant::Variant;
use super::{ALL, Stage, ablate, patterns, plot, versions};
use crate::explore::{Exit, SweepReport};
use crate::report::Comparison;
use crate::runtime::host_note;
use crate::scenario::{Contestant, ON_TASK, Runnable, Setting, UNDER, built_in};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

pub(super) fn compare(stage: &mut Stage<'_>, options: &Compare) -> Result<Exit, BadInput> {
    if let Some(team) = &options.ablate {
        return ablate::ablate(stage, options, find(stage.catalogue.contestants(), team)?);
    }
    if let Some(names) = &options.policies {
        return versions::compare_versions(stage, options, names);
    }
    if let Some(names) = &options.patterns {
        return patterns::compare(stage, options, names);
    }
    if options.scenarios.is_empty() && !stage.catalogue.contestants().is_empty() {
        compare_teams(stage, options)
    } else {
        compare_scenarios(stage, options)
    }
}

fn compare_teams(stage: &mut Stage<'_>, options: &Compare) -> Result<Exit, BadInput> {
    let teams = teams(stage.catalogue.contestants(), &options.teams)?;
    let setting = setting(options)?;
    if options.plot.is_some() && cfg!(not(feature = "report")) {
        plot::picture(options, &setting, &[])?;
    }
    let arms: Vec<Box<dyn Runnable>> = teams.iter().map(|team| team.under(&setting)).collect();
    let reports = sweep_each(stage, &borrowed(&arms)?, &options.seeds, options.jobs);
    let comparisons: Vec<Comparison> = reports.iter().map(Comparison::from).collect();
    let mut all = reports;
    let mut columns = Vec::new();
    if let Some(path) = &options.plot {
        let (swept, more) = plot::curves(stage, options, &teams, &setting)?;
        write(path, &plot::picture(options, &setting, &swept)?)?;
        columns = swept;
        all.extend(more);
    }
    let exit = exit(&all);
    let described = Comparison::setting(&setting);
    let met = setting.trouble.kinds();
    let document = json!({
        "setting": described,
        "seeds": options.seeds.to_string(),
        "task": setting.task.name,
        "profile": setting.profile,
        "fault_kinds": met,
        "comparisons": comparisons,
        "curves": columns,
        "host_note": host_note(),
        "exit_code": exit.code(),
    });
    let (seeds, host, table) = (&options.seeds, host_note(), Comparison::table(&comparisons));
    let notes = Comparison::notes(&comparisons, &met);
    let text = format!("seeds {seeds}, {host}\n{described}\n\n{table}\n{notes}");
    finish(stage, options, &document, &text, &all)?;
    Ok(exit)
}

fn compare_scenarios(stage: &mut Stage<'_>, options: &Compare) -> Result<Exit, BadInput> {
    let chosen = scenarios(stage, &options.scenarios, options.task.as_deref())?;
    let scenarios: Vec<&dyn Runnable> = chosen.iter().map(|scenario| &**scenario).collect();
    let reports = sweep_each(stage, &scenarios, &options.seeds, options.jobs);
    let comparisons: Vec<Comparison> = reports.iter().map(Comparison::from).collect();
    let exit = exit(&reports);
    let document = json!({ "comparisons": comparisons, "host_note": host_note(), "exit_code": exit.code() });
    let (seeds, host, table) = (&options.seeds, host_note(), Comparison::table(&comparisons));
    let text = format!("seeds {seeds}, {host}\neach scenario in its own setting\n\n{table}");
    finish(stage, options, &document, &text, &reports)?;
    Ok(exit)
}

/// Whether what was swept can be relied on.
pub(super) fn exit(reports: &[SweepReport]) -> Exit {
    let broken = reports.iter().any(|report| !report.not_reproducible.is_empty() || report.harvest.crashed > 0);
    if broken { Exit::Crashed } else { Exit::AsSaid }
}

/// Prints the document or the text, and writes both to where they are wanted.
pub(super) fn finish(
    stage: &mut Stage<'_>,
    options: &Compare,
    document: &Value,
    text: &str,
    reports: &[SweepReport],
) -> Result<(), BadInput> {
    let written = match &options.out {
        Some(directory) => {
            let (json, table) = (directory.join("comparison.json"), directory.join("comparison.txt"));
            write(&json, &format!("{document:#}\n"))?;
            write(&table, text)?;
            vec![json, table]
        }
        None => Vec::new(),
    };
    let written = options.plot.iter().cloned().chain(written);
    if stage.format == Format::Json {
        return stage.print_json(document);
    }
    write!(stage.out, "{text}")?;
    for unlike in reports.iter().flat_map(|report| &report.not_reproducible) {
        writeln!(stage.out, "\n{unlike}")?;
    }
    written.into_iter().try_for_each(|path| Ok(writeln!(stage.out, "written: {}", path.display())?))
}

/// Writes a file, with the folders it needs.
pub(super) fn write(path: &Path, text: &str) -> Result<(), BadInput> {
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    let refused = |error| BadInput::Usage(format!("cannot write {}: {error}; choose another place", path.display()));
    folder.and_then(|()| fs::write(path, text)).map_err(refused)
}

/// The setting asked for.
pub(super) fn setting(options: &Compare) -> Result<Setting, BadInput> {
    let mut setting = Setting::default();
    if let Some(name) = &options.task {
        setting.task = built_in(name)?;
    }
    if let Some(name) = &options.profile {
        let all = crate::model::Profile::all();
        let names: Vec<&str> = all.iter().map(|profile| profile.name).collect();
        let unknown =
            || BadInput::Usage(format!("there is no profile '{name}': this version has {}", names.join(", ")));
        setting.profile = all.iter().find(|profile| profile.name == *name).cloned().ok_or_else(unknown)?;
    }
    Ok(setting)
}

/// The teams named, in the order of the catalogue; all if none is.
pub(super) fn teams<'a>(all: &'a [Contestant], names: &[String]) -> Result<Vec<&'a Contestant>, BadInput> {
    names.iter().try_for_each(|name| find(all, name).map(|_| ()))?;
    let is_named = |team: &&Contestant| names.is_empty() || names.iter().any(|name| name == team.name());
    Ok(all.iter().filter(is_named).collect())
}

fn find<'a>(all: &'a [Contestant], name: &str) -> Result<&'a Contestant, BadInput> {
    let known: Vec<&str> = all.iter().map(Contestant::name).collect();
    let unknown = || {
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        BadInput::Usage(format!("there is no team '{name}' to compare, only {known}; scenarios go with --scenarios"))
    };
    all.iter().find(|team| team.name() == name).ok_or_else(unknown)
}

/// What can be swept, after a look at whether it can.
pub(super) fn borrowed(arms: &[Box<dyn Runnable>]) -> Result<Vec<&dyn Runnable>, BadInput> {
    let arms: Vec<&dyn Runnable> = arms.iter().map(|arm| &**arm).collect();
    arms.iter().try_for_each(|arm| arm.validate()).map_err(BadInput::Invalid)?;
    Ok(arms)
}

/// The scenarios named, and those of the teams named; each once, in catalogue order. With another task, those that can
/// have it.
fn scenarios<'a>(stage: &Stage<'a>, names: &[String], task: Option<&str>) -> Result<Vec<Chosen<'a>>, BadInput> {
    let (catalogue, variant) = (stage.catalogue, Variant::on_task(task));
    let is_team = |name: &String| catalogue.iter().any(|scenario| scenario.summary().team == *name);
    let mut made: Vec<Chosen<'a>> = Vec::new();
    for name in names.iter().filter(|name| *name != ALL && !is_team(name)) {
        let one = stage.one(name, &variant)?;
        made.extend(name.contains([ON_TASK, UNDER]).then_some(one));
    }
    let is_named = |scenario: &&dyn Runnable| {
        let summary = scenario.summary();
        names.is_empty() || names.iter().any(|name| name == ALL || *name == summary.name || *name == summary.team)
    };
    let mut named = catalogue.iter().filter(is_named).peekable();
    let listed = match named.peek() {
        Some(_) => each(named.map(Chosen::Listed), &variant, &names.join(","))?,
        None => Vec::new(),
    };
    validated(listed.into_iter().chain(made).collect())
}
