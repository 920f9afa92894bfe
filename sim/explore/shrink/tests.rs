//! Shrinking a protocol's own scenario and a fake, by their public results.

use super::*;
use crate::check::Agreement;
use crate::explore::BareHost;
use crate::explore::fake::{Fake, Sin};
use crate::fault::{Fault, Kind, Nemesis, Schedule, Site};
use crate::id::NodeId;
use crate::protocol::baseline::last_speaker::LastSpeaker;
use crate::scenario::Scenario;
use crate::time::seconds;

fn shrink(scenario: &dyn Runnable, budget: u64) -> Shrink<'_> {
    Shrink { scenario, host: &BareHost, budget }
}

fn talkers() -> Scenario<LastSpeaker> {
    Scenario::new("talkers").team(5, LastSpeaker::factory).nemesis(Nemesis::all()).expect(Agreement)
}

fn failing() -> Seed {
    let fails = |seed: &u64| talkers().run(&Job::of(Seed(*seed)), &crate::scenario::Frozen).failed();
    Seed((0..500).find(fails).expect("talkers disagree on some seed"))
}

#[test]
fn a_run_that_fails_nothing_is_not_shrunk() {
    let fake = Fake::new("fake", Sin::ViolatesEvery(10));
    let error = shrink(&fake, 10).seed(Seed(7)).map(|shrunk| shrunk.runs).unwrap_err();
    assert_eq!(error.to_string(), "fake with seed 7 fails nothing: there is nothing to shrink");
    let other = Fingerprint { gravity: super::super::Gravity::Safety, property: "x".to_owned(), shape: String::new() };
    let error = shrink(&fake, 10).failure(Seed(10), &other).map(|shrunk| shrunk.runs).unwrap_err();
    assert!(error.to_string().contains("not as it is said to"), "{error}");
    let panics = Fake::new("fake", Sin::PanicsOn(3));
    assert!(matches!(shrink(&panics, 10).seed(Seed(3)), Err(ShrinkError::Panics { .. })));
}

#[test]
fn the_budget_is_a_number_of_runs_and_a_cut_shrink_goes_on_from_its_capsule() {
    let (talkers, seed) = (talkers(), failing());
    let whole = shrink(&talkers, 5_000).seed(seed).expect("it fails");
    assert_eq!(whole.extent, Extent::Minimal);
    let mut capsule = Capsule::least(&talkers.summary(), &whole);
    capsule.pins.clear();
    let mut rounds = 0;
    loop {
        let part = shrink(&talkers, 40).capsule(&capsule).expect("it fails");
        assert!(part.runs <= 40 && part.fingerprint == whole.fingerprint);
        capsule = Capsule::least(&talkers.summary(), &part);
        rounds += 1;
        if part.extent == Extent::Minimal || rounds == 60 {
            assert_eq!(part.after.faults, whole.after.faults, "after {rounds} rounds");
            break;
        }
    }
    assert!(rounds > 1, "40 runs were enough, which shows nothing");
}

#[test]
fn a_fault_that_nobody_needs_is_taken_out_of_a_given_schedule() {
    let cut = |from, to| Fault::on(Kind::Cut, Site::Link { from: NodeId::agent(from), to: NodeId::agent(to) });
    let schedule = Schedule { faults: vec![cut(0, 1), cut(1, 0), cut(2, 3).lasting(seconds(1)), cut(3, 2)] };
    // Models that differ: who shares one gets the same answer to the same question.
    let scenario = talkers().models(5).schedule(schedule);
    let fails = |seed: &u64| scenario.run(&Job::of(Seed(*seed)), &crate::scenario::Frozen).failed();
    let seed = (0..5_000).find(fails).expect("talkers disagree on some seed");
    let shrunk = shrink(&scenario, 2_000).seed(Seed(seed)).expect("it fails");
    assert_eq!(shrunk.before.faults, 4);
    assert!(shrunk.after.faults < 4 && shrunk.extent == Extent::Minimal, "{:?}", shrunk.after);
}
