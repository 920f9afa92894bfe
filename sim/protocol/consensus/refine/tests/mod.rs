//! Refining teams on a net stepped by hand: one test a rule, then random schedules.

mod storm;

use super::*;
use crate::fact::Fact;
use crate::protocol::consensus::vote::{Ballot, Content, Letter, Origin};
use crate::protocol::rig::{Rig, a};

/// A team whose first client asks its first member, which leads.
fn team_with(size: u16, config: Config) -> Rig<Refine> {
    let mut rig = Rig::of(size, move |node, members| Refine::new(node, members, config.clone()));
    rig.invoke(a(1), 1, 0);
    rig.settle();
    assert!(rig.process(a(1)).leads(Slot(0)));
    rig
}

/// Three members, α = 2, β = 2, R = 2: the paper's setting.
fn team() -> Rig<Refine> {
    team_with(3, Config::default())
}

fn is_answer(ask: &Ask) -> bool {
    !matches!(ask, Ask::Validate { .. })
}

/// A node's model answers the round it was asked about; what it was asked.
fn answer(rig: &mut Rig<Refine>, node: u16, value: &str) -> Ask {
    let ask = rig.answer(a(node), is_answer, Answer::Proposal(Value::from(value)));
    rig.settle();
    ask
}

/// Every check that members make approves.
fn approve(rig: &mut Rig<Refine>) {
    while let Some(node) = rig.questions.iter().find(|question| !is_answer(&question.ask)).map(|question| question.node)
    {
        rig.validate(node, Answer::Approved);
        rig.settle();
    }
}

fn decided(value: &str) -> Outcome {
    Outcome::Decided { slot: Slot(0), value: Value::from(value) }
}

/// The round that a member was last asked about.
fn round_of(rig: &Rig<Refine>, node: u16) -> Option<u32> {
    rig.disk(a(node)).kept.get(&Slot(0))?.set.as_ref().map(|set| set.place.round)
}

fn agreements(rig: &Rig<Refine>) -> Vec<u64> {
    let rounds = rig.facts.iter().filter_map(|(_, fact)| match fact {
        Fact::Agreed { round, .. } => Some(*round),
        _ => None,
    });
    rounds.collect()
}

#[test]
fn a_quorum_of_answers_closes_a_round_and_the_slow_are_cancelled() {
    let mut rig = team();
    assert!(matches!(answer(&mut rig, 1, "x"), Ask::Propose { .. }));
    assert_eq!(round_of(&rig, 3), Some(0));
    let slow = rig.questions.iter().find(|question| question.node == a(3)).expect("it thinks").ticket;
    answer(&mut rig, 2, "y");
    assert_eq!(round_of(&rig, 3), Some(1));
    assert!(rig.questions.iter().all(|question| question.ticket != slow || question.node != a(3)), "cancelled");
    let Ask::Revise { own, peers, .. } = answer(&mut rig, 3, "x") else { panic!("a later round shows answers") };
    assert_eq!((own, peers.len()), (None, 2));
}

#[test]
fn enough_members_that_agree_for_enough_rounds_decide() {
    let mut rig = team();
    answer(&mut rig, 1, "x");
    answer(&mut rig, 2, "x");
    assert_eq!(agreements(&rig), [0u64; 0], "they agreed in one round");
    answer(&mut rig, 3, "x");
    answer(&mut rig, 2, "x");
    assert_eq!(agreements(&rig), [1]);
    approve(&mut rig);
    for node in (1..=3).map(a) {
        assert_eq!(rig.decided(node, 0), [&Value::from("x")], "{node}");
    }
    assert_eq!(rig.response(1), Some(&decided("x")));
    assert_eq!(rig.questions.len(), 0, "nobody is asked any more");
}

#[test]
fn with_a_beta_of_one_a_transient_agreement_is_enough() {
    let mut rig = team_with(3, Config { beta: 1, ..Config::default() });
    answer(&mut rig, 1, "x");
    answer(&mut rig, 2, "x");
    approve(&mut rig);
    assert_eq!(rig.response(1), Some(&decided("x")));
}

#[test]
fn another_candidate_begins_the_count_anew() {
    let mut rig = team();
    for value in ["x", "y", "y"] {
        answer(&mut rig, 1, value);
        answer(&mut rig, 2, value);
    }
    assert_eq!(agreements(&rig), [2]);
    approve(&mut rig);
    assert_eq!(rig.response(1), Some(&decided("y")));
}

#[test]
fn a_barrier_waits_for_everyone() {
    let mut rig = team_with(3, Config { alpha: Share::All, quorum: Share::All, ..Config::default() });
    answer(&mut rig, 1, "x");
    answer(&mut rig, 2, "x");
    assert_eq!(round_of(&rig, 2), Some(0));
    answer(&mut rig, 3, "x");
    assert_eq!(round_of(&rig, 2), Some(1));
}

#[test]
fn an_answer_of_a_closed_round_does_not_count_in_the_next() {
    let mut rig = team();
    answer(&mut rig, 1, "x");
    let place = rig.disk(a(1)).kept[&Slot(0)].set.clone().expect("a round").place;
    answer(&mut rig, 2, "x");
    let late = Answered { place, answer: Some(Value::from("x")) };
    rig.hand(a(3), a(1), Message::Answer { slot: Slot(0), answered: late });
    answer(&mut rig, 1, "x");
    assert_eq!(agreements(&rig), [0u64; 0], "a3's answer was to the round before");
}

#[test]
fn a_member_that_answers_twice_counts_once() {
    let mut rig = team();
    let place = rig.disk(a(1)).kept[&Slot(0)].set.clone().expect("a round").place;
    for value in ["x", "y"] {
        let answered = Answered { place, answer: Some(Value::from(value)) };
        rig.hand(a(2), a(1), Message::Answer { slot: Slot(0), answered });
    }
    assert_eq!(round_of(&rig, 1), Some(0));
}

#[test]
fn a_round_whose_models_say_nothing_ends_with_what_there_is() {
    let mut rig = team();
    nobody_answers(&mut rig);
    rig.fire(a(1), Timer::Round(Slot(0)));
    rig.settle();
    assert_eq!(round_of(&rig, 1), Some(1), "everyone has reported");
    answer(&mut rig, 1, "x");
    rig.isolate(&[a(3)]);
    rig.fire(a(1), Timer::Round(Slot(0)));
    rig.settle();
    assert_eq!(round_of(&rig, 1), Some(1), "one report is no majority");
    rig.answer(a(2), is_answer, Answer::Nothing(Reason::Timeout));
    rig.settle();
    rig.fire(a(1), Timer::Round(Slot(0)));
    assert_eq!(round_of(&rig, 1), Some(2));
}

#[test]
fn after_the_last_round_the_answer_of_most_is_put_and_of_several_the_least() {
    let mut rig = team_with(3, Config { rounds: 2, ..Config::default() });
    for _ in 0..2 {
        answer(&mut rig, 1, "y");
        answer(&mut rig, 2, "x");
    }
    approve(&mut rig);
    assert_eq!(rig.response(1), Some(&decided("x")));
}

#[test]
fn without_any_answer_the_team_gives_up_in_the_end() {
    let mut rig = team_with(3, Config { rounds: 2, most: 2, ..Config::default() });
    for round in 0..2 {
        nobody_answers(&mut rig);
        assert_eq!((round_of(&rig, 1), rig.response(1)), (Some(round), None), "an outage is not over at once");
        rig.fire(a(1), Timer::Round(Slot(0)));
        rig.settle();
    }
    assert_eq!(rig.response(1), Some(&Outcome::GaveUp { slot: Slot(0) }));
}

/// Every model fails at once.
fn nobody_answers(rig: &mut Rig<Refine>) {
    for node in [1, 2, 3].map(a) {
        rig.answer(node, is_answer, Answer::Nothing(Reason::Provider));
        rig.settle();
    }
}

#[test]
fn a_repeated_report_that_nobody_has_an_answer_does_not_put_the_next_round_off() {
    let mut rig = team();
    nobody_answers(&mut rig);
    rig.fire(a(1), Timer::Round(Slot(0)));
    let answered = rig.disk(a(2)).kept[&Slot(0)].answered.clone().expect("it reported");
    rig.settle();
    rig.hand(a(2), a(1), Message::Answer { slot: Slot(0), answered });
    assert_eq!(round_of(&rig, 1), Some(1));
}

#[test]
fn a_new_leader_goes_on_from_the_latest_set_and_counts_from_the_beginning() {
    let mut rig = team();
    answer(&mut rig, 1, "x");
    answer(&mut rig, 2, "x");
    rig.crash(a(1));
    rig.lose_all();
    rig.fire(a(2), Timer::Election(Slot(0)));
    rig.settle();
    assert!(rig.process(a(2)).leads(Slot(0)));
    let set = rig.disk(a(3)).kept[&Slot(0)].set.clone().expect("it hears the set");
    assert_eq!((set.place.round, set.answers.len()), (1, 2), "what closed the last round");
    answer(&mut rig, 2, "x");
    answer(&mut rig, 3, "x");
    assert_eq!(agreements(&rig), [0u64; 0], "this is the first round of its term");
    answer(&mut rig, 2, "x");
    answer(&mut rig, 3, "x");
    assert_eq!(agreements(&rig), [2]);
}

#[test]
fn a_new_leader_puts_what_may_have_been_decided() {
    let mut rig = team_with(3, Config { beta: 1, ..Config::default() });
    answer(&mut rig, 1, "x");
    answer(&mut rig, 2, "x");
    // a2 votes; the leader is gone before it hears of it.
    rig.isolate(&[a(1)]);
    rig.validate(a(2), Answer::Approved);
    rig.settle();
    rig.fire(a(3), Timer::Election(Slot(0)));
    rig.settle();
    assert_eq!(rig.decided(a(3), 0), [&Value::from("x")], "put again at once, without a round or a check");
}

#[test]
fn a_leader_of_a_lower_term_is_told_so_and_leads_no_longer() {
    let mut rig = team();
    rig.isolate(&[a(1)]);
    rig.fire(a(2), Timer::Election(Slot(0)));
    rig.settle();
    rig.isolate(&[]);
    rig.fire(a(1), Timer::Beat(Slot(0)));
    rig.settle();
    assert!(!rig.process(a(1)).leads(Slot(0)) && rig.process(a(2)).leads(Slot(0)));
}

#[test]
fn a_restarted_member_keeps_its_term_its_set_and_its_answer() {
    let mut rig = team_with(5, Config::default());
    answer(&mut rig, 2, "x");
    rig.restart(a(2));
    rig.fire(a(1), Timer::Beat(Slot(0)));
    rig.settle();
    assert_eq!(rig.open_questions(a(2)), 0, "it has answered this round");
    let promised = rig.process(a(2)).votes.promised(Slot(0));
    rig.hand(a(3), a(2), Message::Vote(Letter { slot: Slot(0), content: Content::Call { ballot: Ballot(1) } }));
    let refused = rig.take(a(2), a(3)).pop().expect("an answer").message;
    assert_eq!(refused, Message::Vote(Letter { slot: Slot(0), content: Content::Preempted { promised } }));
}

#[test]
fn a_refused_motion_is_no_candidate_any_more_and_the_models_hear_why() {
    let mut rig = team_with(3, Config { beta: 1, ..Config::default() });
    answer(&mut rig, 1, "forged");
    answer(&mut rig, 2, "forged");
    for node in [a(1), a(2)] {
        rig.validate(node, Answer::Refused(Reason::Facts));
        rig.settle();
    }
    let expected = Ask::Propose { slot: Slot(0), refusals: vec![Reason::Facts] };
    assert_eq!(answer(&mut rig, 1, "x"), expected, "what was refused is not shown again");
    answer(&mut rig, 2, "x");
    approve(&mut rig);
    assert_eq!(rig.response(1), Some(&decided("x")));
}

#[test]
fn a_motion_cancels_whoever_still_thinks() {
    let mut rig = team_with(3, Config { beta: 1, ..Config::default() });
    answer(&mut rig, 1, "x");
    answer(&mut rig, 2, "x");
    assert!(rig.questions.iter().all(|question| !is_answer(&question.ask)), "only checks are under way");
}

#[test]
fn every_configuration_that_cannot_work_is_refused_with_its_reason() {
    let plain = Config::default();
    let five = Members::of(5);
    let cases = [
        (Config { alpha: Share::Exactly(0), ..plain.clone() }, "alpha must not be zero"),
        (Config { beta: 0, ..plain.clone() }, "beta must not be zero"),
        (Config { beta: 6, ..plain.clone() }, "beta is 6 and can be 5 at most: choose less of beta"),
        (Config { alpha: Share::All, ..plain.clone() }, "alpha is 5 and can be 3 at most: choose less of alpha"),
        (
            Config { quorum: Share::Exactly(2), alpha: Share::Exactly(2), ..plain.clone() },
            "a round closed by 2 of 5 members is seen by too few: let `quorum` be 3 or more",
        ),
        (Config { rounds: 13, ..plain.clone() }, "rounds is 13 and can be 12 at most: choose less of rounds"),
    ];
    for (config, expected) in cases {
        assert_eq!(config.validate(&five).map_err(|error| error.to_string()), Err(expected.to_owned()));
    }
    assert_eq!(plain.validate(&five), Ok(()));
}

#[test]
fn a_corrupted_message_differs_from_what_was_sent() {
    let place = Place { term: Ballot(9), round: 1 };
    let content = Content::Put { ballot: Ballot(9), motion: Motion::Adopt("x".into()), origin: Origin::Fresh };
    let set = RefinementSet { place, answers: Answers::new() };
    let messages = [
        Message::Refine { slot: Slot(0), set, refused: BTreeMap::new() },
        Message::Answer { slot: Slot(0), answered: Answered { place, answer: Some("x".into()) } },
        Message::Vote(Letter { slot: Slot(0), content }),
    ];
    for (message, draw) in messages.iter().flat_map(|message| (0..20).map(move |draw| (message, draw))) {
        assert_ne!(Refine::corrupted(message, draw).as_ref(), Some(message), "{draw}");
    }
}
