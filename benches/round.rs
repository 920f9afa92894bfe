//! Seeds per second of a round of Raft: on Synod with everything on, and over madsim's `Endpoint`.

mod support;

use criterion::{Criterion, Throughput};
use support::round::{self, SEEDS};

fn main() {
    let mut criterion = support::criterion();
    let scenario = round::scenario();
    measure(&mut criterion, "synod", || round::messages(&scenario));
    #[cfg(madsim)]
    over_endpoint(&mut criterion, &round::loads(&scenario));
    #[cfg(not(madsim))]
    support::note_missing_endpoint();
    criterion.final_summary();
}

/// The same seeds with as many messages each.
#[cfg(madsim)]
fn over_endpoint(criterion: &mut Criterion, loads: &[round::Load]) {
    use support::endpoint::raft;
    let properties = round::properties();
    measure(criterion, "endpoint_bytes", || loads.iter().map(|load| raft::bytes(load, &properties)).collect());
    measure(criterion, "endpoint_values", || loads.iter().map(|load| raft::values(load, &properties)).collect());
    measure(criterion, "endpoint_bare", || loads.iter().map(raft::bare).collect());
}

fn measure(criterion: &mut Criterion, name: &str, mut work: impl FnMut() -> Vec<u64>) {
    let seeds = SEEDS.end - SEEDS.start;
    println!("raft/round/{name}: {} messages a seed", work().iter().sum::<u64>() / seeds);
    let mut group = criterion.benchmark_group("raft/round");
    group.throughput(Throughput::Elements(seeds));
    group.bench_function(name, |bencher| bencher.iter(&mut work));
    group.finish();
}
