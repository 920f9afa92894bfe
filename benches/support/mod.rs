//! What the benches measure: the same traffic as pure nodes, as async agents, and over madsim's own network.

use std::sync::Arc;
use synod::digest::{Digest, Digester};
use synod::fault::{Kind, Schedule, Tolerance};
use synod::id::{Members, NodeId};
use synod::model::{Diagnose, Mock, Profile, Task, TaskSet};
use synod::protocol::team::{Answer, Ask, Outcome, Propose};
use synod::protocol::{Effects, Event, Protocol};
use synod::seed::{Seed, Streams};
use synod::time::{Time, millis, seconds};
use synod::trace::{Detail, Trace};
use synod::world::{Frozen, Latency, Setup, Team, Unused, Validation, Workload, World};

/// Members of every team measured here.
pub const NODES: u16 = 5;

/// A token that goes round; about 60 bytes, as votes and acknowledgements are.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Token {
    pub hops: u64,
    pub payload: [u64; 6],
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

impl Ring {
    pub fn factory(me: NodeId, members: &Members) -> Ring {
        let next = (me.index() + 1) % members.len();
        Ring { next: NodeId::agent(u16::try_from(next).expect("a member")) }
    }
}

impl Protocol for Ring {
    type Message = Token;
    type Timer = u64;
    type Durable = ();
    type Write = ();
    type Request = Propose;
    type Response = Outcome;
    type Ask = Ask;
    type Answer = Answer;

    fn step(&mut self, _: Time, event: Event<Ring>, effects: &mut Effects<Ring>) {
        match event {
            Event::Start(_) => effects.send(self.next, Token { hops: 0, payload: [7; 6] }),
            Event::Deliver { message, .. } => {
                effects.send(self.next, Token { hops: message.hops + 1, payload: message.payload });
            }
            _ => {}
        }
    }

    fn tolerance(_: Kind) -> Option<Tolerance> {
        Some(Tolerance::Tolerated)
    }
}

/// A team whose links take exactly one millisecond.
pub fn setup<P: Protocol>(team: Team<P>) -> Setup<P> {
    let tasks = TaskSet::of(Diagnose::generate);
    Setup {
        agents: NODES,
        clients: 0,
        models: 1,
        team,
        latency: Latency { least: millis(1), most: millis(1) },
        disk: Latency { least: millis(1), most: millis(1) },
        model: Arc::new(Mock::new(Profile::perfect(), tasks.clone())),
        tasks,
        validation: Validation::Local,
        schedule: Schedule::default(),
        workload: Workload { decisions: 0, patience: seconds(1), think: seconds(1), last_after: Time::ZERO },
        safety: None,
    }
}

/// Circulates the tokens for so many milliseconds among pure nodes; returns how many messages were sent.
pub fn pure_messages(hops: u64, seed: u64) -> u64 {
    let setup = setup::<Ring>(Team::Pure(Arc::new(Ring::factory)));
    let mut world = World::new(setup, Streams::of(Seed(seed)), Trace::new(Detail::Digest));
    world.run_until(Time::ZERO + millis(hops), &Frozen);
    world.finish().figures.messages
}

/// The same among async agents.
pub fn async_messages(hops: u64, seed: u64) -> u64 {
    let program = |agent: synod::Agent| -> synod::agent::Work {
        Box::pin(async move {
            let next = (agent.id().index() + 1) % agent.members().len();
            let next = NodeId::agent(u16::try_from(next).expect("a member"));
            agent.send(next, &Token { hops: 0, payload: [7; 6] }).await?;
            loop {
                let token = agent.recv::<Token>().await.message;
                agent.send(next, &Token { hops: token.hops + 1, payload: token.payload }).await?;
            }
        })
    };
    let setup = setup::<Unused>(Team::Async(Arc::new(program)));
    let mut world = World::new(setup, Streams::of(Seed(seed)), Trace::new(Detail::Digest));
    world.run_until(Time::ZERO + millis(hops), &Frozen);
    world.finish().figures.messages
}
