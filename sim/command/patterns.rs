//! `compare --patterns`: every pattern on every store and channel, or those that are named. Knows names; others run,
//! sum up and draw.

use super::Stage;
use super::arguments::{Compare, threads};
use super::compare::{finish, write};
use super::error::BadInput;
use super::progress::Bar;
use crate::explore::{Exit, Sweep};
use crate::protocol::store::Level;
use crate::report::{Cell, Seen, answer, documented, frameworks, matrix};
use crate::runtime::host_note;
use crate::scenario::{Catalogue, Pattern, Rung, Runnable, Sequence};
use serde_json::json;

/// What stands between the parts of a cell's name.
const DOT: char = '.';

pub(super) fn compare(stage: &mut Stage<'_>, options: &Compare, names: &[String]) -> Result<Exit, BadInput> {
    let chosen = chosen(stage.catalogue, names)?;
    if options.plot.is_some() && cfg!(not(feature = "report")) {
        picture(&[], "")?;
    }
    let cells = sweep(stage, options, &chosen)?;
    let mut under = vec![format!("seeds {}", options.seeds)];
    for trouble in chosen.iter().map(|(pattern, _)| pattern.trouble()).filter(|trouble| !trouble.is_empty()) {
        if under.iter().all(|known| known != trouble) {
            under.push(trouble.to_owned());
        }
    }
    let under = under.join("; ");
    if let Some(path) = &options.plot {
        write(path, &picture(&cells, &under)?)?;
    }
    let exit = if cells.iter().any(|cell| cell.crashed > 0) { Exit::Crashed } else { Exit::AsSaid };
    let document = json!({
        "seeds": options.seeds.to_string(),
        "under": under,
        "cells": cells,
        "by_documentation": frameworks(),
        "host_note": host_note(),
        "exit_code": exit.code(),
    });
    let (host, rows, known) = (host_note(), matrix(&cells), documented(frameworks()));
    let text = format!("{under}; {host}\n\n{rows}\n{}\n{known}", answer(&cells));
    finish(stage, options, &document, &text, &[])?;
    Ok(exit)
}

fn sweep(stage: &Stage<'_>, options: &Compare, chosen: &[(&Pattern, Rung)]) -> Result<Vec<Cell>, BadInput> {
    let mut bar = Bar::of(options.seeds.len() * chosen.len() as u64);
    let mut cells = Vec::new();
    for (pattern, rung) in chosen {
        let scenario = pattern.on(*rung);
        scenario.validate().map_err(BadInput::Invalid)?;
        let name = scenario.summary().name;
        let progress = |progress| bar.show(&name, progress);
        let sweep = Sweep { jobs: threads(options.jobs), progress: &progress, ..Sweep::of(options.seeds.clone()) };
        let runs = sweep.survey(&*scenario, stage.host, Seen::of);
        cells.push(Cell::of(pattern, *rung, &runs));
        bar.passed(options.seeds.len());
    }
    Ok(cells)
}

#[cfg(feature = "report")]
fn picture(cells: &[Cell], caption: &str) -> Result<String, BadInput> {
    let title = "Right decisions, % of runs, by pattern, store and channel";
    crate::report::Heat { title, caption, cells }.svg().map_err(|error| BadInput::Usage(error.to_string()))
}

#[cfg(not(feature = "report"))]
fn picture(_: &[Cell], _: &str) -> Result<String, BadInput> {
    Err(BadInput::Usage("this build draws nothing: build it with the feature `report`".to_owned()))
}

/// The cells that these names mean, in the order of the catalogue; every one if there is no name.
fn chosen<'a>(catalogue: &'a Catalogue, names: &[String]) -> Result<Vec<(&'a Pattern, Rung)>, BadInput> {
    let mut wanted: Vec<(&'a Pattern, Vec<Rung>)> = Vec::new();
    for name in names {
        wanted.push(cells(catalogue, name)?);
    }
    let is_wanted = |pattern: &Pattern, rung: &Rung| {
        names.is_empty() || wanted.iter().any(|(known, rungs)| known.name() == pattern.name() && rungs.contains(rung))
    };
    let all =
        catalogue.patterns().iter().flat_map(|pattern| pattern.rungs().into_iter().map(move |rung| (pattern, rung)));
    let chosen: Vec<(&Pattern, Rung)> = all.filter(|(pattern, rung)| is_wanted(pattern, rung)).collect();
    if chosen.is_empty() {
        return Err(BadInput::Usage("there is no pattern to compare in this catalogue".to_owned()));
    }
    Ok(chosen)
}

/// The scenario of a cell, if the name is one of a pattern's.
pub(super) fn scenario(catalogue: &Catalogue, name: &str) -> Result<Option<Box<dyn Runnable>>, BadInput> {
    let first = name.split(DOT).next().unwrap_or(name);
    if !name.contains(DOT) || !catalogue.patterns().iter().any(|pattern| pattern.name() == first) {
        return Ok(None);
    }
    let (pattern, rungs) = cells(catalogue, name)?;
    match rungs.as_slice() {
        [rung] => Ok(Some(pattern.on(*rung))),
        _ => Err(BadInput::Usage(format!("'{name}' means {} cells: name its store and its channel", rungs.len()))),
    }
}

/// The cells that a name means: a pattern, then a store or a channel or both.
fn cells<'a>(catalogue: &'a Catalogue, name: &str) -> Result<(&'a Pattern, Vec<Rung>), BadInput> {
    let mut parts = name.split(DOT);
    let first = parts.next().unwrap_or(name);
    let known = || catalogue.patterns().iter().map(Pattern::name).collect::<Vec<_>>().join(", ");
    let unknown = || BadInput::Usage(format!("there is no pattern '{}', only {}", first.escape_debug(), known()));
    let pattern = catalogue.patterns().iter().find(|pattern| pattern.name() == first).ok_or_else(unknown)?;
    let parts: Vec<&str> = parts.collect();
    for part in &parts {
        if part.parse::<Level>().is_err() && part.parse::<Sequence>().is_err() {
            let stores = Level::ALL.map(Level::name).join(", ");
            let channels = Sequence::ALL.map(Sequence::name).join(", ");
            let part = part.escape_debug();
            return Err(BadInput::Usage(format!(
                "'{part}' is neither a store ({stores}) nor a channel ({channels}); a cell is pattern.store.channel"
            )));
        }
    }
    let is_store = |rung: &Rung, part: &str| rung.store.is_some_and(|store| store.name() == part);
    let is_channel = |rung: &Rung, part: &str| rung.channel.is_some_and(|channel| channel.name() == part);
    let mut rungs = pattern.rungs();
    rungs.retain(|rung| match parts.as_slice() {
        [] => true,
        [part] => is_store(rung, part) || is_channel(rung, part),
        [store, channel] => is_store(rung, store) && is_channel(rung, channel),
        _ => false,
    });
    if rungs.is_empty() {
        let what = pattern.rungs().first().map(ToString::to_string).unwrap_or_default();
        return Err(BadInput::Usage(format!("there is no cell '{name}': {first} goes on cells like {first}.{what}")));
    }
    Ok((pattern, rungs))
}
