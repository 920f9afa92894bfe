//! The discrete-event simulator: one queue, one clock, every participant a node.
//!
//! The world drives pure protocols and users' async agents over the same links, in the same virtual time, under the
//! same faults. It knows no property and judges nothing: it records.

mod agents;
mod asks;
mod callings;
mod clients;
mod clock;
mod containment;
mod desk;
mod disk;
mod ending;
mod envelope;
mod inlet;
mod link;
mod links;
mod lives;
mod models;
mod nemesis;
mod outcome;
mod outlines;
mod owned;
mod process;
mod queue;
mod recorder;
mod records;
mod roster;
mod rounds;
mod saves;
mod send;
mod sessions;
mod setup;
mod shape;
mod shelves;
mod slab;
mod stage;
mod steps;
mod struck;
mod tools;
mod unused;

pub use agents::Program;
pub(crate) use containment::contain;
pub use link::Latency;
pub use outcome::{Clock, Crash, Figures, Frozen, Traffic};
pub use sessions::{Sessions, Silence, Turns};
pub use setup::{Factory, Setup, Shelf, Team, Validation, Visits, Workload};
pub use stage::Inside;
pub(crate) use stage::{OnStage, Trespass};
pub use unused::Unused;

use crate::agent::{Command, Completion, Ticket};
use crate::fact::{Slot, Value};
use crate::fault::{Ledger, Moment, Schedule};
use crate::history::{Environment, History};
use crate::id::{Members, NodeId};
use crate::model::{Problem, Spending};
use crate::protocol::Effects;
use crate::protocol::team::{Answer, TeamProtocol};
use crate::seed::Piece::{Node, Text};
use crate::seed::{Stream, Streams};
use crate::time::{Duration, Time};
use crate::trace::{Cause, Happening, Trace};
use agents::Bell;
use asks::Checked;
use clients::{Client, Settling};
use disk::{Disk, Saved};
use envelope::Flight;
use links::Links;
use models::{Job, ModelNode, Providers, Streaming};
use nemesis::{Active, NodeFaults, Waiting};
use outlines::Outlines;
use process::Process;
use queue::{Kept, Queue, Turn};
use recorder::{Note, Recorder, Who};
use roster::Roster;
use rounds::Rounds;
use slab::Slab;
use stage::Running;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use tools::ToolNode;

/// Polls of async agents in one instant before one of them counts as looping. A real program polls a handful of times.
const POLL_BUDGET: u32 = 100_000;

/// A team, its clients and models, and everything under way between them.
pub struct World<P: TeamProtocol> {
    setup: Setup<P>,
    streams: Streams,
    members: Members,
    queue: Queue<Due>,
    /// Messages under way, from when they are sent until they are delivered.
    flights: Slab<Flight<P::Message>>,
    links: Links,
    processes: Vec<Process<P>>,
    /// The live copies of each agent.
    live: Vec<Vec<u32>>,
    disks: Vec<Disk<P::Durable>>,
    saves: Vec<Disk<Saved>>,
    node_draws: Vec<NodeDraws>,
    clients: Vec<Client>,
    models: Vec<ModelNode>,
    providers: Providers,
    tools: Vec<ToolNode>,
    problems: BTreeMap<Slot, Problem>,
    /// What validation found so far.
    checked: Vec<Checked>,
    bell: Bell,
    /// Room for what is done once and again: tasks to poll, commands to carry out.
    ready: Vec<u32>,
    commands: VecDeque<Command>,
    effects: Effects<P>,
    /// Faults that are on, in the order they began.
    active: Vec<Active>,
    strikes: u64,
    node_faults: Vec<NodeFaults>,
    moments: [u64; Moment::ALL.len()],
    /// Faults that wait for a moment, or for the n-th message, write or call.
    counting: Vec<u32>,
    waiting: Vec<Waiting<P::Message>>,
    recorder: Recorder,
    /// First decisions by slot, and when the slot was first invoked.
    decided: BTreeMap<Slot, Value>,
    invoked: BTreeMap<Slot, Time>,
    /// Which members have done with which slots.
    settled: BTreeSet<(Slot, NodeId)>,
    phase: Phase,
    settling: Settling,
    /// Agents of a team with a store whose functions have returned.
    retired: Vec<NodeId>,
    begun: Begun,
    /// Whose code runs, for a panic's report.
    running: Running,
    polls: u32,
    write_number: u64,
    /// The states that the team came to, if a search wants them.
    outlines: Option<Outlines>,
    /// While rounds part processes: how.
    rounds: Option<Box<Rounds>>,
}

/// How far a run has come.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    /// The nemesis acts.
    Safety,
    /// A core is healed and has to decide.
    Liveness {
        /// The core.
        core: Vec<NodeId>,
    },
    /// Nothing more happens.
    Over,
}

/// Whether anyone started yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begun {
    No,
    Yes,
}

/// The streams that belong to one agent.
struct NodeDraws {
    timers: Stream,
    disk: Stream,
    crash: Stream,
}

/// What is due at an instant, besides messages that arrive.
enum Due {
    /// An alarm rings: a timer fires, unless it was put off or disarmed.
    Ring { process: u32, alarm: Turn },
    /// A write is durable.
    Durable { process: u32, number: u64 },
    /// A write of an async agent is durable.
    Saved { process: u32, ticket: Ticket },
    /// A slow process has done with its event.
    Free { process: u32 },
    /// The composing agent has an answer of its own.
    Answer { process: u32, ticket: u64, answer: Answer, cause: Cause },
    /// The composing agent waits no longer.
    GiveUp { process: u32, ticket: Ticket },
    /// An async agent's span is over.
    Wake { process: u32, ticket: Ticket, cause: Cause },
    /// A client acts.
    Client { client: u16, alarm: u64 },
    /// A model admits the next call.
    Admit { model: u16 },
    /// A model has generated a reply.
    Serve { model: u16, number: u64, job: Box<Job> },
    /// The next piece of a streamed reply is there.
    Stream { model: u16, stream: Box<Streaming> },
    /// A tool has done its work on a call.
    Work { node: NodeId, number: u64 },
    /// A fault begins.
    Begin { fault: u32, whoever: Option<NodeId> },
    /// A fault ends.
    End { strike: u64 },
    /// A flapping link changes.
    Flap { strike: u64 },
    /// A crashed process starts again.
    Restart { node: NodeId },
    /// The nemesis stops and a core is healed.
    Heal,
    /// What was under way had time to arrive.
    Settle,
}

impl<P: TeamProtocol> World<P> {
    /// A world in which everything is about to start.
    #[must_use]
    pub fn new(setup: Setup<P>, streams: Streams, trace: Trace) -> World<P> {
        let agents = usize::from(setup.agents);
        let profile = setup.model.profile();
        let providers = Providers::new(setup.models, profile.quota, profile.sharing);
        let roster = Roster::of(setup.models, setup.clients, setup.tools.len());
        let recorder = Recorder {
            trace,
            history: History::new(),
            ledger: Ledger::of(&setup.schedule),
            figures: Figures::default(),
            latencies: Vec::new(),
            crash: None,
            now: Time::ZERO,
        };
        World {
            members: World::everyone(&setup),
            queue: Queue::default(),
            flights: Slab::default(),
            links: Links::new(roster, setup.agents, streams.clone(), setup.safety.map(|span| Time::ZERO + span)),
            processes: Vec::with_capacity(2 * agents),
            live: Vec::with_capacity(agents),
            disks: Vec::with_capacity(agents),
            saves: Vec::with_capacity(agents),
            node_draws: Vec::with_capacity(agents),
            clients: Vec::new(),
            models: (0..setup.models).map(|_| ModelNode::new()).collect(),
            providers,
            tools: Vec::new(),
            problems: BTreeMap::new(),
            checked: Vec::new(),
            bell: Bell::default(),
            ready: Vec::new(),
            commands: VecDeque::new(),
            effects: Effects::default(),
            active: Vec::new(),
            strikes: 0,
            node_faults: Vec::with_capacity(agents),
            moments: [0; Moment::ALL.len()],
            counting: Vec::new(),
            waiting: Vec::new(),
            recorder,
            decided: BTreeMap::new(),
            invoked: BTreeMap::new(),
            settled: BTreeSet::new(),
            phase: Phase::Safety,
            settling: Settling::No,
            retired: Vec::new(),
            running: Running::default(),
            polls: 0,
            write_number: 0,
            outlines: None,
            rounds: None,
            begun: Begun::No,
            setup,
            streams,
        }
    }

    /// Starts everyone and schedules what the plan holds.
    fn begin(&mut self) {
        let members: Vec<NodeId> = self.members.iter().collect();
        members.iter().for_each(|node| self.add_agent(*node));
        self.start_tools();
        self.schedule_faults();
        for node in members {
            self.start(node, crate::history::Restart::First, Cause::NONE);
        }
        self.start_clients();
        if let Some(safety) = self.setup.safety {
            self.queue.push(Time::ZERO + safety, Due::Heal);
        }
    }

    /// Makes room for an agent.
    fn add_agent(&mut self, node: NodeId) {
        self.live.push(Vec::new());
        self.disks.push(Disk::new());
        self.saves.push(Disk::new());
        self.node_faults.push(NodeFaults::default());
        self.node_draws.push(NodeDraws {
            timers: self.streams.stream([Text("timer/"), Node(node)]),
            disk: self.streams.stream([Text("disk/"), Node(node)]),
            crash: self.streams.stream([Text("crash/"), Node(node)]),
        });
    }

    /// Runs until this instant, or until nothing more can happen. A panic in the tested code ends the run as a crash.
    pub fn run_until(&mut self, until: Time, clock: &dyn Clock) {
        let _run = OnStage::enter();
        if let Err(panicked) = contain(|| self.run_events(until, clock)) {
            self.fail(self.running.who(), panicked.to_string());
        }
        self.own_up();
        if self.phase != Phase::Over && until < Time(u64::MAX) {
            self.recorder.now = self.recorder.now.max(until);
        }
        clock.advance_to(self.recorder.now);
    }

    fn run_events(&mut self, until: Time, clock: &dyn Clock) {
        if std::mem::replace(&mut self.begun, Begun::Yes) == Begun::No {
            clock.advance_to(Time::ZERO);
            self.begin();
        }
        self.ring();
        loop {
            self.run_queue(until, clock);
            if self.phase == Phase::Over || !self.queue.is_empty() {
                return;
            }
            self.look_again();
            if self.queue.is_empty() {
                return self.strand();
            }
        }
    }

    #[inline]
    fn run_queue(&mut self, until: Time, clock: &dyn Clock) {
        let heeded = matches!(self.setup.team, Team::Async(_));
        while self.phase != Phase::Over {
            let Some((at, kept)) = self.queue.pop(until) else { return };
            if at > self.recorder.now {
                self.recorder.now = at;
                self.streams.pins().reach(at);
                self.polls = 0;
                if heeded {
                    clock.advance_to(at);
                }
            }
            self.recorder.figures.events += 1;
            match kept {
                Kept::Elsewhere(flight) => self.deliver(flight),
                Kept::Here(place) => {
                    let due = self.queue.take(place);
                    self.dispatch(due);
                }
            }
            if heeded {
                self.ring();
            }
        }
    }

    fn dispatch(&mut self, due: Due) {
        match due {
            Due::Ring { process, alarm } => self.alarm_rings(process, alarm),
            Due::Durable { process, number } => self.durable(process, number),
            Due::Saved { process, ticket } => self.saved(process, ticket),
            Due::Free { process } => self.resume_work(process),
            Due::Answer { process, ticket, answer, cause } => self.answer(process, ticket, answer, cause),
            Due::GiveUp { process, ticket } => self.give_up_due(process, ticket),
            Due::Wake { process, ticket, cause } => self.wake(process, ticket, Completion::Elapsed, cause),
            Due::Client { client, alarm } => self.client_alarm(client, alarm),
            Due::Admit { model } => self.admit(model),
            Due::Serve { model, number, job } => self.serve(model, number, *job),
            Due::Stream { model, stream } => self.next_piece(model, stream),
            Due::Work { node, number } => self.work_done(node, number),
            Due::Begin { fault, whoever } => _ = self.begin_fault(fault, whoever),
            Due::End { strike } => self.end_fault(strike),
            Due::Flap { strike } => self.flap(strike),
            Due::Restart { node } => self.restart(node),
            Due::Heal => self.heal(),
            Due::Settle => self.settle_down(),
        }
    }

    /// The instant the run has reached.
    #[must_use]
    pub fn now(&self) -> Time {
        self.recorder.now
    }

    /// Whether the run is over before its time.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// Ends the run and hands over what it recorded.
    #[must_use]
    pub fn finish(mut self) -> Finished {
        self.find_strays();
        self.phase = Phase::Over;
        let (waiting, replicas) = (self.waiting_agents(), self.replicas());
        self.drop_agents();
        let who = Who::only(NodeId::agent(0));
        self.recorder.environment(who, Environment::Ended);
        self.recorder.record(who, Happening::Ended, Cause::NONE, Note::NONE);
        self.recorder.figures.virtual_time = self.recorder.now.since(Time::ZERO);
        let Recorder { mut trace, history, ledger, figures, latencies, crash, .. } = self.recorder;
        trace.follow_claims(&replicas);
        let schedule = self.setup.schedule;
        let spending = self.providers.spending;
        Finished {
            trace,
            history,
            ledger,
            schedule,
            figures,
            latencies,
            spending,
            crash,
            waiting,
            outlines: self.outlines.unwrap_or_default(),
            decided: self.decided,
            problems: self.problems,
        }
    }

    /// The history so far, for checks in the middle of a run.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.recorder.history
    }

    /// The tested code failed: the run ends here.
    fn fail(&mut self, who: Option<Who>, what: String) {
        let (at, about) = (self.recorder.now, crate::digest::digest_of(&what));
        let node = who.map(|who| who.node);
        let who = who.unwrap_or(Who::only(NodeId::agent(0)));
        self.recorder.record_with(who, Happening::Panicked, Cause::NONE, Note::about(about), || what.clone());
        self.recorder.crash.get_or_insert(Crash { node, at, what });
        self.phase = Phase::Over;
    }

    /// Something that a run must not do was tried: the run ends here, and says in whose code.
    #[inline]
    fn own_up(&mut self) {
        if let Some(trespass) = Trespass::take() {
            self.fail(trespass.node().map(Who::only), trespass.what);
        }
    }

    /// The team's problem of a slot, generated when first needed.
    fn problem(&mut self, slot: Slot) -> &Problem {
        let (tasks, streams) = (&self.setup.tasks, &self.streams);
        self.problems.entry(slot).or_insert_with(|| tasks.problem(streams, slot))
    }

    fn who(&self, process: u32) -> Who {
        let process = &self.processes[process as usize];
        Who { node: process.node, process: process.id }
    }

    /// A span of true time after now.
    fn after(&self, span: Duration) -> Time {
        self.recorder.now + span
    }
}

/// What a finished run leaves behind.
pub struct Finished {
    /// What happened, for people and digests.
    pub trace: Trace,
    /// What happened, for checkers.
    pub history: History,
    /// Planned, fired, felt.
    pub ledger: Ledger,
    /// What was planned.
    pub schedule: Schedule,
    /// Counts.
    pub figures: Figures,
    /// From each decided slot's invocation to its first decision, in the order of these decisions.
    pub latencies: Vec<Duration>,
    /// What each agent's calls have cost.
    pub spending: BTreeMap<NodeId, Spending>,
    /// How the tested code itself failed.
    pub crash: Option<Crash>,
    /// Which async agents still waited for what.
    pub waiting: Vec<String>,
    /// The states that the team came to as its protocol outlines them, if they were kept.
    pub outlines: BTreeSet<u64>,
    /// The first decision of each slot.
    pub decided: BTreeMap<Slot, Value>,
    /// The problems that came up.
    pub problems: BTreeMap<Slot, Problem>,
}
