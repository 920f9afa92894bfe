//! The searches of each log protocol, and the shortest ways to what a planted bug of each breaks.

use synod::check::{
    Accountability, Agreement, Certificates, ChosenOnce, ClientAgreement, ElectionSafety, Integrity, LockedValue,
    OneValuePerBallot, PromisesKept, Validity,
};
use synod::explore::exhaustive::{Bounds, Ending, Exhaustive, Explored, Team};
use synod::fact::{Slot, Value};
use synod::fault::Kind;
use synod::id::NodeId;
use synod::protocol::Protocol;
use synod::protocol::consensus::adaptation::Acceptance;
use synod::protocol::consensus::bft::{Message, Statement};
use synod::protocol::consensus::drafting::Rules;
use synod::protocol::consensus::{Bft, Paxos, Raft, bft, paxos, raft};
use synod::protocol::team::Request;

const FIRST: Request = Request::Propose { slot: Slot(0) };

/// Two members' models propose two values, and every check approves: what a check finds decides nothing here.
fn team() -> Team {
    Team::proposing([Value::from("rollback"), Value::from("restart")]).fixed().approving()
}

/// Every property of a decision that a search can carry with it.
fn decisions<P: Protocol>(search: Exhaustive<P>) -> Exhaustive<P> {
    search.check(Agreement).check(ClientAgreement).check(Integrity).check(Validity)
}

/// Three members, of which two are asked and stand for leader.
pub fn paxos_search(planted: Option<paxos::Planted>) -> Exhaustive<Paxos> {
    let config = paxos::Config::default();
    let drafting = Rules { acceptance: Acceptance::Unchecked, ..config.drafting };
    let config = paxos::Config { planted, drafting, ..config };
    let search = Exhaustive::of(3, move |me, members| Paxos::new(me, members, config.clone()), team());
    let election = |node: NodeId, timer: &paxos::Timer| node.index() < 2 && *timer == paxos::Timer::Election;
    let search = search.invoke(NodeId::agent(0), FIRST).invoke(NodeId::agent(1), FIRST);
    let search = search.firing("elections of a1 and a2", election);
    let search = search.check(ChosenOnce).check(PromisesKept).check(OneValuePerBallot).check(ElectionSafety);
    decisions(search)
}

/// The same without what only spares time: a word to who is behind or has lost its ballot. Fewer messages let a search
/// go as far as what a second ballot chooses.
pub fn paxos_succession(planted: Option<paxos::Planted>) -> Exhaustive<Paxos> {
    paxos_search(planted).losing("refusals and lessons", is_spare)
}

/// The same, and nobody counts votes: what is chosen shows in who voted for what.
fn paxos_votes(planted: Option<paxos::Planted>) -> Exhaustive<Paxos> {
    let uncounted = |message: &paxos::Message| is_spare(message) || matches!(message, paxos::Message::Voted { .. });
    paxos_search(planted).losing("refusals, lessons and answers to proposals", uncounted)
}

/// The same between a1 and a2, and then between a2, which may crash, and a3. Without the crash and with everyone heard
/// it takes too many states to come this far.
fn paxos_handed_on(planted: Option<paxos::Planted>) -> Exhaustive<Paxos> {
    let [first, between, last] = [0, 1, 2].map(NodeId::agent);
    let apart = move |from, to| (from, to) == (first, last) || (from, to) == (last, first);
    paxos_votes(planted).parting("a1 and a3", apart).crashing("a2", move |node| node == between)
}

fn is_spare(message: &paxos::Message) -> bool {
    use paxos::Message::{CanvassReply, Fetch, Learn, Preempted};
    let unwelcome = matches!(message, CanvassReply { welcome: paxos::Welcome::No, .. });
    unwelcome || matches!(message, Fetch { .. } | Learn { .. } | Preempted { .. })
}

/// Three members, of which two are asked and stand for leader.
pub fn raft_search(planted: Option<raft::Planted>) -> Exhaustive<Raft> {
    let config = raft::Config { planted, acceptance: Acceptance::Unchecked, ..raft::Config::default() };
    let search = Exhaustive::of(3, move |me, members| Raft::new(me, members, config.clone()), team());
    let election = |node: NodeId, timer: &raft::Timer| node.index() < 2 && *timer == raft::Timer::Election;
    let search = search.invoke(NodeId::agent(0), FIRST).invoke(NodeId::agent(1), FIRST);
    decisions(search.firing("elections of a1 and a2", election).check(ElectionSafety))
}

/// Four members, of which one lies in this way; the first proposes. Messages that only wake others up are left out: a
/// proposal does that too.
pub fn bft_search(planted: Option<bft::Planted>, liar: NodeId, lie: Kind) -> Exhaustive<Bft> {
    let config = bft::Config { planted, ..bft::Config::default() };
    let search = Exhaustive::of(4, move |me, members| Bft::new(me, members, config.clone()), team());
    let idle = |message: &Message| match message {
        Message::Proof(_) => true,
        Message::Said(signed) => !matches!(signed.statement(), Statement::Propose(_) | Statement::Vote(_)),
    };
    let search = search.losing("all but proposals and votes", idle).lying(liar, lie);
    let search = search.invoke(NodeId::agent(0), FIRST).within("round <= 1", |bft| bft.round() <= 1);
    search.check(Certificates).check(LockedValue).check(Accountability).check(Agreement)
}

/// The shortest way to a violation of the property.
fn check<P: Protocol>(search: Exhaustive<P>, bounds: Bounds, property: &str) -> Explored {
    let explored = search.bounds(bounds).run().expect("a search that can be made");
    println!("{explored}\n");
    assert_eq!(explored.verdict.witness().map(|witness| witness.property), Some(property));
    explored
}

#[test]
fn a_vote_of_raft_that_a_crash_forgets_elects_two_leaders_in_fifteen_actions() {
    let bounds = Bounds { crashes: 1, ..Bounds::default() };
    let explored = check(raft_search(Some(raft::Planted::VoteNotPersisted)), bounds, "election_safety");
    assert_eq!(explored.path.len(), 15);
}

#[test]
fn a_promise_of_paxos_that_a_crash_forgets_is_broken_in_eight_actions() {
    let bounds = Bounds { crashes: 1, ..Bounds::default() };
    let explored = check(paxos_search(Some(paxos::Planted::PromiseNotPersisted)), bounds, "promises_kept");
    assert_eq!(explored.path.len(), 8);
}

#[test]
fn a_ballot_of_paxos_that_a_restart_uses_again_has_two_leaders_in_fourteen_actions() {
    let bounds = Bounds { crashes: 1, ..Bounds::default() };
    let explored = check(paxos_search(Some(paxos::Planted::ReusesBallot)), bounds, "election_safety");
    assert_eq!(explored.path.len(), 14);
}

#[test]
fn a_leader_of_paxos_that_keeps_its_own_value_overtakes_a_chosen_one_in_twenty_two_actions() {
    let bounds = Bounds { answers: Ending::AtOnce, ..Bounds::default() };
    let explored = check(paxos_votes(Some(paxos::Planted::KeepsOwnValue)), bounds, "chosen_once");
    assert_eq!(explored.path.len(), 22);
}

/// a1 has its value chosen with a2, which then leads with a3 and knows nothing of it. The correct protocol goes through
/// the same searched whole.
#[test]
fn a_vote_of_paxos_that_a_crash_forgets_lets_another_value_be_chosen_in_twenty_five_actions() {
    let bounds = Bounds { crashes: 1, answers: Ending::AtOnce, ..Bounds::default() };
    let explored = check(paxos_handed_on(Some(paxos::Planted::VoteNotPersisted)), bounds, "chosen_once");
    assert_eq!(explored.path.len(), 25);
    let sound = paxos_handed_on(None).bounds(bounds).run().expect("a search that can be made");
    println!("{sound}\n");
    assert!(sound.verdict.witness().is_none() && sound.pruned.depth == 0, "{sound}");
}

/// A wrong quorum makes two certificates that need not share a member.
#[test]
fn a_quorum_of_two_among_four_certifies_two_values_in_seventeen_actions() {
    let bounds = Bounds { timers: 0, answers: Ending::AtOnce, ..Bounds::default() };
    let search = bft_search(Some(bft::Planted::QuorumTooSmall), NodeId::agent(0), Kind::EquivocatingShell);
    let explored = check(search, bounds, "certificates");
    assert_eq!(explored.path.len(), 17);
}
