//! The planted bugs that take a story, each on a schedule on which the sound protocol keeps its promise.

use super::reads::read_from_a_deposed_leader;
use super::*;
use crate::protocol::consensus::paxos::Planted;
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
