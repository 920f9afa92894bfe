//! Orchestrated teams on a net stepped by hand: how the shipped one splits, and why the mended one does not.

use super::*;
use crate::fact::Fact;
use crate::protocol::rig::{Rig, a};
use crate::protocol::storm::Storm;
use crate::protocol::team::Reason;

fn shipped() -> Rig<Orchestrator> {
    Rig::of(3, Orchestrator::factory)
}

/// A mended team whose first member has a majority's promises.
fn mended(size: u16) -> Rig<Orchestrator> {
    let mut rig = Rig::of(size, Orchestrator::fenced);
    rig.settle();
    assert!(rig.process(a(1)).is_orchestrating());
    rig
}

fn answer_all(rig: &mut Rig<Orchestrator>, values: &[(u16, &str)]) {
    for (node, value) in values {
        rig.propose(a(*node), value);
    }
    rig.settle();
}

fn decided(value: &str) -> Outcome {
    Outcome::Decided { slot: Slot(0), value: Value::from(value) }
}

#[test]
fn decides_the_most_frequent_answer_and_tells_everyone() {
    for mut rig in [shipped(), mended(3)] {
        rig.invoke(a(1), 1, 0);
        rig.invoke(a(1), 2, 0);
        rig.settle();
        answer_all(&mut rig, &[(1, "restart"), (2, "rollback"), (3, "rollback")]);
        for node in [a(1), a(2), a(3)] {
            assert_eq!(rig.decided(node, 0), [&Value::from("rollback")], "{node}");
        }
        assert_eq!((rig.response(1), rig.response(2)), (Some(&decided("rollback")), Some(&decided("rollback"))));
        let proposed = Fact::Proposed { slot: Slot(0), value: Value::from("rollback") };
        assert_eq!(rig.facts, [(a(1), proposed)]);
    }
}

#[test]
fn a_worker_points_to_the_orchestrator() {
    let mut rig = shipped();
    rig.invoke(a(3), 1, 0);
    assert_eq!(rig.response(1), Some(&Outcome::Elsewhere { hint: Some(a(1)) }));
}

#[test]
fn at_the_deadline_the_answers_that_are_there_must_do() {
    let mut rig = shipped();
    rig.invoke(a(1), 1, 0);
    rig.settle();
    answer_all(&mut rig, &[(3, "rollback")]);
    rig.fire(a(1), Timer::Deadline(Slot(0)));
    assert_eq!(rig.response(1), Some(&decided("rollback")));
}

#[test]
fn without_any_answer_the_slot_is_given_up_and_may_be_asked_for_again() {
    let given_up = Outcome::GaveUp { slot: Slot(0) };
    let still_open = Outcome::Elsewhere { hint: Some(a(1)) };
    for (mut rig, told) in [(shipped(), given_up), (mended(3), still_open)] {
        rig.invoke(a(1), 1, 0);
        rig.settle();
        for node in [a(1), a(2), a(3)] {
            rig.answer(node, |_| true, Answer::Nothing(Reason::Provider));
        }
        rig.settle();
        assert_eq!(rig.response(1), Some(&told));
        rig.invoke(a(1), 2, 0);
        rig.settle();
        answer_all(&mut rig, &[(1, "rollback"), (2, "rollback"), (3, "rollback")]);
        assert_eq!(rig.response(2), Some(&decided("rollback")));
    }
}

#[test]
fn a_lost_question_and_a_lost_decision_are_sent_again() {
    for mut rig in [shipped(), mended(3)] {
        rig.invoke(a(1), 1, 0);
        rig.take(a(1), a(3));
        rig.settle();
        rig.fire(a(1), Timer::Resend);
        rig.settle();
        answer_all(&mut rig, &[(1, "rollback"), (3, "rollback")]);
        rig.propose(a(2), "restart");
        rig.isolate(&[a(3)]);
        rig.settle();
        rig.isolate(&[]);
        rig.fire(a(1), Timer::Resend);
        rig.settle();
        // The decision may have waited for its second acceptance.
        rig.fire(a(1), Timer::Resend);
        rig.settle();
        assert_eq!(rig.decided(a(3), 0), [&Value::from("rollback")]);
        rig.fire(a(1), Timer::Resend);
        assert!(rig.mail.is_empty(), "everyone has heard");
    }
}

/// The orchestrator decides for its client, is cut off before anyone hears of it, and the next in line takes over with
/// the same question. What the old one's client heard, and what the new one's did.
fn split(mut rig: Rig<Orchestrator>) -> [Option<Outcome>; 2] {
    rig.invoke(a(1), 1, 0);
    rig.settle();
    answer_all(&mut rig, &[(1, "a: restart"), (2, "b: rollback")]);
    rig.propose(a(3), "a: restart");
    rig.deliver(a(3), a(1));
    // Acceptances, where the team asks for any, still come through; decisions do not.
    rig.deliver(a(1), a(3));
    rig.deliver(a(3), a(1));
    rig.lose_all();
    rig.isolate(&[a(1)]);
    rig.fire(a(2), Timer::Silence);
    rig.settle();
    rig.invoke(a(2), 2, 0);
    rig.settle();
    if rig.is_armed(a(2), &Timer::Deadline(Slot(0))) {
        rig.fire(a(2), Timer::Deadline(Slot(0)));
    }
    rig.settle();
    [rig.response(1).cloned(), rig.response(2).cloned()]
}

#[test]
fn an_unfenced_successor_decides_again_and_otherwise() {
    let mut rig = shipped();
    // The third member hears the first decision in neither case; here it falls silent before the second.
    rig.invoke(a(1), 1, 0);
    rig.settle();
    answer_all(&mut rig, &[(1, "a: restart"), (3, "a: restart")]);
    rig.propose(a(2), "b: rollback");
    rig.deliver(a(2), a(1));
    rig.lose_all();
    rig.isolate(&[a(1), a(3)]);
    rig.fire(a(2), Timer::Silence);
    rig.invoke(a(2), 2, 0);
    rig.settle();
    rig.fire(a(2), Timer::Deadline(Slot(0)));
    assert_eq!([rig.response(1), rig.response(2)], [Some(&decided("a: restart")), Some(&decided("b: rollback"))]);
}

#[test]
fn a_fenced_successor_takes_up_verbatim_what_may_have_been_decided() {
    assert_eq!(split(mended(3)), [Some(decided("a: restart")), Some(decided("a: restart"))]);
}

#[test]
fn a_fenced_orchestrator_decides_nothing_any_more() {
    let mut rig = mended(3);
    rig.invoke(a(1), 1, 0);
    rig.settle();
    rig.isolate(&[a(1)]);
    rig.fire(a(2), Timer::Silence);
    rig.settle();
    assert!(rig.process(a(1)).is_orchestrating() && rig.process(a(2)).is_orchestrating());
    rig.isolate(&[]);
    // It wakes up with all answers at hand and has its pick accepted by nobody.
    answer_all(&mut rig, &[(1, "rollback"), (2, "rollback"), (3, "rollback")]);
    assert!(!rig.process(a(1)).is_orchestrating());
    assert_eq!(rig.response(1), Some(&Outcome::Elsewhere { hint: None }));
    assert!(rig.decisions.is_empty());
}

#[test]
fn what_was_decided_before_its_time_an_orchestrator_tells_those_who_have_not_heard() {
    let mut rig = mended(3);
    rig.isolate(&[a(1)]);
    rig.fire(a(2), Timer::Silence);
    rig.settle();
    rig.isolate(&[a(1), a(3)]);
    rig.hand(a(1), a(2), Message::Decision { slot: Slot(0), value: Value::from("rollback") });
    rig.settle();
    rig.isolate(&[a(1)]);
    rig.fire(a(2), Timer::Resend);
    rig.settle();
    assert_eq!(rig.decided(a(3), 0), [&Value::from("rollback")]);
}

#[test]
fn a_promise_outlives_a_restart() {
    let mut rig = mended(3);
    rig.isolate(&[a(1)]);
    rig.fire(a(2), Timer::Silence);
    rig.settle();
    rig.isolate(&[a(2)]);
    rig.restart(a(3));
    let epoch = Epoch::NONE.next_of(a(1), &Members::of(3));
    rig.hand(a(1), a(3), Message::Accept { epoch, slot: Slot(0), value: Value::from("late") });
    let reply = rig.take(a(3), a(1)).pop().map(|letter| letter.message);
    assert_eq!(reply, Some(Message::Refused { promised: epoch.next_of(a(2), &Members::of(3)) }));
    assert!(rig.disk(a(3)).accepted.is_empty());
}

#[test]
fn no_life_of_a_member_uses_an_epoch_of_an_earlier_one() {
    let mut rig = mended(3);
    let first = rig.disk(a(1)).promised;
    rig.restart(a(1));
    assert!(!rig.process(a(1)).is_orchestrating());
    rig.fire(a(1), Timer::Silence);
    rig.settle();
    assert!(rig.disk(a(1)).promised > first);
    assert!(rig.process(a(1)).is_orchestrating());
}

#[test]
fn an_unfenced_orchestrator_goes_on_after_a_restart_and_beside_its_successor() {
    let mut rig = shipped();
    rig.fire(a(2), Timer::Silence);
    rig.settle();
    rig.restart(a(1));
    rig.settle();
    assert!(rig.process(a(1)).is_orchestrating() && rig.process(a(2)).is_orchestrating());
}

#[test]
fn acceptances_of_one_member_count_once() {
    let mut rig = mended(5);
    rig.invoke(a(1), 1, 0);
    rig.settle();
    for node in 1..=5 {
        rig.propose(a(node), "rollback");
    }
    for node in 2..=5 {
        rig.deliver(a(node), a(1));
    }
    rig.deliver(a(1), a(2));
    for letter in rig.take(a(2), a(1)) {
        rig.hand(a(2), a(1), letter.message.clone());
        rig.hand(a(2), a(1), letter.message);
    }
    assert_eq!(rig.response(1), None);
    rig.settle();
    assert_eq!(rig.response(1), Some(&decided("rollback")));
}

#[test]
fn clients_that_come_during_a_fence_are_served_after_it() {
    let mut rig = Rig::of(3, Orchestrator::fenced);
    rig.invoke(a(1), 1, 0);
    rig.settle();
    answer_all(&mut rig, &[(1, "rollback"), (2, "rollback"), (3, "rollback")]);
    assert_eq!(rig.response(1), Some(&decided("rollback")));
}

#[test]
fn a_mended_team_agrees_on_random_schedules_and_decides_after_them() {
    for seed in 0..300 {
        let mut storm = Storm::new(seed, 5, Orchestrator::fenced);
        storm.rage(1_500);
        storm.calm_down(60);
        assert_eq!(storm.disagreement(), None, "seed {seed}");
        assert_eq!(storm.undecided(), [], "seed {seed}");
    }
}

#[test]
fn a_shipped_team_splits_on_some_random_schedule() {
    let split = (0..300).find(|seed| {
        let mut storm = Storm::new(*seed, 5, Orchestrator::factory);
        storm.rage(1_500);
        storm.disagreement().is_some()
    });
    assert!(split.is_some());
}

#[test]
fn corruption_always_alters_something() {
    let (slot, epoch, value) = (Slot(0), Epoch(4), Value::from("rollback"));
    let messages = [
        Message::Beat { epoch },
        Message::Collect { slot },
        Message::Report { slot, report: Report::Answer(value.clone()) },
        Message::Decision { slot, value: value.clone() },
        Message::Accept { epoch, slot, value },
        Message::Promised { epoch, accepted: BTreeMap::new() },
    ];
    for message in messages {
        for draw in 0..32 {
            assert_ne!(Orchestrator::corrupted(&message, draw), Some(message.clone()));
        }
    }
}
