//! A ring of members that pass tokens on, as pure nodes and as async agents: nothing but traffic.

use std::sync::Arc;
use synod::Agent;
use synod::agent::Work;
use synod::digest::{Digest, Digester};
use synod::fault::{Kind, Schedule, Tolerance};
use synod::id::{Members, NodeId};
use synod::model::{Diagnose, Mock, Profile, Task, TaskSet};
use synod::protocol::team::{Answer, Ask, Outcome, Request, TeamProtocol};
use synod::protocol::{Effects, Event, Protocol};
use synod::runtime::default_host;
use synod::scenario::{Clock, Expectation, Job, Run, Runnable, Summary};
use synod::seed::{Seed, Streams};
use synod::time::{Duration, Time, millis, seconds};
use synod::trace::Trace;
use synod::world::{Latency, Setup, Team, Unused, Validation, Visits, Workload, World};

/// Members of every team measured here.
pub const NODES: u16 = 5;
/// How long a token takes from member to member, always.
const HOP: Duration = millis(1);

/// A token that goes round, one per member; about 60 bytes, as votes and acknowledgements are.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Token {
    hops: u64,
    payload: [u64; 6],
}

impl Token {
    /// A token that went nowhere yet.
    pub const FIRST: Token = Token { hops: 0, payload: [7; 6] };

    /// The token as the next member gets it.
    pub fn passed_on(&self) -> Token {
        Token { hops: self.hops + 1, payload: self.payload }
    }
}

impl Digest for Token {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.hops);
        self.payload.iter().for_each(|word| digester.word(*word));
    }
}

/// A member that passes every token on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring {
    next: NodeId,
}

impl Digest for Ring {
    fn digest(&self, digester: &mut Digester) {
        self.next.digest(digester);
    }
}

/// Whom a member passes tokens to.
fn next(me: NodeId, members: &Members) -> NodeId {
    NodeId::agent(u16::try_from((me.index() + 1) % members.len()).expect("a member"))
}

impl Protocol for Ring {
    type Message = Token;
    type Timer = u64;
    type Durable = ();
    type Write = ();
    type Request = Request;
    type Response = Outcome;
    type Ask = Ask;
    type Answer = Answer;

    fn step(&mut self, _: Time, event: Event<Ring>, effects: &mut Effects<Ring>) {
        match event {
            Event::Start(_) => effects.send(self.next, Token::FIRST),
            Event::Deliver { message, .. } => effects.send(self.next, message.passed_on()),
            _ => {}
        }
    }

    fn tolerance(_: Kind) -> Option<Tolerance> {
        Some(Tolerance::Tolerated)
    }
}

/// The ring as something that hosts run: so many hops of every token.
struct Traffic<P: TeamProtocol> {
    team: fn() -> Team<P>,
    hops: u64,
}

impl<P: TeamProtocol> Traffic<P> {
    fn setup(&self) -> Setup<P> {
        let tasks = TaskSet::of(Diagnose::generate);
        Setup {
            agents: NODES,
            clients: 0,
            models: 1,
            team: (self.team)(),
            latency: Latency { least: HOP, most: HOP },
            disk: Latency { least: HOP, most: HOP },
            model: Arc::new(Mock::new(Profile::perfect(), tasks.clone())),
            tasks,
            tools: synod::tool::Toolbox::default(),
            evidence: synod::model::Evidence::Whole,
            validation: Validation::Local,
            schedule: Schedule::default(),
            workload: Workload {
                decisions: 0,
                patience: seconds(1),
                think: seconds(1),
                last_after: Time::ZERO,
                visits: Visits::default(),
                sessions: None,
            },
            safety: None,
            core: usize::from(NODES),
            shelf: None,
        }
    }

    fn messages(&self, seed: u64) -> u64 {
        default_host().run(self, &Job::of(Seed(seed))).figures.messages
    }
}

impl<P: TeamProtocol> Runnable for Traffic<P> {
    fn summary(&self) -> Summary {
        Summary {
            name: "ring".to_owned(),
            about: "members pass tokens on".to_owned(),
            team: "ring".to_owned(),
            agents: NODES,
            task: "none".to_owned(),
            expectation: Expectation::Holds,
            properties: Vec::new(),
            promises: Vec::new(),
        }
    }

    fn validate(&self) -> Result<(), String> {
        Ok(())
    }

    fn run(&self, job: &Job, clock: &dyn Clock) -> Run {
        let mut world = World::new(self.setup(), Streams::of(job.seed), Trace::new(job.detail));
        world.run_until(Time::ZERO + HOP * self.hops, clock);
        let finished = world.finish();
        Run { figures: finished.figures, trace: finished.trace, crash: finished.crash, ..Run::empty(job) }
    }

    fn wants_fresh_thread(&self) -> bool {
        false
    }
}

/// Sends about so many messages among pure nodes; returns how many exactly.
pub fn pure_messages(count: u64, seed: u64) -> u64 {
    let team = || Team::Pure(Arc::new(|me, members: &Members| Ring { next: next(me, members) }));
    Traffic::<Ring> { team, hops: count / u64::from(NODES) }.messages(seed)
}

/// The same among async agents.
pub fn async_messages(count: u64, seed: u64) -> u64 {
    let team = || Team::Async(Arc::new(|agent| -> Work { Box::pin(pass_on(agent)) }));
    Traffic::<Unused> { team, hops: count / u64::from(NODES) }.messages(seed)
}

async fn pass_on(agent: Agent) -> synod::Result<()> {
    let next = next(agent.id(), &agent.members());
    agent.send(next, &Token::FIRST).await?;
    loop {
        let token = agent.recv::<Token>().await.message;
        agent.send(next, &token.passed_on()).await?;
    }
}
