//! What judging a shared store costs: linearizability and causal consistency, with porcupine-rs beside them.
//! Asserts no speed.

mod support;
#[path = "../tests/support/workloads.rs"]
mod workloads;

use criterion::{Criterion, Throughput};
use porcupine_rs::{Model, Operation};
use std::hint::black_box;
use synod::call::Call;
use synod::check::Verdict;
use synod::check::consistency::{CausalConsistency, CausalConvergence, CausalMemory, CheckStore, Linearizable};
use synod::history::store::{Answer, StoreHistory};
use workloads::{causal, lin};

fn main() {
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
