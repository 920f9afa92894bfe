//! The vote alone, with debaters that pass as its hosts: one test a rule.

use super::*;
use crate::protocol::Effect;
use crate::protocol::consensus::Debate;
use crate::protocol::consensus::debate::{Config, Message, Speech};
use crate::protocol::rig::a;

/// A member of five, and what it wants done.
struct Member {
    votes: Votes<Speech>,
    effects: Effects<Debate>,
}

impl Member {
    fn new(number: u16) -> Member {
        let votes = Votes::new(a(number), &Members::of(5), Config::default().vote);
        Member { votes, effects: Effects::default() }
    }

    fn hear(&mut self, from: NodeId, content: Content<Speech>) -> Progress {
        self.votes.receive(from, Letter { slot: Slot(0), content }, || Speech::Pass, &mut self.effects)
    }

    /// What it sent since it was last asked, each content once.
    fn sent(&mut self) -> Vec<Content<Speech>> {
        let mut sent: Vec<Content<Speech>> = Vec::new();
        for effect in self.effects.drain() {
            if let Effect::Send { message: Message::Vote(letter), .. } = effect
                && !sent.contains(&letter.content)
            {
                sent.push(letter.content);
            }
        }
        sent
    }

    /// Has it chair with these others there.
    fn chair(&mut self, others: &[Content<Speech>]) -> Ballot {
        self.votes.stand(Slot(0), Speech::Pass, &mut self.effects);
        let ballot = self.votes.chairs(Slot(0)).expect("it stands");
        for (number, content) in (2..).zip(others) {
            self.hear(a(number), content.clone());
        }
        self.sent();
        ballot
    }
}

fn here(ballot: u64, cast: Option<(u64, &str)>) -> Content<Speech> {
    let cast = cast.map(|(ballot, value)| Cast { ballot: Ballot(ballot), motion: adopt(value) });
    Content::Here { ballot: Ballot(ballot), cast, brings: Speech::Pass }
}

fn adopt(value: &str) -> Motion {
    Motion::Adopt(Value::from(value))
}

fn put(ballot: u64, value: &str, origin: Origin) -> Content<Speech> {
    Content::Put { ballot: Ballot(ballot), motion: adopt(value), origin }
}

#[test]
fn a_promise_is_kept_against_lower_calls_and_lower_motions() {
    let mut voter = Member::new(1);
    voter.hear(a(3), Content::Call { ballot: Ballot(12) });
    assert_eq!(voter.sent(), [here(12, None)]);
    for content in [Content::Call { ballot: Ballot(6) }, put(6, "x", Origin::Adopted)] {
        voter.hear(a(2), content);
        assert_eq!(voter.sent(), [Content::Preempted { promised: Ballot(12) }]);
    }
}

#[test]
fn a_vote_is_brought_to_the_next_call() {
    let mut voter = Member::new(1);
    voter.hear(a(2), put(6, "x", Origin::Adopted));
    assert_eq!(voter.sent(), [Content::Yes { ballot: Ballot(6) }]);
    voter.hear(a(3), Content::Call { ballot: Ballot(12) });
    assert_eq!(voter.sent(), [here(12, Some((6, "x")))]);
}

#[test]
fn a_chair_puts_the_motion_of_the_highest_ballot_that_anyone_voted_in() {
    let mut chair = Member::new(1);
    let ballot = chair.votes.promised(Slot(0)).above(a(1), &Members::of(5));
    let others = [here(ballot.0, Some((2, "low"))), here(ballot.0, Some((3, "high")))];
    assert_eq!(chair.chair(&others), ballot);
    chair.votes.put(Slot(0), adopt("mine"), &mut chair.effects);
    let sent = chair.sent();
    assert_eq!(sent, [put(ballot.0, "high", Origin::Adopted)]);
}

#[test]
fn a_fresh_motion_is_checked_first_and_a_refusal_names_its_reason() {
    let mut voter = Member::new(1);
    voter.hear(a(2), put(6, "x", Origin::Fresh));
    assert_eq!(voter.sent(), [], "its agent looks at it");
    voter.votes.answer(1, &Answer::Refused(Reason::Facts), &mut voter.effects);
    let against = Content::Against { ballot: Ballot(6), reason: Reason::Facts };
    assert_eq!(voter.sent(), [against]);
    voter.hear(a(3), put(12, "x", Origin::Fresh));
    let against = Content::Against { ballot: Ballot(12), reason: Reason::Facts };
    assert_eq!(voter.sent(), [against], "a value is checked once");
}

#[test]
fn a_check_that_takes_long_counts_in_the_ballot_that_runs_then() {
    let mut voter = Member::new(1);
    voter.hear(a(2), put(6, "x", Origin::Fresh));
    voter.hear(a(3), put(12, "x", Origin::Fresh));
    voter.sent();
    voter.votes.answer(1, &Answer::Approved, &mut voter.effects);
    assert_eq!(voter.sent(), [Content::Yes { ballot: Ballot(12) }]);
}

#[test]
fn a_motion_needs_the_votes_of_a_majority_of_the_members_each_counted_once() {
    let mut chair = Member::new(1);
    let ballot = chair.chair(&[]);
    for number in 2..=3 {
        chair.hear(a(number), here(ballot.0, Some((1, "x"))));
    }
    assert_eq!(chair.votes.put(Slot(0), Motion::GiveUp, &mut chair.effects), Progress::Open);
    for _ in 0..3 {
        assert_eq!(chair.hear(a(2), Content::Yes { ballot }), Progress::Open, "two of five, however often");
    }
    assert_eq!(chair.hear(a(4), Content::Yes { ballot: Ballot(1) }), Progress::Open, "of another ballot");
    assert_eq!(chair.hear(a(3), Content::Yes { ballot }), Progress::Settled(adopt("x")));
    assert_eq!(chair.votes.outcome(Slot(0)), Some(&adopt("x")));
}

#[test]
fn a_motion_that_cannot_be_carried_any_more_is_dropped_with_the_reasons() {
    let mut chair = Member::new(1);
    let ballot = chair.chair(&[]);
    chair.hear(a(2), here(ballot.0, None));
    chair.hear(a(3), here(ballot.0, None));
    chair.votes.put(Slot(0), adopt("x"), &mut chair.effects);
    let against = |reason| Content::Against { ballot, reason };
    assert_eq!(chair.hear(a(2), against(Reason::Facts)), Progress::Open);
    assert_eq!(chair.hear(a(3), against(Reason::Opinion)), Progress::Open, "three may still carry it");
    let reasons = vec![Reason::Facts, Reason::Opinion, Reason::Facts];
    let refused = Progress::Refused { value: Value::from("x"), reasons };
    assert_eq!(chair.hear(a(4), against(Reason::Facts)), refused);
}

#[test]
fn a_higher_call_ends_a_chair() {
    let mut chair = Member::new(1);
    let ballot = chair.chair(&[]);
    assert_eq!(chair.hear(a(2), Content::Call { ballot: Ballot(ballot.0 + 1) }), Progress::Preempted);
    assert_eq!(chair.votes.chairs(Slot(0)), None);
    chair.votes.stand(Slot(0), Speech::Pass, &mut chair.effects);
    assert!(chair.votes.chairs(Slot(0)) > Some(Ballot(ballot.0 + 1)), "the next ballot is above all it met");
}

#[test]
fn a_restarted_member_reports_its_vote_and_its_outcome_again() {
    let mut voter = Member::new(1);
    let cast = Cast { ballot: Ballot(6), motion: adopt("x") };
    let register = Register { promised: Ballot(6), cast: Some(cast), outcome: Some(adopt("x")) };
    voter.votes.start(Registers::from([(Slot(0), register)]), &mut voter.effects);
    let wanted: Vec<Effect<Debate>> = voter.effects.drain().collect();
    assert!(wanted.iter().any(|effect| matches!(effect, Effect::Note(Fact::Accepted { ballot: 6, .. }))));
    assert!(wanted.iter().any(|effect| matches!(effect, Effect::Decide { .. })));
}
