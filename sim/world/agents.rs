//! The executor of users' async agents: standard wakers, virtual time, no threads.
//!
//! A task is polled when its waker was called, in the order of the calls. After each poll the world carries out what
//! the agent put on its desk.

use super::asks::Calling;
use super::desk::{Desk, Given};
use super::owned::Owned;
use super::process::{Body, Incoming};
use super::recorder::{Note, Who};
use super::setup::Team;
use super::{Due, POLL_BUDGET, World};
use crate::agent::{Agent, Command, Completion, Delegated, ModelFailure, Parcel, Store, Ticket, Work};
use crate::digest::digest_of;
use crate::fact::Value;
use crate::history::{Environment, Restart};
use crate::id::{Members, NodeId};
use crate::model::Evidence;
use crate::protocol::team::TeamProtocol;
use crate::trace::{Cause, Happening, Mark};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// What every agent of a team runs; a restart calls it again.
pub type Program = Arc<dyn Fn(Agent) -> Work + Send + Sync>;

/// A running async agent.
pub(super) struct Task {
    work: Work,
    pub(super) desk: Arc<Desk>,
    knock: Arc<Knock>,
    pub(super) waker: Waker,
    /// Who waits for it, if it is a sub-agent.
    pub(super) parent: Option<Parent>,
    /// What it is for, if it is a sub-agent.
    pub(super) role: Option<String>,
    /// Tickets of calls to its model that are under way.
    calls: Vec<Ticket>,
    /// Calls of tools that are under way.
    pub(super) tools: Vec<super::tools::Waiting>,
    /// Calls of the team's store that are under way.
    pub(super) consulting: Vec<super::shelves::Consulting>,
    /// What caused the next poll.
    cause: Cause,
}

/// Who started a sub-agent and waits for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Parent {
    pub(super) process: u32,
    pub(super) ticket: Ticket,
}

impl Task {
    pub(super) fn waits_for(&self, ticket: Ticket) -> bool {
        self.desk.open().waits_for(ticket)
    }

    /// Whether it was polled and nothing has woken it since.
    pub(super) fn is_asleep(&self) -> bool {
        !self.knock.rung.load(Ordering::Relaxed)
    }

    /// Whether this ticket is a call to its model that is under way.
    pub(super) fn is_calling(&self, ticket: Ticket) -> bool {
        self.calls.contains(&ticket)
    }

    pub(super) fn is_in_turn(&self) -> bool {
        !self.calls.is_empty()
    }

    /// What the agent finds when it recalls.
    pub(super) fn recalls(&self, saved: Option<Value>) {
        let mut desk = self.desk.open();
        (desk.saved, desk.unreadable) = (saved, false);
    }

    /// The agent's disk cannot be read until it is told what is there.
    pub(super) fn cannot_recall(&self) {
        let mut desk = self.desk.open();
        (desk.saved, desk.unreadable) = (None, true);
    }
}

/// Tasks whose wakers were called, in order.
#[derive(Clone, Default)]
pub(super) struct Bell(Arc<Rung>);

struct Rung {
    here: Owned<Vec<u32>>,
    /// Whether anyone rang: looked at after every event, so without a borrow or a lock.
    rung: AtomicBool,
    /// Who was rung for by another thread.
    elsewhere: Mutex<Vec<u32>>,
    /// Whether anyone was.
    called: AtomicBool,
}

impl Default for Rung {
    fn default() -> Rung {
        let (rung, called) = (AtomicBool::new(false), AtomicBool::new(false));
        Rung { here: Owned::new(Vec::new()), rung, elsewhere: Mutex::default(), called }
    }
}

impl Bell {
    /// Has the process polled.
    #[inline]
    pub(super) fn ring(&self, process: u32) {
        match self.0.here.borrow_here() {
            Some(mut processes) => processes.push(process),
            None => self.call(process),
        }
        self.0.rung.store(true, Ordering::Release);
    }

    #[cold]
    fn call(&self, process: u32) {
        self.0.elsewhere.lock().unwrap_or_else(PoisonError::into_inner).push(process);
        self.0.called.store(true, Ordering::Release);
    }

    #[inline]
    fn is_rung(&self) -> bool {
        self.0.rung.load(Ordering::Acquire)
    }

    /// Takes all that were rung for, in order, into an empty list.
    #[inline]
    fn take(&self, into: &mut Vec<u32>) {
        self.0.rung.store(false, Ordering::Relaxed);
        std::mem::swap(into, &mut self.0.here.borrow());
        if self.0.called.load(Ordering::Acquire) {
            self.0.called.store(false, Ordering::Release);
            into.append(&mut self.0.elsewhere.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

/// A task's waker: rings the bell once until the task is polled.
struct Knock {
    bell: Bell,
    process: u32,
    rung: AtomicBool,
}

impl Wake for Knock {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Threads that race here ring twice at worst: one poll too many, which every future allows for.
        if !self.rung.load(Ordering::Relaxed) {
            self.rung.store(true, Ordering::Relaxed);
            self.bell.ring(self.process);
        }
    }
}

impl<P: TeamProtocol> World<P> {
    /// What a process of this node runs.
    pub(super) fn new_body(&mut self, node: NodeId) -> Body<P> {
        if let Some(replica) = self.replica(node) {
            return replica;
        }
        match &self.setup.team {
            Team::Pure(factory) => Body::Pure(factory(node, &self.members)),
            Team::Async(program) if node.index() < usize::from(self.setup.agents) => {
                let program = program.clone();
                Body::Async(Box::new(self.new_task(node, |agent| program(agent))))
            }
            // A sub-agent's program is its parent's to start again.
            Team::Async(_) => Body::Dead,
        }
    }

    fn new_task(&mut self, node: NodeId, start: impl FnOnce(Agent) -> Work) -> Task {
        let process = u32::try_from(self.processes.len()).expect("fewer than four billion processes");
        let saved = self.saves[node.index()].read().and_then(|saved| saved.0);
        // Each life has draws of its own, or a restarted agent would repeat the choices of the one that crashed.
        let life = self.processes.iter().filter(|process| process.node == node).count();
        let draws = self.streams.stream(format_args!("agent/{node}/{life}"));
        let given = self.given(node);
        let desk = Arc::new(Desk::new(node, Members::of(self.setup.agents), given, saved, draws));
        let knock = Arc::new(Knock { bell: self.bell.clone(), process, rung: AtomicBool::new(true) });
        self.running.enter(Who { node, process: crate::id::ProcessId(process) });
        let work = start(Agent::new(desk.clone()));
        self.running.leave();
        let waker = Waker::from(knock.clone());
        Task {
            work,
            desk,
            knock,
            waker,
            parent: None,
            role: None,
            calls: Vec::new(),
            tools: Vec::new(),
            consulting: Vec::new(),
            cause: Cause::NONE,
        }
    }

    /// What an agent is given at its start.
    fn given(&mut self, node: NodeId) -> Given {
        let members = usize::from(self.setup.agents);
        let (evidence, tools) = (self.setup.evidence, self.setup.tools.offers());
        let store = self.setup.shelf.as_ref().map(|shelf| Store { level: shelf.level, replicas: self.replicas() });
        let problem = self.problem(crate::agent::ONLY_SLOT);
        match evidence {
            Evidence::Whole => Given { task: problem.request(), evidence: problem.evidence().to_owned(), tools, store },
            Evidence::Spread => Given {
                task: problem.request_of(node.index(), members),
                evidence: problem.share(node.index(), members),
                tools,
                store,
            },
        }
    }

    /// Polls every task whose waker was called, until none is.
    #[inline]
    pub(super) fn ring(&mut self) {
        if self.bell.is_rung() {
            self.poll_ready();
        }
    }

    fn poll_ready(&mut self) {
        let mut ready = std::mem::take(&mut self.ready);
        while self.bell.is_rung() {
            self.bell.take(&mut ready);
            for process in &ready {
                self.poll(*process);
            }
            ready.clear();
        }
        self.ready = ready;
    }

    fn poll(&mut self, process: u32) {
        if self.phase == super::Phase::Over {
            return;
        }
        let who = self.who(process);
        let now = self.recorder.now;
        // A process that cannot run is polled when it can again.
        if !self.processes[process as usize].can_run() {
            return;
        }
        self.see_clock(process);
        let target = &mut self.processes[process as usize];
        let local = target.clock.read(now);
        let Body::Async(task) = &mut target.body else { return };
        self.polls += 1;
        if self.polls > POLL_BUDGET {
            let what = format!("polled {POLL_BUDGET} times in one instant: it loops without waiting for anything");
            self.fail(Some(who), what);
            return;
        }
        self.running.enter(who);
        task.desk.begin_turn(local);
        // Waking during the poll must ring again.
        task.knock.rung.store(false, Ordering::Relaxed);
        let polled = task.work.as_mut().poll(&mut Context::from_waker(&task.waker));
        self.running.leave();
        let cause = std::mem::replace(&mut task.cause, Cause::NONE);
        // The desk gets the room of the last ones, which is empty by now.
        std::mem::swap(&mut self.commands, &mut task.desk.open().commands);
        while let Some(next) = self.commands.front() {
            if matches!(next, Command::Send { .. }) {
                self.send_parcel(who, cause);
            } else if let Some(command) = self.commands.pop_front() {
                self.carry_out(process, who, command, cause);
            }
        }
        if let Poll::Ready(outcome) = polled {
            self.ended(process, who, outcome, cause);
        }
        self.own_up();
    }

    /// Carries out what an agent put on its desk.
    fn carry_out(&mut self, process: u32, who: Who, command: Command, cause: Cause) {
        match command {
            Command::Send { .. } => unreachable!("messages are sent by their caller"),
            Command::Sleep { ticket, span } => {
                let span = self.processes[process as usize].clock.true_span(span);
                self.queue.push(self.after(span), Due::Wake { process, ticket, cause });
            }
            Command::Ask { ticket, request, within, manner } => {
                let target = &mut self.processes[process as usize];
                let Body::Async(task) = &mut target.body else { return };
                let turn = target.turns;
                target.turns += 1;
                task.calls.push(ticket);
                self.call_model(process, who, Calling { ticket, turn, manner }, *request, cause);
                self.queue.push(self.after(within), Due::GiveUp { process, ticket });
            }
            Command::Call { ticket, invocation } => self.call_tool(process, who, ticket, *invocation, cause),
            Command::Consult(consult) => self.consult(process, who, *consult, cause),
            Command::Save { ticket, state } => self.begin_save(process, who, ticket, state, cause),
            Command::Offer { slot, value } => self.recorder.environment(who, Environment::Offered { slot, value }),
            Command::Note(crate::fact::Fact::Decided { slot, value }) => self.decide(who, slot, value, cause),
            Command::Note(fact) => self.note(who, fact, cause),
            Command::Delegate { ticket, role, start, within } => {
                self.delegate(process, ticket, role, start, cause);
                self.queue.push(self.after(within), Due::GiveUp { process, ticket });
            }
            Command::Began(began) => self.began(who, *began),
            Command::Ended(ended) => self.operation_ended(who, *ended, cause),
            Command::Forget(ticket) => self.turn_away(process, who, ticket, cause),
        }
    }

    /// A sub-agent starts as a node of its own.
    fn delegate(
        &mut self,
        process: u32,
        ticket: Ticket,
        role: String,
        start: Box<dyn FnOnce(Agent) -> Work + Send>,
        cause: Cause,
    ) {
        let node = NodeId::agent(u16::try_from(self.live.len()).expect("fewer than 65,536 agents"));
        let who = self.who(process);
        let note = Note::about(digest_of(&role)).with(node);
        let cause = self.recorder.record_with(who, Happening::Delegated, cause, note, || role.clone());
        self.add_agent(node);
        let mut task = self.new_task(node, start);
        task.parent = Some(Parent { process, ticket });
        task.role = Some(role);
        let child = self.add_process(node, Body::Async(Box::new(task)));
        self.tell_cuts(child);
        let who = self.who(child);
        self.recorder.record(who, Happening::Started, cause, Note::NONE);
        self.recorder.environment(who, Environment::Started { again: Restart::First });
        self.bell.ring(child);
    }

    /// An agent's function returned.
    fn ended(&mut self, process: u32, who: Who, outcome: crate::agent::Result<()>, cause: Cause) {
        let failed = outcome.err().map(|error| error.to_string());
        let about = Note::about(digest_of(&failed));
        let text = || failed.as_ref().map_or_else(|| "well".to_owned(), |error| format!("with an error: {error}"));
        let cause = self.recorder.record_with(who, Happening::Finished, cause, about, text);
        let body = std::mem::replace(&mut self.processes[process as usize].body, Body::Dead);
        self.live[who.node.index()].retain(|other| *other != process);
        let Body::Async(task) = body else { return };
        self.running.enter(who);
        let parent = task.parent;
        drop(task.work);
        self.running.leave();
        self.orphan(process, cause);
        self.retire(who.node);
        if let Some(parent) = parent {
            let outcome = failed.map_or(Delegated::Done, Delegated::Failed);
            self.tell_parent(&parent, outcome, cause);
        }
    }

    fn tell_parent(&mut self, parent: &Parent, outcome: Delegated, cause: Cause) {
        let awaited = match &self.processes[parent.process as usize].body {
            Body::Async(task) => task.waits_for(parent.ticket),
            _ => false,
        };
        if !awaited {
            // Nobody waits: an orphan's end, or a result after the parent gave up.
            let who = self.who(parent.process);
            let note = Note::about(parent.ticket.0).marked(Mark::LATE);
            let text = || format!("a sub-agent's result that nobody waits for: {outcome:?}");
            self.recorder.record_with(who, Happening::Dropped, cause, note, text);
            return;
        }
        self.wake(parent.process, parent.ticket, Completion::Delegated(outcome), cause);
    }

    /// A crashed process leaves its task: it is dropped, and its parent hears that it is lost.
    pub(super) fn bury(&mut self, process: u32, body: Body<P>, cause: Cause) {
        let Body::Async(task) = body else { return };
        self.running.enter(self.who(process));
        let parent = task.parent;
        drop(task.work);
        self.running.leave();
        self.orphan(process, cause);
        if let Some(parent) = parent {
            self.tell_parent(&parent, Delegated::Lost, cause);
        }
    }

    /// Something an agent waits for has come to an end.
    pub(super) fn wake(&mut self, process: u32, ticket: Ticket, completion: Completion, cause: Cause) {
        self.handle(process, Incoming::Completed(ticket, completion), cause);
    }

    /// Puts a completion on the agent's desk.
    pub(super) fn complete(&mut self, process: u32, ticket: Ticket, completion: Completion, cause: Cause) {
        let who = self.who(process);
        let Body::Async(task) = &mut self.processes[process as usize].body else { return };
        let timer = matches!(completion, Completion::Elapsed);
        task.calls.retain(|call| *call != ticket);
        let awaited = task.desk.open().complete(ticket, completion);
        if awaited {
            if timer {
                let about = Note::about(ticket.0);
                let woke = self.recorder.record(who, Happening::Woke, cause, about);
                self.set_cause(process, woke);
                self.timer_fired(who.node);
            } else {
                self.set_cause(process, cause);
            }
        }
    }

    pub(super) fn set_cause(&mut self, process: u32, cause: Cause) {
        if let Body::Async(task) = &mut self.processes[process as usize].body {
            task.cause = cause;
        }
    }

    /// Puts a letter into the agent's inbox.
    #[inline]
    pub(super) fn hand_over(&mut self, process: u32, from: NodeId, parcel: Parcel, cause: Cause) {
        let Body::Async(task) = &mut self.processes[process as usize].body else { return };
        task.desk.open().deliver(from, parcel);
        task.cause = cause;
    }

    /// An agent waits no longer for its model or its sub-agent.
    pub(super) fn give_up_async(&mut self, process: u32, ticket: Ticket) {
        if self.give_up_call(process, ticket) {
            return;
        }
        let who = self.who(process);
        let Body::Async(task) = &mut self.processes[process as usize].body else { return };
        if !task.waits_for(ticket) {
            // The agent itself gave up earlier. A call without a reply is over only now.
            let calls = task.calls.len();
            task.calls.retain(|call| *call != ticket);
            if task.calls.len() < calls {
                self.turn_ended(who.node);
            }
            return;
        }
        let call = task.calls.contains(&ticket);
        let note = Note::about(ticket.0).marked(Mark::LATE);
        let text =
            || if call { "waits no longer for its model" } else { "waits no longer for its sub-agent" }.to_owned();
        let cause = self.recorder.record_with(who, Happening::Woke, Cause::NONE, note, text);
        if call {
            self.complete(process, ticket, Completion::Replied(Err(ModelFailure::Timeout)), cause);
            self.timed_out_call(process, ticket);
            self.turn_ended(who.node);
            self.timer_fired(who.node);
        } else {
            self.complete(process, ticket, Completion::Delegated(Delegated::TimedOut), cause);
        }
    }

    /// Tells a new process which links are cut already.
    pub(super) fn tell_cuts(&mut self, process: u32) {
        let from = self.processes[process as usize].node;
        for index in 0..self.live.len() {
            let to = NodeId::agent(u16::try_from(index).expect("fewer than 65,536 agents"));
            if self.links.is_cut(from, to) {
                self.set_reach(process, to, Reach::Refused);
            }
        }
    }

    /// Tells an async agent whether a link takes its messages.
    pub(super) fn set_reach(&mut self, process: u32, to: NodeId, cut: Reach) {
        let Body::Async(task) = &self.processes[process as usize].body else { return };
        let mut desk = task.desk.open();
        desk.cut.retain(|other| *other != to);
        if cut == Reach::Refused {
            desk.cut.push(to);
        }
    }
}

/// Whether a link takes messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Accepted,
    Refused,
}
