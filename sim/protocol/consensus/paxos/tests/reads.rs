//! Reads: each takes a place in the log, and is answered by the leader in whose ballot that place was chosen.

use super::*;
use crate::protocol::consensus::paxos::Placed;
use crate::protocol::rig::a;
use crate::protocol::team::{Outcome, Request};

fn read(rig: &mut Rig<Paxos>, node: NodeId, op: u64) {
    rig.request(node, op, Request::Read);
}

/// The slots a reader heard of, in order; nothing if it was told nothing.
fn heard(rig: &Rig<Paxos>, op: u64) -> Option<Vec<u64>> {
    match rig.response(op)? {
        Outcome::Log { decisions } => Some(decisions.iter().map(|decision| decision.slot.0).collect()),
        _ => None,
    }
}

#[test]
fn a_read_tells_the_log_once_its_place_is_chosen() {
    let mut rig = team_with(3, unchecked());
    elect(&mut rig, a(1));
    for slot in [3, 1] {
        decide(&mut rig, a(1), slot, "rollback");
    }
    read(&mut rig, a(1), 50);
    assert_eq!(heard(&rig, 50), None, "before anyone voted for its place");
    rig.deliver(a(1), a(2));
    rig.deliver(a(2), a(1));
    assert_eq!(heard(&rig, 50), Some(vec![3, 1]));
}

#[test]
fn a_read_waits_for_what_stands_before_it() {
    let mut rig = team_with(3, unchecked());
    elect(&mut rig, a(1));
    rig.invoke(a(1), 1, 0);
    rig.propose(a(1), "late");
    rig.lose_all();
    read(&mut rig, a(1), 50);
    rig.settle();
    assert_eq!(heard(&rig, 50), None, "the decision before it is under way");
    beat(&mut rig, a(1));
    assert_eq!(heard(&rig, 50), Some(vec![0]));
}

/// A leader that was cut off is asked after its successor decided something.
pub(super) fn read_from_a_deposed_leader(mut rig: Rig<Paxos>) -> Option<Vec<u64>> {
    elect(&mut rig, a(1));
    rig.isolate(&[a(1)]);
    elect(&mut rig, a(2));
    decide(&mut rig, a(2), 0, "rollback");
    read(&mut rig, a(1), 50);
    rig.settle();
    heard(&rig, 50)
}

#[test]
fn a_leader_that_was_deposed_tells_nothing() {
    assert_eq!(read_from_a_deposed_leader(team_with(3, unchecked())), None);
}

#[test]
fn whose_place_another_leader_filled_is_told_to_ask_again() {
    let mut rig = team_with(3, unchecked());
    elect(&mut rig, a(1));
    rig.isolate(&[a(1)]);
    read(&mut rig, a(1), 50);
    elect(&mut rig, a(2));
    decide(&mut rig, a(2), 0, "rollback");
    decide(&mut rig, a(2), 1, "restart");
    // It is taught what the others chose, and not by whom: it still believes that it leads.
    let chosen = rig.process(a(2)).chosen.iter();
    let entries = chosen.map(|(index, command)| Placed { index: *index, command: command.clone() }).collect();
    let learn = Message::Learn { snapshot: None, entries };
    rig.hand(a(3), a(1), learn);
    assert!(rig.process(a(1)).is_leader());
    assert_eq!(rig.response(50), Some(&Outcome::Elsewhere { hint: Some(a(1)) }));
}

#[test]
fn who_does_not_lead_sends_readers_to_the_leader() {
    let mut rig = team_with(3, unchecked());
    elect(&mut rig, a(1));
    beat(&mut rig, a(1));
    read(&mut rig, a(2), 50);
    assert_eq!(rig.response(50), Some(&Outcome::Elsewhere { hint: Some(a(1)) }));
}

#[test]
fn a_team_of_one_answers_at_once() {
    let mut rig = team_with(1, unchecked());
    elect(&mut rig, a(1));
    read(&mut rig, a(1), 50);
    assert_eq!(heard(&rig, 50), Some(Vec::new()));
}

#[test]
fn what_changes_the_team_is_refused() {
    let mut rig = team_with(3, unchecked());
    elect(&mut rig, a(1));
    for (op, request) in [
        (50, Request::Admit { member: a(2) }),
        (51, Request::Remove { member: a(2) }),
        (52, Request::Transfer { to: a(2) }),
    ] {
        rig.request(a(1), op, request);
        assert_eq!(rig.response(op), Some(&Outcome::Refused), "operation {op}");
    }
}
