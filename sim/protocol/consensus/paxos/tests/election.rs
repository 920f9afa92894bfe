//! Promises, ballots, duels.

use super::*;
use crate::protocol::consensus::paxos::{Ballot, Quorums, Visibility, Welcome};
use crate::protocol::rig::a;
use crate::protocol::{Effect, Effects, Event, Protocol};

#[test]
fn a_ballot_is_never_used_twice_even_by_a_member_that_restarts() {
    let mut rig = team(3);
    let mut ballots = Vec::new();
    for _ in 0..4 {
        elect(&mut rig, a(1));
        ballots.push(rig.process(a(1)).promised());
        rig.restart(a(1));
    }
    assert!(ballots.windows(2).all(|pair| pair[0] < pair[1]), "{ballots:?}");
}

#[test]
fn an_acceptor_keeps_its_promise_across_a_restart() {
    let mut rig = team(3);
    elect_by(&mut rig, a(1), &[a(3)]);
    let old = rig.process(a(1)).promised();
    elect_by(&mut rig, a(2), &[a(3)]);
    rig.lose_all();
    rig.restart(a(3));
    rig.hand(a(1), a(3), Message::Accept { ballot: old, entries: Vec::new(), chosen: Index::ORIGIN });
    let answers: Vec<Message> = rig.take(a(3), a(1)).into_iter().map(|letter| letter.message).collect();
    assert_eq!(answers, [Message::Preempted { promised: rig.process(a(2)).promised() }]);
}

#[test]
fn whoever_hears_a_leader_welcomes_nobody_and_changes_nothing() {
    let mut rig = team(3);
    elect(&mut rig, a(1));
    let before = rig.process(a(1)).promised();
    rig.fire(a(3), Timer::Election);
    rig.settle();
    assert!(rig.process(a(1)).is_leader() && !rig.process(a(3)).is_leader());
    assert_eq!(rig.process(a(3)).promised(), before);
}

#[test]
fn a_preempted_leader_stops_leading_and_its_next_ballot_is_higher() {
    let mut rig = team(3);
    elect(&mut rig, a(1));
    rig.invoke(a(1), 1, 0);
    rig.hand(a(2), a(1), Message::Preempted { promised: Ballot(100) });
    assert!(!rig.process(a(1)).is_leader() && rig.response(1).is_some());
    elect(&mut rig, a(1));
    assert!(rig.process(a(1)).promised() > Ballot(100));
}

#[test]
fn a_welcome_to_an_earlier_question_does_not_count() {
    let mut rig = team(5);
    elect(&mut rig, a(2));
    rig.pass(seconds(10));
    rig.isolate(&[a(1)]);
    rig.fire(a(1), Timer::Election);
    rig.settle();
    for from in [a(2), a(3), a(4)] {
        let stale = Message::CanvassReply { asked: Ballot::NONE, promised: Ballot(6), welcome: Welcome::Yes };
        rig.hand(from, a(1), stale);
    }
    assert_eq!(rig.process(a(1)).promised(), rig.process(a(2)).promised());
}

#[test]
fn flexible_quorums_elect_by_many_and_choose_by_few() {
    let config = Config { quorums: Quorums::Sized { promises: 3, votes: 2 }, ..unchecked() };
    let mut rig = team_with(4, config);
    elect_by(&mut rig, a(1), &[a(2), a(3)]);
    rig.lose_all();
    rig.invoke(a(1), 1, 0);
    rig.propose(a(1), "rollback");
    rig.deliver(a(1), a(2));
    rig.deliver(a(2), a(1));
    assert_eq!(rig.decided(a(1), 0).len(), 1, "two votes of four choose");
}

#[test]
#[should_panic(expected = "2 promises and 2 votes need not meet among 4 members")]
fn quorums_that_may_miss_each_other_are_refused() {
    team_with(4, Config { quorums: Quorums::Sized { promises: 2, votes: 2 }, ..Config::default() });
}

#[test]
fn a_promise_is_written_before_it_is_sent_unless_that_rule_is_off() {
    for (visibility, durable_first) in [(Visibility::DurableFirst, true), (Visibility::SentFirst, false)] {
        let team = crate::id::Members::of(3);
        let mut paxos = Paxos::new(a(3), &team, Config { visibility, ..Config::default() });
        let mut effects = Effects::default();
        let message = Message::Prepare { ballot: Ballot(3), from: Index(1) };
        paxos.step(crate::time::Time::ZERO, Event::Deliver { from: a(1), message }, &mut effects);
        let effects: Vec<_> = effects.drain().collect();
        let write = effects.iter().position(|effect| matches!(effect, Effect::Persist(_))).expect("a write");
        let reply = effects.iter().position(|effect| matches!(effect, Effect::Send { .. })).expect("a reply");
        assert_eq!(write < reply, durable_first, "{visibility:?}");
    }
}
