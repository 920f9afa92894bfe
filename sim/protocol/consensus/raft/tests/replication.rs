//! Logs: repaired, committed and applied by the paper's rules.

use super::*;
use crate::fact::{Slot, Value};
use crate::protocol::consensus::raft::{Append, Appended, Command, Entry, Message, Position};
use crate::protocol::rig::a;

pub(super) fn entry(term: u64, text: &str) -> Entry {
    Entry { term: Term(term), command: Command::Decide { slot: Slot(term), value: Value::from(text) } }
}

pub(super) fn append(term: u64, prev: (u64, u64), entries: Vec<Entry>, commit: u64) -> Message {
    let prev = Position { index: Index(prev.0), term: Term(prev.1) };
    Message::Append(Append { term: Term(term), prev, entries, commit: Index(commit), round: 1 })
}

pub(super) fn reply(rig: &mut Rig<Raft>, from: NodeId, to: NodeId) -> Appended {
    match rig.take(from, to).pop().map(|letter| letter.message) {
        Some(Message::AppendReply { result, .. }) => result,
        other => panic!("{from} answered {other:?}"),
    }
}

#[test]
fn everyone_decides_the_proposers_bytes() {
    let mut rig = team(5);
    elect(&mut rig, a(1));
    decide(&mut rig, a(1), 0, "rollback");
    for node in (1..=5).map(a) {
        assert_eq!(rig.decided(node, 0), [&Value::from("rollback")], "{node}");
    }
    assert!(matches!(rig.response(100), Some(crate::protocol::team::Outcome::Decided { .. })));
}

#[test]
fn a_divergent_tail_is_repaired_a_term_at_a_time() {
    let mut rig = team(3);
    // a3 followed leaders of terms 2 and 3 that nobody else heard of; a1 and a2 went on in terms 1 and 4.
    let tail = |terms: &[u64], text| terms.iter().map(|term| entry(*term, text)).collect::<Vec<_>>();
    let lost = [tail(&[1], "shared"), tail(&[2, 2, 2, 3, 3], "lost")].concat();
    let kept = [tail(&[1], "shared"), tail(&[1, 4], "kept")].concat();
    rig.hand(a(2), a(3), append(3, (0, 0), lost, 0));
    rig.hand(a(3), a(1), append(4, (0, 0), kept.clone(), 0));
    rig.hand(a(3), a(2), append(4, (0, 0), kept, 0));
    rig.lose_all();
    rig.facts.clear();
    elect(&mut rig, a(1));
    assert_eq!(terms(&rig, a(3)), [1, 1, 4, 5]);
    assert_eq!(rig.process(a(3)).log(), rig.process(a(1)).log());
    assert!(rig.facts_of(a(3)).contains(&&Fact::Truncated { from: 2 }));
}

#[test]
fn a_refusal_skips_the_whole_conflicting_term() {
    let mut rig = team(3);
    let tail = [1, 2, 2, 2, 2].map(|term| entry(term, "tail")).to_vec();
    rig.hand(a(1), a(3), append(2, (0, 0), tail, 0));
    rig.take(a(3), a(1));
    rig.hand(a(2), a(3), append(3, (5, 3), Vec::new(), 0));
    let Appended::Refused { prev, conflict } = reply(&mut rig, a(3), a(2)) else { panic!("not refused") };
    assert_eq!((prev, conflict.term, conflict.index), (Index(5), Some(Term(2)), Index(2)));
}

#[test]
fn a_heartbeat_neither_confirms_nor_commits_what_it_did_not_show() {
    let mut rig = team(3);
    let own = [1, 2, 2].map(|term| entry(term, "divergent")).to_vec();
    rig.hand(a(1), a(3), append(2, (0, 0), own, 0));
    rig.take(a(3), a(1));
    // The new leader's log agrees up to index 1; it has committed three entries of its own.
    rig.hand(a(2), a(3), append(3, (1, 1), Vec::new(), 3));
    assert_eq!(reply(&mut rig, a(3), a(2)), Appended::UpTo(Index(1)));
    assert_eq!(rig.process(a(3)).commit(), Index(1));
}

#[test]
fn a_late_message_removes_nothing_that_a_newer_one_brought() {
    let mut rig = team(3);
    let entries = [1, 1, 1].map(|term| entry(term, "new")).to_vec();
    rig.hand(a(1), a(3), append(1, (0, 0), entries.clone(), 0));
    rig.hand(a(1), a(3), append(1, (0, 0), entries[..1].to_vec(), 0));
    assert_eq!(terms(&rig, a(3)), [1, 1, 1]);
    assert!(!rig.facts_of(a(3)).iter().any(|fact| matches!(fact, Fact::Truncated { .. })));
}

#[test]
fn late_and_foreign_answers_never_move_the_commit_index() {
    let mut rig = team_with(5, unchecked());
    elect(&mut rig, a(1));
    rig.invoke(a(1), 1, 0);
    rig.propose(a(1), "rollback");
    rig.lose_all();
    // Answers of an earlier term claim that everyone has everything (R16).
    for node in [a(2), a(3), a(4)] {
        rig.hand(node, a(1), Message::AppendReply { term: Term(0), round: 1, result: Appended::UpTo(Index(2)) });
    }
    assert_eq!(rig.process(a(1)).commit(), Index(1));
    // One follower's answers come in the wrong order, which loses nothing (R15), and twice, which gains nothing.
    for index in [2, 1, 2] {
        rig.hand(a(2), a(1), Message::AppendReply { term: Term(1), round: 1, result: Appended::UpTo(Index(index)) });
    }
    assert_eq!(rig.process(a(1)).commit(), Index(1));
    rig.hand(a(3), a(1), Message::AppendReply { term: Term(1), round: 1, result: Appended::UpTo(Index(2)) });
    assert_eq!(rig.process(a(1)).commit(), Index(2));
}

#[test]
fn an_append_of_a_lower_term_is_refused_and_teaches_its_sender() {
    let mut rig = team(3);
    elect(&mut rig, a(1));
    rig.isolate(&[a(1)]);
    elect(&mut rig, a(2));
    rig.isolate(&[]);
    beat(&mut rig, a(1));
    assert!(!rig.process(a(1)).is_leader());
    assert_eq!(term(&rig, a(1)), Term(2));
}

#[test]
fn a_restarted_member_reports_what_survived_and_decides_the_same_again() {
    let mut rig = team(3);
    elect(&mut rig, a(1));
    decide(&mut rig, a(1), 0, "rollback");
    rig.facts.clear();
    rig.restart(a(3));
    let command = Value::from("rollback").digest_word();
    let expected = [
        Fact::Recovered { term: 1 },
        Fact::Appended { index: 1, term: 1, command: super::super::NOOP },
        Fact::Appended { index: 2, term: 1, command },
    ];
    assert_eq!(rig.facts_of(a(3)), expected.iter().collect::<Vec<_>>());
    beat(&mut rig, a(1));
    assert_eq!(rig.decided(a(3), 0), [&Value::from("rollback"), &Value::from("rollback")]);
}

#[test]
fn a_member_whose_disk_is_full_halts_before_it_says_anything() {
    let mut rig = team(3);
    rig.fill_disk(a(3));
    rig.lose_all();
    rig.hand(a(1), a(3), Message::RequestVote { term: Term(1), last: Position::ORIGIN });
    assert!(rig.halted.contains(&a(3)));
    assert!(rig.mail.is_empty() && rig.facts_of(a(3)).is_empty());
}

#[test]
fn a_slot_is_decided_by_its_first_entry() {
    let mut rig = team(3);
    let twice = [entry(1, "first"), entry(1, "second")].to_vec();
    rig.hand(a(1), a(3), append(1, (0, 0), twice, 2));
    assert_eq!(rig.decided(a(3), 1), [&Value::from("first")]);
}

#[test]
fn what_was_not_acknowledged_goes_out_with_the_next_heartbeat() {
    let mut rig = team_with(3, unchecked());
    elect(&mut rig, a(1));
    rig.invoke(a(1), 1, 0);
    rig.propose(a(1), "rollback");
    rig.lose_all();
    beat(&mut rig, a(1));
    assert_eq!(rig.decided(a(1), 0), [&Value::from("rollback")]);
}
