//! What weaker stores allow, each anomaly by its name: a promise that nothing breaks where it is not made is no
//! promise.

use synod::check::consistency::{
    BoundedStaleness, CausalConsistency, CausalConvergence, CausalMemory, EventualConvergence, Guarantee, Linearizable,
    NoLostUpdate, NoStaleGeneration, PipelinedRam, SequentialConsistency, SessionGuarantee, Sight, StrongConvergence,
};
use synod::check::{Check, OfStore};
use synod::explore::{BareHost, Seeds, Sweep, perform};
use synod::id::NodeId;
use synod::scenario::{Job, Runnable};
use synod::seed::Seed;
use synod::trace::{Detail, Happening};
use synod_scenarios::{eventual_violating, weak_violating};

const SEEDS: u64 = 1_000;

fn check(scenario: &dyn Runnable) {
    // Most of it shows at once.
    for seeds in [0..50, 50..SEEDS] {
        let report = Sweep::of(Seeds::new(seeds).expect("a range")).run(scenario, &BareHost);
        if let Some(first) = report.first_failure() {
            println!("{}: {} with seed {}", scenario.summary().name, first.property, first.example.seed);
            return;
        }
    }
    panic!("nothing found in {SEEDS} seeds: {:?}", scenario.summary().expectation);
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
    check_weak(OfStore::whole(StrongConvergence));
    check_weak(OfStore::whole(Linearizable::DEFAULT));
    check_weak(OfStore::entry_by_entry(SequentialConsistency { budget: 1_000 }));
    check_weak(OfStore::entry_by_entry(CausalMemory::DEFAULT));
    check_weak(OfStore::entry_by_entry(PipelinedRam::DEFAULT));
    check_weak(OfStore::entry_by_entry(BoundedStaleness::DEFAULT));
}

/// Turns of two keys, tools and notes that are taken back are agents' (`tests/agents/notes.rs`).
#[test]
fn turns_that_overwrite_lose_updates_and_rest_on_what_is_stale() {
    let sight = Sight::Recorded;
    check_weak(OfStore::entry_by_entry(NoLostUpdate { sight }));
    check_weak(OfStore::entry_by_entry(NoStaleGeneration { sight }));
    check_eventual(OfStore::entry_by_entry(NoLostUpdate { sight }));
    check_eventual(OfStore::entry_by_entry(NoStaleGeneration { sight }));
}

/// Tokens are for sessions that move: they must.
#[test]
fn sessions_move_between_replicas() {
    let scenario = eventual_violating(session(Guarantee::ReadYourWrites));
    let moved = (0..20).map(|seed| {
        let job = Job::of(Seed(seed)).detailed(Detail::Full);
        let run = perform(&scenario, &BareHost, &job).expect("the run is contained");
        let asked = |client| {
            let records = run.trace.records().iter();
            let calls = records.filter(move |record| record.happening == Happening::Invoked && record.node == client);
            calls.filter_map(|record| record.peer).collect::<Vec<NodeId>>()
        };
        let moves = |client: u16| asked(NodeId::client(client)).windows(2).filter(|pair| pair[0] != pair[1]).count();
        (0..5).map(moves).sum::<usize>()
    });
    let moved: Vec<usize> = moved.collect();
    println!("moves of five sessions with some 24 calls each, by seed: {moved:?}");
    assert!(moved.iter().all(|moves| *moves > 5), "{moved:?}");
}

#[test]
fn the_last_writer_wins_and_sessions_are_promised_nothing() {
    check_eventual(OfStore::entry_by_entry(CausalConsistency::default()));
    check_eventual(session(Guarantee::ReadYourWrites));
    check_eventual(session(Guarantee::MonotonicReads));
    check_eventual(session(Guarantee::WritesFollowReads));
    check_eventual(OfStore::whole(Linearizable::DEFAULT));
}
