//! Leaders: one a term, none that lacks a committed entry, and none that nobody hears.

use super::*;
use crate::protocol::consensus::raft::{Message, Position, Vote};
use crate::protocol::rig::a;

#[test]
fn elects_one_leader_that_commits_its_no_op() {
    let mut rig = team(5);
    elect(&mut rig, a(2));
    beat(&mut rig, a(2));
    assert_eq!(elections(&rig, 1), 1);
    for node in (1..=5).map(a) {
        assert_eq!(rig.process(node).commit(), Index(1), "{node}");
    }
}

#[test]
fn reports_winning_before_the_no_op_and_votes_after_the_write() {
    let mut rig = team(1);
    rig.fire(a(1), Timer::Election);
    let expected = [
        Fact::Voted { term: 1, candidate: a(1) },
        Fact::Elected { term: 1, last: 0 },
        Fact::Appended { index: 1, term: 1, command: super::super::NOOP },
        Fact::Committed { index: 1, term: 1 },
        Fact::Applied { index: 1, command: super::super::NOOP },
    ];
    assert_eq!(rig.facts_of(a(1)), expected.iter().collect::<Vec<_>>());
}

#[test]
fn who_hears_a_leader_refuses_a_pre_vote_and_nobody_changes_term() {
    let mut rig = team(3);
    elect(&mut rig, a(1));
    rig.fire(a(3), Timer::Election);
    rig.settle();
    assert!(rig.process(a(1)).is_leader());
    assert_eq!((1..=3).map(|node| term(&rig, a(node))).collect::<Vec<_>>(), [Term(1); 3]);
}

#[test]
fn a_member_that_was_cut_off_comes_back_with_the_term_it_left_with() {
    let mut rig = team(5);
    elect(&mut rig, a(1));
    rig.isolate(&[a(5)]);
    for _ in 0..20 {
        rig.pass(seconds(2));
        rig.fire(a(5), Timer::Election);
        rig.settle();
    }
    assert_eq!(term(&rig, a(5)), Term(1));
}

#[test]
fn refuses_a_candidate_with_an_older_log() {
    let mut rig = team_with(3, unchecked());
    elect(&mut rig, a(1));
    rig.isolate(&[a(3)]);
    decide(&mut rig, a(1), 0, "rollback");
    rig.pass(seconds(10));
    let stale = Message::RequestVote { term: Term(9), last: Position { index: Index(1), term: Term(1) } };
    rig.lose_all();
    rig.hand(a(3), a(2), stale);
    let reply = rig.take(a(2), a(3)).remove(0).message;
    assert_eq!(reply, Message::VoteReply { term: Term(9), vote: Vote::Withheld });
}

#[test]
fn keeps_its_vote_over_a_restart() {
    let mut rig = team(3);
    let last = Position::ORIGIN;
    rig.hand(a(1), a(3), Message::RequestVote { term: Term(1), last });
    rig.restart(a(3));
    rig.lose_all();
    rig.hand(a(2), a(3), Message::RequestVote { term: Term(1), last });
    let reply = rig.take(a(3), a(2)).remove(0).message;
    assert_eq!(reply, Message::VoteReply { term: Term(1), vote: Vote::Withheld });
    // Its own candidate may ask again: the first answer may have been lost.
    rig.hand(a(1), a(3), Message::RequestVote { term: Term(1), last });
    let reply = rig.take(a(3), a(1)).remove(0).message;
    assert_eq!(reply, Message::VoteReply { term: Term(1), vote: Vote::Granted });
}

/// A candidate of term 1 in a team of five, with its own vote only.
fn candidate() -> Rig<Raft> {
    let mut rig = team(5);
    rig.fire(a(1), Timer::Election);
    for voter in [a(2), a(3)] {
        rig.hand(voter, a(1), Message::PreVoteReply { term: Term(0), asked: Term(0), vote: Vote::Granted });
    }
    assert_eq!(term(&rig, a(1)), Term(1));
    rig
}

#[test]
fn duplicate_votes_count_once() {
    let mut rig = candidate();
    for _ in 0..3 {
        rig.hand(a(2), a(1), Message::VoteReply { term: Term(1), vote: Vote::Granted });
    }
    assert!(!rig.process(a(1)).is_leader());
    rig.hand(a(3), a(1), Message::VoteReply { term: Term(1), vote: Vote::Granted });
    assert!(rig.process(a(1)).is_leader());
}

#[test]
fn votes_of_an_older_term_do_not_count() {
    let mut rig = candidate();
    rig.fire(a(1), Timer::Election);
    for voter in [a(2), a(3)] {
        rig.hand(voter, a(1), Message::PreVoteReply { term: Term(1), asked: Term(1), vote: Vote::Granted });
    }
    assert_eq!(term(&rig, a(1)), Term(2));
    for voter in [a(2), a(3)] {
        rig.hand(voter, a(1), Message::VoteReply { term: Term(1), vote: Vote::Granted });
    }
    assert!(!rig.process(a(1)).is_leader());
}

#[test]
fn members_of_unlike_terms_find_a_leader_by_pre_votes() {
    let mut rig = team(3);
    // a3 saw term 7 and nobody else did; then the other live member stands first, or a3 does.
    for (first, second) in [(a(3), a(2)), (a(2), a(3))] {
        rig.crash(a(1));
        rig.hand(a(1), a(3), Message::RequestVote { term: Term(7), last: Position::ORIGIN });
        rig.lose_all();
        rig.pass(seconds(10));
        for node in [first, second] {
            rig.fire(node, Timer::Election);
            rig.settle();
        }
        assert!([a(2), a(3)].iter().any(|node| rig.process(*node).is_leader()), "{first} first");
        rig = team(3);
    }
}

#[test]
fn a_leader_follows_a_higher_term_and_sends_its_clients_elsewhere() {
    let mut rig = team(3);
    elect(&mut rig, a(1));
    rig.invoke(a(1), 1, 0);
    rig.hand(a(2), a(1), Message::VoteReply { term: Term(5), vote: Vote::Withheld });
    assert!(!rig.process(a(1)).is_leader());
    assert_eq!(rig.facts_of(a(1)).last(), Some(&&Fact::SteppedDown { term: 1 }));
    assert!(rig.response(1).is_some());
    assert!(rig.is_armed(a(1), &Timer::Election) && !rig.is_armed(a(1), &Timer::Heartbeat));
}

#[test]
fn a_leader_that_no_majority_hears_steps_down() {
    let mut rig = team(5);
    elect(&mut rig, a(1));
    rig.isolate(&[a(3), a(4), a(5)]);
    rig.fire(a(1), Timer::Quorum);
    beat(&mut rig, a(1));
    assert!(rig.process(a(1)).is_leader(), "a majority was heard in the first period");
    rig.fire(a(1), Timer::Quorum);
    assert!(!rig.process(a(1)).is_leader());
}

#[test]
fn a_clock_set_back_does_not_hold_off_elections() {
    let mut rig = team(3);
    elect(&mut rig, a(1));
    rig.crash(a(1));
    rig.now = crate::time::Time::ZERO;
    rig.fire(a(2), Timer::Election);
    rig.settle();
    assert!(rig.process(a(2)).is_leader());
}
