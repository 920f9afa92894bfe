//! What weaker stores allow, each anomaly by its name: a promise that nothing breaks where it is not made is no
//! promise.

use synod::check::consistency::{
    CausalConsistency, CausalConvergence, EventualConvergence, Guarantee, Linearizable, SessionGuarantee,
};
use synod::check::{Check, OfStore};
use synod::explore::{BareHost, Seeds, Sweep};
use synod::scenario::Runnable;
use synod_scenarios::{eventual_violating, weak_violating};

const SEEDS: u64 = 1_000;

fn check(scenario: &dyn Runnable) {
    let report = Sweep::of(Seeds::new(0..SEEDS).expect("a range")).run(scenario, &BareHost);
    let first = report.first_failure().unwrap_or_else(|| panic!("nothing found: {:?}", scenario.summary().expectation));
    println!("{}: {} with seed {}", scenario.summary().name, first.property, first.example.seed);
}

fn session(guarantee: Guarantee) -> OfStore<SessionGuarantee> {
    OfStore::entry_by_entry(SessionGuarantee::of(guarantee))
}

fn check_weak(property: impl Check + 'static) {
    check(&weak_violating(property));
}

fn check_eventual(property: impl Check + 'static) {
    check(&eventual_violating(property));
}

#[test]
fn a_dictionary_that_is_overwritten_in_place_promises_nothing() {
    check_weak(OfStore::entry_by_entry(CausalConsistency::default()));
    check_weak(OfStore::entry_by_entry(CausalConvergence::default()));
    check_weak(session(Guarantee::ReadYourWrites));
    check_weak(session(Guarantee::MonotonicReads));
    check_weak(session(Guarantee::MonotonicWrites));
    check_weak(session(Guarantee::WritesFollowReads));
    check_weak(OfStore::whole(EventualConvergence));
    check_weak(OfStore::whole(Linearizable::DEFAULT));
}

#[test]
fn the_last_writer_wins_and_sessions_are_promised_nothing() {
    check_eventual(OfStore::entry_by_entry(CausalConsistency::default()));
    check_eventual(session(Guarantee::ReadYourWrites));
    check_eventual(session(Guarantee::MonotonicReads));
    check_eventual(session(Guarantee::WritesFollowReads));
    check_eventual(OfStore::whole(Linearizable::DEFAULT));
}
