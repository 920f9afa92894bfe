//! Each log protocol at a small size: three members, or four of which one lies, two values, two attempts to lead.

use super::planted::{bft_search, paxos_search, raft_search};
use synod::explore::exhaustive::{Bounds, Ending, Exhaustive, Explored};
use synod::protocol::Protocol;
use synod::protocol::consensus::{bft, paxos, raft};

/// States that each search keeps, unless the environment says otherwise: seconds in the dev profile.
const STATES: usize = 10_000_000;

/// A search with its usual depth, or with as many states as `SYNOD_BOUND` says and no bound on its depth.
fn explored<P: Protocol>(name: &str, search: Exhaustive<P>, bounds: Bounds) -> Option<Explored> {
    let asked = std::env::var("SYNOD_BOUND").ok();
    let states = asked.as_ref().map(|text| text.parse().expect("SYNOD_BOUND is a number of states"));
    let bounds = match states {
        Some(states) => Bounds { states, depth: 1_000, ..bounds },
        None => Bounds { states: STATES, ..bounds },
    };
    let explored = search.bounds(bounds).run().expect("a search that can be made");
    println!("{name}: {explored}\n");
    assert_eq!(explored.verdict.witness(), None);
    // What a bigger search comes to is for its reader.
    asked.is_none().then_some(explored)
}

#[test]
fn paxos_holds_in_every_order_of_two_duelling_ballots() {
    let bounds = Bounds { timers: 2, crashes: 1, duplicates: 1, depth: env("DP", 12), ..Bounds::default() };
    let Some(explored) = explored("paxos", paxos_search(None), bounds) else { return };
    assert!(explored.holds());
}

#[test]
fn raft_holds_in_every_order_of_two_duelling_candidates() {
    let bounds = Bounds { timers: 2, crashes: 1, duplicates: 1, depth: env("DR", 12), ..Bounds::default() };
    let Some(explored) = explored("raft", raft_search(None), bounds) else { return };
    assert!(explored.holds());
}

#[test]
fn bft_holds_in_every_order_of_what_an_equivocating_proposer_causes() {
    let bounds = Bounds { timers: 0, depth: env("DB", 30), answers: Ending::AtOnce, ..Bounds::default() };
    let Some(explored) = explored("bft", bft_search(None), bounds) else { return };
    assert!(explored.holds());
}

fn env(name: &str, default: u32) -> u32 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}
