//! Each log protocol at a small size: three members, or four of which one lies; two values; one attempt to lead in
//! every way there is, and two up to a depth.

use super::planted::{bft_search, paxos_handed_on, paxos_search, paxos_succession, raft_search};
use synod::explore::exhaustive::{Bounds, Ending, Exhaustive, Explored};
use synod::fault::Kind;
use synod::id::NodeId;
use synod::protocol::Protocol;

/// A search within these bounds, or with as many states as `SYNOD_BOUND` says and no bound on its depth.
fn explored<P: Protocol>(name: &str, search: Exhaustive<P>, bounds: Bounds) -> Option<Explored> {
    let asked = std::env::var("SYNOD_BOUND").ok();
    let bounds = match &asked {
        Some(text) => {
            Bounds { states: text.parse().expect("SYNOD_BOUND is a number of states"), depth: 1_000, ..bounds }
        }
        None => bounds,
    };
    let explored = search.bounds(bounds).run().expect("a search that can be made");
    println!("{name}: {explored}\n");
    assert_eq!(explored.verdict.witness(), None);
    // What a bigger search comes to is for its reader.
    asked.is_none().then_some(explored)
}

/// In how many states of a search something was decided.
fn decided(explored: &Explored) -> u64 {
    let seen = explored.watched.iter().find(|watched| watched.property == "agreement");
    seen.expect("agreement is judged").states
}

/// Two members stand for leader, one of them may crash, and a message may come twice.
const DUEL: Bounds = Bounds {
    timers: 2,
    crashes: 1,
    duplicates: 1,
    copies: 1,
    depth: 11,
    states: 10_000_000,
    writes: Ending::AtOnce,
    answers: Ending::Meanwhile,
};

/// One member stands and may lead, in every way there is.
const REIGN: Bounds = Bounds { timers: 1, duplicates: 0, depth: 1_000, ..DUEL };

#[test]
fn paxos_holds_in_every_order_of_one_ballot() {
    let Some(explored) = explored("paxos, one ballot", paxos_search(None), REIGN) else { return };
    assert!(explored.holds() && explored.pruned.depth == 0);
    assert_eq!((explored.states, explored.depth, decided(&explored)), (62_464, 22, 21_360));
}

#[test]
fn paxos_holds_in_every_order_of_two_duelling_ballots() {
    let Some(explored) = explored("paxos, two ballots", paxos_search(None), DUEL) else { return };
    assert_eq!((explored.states, explored.depth), (183_575, 11));
}

#[test]
fn raft_holds_in_every_order_of_one_term() {
    let bounds = Bounds { crashes: 0, ..REIGN };
    let Some(explored) = explored("raft, one term", raft_search(None), bounds) else { return };
    assert!(explored.holds() && explored.pruned.depth == 0);
    assert_eq!((explored.states, explored.depth, decided(&explored)), (105_853, 30, 52_488));
}

#[test]
fn raft_holds_in_every_order_of_two_duelling_candidates() {
    let Some(explored) = explored("raft, two candidates", raft_search(None), DUEL) else { return };
    assert_eq!((explored.states, explored.depth), (111_352, 11));
}

/// One round of four members, of which one lies, in every order there is; no timer fires, and nobody crashes.
const ROUND: Bounds =
    Bounds { timers: 0, crashes: 0, duplicates: 0, depth: 1_000, answers: Ending::AtOnce, states: 1_000_000, ..DUEL };

/// The three that speak are a quorum, and decide.
#[test]
fn bft_holds_in_every_order_of_one_round_in_which_a_member_is_silent() {
    let search = bft_search(None, NodeId::agent(1), Kind::SilentShell);
    let Some(explored) = explored("bft, a voter is silent", search, ROUND) else { return };
    assert!(explored.holds() && explored.pruned.depth == 0);
    assert_eq!((explored.states, explored.depth, decided(&explored)), (66_731, 39, 16_353));
}

/// Two proposals of which neither can have a quorum: nothing is decided in this round, whatever the order.
#[test]
fn bft_holds_in_every_order_of_what_an_equivocating_proposer_causes() {
    let search = bft_search(None, NodeId::agent(0), Kind::EquivocatingShell);
    let Some(explored) = explored("bft, a proposer equivocates", search, ROUND) else { return };
    assert_eq!((explored.pruned.depth, explored.states, explored.depth, decided(&explored)), (0, 9_725, 26, 0));
}

/// The liar votes otherwise towards every second member; who hears it right may decide with its vote.
#[test]
fn bft_holds_in_every_order_of_what_an_equivocating_voter_causes_until_some_have_decided() {
    let bounds = Bounds { depth: 27, ..ROUND };
    let search = bft_search(None, NodeId::agent(1), Kind::EquivocatingShell);
    let Some(explored) = explored("bft, a voter equivocates", search, bounds) else { return };
    assert_eq!(explored.depth, 27);
    assert!(explored.holds(), "{explored}");
}

#[test]
fn paxos_holds_in_every_order_of_two_ballots_until_one_may_have_decided() {
    let bounds = Bounds { crashes: 0, duplicates: 0, depth: 18, ..DUEL };
    let Some(explored) = explored("paxos, two ballots to a decision", paxos_succession(None), bounds) else { return };
    assert_eq!((explored.states, explored.depth, decided(&explored)), (213_135, 18, 14_546));
}

#[test]
fn raft_holds_in_every_order_of_two_terms_until_one_may_have_committed() {
    let bounds = Bounds { crashes: 0, duplicates: 0, depth: 19, ..DUEL };
    let Some(explored) = explored("raft, two terms to a decision", raft_search(None), bounds) else { return };
    assert!(explored.depth == 19 && decided(&explored) > 0, "{explored}");
}

/// The whole of it, which `SYNOD_BOUND` asks for, is 1,120,675 states and 37 actions deep.
#[test]
fn paxos_holds_in_every_order_of_two_ballots_that_share_a_member_which_may_crash() {
    let bounds = Bounds { duplicates: 0, depth: 20, answers: Ending::AtOnce, ..DUEL };
    let Some(explored) = explored("paxos, two ballots and a crash", paxos_handed_on(None), bounds) else { return };
    assert_eq!(explored.depth, 20);
}
