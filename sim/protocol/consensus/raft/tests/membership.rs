//! Who votes: one change at a time, counted from where it is appended (thesis §4.1 to §4.3).

use super::replication::{append, entry};
use super::*;
use crate::fact::{Slot, Value};
use crate::id::Members;
use crate::protocol::consensus::raft::{Command, Entry, Message, Position};
use crate::protocol::rig::a;
use crate::protocol::team::{Outcome, Request};

pub(super) fn remove(rig: &mut Rig<Raft>, leader: NodeId, op: u64, member: NodeId) {
    rig.request(leader, op, Request::Remove { member });
}

fn admit(rig: &mut Rig<Raft>, leader: NodeId, op: u64, member: NodeId) {
    rig.request(leader, op, Request::Admit { member });
}

/// A leader a1 with an entry of its term committed.
fn led(size: u16, config: Config) -> Rig<Raft> {
    let mut rig = team_with(size, config);
    elect(&mut rig, a(1));
    beat(&mut rig, a(1));
    rig
}

fn voters(rig: &Rig<Raft>, node: NodeId) -> Vec<NodeId> {
    rig.process(node).voters().iter().collect()
}

#[test]
fn a_member_that_was_removed_counts_no_more_and_still_hears_what_is_decided() {
    let mut rig = led(3, Config::default());
    remove(&mut rig, a(1), 50, a(3));
    assert_eq!(rig.response(50), None, "not before it is committed");
    rig.settle();
    assert_eq!(rig.response(50), Some(&Outcome::Done));
    beat(&mut rig, a(1));
    for node in [a(1), a(2), a(3)] {
        assert_eq!(voters(&rig, node), [a(1), a(2)], "{node}");
    }
    decide(&mut rig, a(1), 0, "rollback");
    assert_eq!(rig.decided(a(3), 0), [&Value::from("rollback")]);
    rig.isolate(&[a(2)]);
    decide(&mut rig, a(1), 1, "restart");
    assert!(rig.decided(a(1), 1).is_empty(), "one of two voters is no majority");
}

#[test]
fn a_change_that_is_so_already_is_done_and_one_that_leaves_nobody_is_refused() {
    let mut rig = led(2, Config::default());
    admit(&mut rig, a(1), 50, a(2));
    remove(&mut rig, a(1), 51, a(2));
    rig.settle();
    remove(&mut rig, a(1), 52, a(1));
    remove(&mut rig, a(1), 53, a(9));
    let expected = [(50, Outcome::Done), (51, Outcome::Done), (52, Outcome::Refused), (53, Outcome::Refused)];
    for (op, outcome) in expected {
        assert_eq!(rig.response(op), Some(&outcome), "operation {op}");
    }
}

#[test]
fn a_change_waits_for_the_one_before_it() {
    let mut rig = led(5, Config::default());
    remove(&mut rig, a(1), 50, a(5));
    remove(&mut rig, a(1), 51, a(4));
    assert_eq!(rig.response(51), Some(&Outcome::Elsewhere { hint: Some(a(1)) }));
    rig.settle();
    remove(&mut rig, a(1), 52, a(4));
    rig.settle();
    assert_eq!(voters(&rig, a(1)), [a(1), a(2), a(3)]);
}

#[test]
fn a_change_waits_for_an_entry_of_the_leaders_own_term() {
    let mut rig = led(4, Config::default());
    rig.isolate(&[a(1)]);
    elect_quietly(&mut rig, a(2), &[a(3), a(4)]);
    remove(&mut rig, a(2), 50, a(1));
    assert_eq!(rig.response(50), Some(&Outcome::Elsewhere { hint: Some(a(2)) }));
    beat(&mut rig, a(2));
    remove(&mut rig, a(2), 51, a(1));
    rig.settle();
    assert_eq!(rig.response(51), Some(&Outcome::Done));
}

#[test]
fn a_leader_that_is_removed_leads_until_that_is_committed() {
    let mut rig = led(3, Config::default());
    remove(&mut rig, a(1), 50, a(1));
    assert!(rig.process(a(1)).is_leader());
    rig.settle();
    assert_eq!(rig.response(50), Some(&Outcome::Done));
    assert!(!rig.process(a(1)).is_leader());
    rig.pass(seconds(10));
    rig.fire(a(1), Timer::Election);
    assert!(rig.mail.is_empty(), "it has no vote and knows it");
    elect(&mut rig, a(2));
}

#[test]
fn a_member_to_be_admitted_gets_the_log_first() {
    let mut rig = led(3, Config::default());
    remove(&mut rig, a(1), 50, a(3));
    rig.settle();
    rig.isolate(&[a(3)]);
    decide(&mut rig, a(1), 0, "rollback");
    admit(&mut rig, a(1), 51, a(3));
    beat(&mut rig, a(1));
    assert_eq!((rig.response(51), voters(&rig, a(1))), (None, vec![a(1), a(2)]));
    rig.isolate(&[]);
    beat(&mut rig, a(1));
    assert_eq!((rig.response(51), voters(&rig, a(1))), (Some(&Outcome::Done), vec![a(1), a(2), a(3)]));
}

#[test]
fn a_member_that_never_catches_up_is_not_admitted() {
    let mut rig = led(3, Config::default());
    remove(&mut rig, a(1), 50, a(3));
    rig.settle();
    rig.isolate(&[a(3)]);
    decide(&mut rig, a(1), 0, "rollback");
    admit(&mut rig, a(1), 51, a(3));
    for round in 1..=10 {
        assert_eq!(rig.response(51), None, "round {round}");
        rig.fire(a(1), Timer::CatchUp);
    }
    assert_eq!(rig.response(51), Some(&Outcome::Refused));
    remove(&mut rig, a(1), 52, a(2));
    rig.settle();
    assert_eq!(rig.response(52), Some(&Outcome::Done), "another change may follow");
}

#[test]
fn a_change_that_the_log_loses_is_no_change() {
    let mut rig = team(3);
    let seat = Entry { term: Term(1), command: Command::Seat { voters: Members::of(2) } };
    rig.hand(a(1), a(3), append(1, (0, 0), vec![entry(1, "kept"), seat], 0));
    assert_eq!(voters(&rig, a(3)), [a(1), a(2)]);
    rig.hand(a(2), a(3), append(2, (1, 1), vec![entry(2, "other")], 0));
    assert_eq!(voters(&rig, a(3)), [a(1), a(2), a(3)]);
    let told = rig.facts_of(a(3)).into_iter().filter(|fact| matches!(fact, Fact::Reconfigured { .. })).count();
    assert_eq!(told, 2);
}

#[test]
fn who_votes_survives_a_restart_with_and_without_a_snapshot() {
    for retained in [1, 16] {
        let mut rig = led(3, Config { retained, ..Config::default() });
        remove(&mut rig, a(1), 50, a(3));
        rig.settle();
        beat(&mut rig, a(1));
        for node in [a(1), a(2), a(3)] {
            rig.restart(node);
            assert_eq!(voters(&rig, node), [a(1), a(2)], "{node}, {retained} retained");
        }
        elect(&mut rig, a(2));
    }
}

#[test]
fn a_member_that_does_not_know_it_was_removed_disturbs_nobody() {
    let mut rig = led(4, Config::default());
    rig.isolate(&[a(4)]);
    remove(&mut rig, a(1), 50, a(4));
    rig.settle();
    rig.isolate(&[]);
    for _ in 0..5 {
        beat(&mut rig, a(1));
        rig.lose_all();
        rig.fire(a(4), Timer::Election);
        rig.settle();
    }
    assert!(rig.process(a(1)).is_leader());
    assert_eq!(term(&rig, a(1)), Term(1));
}

#[test]
fn one_that_was_removed_may_stand_while_nobody_knows_that_for_certain() {
    // a1 alone has the entry that removes it; without it a2 could never be elected (thesis, section 4.2.2).
    let mut rig = led(2, Config::default());
    remove(&mut rig, a(1), 50, a(1));
    rig.lose_all();
    rig.restart(a(1));
    assert_eq!(voters(&rig, a(1)), [a(2)]);
    rig.pass(seconds(10));
    rig.fire(a(1), Timer::Election);
    rig.settle();
    assert_eq!(elections(&rig, 2), 1);
    assert!(!rig.process(a(1)).is_leader(), "its removal is committed now");
    elect(&mut rig, a(2));
    decide(&mut rig, a(2), 0, "rollback");
    assert_eq!(rig.decided(a(1), 0), [&Value::from("rollback")]);
}

#[test]
fn who_has_no_vote_is_counted_neither_for_a_leader_nor_for_an_approval() {
    let mut rig = led(4, Config::default());
    remove(&mut rig, a(1), 50, a(4));
    rig.settle();
    rig.invoke(a(1), 1, 0);
    rig.propose(a(1), "rollback");
    rig.settle();
    rig.validate(a(1), Answer::Approved);
    assert_eq!(rig.open_questions(a(4)), 0, "nobody asks it to check");
    let stray = crate::protocol::consensus::drafting::Opinion {
        epoch: 1,
        slot: Slot(0),
        attempt: 1,
        verdict: crate::protocol::consensus::drafting::Verdict::Approved,
    };
    rig.hand(a(4), a(1), Message::Opinion(stray));
    assert!(rig.process(a(1)).log().last().index < Index(3), "its approval counts for nothing");
    rig.crash(a(1));
    rig.pass(seconds(10));
    rig.lose_all();
    rig.hand(a(2), a(4), Message::RequestVote { term: Term(2), last: Position { index: Index(9), term: Term(1) } });
    rig.isolate(&[a(3)]);
    rig.fire(a(2), Timer::Election);
    rig.settle();
    assert!(!rig.process(a(2)).is_leader(), "one vote of three, and one of a member without a vote");
}
