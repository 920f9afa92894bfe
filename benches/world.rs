//! Messages per second: pure nodes and async agents on Synod, and the same traffic over madsim's `Endpoint`.

mod support;

use criterion::{Criterion, Throughput};
use support::ring;

/// Enough that making the world is no part of the result.
const MESSAGES: u64 = 20_000;

fn main() {
    let mut criterion = support::criterion();
    messages(&mut criterion);
    criterion.final_summary();
}

fn messages(criterion: &mut Criterion) {
    measure(criterion, "pure", ring::pure_messages);
    measure(criterion, "async", ring::async_messages);
    #[cfg(madsim)]
    measure(criterion, "endpoint_bytes", support::endpoint::ring::bytes);
    #[cfg(madsim)]
    measure(criterion, "endpoint_values", support::endpoint::ring::values);
    #[cfg(madsim)]
    measure(criterion, "endpoint_bare", support::endpoint::ring::bare);
    #[cfg(not(madsim))]
    support::note_missing_endpoint();
}

fn measure(criterion: &mut Criterion, name: &str, work: fn(u64, u64) -> u64) {
    let mut group = criterion.benchmark_group("world/messages");
    group.throughput(Throughput::Elements(work(MESSAGES, 1)));
    group.bench_function(name, |bencher| bencher.iter(|| work(MESSAGES, 1)));
    group.finish();
}
