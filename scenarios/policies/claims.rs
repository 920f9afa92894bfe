//! Workers that claim tasks of a keeper and publish what they made of them. As usually written, a claim is a look and a
//! note; it should be one step of the keeper's, ended by time and fenced by number.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use synod::check::{FencedEffects, OneLiveClaim};
use synod::fact::Fact;
use synod::fault::{Fault, Kind, Schedule};
use synod::id::NodeId;
use synod::model::ToolCall;
use synod::policy::{Fence, Leases, Token};
use synod::scenario::Story;
use synod::seed::Draws;
use synod::time::{Duration, Time, minutes, seconds};
use synod::tool::{Invocation, Service, Toolbox};
use synod::{Agent, Error, Result, Sim};

/// The keeper and three workers.
const AGENTS: u16 = 4;
const KEEPER: NodeId = NodeId::agent(0);
const TASKS: u64 = 6;
/// How long a claim lasts: longer than usual work on a task.
const LEASE: Duration = seconds(20);
/// Work on a task takes from here to twice as much.
const WORK: Duration = seconds(6);
/// How long a worker waits for the keeper's word.
const PATIENCE: Duration = seconds(2);
const END: Duration = minutes(4);

/// Publishes what was made of a task. Admits what comes under the greatest number it has seen of it.
pub(super) struct Publish {
    fence: Fence,
}

impl Publish {
    /// With a fence as it should be.
    pub(super) fn fenced() -> Publish {
        Publish { fence: Fence::default() }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Work {
    work: String,
    token: u64,
}

/// What was published, and the fence; of a service that was never called there is none.
#[derive(Clone, Default)]
pub(super) struct Published {
    fence: Option<Fence>,
    works: BTreeMap<String, u64>,
}

impl Service for Publish {
    type Arguments = Work;
    type Output = String;
    type State = Published;
    const NAME: &'static str = "publish";
    const ABOUT: &'static str = "Publishes what was made of a task, in place of what was published of it before.";

    fn call(&self, state: &mut Published, Work { work, token }: Work) -> std::result::Result<String, String> {
        let fence = state.fence.get_or_insert_with(|| self.fence.clone());
        fence.admit(&work, Token(token)).map_err(|stale| stale.to_string())?;
        state.works.insert(work.clone(), token);
        Ok(format!("{work} is published"))
    }
}

/// Asks who has a task.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Look {
    work: u64,
}

/// Says who, as far as the keeper knows: nobody, somebody, or whoever finished it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Seen {
    work: u64,
    free: Free,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Free {
    Yes,
    Taken,
    Done,
}

/// Notes down that the sender has a task.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Take {
    work: u64,
}

/// Wants a claim; the keeper answers the same question.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Want {
    work: u64,
    question: u64,
}

/// A claim, or none.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Given {
    work: u64,
    question: u64,
    answer: Answer,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Answer {
    Claim(Token),
    Taken,
    Done,
}

/// A task is finished.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Finished {
    work: u64,
}

fn name(work: u64) -> String {
    format!("task-{work}")
}

/// What the keeper calls a task, as long as nobody has published it: who claims it is another matter.
fn entry(work: u64) -> String {
    format!("board/{work}")
}

/// Everything that a keeper may be told.
enum Told {
    Look(NodeId, Look),
    Take(Take),
    Want(NodeId, Want),
    Finished(Finished),
}

async fn told(agent: &Agent) -> Told {
    use std::future::Future;
    use std::pin::pin;
    use std::task::Poll;
    let (mut looks, mut takes) = (pin!(agent.recv::<Look>()), pin!(agent.recv::<Take>()));
    let (mut wants, mut ends) = (pin!(agent.recv::<Want>()), pin!(agent.recv::<Finished>()));
    std::future::poll_fn(|context| {
        if let Poll::Ready(ended) = ends.as_mut().poll(context) {
            return Poll::Ready(Told::Finished(ended.message));
        }
        if let Poll::Ready(taken) = takes.as_mut().poll(context) {
            return Poll::Ready(Told::Take(taken.message));
        }
        if let Poll::Ready(looked) = looks.as_mut().poll(context) {
            return Poll::Ready(Told::Look(looked.from, looked.message));
        }
        wants.as_mut().poll(context).map(|wanted| Told::Want(wanted.from, wanted.message))
    })
    .await
}

/// What a keeper must not forget.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Kept {
    leases: Leases,
    done: BTreeSet<u64>,
    /// Who only looks and takes is noted down.
    noted: BTreeMap<u64, Time>,
}

/// Keeps claims, on its disk before it says anything of them: what was given out must not be given again after a crash.
async fn keeper(agent: Agent, leases: Leases) -> Result<()> {
    let mut kept: Kept = agent.recover().await.unwrap_or_else(|| Kept { leases, ..Kept::default() });
    (0..TASKS).for_each(|work| _ = agent.undertake(&entry(work), END));
    loop {
        match told(&agent).await {
            Told::Finished(Finished { work }) => {
                kept.done.insert(work);
                write_down(&agent, &kept).await?;
                agent.conclude(&entry(work), Vec::new());
            }
            Told::Look(from, Look { work }) => {
                let taken = kept.noted.get(&work).is_some_and(|until| agent.now() < *until);
                let free = if kept.done.contains(&work) {
                    Free::Done
                } else if taken {
                    Free::Taken
                } else {
                    Free::Yes
                };
                let _ = agent.send(from, &Seen { work, free }).await;
            }
            Told::Take(Take { work }) => {
                kept.noted.insert(work, agent.now() + LEASE);
                write_down(&agent, &kept).await?;
            }
            Told::Want(from, Want { work, question }) => {
                let answer = if kept.done.contains(&work) {
                    Answer::Done
                } else if let Ok(token) = kept.leases.claim(&name(work), agent.now(), LEASE) {
                    write_down(&agent, &kept).await?;
                    Answer::Claim(token)
                } else {
                    Answer::Taken
                };
                let _ = agent.send(from, &Given { work, question, answer }).await;
            }
        }
    }
}

/// Has it on disk before it goes on, however long the disk is full.
async fn write_down(agent: &Agent, kept: &Kept) -> Result<()> {
    loop {
        match agent.save(kept).await {
            Err(Error::DiskFull) => agent.sleep(PATIENCE).await,
            saved => return saved,
        }
    }
}

/// Looks, and takes what looked free.
async fn looking(agent: Agent) -> Result<()> {
    let mut open: Vec<u64> = (0..TASKS).collect();
    while !open.is_empty() {
        let work = open[0];
        agent.send(KEEPER, &Look { work }).await?;
        let seen = agent.timeout(PATIENCE, agent.recv::<Seen>()).await.map(|seen| seen.message);
        match seen {
            Some(Seen { work: about, free: Free::Yes }) if about == work => {
                let until = agent.now() + LEASE;
                agent.send(KEEPER, &Take { work }).await?;
                agent.note(Fact::Claimed { work: name(work), token: 0, until });
                work_on(&agent, work, Token(0)).await?;
                open.remove(0);
            }
            Some(Seen { work: about, free: Free::Done }) if about == work => _ = open.remove(0),
            // Taken: another one first.
            _ => {
                open.rotate_left(1);
                agent.sleep(seconds(1)).await;
            }
        }
    }
    agent.decide("every task is done").await
}

/// Asks for a claim and works under its number.
async fn claiming(agent: Agent) -> Result<()> {
    let mut open: Vec<u64> = (0..TASKS).collect();
    while !open.is_empty() {
        let work = open[0];
        // A name that no life of this worker before used: an answer may be late.
        let question = agent.draw(u64::MAX);
        // Counted from before the question, a claim ends for its holder before it ends for the keeper.
        let until = agent.now() + LEASE;
        agent.send(KEEPER, &Want { work, question }).await?;
        match agent.timeout(PATIENCE, answer_to(&agent, work, question)).await {
            Some(Answer::Claim(token)) if agent.now() < until => {
                agent.note(Fact::Claimed { work: name(work), token: token.0, until });
                work_on(&agent, work, token).await?;
                open.remove(0);
            }
            Some(Answer::Done) => _ = open.remove(0),
            _ => {
                open.rotate_left(1);
                agent.sleep(seconds(1)).await;
            }
        }
    }
    agent.decide("every task is done").await
}

async fn answer_to(agent: &Agent, work: u64, question: u64) -> Answer {
    loop {
        let given = agent.recv::<Given>().await.message;
        if (given.work, given.question) == (work, question) {
            return given.answer;
        }
    }
}

/// Works on a task, publishes it, and tells the keeper. A worker does not notice that it was paused for longer than its
/// claim lasts, and publishes all the same.
async fn work_on(agent: &Agent, work: u64, token: Token) -> Result<()> {
    agent.sleep(WORK + Duration(agent.draw(WORK.0))).await;
    // Refused or not heard of: somebody else has it, or it will be claimed again.
    if published_by(agent, &name(work), token).await {
        agent.send(KEEPER, &Finished { work }).await?;
    }
    Ok(())
}

/// Publishes a piece of work under a number. Says whether it was taken.
pub(super) async fn published_by(agent: &Agent, work: &str, Token(number): Token) -> bool {
    let id = format!("{work} by {} under {number}", agent.id());
    let arguments = format!(r#"{{"work":"{work}","token":{number}}}"#);
    let call = ToolCall { id, name: Publish::NAME.to_owned(), arguments };
    agent.call(Invocation::of(&call).key(format!("{work}#{number}"))).await.is_ok()
}

/// Two of the workers are paused in their work for longer than a claim lasts.
fn trouble(draws: &mut Draws) -> Schedule {
    let mut paused = |worker, after: u64| {
        let from = Time::ZERO + seconds(after) + Duration(draws.below(seconds(6).0));
        let span = seconds(draws.choose(40, 50, 40));
        Fault::at(Kind::Pause, NodeId::agent(worker)).from(from).lasting(span)
    };
    Schedule { faults: vec![paused(1, 3), paused(2, 70)] }
}

/// The same with fences, while the keeper loses its memory twice.
#[must_use]
pub fn claims_fenced_over_restarts() -> Story {
    let crashing = |draws: &mut Draws| {
        let mut faults = trouble(draws).faults;
        let mut down = |after: u64| {
            let from = Time::ZERO + seconds(after) + Duration(draws.below(seconds(10).0));
            Fault::at(Kind::Crash, KEEPER).from(from).lasting(seconds(1))
        };
        faults.extend([down(5), down(20)]);
        Schedule { faults }
    };
    fenced(Leases::new(), Fence::default(), crashing)
}

fn tools(fence: Fence) -> Toolbox {
    Toolbox::default().with(Publish { fence })
}

static TOOLS: LazyLock<Toolbox> = LazyLock::new(|| tools(Fence::default()));

/// Workers that look and take.
pub(crate) fn claims() -> Story {
    let body = |sim: Sim| async move {
        sim.team(AGENTS, |agent: Agent| async move {
            if agent.id() == KEEPER { keeper(agent, Leases::new()).await } else { looking(agent).await }
        });
        sim.tools(TOOLS.clone()).schedule_drawn(trouble).run_for(END).await;
        sim.check(OneLiveClaim);
    };
    Story::new("claims", body)
        .about("three workers look which task is free and note down that they have it")
        .violates(&OneLiveClaim)
}

/// Workers with claims that end and are fenced.
pub(crate) fn claims_fenced() -> Story {
    claims_fenced_of(Leases::new(), Fence::default())
}

/// The same with these claims and this fence.
#[must_use]
pub fn claims_fenced_of(leases: Leases, fence: Fence) -> Story {
    fenced(leases, fence, trouble)
}

fn fenced(leases: Leases, fence: Fence, trouble: fn(&mut Draws) -> Schedule) -> Story {
    let tools = tools(fence);
    let body = move |sim: Sim| {
        let (leases, tools) = (leases.clone(), tools.clone());
        async move {
            sim.team(AGENTS, move |agent: Agent| {
                let leases = leases.clone();
                async move { if agent.id() == KEEPER { keeper(agent, leases).await } else { claiming(agent).await } }
            });
            sim.tools(tools).schedule_drawn(trouble).run_for(END).await;
            sim.check(OneLiveClaim);
            sim.check(FencedEffects);
        }
    };
    Story::new("claims_fenced", body)
        .about("the same: the keeper gives claims that end, each under a greater number, and the service is fenced")
        .expect(&OneLiveClaim)
        .expect(&FencedEffects)
}
