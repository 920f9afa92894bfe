//! Snapshots: taken, sent, installed, started from (§7; Figure 13).

use super::replication::{append, entry, reply};
use super::*;
use crate::fact::Value;
use crate::protocol::consensus::raft::{Appended, Install, Message, Position, Snapshot};
use crate::protocol::rig::a;

fn short() -> Config {
    Config { retained: 2, ..Config::default() }
}

/// A leader that decided slots 0 to 3 and replaced most of its log.
fn compacted() -> Rig<Raft> {
    let mut rig = team_with(3, short());
    elect(&mut rig, a(1));
    (0..4).for_each(|slot| decide(&mut rig, a(1), slot, "rollback"));
    rig
}

#[test]
fn what_was_applied_is_replaced_by_what_it_came_to() {
    let rig = compacted();
    for node in [a(1), a(2), a(3)] {
        let snapshot = &rig.disk(node).snapshot;
        let behind = rig.process(node).log().last().index.0 - snapshot.last.index.0;
        assert!(snapshot.last.index >= Index(4) && behind < 2, "{node}: {snapshot:?}");
        assert_eq!(snapshot.decisions.iter().count() as u64, snapshot.last.index.0 - 1, "all but the no-op");
    }
}

#[test]
fn a_member_starts_again_from_its_snapshot() {
    let mut rig = compacted();
    let last = rig.disk(a(3)).snapshot.last;
    rig.facts.clear();
    rig.restart(a(3));
    let restored = Fact::Restored { index: last.index.0, term: last.term.0 };
    assert_eq!(rig.facts_of(a(3))[..2], [&Fact::Recovered { term: 1 }, &restored]);
    beat(&mut rig, a(1));
    for slot in 0..4 {
        assert_eq!(rig.decided(a(3), slot), [&Value::from("rollback"), &Value::from("rollback")], "slot {slot}");
    }
    assert_eq!(rig.process(a(3)).decisions(), rig.process(a(1)).decisions());
}

#[test]
fn a_member_that_lags_behind_the_log_takes_the_snapshot_and_goes_on() {
    let mut rig = team_with(3, short());
    elect(&mut rig, a(1));
    rig.isolate(&[a(3)]);
    (0..4).for_each(|slot| decide(&mut rig, a(1), slot, "rollback"));
    rig.isolate(&[]);
    rig.lose_all();
    (0..2).for_each(|_| beat(&mut rig, a(1)));
    assert!(rig.facts_of(a(3)).iter().any(|fact| matches!(fact, Fact::Restored { .. })));
    decide(&mut rig, a(1), 4, "rollback");
    assert_eq!(rig.process(a(3)).decisions(), rig.process(a(1)).decisions());
    assert_eq!(rig.process(a(3)).log().last(), rig.process(a(1)).log().last());
}

fn install(term: u64, last: (u64, u64)) -> Message {
    let last = Position { index: Index(last.0), term: Term(last.1) };
    Message::Install(Install { term: Term(term), snapshot: Snapshot { last, ..Snapshot::default() }, round: 1 })
}

#[test]
fn what_follows_the_snapshot_stays_only_behind_its_own_last_entry() {
    for (own, kept) in [([1, 1, 1, 1], 2), ([1, 2, 2, 2], 0)] {
        let mut rig = team(3);
        let entries = own.map(|term| entry(term, "own")).to_vec();
        rig.hand(a(1), a(3), append(2, (0, 0), entries, 0));
        rig.take(a(3), a(1));
        rig.hand(a(2), a(3), install(3, (2, 1)));
        assert_eq!(reply(&mut rig, a(3), a(2)), Appended::UpTo(Index(2)));
        assert_eq!(terms(&rig, a(3)).len(), kept, "behind {own:?}");
        assert_eq!(rig.process(a(3)).commit(), Index(2));
    }
}

/// A member that is further on gets an old snapshot late. What it then holds.
pub(super) fn late_snapshot(mut rig: Rig<Raft>) -> u64 {
    let entries = [1, 1, 1, 1, 1, 1].map(|term| entry(term, "new")).to_vec();
    rig.hand(a(1), a(3), append(1, (0, 0), entries, 5));
    rig.hand(a(1), a(3), install(1, (2, 1)));
    rig.process(a(3)).log().last().index.0
}

#[test]
fn a_late_snapshot_takes_nothing_back() {
    let rig = team_with(3, short());
    assert_eq!(late_snapshot(rig), 6);
}

/// A message that begins before the snapshot arrives late. What the member then holds.
pub(super) fn late_entries(mut rig: Rig<Raft>) -> (u64, Appended) {
    let entries = [1, 1, 1, 1, 1, 1].map(|term| entry(term, "new")).to_vec();
    rig.hand(a(1), a(3), append(1, (0, 0), entries.clone(), 3));
    rig.take(a(3), a(1));
    rig.hand(a(1), a(3), append(1, (1, 1), entries[1..2].to_vec(), 1));
    let answer = reply(&mut rig, a(3), a(1));
    (rig.process(a(3)).log().last().index.0, answer)
}

#[test]
fn late_entries_of_what_the_snapshot_holds_are_no_conflict() {
    let (last, answer) = late_entries(team_with(3, short()));
    assert_eq!((last, answer), (6, Appended::UpTo(Index(3))));
}
