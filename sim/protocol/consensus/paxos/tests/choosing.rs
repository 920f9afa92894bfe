//! What a new leader must propose, when an index is chosen, how laggards catch up, and what the models' part is.

use super::*;
use crate::fact::{Slot, Value};
use crate::protocol::consensus::NOOP;
use crate::protocol::rig::a;
use crate::protocol::team::{Ask, Reason};

/// A leader that proposes "old" and reaches only a2 with it; a majority of five lacks it.
fn half_done() -> Rig<Paxos> {
    let mut rig = team_with(5, unchecked());
    elect(&mut rig, a(1));
    rig.invoke(a(1), 1, 0);
    rig.propose(a(1), "old");
    rig.deliver(a(1), a(2));
    rig.lose_all();
    rig.crash(a(1));
    rig
}

#[test]
fn a_new_leader_adopts_the_highest_accepted_value_verbatim() {
    let mut rig = half_done();
    elect_by(&mut rig, a(5), &[a(2), a(3)]);
    rig.settle();
    beat(&mut rig, a(5));
    assert_eq!(rig.decided(a(5), 0), [&Value::from("old")]);
    assert_eq!(rig.open_questions(a(5)), 0, "no model is asked about what must be adopted");
}

#[test]
fn a_value_that_no_promise_names_is_free_to_be_overtaken() {
    let mut rig = half_done();
    elect_by(&mut rig, a(5), &[a(3), a(4)]);
    rig.lose_all();
    rig.isolate(&[a(2)]);
    decide(&mut rig, a(5), 0, "new");
    rig.isolate(&[]);
    rig.restart(a(1));
    beat(&mut rig, a(5));
    for node in [a(1), a(2), a(3)] {
        assert_eq!(rig.decided(node, 0), [&Value::from("new")], "{node}");
    }
}

#[test]
fn gaps_are_filled_with_no_ops_so_that_what_follows_is_applied() {
    let mut rig = team_with(3, unchecked());
    elect(&mut rig, a(1));
    rig.invoke(a(1), 1, 0);
    rig.propose(a(1), "lost");
    rig.lose_all();
    rig.invoke(a(1), 2, 1);
    rig.propose(a(1), "second");
    rig.deliver(a(1), a(2));
    rig.crash(a(1));
    elect_by(&mut rig, a(3), &[a(2)]);
    rig.settle();
    assert_eq!(rig.decided(a(3), 1), [&Value::from("second")]);
    let applied: Vec<u64> = rig.facts_of(a(3)).into_iter().filter_map(command_applied).collect();
    assert_eq!(applied, [NOOP, Value::from("second").digest_word()]);
}

fn command_applied(fact: &Fact) -> Option<u64> {
    match fact {
        Fact::Applied { command, .. } => Some(*command),
        _ => None,
    }
}

#[test]
fn a_late_vote_of_an_earlier_ballot_does_not_count() {
    let mut rig = team_with(5, unchecked());
    elect(&mut rig, a(1));
    let old = rig.process(a(1)).promised();
    elect(&mut rig, a(2));
    elect(&mut rig, a(1));
    rig.invoke(a(1), 1, 0);
    rig.propose(a(1), "rollback");
    rig.lose_all();
    for from in [a(2), a(3)] {
        rig.hand(from, a(1), Message::Voted { ballot: old, indexes: vec![Index(1)] });
    }
    assert!(rig.decided(a(1), 0).is_empty());
}

#[test]
fn one_acceptor_that_answers_twice_is_one_voter() {
    let mut rig = team_with(5, unchecked());
    elect(&mut rig, a(1));
    rig.invoke(a(1), 1, 0);
    rig.propose(a(1), "rollback");
    rig.lose_all();
    let ballot = rig.process(a(1)).promised();
    for _ in 0..3 {
        rig.hand(a(2), a(1), Message::Voted { ballot, indexes: vec![Index(1)] });
    }
    assert!(rig.decided(a(1), 0).is_empty());
    rig.hand(a(3), a(1), Message::Voted { ballot, indexes: vec![Index(1)] });
    assert_eq!(rig.decided(a(1), 0).len(), 1);
}

#[test]
fn a_member_that_was_away_catches_up_from_the_log_and_from_a_snapshot() {
    for retained in [100, 2] {
        let mut rig = team_with(3, Config { retained, ..unchecked() });
        elect(&mut rig, a(1));
        rig.isolate(&[a(3)]);
        for slot in 0..5 {
            decide(&mut rig, a(1), slot, &format!("value {slot}"));
        }
        rig.isolate(&[]);
        beat(&mut rig, a(1));
        for slot in 0..5 {
            assert_eq!(rig.decided(a(3), slot), rig.decided(a(1), slot), "slot {slot}, {retained} retained");
        }
        let installed = rig.facts_of(a(3)).iter().any(|fact| matches!(fact, Fact::Installed { .. }));
        assert_eq!(installed, retained == 2);
    }
}

#[test]
fn a_candidate_that_was_away_takes_the_snapshot_instead_of_filling_its_place_with_no_ops() {
    let mut rig = team_with(3, Config { retained: 2, ..unchecked() });
    elect(&mut rig, a(1));
    rig.isolate(&[a(3)]);
    for slot in 0..4 {
        decide(&mut rig, a(1), slot, &format!("value {slot}"));
    }
    rig.isolate(&[a(1)]);
    elect(&mut rig, a(3));
    decide(&mut rig, a(3), 4, "next");
    assert_eq!(rig.decided(a(3), 2), [&Value::from("value 2")]);
    assert_eq!(rig.process(a(2)).applied(), Index(5));
}

#[test]
fn a_restarted_member_knows_what_its_snapshot_decided() {
    let mut rig = team_with(3, Config { retained: 1, ..unchecked() });
    elect(&mut rig, a(1));
    decide(&mut rig, a(1), 0, "rollback");
    rig.restart(a(2));
    rig.invoke(a(2), 7, 0);
    assert!(matches!(rig.response(7), Some(crate::protocol::team::Outcome::Decided { slot: Slot(0), .. })));
}

#[test]
fn nothing_is_put_to_the_vote_before_a_majority_of_the_members_approves() {
    let mut rig = team(5);
    elect(&mut rig, a(1));
    rig.invoke(a(1), 1, 0);
    rig.propose(a(1), "rollback");
    rig.settle();
    rig.validate(a(1), Answer::Approved);
    rig.validate(a(2), Answer::Approved);
    rig.settle();
    assert!(accepted(&rig, a(1)).is_empty());
    rig.validate(a(3), Answer::Approved);
    rig.settle();
    assert_eq!(rig.decided(a(1), 0), [&Value::from("rollback")]);
}

#[test]
fn refusals_re_prompt_with_their_reasons_and_then_the_leader_yields() {
    let mut rig = team(3);
    elect(&mut rig, a(1));
    rig.invoke(a(1), 1, 0);
    for attempt in 0..Config::default().drafting.attempts {
        let ask = rig.propose(a(1), "nonsense");
        let Ask::Propose { refusals, .. } = ask else { panic!("{ask:?}") };
        assert_eq!(refusals, vec![Reason::Schema; 2 * attempt as usize]);
        rig.settle();
        rig.validate(a(2), Answer::Refused(Reason::Schema));
        rig.validate(a(3), Answer::Refused(Reason::Schema));
        rig.settle();
        rig.questions.retain(|question| matches!(question.ask, Ask::Propose { .. }));
    }
    assert!(!rig.process(a(1)).is_leader());
    elect(&mut rig, a(2));
    decide(&mut rig, a(2), 0, "rollback");
    assert_eq!(rig.decided(a(1), 0), [&Value::from("rollback")]);
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
fn a_member_whose_disk_fails_halts_and_has_said_nothing() {
    let mut rig = team(3);
    rig.fill_disk(a(3));
    rig.fire(a(1), Timer::Election);
    rig.settle();
    assert!(rig.halted.contains(&a(3)) && rig.process(a(1)).is_leader());
}
