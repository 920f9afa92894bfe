//! Bugs planted in debate, refinement and the vote that ends both: each is caught under the very nemesis and budgets
//! under which the correct protocol holds.

#[path = "support/hunt.rs"]
mod hunt;

use synod::protocol::consensus::{Debate, Refine, debate, refine, vote};
use synod_scenarios::{debate_of, refine_of};

fn check_debate(bug: debate::Planted, property: &str) {
    let config = move || debate::Config { planted: Some(bug), ..debate::Config::default() };
    let scenario = debate_of(move |me, members| Debate::new(me, members, config()));
    hunt::expect(&format!("debate: {bug:?}"), &scenario, property);
}

fn check_refine(bug: refine::Planted, property: &str) {
    let config = move || refine::Config { planted: Some(bug), ..refine::Config::default() };
    let scenario = refine_of(move |me, members| Refine::new(me, members, config()));
    hunt::expect(&format!("refine: {bug:?}"), &scenario, property);
}

fn check_vote(bug: vote::Planted, property: &str) {
    check_debate(debate::Planted::Vote(bug), property);
    check_refine(refine::Planted::Vote(bug), property);
}

#[test]
fn a_vote_that_is_not_persisted_is_overtaken() {
    check_vote(vote::Planted::VoteNotPersisted, "chosen_once");
}

#[test]
fn a_promise_that_is_not_persisted_is_forsworn() {
    check_vote(vote::Planted::PromiseNotPersisted, "chosen_once");
}

#[test]
fn a_motion_that_was_refused_and_stays_is_put_for_ever() {
    check_debate(debate::Planted::KeepsRefused, "termination");
    check_refine(refine::Planted::KeepsRefused, "termination");
}

#[test]
fn a_vote_that_counts_twice_carries_a_motion_of_too_few() {
    check_vote(vote::Planted::CountsVoterTwice, "chosen_once");
}

#[test]
fn a_majority_of_those_who_came_is_none_of_the_members() {
    check_vote(vote::Planted::QuorumOfPresent, "chosen_once");
}

#[test]
fn half_of_the_members_are_no_majority() {
    check_vote(vote::Planted::QuorumTooSmall, "chosen_once");
}

#[test]
fn a_chair_that_ignores_earlier_votes_overtakes_a_decision() {
    check_vote(vote::Planted::IgnoresEarlierVotes, "chosen_once");
}

#[test]
fn a_paraphrase_in_a_vote_is_another_motion() {
    check_vote(vote::Planted::AdoptsParaphrase, "one_value_per_ballot");
}

#[test]
fn a_speech_that_is_not_persisted_is_made_twice() {
    check_debate(debate::Planted::SpeechNotPersisted, "stable_agreement");
}

#[test]
fn speeches_of_earlier_rounds_make_no_agreement() {
    check_debate(debate::Planted::CountsStaleRounds, "stable_agreement");
}

#[test]
fn a_debate_that_stops_on_the_votes_cast_stops_too_soon() {
    check_debate(debate::Planted::StopsOnVotesCast, "stable_agreement");
}

#[test]
fn a_count_that_outlives_its_candidate_is_no_stability() {
    check_refine(refine::Planted::StabilityNotReset, "stable_agreement");
}

#[test]
fn a_count_that_outlives_its_term_is_no_stability() {
    check_refine(refine::Planted::CountsAcrossTerms, "stable_agreement");
}

#[test]
fn the_answer_of_a_cancelled_agent_does_not_count_in_the_next_round() {
    check_refine(refine::Planted::CountsCancelled, "stable_agreement");
}

#[test]
fn a_leader_that_counts_itself_twice_agrees_with_too_few() {
    check_refine(refine::Planted::CountsItselfTwice, "stable_agreement");
}

#[test]
fn an_answer_that_is_not_persisted_is_given_twice() {
    check_refine(refine::Planted::AnswerNotPersisted, "stable_agreement");
}
