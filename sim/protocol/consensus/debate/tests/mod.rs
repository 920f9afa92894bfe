//! Debating teams on a net stepped by hand: one test a rule, then random schedules.

mod storm;

use super::*;
use crate::fact::{Fact, Value};
use crate::protocol::consensus::vote::{Ballot, Content, Letter, Origin};
use crate::protocol::rig::{Rig, a};
use crate::protocol::team::Reason;

fn team_with(size: u16, config: Config) -> Rig<Debate> {
    let mut rig = Rig::of(size, move |node, members| Debate::new(node, members, config.clone()));
    rig.invoke(a(1), 1, 0);
    rig.settle();
    rig
}

/// Three members that debate to the end of two rounds.
fn team() -> Rig<Debate> {
    team_with(3, Config { rounds: 2, stop: Stop::Never, ..Config::default() })
}

fn is_answer(ask: &Ask) -> bool {
    !matches!(ask, Ask::Validate { .. })
}

/// A node's model answers the round it was asked about; what it was asked.
fn answer(rig: &mut Rig<Debate>, node: u16, value: &str) -> Ask {
    let ask = rig.answer(a(node), is_answer, Answer::Proposal(Value::from(value)));
    rig.settle();
    ask
}

fn round(rig: &mut Rig<Debate>, values: &[&str]) {
    (1..).zip(values).for_each(|(node, value)| _ = answer(rig, node, value));
}

/// Every check that members make approves.
fn approve(rig: &mut Rig<Debate>) {
    while let Some(node) = rig.questions.iter().find(|question| !is_answer(&question.ask)).map(|question| question.node)
    {
        rig.validate(node, Answer::Approved);
        rig.settle();
    }
}

/// The member whose turn it is takes the chair, and everyone approves.
fn vote(rig: &mut Rig<Debate>, chair: u16) {
    rig.fire(a(chair), Timer::Chair(Slot(0)));
    rig.settle();
    approve(rig);
}

fn decided(value: &str) -> Outcome {
    Outcome::Decided { slot: Slot(0), value: Value::from(value) }
}

#[test]
fn the_first_round_shows_no_peers_and_each_later_one_shows_them_all() {
    let mut rig = team();
    assert!(matches!(answer(&mut rig, 1, "x"), Ask::Propose { .. }));
    answer(&mut rig, 2, "y");
    answer(&mut rig, 3, "y");
    let Ask::Revise { own, peers, .. } = answer(&mut rig, 1, "y") else { panic!("a later round shows peers") };
    assert_eq!(own, Some(Value::from("x")));
    let peers: Vec<(NodeId, String)> = peers.into_iter().map(|peer| (peer.by, peer.value.to_string())).collect();
    assert_eq!(peers, [(a(2), "y".to_owned()), (a(3), "y".to_owned())]);
}

#[test]
fn what_a_majority_of_the_members_brings_is_decided_by_all() {
    let mut rig = team();
    round(&mut rig, &["x", "y", "z"]);
    round(&mut rig, &["z", "z", "x"]);
    assert!(rig.decisions.is_empty(), "nobody has voted yet");
    vote(&mut rig, 1);
    for node in (1..=3).map(a) {
        assert_eq!(rig.decided(node, 0), [&Value::from("z")], "{node}");
    }
    assert_eq!(rig.response(1), Some(&decided("z")));
    rig.invoke(a(2), 2, 0);
    assert_eq!(rig.response(2), Some(&decided("z")));
}

#[test]
fn a_split_ends_as_its_rule_says_and_the_same_for_all() {
    for (split, expected) in [(Split::Plurality, decided("x")), (Split::GiveUp, Outcome::GaveUp { slot: Slot(0) })] {
        let mut rig = team_with(3, Config { rounds: 1, most: 1, split, stop: Stop::Never, ..Config::default() });
        round(&mut rig, &["z", "y", "x"]);
        vote(&mut rig, 1);
        assert_eq!(rig.response(1), Some(&expected));
        let abstained = rig.facts.iter().filter(|(_, fact)| matches!(fact, Fact::Abstained { .. })).count();
        assert_eq!(rig.decisions.len() + abstained, 3, "{split:?}");
    }
}

#[test]
fn a_split_debate_that_would_give_up_goes_on_as_long_as_it_may() {
    let config = Config { rounds: 1, most: 2, split: Split::GiveUp, stop: Stop::Never, ..Config::default() };
    let mut rig = team_with(3, config);
    round(&mut rig, &["z", "y", "x"]);
    assert_eq!(rig.questions.len(), 3, "a further round");
    round(&mut rig, &["x", "y", "x"]);
    vote(&mut rig, 1);
    assert_eq!(rig.response(1), Some(&decided("x")));
}

#[test]
fn a_majority_that_agrees_in_one_round_stops_the_debate_and_the_slow_are_cancelled() {
    let mut rig = team_with(3, Config::default());
    answer(&mut rig, 1, "x");
    answer(&mut rig, 2, "x");
    assert_eq!(rig.open_questions(a(3)), 0, "its model is not wanted any more");
    let agreed = rig.facts_of(a(3)).into_iter().any(|fact| matches!(fact, Fact::Agreed { alpha: 2, .. }));
    assert!(agreed);
    vote(&mut rig, 1);
    assert_eq!(rig.decided(a(3), 0), [&Value::from("x")]);
}

#[test]
fn answers_of_different_rounds_do_not_add_up_to_agreement() {
    let mut rig = team_with(3, Config::default());
    round(&mut rig, &["x", "y", "z"]);
    answer(&mut rig, 2, "x");
    assert_eq!(rig.open_questions(a(3)), 1, "a1 said x in the round before");
}

#[test]
fn unanimity_wants_every_member() {
    let mut rig = team_with(3, Config { stop: Stop::All, ..Config::default() });
    answer(&mut rig, 1, "x");
    answer(&mut rig, 2, "x");
    assert_eq!(rig.open_questions(a(3)), 1);
    answer(&mut rig, 3, "x");
    assert_eq!(rig.questions.len(), 0);
}

#[test]
fn a_round_without_everyone_waits_for_a_majority_and_for_its_time() {
    let mut rig = team();
    answer(&mut rig, 1, "x");
    rig.fire(a(1), Timer::Floor(Slot(0)));
    assert_eq!(rig.open_questions(a(1)), 0, "one is no majority of three");
    answer(&mut rig, 2, "y");
    assert_eq!(rig.open_questions(a(1)), 1, "its time was over before");
    assert_eq!(rig.open_questions(a(2)), 0, "a2 still waits for a3");
    rig.fire(a(2), Timer::Floor(Slot(0)));
    assert_eq!(rig.open_questions(a(2)), 1);
}

#[test]
fn a_laggard_goes_on_where_the_others_are() {
    let mut rig = team();
    rig.isolate(&[a(3)]);
    answer(&mut rig, 1, "x");
    answer(&mut rig, 2, "y");
    for node in [a(1), a(2)] {
        rig.fire(node, Timer::Floor(Slot(0)));
    }
    answer(&mut rig, 1, "y");
    rig.isolate(&[]);
    rig.fire(a(1), Timer::Resend(Slot(0)));
    rig.settle();
    let Ask::Revise { peers, .. } = answer(&mut rig, 3, "y") else { panic!("it is in the second round") };
    assert_eq!(peers.len(), 1, "it heard a1 only, and asks the others no more about the first round");
}

#[test]
fn a_model_that_says_nothing_in_time_passes_for_the_round() {
    let mut rig = team();
    rig.fire(a(3), Timer::Patience(Slot(0)));
    rig.settle();
    assert_eq!(rig.disk(a(3)).said[&Slot(0)][&0], Speech::Pass);
    assert_eq!(rig.open_questions(a(3)), 0, "it is cancelled");
}

#[test]
fn a_speech_is_durable_and_is_not_made_twice() {
    let mut rig = team();
    answer(&mut rig, 2, "x");
    rig.restart(a(2));
    rig.settle();
    assert_eq!(rig.open_questions(a(2)), 0, "it has spoken in this round");
    rig.hand(a(2), a(1), Message::Said { slot: Slot(0), speeches: Speeches::from([(0, Speech::Answer("z".into()))]) });
    answer(&mut rig, 1, "y");
    answer(&mut rig, 3, "y");
    let Ask::Revise { peers, .. } = answer(&mut rig, 1, "y") else { panic!("peers have spoken") };
    assert_eq!(peers[0].value, Value::from("x"), "the first speech of a round stands");
}

#[test]
fn a_call_ends_the_debate_of_whoever_is_called() {
    let mut rig = team();
    let call = Letter { slot: Slot(0), content: Content::Call { ballot: Ballot(9) } };
    rig.hand(a(2), a(3), Message::Vote(call));
    assert_eq!(rig.open_questions(a(3)), 0);
    let here = rig.take(a(3), a(2)).pop().expect("it comes").message;
    let content = Content::Here { ballot: Ballot(9), cast: None, brings: Speech::Pass };
    assert_eq!(here, Message::Vote(Letter { slot: Slot(0), content }));
    assert_eq!(rig.disk(a(3)).registers[&Slot(0)].promised, Ballot(9));
}

#[test]
fn a_chair_that_dies_is_followed_by_the_next_which_puts_what_may_be_decided() {
    let mut rig = team();
    round(&mut rig, &["x", "y", "z"]);
    round(&mut rig, &["x", "x", "z"]);
    rig.fire(a(1), Timer::Chair(Slot(0)));
    rig.settle();
    // a1 votes for its own motion, a3 does too; the chair is gone before it hears of it.
    rig.isolate(&[a(1)]);
    rig.validate(a(3), Answer::Approved);
    rig.crash(a(1));
    rig.isolate(&[]);
    rig.fire(a(2), Timer::Chair(Slot(0)));
    rig.settle();
    assert_eq!(rig.decided(a(2), 0), [&Value::from("x")], "an adopted motion needs no second check");
}

#[test]
fn a_refused_motion_falls_out_and_the_next_answer_is_put() {
    let mut rig = team_with(3, Config { rounds: 1, stop: Stop::Never, ..Config::default() });
    round(&mut rig, &["forged", "forged", "x"]);
    rig.fire(a(1), Timer::Chair(Slot(0)));
    rig.settle();
    for node in [a(1), a(2)] {
        rig.validate(node, Answer::Refused(Reason::Facts));
        rig.settle();
    }
    approve(&mut rig);
    assert_eq!(rig.response(1), Some(&decided("x")));
}

#[test]
fn with_nothing_left_to_put_the_debate_is_reopened_and_the_models_hear_why() {
    let mut rig = team_with(3, Config { rounds: 1, most: 3, stop: Stop::Never, ..Config::default() });
    round(&mut rig, &["forged", "forged", "forged"]);
    rig.fire(a(1), Timer::Chair(Slot(0)));
    rig.settle();
    for node in [a(1), a(2)] {
        rig.validate(node, Answer::Refused(Reason::Facts));
        rig.settle();
    }
    rig.settle();
    if rig.process(a(1)).votes.chairs(Slot(0)).is_some() {
        rig.fire(a(1), Timer::Tally(Slot(0)));
        rig.settle();
    }
    let expected = Ask::Propose { slot: Slot(0), refusals: vec![Reason::Facts] };
    assert_eq!(answer(&mut rig, 1, "x"), expected, "what was refused is not shown again");
    answer(&mut rig, 2, "x");
    answer(&mut rig, 3, "x");
    vote(&mut rig, 1);
    assert_eq!(rig.response(1), Some(&decided("x")));
}

#[test]
fn models_that_all_fail_at_once_do_not_spend_the_rounds_of_a_debate() {
    let mut rig = team_with(3, Config { rounds: 1, most: 2, ..Config::default() });
    for node in [1, 2, 3].map(a) {
        rig.answer(node, is_answer, Answer::Nothing(Reason::Provider));
        rig.settle();
    }
    assert!((1..=3).all(|node| rig.open_questions(a(node)) == 0), "the round takes its time");
    rig.fire(a(1), Timer::Floor(Slot(0)));
    rig.settle();
    assert!(matches!(answer(&mut rig, 1, "x"), Ask::Propose { .. }), "and another follows");
}

#[test]
fn enough_refusals_end_in_giving_up() {
    let mut rig = team_with(3, Config { rounds: 1, refusals: 1, stop: Stop::Never, ..Config::default() });
    round(&mut rig, &["forged", "forged", "x"]);
    rig.fire(a(1), Timer::Chair(Slot(0)));
    rig.settle();
    for node in [a(1), a(2)] {
        rig.validate(node, Answer::Refused(Reason::Facts));
        rig.settle();
    }
    assert_eq!(rig.response(1), Some(&Outcome::GaveUp { slot: Slot(0) }));
}

#[test]
fn a_full_disk_stops_a_member_before_it_speaks() {
    let mut rig = team();
    rig.fill_disk(a(2));
    rig.answer(a(2), is_answer, Answer::Proposal("x".into()));
    assert!(rig.halted.contains(&a(2)));
    assert!(rig.take(a(2), a(1)).is_empty());
}

#[test]
fn a_member_that_missed_the_outcome_is_told_until_it_knows() {
    let mut rig = team();
    round(&mut rig, &["x", "x", "x"]);
    round(&mut rig, &["x", "x", "x"]);
    rig.isolate(&[a(3)]);
    rig.fire(a(1), Timer::Chair(Slot(0)));
    rig.settle();
    rig.fire(a(1), Timer::Tally(Slot(0)));
    rig.settle();
    approve(&mut rig);
    rig.isolate(&[]);
    assert!(rig.decided(a(3), 0).is_empty());
    rig.fire(a(1), Timer::ResendVote(Slot(0)));
    rig.settle();
    assert_eq!(rig.decided(a(3), 0), [&Value::from("x")]);
    rig.fire(a(1), Timer::ResendVote(Slot(0)));
    assert!(!rig.is_armed(a(1), &Timer::ResendVote(Slot(0))), "everyone knows");
}

#[test]
fn every_configuration_that_cannot_work_is_refused_with_its_reason() {
    let plain = Config::default();
    let cases = [
        (Config { rounds: 0, ..plain.clone() }, "rounds must not be zero"),
        (Config { refusals: 0, ..plain.clone() }, "refusals must not be zero"),
        (
            Config { most: 2, ..plain.clone() },
            "a debate of 3 rounds cannot end after 2: let `most` be no less than `rounds`",
        ),
        (Config { tally: crate::time::Duration::ZERO, ..plain.clone() }, "tally must not be zero"),
    ];
    for (config, expected) in cases {
        assert_eq!(config.validate().map_err(|error| error.to_string()), Err(expected.to_owned()));
    }
    assert_eq!(plain.validate(), Ok(()));
}

#[test]
fn a_corrupted_message_differs_from_what_was_sent() {
    let motion = Motion::Adopt("x".into());
    let content = Content::Put { ballot: Ballot(9), motion, origin: Origin::Fresh };
    let messages = [
        Message::Said { slot: Slot(0), speeches: Speeches::from([(0, Speech::Answer("x".into()))]) },
        Message::Reopened { slot: Slot(0), round: 1, refused: BTreeMap::new() },
        Message::Vote(Letter { slot: Slot(0), content }),
    ];
    for (message, draw) in messages.iter().flat_map(|message| (0..20).map(move |draw| (message, draw))) {
        assert_ne!(Debate::corrupted(message, draw).as_ref(), Some(message), "{draw}");
    }
}
