//! Planted bugs that hardly any plan of faults shows: on statements signed by hand, on which the sound protocol keeps
//! its promise.

use super::{Bft, Message, Record, Statement, Timer};
use crate::fact::{Decision, Phase, Slot, Value};
use crate::id::{Members, NodeId};
use crate::protocol::consensus::bft::{Certificate, Config, Durable, Lock, Planted, Proposal, Vote};
use crate::protocol::consensus::log::Index;
use crate::protocol::rig::a;
use crate::protocol::signed::Key;
use crate::protocol::{Effects, Event, Protocol};
use crate::time::Time;

const HEIGHT: Index = Index(1);

fn decision(value: &str) -> Decision {
    Decision { slot: Slot(0), value: Value::from(value) }
}

fn prevote(round: u64, value: &str) -> Vote {
    Vote { height: HEIGHT, round, phase: Phase::Prevote, choice: Some(decision(value)), reason: None }
}

/// What all but one member of four prevoted in a round.
fn valid(round: u64, value: &str) -> Certificate {
    let votes = [1, 2, 4].map(|member| Key::of(a(member)).sign(Statement::Vote(prevote(round, value))));
    Certificate { height: HEIGHT, round, phase: Phase::Prevote, decision: decision(value), votes: votes.into() }
}

/// One of four members, restarted with this record.
fn restarted(me: NodeId, record: Record, planted: Option<Planted>) -> Bft {
    let mut member = Bft::new(me, &Members::of(4), Config { planted, ..Config::default() });
    let disk = Durable { log: Vec::new(), record };
    member.step(Time::ZERO, Event::Start(Some(disk)), &mut Effects::default());
    member
}

fn hear(member: &mut Bft, from: NodeId, statement: Statement) {
    let message = Message::Said(Key::of(from).sign(statement));
    member.step(Time::ZERO, Event::Deliver { from, message }, &mut Effects::default());
}

/// Locked in round 2, it is shown in round 3 that another decision was valid in round 1.
#[test]
fn a_member_that_prevotes_of_any_earlier_round_free_votes_against_its_lock() {
    let vote = |planted, shown| {
        let locked = Some(Lock { round: 2, decision: decision("old") });
        let record = Record { round: 3, locked, valid: Some(valid(2, "old")), ..Record::default() };
        let mut member = restarted(a(2), record, planted);
        let proposal =
            Proposal { height: HEIGHT, round: 3, decision: decision("new"), valid: Some(valid(shown, "new")) };
        hear(&mut member, a(4), Statement::Propose(proposal));
        member.disk.record.prevote.expect("it votes at once").choice
    };
    assert_eq!(vote(None, 1), None);
    assert_eq!(vote(Some(Planted::UnlocksOnAnyRound), 1), Some(decision("new")));
    // What was valid in the round of the lock is no older than it.
    assert_eq!(vote(None, 2), Some(decision("new")));
}

/// It knew one decision to be valid in round 0, then another one in round 1, and proposes in round 2.
#[test]
fn a_proposer_that_keeps_what_was_valid_first_goes_back_behind_its_lock() {
    let proposed = |planted| {
        let (round, prevote_of_its) = (1, Some(prevote(1, "new")));
        let record = Record { round, prevote: prevote_of_its, valid: Some(valid(0, "old")), ..Record::default() };
        let mut member = restarted(a(3), record, planted);
        for voter in [a(1), a(2)] {
            hear(&mut member, voter, Statement::Vote(prevote(1, "new")));
        }
        member.step(Time::ZERO, Event::Fire(Timer::Precommit), &mut Effects::default());
        assert_eq!(member.disk.record.locked.as_ref().map(|lock| &lock.decision), Some(&decision("new")));
        member.disk.record.proposed
    };
    assert_eq!(proposed(None), Some(decision("new")));
    assert_eq!(proposed(Some(Planted::KeepsFirstValid)), Some(decision("old")));
}
