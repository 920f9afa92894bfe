//! What language models add: reviews, reasons, leases, and who leads when a model yields nothing.

use super::*;
use crate::fact::{Slot, Value};
use crate::id::OpId;
use crate::protocol::consensus::drafting::{Opinion, Verdict};
use crate::protocol::consensus::raft::{Adoption, Handover, Heartbeats, Message, Position, Visibility};
use crate::protocol::rig::a;
use crate::protocol::team::{Ask, Outcome, Reason, Request};
use crate::protocol::{Effect, Effects, Event, Protocol};

/// A leader whose proposal for slot 0 waits for verdicts.
fn under_review(size: u16) -> Rig<Raft> {
    let mut rig = team(size);
    elect(&mut rig, a(1));
    rig.invoke(a(1), 1, 0);
    rig.propose(a(1), "rollback");
    rig.settle();
    rig
}

fn asked_with(ask: &Ask) -> &[Reason] {
    match ask {
        Ask::Propose { refusals, .. } => refusals,
        Ask::Revise { .. } | Ask::Validate { .. } => panic!("{ask:?} asks for no first proposal"),
    }
}

#[test]
fn nothing_enters_the_log_before_a_majority_of_the_members_approves() {
    let mut rig = under_review(5);
    rig.validate(a(1), Answer::Approved);
    rig.validate(a(2), Answer::Approved);
    rig.settle();
    assert_eq!(terms(&rig, a(1)).len(), 1);
    rig.validate(a(3), Answer::Approved);
    rig.settle();
    assert_eq!(rig.decided(a(1), 0), [&Value::from("rollback")]);
}

#[test]
fn a_validator_is_asked_once_and_counted_once_however_often_it_is_reminded() {
    let mut rig = under_review(5);
    rig.fire(a(1), Timer::Reminder(Slot(0)));
    rig.settle();
    assert_eq!(rig.open_questions(a(2)), 1);
    rig.validate(a(2), Answer::Approved);
    rig.lose_all();
    for _ in 0..3 {
        rig.fire(a(1), Timer::Reminder(Slot(0)));
        rig.settle();
    }
    rig.validate(a(1), Answer::Approved);
    rig.settle();
    assert_eq!(terms(&rig, a(1)).len(), 1, "two approvals of five are no majority");
}

#[test]
fn a_refusal_re_prompts_with_its_reason() {
    let mut rig = under_review(3);
    rig.validate(a(2), Answer::Refused(Reason::Facts));
    rig.validate(a(3), Answer::Nothing(Reason::Timeout));
    rig.settle();
    rig.questions.retain(|question| matches!(question.ask, Ask::Propose { .. }));
    let ask = rig.propose(a(1), "restart");
    assert_eq!(asked_with(&ask), [Reason::Facts, Reason::Timeout]);
    let proposals = rig.facts.iter().filter(|(_, fact)| matches!(fact, Fact::Proposed { .. })).count();
    assert_eq!(proposals, 2);
}

#[test]
fn a_verdict_on_an_earlier_attempt_does_not_count() {
    let mut rig = under_review(3);
    rig.fire(a(1), Timer::Review(Slot(0)));
    rig.propose(a(1), "restart");
    rig.lose_all();
    let stale = Opinion { epoch: 1, slot: Slot(0), attempt: 1, verdict: Verdict::Approved };
    for node in [a(2), a(3)] {
        rig.hand(node, a(1), Message::Opinion(stale));
    }
    assert_eq!(terms(&rig, a(1)).len(), 1);
}

#[test]
fn a_review_without_answers_ends_and_says_so() {
    let mut rig = under_review(3);
    rig.questions.clear();
    rig.fire(a(1), Timer::Review(Slot(0)));
    let ask = rig.propose(a(1), "rollback");
    assert_eq!(asked_with(&ask), [Reason::Timeout]);
}

#[test]
fn yields_after_bounded_refusals_and_lets_another_lead() {
    let mut rig = team(3);
    elect(&mut rig, a(1));
    rig.invoke(a(1), 1, 0);
    for _ in 0..Config::default().attempts {
        rig.propose(a(1), "nonsense");
        rig.settle();
        rig.validate(a(2), Answer::Refused(Reason::Schema));
        rig.validate(a(3), Answer::Refused(Reason::Schema));
        rig.settle();
        rig.questions.retain(|question| matches!(question.ask, Ask::Propose { .. }));
    }
    assert!(!rig.process(a(1)).is_leader());
    assert_eq!(rig.response(1), Some(&Outcome::Elsewhere { hint: None }));
    elect(&mut rig, a(2));
    decide(&mut rig, a(2), 0, "rollback");
    assert_eq!(rig.decided(a(1), 0), [&Value::from("rollback")]);
}

#[test]
fn the_member_that_yields_stands_back_longer_than_the_others_wait() {
    let config = Config::default();
    let mut raft = Raft::factory(a(1), &crate::id::Members::of(1));
    let mut effects = Effects::default();
    let now = crate::time::Time::ZERO;
    raft.step(now, Event::Fire(Timer::Election), &mut effects);
    raft.step(now, Event::Invoke { op: OpId(1), request: Request::Propose { slot: Slot(0) } }, &mut effects);
    effects.drain();
    raft.step(now, Event::Fire(Timer::Lease(Slot(0))), &mut effects);
    let mut waits = effects.drain().filter_map(|effect| match effect {
        Effect::Arm { timer: Timer::Election, within } => Some(within),
        _ => None,
    });
    assert_eq!(waits.next_back(), Some(config.yielding));
}

#[test]
fn the_progress_lease_hands_over_when_the_model_yields_nothing() {
    let mut rig = team(3);
    elect(&mut rig, a(1));
    rig.invoke(a(1), 1, 0);
    beat(&mut rig, a(1));
    assert!(rig.process(a(1)).is_leader(), "a slow model alone deposes nobody");
    rig.fire(a(1), Timer::Lease(Slot(0)));
    assert!(!rig.process(a(1)).is_leader());
    rig.propose(a(1), "too late");
    assert!(!rig.facts.iter().any(|(_, fact)| matches!(fact, Fact::Proposed { .. })));
}

#[test]
fn an_answer_to_an_old_question_is_ignored() {
    let mut rig = under_review(3);
    let stale = rig.questions.iter().find(|question| question.node == a(2)).expect("a2 validates").ticket;
    rig.fire(a(1), Timer::Review(Slot(0)));
    rig.propose(a(1), "restart");
    rig.settle();
    rig.step(a(2), Event::Answer { ticket: stale, answer: Answer::Approved });
    assert!(rig.mail.is_empty(), "the verdict on the first attempt went out");
}

#[test]
fn a_non_leader_points_to_the_leader() {
    let mut rig = team(3);
    rig.invoke(a(3), 1, 0);
    assert_eq!(rig.response(1), Some(&Outcome::Elsewhere { hint: None }));
    elect(&mut rig, a(2));
    rig.invoke(a(3), 2, 0);
    assert_eq!(rig.response(2), Some(&Outcome::Elsewhere { hint: Some(a(2)) }));
}

#[test]
fn a_slot_is_proposed_once_and_everyone_who_asked_is_answered() {
    let mut rig = under_review(3);
    rig.invoke(a(1), 2, 0);
    assert_eq!(rig.open_questions(a(1)), 1, "only the own validation is open");
    rig.validate(a(1), Answer::Approved);
    rig.validate(a(2), Answer::Approved);
    // In the log and not committed: still nothing to ask a model.
    rig.take(a(2), a(1)).into_iter().for_each(|letter| rig.hand(a(2), a(1), letter.message));
    rig.invoke(a(1), 3, 0);
    assert_eq!(rig.open_questions(a(1)), 0);
    rig.settle();
    rig.invoke(a(1), 4, 0);
    for op in 1..=4 {
        assert_eq!(rig.response(op), Some(&Outcome::Decided { slot: Slot(0), value: Value::from("rollback") }), "{op}");
    }
}

#[test]
fn slots_are_decided_side_by_side() {
    let mut rig = team_with(3, unchecked());
    elect(&mut rig, a(1));
    rig.invoke(a(1), 1, 0);
    rig.invoke(a(1), 2, 1);
    rig.answer(a(1), |ask| matches!(ask, Ask::Propose { slot: Slot(1), .. }), Answer::Proposal(Value::from("second")));
    rig.propose(a(1), "first");
    rig.settle();
    assert_eq!(
        (rig.decided(a(1), 0), rig.decided(a(1), 1)),
        (vec![&Value::from("first")], vec![&Value::from("second")])
    );
}

#[test]
fn without_verbatim_adoption_members_decide_different_bytes() {
    let mut rig = team_with(3, Config { adoption: Adoption::Reworded, ..Config::default() });
    elect(&mut rig, a(1));
    decide(&mut rig, a(1), 0, "rollback");
    assert_ne!(rig.decided(a(1), 0), rig.decided(a(2), 0));
}

#[test]
fn without_shell_heartbeats_a_generating_leader_falls_silent() {
    for (heartbeats, expected) in [(Heartbeats::FromShell, 2), (Heartbeats::BetweenAnswers, 0)] {
        let mut rig = team_with(3, Config { heartbeats, ..Config::default() });
        elect(&mut rig, a(1));
        rig.invoke(a(1), 1, 0);
        rig.fire(a(1), Timer::Heartbeat);
        assert_eq!(rig.mail.len(), expected, "{heartbeats:?}");
    }
}

#[test]
fn without_handover_a_leader_asks_on_for_ever() {
    let mut rig = team_with(1, Config { handover: Handover::Stays, ..Config::default() });
    elect(&mut rig, a(1));
    rig.invoke(a(1), 1, 0);
    assert!(!rig.is_armed(a(1), &Timer::Lease(Slot(0))));
    let mut last = 0;
    for _ in 0..40 {
        let ask = rig.answer(a(1), |_| true, Answer::Nothing(Reason::Provider));
        last = asked_with(&ask).len();
    }
    assert!(rig.process(a(1)).is_leader());
    assert!(last < 20, "a prompt of {last} reasons");
}

#[test]
fn what_a_message_depends_on_is_written_before_it_unless_that_rule_is_off() {
    for (visibility, durable_first) in [(Visibility::DurableFirst, true), (Visibility::SentFirst, false)] {
        let team = crate::id::Members::of(3);
        let mut raft = Raft::new(a(3), &team, Config { visibility, ..Config::default() });
        let mut effects = Effects::default();
        let message = Message::RequestVote { term: Term(1), last: Position::ORIGIN };
        raft.step(crate::time::Time::ZERO, Event::Deliver { from: a(1), message }, &mut effects);
        let effects: Vec<_> = effects.drain().collect();
        let write = effects.iter().position(|effect| matches!(effect, Effect::Persist(_))).expect("a write");
        let reply = effects.iter().position(|effect| matches!(effect, Effect::Send { .. })).expect("a reply");
        assert_eq!(write < reply, durable_first, "{visibility:?}");
    }
}
