//! `digest`: one line for each seed, the same on every machine and in every build.

use super::Stage;
use super::arguments::{Digest, Format, threads};
use super::error::BadInput;
use crate::explore::{Escape, Exit, digests};
use crate::scenario::Runnable;
use crate::seed::Seed;
use serde_json::{Map, Value};
use std::io;

pub(super) fn digest(stage: &mut Stage<'_>, options: &Digest) -> Result<Exit, BadInput> {
    let chosen = stage.chosen(&options.scenario, &options.variant)?;
    let scenarios: Vec<&dyn Runnable> = chosen.iter().map(|scenario| &**scenario).collect();
    if let [scenario] = scenarios[..] {
        options.strategy.fits(&scenario.summary())?;
    }
    match stage.format {
        Format::Text => lines(stage, &scenarios, options),
        Format::Json => document(stage, &scenarios, options),
    }
}

fn lines(stage: &mut Stage<'_>, scenarios: &[&dyn Runnable], options: &Digest) -> Result<Exit, BadInput> {
    let mut exit = Exit::AsSaid;
    for scenario in scenarios {
        let summary = scenario.summary();
        let attempt = |seed| options.strategy.first(seed, &summary);
        let name = &summary.name;
        let mut written: io::Result<()> = Ok(());
        let out = &mut *stage.out;
        digests(*scenario, stage.host, &options.seeds, attempt, threads(options.jobs), |seed, digest| {
            if written.is_ok() {
                written = writeln!(out, "{name} {seed} {}", text(&digest, &mut exit));
            }
        });
        written?;
    }
    Ok(exit)
}

fn document(stage: &mut Stage<'_>, scenarios: &[&dyn Runnable], options: &Digest) -> Result<Exit, BadInput> {
    let mut exit = Exit::AsSaid;
    let mut all = Map::new();
    for scenario in scenarios {
        let summary = scenario.summary();
        let attempt = |seed| options.strategy.first(seed, &summary);
        let mut of_one = Map::new();
        digests(*scenario, stage.host, &options.seeds, attempt, threads(options.jobs), |seed: Seed, digest| {
            of_one.insert(seed.to_string(), text(&digest, &mut exit).into());
        });
        all.insert(summary.name.clone(), of_one.into());
    }
    stage.print_json(&Value::from(all))?;
    Ok(exit)
}

/// Sixteen hexadecimal digits, or what happened instead.
fn text(digest: &Result<u64, Escape>, exit: &mut Exit) -> String {
    match digest {
        Ok(digest) => format!("{digest:016x}"),
        Err(_) => {
            *exit = Exit::Crashed;
            "crashed".to_owned()
        }
    }
}
