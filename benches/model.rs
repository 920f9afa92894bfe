//! What one reply of the mock costs, in time on a processor: under 5 µs for the default profile.

mod support;

use std::hint::black_box;
use synod::fact::Slot;
use synod::id::NodeId;
use synod::model::{Call, Diagnose, Mock, Model, Profile, Task, TaskSet, Turn};
use synod::seed::{Seed, Streams};

fn main() {
    let mut criterion = support::criterion().with_measurement(support::cpu::CpuTime);
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
    criterion.final_summary();
}
