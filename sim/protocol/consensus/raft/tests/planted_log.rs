//! Planted bugs of counting, reading, snapshots and membership, each on a schedule of its own, on which the sound
//! protocol keeps its promise.

use super::membership::remove;
use super::reads::{answers_to_an_earlier_round, read_before_own_commit, read_from_a_deposed_leader};
use super::replication::{append, entry, reply};
use super::snapshot::{late_entries, late_snapshot};
use super::*;
use crate::fact::Value;
use crate::protocol::consensus::raft::{Appended, Message, Planted, Vote};
use crate::protocol::rig::a;
use crate::protocol::team::{Outcome, Request};

/// Runs a schedule on the sound protocol, then with the bug.
fn compare<T: PartialEq + std::fmt::Debug>(
    bug: Planted,
    config: &Config,
    size: u16,
    schedule: impl Fn(Rig<Raft>) -> T,
    [sound, broken]: [T; 2],
) {
    let rig = |planted| team_with(size, Config { planted, ..config.clone() });
    assert_eq!(schedule(rig(None)), sound, "the sound protocol");
    assert_eq!(schedule(rig(Some(bug))), broken, "with {bug:?}");
}

fn short() -> Config {
    Config { retained: 2, ..Config::default() }
}

#[test]
fn an_acknowledged_log_end_vouches_for_what_no_leader_showed() {
    let schedule = |mut rig: Rig<Raft>| {
        rig.hand(a(1), a(3), append(1, (0, 0), [1, 1, 1].map(|term| entry(term, "divergent")).to_vec(), 0));
        rig.take(a(3), a(1));
        rig.hand(a(2), a(3), append(2, (1, 1), Vec::new(), 0));
        reply(&mut rig, a(3), a(2))
    };
    let expected = [Appended::UpTo(Index(1)), Appended::UpTo(Index(3))];
    compare(Planted::AcksLogEnd, &unchecked(), 3, schedule, expected);
}

/// A candidate of term 2 among five that gets votes: who sends them, and for which term.
fn votes(mut rig: Rig<Raft>, votes: &[(NodeId, u64)]) -> bool {
    for asked in [0, 1] {
        rig.fire(a(1), Timer::Election);
        for voter in [a(2), a(3)] {
            rig.hand(voter, a(1), Message::PreVoteReply { term: Term(asked), asked: Term(asked), vote: Vote::Granted });
        }
    }
    for (voter, term) in votes {
        rig.hand(*voter, a(1), Message::VoteReply { term: Term(*term), vote: Vote::Granted });
    }
    rig.process(a(1)).is_leader()
}

#[test]
fn votes_of_an_earlier_candidacy_elect() {
    let schedule = |rig| votes(rig, &[(a(2), 1), (a(3), 1)]);
    compare(Planted::CountsStaleVotes, &unchecked(), 5, schedule, [false, true]);
}

#[test]
fn one_vote_that_arrives_twice_elects() {
    let schedule = |rig| votes(rig, &[(a(2), 2), (a(2), 2)]);
    compare(Planted::CountsVotesTwice, &unchecked(), 5, schedule, [false, true]);
}

#[test]
fn half_a_team_elects_a_leader_of_its_own() {
    let schedule = |mut rig: Rig<Raft>| {
        rig.isolate(&[a(3), a(4)]);
        rig.pass(seconds(10));
        rig.fire(a(1), Timer::Election);
        rig.settle();
        rig.process(a(1)).is_leader()
    };
    compare(Planted::QuorumOffByOne, &unchecked(), 4, schedule, [false, true]);
}

#[test]
fn an_unconfirmed_read_misses_what_a_successor_decided() {
    let config = unchecked();
    compare(Planted::ReadsUnconfirmed, &config, 3, read_from_a_deposed_leader, [None, Some(Vec::new())]);
}

#[test]
fn a_read_before_the_own_commit_misses_what_the_predecessor_decided() {
    let schedule = |mut rig: Rig<Raft>| {
        // The new leader has the decision and does not know it committed.
        elect(&mut rig, a(1));
        rig.invoke(a(1), 1, 0);
        rig.propose(a(1), "rollback");
        rig.deliver(a(1), a(2));
        rig.deliver(a(2), a(1));
        rig.lose_all();
        assert!(matches!(rig.response(1), Some(Outcome::Decided { .. })));
        rig.isolate(&[a(1)]);
        elect_quietly(&mut rig, a(2), &[a(3)]);
        rig.request(a(2), 50, Request::Read);
        let conflict = crate::protocol::consensus::raft::Conflict { term: None, index: Index(9) };
        let result = Appended::Refused { prev: Index(9), conflict };
        rig.hand(a(3), a(2), Message::AppendReply { term: Term(2), round: 9, result });
        rig.response(50).cloned()
    };
    let stale = Outcome::Log { decisions: Vec::new() };
    compare(Planted::ReadsBeforeOwnCommit, &unchecked(), 3, schedule, [None, Some(stale)]);
    assert_eq!(read_before_own_commit(team_with(3, unchecked())), None);
}

#[test]
fn answers_to_heartbeats_before_the_read_confirm_it() {
    let expected = [None, Some(Vec::new())];
    compare(Planted::ReusesReadRound, &unchecked(), 3, answers_to_an_earlier_round, expected);
}

#[test]
fn a_leader_that_has_handed_over_still_answers() {
    let schedule = |mut rig: Rig<Raft>| {
        elect(&mut rig, a(1));
        beat(&mut rig, a(1));
        rig.request(a(1), 50, Request::Transfer { to: a(2) });
        rig.deliver(a(1), a(2));
        rig.isolate(&[a(1)]);
        rig.settle();
        assert!(rig.process(a(2)).is_leader());
        decide(&mut rig, a(2), 0, "rollback");
        rig.request(a(1), 51, Request::Read);
        rig.settle();
        rig.response(51).cloned()
    };
    let stale = Outcome::Log { decisions: Vec::new() };
    compare(Planted::ReadsWhileHandingOver, &unchecked(), 3, schedule, [None, Some(stale)]);
}

/// The bug of 2015 with removals: a1 and then a2 each remove the other among four, without a voter in common. How many
/// commands were applied at one index.
fn two_removals(mut rig: Rig<Raft>) -> usize {
    elect(&mut rig, a(1));
    beat(&mut rig, a(1));
    remove(&mut rig, a(1), 50, a(2));
    rig.lose_all();
    rig.isolate(&[a(1)]);
    elect_quietly(&mut rig, a(2), &[a(3), a(4)]);
    remove(&mut rig, a(2), 51, a(1));
    rig.lose_all();
    // a2 reaches a3 alone, which is enough if a1 has no vote any more.
    rig.isolate(&[a(1), a(4)]);
    (0..3).for_each(|_| beat(&mut rig, a(2)));
    rig.isolate(&[a(2), a(3)]);
    rig.lose_all();
    // a4 tells a1 of the term that came in between, then votes for it.
    beat(&mut rig, a(1));
    elect(&mut rig, a(1));
    (0..3).for_each(|_| beat(&mut rig, a(1)));
    let at_three = [a(1), a(2), a(3), a(4)].map(|node| applied(&rig, node, 3));
    at_three.into_iter().flatten().collect::<std::collections::BTreeSet<u64>>().len()
}

#[test]
fn two_leaders_that_change_voters_before_their_own_commit_commit_beside_each_other() {
    compare(Planted::ChangesBeforeOwnCommit, &unchecked(), 4, two_removals, [1, 2]);
}

#[test]
fn a_change_begins_before_the_last_one_is_committed() {
    let schedule = |mut rig: Rig<Raft>| {
        elect(&mut rig, a(1));
        beat(&mut rig, a(1));
        rig.isolate(&[a(2), a(3), a(4), a(5)]);
        [a(2), a(3), a(4)].iter().zip(50..).for_each(|(member, op)| remove(&mut rig, a(1), op, *member));
        rig.isolate(&[a(2), a(3), a(4)]);
        rig.lose_all();
        (0..3).for_each(|_| beat(&mut rig, a(1)));
        rig.process(a(1)).commit()
    };
    // Two of five commit, and the other three may do so too.
    compare(Planted::ChangesSideBySide, &unchecked(), 5, schedule, [Index(1), Index(4)]);
}

#[test]
fn a_member_without_a_vote_makes_a_majority() {
    let schedule = |mut rig: Rig<Raft>| {
        elect(&mut rig, a(1));
        beat(&mut rig, a(1));
        remove(&mut rig, a(1), 50, a(4));
        rig.settle();
        rig.isolate(&[a(2), a(3)]);
        rig.invoke(a(1), 1, 0);
        rig.propose(a(1), "rollback");
        rig.settle();
        rig.decided(a(1), 0).len()
    };
    compare(Planted::CountsLearners, &unchecked(), 4, schedule, [0, 1]);
}

#[test]
fn an_old_snapshot_takes_back_what_was_acknowledged() {
    compare(Planted::InstallsOldSnapshot, &short(), 3, late_snapshot, [6, 2]);
}

#[test]
fn late_entries_cost_the_log_behind_the_snapshot() {
    let expected = [6, 3].map(|last| (last, Appended::UpTo(Index(3))));
    compare(Planted::DistrustsSnapshot, &short(), 3, late_entries, expected);
}

#[test]
fn entries_taken_behind_an_entry_of_another_term_make_logs_that_do_not_match() {
    let schedule = |mut rig: Rig<Raft>| {
        rig.hand(a(1), a(3), append(1, (0, 0), vec![entry(1, "lost")], 0));
        rig.hand(a(2), a(3), append(3, (1, 2), vec![entry(3, "kept")], 2));
        rig.decided(a(3), 1).first().map(|value| (*value).clone())
    };
    compare(Planted::ComparesIndexOnly, &unchecked(), 3, schedule, [None, Some(Value::from("lost"))]);
}
