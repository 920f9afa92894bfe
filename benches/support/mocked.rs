//! Replies and runs with the mock, and the same without it: what `benches/model.rs` measures in time and `tests/memory`
//! holds as ratios. Measures nothing itself.

use std::hint::black_box;
use synod::fact::Slot;
use synod::id::NodeId;
use synod::model::{
    Answered, Call, Diagnose, Mock, Model, Problem, Profile, Reply, Request, Stop, Task, TaskSet, Turn, Usage,
};
use synod::protocol::consensus::Raft;
use synod::runtime::default_host;
use synod::scenario::{Job, Scenario};
use synod::seed::{Seed, Streams};
use synod::time::millis;

/// One agent that asks a mock the same again and again.
pub struct Asker {
    mock: Mock,
    streams: Streams,
    problem: Problem,
    request: Request,
    turn: u64,
}

impl Asker {
    /// Of a model of this profile.
    pub fn new(profile: Profile) -> Asker {
        let task = TaskSet::of(<Diagnose as Task>::generate);
        let mock = Mock::new(profile, task.clone());
        let streams = Streams::of(Seed(1));
        let problem = task.problem(&streams, Slot(0));
        let request = problem.request();
        Asker { mock, streams, problem, request, turn: 0 }
    }

    /// One reply more.
    pub fn ask(&mut self) {
        self.turn += 1;
        let (model, caller) = (NodeId::model(0), NodeId::agent(0));
        let (request, problem, turn) = (&self.request, Some(&self.problem), Turn(self.turn));
        let call = Call { model, caller, turn, request, problem, fault: None };
        black_box(self.mock.answer(&self.streams, &call).latency);
    }

    /// So many replies, each about another seed's problem: what a team meets, hard problems and easy ones.
    pub fn ask_about(profile: &Profile, seeds: u64) -> impl FnMut() -> u64 + use<> {
        let askers = (0..seeds).map(|seed| {
            let asker = Asker::new(profile.clone());
            let streams = Streams::of(Seed(seed));
            let problem = asker.problem.task().problem(&streams, Slot(0));
            Asker { request: problem.request(), streams, problem, ..asker }
        });
        let mut askers: Vec<Asker> = askers.collect();
        move || {
            askers.iter_mut().for_each(Asker::ask);
            seeds
        }
    }
}

/// So many new streams with one draw each: what every choice of a run costs at least. The unit in which costs are told
/// without a clock.
pub fn open_streams(count: u64) -> u64 {
    let streams = Streams::of(Seed(1));
    (0..count).for_each(|number| _ = black_box(streams.stream(format_args!("unit/{number}")).word()));
    count
}

/// Tells the truth at once and draws nothing: what is left is the world's own cost, which no mock can undercut. So
/// half of its seeds/s is more than half of those that the first mock had.
pub struct Oracle(Profile);

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
        let reply = Reply { text, calls: Vec::new(), stop: Stop::EndTurn, usage, stopped_at: None, taint: None };
        // The medians of the mock's first token and of its replies to this task.
        Answered { outcome: Ok(reply), first_token: millis(600), latency: millis(2_600), fault: None }
    }
}

/// The catalogue's Raft, with faults, history and every check: the spine's figure.
pub struct Sweeps {
    mocked: Scenario<Raft>,
    oracle: Scenario<Raft>,
}

impl Sweeps {
    pub fn new() -> Sweeps {
        let scenario = || synod_scenarios::raft_of(Raft::factory);
        Sweeps { mocked: scenario(), oracle: scenario().model(Oracle(Profile::grounded())) }
    }

    /// So many seeds with the default mock.
    pub fn mocked(&self, seeds: u64) -> u64 {
        Sweeps::run(&self.mocked, seeds)
    }

    /// The same under a model that costs nothing.
    pub fn oracle(&self, seeds: u64) -> u64 {
        Sweeps::run(&self.oracle, seeds)
    }

    fn run(scenario: &Scenario<Raft>, seeds: u64) -> u64 {
        (0..seeds).for_each(|seed| _ = black_box(default_host().run(scenario, &Job::of(Seed(seed))).digest));
        seeds
    }
}
