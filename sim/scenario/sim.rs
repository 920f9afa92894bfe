//! The handle a `#[synod::test]` holds: what takes part, what goes wrong, how long to run, what must hold.

use super::build::{DISK, LINK};
use super::exercised::{Exercised, Goal};
use super::instead::{Brought, Instead};
use super::judge::{assemble, score};
use super::question::Question;
use super::run::{Job, Run};
use super::untitled::Untitled;
use crate::agent::{Agent, Work};
use crate::check::Check;
use crate::digest::{Digest, Digester};
use crate::fault::{Class, Kind, Moment, Nemesis, Schedule, Tactic, Team as Struck, Tolerance};
use crate::history::{Event, History};
use crate::id::{Members, NodeId};
use crate::model::{Evidence, Mock, Model, Profile, Task, TaskSet};
use crate::protocol::Protocol;
use crate::protocol::store::{Level, Replica};
use crate::seed::{Draws, Pins, Streams};
use crate::time::{Duration, Time, seconds};
use crate::tool::Toolbox;
use crate::trace::Trace;
use crate::world::{
    Clock, Crash, Factory, OnStage, Program, Setup, Shelf, Team, Trespass, Validation, Visits, Workload, World, contain,
};
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Faults begin within this much of a run: agents decide in a minute or so, and a fault that begins later is felt by
/// nobody.
const NEMESIS_WINDOW: Duration = seconds(30);

/// When a team with a store is healed: several turns of its agents take less.
const HEALED_AFTER: Duration = seconds(60);
/// How many replicas a store has: the least of which one may be down.
const REPLICAS: u16 = 3;
/// How long everything has to arrive at the end: some thirty rounds of gossip.
const SETTLING: Duration = seconds(20);

/// What a test's body is to the run: something to poll.
pub(super) type Body = Pin<Box<dyn Future<Output = ()>>>;

const NEVER_RUNS: &str = "the test never runs: call sim.run_for(…).await";
const AWAITS_ELSE: &str =
    "the test's body awaits something other than sim.run_for: agents wait, the body only runs them";

/// A simulated run from the inside. Cheap to clone; every clone means the same run.
#[derive(Clone)]
pub struct Sim(Rc<RefCell<State>>);

struct State {
    job: Job,
    pins: Pins,
    agents: u16,
    role: Option<String>,
    program: Option<Program>,
    task: TaskSet,
    profile: Profile,
    model: Option<Arc<dyn Model>>,
    models: u16,
    tools: Toolbox,
    evidence: Evidence,
    nemesis: Nemesis,
    schedule: Option<Brought>,
    /// In place of both, whatever the body says.
    instead: Option<Instead>,
    goals: Vec<Goal>,
    store: Option<Shared>,
    healed_after: Option<Duration>,
    world: Option<World<Replica>>,
    target: Option<Time>,
    questions: Vec<Question>,
    misuse: Option<String>,
}

impl Sim {
    pub(super) fn new(job: &Job, pins: Pins) -> Sim {
        Sim(Rc::new(RefCell::new(State {
            job: job.clone(),
            pins,
            agents: 0,
            role: None,
            program: None,
            task: TaskSet::of(Untitled::generate),
            profile: Profile::grounded(),
            model: None,
            models: 1,
            tools: Toolbox::default(),
            evidence: Evidence::Whole,
            nemesis: Nemesis::none(),
            schedule: None,
            instead: None,
            goals: Vec::new(),
            store: None,
            healed_after: None,
            world: None,
            target: None,
            questions: Vec::new(),
            misuse: None,
        })))
    }

    /// The same under these faults, if any are given.
    pub(super) fn under(self, instead: Option<Instead>) -> Sim {
        self.0.borrow_mut().instead = instead;
        self
    }

    /// What the team decides about: the task whose problems this function generates.
    pub fn task<T: Task>(&self, generate: fn(&mut Draws) -> (String, T)) -> &Sim {
        self.0.borrow_mut().task = TaskSet::of(generate);
        self
    }

    /// A team of so many agents, all running this async function; a restarted agent runs it again.
    pub fn team<F, W>(&self, agents: u16, program: F) -> &Sim
    where
        F: Fn(Agent) -> W + Send + Sync + 'static,
        W: Future<Output = crate::agent::Result<()>> + Send + 'static,
    {
        let mut state = self.0.borrow_mut();
        state.agents = agents;
        state.program = Some(Arc::new(move |agent| -> Work { Box::pin(program(agent)) }));
        drop(state);
        self
    }

    /// What a member of the team is called, in one word, where a report would say *agent*.
    ///
    /// ```
    /// use synod::prelude::*;
    /// # async fn reviewer(_: synod::Agent) -> synod::Result { Ok(()) }
    /// async fn body(sim: Sim) {
    ///     // "… 1 of 3 reviewers invented it, 3 of 3 repeated it …"
    ///     sim.team(3, reviewer).role("reviewer");
    ///     sim.run_for(minutes(1)).await;
    /// }
    /// # let _ = body;
    /// ```
    pub fn role(&self, role: &str) -> &Sim {
        self.0.borrow_mut().role = Some(role.to_owned());
        self
    }

    /// What answers the agents: a [`Profile`] for the mock model, or any [`Model`] such as
    /// [`Scripted`](crate::model::Scripted).
    pub fn model(&self, model: impl IntoModel) -> &Sim {
        model.set(self);
        self
    }

    /// How many models serve the team, in place of one for all.
    pub fn models(&self, models: u16) -> &Sim {
        self.0.borrow_mut().models = models;
        self
    }

    /// The tools of the team, in place of none. Make them once, outside of the test's body, if many seeds are run:
    /// each one's schema is compiled.
    pub fn tools(&self, tools: Toolbox) -> &Sim {
        self.0.borrow_mut().tools = tools;
        self
    }

    /// Who has which part of the evidence, in place of all of it for everyone.
    pub fn evidence(&self, evidence: Evidence) -> &Sim {
        self.0.borrow_mut().evidence = evidence;
        self
    }

    /// What may go wrong.
    pub fn nemesis(&self, nemesis: Nemesis) -> &Sim {
        self.0.borrow_mut().nemesis = nemesis;
        self
    }

    /// Exactly these faults, in place of what the nemesis would draw.
    pub fn schedule(&self, schedule: Schedule) -> &Sim {
        self.0.borrow_mut().schedule = Some(Brought::Exactly(schedule));
        self
    }

    /// The faults that this draws: what goes wrong is given, and when and how long is left to the seed.
    pub fn schedule_drawn(&self, draw: fn(&mut Draws) -> Schedule) -> &Sim {
        self.0.borrow_mut().schedule = Some(Brought::Drawn(draw));
        self
    }

    /// A shared store of this level for the team's [`Notes`](crate::agent::Notes), on three replicas, which are nodes
    /// of their own and number after the agents. Faults strike them too, as far as stores promise to survive them.
    pub fn store(&self, level: Level) -> &Sim {
        self.store_of(level, move |me, members| level.replica(me, members))
    }

    /// The same with other replicas in place of the correct ones.
    pub fn store_of(
        &self,
        level: Level,
        replica: impl Fn(NodeId, &Members) -> Replica + Send + Sync + 'static,
    ) -> &Sim {
        let mut state = self.0.borrow_mut();
        state.store = Some(Shared { level, factory: Arc::new(replica) });
        state.healed_after.get_or_insert(HEALED_AFTER);
        drop(state);
        self
    }

    /// Faults act for so long; then everything is healed, and the run ends once every agent's function has returned and
    /// what is under way had time to arrive. A team with a store is healed after a minute unless it is told otherwise;
    /// one without never is, and runs for as long as it is run.
    pub fn heal_after(&self, span: Duration) -> &Sim {
        self.0.borrow_mut().healed_after = Some(span);
        self
    }

    /// Something that some run of every sweep is to exercise. A sweep in which it never happens is no evidence.
    pub fn sometimes(&self, name: &str, happens: impl Fn(&Exercised) -> bool + Send + Sync + 'static) {
        self.0.borrow_mut().goals.push(Goal::sometimes(name, happens));
    }

    /// An event that some run of every sweep is to reach. A sweep that never does is no evidence.
    pub fn reachable(&self, name: &str, is_one: impl Fn(&Event) -> bool + Send + Sync + 'static) {
        self.0.borrow_mut().goals.push(Goal::reachable(name, is_one));
    }

    /// Runs for so much virtual time, or until nothing more can happen.
    pub async fn run_for(&self, span: Duration) {
        self.prepare(span);
        {
            let mut state = self.0.borrow_mut();
            let State { world, questions, target, .. } = &mut *state;
            if let Some(world) = world {
                questions.iter_mut().for_each(|question| question.settle(world.history()));
            }
            *target = Some(world.as_ref().map_or(Time::ZERO, World::now) + span);
        }
        std::future::poll_fn(|_| if self.0.borrow().target.is_some() { Poll::Pending } else { Poll::Ready(()) }).await;
    }

    /// Judges what happened so far; if nothing runs afterwards, that is the whole run with its end. A violation fails
    /// the test, with its witness.
    pub fn check(&self, check: impl Check + 'static) {
        self.check_boxed(Box::new(check));
    }

    /// The same for a property that is chosen at run time.
    pub fn check_boxed(&self, check: Box<dyn Check>) {
        let mut state = self.0.borrow_mut();
        if state.world.is_none() {
            let what = "sim.check judges a run: call sim.run_for(…).await first";
            state.misuse.get_or_insert_with(|| what.to_owned());
            return;
        }
        state.questions.push(Question { check, answer: None });
    }

    /// Fails the run for a reason of the test's own.
    pub fn fail(&self, why: String) {
        self.0.borrow_mut().misuse.get_or_insert(why);
    }

    /// What has happened so far.
    #[must_use]
    pub fn history(&self) -> History {
        self.0.borrow().world.as_ref().map(|world| world.history().clone()).unwrap_or_default()
    }

    /// Makes the world when the first run begins.
    fn prepare(&self, span: Duration) {
        let mut state = self.0.borrow_mut();
        if state.world.is_some() || state.misuse.is_some() {
            return;
        }
        let streams = Streams::pinned(state.job.seed, state.pins.clone());
        match state.setup(span, &streams) {
            Ok(setup) => {
                let trace = Trace::new(state.job.detail).of_team(state.role.clone());
                state.world = Some(World::new(setup, streams, trace));
            }
            Err(what) => state.misuse = Some(what),
        }
    }

    /// Polls the test's body, and runs the world whenever the body waits for it. A panic of the body is its failure.
    pub(super) fn drive(&self, mut body: Body, clock: &dyn Clock) {
        while self.poll(&mut body) == Poll::Pending {
            let mut state = self.0.borrow_mut();
            let Some(target) = state.target.take() else {
                state.misuse.get_or_insert_with(|| AWAITS_ELSE.to_owned());
                break;
            };
            if let Some(world) = &mut state.world {
                world.run_until(target, clock);
            }
        }
        self.contain(|| drop(body));
    }

    /// Polls the body once, without a world's time passing, and says how it misuses its handle, if it does. By then it
    /// has said who takes part. A panic is for the run to report, with its seed.
    pub(super) fn rehearse(&self, mut body: Body) -> Option<String> {
        let _run = OnStage::enter();
        let polled = contain(|| body.as_mut().poll(&mut Context::from_waker(Waker::noop())));
        let state = self.0.borrow();
        match (&state.misuse, polled) {
            (Some(what), _) => Some(what.clone()),
            (None, Ok(Poll::Ready(()))) if state.world.is_none() => Some(NEVER_RUNS.to_owned()),
            (None, Ok(Poll::Pending)) if state.target.is_none() => Some(AWAITS_ELSE.to_owned()),
            (None, _) => None,
        }
    }

    fn poll(&self, body: &mut Body) -> Poll<()> {
        self.contain(|| body.as_mut().poll(&mut Context::from_waker(Waker::noop()))).unwrap_or(Poll::Ready(()))
    }

    fn contain<T>(&self, run: impl FnOnce() -> T) -> Option<T> {
        let fail = |panicked| self.fail(format!("the test's body {panicked}"));
        contain(run).map_err(fail).ok()
    }

    /// Ends the run. A body that failed by itself is a crash of nobody's in particular.
    pub(super) fn conclude(&self) -> Run {
        let mut state = self.0.borrow_mut();
        let (mut questions, mut misuse) = (std::mem::take(&mut state.questions), state.misuse.take());
        let mut goals = std::mem::take(&mut state.goals);
        if let Some(Instead::Drawn(_)) = state.instead {
            // What must happen at least once was said of the body's own faults.
            goals.clear();
        }
        if let Some(trespass) = Trespass::take() {
            misuse.get_or_insert(format!("the test's body {}", trespass.what));
        }
        let (at, mut run) = match state.world.take() {
            None => {
                misuse.get_or_insert_with(|| NEVER_RUNS.to_owned());
                (Time::ZERO, Run::empty(&state.job))
            }
            Some(world) => {
                let at = world.now();
                let mut finished = world.finish();
                score(&mut finished);
                questions.iter_mut().for_each(|question| question.settle(&finished.history));
                let judged = questions.into_iter().filter_map(|question| question.answer).collect();
                (at, assemble(&state.job, finished, &state.pins, judged, &goals))
            }
        };
        if let Some(what) = misuse {
            let mut digester = Digester::default();
            digester.word(run.digest);
            what.digest(&mut digester);
            run.digest = digester.finish();
            run.crash.get_or_insert(Crash { node: None, at, what });
        }
        run
    }

    /// Who takes part and what is at stake, for the report of a scenario.
    pub(super) fn cast(&self) -> Cast {
        let state = self.0.borrow();
        Cast { agents: state.agents, task: state.task.name().to_owned() }
    }
}

/// What a team shares.
#[derive(Clone)]
struct Shared {
    level: Level,
    factory: Factory<Replica>,
}

/// What a body of a test set up.
#[derive(Clone)]
pub(super) struct Cast {
    pub(super) agents: u16,
    pub(super) task: String,
}

impl State {
    fn setup(&self, span: Duration, streams: &Streams) -> Result<Setup<Replica>, String> {
        let program = self.program.clone().filter(|_| self.agents > 0);
        let program = program.ok_or("the team has 0 agents: call sim.team(agents, program) before sim.run_for")?;
        if self.models == 0 {
            return Err("the team has 0 models: leave out sim.models(0)".to_owned());
        }
        let replicas = if self.store.is_some() { REPLICAS } else { 0 };
        let members = Members::of(self.agents + replicas);
        let stored = self.store.is_some();
        // A store promises nothing of models, which it never asks; its team may meet their faults all the same.
        let tolerance = |kind: Kind| match kind.class() {
            _ if !stored => Some(Tolerance::Tolerated),
            Class::Access | Class::Speech => Some(Tolerance::Tolerated),
            _ => Replica::tolerance(kind),
        };
        let until = Time::ZERO + self.healed_after.unwrap_or(Duration(span.0.min(NEMESIS_WINDOW.0)));
        let struck = Struck {
            members: &members,
            models: self.models,
            clients: 0,
            tools: self.tools.len(),
            moments: &Moment::OF_AGENTS,
            tolerance: &tolerance,
            until,
        };
        let (nemesis, exactly) = match &self.instead {
            Some(Instead::Exactly(schedule)) => (&self.nemesis, Some(schedule.clone())),
            Some(Instead::Drawn(nemesis)) => (nemesis, None),
            None => (&self.nemesis, self.schedule.as_ref().map(|brought| brought.of(streams))),
        };
        let drawn = || nemesis.plan(&struck, streams).map_err(|error| error.to_string());
        // A body that brings its own schedule has it whatever the tactic, which is drawn all the same: a pin is
        // consumed.
        let _ = Tactic::of(streams);
        exactly.as_ref().map_or(Ok(()), Schedule::validate)?;
        let listed = exactly.map(|schedule| schedule.kept(streams));
        let schedule = listed.map_or_else(drawn, Ok)?;
        let mock = || -> Arc<dyn Model> { Arc::new(Mock::new(self.profile.clone(), self.task.clone())) };
        Ok(Setup {
            agents: self.agents,
            clients: 0,
            models: self.models,
            team: Team::Async(program),
            latency: LINK,
            disk: DISK,
            model: self.model.clone().unwrap_or_else(mock),
            tasks: self.task.clone(),
            tools: self.tools.clone(),
            evidence: self.evidence,
            validation: Validation::Local,
            schedule,
            workload: Workload {
                decisions: 0,
                patience: seconds(10),
                think: seconds(1),
                last_after: Time::ZERO,
                visits: Visits::default(),
                sessions: None,
            },
            safety: self.healed_after,
            core: if self.healed_after.is_some() { members.len() } else { members.majority() },
            shelf: self.healed_after.map(|_| self.shelf(replicas)),
        })
    }
}

impl State {
    fn shelf(&self, replicas: u16) -> Shelf<Replica> {
        let weak: Factory<Replica> = Arc::new(|me, members| Level::Weak.replica(me, members));
        let Shared { level, factory } = self.store.clone().unwrap_or(Shared { level: Level::Weak, factory: weak });
        Shelf { replicas, level, factory, settling: SETTLING }
    }
}

/// What `sim.model` accepts.
pub trait IntoModel {
    /// Makes it the team's model.
    fn set(self, sim: &Sim);
}

impl IntoModel for Profile {
    fn set(self, sim: &Sim) {
        sim.0.borrow_mut().profile = self;
    }
}

impl<M: Model + 'static> IntoModel for M {
    fn set(self, sim: &Sim) {
        sim.0.borrow_mut().model = Some(Arc::new(self));
    }
}
