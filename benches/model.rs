//! What the mock costs: one reply in time on a processor, under 5 µs for the default profile; and a sweep with it in
//! seeds/s, at least half of those of the same team under a model that costs nothing.

mod support;

use criterion::Criterion;
use std::hint::black_box;
use support::pair::Ratios;
use synod::fact::Slot;
use synod::id::NodeId;
use synod::model::{Answered, Call, Diagnose, Mock, Model, Profile, Reply, Stop, Task, TaskSet, Turn, Usage};
use synod::protocol::consensus::Raft;
use synod::runtime::default_host;
use synod::scenario::{Job, Scenario};
use synod::seed::{Seed, Streams};
use synod::time::millis;

fn main() {
    let mut criterion = support::criterion().with_measurement(support::cpu::CpuTime);
    replies(&mut criterion);
    criterion.final_summary();
    // Without `--bench`, which `cargo bench` passes, somebody only wants to know whether this runs.
    sweep(if std::env::args().any(|argument| argument == "--bench") { 9 } else { 1 });
}

fn replies(criterion: &mut Criterion<support::cpu::CpuTime>) {
    let mut group = criterion.benchmark_group("model");
    for profile in Profile::levels() {
        let task = TaskSet::of(<Diagnose as Task>::generate);
        let name = format!("answer/{}", profile.name);
        let mock = Mock::new(profile, task.clone());
        let streams = Streams::of(Seed(1));
        let problem = task.problem(&streams, Slot(0));
        let request = problem.request();
        let mut turn = 0;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                turn += 1;
                let (model, caller) = (NodeId::model(0), NodeId::agent(0));
                let (request, problem) = (&request, Some(&problem));
                let call = Call { model, caller, turn: Turn(turn), request, problem, fault: None };
                black_box(mock.answer(&streams, &call).latency)
            });
        });
    }
    group.finish();
}

/// Tells the truth at once and draws nothing: what is left is the world's own cost, which no mock can undercut. So
/// half of its seeds/s is more than half of those that the first mock had.
struct Oracle(Profile);

impl Model for Oracle {
    fn name(&self) -> &str {
        "oracle"
    }

    fn profile(&self) -> &Profile {
        &self.0
    }

    fn answer(&self, _: &Streams, call: &Call<'_>) -> Answered {
        let problem = call.problem.expect("a team with a task");
        let usage = Usage { input_tokens: 100, output_tokens: 100 };
        let text = problem.right().to_string();
        let reply = Reply { text, calls: Vec::new(), stop: Stop::EndTurn, usage, taint: None };
        // The medians of the mock's first token and of its replies to this task.
        Answered { outcome: Ok(reply), first_token: millis(600), latency: millis(2_600), fault: None }
    }
}

/// The catalogue's Raft, with faults, history and every check: the spine's figure.
fn sweep(rounds: usize) {
    const SEEDS: u64 = 400;
    let scenario = || synod_scenarios::raft_of(Raft::factory);
    let (mocked, oracle) = (scenario(), scenario().model(Oracle(Profile::grounded())));
    let seeds = |scenario: &Scenario<Raft>| {
        (0..SEEDS).for_each(|seed| _ = black_box(default_host().run(scenario, &Job::of(Seed(seed))).digest));
        SEEDS
    };
    let ratios = Ratios::measure(rounds, || seeds(&mocked), || seeds(&oracle));
    let verdict = if ratios.median() < 0.5 { "missed" } else { "met" };
    println!(
        "\nseeds/s of raft with the default mock against a model that costs nothing, median of {rounds}, target .5x:"
    );
    println!("    {ratios}: {verdict}");
}
