//! Handing leadership over (thesis §3.10).

use super::*;
use crate::protocol::consensus::raft::Message;
use crate::protocol::rig::a;
use crate::protocol::team::{Outcome, Request};

fn transfer(rig: &mut Rig<Raft>, leader: NodeId, op: u64, to: NodeId) {
    rig.request(leader, op, Request::Transfer { to });
}

fn led(size: u16) -> Rig<Raft> {
    let mut rig = team_with(size, unchecked());
    elect(&mut rig, a(1));
    beat(&mut rig, a(1));
    rig
}

#[test]
fn another_leads_at_once_though_everyone_hears_a_leader() {
    let mut rig = led(3);
    transfer(&mut rig, a(1), 50, a(3));
    rig.settle();
    assert!(rig.process(a(3)).is_leader() && !rig.process(a(1)).is_leader());
    assert_eq!((term(&rig, a(3)), rig.response(50)), (Term(2), Some(&Outcome::Done)));
}

#[test]
fn one_that_lags_gets_the_log_before_it_is_told_to_stand() {
    let mut rig = led(3);
    rig.isolate(&[a(3)]);
    decide(&mut rig, a(1), 0, "rollback");
    rig.isolate(&[]);
    transfer(&mut rig, a(1), 50, a(3));
    let told = |rig: &Rig<Raft>| rig.mail.iter().any(|letter| matches!(letter.message, Message::TimeoutNow { .. }));
    assert!(!told(&rig), "it would not win");
    beat(&mut rig, a(1));
    assert!(rig.process(a(3)).is_leader());
    assert_eq!(rig.process(a(3)).decisions(), rig.process(a(1)).decisions());
}

#[test]
fn a_leader_that_hands_over_takes_no_requests() {
    let mut rig = led(3);
    rig.isolate(&[a(3)]);
    transfer(&mut rig, a(1), 50, a(3));
    rig.invoke(a(1), 1, 0);
    transfer(&mut rig, a(1), 51, a(2));
    rig.request(a(1), 52, Request::Remove { member: a(2) });
    assert_eq!(rig.response(1), Some(&Outcome::Elsewhere { hint: Some(a(3)) }));
    for op in [51, 52] {
        assert_eq!(rig.response(op), Some(&Outcome::Elsewhere { hint: Some(a(1)) }), "operation {op}");
    }
    assert_eq!(rig.open_questions(a(1)), 0);
}

#[test]
fn after_an_election_timeout_it_leads_on() {
    let mut rig = led(3);
    rig.isolate(&[a(3)]);
    transfer(&mut rig, a(1), 50, a(3));
    rig.fire(a(1), Timer::Transfer);
    assert_eq!(rig.response(50), Some(&Outcome::Refused));
    assert!(rig.process(a(1)).is_leader());
    decide(&mut rig, a(1), 0, "rollback");
    assert_eq!(rig.decided(a(2), 0).len(), 1);
}

#[test]
fn only_another_voter_can_take_over() {
    let mut rig = led(3);
    transfer(&mut rig, a(1), 50, a(1));
    transfer(&mut rig, a(1), 51, a(9));
    assert_eq!([50, 51].map(|op| rig.response(op)), [Some(&Outcome::Refused), Some(&Outcome::Refused)]);
    transfer(&mut rig, a(2), 52, a(3));
    assert_eq!(rig.response(52), Some(&Outcome::Elsewhere { hint: Some(a(1)) }));
}

#[test]
fn a_late_call_to_stand_is_not_heeded() {
    let mut rig = led(3);
    rig.isolate(&[a(1)]);
    elect(&mut rig, a(2));
    rig.isolate(&[]);
    rig.hand(a(1), a(3), Message::TimeoutNow { term: Term(1) });
    assert_eq!(term(&rig, a(3)), Term(2));
    assert!(rig.mail.is_empty());
}
