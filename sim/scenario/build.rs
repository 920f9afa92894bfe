//! Scenarios of pure protocols, built step by step.

use super::catalogue::{ON_TASK, UNDER};
use super::crowd::{Crowd, everyone};
use super::exercised::{Exercised, Goal};
use super::judge::conclude;
use super::run::{Expectation, Job, Promise, Run, Runnable, States, Summary};
use super::setting::{Setting, Trouble};
use crate::check::Check;
use crate::fault::{FaultProfile, Kind, Moment, Nemesis, PlanError, Schedule, Tactic, Team as Struck, Tolerance};
use crate::history::{Event, History};
use crate::id::{Members, NodeId};
use crate::model::{Diagnose, Evidence, Mock, Model, Profile, Task, TaskSet};
use crate::protocol::team::TeamProtocol;
use crate::seed::{Draws, Streams};
use crate::time::{Duration, Time, micros, millis, seconds};
use crate::tool::Toolbox;
use crate::trace::Trace;
use crate::world::{
    Clock, Factory, Latency, OnStage, Sessions, Setup, Team, Unused, Validation, Visits, Workload, World,
};
use std::sync::Arc;

/// Latency of a link between processes of one region, in which agent teams usually run.
pub(super) const LINK: Latency = Latency { least: millis(1), most: millis(20) };
/// Latencies that a run of a scenario may have: one region, one continent, the world. Slow links make elections
/// overlap.
const LINKS: [Latency; 3] =
    [LINK, Latency { least: millis(5), most: millis(100) }, Latency { least: millis(30), most: millis(300) }];
/// A write to a solid-state disk, flushed.
pub(super) const DISK: Latency = Latency { least: micros(200), most: millis(8) };

/// The longest pause of a client between two decisions.
const THINK: Duration = seconds(8);

/// A team of pure protocols with everything around it, as one value that runs by seed.
///
/// ```
/// use synod::check::Agreement;
/// use synod::protocol::consensus::Raft;
/// use synod::{explore::SweepExt, fault::Nemesis, scenario::Scenario};
/// let report = Scenario::new("review").team(5, Raft::factory).nemesis(Nemesis::all()).expect(Agreement).sweep(0..20);
/// assert!(report.is_ok());
/// ```
#[derive(Clone)]
pub struct Scenario<P: TeamProtocol> {
    name: String,
    about: String,
    protocol: &'static str,
    agents: u16,
    sizes: Vec<u16>,
    factory: Option<Factory<P>>,
    task: TaskSet,
    evidence: Evidence,
    profile: Profile,
    model: Option<Arc<dyn Model>>,
    models: u16,
    clients: u16,
    decisions: u64,
    think: Duration,
    visits: Visits,
    sessions: Option<Sessions>,
    validation: Validation,
    nemesis: Nemesis,
    schedule: Option<Schedule>,
    /// What goes wrong in place of the above, whatever the protocol promises.
    alike: Option<Trouble>,
    safety: Duration,
    bound: Duration,
    checks: Vec<Arc<dyn Check>>,
    goals: Vec<Goal>,
    expectation: Expectation,
    /// What the team is said to promise, if that is less than its protocol does.
    said: Option<Table>,
}

/// What a team promises under each kind of fault.
type Table = Arc<dyn Fn(Kind) -> Tolerance + Send + Sync>;

impl Scenario<Unused> {
    /// A scenario of this snake-case name, with no team yet.
    #[must_use]
    pub fn new(name: &str) -> Scenario<Unused> {
        Scenario {
            name: name.to_owned(),
            about: String::new(),
            protocol: "none",
            agents: 0,
            sizes: Vec::new(),
            factory: None,
            task: TaskSet::of(Diagnose::generate),
            evidence: Evidence::Whole,
            profile: Profile::grounded(),
            model: None,
            models: 1,
            clients: 1,
            decisions: 2,
            think: THINK,
            visits: Visits::default(),
            sessions: None,
            validation: Validation::Local,
            nemesis: Nemesis::none(),
            schedule: None,
            alike: None,
            // Two decisions of a few model calls each, with room for several leader changes around them.
            safety: seconds(40),
            bound: seconds(120),
            checks: Vec::new(),
            goals: Vec::new(),
            expectation: Expectation::Holds,
            said: None,
        }
    }
}

impl<P: TeamProtocol> Scenario<P> {
    /// A team of so many agents, each made by this factory, at the start and at every restart.
    #[must_use]
    pub fn team<Q: TeamProtocol>(
        self,
        agents: u16,
        factory: impl Fn(NodeId, &Members) -> Q + Send + Sync + 'static,
    ) -> Scenario<Q> {
        let protocol = std::any::type_name::<Q>().rsplit("::").next().unwrap_or("protocol");
        let Scenario { name, about, task, profile, model, models, clients, decisions, think, visits, .. } = self;
        let Scenario { validation, nemesis, schedule, alike, safety, bound, checks, expectation, evidence, .. } = self;
        Scenario {
            name,
            about,
            protocol,
            agents,
            sizes: self.sizes,
            factory: Some(Arc::new(factory)),
            task,
            evidence,
            profile,
            model,
            models,
            clients,
            decisions,
            think,
            visits,
            sessions: self.sessions,
            validation,
            nemesis,
            schedule,
            alike,
            safety,
            bound,
            checks,
            goals: self.goals,
            expectation,
            // Another team, another table.
            said: None,
        }
    }

    /// One line about it, for the catalogue.
    #[must_use]
    pub fn about(mut self, about: &str) -> Self {
        about.clone_into(&mut self.about);
        self
    }

    /// What the team decides about, in place of the built-in `diagnose`.
    #[must_use]
    pub fn task<T: Task>(mut self, generate: fn(&mut Draws) -> (String, T)) -> Self {
        self.task = TaskSet::of(generate);
        self
    }

    /// Who has which part of the evidence, in place of all of it for everyone. Members of a protocol that passes on no
    /// evidence propose from their share alone.
    #[must_use]
    pub fn evidence(mut self, evidence: Evidence) -> Self {
        self.evidence = evidence;
        self
    }

    /// How good the models are, in place of [`Profile::grounded`].
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// What answers the agents, in place of the mock: a [`Cassette`](crate::model::Cassette), or any [`Model`].
    #[must_use]
    pub fn model(mut self, model: impl Model + 'static) -> Self {
        self.model = Some(Arc::new(model));
        self
    }

    /// How many models serve the team, in place of one for all.
    #[must_use]
    pub fn models(mut self, models: u16) -> Self {
        self.models = models;
        self
    }

    /// How many clients there are and how many decisions each wants, in place of one client and two decisions.
    #[must_use]
    pub fn workload(mut self, clients: u16, decisions: u64) -> Self {
        self.clients = clients;
        self.decisions = decisions;
        self
    }

    /// How long a client pauses at most between two decisions, in place of eight seconds.
    #[must_use]
    pub fn thinking(mut self, longest: Duration) -> Self {
        self.think = longest;
        self
    }

    /// What is wanted besides decisions: reads of the log, and changes of who votes and who leads. A team whose members
    /// change is healed whole, since any of its members may be one that it cannot do without.
    #[must_use]
    pub fn visits(mut self, visits: Visits) -> Self {
        self.visits = visits;
        self
    }

    /// What is wanted of a team that is a shared store, in place of decisions.
    #[must_use]
    pub fn sessions(mut self, sessions: Sessions) -> Self {
        (self.clients, self.decisions, self.sessions) = (0, 0, Some(sessions));
        self
    }

    /// How members check each other's proposals, in place of schema and local facts.
    #[must_use]
    pub fn validation(mut self, validation: Validation) -> Self {
        self.validation = validation;
        self
    }

    /// What may go wrong.
    #[must_use]
    pub fn nemesis(mut self, nemesis: Nemesis) -> Self {
        self.nemesis = nemesis;
        self
    }

    /// Exactly these faults in every run, in place of what the nemesis would draw.
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = Some(schedule);
        self
    }

    /// How long the nemesis acts, and how long the healed core may take to decide everything after it.
    #[must_use]
    pub fn phases(mut self, safety: Duration, bound: Duration) -> Self {
        self.safety = safety;
        self.bound = bound;
        self
    }

    /// A property that is to hold on every seed.
    #[must_use]
    pub fn expect(mut self, check: impl Check + 'static) -> Self {
        self.checks.push(Arc::new(check));
        self
    }

    /// Something that some run of every sweep is to exercise. A sweep in which it never happens is no evidence.
    #[must_use]
    pub fn sometimes(mut self, name: &str, happens: impl Fn(&Exercised) -> bool + Send + Sync + 'static) -> Self {
        self.goals.push(Goal::sometimes(name, happens));
        self
    }

    /// An event that some run of every sweep is to reach. A sweep that never does is no evidence.
    #[must_use]
    pub fn reachable(mut self, name: &str, is_one: impl Fn(&Event) -> bool + Send + Sync + 'static) -> Self {
        self.goals.push(Goal::reachable(name, is_one));
        self
    }

    /// Something that some run's history of every sweep is to show, and that no single event does. A sweep that never
    /// does is no evidence.
    #[must_use]
    pub fn shown(mut self, name: &str, shows: impl Fn(&History) -> bool + Send + Sync + 'static) -> Self {
        self.goals.push(Goal::shown(name, shows));
        self
    }

    /// The expectation that this property, judged already or not, is violated on some seed: the honest one of a
    /// baseline.
    #[must_use]
    pub fn violating(mut self, check: impl Check + 'static) -> Self {
        let property = check.property();
        self.expectation = Expectation::Violates(property.name.to_owned());
        if self.checks.iter().any(|known| known.property().name == property.name) { self } else { self.expect(check) }
    }

    /// The team's size in each run is drawn from these instead: some bugs need three members, some five, some an even
    /// number.
    #[must_use]
    pub fn sizes(mut self, sizes: impl IntoIterator<Item = u16>) -> Self {
        self.sizes = sizes.into_iter().collect();
        self
    }

    /// What reports say that the team promises, where it is configured to promise less than its protocol. What may be
    /// planned stays what the protocol bears: that is how the difference is seen.
    #[must_use]
    pub fn promising(mut self, table: impl Fn(Kind) -> Tolerance + Send + Sync + 'static) -> Self {
        self.said = Some(Arc::new(table));
        self
    }

    /// Everything but its team, its name and its properties as this setting has it: the team's size, its task, models
    /// and clients, and what goes wrong, whatever its protocol promises.
    #[must_use]
    pub(super) fn under(mut self, setting: &Setting) -> Self {
        self.agents = setting.agents;
        self.sizes = Vec::new();
        self.task = setting.task.task();
        self.profile = setting.profile.clone();
        self.models = setting.models;
        (self.clients, self.decisions, self.visits, self.sessions) = (1, 1, Visits::default(), None);
        self.validation = setting.validation;
        self.think = setting.asked_within;
        self.alike = Some(setting.trouble.clone());
        self.phases(setting.safety, setting.bound * 2)
    }

    fn size(&self, streams: &Streams) -> u16 {
        if self.sizes.is_empty() { self.agents } else { *streams.stream(format_args!("team/size")).pick(&self.sizes) }
    }

    fn plan(&self, agents: u16, streams: &Streams) -> Result<Schedule, PlanError> {
        if let Some(schedule) = &self.schedule {
            return Ok(schedule.clone().kept(streams));
        }
        let members = Members::of(agents);
        if let Some(trouble) = &self.alike {
            return trouble.plan(&members, self.models, Time::ZERO + self.safety, streams);
        }
        let tolerance = |kind: Kind| -> Option<Tolerance> { P::tolerance(kind) };
        let struck = Struck {
            members: &members,
            models: self.models,
            clients: everyone(self.clients, self.visits, self.sessions),
            tools: 0,
            moments: &Moment::ALL,
            tolerance: &tolerance,
            until: Time::ZERO + self.safety,
        };
        self.nemesis.plan(&struck, streams)
    }

    /// The world of one run.
    fn world(&self, job: &Job, streams: Streams) -> World<P> {
        let factory = self.factory.clone().expect("a validated scenario has a team");
        let agents = self.size(&streams);
        let crowd = Crowd::of(Tactic::of(&streams));
        let (visits, sessions) = (crowd.visits(self.visits), self.sessions.map(|sessions| crowd.sessions(sessions)));
        let schedule = self.plan(agents, &streams).expect("a validated scenario can be planned");
        let setup = Setup {
            agents,
            clients: everyone(crowd.clients(self.clients), visits, sessions),
            models: self.models,
            team: Team::Pure(factory),
            latency: *streams.stream(format_args!("link/latency")).pick(&LINKS),
            disk: DISK,
            model: self.answering(),
            tasks: self.task.clone(),
            tools: Toolbox::default(),
            evidence: self.evidence,
            validation: self.validation,
            schedule,
            workload: Workload {
                decisions: self.decisions,
                patience: seconds(10),
                think: crowd.pause(self.think),
                // Teams that are compared are asked once, while faults act.
                last_after: if self.alike.is_some() { Time::ZERO } else { Time::ZERO + self.safety },
                visits,
                sessions,
            },
            safety: Some(self.safety),
            core: if self.heals_whole() { usize::from(agents) } else { P::core(&Members::of(agents)) },
            shelf: None,
        };
        World::new(setup, streams, Trace::new(job.detail))
    }

    /// Teams that are compared are all healed alike, and of a team whose members change any may be needed.
    fn heals_whole(&self) -> bool {
        self.alike.is_some() || self.visits.administrators > 0
    }

    fn promise(&self, kind: Kind) -> Option<Promise> {
        let tolerance = self.said.as_ref().map_or_else(|| P::tolerance(kind), |said| Some(said(kind)))?;
        Some(Promise { kind, tolerance })
    }

    fn answering(&self) -> Arc<dyn Model> {
        let mock = || -> Arc<dyn Model> { Arc::new(Mock::new(self.profile.clone(), self.task.clone())) };
        self.model.clone().unwrap_or_else(mock)
    }
}

impl<P: TeamProtocol> Runnable for Scenario<P> {
    fn summary(&self) -> Summary {
        Summary {
            name: self.name.clone(),
            about: self.about.clone(),
            team: self.protocol.to_owned(),
            agents: self.agents,
            task: self.task.name().to_owned(),
            expectation: self.expectation.clone(),
            properties: self.checks.iter().map(|check| check.property()).collect(),
            promises: Kind::ALL.iter().filter_map(|kind| self.promise(*kind)).collect(),
        }
    }

    fn validate(&self) -> Result<(), String> {
        let name = &self.name;
        let refuse = |what: &str| Err(format!("scenario '{name}' cannot run: {what}"));
        if self.agents == 0 || self.sizes.contains(&0) || self.factory.is_none() {
            return refuse("it has 0 agents; give it some with .team(agents, factory)");
        }
        if self.models == 0 {
            return refuse("it has 0 models; agents need one, so leave out .models(0)");
        }
        if self.sessions.is_none() && (self.clients == 0 || self.decisions == 0) {
            return refuse("nobody wants a decision; give .workload(clients, decisions) at least 1 and 1");
        }
        if self.checks.is_empty() {
            return refuse("it judges nothing; add a property with .expect(…)");
        }
        if let Some(Err(what)) = self.schedule.as_ref().map(Schedule::validate) {
            return refuse(&what);
        }
        let smallest = self.sizes.iter().copied().min().unwrap_or(self.agents);
        let planned = self.plan(smallest, &Streams::of(crate::seed::Seed(0)));
        planned.map(|_| ()).map_err(|error| format!("scenario '{name}' cannot run: {error}"))
    }

    fn run(&self, job: &Job, clock: &dyn Clock) -> Run {
        let pins = match job.book() {
            Ok(pins) => pins,
            Err(error) => return Run::refused(job, error),
        };
        let _run = OnStage::enter();
        let mut world = self.world(job, Streams::pinned(job.seed, pins.clone()));
        if job.states == States::Kept {
            world.keep_outlines();
        }
        world.run_until(Time::ZERO + self.safety + self.bound, clock);
        conclude(job, world.finish(), &pins, &self.checks, &self.goals)
    }

    fn on_task(&self, task: &TaskSet) -> Option<Box<dyn Runnable>> {
        let name = format!("{}{ON_TASK}{}", self.name, task.name());
        Some(Box::new(Scenario { name, task: task.clone(), ..self.clone() }))
    }

    fn under(&self, faults: &FaultProfile) -> Option<Box<dyn Runnable>> {
        let name = format!("{}{UNDER}{}", self.name, faults.name);
        let nemesis = faults.nemesis();
        let is_promised = |kind: &Kind| !matches!(P::tolerance(*kind), None | Some(Tolerance::OutOfScope));
        let promised = Kind::ALL.iter().any(|kind| nemesis.allows(*kind) && is_promised(kind));
        (promised || nemesis == Nemesis::none()).then_some(())?;
        // What must happen at least once was said of its own faults.
        Some(Box::new(Scenario { name, nemesis, schedule: None, alike: None, goals: Vec::new(), ..self.clone() }))
    }

    fn wants_fresh_thread(&self) -> bool {
        false
    }
}
