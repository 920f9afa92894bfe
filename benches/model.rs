//! What the mock costs: one reply in time on a processor, under 5 µs on average for the default profile; and a sweep
//! with it in seeds/s, at least half of those of the same team under a model that costs nothing. Ends with exit code 1
//! if either is missed; `tests/memory` holds both as ratios, which need no quiet machine.

mod support;

use criterion::Criterion;
use std::process::ExitCode;
use support::cpu::CpuTime;
use support::mocked::{Asker, Sweeps};
use support::pair::Ratios;
use synod::model::Profile;

/// What a reply of the default profile may cost on average, in nanoseconds.
const MOST_NANOS: u64 = 5_000;
/// The least share of the seeds/s of the same team under a model that costs nothing.
const LEAST_SHARE: f64 = 0.5;

fn main() -> ExitCode {
    let mut criterion = support::criterion().with_measurement(CpuTime);
    replies(&mut criterion);
    criterion.final_summary();
    // Without `--bench`, which `cargo bench` passes, somebody only wants to know whether this runs.
    let measured = std::env::args().any(|argument| argument == "--bench");
    let met = [average(if measured { 50 } else { 1 }), sweep(if measured { 9 } else { 1 })];
    if measured && met.contains(&Bar::Missed) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn replies(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("model");
    for profile in Profile::levels() {
        let name = format!("answer/{}", profile.name);
        let mut asker = Asker::new(profile);
        group.bench_function(name, |bencher| bencher.iter(|| asker.ask()));
    }
    group.finish();
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bar {
    Met,
    Missed,
}

impl Bar {
    fn told(self) -> &'static str {
        match self {
            Bar::Met => "met",
            Bar::Missed => "missed",
        }
    }
}

/// A reply of the default profile, on average over problems of many seeds.
fn average(rounds: u64) -> Bar {
    const SEEDS: u64 = 400;
    let mut ask = Asker::ask_about(&Profile::default(), SEEDS);
    let _ = ask();
    let spent = CpuTime::of(|| (0..rounds).for_each(|_| _ = ask()));
    let replies = rounds * SEEDS;
    let each = spent / replies;
    let bar = if each < MOST_NANOS { Bar::Met } else { Bar::Missed };
    println!("\na reply of the default profile on a processor, mean of {replies} over {SEEDS} seeds, target 5000 ns:");
    println!("    {each} ns: {}", bar.told());
    bar
}

fn sweep(rounds: usize) -> Bar {
    const SEEDS: u64 = 400;
    let sweeps = Sweeps::new();
    let ratios = Ratios::measure(rounds, || sweeps.mocked(SEEDS), || sweeps.oracle(SEEDS));
    let bar = if ratios.median() < LEAST_SHARE { Bar::Missed } else { Bar::Met };
    println!(
        "\nseeds/s of raft with the default mock against a model that costs nothing, median of {rounds}, target .5x:"
    );
    println!("    {ratios}: {}", bar.told());
    bar
}
