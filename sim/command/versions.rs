//! `compare --policies`: the versions of a matter side by side on the same seeds, and what the better ones cost.

use super::arguments::Compare;
use super::compare::{exit, finish, write};
use super::error::BadInput;
use super::run::sweep_each;
use super::{ALL, Stage, over_time};
use crate::explore::{Exit, SweepReport};
use crate::report::Versions;
use crate::runtime::host_note;
use crate::scenario::{Pairing, Runnable};
use serde_json::json;

pub(super) fn compare_versions(stage: &mut Stage<'_>, options: &Compare, names: &[String]) -> Result<Exit, BadInput> {
    let pairings = pairings(stage.catalogue.pairings(), names)?;
    if let Some(path) = &options.plot {
        write(path, &over_time::picture(&over_time::count(stage, options, &pairings)?)?)?;
    }
    let found = |name: &str| stage.catalogue.find(name).expect("the catalogue has every version of its pairings");
    let scenarios: Vec<&dyn Runnable> = pairings.iter().flat_map(|pairing| pairing.versions()).map(found).collect();
    let reports = sweep_each(stage, &scenarios, &options.seeds, options.jobs);
    let mut rest: Vec<&SweepReport> = reports.iter().collect();
    let versions: Vec<Versions> = pairings
        .iter()
        .map(|pairing| {
            let own: Vec<&SweepReport> = rest.drain(..pairing.versions().count()).collect();
            Versions::of(pairing, &own)
        })
        .collect();
    let exit = exit(&reports);
    let document = json!({
        "seeds": options.seeds.to_string(),
        "policies": versions,
        "host_note": host_note(),
        "exit_code": exit.code(),
    });
    let (seeds, host, table) = (&options.seeds, host_note(), Versions::table(&versions));
    let notes = Versions::notes(&versions);
    let text = format!("seeds {seeds}, {host}\neach version in its scenario's own setting\n\n{table}\n{notes}");
    finish(stage, options, &document, &text, &reports)?;
    Ok(exit)
}

/// The pairings named, by any of their versions, in the order of the catalogue; all if none is.
fn pairings<'a>(all: &'a [Pairing], names: &[String]) -> Result<Vec<&'a Pairing>, BadInput> {
    for name in names.iter().filter(|name| *name != ALL) {
        if !all.iter().any(|pairing| pairing.versions().any(|version| version == name)) {
            let known: Vec<&str> = all.iter().map(Pairing::name).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let refusal = format!("there are no versions of '{name}' to compare, only of {known}");
            return Err(BadInput::Usage(refusal));
        }
    }
    let is_named = |pairing: &&Pairing| {
        let named = |name: &String| name == ALL || pairing.versions().any(|version| version == name);
        names.is_empty() || names.iter().any(named)
    };
    Ok(all.iter().filter(is_named).collect())
}
