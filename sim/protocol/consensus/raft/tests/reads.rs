//! Reads: answered by a leader that is sure to lead and to know what is committed (thesis §6.4).

use super::*;
use crate::fact::{Decision, Slot, Value};
use crate::protocol::consensus::raft::{Appended, Conflict, Message};
use crate::protocol::rig::a;
use crate::protocol::team::{Outcome, Request};

fn read(rig: &mut Rig<Raft>, node: NodeId, op: u64) {
    rig.request(node, op, Request::Read);
}

/// The slots a reader heard of, in order; nothing if it has not heard.
fn heard(rig: &Rig<Raft>, op: u64) -> Option<Vec<u64>> {
    match rig.response(op)? {
        Outcome::Log { decisions } => Some(decisions.iter().map(|decision| decision.slot.0).collect()),
        other => panic!("a reader heard {other:?}"),
    }
}

#[test]
fn a_read_is_answered_once_a_majority_answered_a_round_that_began_after_it() {
    let mut rig = team(5);
    elect(&mut rig, a(1));
    decide(&mut rig, a(1), 0, "rollback");
    read(&mut rig, a(1), 50);
    for voter in [a(2), a(3)] {
        assert_eq!(heard(&rig, 50), None, "before {voter} answered");
        rig.deliver(a(1), voter);
        rig.deliver(voter, a(1));
    }
    let decision = Decision { slot: Slot(0), value: Value::from("rollback") };
    assert_eq!(rig.response(50), Some(&Outcome::Log { decisions: vec![decision] }));
}

#[test]
fn a_read_tells_the_log_in_its_order() {
    let mut rig = team(3);
    elect(&mut rig, a(1));
    for slot in [3, 1, 2] {
        decide(&mut rig, a(1), slot, "rollback");
    }
    read(&mut rig, a(1), 50);
    rig.settle();
    assert_eq!(heard(&rig, 50), Some(vec![3, 1, 2]));
}

/// Heartbeats are answered, a read comes, then the answers arrive.
pub(super) fn answers_to_an_earlier_round(mut rig: Rig<Raft>) -> Option<Vec<u64>> {
    elect(&mut rig, a(1));
    beat(&mut rig, a(1));
    rig.fire(a(1), Timer::Heartbeat);
    [a(2), a(3)].iter().for_each(|voter| rig.deliver(a(1), *voter));
    read(&mut rig, a(1), 50);
    [a(2), a(3)].iter().for_each(|voter| rig.deliver(*voter, a(1)));
    heard(&rig, 50)
}

#[test]
fn answers_to_rounds_before_the_read_confirm_nothing() {
    assert_eq!(answers_to_an_earlier_round(team(3)), None);
}

/// A leader without an entry of its term committed hears that others follow it, and is asked what is decided.
pub(super) fn read_before_own_commit(mut rig: Rig<Raft>) -> Option<Vec<u64>> {
    elect(&mut rig, a(1));
    decide(&mut rig, a(1), 0, "rollback");
    rig.isolate(&[a(1)]);
    elect_quietly(&mut rig, a(2), &[a(3)]);
    read(&mut rig, a(2), 50);
    let conflict = Conflict { term: None, index: Index(9) };
    let result = Appended::Refused { prev: Index(9), conflict };
    rig.hand(a(3), a(2), Message::AppendReply { term: Term(2), round: 9, result });
    heard(&rig, 50)
}

#[test]
fn nothing_is_told_before_an_entry_of_the_own_term_is_committed() {
    assert_eq!(read_before_own_commit(team(3)), None);
}

/// A leader that was cut off is asked after its successor decided something.
pub(super) fn read_from_a_deposed_leader(mut rig: Rig<Raft>) -> Option<Vec<u64>> {
    elect(&mut rig, a(1));
    beat(&mut rig, a(1));
    rig.isolate(&[a(1)]);
    elect(&mut rig, a(2));
    decide(&mut rig, a(2), 0, "rollback");
    read(&mut rig, a(1), 50);
    rig.settle();
    heard(&rig, 50)
}

#[test]
fn a_leader_that_was_deposed_tells_nothing() {
    assert_eq!(read_from_a_deposed_leader(team(3)), None);
}

#[test]
fn who_does_not_lead_sends_readers_to_the_leader() {
    let mut rig = team(3);
    elect(&mut rig, a(1));
    read(&mut rig, a(2), 50);
    assert_eq!(rig.response(50), Some(&Outcome::Elsewhere { hint: Some(a(1)) }));
    read(&mut rig, a(1), 51);
    rig.lose_all();
    rig.hand(a(2), a(1), Message::TimeoutNow { term: Term(5) });
    assert!(matches!(rig.response(51), Some(Outcome::Elsewhere { .. })), "a leader that steps down leaves no reader");
}

#[test]
fn a_team_of_one_answers_at_once() {
    let mut rig = team(1);
    elect(&mut rig, a(1));
    read(&mut rig, a(1), 50);
    assert_eq!(heard(&rig, 50), Some(Vec::new()));
}
