//! Reads and answers: whom they ask, what they wait for, and what each planted mistake costs.

use super::{approve_all_losing, decide, four, reach, slots, tells_of_the_log};
use crate::fact::Phase;
use crate::protocol::consensus::bft::{Bft, Config, Message, Planted, Statement, Timer, Vote};
use crate::protocol::rig::{Rig, a};
use crate::protocol::team::{Outcome, Request};

/// The slots that a read told, in order.
fn told(rig: &Rig<Bft>, op: u64) -> Option<Vec<u64>> {
    match rig.response(op)? {
        Outcome::Log { decisions } => Some(decisions.iter().map(|decision| decision.slot.0).collect()),
        other => panic!("{other:?} is no log"),
    }
}

#[test]
fn a_read_tells_the_log_in_order_at_any_member() {
    let mut rig = four();
    decide(&mut rig, a(1), a(1), 1, 7, "rollback");
    decide(&mut rig, a(3), a(2), 2, 2, "restart");
    for (op, node) in (10..).zip(1..=4) {
        rig.request(a(node), op, Request::Read);
        assert_eq!(told(&rig, op), None, "nobody answers alone");
        rig.settle();
        assert_eq!(told(&rig, op), Some(vec![7, 2]));
    }
}

#[test]
fn a_read_at_a_member_that_was_away_waits_until_it_knows_what_others_answered() {
    let mut rig = four();
    rig.isolate(&[a(4)]);
    decide(&mut rig, a(1), a(1), 1, 0, "rollback");
    rig.isolate(&[]);
    rig.request(a(4), 10, Request::Read);
    // Their answers overtake their proofs.
    rig.mail.retain(|letter| letter.from == a(4));
    rig.settle();
    assert_eq!(slots(&rig, a(4)), [0]);
    assert_eq!(told(&rig, 10), Some(vec![0]));
}

#[test]
fn answers_beyond_the_own_log_make_no_quorum() {
    let mut rig = four();
    rig.isolate(&[a(4)]);
    decide(&mut rig, a(1), a(1), 1, 0, "rollback");
    rig.request(a(4), 10, Request::Read);
    rig.lose_all();
    for member in [a(1), a(2), a(3)] {
        let answer = reach(&rig, member, 10, 2);
        rig.hand(member, a(4), answer);
    }
    assert_eq!(told(&rig, 10), None, "a4 lacks what all three hold");
    let mut rash = planted(Planted::ReadsWithoutWaiting);
    rash.request(a(4), 10, Request::Read);
    for member in [a(1), a(2), a(3)] {
        let answer = reach(&rash, member, 10, 2);
        rash.hand(member, a(4), answer);
    }
    assert_eq!(told(&rash, 10), Some(vec![]));
}

/// One liar boasts; the three correct members are a quorum that covers what they say.
#[test]
fn a_boast_holds_up_no_read() {
    let mut rig = four();
    decide(&mut rig, a(1), a(1), 1, 0, "rollback");
    rig.request(a(4), 10, Request::Read);
    let boast = reach(&rig, a(1), 10, 900);
    rig.hand(a(1), a(4), boast);
    rig.take(a(4), a(1));
    rig.settle();
    assert_eq!(told(&rig, 10), Some(vec![0]));
}

/// A team in which this mistake is made.
fn planted(bug: Planted) -> Rig<Bft> {
    let config = Config { planted: Some(bug), ..Config::default() };
    Rig::of(4, move |me, members| Bft::new(me, members, config.clone()))
}

/// Every member decides, and nobody hears so of another.
fn decide_unheard(rig: &mut Rig<Bft>) {
    rig.invoke(a(1), 1, 0);
    rig.propose(a(1), "rollback");
    approve_all_losing(rig, tells_of_the_log);
    assert_eq!(slots(rig, a(1)), [0]);
}

#[test]
fn a_client_hears_of_a_decision_once_a_quorum_says_that_it_holds_it() {
    let mut rig = four();
    decide_unheard(&mut rig);
    assert_eq!(rig.response(1), None);
    rig.fire(a(1), Timer::Beat);
    rig.settle();
    assert!(matches!(rig.response(1), Some(Outcome::Decided { .. })), "{:?}", rig.response(1));
    let mut rash = planted(Planted::AnswersAlone);
    decide_unheard(&mut rash);
    assert!(rash.response(1).is_some());
}

/// The first member alone decides slot 1, after all have decided slot 0; then it is asked to read.
fn read_ahead_of_others(rig: &mut Rig<Bft>) {
    decide(rig, a(1), a(1), 1, 0, "rollback");
    rig.invoke(a(1), 2, 1);
    rig.settle();
    rig.propose(a(2), "restart");
    let precommits = |message: &Message| match message {
        Message::Said(signed) => matches!(signed.statement(), Statement::Vote(Vote { phase: Phase::Precommit, .. })),
        Message::Proof(_) => false,
    };
    approve_all_losing(rig, |letter| letter.to != a(1) && (precommits(&letter.message) || tells_of_the_log(letter)));
    assert_eq!((slots(rig, a(1)), slots(rig, a(2))), (vec![0, 1], vec![0]));
    rig.request(a(1), 10, Request::Read);
}

/// What one member alone holds could be missing from the next read.
#[test]
fn a_read_tells_no_more_than_a_quorum_holds() {
    let mut rig = four();
    read_ahead_of_others(&mut rig);
    for member in [a(2), a(3), a(4)] {
        let answer = reach(&rig, member, 10, 2);
        rig.hand(member, a(1), answer);
    }
    assert_eq!(told(&rig, 10), Some(vec![0]));
    let mut rash = planted(Planted::ReadsAlone);
    read_ahead_of_others(&mut rash);
    assert_eq!(told(&rash, 10), Some(vec![0, 1]));
}
