//! Model nodes: queues that admit calls as fast as their quota allows, and answer when the generation is done.
//!
//! One model serves many agents, so a rate limit is a queue they share and an outage strikes them all.

use super::envelope::{Envelope, ModelReply, Prompt};
use super::recorder::{Note, Who};
use super::{Due, World};
use crate::fault::{Kind, Site, When};
use crate::id::NodeId;
use crate::model::{Answered, Call, ProviderError, Reply};
use crate::protocol::team::TeamProtocol;
use crate::time::{Duration, Time, minutes};
use crate::trace::{Cause, Happening, Mark};
use std::collections::VecDeque;

/// One model.
pub(super) struct ModelNode {
    /// Calls being generated.
    running: u16,
    /// Calls that wait for admission, oldest first.
    queue: VecDeque<Job>,
    /// No call is admitted before.
    next: Time,
    /// Whose gap that is.
    gap: Gap,
    /// Whether an admission is due.
    admitting: Admitting,
    /// Calls so far, for faults at the n-th.
    calls: u64,
    /// Numbers of the faults that are on.
    pub(super) faults: Vec<u32>,
}

/// Whether the queue's next admission is already scheduled.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Admitting {
    No,
    At(Time),
}

/// What keeps two admissions apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// The model's quota.
    Quota,
    /// A rate limit that is on.
    Limit,
}

/// A call on its way through a model.
pub(super) struct Job {
    caller: NodeId,
    prompt: Prompt,
    cause: Cause,
    /// What the model will say.
    outcome: Option<Result<Reply, ProviderError>>,
    fault: Option<Kind>,
}

impl ModelNode {
    pub(super) fn new() -> ModelNode {
        ModelNode {
            running: 0,
            queue: VecDeque::new(),
            next: Time::ZERO,
            gap: Gap::Quota,
            admitting: Admitting::No,
            calls: 0,
            faults: Vec::new(),
        }
    }
}

impl<P: TeamProtocol> World<P> {
    /// A call reaches a model.
    pub(super) fn prompted(&mut self, model: NodeId, caller: NodeId, prompt: Prompt, cause: Cause) {
        let job = Job { caller, prompt, cause, outcome: None, fault: None };
        self.models[model.index()].queue.push_back(job);
        self.admit(u16::try_from(model.index()).expect("a model"));
    }

    /// Admits what the quota allows now, and comes back for the rest.
    pub(super) fn admit(&mut self, model: u16) {
        let now = self.recorder.now;
        let quota = self.setup.model.profile().quota;
        let usual = Duration(minutes(1).0 / u64::from(quota.per_minute.max(1)));
        loop {
            let node = &mut self.models[usize::from(model)];
            if node.queue.is_empty() || node.running >= quota.concurrent {
                return;
            }
            if node.next > now {
                if node.admitting != Admitting::At(node.next) {
                    node.admitting = Admitting::At(node.next);
                    self.queue.push(node.next, Due::Admit { model });
                    if node.gap == Gap::Limit {
                        self.recorder.ledger.felt(Kind::RateLimit);
                    }
                }
                return;
            }
            node.running += 1;
            let job = node.queue.pop_front();
            self.begin_nth(model);
            self.space_admissions(model, usual);
            if let Some(job) = job {
                self.generate(model, job);
            }
        }
    }

    /// The next admission comes after the quota's gap, or after that of a rate limit that is on.
    fn space_admissions(&mut self, model: u16, usual: Duration) {
        let faults = &self.setup.schedule.faults;
        let node = &mut self.models[usize::from(model)];
        let limits = node.faults.iter().map(|number| &faults[*number as usize]);
        let slowest = limits.filter(|fault| fault.kind == Kind::RateLimit).map(|fault| Duration(fault.strength)).max();
        let limit = slowest.filter(|limit| *limit > usual);
        node.gap = if limit.is_some() { Gap::Limit } else { Gap::Quota };
        node.next = self.recorder.now + limit.unwrap_or(usual);
        if limit.is_some() {
            self.recorder.ledger.fired(Kind::RateLimit);
        }
    }

    /// Faults that wait for the call now to be answered begin.
    fn begin_nth(&mut self, model: u16) {
        let calls = self.models[usize::from(model)].calls;
        self.models[usize::from(model)].calls += 1;
        for number in 0..self.setup.schedule.faults.len() {
            let fault = &self.setup.schedule.faults[number];
            if fault.when == When::Nth(calls) && fault.site == Site::Node(NodeId::model(model)) {
                self.begin_fault(u32::try_from(number).expect("fewer than four billion faults"), None);
            }
        }
    }

    /// The model generates its answer, or whatever a fault makes of it.
    fn generate(&mut self, model: u16, mut job: Job) {
        let node = NodeId::model(model);
        job.fault = self.striking(model, &job);
        let turn = job.prompt.turn;
        if job.fault == Some(Kind::ModelTimeout) {
            self.recorder.ledger.fired(Kind::ModelTimeout);
            let note = Note::about(turn.0).with(job.caller).marked(Mark::FAULT);
            let text = || format!("[{turn}] (injected: the call hangs)");
            self.recorder.record_with(Who::only(node), Happening::Served, job.cause, note, text);
            self.models[usize::from(model)].running -= 1;
            if job.caller.role() == crate::id::Role::Agent {
                self.node_faults[job.caller.index()].hung_calls += 1;
            }
            return;
        }
        self.running = Some(Who::only(node));
        let problem = self.problem(job.prompt.request.slot).clone();
        let request = &job.prompt.request;
        let call = Call { model: node, caller: job.caller, turn, request, problem: Some(&problem), fault: job.fault };
        let Answered { outcome, latency, fault, .. } = self.setup.model.answer(&self.streams, &call);
        self.running = None;
        job.fault = fault;
        if let Some(kind) = fault {
            self.recorder.ledger.fired(kind);
        }
        job.outcome = Some(outcome);
        self.queue.push(self.after(latency), Due::Serve { model, job: Box::new(job) });
    }

    /// The fault that strikes this call: the first active one whose draw says so.
    fn striking(&self, model: u16, job: &Job) -> Option<Kind> {
        let node = NodeId::model(model);
        let faults = &self.setup.schedule.faults;
        let (caller, turn) = (job.caller, job.prompt.turn);
        for number in &self.models[usize::from(model)].faults {
            let fault = &faults[*number as usize];
            let mut draws = self.streams.stream(format_args!("strike/{number}/{node}/{caller}/{turn}"));
            if fault.kind != Kind::RateLimit && draws.chance(fault.rate) {
                return Some(fault.kind);
            }
        }
        None
    }

    /// A model has its answer: it goes back to the caller, and the next call may come.
    pub(super) fn serve(&mut self, model: u16, job: Job) {
        let node = NodeId::model(model);
        self.models[usize::from(model)].running -= 1;
        let Job { caller, prompt, cause, outcome, fault } = job;
        let Some(outcome) = outcome else { return };
        let mark = if fault.is_some() { Mark::FAULT } else { Mark::NONE };
        let note = Note::about(prompt.turn.0).with(caller).marked(mark);
        let cause = self.recorder.record_with(Who::only(node), Happening::Served, cause, note, || match &outcome {
            Ok(reply) => format!("[{}] {reply}", prompt.turn),
            Err(error) => format!("[{}] {error}", prompt.turn),
        });
        let reply = ModelReply { process: prompt.process, ticket: prompt.ticket, turn: prompt.turn, outcome, fault };
        self.send(Who::only(node), caller, Envelope::Reply(Box::new(reply)), cause);
        self.admit(model);
    }

    /// A caller waited in vain: if its call was made to hang, it felt that.
    pub(super) fn timed_out_call(&mut self, node: NodeId) {
        let hung = &mut self.node_faults[node.index()].hung_calls;
        if *hung > 0 {
            *hung -= 1;
            self.recorder.ledger.felt(Kind::ModelTimeout);
        }
    }
}
