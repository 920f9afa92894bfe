//! A keeper that watches three workers by their heartbeats, over links whose delays have a long tail, and gives the
//! work of whoever it suspects to another. A fixed timeout suspects those who are merely late; φ grows with what is
//! usual on each link. Whoever was paused, lost its work and wakes up is fenced off by its number.

use super::claims::{Publish, published_by};
use super::{Work, together};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use synod::agent::Received;
use synod::check::{DeadlinesKept, FencedEffects, SoundSuspicion};
use synod::fact::Fact;
use synod::fault::{Fault, Kind, Schedule, Site};
use synod::id::NodeId;
use synod::policy::{Detector, Leases, Rhythm, Token};
use synod::scenario::Story;
use synod::time::{Duration, Time, millis, minutes, seconds};
use synod::tool::Toolbox;
use synod::{Agent, Result, Sim};

const AGENTS: u16 = 4;
const KEEPER: NodeId = NodeId::agent(0);
/// So much work that all the trouble falls into it.
const TASKS: u64 = 30;
/// Work on a task takes from here to twice as much.
const WORK: Duration = seconds(5);
/// A heartbeat a second.
const BEAT: Duration = seconds(1);
/// How often the keeper looks.
const LOOK: Duration = millis(250);
/// Half a heartbeat late: what looks like plenty on a link that takes milliseconds.
const FIXED: Duration = millis(1_500);
/// One in 10¹² heartbeats would come later, were delays normal; on these links about one in 600 does. Akka's
/// default is 8; its documentation suggests 12 for networks with troubles of their own, such as a cloud's.
const PHI: u64 = 12;
/// Nobody is silent for longer and still trusted: on these links one heartbeat in ten thousand takes so long, and an
/// absence has to be noticed within ten.
const RHYTHM: Rhythm = Rhythm { every: BEAT, least_deviation: millis(100), ceiling: seconds(8) };
/// The median of the delays added to each message; their deviation is as much again.
const DELAY: Duration = millis(200);
/// By when all of it is to be done: three workers take a minute and a half without trouble.
const DUE: Duration = minutes(3);
const END: Duration = minutes(4);

/// A worker is there, and has been since then.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Beat {
    since: Time,
}

/// Work for a worker, under a number.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Order {
    task: u64,
    token: Token,
}

/// A worker is done with what it had.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Done {
    task: u64,
    published: bool,
}

/// What a keeper knows of one worker.
struct Watched {
    detector: Detector,
    suspected: bool,
    /// Since when it has been there.
    since: Time,
    has: Option<u64>,
}

/// Everything that a keeper keeps, in memory: it does not crash in these stories.
struct Keeper {
    agent: Agent,
    workers: BTreeMap<NodeId, Watched>,
    leases: Leases,
    open: Vec<u64>,
}

fn name(task: u64) -> String {
    format!("job-{task}")
}

impl Keeper {
    fn new(agent: Agent, detector: impl Fn(Time) -> Detector) -> Keeper {
        let now = agent.now();
        let watched = |node| {
            agent.note(Fact::Trusts { node });
            (node, Watched { detector: detector(now), suspected: false, since: now, has: None })
        };
        (0..TASKS).for_each(|task| _ = agent.undertake(&name(task), DUE));
        let workers = (1..AGENTS).map(NodeId::agent).map(watched).collect();
        Keeper { agent, workers, leases: Leases::new(), open: (0..TASKS).collect() }
    }

    /// Hears of the workers until it is time to look again.
    async fn listen(&mut self) {
        let end = self.agent.now() + LOOK;
        let (mut beats, mut dones): (Vec<Received<Beat>>, Vec<Received<Done>>) = (Vec::new(), Vec::new());
        let agent = self.agent.clone();
        let hear: [Work<'_>; 2] = [
            Box::pin(async {
                while let Some(beat) = agent.timeout(end.since(agent.now()), agent.recv::<Beat>()).await {
                    beats.push(beat);
                }
            }),
            Box::pin(async {
                while let Some(done) = agent.timeout(end.since(agent.now()), agent.recv::<Done>()).await {
                    dones.push(done);
                }
            }),
        ];
        together(hear.into()).await;
        for beat in beats {
            let Some(worker) = self.workers.get_mut(&beat.from) else { continue };
            worker.detector.heard(self.agent.now());
            // Whoever was started anew between two looks of a patient keeper knows of no work either.
            if worker.since < beat.message.since {
                worker.since = beat.message.since;
                worker.has = None;
            }
        }
        for Received { from, message: Done { task, published } } in dones {
            let Some(worker) = self.workers.get_mut(&from) else { continue };
            // Whoever was suspected has lost its task; what it says of it counts only if the fence let it pass.
            if worker.has == Some(task) {
                worker.has = None;
            }
            if published {
                self.open.retain(|open| *open != task);
                self.agent.conclude(&name(task), Vec::new());
            }
        }
    }

    /// Says whom it suspects, and takes their work back.
    fn look(&mut self) {
        let now = self.agent.now();
        for (node, worker) in &mut self.workers {
            let gone = worker.detector.suspects(now);
            if gone == worker.suspected {
                continue;
            }
            worker.suspected = gone;
            self.agent.note(if gone { Fact::Suspects { node: *node } } else { Fact::Trusts { node: *node } });
            if gone {
                worker.has = None;
            }
        }
    }

    /// Gives open work to whoever is there and has none, each time under a new number.
    async fn assign(&mut self) {
        let at: Vec<u64> = self.workers.values().filter_map(|worker| worker.has).collect();
        let mut free = self.open.iter().copied().filter(|task| !at.contains(task)).collect::<Vec<_>>().into_iter();
        for (node, worker) in &mut self.workers {
            if worker.suspected || worker.has.is_some() {
                continue;
            }
            let Some(task) = free.next() else { break };
            let now = self.agent.now();
            // Its time is over once its holder is suspected: the detector ends claims here, and no clock.
            let Ok(token) = self.leases.claim(&name(task), now, Duration::ZERO) else { continue };
            worker.has = Some(task);
            let _ = self.agent.send(*node, &Order { task, token }).await;
        }
    }
}

async fn keeper(agent: Agent, detector: impl Fn(Time) -> Detector) -> Result<()> {
    let mut keeper = Keeper::new(agent, detector);
    while keeper.agent.now() + LOOK < Time::ZERO + END {
        keeper.look();
        keeper.assign().await;
        keeper.listen().await;
    }
    keeper.agent.decide(keeper.open.is_empty()).await
}

async fn worker(agent: Agent) -> Result<()> {
    let (beating, since) = (agent.clone(), agent.now());
    let works: [Work<'_>; 2] = [
        Box::pin(async move {
            loop {
                let _ = beating.send(KEEPER, &Beat { since }).await;
                beating.sleep(BEAT).await;
            }
        }),
        Box::pin(async move {
            loop {
                let Order { task, token } = agent.recv::<Order>().await.message;
                agent.sleep(WORK + Duration(agent.draw(WORK.0))).await;
                let published = published_by(&agent, &name(task), token).await;
                let _ = agent.send(KEEPER, &Done { task, published }).await;
            }
        }),
    ];
    together(works.into()).await;
    Ok(())
}

/// Every message between keeper and workers is late, with a long tail; two workers are paused for a while and one is
/// down.
fn trouble() -> Schedule {
    let gone = |kind, node, from, span| {
        Fault::at(kind, NodeId::agent(node)).from(Time::ZERO + seconds(from)).lasting(seconds(span))
    };
    let links = (1..AGENTS)
        .map(NodeId::agent)
        .flat_map(|node| [Site::Link { from: node, to: KEEPER }, Site::Link { from: KEEPER, to: node }]);
    let late = links.map(|link| Fault::on(Kind::DelayLognormal, link).strength(DELAY.as_nanos()));
    let gone = [gone(Kind::Pause, 1, 30, 20), gone(Kind::Crash, 2, 40, 25), gone(Kind::Pause, 3, 70, 20)];
    Schedule { faults: late.chain(gone).collect() }
}

static TOOLS: LazyLock<Toolbox> = LazyLock::new(|| Toolbox::default().with(Publish::fenced()));

async fn run(sim: &Sim, detector: impl Fn(Time) -> Detector + Copy + Send + Sync + 'static) {
    sim.team(AGENTS, move |agent: Agent| async move {
        if agent.id() == KEEPER { keeper(agent, detector).await } else { worker(agent).await }
    });
    sim.tools(TOOLS.clone()).schedule(trouble()).run_for(END).await;
    sim.check(SoundSuspicion::DEFAULT);
}

/// A keeper with a fixed timeout.
#[must_use]
pub fn watch() -> Story {
    let body = |sim: Sim| async move { run(&sim, |now| Detector::fixed(FIXED, now)).await };
    Story::new("watch", body)
        .about("a keeper reassigns the work of whoever was not heard of for 1.5 s; links have a long tail of delays")
        .violates(&SoundSuspicion::DEFAULT)
}

/// A keeper that knows what is usual on a link.
#[must_use]
pub fn watch_phi() -> Story {
    watch_phi_of(|detector| detector)
}

/// The same with detectors made so.
#[must_use]
pub fn watch_phi_of(made: impl Fn(Detector) -> Detector + Copy + Send + Sync + 'static) -> Story {
    let body = move |sim: Sim| async move {
        run(&sim, move |now| made(Detector::phi(PHI, RHYTHM, now))).await;
        sim.check(FencedEffects);
        sim.check(DeadlinesKept);
    };
    Story::new("watch_phi", body)
        .about(
            "the same with a φ-accrual detector and a ceiling; whoever wakes up too late is fenced off by its number",
        )
        .expect(&SoundSuspicion::DEFAULT)
        .expect(&FencedEffects)
        .expect(&DeadlinesKept)
}
