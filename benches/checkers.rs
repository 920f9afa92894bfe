//! What each checker costs per event of a history, on histories that Raft under faults left behind; and what part of a
//! run's time all checkers together take that judge it, which is to be a tenth at most.

mod support;

use criterion::Throughput;
use criterion::measurement::Measurement;
use std::hint::black_box;
use support::cpu::CpuTime;
use support::round::Round;
use synod::check::consistency::{
    CausalConsistency, CausalConvergence, EventualConvergence, Guarantee, Linearizable, SessionGuarantee,
    StrongConvergence,
};
use synod::check::{Check, OfStore, all, by_name};
use synod::explore::{BareHost, Host};
use synod::history::History;
use synod::scenario::Job;
use synod::seed::Seed;
use synod::trace::Detail;

/// Short and long histories, calm and faulty ones.
const HISTORIES: u64 = 20;

/// Runs whose time is taken.
const RUNS: u64 = 400;
/// What part of a run's time its checkers may take, in percent.
const MOST: f64 = 10.0;

fn main() {
    shares();
    let mut criterion = support::criterion();
    let round = Round::whole();
    let histories: Vec<History> = (0..HISTORIES).map(|seed| round.run(seed, Detail::Full).history).collect();
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

/// What part of each scenario's run its checkers take, all of them one after the other on what the run left behind.
fn shares() {
    let catalogue = synod_scenarios::catalogue();
    for name in ["raft", "paxos", "channel_causal", "channel_total", "eventual", "causal", "strong"] {
        let scenario = catalogue.find(name).expect("a scenario of the catalogue");
        let checks: Vec<Judging> =
            scenario.summary().properties.iter().map(|known| judging(name, known.name)).collect();
        let mut histories: Vec<History> = Vec::new();
        // On the bare host a run stays on this thread, whose time is taken.
        let whole = time_of(|| histories.extend((0..RUNS).map(|seed| BareHost.run(scenario, &job(seed)).history)));
        // A copy has nothing of what the first judging made of a history.
        let histories = histories.clone();
        let spent = time_of(|| histories.iter().for_each(|history| checks.iter().for_each(|check| check(history))));
        let (count, share) = (checks.len(), spent as f64 / whole as f64 * 100.0);
        println!("{name}: {count} checkers take {share:.1} % of a run of {} us", whole / RUNS / 1_000);
        assert!(share <= MOST, "{name}: the checkers take {share:.1} % of a run's time, {MOST} % at most are promised");
    }
}

fn job(seed: u64) -> Job {
    Job::of(Seed(seed)).detailed(Detail::Digest)
}

/// Nanoseconds of this thread.
fn time_of(work: impl FnOnce()) -> u64 {
    let begun = CpuTime.start();
    work();
    CpuTime.end(begun)
}

type Judging = Box<dyn Fn(&History)>;

/// The checker of this name at work, as the scenario has it.
fn judging(scenario: &str, name: &str) -> Judging {
    let session = |guarantee| at_work(OfStore::entry_by_entry(SessionGuarantee::of(guarantee)));
    match name {
        "linearizable" => at_work(OfStore::whole(Linearizable::DEFAULT)),
        // Replicas tell the same through any lens, so it is judged through the one that the others use.
        "eventual_convergence" if scenario == "causal" => at_work(OfStore::entry_by_entry(EventualConvergence)),
        "eventual_convergence" => at_work(OfStore::whole(EventualConvergence)),
        "strong_convergence" if scenario == "causal" => at_work(OfStore::entry_by_entry(StrongConvergence)),
        "strong_convergence" => at_work(OfStore::whole(StrongConvergence)),
        "causal_consistency" => at_work(OfStore::entry_by_entry(CausalConsistency::default())),
        "causal_convergence" => at_work(OfStore::entry_by_entry(CausalConvergence::default())),
        "read_your_writes" => session(Guarantee::ReadYourWrites),
        "monotonic_reads" => session(Guarantee::MonotonicReads),
        "monotonic_writes" => session(Guarantee::MonotonicWrites),
        "writes_follow_reads" => session(Guarantee::WritesFollowReads),
        name => {
            let check = by_name(name).expect("a property of the catalogue");
            Box::new(move |history| _ = black_box(check.check(history)))
        }
    }
}

fn at_work(check: impl Check + 'static) -> Judging {
    Box::new(move |history| _ = black_box(check.check(history)))
}
