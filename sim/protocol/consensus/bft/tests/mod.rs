//! The protocol on a net stepped by hand.

#[cfg(feature = "planted")]
mod planted;
mod reading;
mod storm;

use super::instance::Ballot;
use super::{Bft, Message, Record, Statement, Timer, Vote, Write};
use crate::fact::{Decision, Phase, Slot, Value};
use crate::id::NodeId;
use crate::protocol::Fold;
use crate::protocol::rig::{Letter, Rig, a};
use crate::protocol::signed::Key;
use crate::protocol::team::{Answer, Ask, Outcome, Reason, Request};

/// Four members, the first of which proposes at the first height.
fn four() -> Rig<Bft> {
    Rig::of(4, Bft::factory)
}

/// Delivers, and has every check approve, until nothing is left to deliver or check.
fn approve_all(rig: &mut Rig<Bft>) {
    approve_all_losing(rig, |_| false);
}

/// The same, but some letters are lost.
fn approve_all_losing(rig: &mut Rig<Bft>, lost: impl Fn(&Letter<Bft>) -> bool) {
    loop {
        let check = rig.questions.iter().find(|question| matches!(question.ask, Ask::Validate { .. }));
        let check = check.map(|question| question.node);
        if !rig.mail.is_empty() {
            let letter = rig.mail.remove(0);
            if !lost(&letter) {
                rig.pass_on(letter);
            }
        } else if let Some(node) = check {
            rig.validate(node, Answer::Approved);
        } else {
            return;
        }
    }
}

/// Whether a message tells of a decision, or of how far a log reaches.
fn tells_of_the_log(letter: &Letter<Bft>) -> bool {
    match &letter.message {
        Message::Proof(_) => true,
        Message::Said(signed) => signed.statement().height().is_none(),
    }
}

/// A member's client has this slot decided; the model of whose turn it is proposes.
fn decide(rig: &mut Rig<Bft>, asked: NodeId, proposer: NodeId, op: u64, slot: u64, value: &str) {
    rig.invoke(asked, op, slot);
    rig.settle();
    rig.propose(proposer, value);
    approve_all(rig);
}

/// The slots of a member's log, in order.
fn slots(rig: &Rig<Bft>, node: NodeId) -> Vec<u64> {
    rig.process(node).log().iter().map(|proof| proof.decision.slot.0).collect()
}

#[test]
fn decisions_stand_in_the_order_in_which_they_were_made_whatever_their_slots() {
    let mut rig = four();
    decide(&mut rig, a(1), a(1), 1, 7, "rollback");
    decide(&mut rig, a(3), a(2), 2, 2, "restart");
    for node in 1..=4 {
        assert_eq!(slots(&rig, a(node)), [7, 2]);
    }
    assert!(matches!(rig.response(1), Some(Outcome::Decided { .. })));
    assert!(matches!(rig.response(2), Some(Outcome::Decided { .. })));
}

#[test]
fn each_member_is_served_first_in_its_turn() {
    let mut rig = four();
    // a4 wants more than anyone. a2 wants one slot, with the highest number.
    for (op, slot) in [(1, 1), (2, 2), (3, 3)] {
        rig.invoke(a(4), op, slot);
    }
    rig.invoke(a(2), 4, 9);
    rig.settle();
    // a1 began with what it heard of first. The second height is a2's turn.
    rig.propose(a(1), "first");
    approve_all(&mut rig);
    rig.propose(a(2), "second");
    approve_all(&mut rig);
    assert_eq!(slots(&rig, a(3)), [1, 9]);
}

#[test]
fn a_slot_that_is_decided_takes_no_second_place() {
    let mut rig = four();
    decide(&mut rig, a(1), a(1), 1, 0, "rollback");
    // a2 was away and believes that its client still has to wait; nobody prevotes what is decided.
    decide(&mut rig, a(2), a(2), 2, 1, "restart");
    rig.invoke(a(3), 3, 0);
    rig.settle();
    assert!(matches!(rig.response(3), Some(Outcome::Decided { .. })), "it is told, not decided again");
    assert_eq!(slots(&rig, a(3)), [0, 1]);
}

#[test]
fn who_was_away_is_taught_the_whole_log() {
    let mut rig = four();
    rig.isolate(&[a(4)]);
    decide(&mut rig, a(1), a(1), 1, 0, "rollback");
    decide(&mut rig, a(1), a(2), 2, 1, "restart");
    decide(&mut rig, a(1), a(3), 3, 2, "scale");
    assert!(slots(&rig, a(4)).is_empty());
    rig.isolate(&[]);
    rig.fire(a(4), Timer::BeatLog);
    rig.settle();
    assert_eq!(slots(&rig, a(4)), [0, 1, 2]);
}

#[test]
fn proofs_that_come_out_of_order_wait_for_their_turn() {
    let mut rig = four();
    rig.isolate(&[a(4)]);
    decide(&mut rig, a(1), a(1), 1, 0, "rollback");
    decide(&mut rig, a(1), a(2), 2, 1, "restart");
    rig.isolate(&[]);
    let proofs: Vec<Message> = rig.process(a(1)).log().iter().cloned().map(Message::Proof).collect();
    rig.hand(a(1), a(4), proofs[1].clone());
    assert!(slots(&rig, a(4)).is_empty());
    rig.hand(a(1), a(4), proofs[0].clone());
    assert_eq!(slots(&rig, a(4)), [0, 1]);
}

#[test]
fn a_restarted_member_has_its_log_and_stands_by_what_it_said() {
    let mut rig = four();
    decide(&mut rig, a(1), a(1), 1, 0, "rollback");
    rig.invoke(a(2), 2, 1);
    rig.settle();
    rig.propose(a(2), "restart");
    let said = |rig: &Rig<Bft>| rig.process(a(2)).own_proposal().map(|proposal| proposal.decision);
    let before = said(&rig);
    rig.restart(a(2));
    assert_eq!((slots(&rig, a(2)), said(&rig)), (vec![0], before.clone()));
    assert!(before.is_some());
}

/// Two processes of one identity write to one disk, each what it knows.
#[test]
fn what_a_second_process_writes_again_or_too_late_spoils_no_disk() {
    let mut rig = four();
    decide(&mut rig, a(1), a(1), 1, 0, "rollback");
    let mut disk = rig.disk(a(1)).clone();
    let proof = disk.log[0].clone();
    let record = Record { round: 7, ..Record::default() };
    for write in [Write::Decided(proof.clone()), Write::Present { height: proof.height, record }] {
        disk.fold(&write);
        assert_eq!(disk, *rig.disk(a(1)), "{write:?}");
    }
}

#[test]
fn changes_of_members_are_refused() {
    let mut rig = four();
    let requests = [Request::Admit { member: a(2) }, Request::Remove { member: a(2) }, Request::Transfer { to: a(2) }];
    for (op, request) in (50..).zip(requests) {
        rig.request(a(1), op, request.clone());
        assert_eq!(rig.response(op), Some(&Outcome::Refused), "{request}");
    }
    assert!(rig.mail.is_empty());
}

/// What a member says of how far its log reaches, in answer to a client's operation, under its own name.
fn reach(rig: &Rig<Bft>, member: NodeId, op: u64, next: u64) -> Message {
    let statement = Statement::Reach { op: crate::id::OpId(op), next: super::Index(next) };
    Message::Said(rig.process(member).key.sign(statement))
}

/// Which a liar may send: no certificate with it would be believed.
#[test]
fn a_vote_for_a_decision_that_gives_a_reason_is_no_vote() {
    let turnout = |reason| {
        let mut rig = four();
        let (height, phase) = (rig.process(a(1)).height(), Phase::Prevote);
        let choice = Some(Decision { slot: Slot(0), value: Value::from("rollback") });
        let vote = Vote { height, round: 0, phase, choice, reason };
        rig.hand(a(2), a(1), Message::Said(Key::of(a(2)).sign(Statement::Vote(vote))));
        rig.process(a(1)).present.turnout(Ballot { round: 0, phase })
    };
    assert_eq!([None, Some(Reason::Facts)].map(turnout), [1, 0]);
}
