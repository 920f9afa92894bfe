//! Seeds per second of a round of Raft: on Synod with everything on, and over madsim's `Endpoint`.

mod support;

use criterion::{Criterion, Throughput};
use support::round::{Round, SEEDS};

fn main() {
    let mut criterion = support::criterion();
    let (same, whole) = (Round::same(), Round::whole());
    measure(&mut criterion, "synod", || same.messages());
    measure(&mut criterion, "synod_all_faults", || whole.messages());
    #[cfg(madsim)]
    over_endpoint(&mut criterion, &same);
    #[cfg(not(madsim))]
    support::note_missing_endpoint();
    criterion.final_summary();
}

/// The same seeds with as many messages each.
#[cfg(madsim)]
fn over_endpoint(criterion: &mut Criterion, round: &Round) {
    use support::endpoint::raft;
    let (loads, properties) = (round.loads(), round.properties());
    let (bytes, values) = (|load| raft::bytes(round, load, &properties), |load| raft::values(round, load, &properties));
    measure(criterion, "endpoint_bytes", || loads.iter().map(bytes).collect());
    measure(criterion, "endpoint_values", || loads.iter().map(values).collect());
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
