//! Voting teams on a net stepped by hand.

use super::*;
use crate::protocol::rig::{Rig, a};
use crate::protocol::storm::Storm;
use crate::protocol::team::Reason;

fn team(quorum: Quorum) -> Rig<Majority> {
    let config = Config { quorum, ..Config::default() };
    let mut rig = Rig::of(5, move |node, members| Majority::new(node, members, config.clone()));
    rig.invoke(a(1), 1, 0);
    rig.settle();
    rig
}

fn vote(rig: &mut Rig<Majority>, votes: &[(u16, &str)]) {
    for (node, value) in votes {
        rig.propose(a(*node), value);
        rig.settle();
    }
}

fn decided(value: &str) -> Outcome {
    Outcome::Decided { slot: Slot(0), value: Value::from(value) }
}

#[test]
fn an_answer_of_a_majority_of_the_members_is_decided_by_all() {
    let mut rig = team(Quorum::Members);
    vote(&mut rig, &[(1, "restart"), (2, "rollback"), (3, "rollback")]);
    assert!(rig.decisions.is_empty(), "two of three votes cast are no majority of five members");
    vote(&mut rig, &[(4, "rollback")]);
    for node in (1..=5).map(a) {
        assert_eq!(rig.decided(node, 0), [&Value::from("rollback")], "{node}");
    }
    assert_eq!(rig.response(1), Some(&decided("rollback")));
    rig.invoke(a(2), 2, 0);
    assert_eq!(rig.response(2), Some(&decided("rollback")));
}

#[test]
fn a_tie_that_nothing_can_break_is_given_up_by_all() {
    let mut rig = team(Quorum::Members);
    vote(&mut rig, &[(1, "restart"), (2, "restart"), (3, "rollback"), (4, "rollback")]);
    assert_eq!(rig.response(1), None, "one vote could still break the tie");
    rig.answer(a(5), |_| true, Answer::Nothing(Reason::Refusal));
    rig.settle();
    assert_eq!(rig.response(1), Some(&Outcome::GaveUp { slot: Slot(0) }));
    let abstained = rig.facts.iter().filter(|(_, fact)| matches!(fact, Fact::Abstained { .. })).count();
    assert_eq!((abstained, rig.decisions.len()), (5, 0));
}

#[test]
fn a_model_that_says_nothing_in_time_abstains_for_good() {
    let mut rig = team(Quorum::Members);
    rig.fire(a(5), Timer::Patience(Slot(0)));
    rig.settle();
    rig.propose(a(5), "too late");
    assert_eq!(rig.disk(a(5)).votes[&Slot(0)], Ballot::Abstention);
    assert!(!rig.facts.iter().any(|(_, fact)| matches!(fact, Fact::Proposed { .. })));
}

#[test]
fn a_vote_is_cast_once_and_survives_a_restart() {
    let mut rig = team(Quorum::Members);
    vote(&mut rig, &[(3, "rollback")]);
    rig.restart(a(3));
    rig.settle();
    assert_eq!(rig.open_questions(a(3)), 0, "it has voted");
    vote(&mut rig, &[(1, "rollback"), (2, "rollback")]);
    assert_eq!(rig.decided(a(3), 0), [&Value::from("rollback")]);
}

#[test]
fn a_second_ballot_of_a_voter_changes_nothing() {
    let mut rig = team(Quorum::Members);
    for value in ["rollback", "restart", "restart"] {
        let ballots = BTreeMap::from([(a(2), Ballot::For(Value::from(value)))]);
        rig.hand(a(2), a(1), Message::Votes { slot: Slot(0), ballots });
    }
    vote(&mut rig, &[(1, "rollback"), (3, "rollback")]);
    assert_eq!(rig.decided(a(1), 0), [&Value::from("rollback")]);
}

#[test]
fn a_late_joiner_asks_for_what_it_missed_and_gets_absent_voters_votes_too() {
    let mut rig = team(Quorum::Members);
    rig.isolate(&[a(5)]);
    vote(&mut rig, &[(1, "rollback"), (2, "rollback"), (3, "rollback")]);
    rig.isolate(&[]);
    rig.crash(a(2));
    rig.crash(a(3));
    rig.fire(a(5), Timer::Resend(Slot(0)));
    rig.settle();
    assert_eq!(rig.decided(a(5), 0), [&Value::from("rollback")]);
}

#[test]
fn a_member_that_forgot_the_question_is_called_again() {
    let mut rig = team(Quorum::Members);
    rig.restart(a(4));
    rig.fire(a(1), Timer::Resend(Slot(0)));
    rig.settle();
    assert_eq!(rig.open_questions(a(4)), 1);
}

#[test]
fn a_naive_tally_takes_what_arrived_for_everything_there_is() {
    let mut rig = team(Quorum::VotesCast);
    rig.isolate(&[a(4), a(5)]);
    vote(&mut rig, &[(1, "restart"), (4, "rollback"), (5, "rollback")]);
    for node in [a(1), a(4)] {
        rig.fire(node, Timer::Deadline(Slot(0)));
    }
    assert_eq!(rig.decided(a(1), 0), [&Value::from("restart")]);
    assert_eq!(rig.decided(a(4), 0), [&Value::from("rollback")]);
}

#[test]
fn a_naive_tally_without_votes_gives_up() {
    let mut rig = team(Quorum::VotesCast);
    rig.fire(a(1), Timer::Deadline(Slot(0)));
    assert_eq!(rig.response(1), Some(&Outcome::GaveUp { slot: Slot(0) }));
}

#[test]
fn only_a_majority_of_the_members_agrees_on_random_schedules() {
    let split = |quorum, seed| {
        let config = Config { quorum, ..Config::default() };
        let mut storm = Storm::new(seed, 5, move |node, members| Majority::new(node, members, config.clone()));
        storm.rage(1_000);
        storm.calm_down(10);
        storm.disagreement()
    };
    let decisive = (0..300).map(|seed| split(Quorum::Members, seed));
    assert_eq!(decisive.flatten().next(), None);
    assert!((0..300).any(|seed| split(Quorum::VotesCast, seed).is_some()));
}
