//! What each checker costs per event of a history, on histories that Raft under faults left behind.

mod support;

use criterion::Throughput;
use support::round;
use synod::check::{Check, all};
use synod::history::History;
use synod::trace::Detail;

/// Short and long histories, calm and faulty ones.
const HISTORIES: u64 = 20;

fn main() {
    let mut criterion = support::criterion();
    let scenario = round::scenario();
    let histories: Vec<History> =
        (0..HISTORIES).map(|seed| round::run(&scenario, seed, Detail::Full).history).collect();
    let events: usize = histories.iter().map(|history| history.entries().len()).sum();
    println!("{HISTORIES} histories of Raft with {events} events in all");
    let mut group = criterion.benchmark_group("check");
    group.throughput(Throughput::Elements(events as u64));
    for check in all() {
        group.bench_function(format!("{}/events", check.property().name), |bencher| {
            bencher.iter(|| judge(check, &histories));
        });
    }
    group.finish();
    criterion.final_summary();
}

/// How many of the histories hold: a result that depends on all of them.
fn judge(check: &dyn Check, histories: &[History]) -> usize {
    histories.iter().filter(|history| check.check(history).witness().is_none()).count()
}
