//! Correct protocols where bugs are looked for: what they keep, what they come to, and one liar more than they bear.

use std::collections::BTreeSet;
use std::ops::Range;
use synod::explore::{BareHost, Seeds, Sweep, perform};
use synod::fact::Fact;
use synod::fault::{Fault, Kind, Schedule, Site};
use synod::history::{Entry, Event, History};
use synod::id::NodeId;
use synod::protocol::consensus::{Bft, Paxos};
use synod::protocol::store::{Gossip, Strong};
use synod::scenario::{Job, Runnable};
use synod::seed::Seed;
use synod::time::seconds;
use synod_scenarios::corpus::hears_late;
use synod_scenarios::{bft_of, causal_config, causal_store_of, eventual_of, paxos_log_config, paxos_log_of, strong_of};

/// What the first so many seeds violate.
fn violated(scenario: &dyn Runnable, seeds: u64) -> Vec<String> {
    violated_in(scenario, 0..seeds)
}

fn violated_in(scenario: &dyn Runnable, seeds: Range<u64>) -> Vec<String> {
    let report = Sweep::of(Seeds::new(seeds).expect("a range")).run(scenario, &BareHost);
    report.harvest.failures.groups().iter().map(|group| group.property.clone()).collect()
}

/// Beyond the budget, which is asked for by name: half of four members equivocate all the time while the other two
/// cannot hear each other.
#[test]
fn two_liars_among_four_are_one_too_many() {
    let always = |kind, site| Fault::on(kind, site).lasting(seconds(38));
    let liar = |index| always(Kind::EquivocatingShell, Site::Node(NodeId::agent(index)));
    let link = |from, to| always(Kind::Cut, Site::Link { from: NodeId::agent(from), to: NodeId::agent(to) });
    let plan = vec![liar(0), liar(3), link(1, 2), link(2, 1)];
    let scenario = bft_of(Bft::factory).sizes([4]).schedule(Schedule { faults: plan });
    let mut chunks = (0..25).map(|chunk| violated_in(&scenario, chunk * 1_000..(chunk + 1) * 1_000));
    let broken = |violated: Vec<String>| violated.iter().any(|name| name == "agreement" || name == "certificates");
    assert!(chunks.any(broken), "nothing broke in 25,000 seeds");
}

#[test]
fn a_correct_leader_that_hears_late_tells_nothing_stale() {
    assert!(violated(&hears_late(None), 2_000).is_empty());
}

#[test]
fn byzantine_agreement_fills_a_log_that_three_clients_want_at_once() {
    assert!(violated(&bft_of(Bft::factory).workload(3, 6).thinking(seconds(2)), 1_000).is_empty());
}

/// How often a member went on from another one's snapshot, not from its own after a restart, and then applied more.
fn caught_up(history: &History) -> usize {
    let mut restarted = BTreeSet::new();
    let mut taught = BTreeSet::new();
    let mut went_on = 0;
    for Entry { at, node, process, event } in history.entries() {
        match event {
            Event::Fact(Fact::Recovered { .. }) => _ = restarted.insert((*node, *process, *at)),
            Event::Fact(Fact::Installed { .. }) if !restarted.contains(&(*node, *process, *at)) => {
                taught.insert((*node, *process));
            }
            Event::Fact(Fact::Applied { .. }) if taught.remove(&(*node, *process)) => went_on += 1,
            _ => {}
        }
    }
    went_on
}

#[test]
fn members_of_paxos_that_lag_take_snapshots_of_others_and_go_on_from_them() {
    let scenario = paxos_log_of(|me, members| Paxos::new(me, members, paxos_log_config(members)));
    let runs = (0..200).map(|seed| perform(&scenario, &BareHost, &Job::of(Seed(seed))).expect("a run"));
    let often: Vec<usize> = runs.map(|run| caught_up(&run.history)).collect();
    let (times, seeds) = (often.iter().sum::<usize>(), often.iter().filter(|times| **times > 0).count());
    println!("went on from another member's snapshot {times} times, in {seeds} of 200 runs");
    assert!(seeds >= 20, "{times} times in {seeds} runs");
}

/// The correct stores, over the seeds in which their bugs are found.
#[test]
fn the_correct_stores_keep_what_they_promise() {
    let causal = causal_store_of(|me, members| Gossip::new(me, members, causal_config()));
    for scenario in [&causal as &dyn Runnable, &eventual_of(Gossip::eventual), &strong_of(Strong::factory)] {
        let violated = violated(scenario, 500);
        assert!(violated.is_empty(), "{} violates {violated:?}", scenario.summary().name);
    }
}
