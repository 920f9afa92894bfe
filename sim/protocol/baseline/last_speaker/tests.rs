//! Group chats on a net stepped by hand.

use super::*;
use crate::protocol::rig::{Rig, a};
use crate::protocol::team::Reason;

fn team() -> Rig<LastSpeaker> {
    let mut rig = Rig::of(3, LastSpeaker::factory);
    rig.invoke(a(1), 1, 0);
    rig.settle();
    rig
}

#[test]
fn everyone_is_asked_once_and_the_last_write_stands() {
    let mut rig = team();
    rig.invoke(a(2), 2, 0);
    rig.settle();
    assert_eq!((1..=3).map(|node| rig.open_questions(a(node))).sum::<usize>(), 3);
    for (node, value) in [(a(1), "first"), (a(3), "second"), (a(2), "last")] {
        rig.propose(node, value);
        rig.settle();
    }
    for node in [a(1), a(2), a(3)] {
        rig.fire(node, Timer::Settle(Slot(0)));
        assert_eq!(rig.decided(node, 0), [&Value::from("last")]);
    }
    for op in [1, 2] {
        assert_eq!(rig.response(op), Some(&Outcome::Decided { slot: Slot(0), value: Value::from("last") }));
    }
}

#[test]
fn two_writes_that_cross_leave_two_answers() {
    let mut rig = team();
    rig.propose(a(1), "rollback");
    rig.propose(a(2), "restart");
    rig.settle();
    for node in [a(1), a(2)] {
        rig.fire(node, Timer::Settle(Slot(0)));
    }
    assert_eq!(rig.decided(a(1), 0), [&Value::from("restart")]);
    assert_eq!(rig.decided(a(2), 0), [&Value::from("rollback")]);
}

#[test]
fn a_write_sent_again_is_no_new_write() {
    let mut rig = team();
    rig.propose(a(1), "rollback");
    rig.take(a(1), a(3));
    rig.settle();
    rig.propose(a(2), "restart");
    rig.settle();
    rig.fire(a(1), Timer::Resend(Slot(0)));
    rig.settle();
    assert!(!rig.is_armed(a(1), &Timer::Resend(Slot(0))));
    rig.fire(a(2), Timer::Settle(Slot(0)));
    assert_eq!(rig.decided(a(2), 0), [&Value::from("restart")]);
    // To a3 the first write came last.
    rig.fire(a(3), Timer::Settle(Slot(0)));
    assert_eq!(rig.decided(a(3), 0), [&Value::from("rollback")]);
}

#[test]
fn without_any_answer_the_members_give_up_and_a_later_request_starts_anew() {
    let mut rig = team();
    for node in [a(1), a(2), a(3)] {
        rig.answer(node, |_| true, Answer::Nothing(Reason::Provider));
        rig.fire(node, Timer::Deadline(Slot(0)));
    }
    assert_eq!(rig.response(1), Some(&Outcome::GaveUp { slot: Slot(0) }));
    rig.invoke(a(1), 2, 0);
    rig.settle();
    assert_eq!(rig.open_questions(a(3)), 1);
}

#[test]
fn a_member_that_starts_again_learns_the_shared_answer() {
    let mut rig = team();
    rig.propose(a(1), "rollback");
    rig.settle();
    rig.restart(a(3));
    rig.settle();
    rig.fire(a(3), Timer::Settle(Slot(0)));
    assert_eq!(rig.decided(a(3), 0), [&Value::from("rollback")]);
}
