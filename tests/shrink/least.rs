//! What is left of a run fails alike, and not without any of its faults.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "measures real time, asserts none")]

use super::bugs::{Bug, Failing, baselines, planted, quick};
use std::time::Instant;
use synod::explore::{BareHost, Capsule, Extent, Fit, SHRINK_BUDGET, Shrunk, perform};
use synod::fault::Origin;
use synod::scenario::{Job, Run};
use synod::seed::{Domain, Pin, PinError};
use synod::trace::Detail;

/// More than any of these takes: what is claimed to be minimal must not be what a budget left.
const AMPLE: u64 = 5_000;

fn run(bug: &Bug, failing: &Failing, pins: Vec<Pin>) -> Run {
    let job = Job { pins, ..Job::of(failing.seed) };
    perform(&*bug.scenario, &BareHost, &job).unwrap_or_else(|escape| panic!("{}: {escape}", bug.name))
}

fn fails_alike(failing: &Failing, run: &Run) -> bool {
    let mut judged = run.judged.iter();
    run.crash.is_none()
        && judged.any(|judged| {
            let shape = judged.verdict.witness().map(|witness| witness.shape.as_str());
            judged.property.name == failing.alike.property && shape == Some(failing.alike.shape.as_str())
        })
}

/// A pin that takes out what this draw keeps.
fn out(stream: &str) -> Pin {
    let domain = Domain { least: 0, most: 1, harmless: 0 };
    Pin { stream: stream.to_owned(), index: Origin::KEPT, choice: 0, domain }
}

fn needs_every_fault(bug: &Bug, failing: &Failing, shrunk: &Shrunk) {
    for fault in &shrunk.run.schedule.faults {
        let origin = fault.name.expect("a planned fault has a name").origin.to_string();
        let mut pins = shrunk.pins.clone();
        pins.push(out(&origin));
        let without = run(bug, failing, pins);
        let refused = matches!(without.pin_error, Some(PinError::OutOfDomain { .. } | PinError::Twice { .. }));
        assert!(!refused, "{}: {:?}", bug.name, without.pin_error);
        assert!(!fails_alike(failing, &without), "{} fails without {fault} too", bug.name);
    }
}

fn check(bug: &Bug) {
    let failing = bug.hunt().unwrap_or_else(|| panic!("{} was not found", bug.name));
    let shrunk = bug.shrunk(&failing, AMPLE);
    assert_eq!((&shrunk.fingerprint, shrunk.extent), (&failing.alike, Extent::Minimal), "{}", bug.name);
    let again = run(bug, &failing, shrunk.pins.clone());
    assert!(again.pin_error.is_none() && fails_alike(&failing, &again), "{}: {:?}", bug.name, again.pin_error);
    assert_eq!(again.digest, shrunk.run.digest, "{}", bug.name);
    let Shrunk { before, after, .. } = &shrunk;
    assert!(after.faults <= before.faults && after.operations <= before.operations, "{}", bug.name);
    needs_every_fault(bug, &failing, &shrunk);
    let capsule = Capsule::least(&bug.scenario.summary(), &shrunk);
    let told = perform(&*bug.scenario, &BareHost, &capsule.job(Detail::Full)).expect("it panicked at no time");
    assert_eq!(capsule.fits(&told).expect("the same run"), Fit::Same);
}

#[test]
fn baselines_are_shrunk_to_what_they_need() {
    baselines().iter().for_each(check);
}

#[test]
fn planted_bugs_are_shrunk_to_what_they_need() {
    quick().iter().for_each(check);
}

#[test]
fn the_same_seed_is_shrunk_to_the_same_run_twice() {
    let bug = &quick()[0];
    let failing = bug.hunt().expect("it is found");
    let [one, other] = [0, 1].map(|_| bug.shrunk(&failing, SHRINK_BUDGET));
    assert_eq!((one.pins, one.runs, one.run.digest), (other.pins, other.runs, other.run.digest));
}

/// How long shrinks take and how small their runs become, for every planted bug: one line each and the median. Prints
/// with `SYNOD_MEASURE=1 cargo test --release --test shrink measure -- --nocapture`; without the variable, one bug
/// shows that it works.
#[test]
fn measure() {
    let whole = std::env::var_os("SYNOD_MEASURE").is_some();
    let bugs: Vec<Bug> = if whole { baselines().into_iter().chain(planted()).collect() } else { baselines() };
    let mut spent = Vec::new();
    for bug in bugs.iter().take(if whole { usize::MAX } else { 1 }) {
        let Some(failing) = bug.hunt() else {
            println!("{}: not found", bug.name);
            continue;
        };
        let began = Instant::now();
        let shrunk = bug.shrunk(&failing, SHRINK_BUDGET);
        let took = began.elapsed();
        let (runs, pins, extent) = (shrunk.runs, shrunk.pins.len(), shrunk.extent);
        println!("{}, seed {}: {took:?}, {runs} runs, {pins} pins, {extent:?}", bug.name, failing.seed);
        println!("    {} -> {}", shrunk.before, shrunk.after);
        shrunk.faults().iter().for_each(|fault| println!("    {fault}"));
        spent.push((took, runs));
    }
    spent.sort_unstable();
    println!("median of {}: {:?}", spent.len(), spent[spent.len() / 2]);
}
