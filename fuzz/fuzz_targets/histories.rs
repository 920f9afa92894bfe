//! Checkers of stores against brute force, on any small history that could have been recorded.

#![no_main]

#[path = "../../tests/consistency/brute.rs"]
mod brute;
#[path = "../../tests/consistency/models.rs"]
mod models;
#[path = "../../tests/consistency/record.rs"]
mod record;

use brute::Causal;
use libfuzzer_sys::fuzz_target;
use models::{Kind, Op, Said, perform};
use record::{Stamps, history};
use synod::call::{Call, Outcome};
use synod::check::Verdict;
use synod::check::consistency::{
    CausalConsistency, CausalConvergence, CausalMemory, CheckStore, Linearizable, PipelinedRam, SequentialConsistency,
    Sight,
};
use synod_fuzz::Bytes;

/// Brute force tries every order of them.
const MOST_OPS: u8 = 7;
const KINDS: [Kind; 6] = [Kind::Register, Kind::Log, Kind::Lease, Kind::Queue, Kind::Set, Kind::Board];

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = Bytes::of(bytes);
    if bytes.once_in(3) {
        causal_levels(&mut bytes);
    } else {
        orders(&mut bytes);
    }
});

/// Linearizability and sequential consistency of any object.
fn orders(bytes: &mut Bytes<'_>) {
    let kind = KINDS[usize::from(bytes.below(KINDS.len() as u8))];
    let ops = answered(kind, operations(calls(kind), bytes), bytes);
    let made = history(&ops, Stamps::None);
    let verdict = Linearizable::DEFAULT.check(&made);
    assert_eq!(held(&verdict), brute::linearizable(kind, &ops), "linearizable: {verdict:?} of {ops:#?}");
    let verdict = SequentialConsistency::DEFAULT.check(&made);
    assert_eq!(held(&verdict), brute::sequential(kind, &ops), "sequential: {verdict:?} of {ops:#?}");
}

/// The causal levels of registers whose values are each written once.
fn causal_levels(bytes: &mut Bytes<'_>) {
    let mut ops = operations(&[Call::Read, Call::Write], bytes);
    for (place, op) in ops.iter_mut().enumerate() {
        op.value = if op.call == Call::Write { 1 + place as u32 } else { 0 };
        if bytes.once_in(6) && op.call == Call::Write {
            (op.returned, op.outcome) = (None, Outcome::Open);
        }
    }
    for place in 0..ops.len() {
        let same = |op: &&Op| op.key == ops[place].key && op.call == Call::Write;
        let mut seen: Vec<u32> = ops.iter().filter(same).map(|op| op.value).collect();
        seen.push(0);
        ops[place].got = if ops[place].call == Call::Read { *bytes.pick(&seen) } else { 0 };
    }
    let brute = Causal::of(&ops);
    for stamps in [Stamps::None, Stamps::All] {
        let made = history(&ops, stamps);
        for sight in [Sight::Recorded, Sight::ValuesOnly] {
            let levels = [
                ("CC", held(&CausalConsistency { sight }.check(&made)), brute.cc()),
                ("CCv", held(&CausalConvergence { sight }.check(&made)), brute.ccv()),
                ("CM", held(&CausalMemory { sight, ..CausalMemory::DEFAULT }.check(&made)), brute.cm()),
                ("PRAM", held(&PipelinedRam { sight, ..PipelinedRam::DEFAULT }.check(&made)), brute.pram()),
            ];
            for (level, ours, theirs) in levels {
                assert_eq!(ours, theirs, "{level}, {stamps:?}, {sight:?} of {ops:#?}");
            }
        }
    }
}

fn calls(kind: Kind) -> &'static [Call] {
    match kind {
        Kind::Register => &[Call::Read, Call::Write, Call::Cas, Call::Remove],
        Kind::Log => &[Call::Read, Call::Append],
        Kind::Lease => &[Call::Acquire, Call::Release],
        Kind::Queue => &[Call::Enqueue, Call::Dequeue],
        Kind::Set => &[Call::Add, Call::Discard, Call::Contains],
        Kind::Board => &[Call::Post, Call::Claim, Call::Complete, Call::Abandon],
    }
}

/// Operations of up to three sessions on up to two keys. Each session's follow one another; all times differ.
fn operations(calls: &[Call], bytes: &mut Bytes<'_>) -> Vec<Op> {
    let mut free = [0u32; 3];
    let count = 2 + u32::from(bytes.below(MOST_OPS - 1));
    let one = |place: u32| {
        let session = u32::from(bytes.below(3));
        let invoked = free[session as usize] + 1 + u32::from(bytes.below(6));
        let returned = invoked + 1 + u32::from(bytes.below(18));
        free[session as usize] = returned;
        let call = *bytes.pick(calls);
        let value = if call.carries() { 1 + u32::from(bytes.below(2)) } else { 0 };
        let expected = if call == Call::Cas { u32::from(bytes.below(3)) } else { 0 };
        // Apart, and beginnings first where they were equal, so that what overlapped still does.
        let [invoked, returned] = [invoked * 32 + place, returned * 32 + 16 + place];
        let key = u32::from(bytes.once_in(4));
        let (outcome, got, list) = (Outcome::Ok, 0, None);
        Op { session, key, call, value, expected, outcome, got, list, invoked, returned: Some(returned) }
    };
    (0..count).map(one).collect()
}

/// Answers as an object gave them that took the operations in some order, one of them falsified now and then.
fn answered(kind: Kind, mut ops: Vec<Op>, bytes: &mut Bytes<'_>) -> Vec<Op> {
    let mut order: Vec<(u32, usize)> = ops.iter().enumerate().map(|(place, op)| (point(op, bytes), place)).collect();
    order.sort_unstable();
    let mut states = [Vec::new(), Vec::new()];
    for (_, place) in order {
        let op = &mut ops[place];
        match bytes.below(10) {
            0 => {
                (op.returned, op.outcome) = (None, Outcome::Open);
                continue;
            }
            1 => (op.returned, op.outcome) = (None, Outcome::Open),
            2 => {
                op.outcome = Outcome::Failed;
                continue;
            }
            _ => {}
        }
        let (said, after) = perform(kind, &states[op.key as usize], op);
        states[op.key as usize] = after;
        if op.outcome == Outcome::Ok {
            answer(op, said);
        }
    }
    if bytes.once_in(2) {
        let place = usize::from(bytes.below(ops.len() as u8));
        falsify(&mut ops[place], bytes);
    }
    ops
}

/// An instant between its ends.
fn point(op: &Op, bytes: &mut Bytes<'_>) -> u32 {
    let end = op.returned.expect("every operation ends at first");
    op.invoked + (end - op.invoked) * u32::from(bytes.below(4)) / 3
}

fn answer(op: &mut Op, said: Said) {
    match said {
        Said::Done => {}
        Said::No => op.outcome = Outcome::Refused,
        Said::Value(value) => op.got = value,
        Said::List(list) => op.list = Some(list),
    }
}

/// Another answer than the object gave, if it could have had another.
fn falsify(op: &mut Op, bytes: &mut Bytes<'_>) {
    match (&mut op.list, op.call, op.outcome) {
        (Some(list), _, Outcome::Ok) => list.push(1 + u32::from(bytes.below(2))),
        (None, Call::Read | Call::Dequeue, Outcome::Ok) => op.got = u32::from(bytes.below(3)),
        (None, call, Outcome::Ok) if call.refusable() => op.outcome = Outcome::Refused,
        (None, call, Outcome::Refused) if call != Call::Dequeue => op.outcome = Outcome::Ok,
        _ => {}
    }
}

fn held(verdict: &Verdict<impl std::fmt::Debug>) -> bool {
    match verdict {
        Verdict::Holds { .. } => true,
        Verdict::Violated(_) => false,
        Verdict::Unknown { limit } => panic!("undecided: {limit}"),
    }
}
