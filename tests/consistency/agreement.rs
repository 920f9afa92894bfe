//! Linearizability and sequential consistency of small random histories: ours, brute force and Porcupine say the same.

use crate::draws::{Draws, cases};
use crate::models::{Kind, Op, Said, perform};
use crate::record::{Stamps, history};
use crate::{brute, porcupine};
use synod::call::{Call, Outcome};
use synod::check::Verdict;
use synod::check::consistency::{CheckStore, Linearizable, SequentialConsistency, Sight};

/// Small enough for brute force, large enough for four operations to contradict each other in any way.
const OPS: u64 = 7;

fn calls(kind: Kind) -> &'static [Call] {
    match kind {
        Kind::Register => &[Call::Read, Call::Read, Call::Write, Call::Cas, Call::Remove],
        Kind::Log => &[Call::Read, Call::Append],
        Kind::Lease => &[Call::Acquire, Call::Release],
        Kind::Queue => &[Call::Enqueue, Call::Dequeue],
        Kind::Set => &[Call::Add, Call::Discard, Call::Contains],
        Kind::Board => &[Call::Post, Call::Claim, Call::Claim, Call::Complete, Call::Abandon],
    }
}

/// What values are like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// A few, written again and again.
    Few,
    /// Each is written once.
    Unique,
}

/// A history that was made by an object, with answers falsified now and then.
fn random(kind: Kind, calls: &[Call], values: Values, draws: &mut Draws) -> Vec<Op> {
    let mut ops: Vec<Op> = Vec::new();
    let mut points: Vec<(u32, usize)> = Vec::new();
    let sessions = 2 + draws.below(2) as u32;
    let keys = if draws.once_in(4) { 2 } else { 1 };
    let mut free = vec![0u32; sessions as usize];
    for place in 0..2 + draws.below(OPS - 1) as usize {
        let session = draws.below(u64::from(sessions)) as u32;
        // Distinct times: three a place, and never two operations of a session at once.
        let invoked = free[session as usize] + 1 + draws.below(6) as u32;
        let point = invoked + 1 + draws.below(9) as u32;
        let returned = point + 1 + draws.below(9) as u32;
        free[session as usize] = returned;
        let call = *draws.pick(calls);
        let fresh = if values == Values::Unique { 1 + place as u32 } else { 1 + draws.below(2) as u32 };
        let (value, expected) = (if call.carries() { fresh } else { 0 }, draws.below(3) as u32);
        let expected = if call == Call::Cas { expected } else { 0 };
        let key = draws.below(keys) as u32;
        let (outcome, got, list) = (Outcome::Ok, 0, None);
        ops.push(Op { session, key, call, value, expected, outcome, got, list, invoked, returned: Some(returned) });
        points.push((point, place));
    }
    points.sort_unstable();
    let mut states = vec![Vec::new(); 2];
    for (_, place) in points {
        let op = &mut ops[place];
        // Some never end, and of those some never happen; a few failed for certain.
        let fate = draws.below(10);
        if fate < 2 {
            (op.returned, op.outcome) = (None, Outcome::Open);
        }
        if fate == 0 || fate == 9 {
            op.outcome = if fate == 9 { Outcome::Failed } else { Outcome::Open };
            continue;
        }
        let (said, after) = perform(kind, &states[op.key as usize], op);
        states[op.key as usize] = after;
        if op.outcome == Outcome::Ok {
            answer(op, said);
        }
    }
    if draws.once_in(2) {
        falsify(&mut ops, draws);
    }
    distinct(&mut ops);
    ops
}

fn answer(op: &mut Op, said: Said) {
    match said {
        Said::Done => {}
        Said::No => op.outcome = Outcome::Refused,
        Said::Value(value) => op.got = value,
        Said::List(list) => op.list = Some(list),
    }
}

/// Another answer than the object gave, to one that could have had another.
fn falsify(ops: &mut [Op], draws: &mut Draws) {
    let can = |op: &Op| match op.outcome {
        Outcome::Ok => op.call.refusable() || op.call == Call::Read,
        Outcome::Refused => op.call != Call::Dequeue,
        Outcome::Open | Outcome::Failed => false,
    };
    let places: Vec<usize> = (0..ops.len()).filter(|place| can(&ops[*place])).collect();
    if places.is_empty() {
        return;
    }
    let place = *draws.pick(&places);
    let written: Vec<u32> = ops.iter().map(|op| op.value).filter(|value| *value > 0).collect();
    let op = &mut ops[place];
    match (&mut op.list, op.call, op.outcome) {
        (Some(list), _, Outcome::Ok) if !list.is_empty() && draws.once_in(2) => {
            list.remove(draws.below(list.len() as u64) as usize);
        }
        (Some(list), _, Outcome::Ok) => list.extend(written.first()),
        (None, Call::Read | Call::Dequeue, Outcome::Ok) if !written.is_empty() => op.got = *draws.pick(&written),
        (None, call, Outcome::Ok) if call.refusable() => op.outcome = Outcome::Refused,
        (None, call, Outcome::Refused) if call != Call::Dequeue => op.outcome = Outcome::Ok,
        _ => {}
    }
}

/// Makes all times different, beginnings before ends where they were equal: that keeps what overlapped overlapping.
fn distinct(ops: &mut [Op]) {
    let mut times: Vec<(u32, bool, usize)> = Vec::new();
    for (place, op) in ops.iter().enumerate() {
        times.push((op.invoked, false, place));
        times.extend(op.returned.map(|at| (at, true, place)));
    }
    times.sort_unstable();
    for (at, (_, is_end, place)) in (0..).zip(times) {
        if is_end {
            ops[place].returned = Some(at);
        } else {
            ops[place].invoked = at;
        }
    }
}

fn held(verdict: &Verdict<impl std::fmt::Debug>) -> bool {
    match verdict {
        Verdict::Holds { .. } => true,
        Verdict::Violated(_) => false,
        Verdict::Unknown { limit } => panic!("undecided: {limit}"),
    }
}

/// Runs the cases of one model; both verdicts must come up often enough for agreement to mean something.
fn agree(kind: Kind, calls: &[Call], values: Values, stamps: &[Stamps]) {
    let (mut holds, mut fails, mut sequential) = (0, 0, 0);
    for seed in 0..cases() {
        let ops = random(kind, calls, values, &mut Draws::of(seed));
        let expected = brute::linearizable(kind, &ops);
        assert_eq!(porcupine::linearizable(kind, &ops), expected, "seed {seed}: Porcupine of {ops:#?}");
        let in_order = brute::sequential(kind, &ops);
        for stamps in stamps {
            let history = history(&ops, *stamps);
            let verdict = Linearizable::DEFAULT.check(&history);
            assert_eq!(held(&verdict), expected, "seed {seed}, {stamps:?}: {verdict:?} of {ops:#?}");
            let blind = Linearizable { sight: Sight::ValuesOnly, ..Linearizable::DEFAULT }.check(&history);
            assert_eq!(held(&blind), expected, "seed {seed}, {stamps:?}, values only: {blind:?} of {ops:#?}");
            let verdict = SequentialConsistency::DEFAULT.check(&history);
            assert_eq!(held(&verdict), in_order, "seed {seed}: {verdict:?} of {ops:#?}");
        }
        *(if expected { &mut holds } else { &mut fails }) += 1;
        sequential += u64::from(in_order);
        assert!(in_order || !expected, "seed {seed}: linearizable and not sequentially consistent");
    }
    let enough = cases() / 20;
    assert!(holds > enough && fails > enough, "{holds} linearizable, {fails} not: too few of one kind");
    assert!(sequential > holds, "sequential consistency is weaker, and no case shows it");
}

#[test]
fn registers_written_once_a_value() {
    agree(Kind::Register, &[Call::Read, Call::Write], Values::Unique, &[Stamps::None, Stamps::All]);
}

#[test]
fn registers_with_compare_and_set_and_removes() {
    agree(Kind::Register, calls(Kind::Register), Values::Few, &[Stamps::None]);
}

#[test]
fn logs() {
    agree(Kind::Log, calls(Kind::Log), Values::Unique, &[Stamps::None]);
}

#[test]
fn logs_with_the_same_value_twice() {
    agree(Kind::Log, calls(Kind::Log), Values::Few, &[Stamps::None]);
}

#[test]
fn leases() {
    agree(Kind::Lease, calls(Kind::Lease), Values::Few, &[Stamps::None]);
}

#[test]
fn queues() {
    agree(Kind::Queue, calls(Kind::Queue), Values::Unique, &[Stamps::None]);
}

#[test]
fn sets() {
    agree(Kind::Set, calls(Kind::Set), Values::Few, &[Stamps::None]);
}

#[test]
fn boards() {
    agree(Kind::Board, calls(Kind::Board), Values::Few, &[Stamps::None]);
}
