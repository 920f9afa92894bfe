//! What judging a shared store costs: linearizability and causal consistency, with porcupine-rs beside them.
//!
//! Asserts what is promised of one core: linearizability of registers at 3 M operations/s, however many clients there
//! are, causal consistency and convergence at .5 M. The yardstick is the thread's own time, so that a busy machine
//! stretches nothing.

mod support;
#[path = "../tests/support/workloads.rs"]
mod workloads;

use criterion::{Criterion, Throughput};
use porcupine_rs::{Model, Operation};
use std::hint::black_box;
use support::cpu::CpuTime;
use synod::call::Call;
use synod::check::Verdict;
use synod::check::consistency::{CausalConsistency, CausalConvergence, CausalMemory, CheckStore, Linearizable};
use synod::history::store::{Answer, StoreHistory};
use workloads::{causal, lin};

/// Operations a second that linearizability of registers is promised at, and causal consistency.
const LINEARIZED: f64 = 3e6;
const CAUSAL: f64 = 5e5;
/// How much longer a history of 200 clients may take than one of 10: nothing, but for caches and noise.
const FLAT: f64 = 1.5;

fn main() {
    promised();
    let mut criterion = support::criterion();
    for (count, clients, keys) in [
        (100_000, 10, 100),
        (100_000, 50, 100),
        (100_000, 200, 100),
        (1_000_000, 10, 100),
        (1_000_000, 200, 100),
        (100_000, 10, 1),
    ] {
        let history = lin(count, clients, keys);
        measure(&mut criterion, &format!("lin/n={count},c={clients},K={keys}"), &Linearizable::DEFAULT, &history);
    }
    // Beside it, where it ends in seconds: its cost doubles with every client more on one key.
    let history = lin(100_000, 10, 100);
    let theirs = translate(&history);
    let mut group = criterion.benchmark_group("porcupine-rs");
    group.throughput(Throughput::Elements(100_000)).sample_size(10);
    group.bench_function("lin/n=100000,c=10,K=100", |bencher| {
        bencher.iter(|| assert!(porcupine_rs::check_operations::<Register>(black_box(&theirs))));
    });
    group.finish();
    for (count, replicas) in [(10_000, 20), (100_000, 20), (1_000_000, 20)] {
        let history = causal(count, replicas, 1_000);
        let name = format!("causal/n={count},k={replicas}");
        measure(&mut criterion, &format!("{name}/cc"), &CausalConsistency::default(), &history);
        measure(&mut criterion, &format!("{name}/ccv"), &CausalConvergence::default(), &history);
    }
    let history = causal(10_000, 20, 1_000);
    measure(&mut criterion, "causal/n=10000,k=20/cm", &CausalMemory::DEFAULT, &history);
    criterion.final_summary();
}

/// Holds the figures against what is promised.
fn promised() {
    for count in [100_000, 1_000_000] {
        let [few, many] = [10, 200].map(|clients| {
            let name = format!("lin/n={count},c={clients},K=100");
            rate(&name, &Linearizable::DEFAULT, &lin(count, clients, 100), LINEARIZED)
        });
        assert!(few <= many * FLAT, "200 clients: {many:.0} operations/s, 10 clients: {few:.0}");
    }
    let history = causal(100_000, 20, 1_000);
    rate("causal/n=100000,k=20/cc", &CausalConsistency::default(), &history, CAUSAL);
    rate("causal/n=100000,k=20/ccv", &CausalConvergence::default(), &history, CAUSAL);
}

/// Operations a second of this thread's time, the median of some passes.
fn rate(name: &str, check: &dyn CheckStore, history: &StoreHistory, floor: f64) -> f64 {
    let pass = || {
        CpuTime::of(|| {
            let verdict = check.check(black_box(history));
            assert!(matches!(verdict, Verdict::Holds { .. }), "{name}: {verdict:?}");
        })
    };
    let mut spent: Vec<u64> = (0..7).map(|_| pass()).collect();
    spent.sort_unstable();
    let rate = history.operations().len() as f64 / spent[spent.len() / 2] as f64 * 1e9;
    println!("{name}: {:.2} M operations/s, {:.1} M promised", rate / 1e6, floor / 1e6);
    assert!(rate >= floor, "{name}: {rate:.0} operations/s are fewer than {floor:.0}");
    rate
}

fn measure(criterion: &mut Criterion, name: &str, check: &dyn CheckStore, history: &StoreHistory) {
    // What a replicated store keeps need not be causal memory: then it is the refutation that is measured.
    let verdict = check.check(history);
    assert!(!matches!(verdict, Verdict::Unknown { .. }), "{name}: {verdict:?}");
    let mut group = criterion.benchmark_group("check");
    group.throughput(Throughput::Elements(history.operations().len() as u64)).sample_size(10);
    group.bench_function(name, |bencher| bencher.iter(|| check.check(black_box(history))));
    group.finish();
}

#[derive(Clone, Debug)]
struct Register;

#[derive(Clone, Copy, Debug)]
struct Asked {
    key: u32,
    writes: Option<u32>,
    got: u32,
}

impl Model for Register {
    type State = u32;
    type Op = Asked;
    type Metadata = ();

    fn init() -> u32 {
        0
    }

    fn step(state: &u32, asked: &Asked) -> (bool, u32) {
        asked.writes.map_or((*state == asked.got, *state), |value| (true, value))
    }

    fn partition_operations(history: &[Operation<Self>]) -> Vec<Vec<Operation<Self>>> {
        let keys = history.iter().map(|operation| operation.op.key).max().map_or(0, |key| key as usize + 1);
        let mut parts = vec![Vec::new(); keys];
        for operation in history {
            parts[operation.op.key as usize].push(operation.clone());
        }
        parts
    }
}

fn translate(history: &StoreHistory) -> Vec<Operation<Register>> {
    let asked = |operation: &synod::history::store::Operation| Asked {
        key: operation.key.0,
        writes: (operation.call == Call::Write).then_some(operation.value.0),
        got: match operation.answer {
            Answer::Value(value) => value.0,
            Answer::List(_) => 0,
        },
    };
    let each = history.operations().iter().map(|operation| Operation {
        client_id: Some(operation.session.0),
        call_time: i64::from(operation.invoked),
        return_time: i64::from(operation.returned),
        op: asked(operation),
        metadata: None,
    });
    each.collect()
}
