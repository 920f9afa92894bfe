//! Causal consistency of small random histories: ours and the definitions say the same, and the levels stand in order.

use crate::brute::{self, Causal};
use crate::draws::{Draws, cases};
use crate::models::{Kind, Op};
use crate::record::{Stamps, history};
use synod::call::{Call, Outcome};
use synod::check::Verdict;
use synod::check::consistency::{
    CausalConsistency, CausalConvergence, CausalMemory, CheckStore, Guarantee, Linearizable, PipelinedRam,
    SequentialConsistency, SessionGuarantee, Sight,
};
use synod::history::store::StoreHistory;

/// Small enough for the definitions, which try every order.
const OPS: u64 = 8;

/// Reads and writes of a store whose replicas exchange writes now and then, or of no store at all.
fn random(draws: &mut Draws) -> Vec<Op> {
    let (sessions, keys) = (2 + draws.below(2), 1 + draws.below(2));
    let replicated = draws.once_in(2);
    let mut replicas: Vec<Vec<u32>> = vec![vec![0; keys as usize]; sessions as usize];
    let mut ops: Vec<Op> = Vec::new();
    let mut given_up: Vec<usize> = Vec::new();
    for place in 0..3 + draws.below(OPS - 2) as usize {
        let (session, key) = (draws.below(sessions) as usize, draws.below(keys) as usize);
        let other = draws.below(sessions) as usize;
        if replicated && draws.once_in(3) {
            // The higher value is the newer one: last writer wins.
            let theirs = replicas[other].clone();
            replicas[session].iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine = (*mine).max(theirs));
        }
        let at = 2 * place as u32;
        let reads = draws.once_in(2);
        let mut op = Op {
            session: session as u32,
            key: key as u32,
            call: if reads { Call::Read } else { Call::Write },
            value: if reads { 0 } else { 1 + place as u32 },
            expected: 0,
            outcome: Outcome::Ok,
            got: 0,
            list: None,
            invoked: at,
            returned: Some(at + 1),
        };
        if reads {
            let written: Vec<u32> = ops.iter().filter(|op| op.key == key as u32).map(|op| op.value).collect();
            let anything = if written.is_empty() || draws.once_in(4) { 0 } else { *draws.pick(&written) };
            op.got = if replicated { replicas[session][key] } else { anything };
        } else if draws.once_in(6) {
            // Given up, and yet it may show.
            (op.returned, op.outcome) = (None, Outcome::Open);
            given_up.push(place);
        } else if draws.once_in(12) {
            op.outcome = Outcome::Failed;
        } else {
            replicas[session][key] = op.value;
        }
        ops.push(op);
    }
    if draws.once_in(3) {
        // A read of what comes later.
        let place = draws.below(ops.len() as u64) as usize;
        let written: Vec<u32> =
            ops.iter().filter(|op| op.key == ops[place].key && op.value > 0).map(|op| op.value).collect();
        if ops[place].call == Call::Read && !written.is_empty() {
            ops[place].got = *draws.pick(&written);
        }
    }
    ops
}

fn held(verdict: &Verdict<impl std::fmt::Debug>) -> bool {
    match verdict {
        Verdict::Holds { .. } => true,
        Verdict::Violated(_) => false,
        Verdict::Unknown { limit } => panic!("undecided: {limit}"),
    }
}

fn agree(name: &str, ours: impl Fn(&StoreHistory, Sight) -> bool, theirs: impl Fn(&[Op]) -> bool) {
    let (mut holds, mut fails) = (0, 0);
    for seed in 0..cases() {
        let ops = random(&mut Draws::of(seed));
        let expected = theirs(&ops);
        for stamps in [Stamps::None, Stamps::All] {
            let history = history(&ops, stamps);
            for sight in [Sight::Recorded, Sight::ValuesOnly] {
                assert_eq!(ours(&history, sight), expected, "{name}, seed {seed}, {stamps:?}, {sight:?}: {ops:#?}");
            }
        }
        *(if expected { &mut holds } else { &mut fails }) += 1;
    }
    let enough = cases() / 20;
    assert!(holds > enough && fails > enough, "{name}: {holds} hold, {fails} do not: too few of one kind");
}

#[test]
fn causal_consistency_is_its_definition() {
    agree("CC", |history, sight| held(&CausalConsistency { sight }.check(history)), |ops| Causal::of(ops).cc());
}

#[test]
fn causal_convergence_is_its_definition() {
    agree("CCv", |history, sight| held(&CausalConvergence { sight }.check(history)), |ops| Causal::of(ops).ccv());
}

#[test]
fn causal_memory_is_its_definition() {
    let ours = |history: &StoreHistory, sight| held(&CausalMemory { sight, ..CausalMemory::DEFAULT }.check(history));
    agree("CM", ours, |ops| Causal::of(ops).cm());
}

#[test]
fn pipelined_ram_is_its_definition() {
    let ours = |history: &StoreHistory, sight| held(&PipelinedRam { sight, ..PipelinedRam::DEFAULT }.check(history));
    agree("PRAM", ours, |ops| Causal::of(ops).pram());
}

/// linearizable ⇒ sequential ⇒ CCv and CM ⇒ CC ⇒ session guarantees, and CM ⇒ PRAM.
#[test]
fn the_levels_stand_in_order() {
    let mut strict = [0; 7];
    for seed in 0..cases() {
        let ops = random(&mut Draws::of(seed));
        let history = history(&ops, Stamps::None);
        let sessions = [
            Guarantee::ReadYourWrites,
            Guarantee::MonotonicReads,
            Guarantee::MonotonicWrites,
            Guarantee::WritesFollowReads,
        ];
        // A copy knows nothing of what was found before; where CC is known to hold, nobody looks again.
        let alone = sessions.map(|guarantee| SessionGuarantee::of(guarantee).check(&history.clone()));
        let levels = [
            held(&Linearizable::DEFAULT.check(&history)),
            held(&SequentialConsistency::DEFAULT.check(&history)),
            held(&CausalConvergence::default().check(&history)),
            held(&CausalMemory::DEFAULT.check(&history)),
            held(&CausalConsistency::default().check(&history)),
            held(&PipelinedRam::DEFAULT.check(&history)),
            alone.iter().all(|verdict| matches!(verdict, Verdict::Holds { .. })),
        ];
        assert_eq!(sessions.map(|guarantee| SessionGuarantee::of(guarantee).check(&history)), alone, "seed {seed}");
        assert_eq!(levels[1], brute::sequential(Kind::Register, &ops), "seed {seed}");
        let implies = [(0, 1), (1, 2), (1, 3), (2, 4), (3, 4), (4, 6), (3, 5)];
        for (stronger, weaker) in implies {
            assert!(!levels[stronger] || levels[weaker], "seed {seed}: {stronger} holds, {weaker} does not: {ops:#?}");
            strict[stronger] += u64::from(levels[weaker] && !levels[stronger]);
        }
    }
    assert!([0, 1, 2, 3, 4].iter().all(|level| strict[*level] > 0), "no case tells two levels apart: {strict:?}");
}
