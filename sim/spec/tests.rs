//! Each object, asked by one after the other.

use super::*;

const ONE: SessionId = SessionId(1);
const TWO: SessionId = SessionId(2);

fn refused(turn: Turn<'static>) -> Turn<'static> {
    Turn { outcome: Outcome::Refused, ..turn }
}

fn open(turn: Turn<'static>) -> Turn<'static> {
    Turn { outcome: Outcome::Open, ..turn }
}

fn with(call: Call, value: u32) -> Turn<'static> {
    Turn { value: ValueId(value), ..Turn::of(ONE, call) }
}

fn got(call: Call, value: u32) -> Turn<'static> {
    Turn { reply: Reply::Value(ValueId(value)), ..Turn::of(ONE, call) }
}

fn listed(values: &'static [ValueId]) -> Turn<'static> {
    Turn { reply: Reply::List(values), ..Turn::of(ONE, Call::Read) }
}

/// How many turns the object goes along with.
fn accepts<S: Spec>(spec: &S, turns: &[Turn<'_>]) -> usize {
    let mut state = spec.initial();
    turns.iter().take_while(|turn| spec.step(&state, turn).map(|next| state = next).is_some()).count()
}

#[test]
fn a_register_returns_what_was_written_last() {
    assert_eq!(accepts(&Register, &[got(Call::Read, 0), with(Call::Write, 1), got(Call::Read, 1)]), 3);
    assert_eq!(accepts(&Register, &[with(Call::Write, 1), with(Call::Write, 2), got(Call::Read, 1)]), 2);
    assert_eq!(accepts(&Register, &[with(Call::Write, 1), Turn::of(ONE, Call::Remove), got(Call::Read, 0)]), 3);
}

#[test]
fn an_open_call_takes_effect_if_its_condition_holds_and_answers_anything() {
    let cas = |expected, value| Turn { expected: ValueId(expected), ..with(Call::Cas, value) };
    assert_eq!(accepts(&Register, &[open(cas(0, 5)), got(Call::Read, 5)]), 2);
    assert_eq!(accepts(&Register, &[open(cas(1, 5)), got(Call::Read, 0)]), 2);
    assert_eq!(accepts(&Register, &[cas(1, 5)]), 0);
    assert_eq!(accepts(&Register, &[refused(cas(1, 5)), refused(cas(0, 5))]), 1);
    assert_eq!(accepts(&Queue, &[open(Turn::of(ONE, Call::Dequeue)), with(Call::Enqueue, 1)]), 2);
}

#[test]
fn a_log_is_read_whole() {
    let appends = [with(Call::Append, 1), with(Call::Append, 2)];
    assert_eq!(accepts(&Log, &[appends[0], appends[1], listed(&[ValueId(1), ValueId(2)])]), 3);
    assert_eq!(accepts(&Log, &[appends[0], appends[1], listed(&[ValueId(2), ValueId(1)])]), 2);
    assert_eq!(accepts(&Log, &[got(Call::Read, 0), appends[0], got(Call::Read, 0)]), 2);
    assert_eq!(accepts(&Log, &[appends[0], with(Call::Write, 3), listed(&[ValueId(3)])]), 3);
}

#[test]
fn a_lease_has_one_holder() {
    let by = |session, call| Turn::of(session, call);
    let turns = [by(ONE, Call::Acquire), refused(by(TWO, Call::Acquire)), refused(by(TWO, Call::Release))];
    assert_eq!(accepts(&Lease, &turns), 3);
    assert_eq!(accepts(&Lease, &[turns[0], by(TWO, Call::Acquire)]), 1);
    assert_eq!(accepts(&Lease, &[turns[0], refused(by(ONE, Call::Release))]), 1);
    assert_eq!(accepts(&Lease, &[turns[0], by(ONE, Call::Release), by(TWO, Call::Acquire)]), 3);
}

#[test]
fn a_queue_gives_back_in_the_order_it_took() {
    let fill = [with(Call::Enqueue, 1), with(Call::Enqueue, 2)];
    assert_eq!(accepts(&Queue, &[fill[0], fill[1], got(Call::Dequeue, 1), got(Call::Dequeue, 2)]), 4);
    assert_eq!(accepts(&Queue, &[fill[0], fill[1], got(Call::Dequeue, 2)]), 2);
    assert_eq!(accepts(&Queue, &[refused(Turn::of(ONE, Call::Dequeue)), fill[0]]), 2);
    assert_eq!(accepts(&Queue, &[fill[0], refused(Turn::of(ONE, Call::Dequeue))]), 1);
}

#[test]
fn a_set_has_no_order_and_no_doubles() {
    let turns = [with(Call::Add, 2), with(Call::Add, 1), with(Call::Add, 2), listed(&[ValueId(2), ValueId(1)])];
    assert_eq!(accepts(&Set, &turns), 4);
    assert_eq!(accepts(&Set, &[turns[0], with(Call::Discard, 2), with(Call::Contains, 2)]), 2);
    assert_eq!(accepts(&Set, &[turns[0], with(Call::Contains, 2), refused(with(Call::Contains, 1))]), 3);
}

#[test]
fn a_task_is_claimed_by_one_and_done_once() {
    let by = |session, call| Turn::of(session, call);
    let start = [by(ONE, Call::Post), by(ONE, Call::Claim)];
    assert_eq!(accepts(&Board, &[start[0], start[1], by(ONE, Call::Complete), refused(by(TWO, Call::Claim))]), 4);
    assert_eq!(accepts(&Board, &[start[0], start[1], by(TWO, Call::Complete)]), 2);
    assert_eq!(accepts(&Board, &[start[0], start[1], by(ONE, Call::Abandon), by(TWO, Call::Claim)]), 4);
    assert_eq!(accepts(&Board, &[start[1]]), 0);
    assert_eq!(accepts(&Board, &[start[0], refused(start[0]), start[0]]), 2);
}

#[test]
fn what_certainly_failed_is_no_turn() {
    let failed = Turn { outcome: Outcome::Failed, ..Turn::of(ONE, Call::Acquire) };
    assert_eq!(accepts(&Lease, &[failed]), 0);
}
