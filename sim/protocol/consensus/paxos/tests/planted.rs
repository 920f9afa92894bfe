//! The planted bugs that take a story, each on a schedule on which the sound protocol keeps its promise.

use super::reads::read_from_a_deposed_leader;
use super::*;
use crate::protocol::consensus::paxos::Planted;
use crate::protocol::consensus::paxos::election::Standing;
use crate::protocol::rig::a;

fn with(planted: Option<Planted>, size: u16) -> Rig<Paxos> {
    team_with(size, Config { planted, ..unchecked() })
}

#[test]
fn votes_of_different_ballots_added_up_decide_what_is_not_chosen() {
    // a1 gets two votes of five for "old". Its successor a3 hears of both, and needs one more of its own ballot only if
    // it adds them up.
    let schedule = |planted| {
        let mut rig = with(planted, 5);
        elect(&mut rig, a(1));
        rig.invoke(a(1), 1, 0);
        rig.propose(a(1), "old");
        rig.deliver(a(1), a(2));
        // A leader welcomes nobody; its vote outlives its leadership.
        rig.restart(a(1));
        elect_by(&mut rig, a(3), &[a(1), a(2)]);
        rig.lose_all();
        rig.decided(a(3), 0).len()
    };
    assert_eq!(schedule(None), 0);
    assert_eq!(schedule(Some(Planted::CountsAcrossBallots)), 1);
}

#[test]
fn an_acceptor_that_forgets_its_vote_lets_a_chosen_value_be_overtaken() {
    let schedule = |planted| {
        let mut rig = with(planted, 3);
        elect(&mut rig, a(1));
        rig.isolate(&[a(3)]);
        decide(&mut rig, a(1), 0, "old");
        rig.isolate(&[a(1)]);
        rig.restart(a(2));
        elect(&mut rig, a(3));
        rig.decided(a(3), 0).len()
    };
    // The successor finds the vote and completes it, or knows nothing of it.
    assert_eq!(schedule(None), 1);
    assert_eq!(schedule(Some(Planted::VoteNotPersisted)), 0);
}

#[test]
fn a_gap_left_open_holds_up_everything_behind_it() {
    let schedule = |planted| {
        let mut rig = with(planted, 3);
        elect(&mut rig, a(1));
        for (op, slot) in [(1, 0), (2, 1)] {
            rig.lose_all();
            rig.invoke(a(1), op, slot);
            rig.propose(a(1), "value");
        }
        rig.deliver(a(1), a(2));
        rig.crash(a(1));
        elect_by(&mut rig, a(3), &[a(2)]);
        rig.settle();
        rig.decided(a(3), 1).len()
    };
    assert_eq!(schedule(None), 1);
    assert_eq!(schedule(Some(Planted::LeavesGaps)), 0);
}

#[test]
fn a_read_that_takes_no_place_misses_what_a_successor_decided() {
    assert_eq!(read_from_a_deposed_leader(with(None, 3)), None);
    assert_eq!(read_from_a_deposed_leader(with(Some(Planted::ReadsAlone), 3)), Some(Vec::new()));
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
    assert!(leads_on(None));
    assert!(!leads_on(Some(Planted::StandsUnasked)));
}

/// a2 has taken the lead from a1, which hears of that. Asking at once comes to nothing: the others hear a2.
#[test]
fn whoever_is_preempted_waits_before_it_asks_again() {
    let asks = |planted| {
        let mut rig = with(planted, 3);
        elect(&mut rig, a(1));
        rig.isolate(&[a(1)]);
        elect(&mut rig, a(2));
        rig.isolate(&[]);
        beat(&mut rig, a(1));
        assert!(rig.process(a(2)).is_leader() && !rig.process(a(1)).is_leader());
        assert!(rig.is_armed(a(1), &Timer::Election));
        matches!(rig.process(a(1)).standing, Standing::Canvasser { .. })
    };
    assert!(!asks(None));
    assert!(asks(Some(Planted::StandsAgainAtOnce)));
}
