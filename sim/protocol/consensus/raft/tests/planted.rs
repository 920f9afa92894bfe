//! Each planted bug on a schedule of its own, on which the sound protocol keeps its promise.

use super::*;
use crate::fact::Value;
use crate::protocol::consensus::raft::Planted;
use crate::protocol::rig::a;

fn with(planted: Option<Planted>, size: u16) -> Rig<Raft> {
    team_with(size, Config { planted, ..unchecked() })
}

/// Runs a schedule on the sound protocol, then with the bug.
fn compare<T: PartialEq + std::fmt::Debug>(bug: Planted, schedule: impl Fn(Option<Planted>) -> T, sound: T, broken: T) {
    assert_eq!(schedule(None), sound, "the sound protocol");
    assert_eq!(schedule(Some(bug)), broken, "with {bug:?}");
    for other in Planted::ALL.iter().copied().filter(|other| *other != bug) {
        // No other bug needs to show here, but none may stop the schedule half-way.
        schedule(Some(other));
    }
}

/// Two candidates of one term; the voter that both need restarts between their requests. Counts the leaders of that
/// term.
fn vote_restart_vote(planted: Option<Planted>) -> usize {
    let mut rig = with(planted, 3);
    for candidate in [a(1), a(2)] {
        rig.fire(candidate, Timer::Election);
        rig.deliver(candidate, a(3));
        rig.deliver(a(3), candidate);
    }
    for candidate in [a(1), a(2)] {
        rig.deliver(candidate, a(3));
        rig.deliver(a(3), candidate);
        rig.restart(a(3));
    }
    elections(&rig, 1)
}

#[test]
fn a_forgotten_vote_elects_two_leaders_of_one_term() {
    compare(Planted::VoteNotPersisted, vote_restart_vote, 1, 2);
}

#[test]
fn a_forgotten_term_lets_a_leader_of_the_past_commit_beside_its_successor() {
    let schedule = |planted| {
        let mut rig = with(planted, 3);
        elect(&mut rig, a(1));
        rig.invoke(a(1), 1, 0);
        rig.propose(a(1), "old");
        rig.lose_all();
        rig.isolate(&[a(1)]);
        elect_and_commit(&mut rig, a(2));
        rig.isolate(&[a(2)]);
        rig.restart(a(3));
        rig.fire(a(1), Timer::Heartbeat);
        rig.settle();
        applied(&rig, a(1), 2) == [Value::from("old").digest_word()]
    };
    compare(Planted::TermNotPersisted, schedule, false, true);
}

fn elect_and_commit(rig: &mut Rig<Raft>, node: NodeId) {
    elect(rig, node);
    beat(rig, node);
}

#[test]
fn counting_replicas_of_an_earlier_term_commits_what_is_then_overwritten() {
    // Figure 8 of the paper, with a1 to a5 as S1 to S5.
    let schedule = |planted| {
        let mut rig = with(planted, 5);
        elect(&mut rig, a(1));
        beat(&mut rig, a(1));
        rig.invoke(a(1), 1, 0);
        rig.propose(a(1), "old");
        rig.deliver(a(1), a(2));
        rig.lose_all();
        elect_quietly(&mut rig, a(5), &[a(3), a(4)]);
        rig.restart(a(1));
        elect_quietly(&mut rig, a(1), &[a(2), a(3)]);
        rig.fire(a(1), Timer::Heartbeat);
        rig.deliver(a(1), a(2));
        rig.deliver(a(2), a(1));
        // a3 refuses, and is then sent the entry of the earlier term alone.
        for _ in ["refused", "accepted"] {
            rig.deliver(a(1), a(3));
            rig.deliver(a(3), a(1));
        }
        rig.lose_all();
        rig.crash(a(1));
        rig.restart(a(5));
        elect_quietly(&mut rig, a(5), &[a(3), a(4)]);
        rig.fire(a(5), Timer::Heartbeat);
        rig.settle();
        assert_eq!(terms(&rig, a(3))[..2], terms(&rig, a(5))[..2]);
        rig.decided(a(1), 0).len()
    };
    assert_eq!(schedule(None), 0);
    assert_eq!(schedule(Some(Planted::CommitsEarlierTerm)), 1);
}

#[test]
fn a_vote_for_an_older_log_loses_a_committed_entry() {
    let schedule = |planted| {
        let mut rig = with(planted, 3);
        elect(&mut rig, a(1));
        rig.isolate(&[a(3)]);
        decide(&mut rig, a(1), 0, "rollback");
        rig.isolate(&[a(1)]);
        rig.pass(seconds(10));
        rig.fire(a(3), Timer::Election);
        rig.settle();
        terms(&rig, a(2))
    };
    compare(Planted::SkipsUpToDateCheck, schedule, vec![1, 1], vec![1, 2]);
}

#[test]
fn an_adopted_paraphrase_is_another_decision() {
    let schedule = |planted| {
        let mut rig = with(planted, 3);
        elect(&mut rig, a(1));
        decide(&mut rig, a(1), 0, "rollback");
        rig.decided(a(1), 0) == rig.decided(a(2), 0)
    };
    compare(Planted::AdoptsParaphrase, schedule, true, false);
}

#[test]
fn a_leader_that_never_steps_down_keeps_its_clients_and_its_vote() {
    let schedule = |planted| {
        let mut rig = with(planted, 5);
        elect(&mut rig, a(1));
        rig.isolate(&[a(1)]);
        elect(&mut rig, a(2));
        // The old leader comes back while a minority, the new leader with it, goes down for good.
        rig.isolate(&[a(2), a(3)]);
        rig.fire(a(1), Timer::Heartbeat);
        rig.settle();
        for node in [a(4), a(5), a(4)] {
            rig.pass(seconds(10));
            if !rig.process(node).is_leader() {
                rig.fire(node, Timer::Election);
                rig.settle();
            }
        }
        [a(4), a(5)].iter().any(|node| rig.process(*node).is_leader())
    };
    compare(Planted::NeverStepsDown, schedule, true, false);
}

/// Whether a leader still leads once a member that heard nobody for a while is heard again.
#[test]
fn a_member_that_asks_nobody_deposes_a_leader_that_is_heard() {
    let leads_on = |planted| {
        let mut rig = with(planted, 3);
        elect(&mut rig, a(1));
        rig.isolate(&[a(3)]);
        rig.fire(a(3), Timer::Election);
        rig.settle();
        rig.isolate(&[]);
        rig.fire(a(3), Timer::Election);
        rig.settle();
        rig.process(a(1)).is_leader()
    };
    compare(Planted::StandsUnasked, leads_on, true, false);
}
