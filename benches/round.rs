//! Seeds per second of a round of Raft: on Synod with everything on, and bare over madsim's `Endpoint`.

mod support;

use criterion::{Criterion, Throughput};
use support::round::{self, SEEDS};

fn main() {
    let mut criterion = support::criterion();
    let scenario = round::scenario();
    let messages = round::messages(&scenario);
    measure(&mut criterion, "synod", || round::messages(&scenario));
    #[cfg(madsim)]
    measure(&mut criterion, "endpoint", || over_endpoint(&messages));
    #[cfg(not(madsim))]
    support::note_missing_endpoint();
    criterion.final_summary();
}

/// The same seeds with as many messages each.
#[cfg(madsim)]
fn over_endpoint(messages: &[u64]) -> Vec<u64> {
    SEEDS.zip(messages).map(|(seed, count)| support::endpoint::raft::messages(*count, seed)).collect()
}

fn measure(criterion: &mut Criterion, name: &str, mut work: impl FnMut() -> Vec<u64>) {
    let seeds = SEEDS.end - SEEDS.start;
    println!("raft/round/{name}: {} messages a seed", work().iter().sum::<u64>() / seeds);
    let mut group = criterion.benchmark_group("raft/round");
    group.throughput(Throughput::Elements(seeds));
    group.bench_function(name, |bencher| bencher.iter(&mut work));
    group.finish();
}
