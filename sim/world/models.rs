//! Model nodes: queues that admit calls as fast as their quota allows, and answer when the generation is done.
//!
//! One model serves many agents and several models share an organisation, so a rate limit is felt by all of them and an
//! outage strikes them all.

mod cancel;
mod door;
mod pieces;
mod posted;
mod strikes;
mod transport;

use super::envelope::{Envelope, ModelReply, Prompt};
use super::recorder::{Note, Who};
use super::{Due, World};
use crate::agent::Ticket;
use crate::fact::Slot;
use crate::fault::Kind;
use crate::id::{NodeId, ProcessId};
use crate::model::{
    Bucket, Call, ErrorKind, Excess, Manner, Meters, Organisation, ProviderError, Quota, Reply, Response, Sharing,
    Spending, Stamp, Usage,
};
use crate::protocol::team::TeamProtocol;
use crate::time::{Duration, Time};
use crate::tool::arguments_of;
use crate::trace::{Cause, Claim, Happening, Mark, Told};
use std::collections::{BTreeMap, VecDeque};

use cancel::Working;
pub(super) use pieces::Streaming;
use strikes::Strokes;

/// One model.
pub(super) struct ModelNode {
    /// Calls being generated.
    running: u16,
    /// The same, as they can be cancelled; one that hangs is none of them.
    working: Vec<Working>,
    /// Calls that wait for admission, oldest first.
    queue: VecDeque<Job>,
    /// A rate limit of the model that is on admits no call before.
    limited: Time,
    /// One of these callers admits no call of theirs before.
    callers: BTreeMap<NodeId, Time>,
    /// Whether an admission is due.
    admitting: Admitting,
    /// Calls so far, for faults at the n-th.
    calls: u64,
}

/// Whether the queue's next admission is already scheduled.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Admitting {
    No,
    At(Time),
}

/// A call on its way through a model.
pub(super) struct Job {
    caller: NodeId,
    prompt: Prompt,
    cause: Cause,
    /// What the model will say.
    outcome: Option<Result<Reply, ProviderError>>,
    /// The number of the fault that strikes it.
    fault: Option<u32>,
    /// The kind of that fault, once it has acted.
    fired: Option<Kind>,
    /// What was charged for it.
    charged: Option<Usage>,
    /// The provider's response, if a fault broke it.
    broken: Option<Response>,
    /// What came of a reply whose stream broke off.
    begun: Option<Reply>,
}

/// What models share: buckets, faults, and what calls have cost.
#[derive(Default)]
pub(super) struct Providers {
    organisations: Vec<Organisation>,
    /// Faults of models that are on, in the order they began.
    on: Vec<Strokes>,
    /// Buckets of quotas that are exhausted, by the number of the fault.
    exhausted: BTreeMap<u32, Bucket>,
    /// Calls of each agent so far, for faults at the n-th.
    calls: BTreeMap<NodeId, u64>,
    /// The last reply to each caller, kept only if some fault may serve it again.
    cached: BTreeMap<NodeId, Reply>,
    /// Calls that a fault made hang or lag; whoever gives one up has felt it.
    owed: Vec<Owed>,
    /// Answers that models worked on, for their numbers.
    whole: u64,
    /// What each agent's calls have cost.
    pub(super) spending: BTreeMap<NodeId, Spending>,
}

/// A call that comes late or never.
struct Owed {
    process: ProcessId,
    ticket: Ticket,
    kind: Kind,
}

impl Providers {
    /// The organisations of so many models under this quota.
    pub(super) fn new(models: u16, quota: Quota, sharing: Sharing) -> Providers {
        let count = match sharing {
            Sharing::Team => 1,
            Sharing::Agent => models,
        };
        let organisations = (0..count).map(|_| Organisation::new(quota)).collect();
        Providers { organisations, ..Providers::default() }
    }

    /// The organisation whose key a model's callers use.
    fn place(&self, model: u16) -> usize {
        usize::from(model) % self.organisations.len().max(1)
    }
}

impl ModelNode {
    pub(super) fn new() -> ModelNode {
        ModelNode {
            running: 0,
            working: Vec::new(),
            queue: VecDeque::new(),
            limited: Time::ZERO,
            callers: BTreeMap::new(),
            admitting: Admitting::No,
            calls: 0,
        }
    }

    /// The place of the next call that no rate limit keeps waiting.
    ///
    /// # Errors
    /// When there will be one.
    fn next(&self, now: Time) -> Result<usize, Time> {
        let from = |job: &Job| self.callers.get(&job.caller).map_or(self.limited, |limited| self.limited.max(*limited));
        match self.queue.iter().position(|job| from(job) <= now) {
            Some(place) => Ok(place),
            None => Err(self.queue.iter().map(from).min().unwrap_or(Time::ZERO)),
        }
    }
}

impl<P: TeamProtocol> World<P> {
    /// A call reaches a model, or whatever stands before it.
    pub(super) fn prompted(&mut self, model: NodeId, caller: NodeId, prompt: Prompt, cause: Cause) {
        let model = u16::try_from(model.index()).expect("a model");
        let fault = self.strike_call(model, caller, &prompt);
        let mut job =
            Job { caller, prompt, cause, outcome: None, fault, fired: None, charged: None, broken: None, begun: None };
        match self.at_the_door(model, &mut job) {
            Some(outcome) => {
                job.outcome = Some(outcome);
                self.answer_at_once(model, job);
            }
            None => {
                self.models[usize::from(model)].queue.push_back(job);
                self.admit(model);
            }
        }
    }

    /// Admits what the quota allows now, and comes back for the rest.
    pub(super) fn admit(&mut self, model: u16) {
        let now = self.recorder.now;
        let quota = self.setup.model.profile().quota;
        loop {
            let node = &self.models[usize::from(model)];
            if node.queue.is_empty() || node.running >= quota.concurrent {
                return;
            }
            let place = match node.next(now) {
                Ok(place) => place,
                Err(at) => {
                    if self.admit_at(model, at) {
                        self.recorder.ledger.felt(Kind::RateLimit);
                    }
                    return;
                }
            };
            let organisation = self.providers.place(model);
            // What was paid since a call came may have been the last of the money.
            if self.providers.organisations[organisation].has_spent_all() {
                self.turn_away_queued(model, place);
                continue;
            }
            // What exceeds a strict quota was turned away at the door.
            if quota.excess == Excess::Waits {
                let input = node.queue[place].prompt.request.input_tokens();
                if let Err(wait) = self.providers.organisations[organisation].admit(now, input) {
                    self.admit_at(model, self.after(wait));
                    return;
                }
            }
            let node = &mut self.models[usize::from(model)];
            if let Some(job) = node.queue.remove(place) {
                node.running += 1;
                self.limit_next(model, job.caller);
                self.generate(model, job);
            }
        }
    }

    /// A call that waited is told that the money is used up.
    fn turn_away_queued(&mut self, model: u16, place: usize) {
        if let Some(mut job) = self.models[usize::from(model)].queue.remove(place) {
            job.outcome = Some(Err(ProviderError::of(ErrorKind::SpendCap)));
            self.answer_at_once(model, job);
        }
    }

    /// Comes back to a queue then; says whether that is new.
    fn admit_at(&mut self, model: u16, at: Time) -> bool {
        let node = &mut self.models[usize::from(model)];
        let new = node.admitting != Admitting::At(at);
        if new {
            node.admitting = Admitting::At(at);
            self.queue.push(at, Due::Admit { model });
        }
        new
    }

    /// The model generates its answer, or whatever a fault makes of it.
    fn generate(&mut self, model: u16, mut job: Job) {
        let node = NodeId::model(model);
        let kind = self.kind_of(&job);
        if kind == Some(Kind::ModelTimeout) {
            self.act(&mut job);
            return self.hang(model, &job, Kind::ModelTimeout);
        }
        self.running.enter(Who::only(node));
        let Prompt { request, turn, .. } = &job.prompt;
        // A model knows of a request what it says; who says nothing is asked about what its caller decides.
        let problem = self.problem(request.task().unwrap_or(request.slot)).clone();
        let forced = kind.and_then(transport::forced);
        let call =
            Call { model: node, caller: job.caller, turn: *turn, request, problem: Some(&problem), fault: forced };
        let mut answered = self.setup.model.answer(&self.streams, &call);
        self.running.leave();
        if answered.fault.is_some() {
            self.act(&mut job);
        }
        let weather = self.setup.model.profile().pace.weather;
        let percent = weather.percent(&self.streams, self.providers.place(model), self.recorder.now);
        let stretched = |span: Duration| Duration(span.0.saturating_mul(percent) / 100);
        answered.first_token = stretched(answered.first_token);
        answered.latency = stretched(answered.latency);
        job.charged = self.charge(model, &job, kind, &answered.outcome);
        self.carry(model, job, kind, answered);
    }

    /// Whoever asked pays for what was generated, whether it arrives or not. Says for what.
    fn charge(
        &mut self,
        model: u16,
        job: &Job,
        kind: Option<Kind>,
        outcome: &Result<Reply, ProviderError>,
    ) -> Option<Usage> {
        let Ok(reply) = outcome else { return None };
        if kind.is_some_and(transport::generates_nothing) {
            return None;
        }
        let price = self.setup.model.profile().price;
        let place = self.providers.place(model);
        let organisation = &mut self.providers.organisations[place];
        organisation.charge(self.recorder.now, reply.usage.output_tokens, price.of(reply.usage));
        let mut spent = Spending::default();
        spent.charge(reply.usage, price);
        self.providers.spending.entry(job.caller).or_default().add(spent);
        self.recorder.figures.spending.add(spent);
        Some(reply.usage)
    }

    /// A call that is never answered; its place is free again.
    fn hang(&mut self, model: u16, job: &Job, kind: Kind) {
        let (turn, caller) = (job.prompt.turn, job.caller);
        let note = Note::about(turn.0).with(caller).marked(Mark::FAULT);
        let text = || format!("[{turn}] (injected: the call hangs)");
        self.recorder.record_with(Who::only(NodeId::model(model)), Happening::Served, job.cause, note, text);
        self.models[usize::from(model)].running -= 1;
        self.owe(job, kind);
    }

    /// A model has its answer: it goes back to the caller, and the next call may come.
    pub(super) fn serve(&mut self, model: u16, number: u64, job: Job) {
        if !self.has_done(model, number) {
            return;
        }
        self.models[usize::from(model)].running -= 1;
        self.reply(model, job);
        self.admit(model);
    }

    /// An answer that no model had to generate.
    fn answer_at_once(&mut self, model: u16, job: Job) {
        match (job.prompt.manner, &job.outcome) {
            (Manner::Streamed, Some(Ok(_))) => self.stream_at_once(model, job),
            _ => self.reply(model, job),
        }
    }

    /// Sends an answer as a whole.
    fn reply(&mut self, model: u16, job: Job) {
        let cause = self.served(model, &job);
        let Job { caller, prompt, outcome, fired: fault, broken, .. } = job;
        let Some(outcome) = outcome else { return };
        if self.providers.caches(&self.setup.schedule)
            && let Ok(reply) = &outcome
        {
            self.providers.cached.insert(caller, reply.clone());
        }
        let stamp = self.stamp(model, caller);
        let posted = self.posted(model, caller, &prompt, &outcome, broken);
        let Prompt { process, ticket, turn, .. } = prompt;
        let reply = ModelReply { process, ticket, turn, outcome, fault, stamp, posted };
        self.send(Who::only(NodeId::model(model)), caller, Envelope::Reply(Box::new(reply)), cause);
    }

    /// What the provider of a model tells a caller with a response that it sends now. Of several buckets for the same
    /// thing it tells the one with least in it: the limit that binds.
    fn stamp(&self, model: u16, caller: NodeId) -> Stamp {
        let at = self.recorder.now;
        let own = self.providers.organisations[self.providers.place(model)].meters(at);
        let others = self.exhausted_meters(model, caller);
        let requests = own.requests.into_iter().chain(others).min_by_key(|meter| meter.remaining);
        Stamp { at, meters: Meters { requests, ..own } }
    }

    /// Records an answer.
    fn served(&mut self, model: u16, job: &Job) -> Cause {
        let turn = job.prompt.turn;
        let mark = if job.fired.is_some() { Mark::FAULT } else { Mark::NONE };
        let note = Note::about(turn.0).with(job.caller).marked(mark);
        let who = Who::only(NodeId::model(model));
        self.recorder.record_with(who, Happening::Served, job.cause, note, || told(job))
    }
}

/// What a reply's record says: its text, its content, and the false claim born in it.
fn told(job: &Job) -> Told {
    let (turn, slot) = (job.prompt.turn, job.prompt.request.slot);
    match &job.outcome {
        None => Told::new(format!("[{turn}]")),
        Some(Err(error)) => {
            let told = Told::new(format!("[{turn}] {error}"));
            // What was read before a stream broke off is known only where it is false.
            match job.begun.as_ref().map(|begun| (begun, claim_in(begun, slot))) {
                Some((begun, claim @ Some(_))) => told.replying(slot, &begun.text, claim),
                _ => told,
            }
        }
        Some(Ok(reply)) => {
            let told = Told::new(format!("[{turn}] {reply}")).replying(slot, &reply.text, claim_in(reply, slot));
            let arguments = reply.calls.iter().map(|call| arguments_of(&call.arguments));
            arguments.fold(told, |told, value| told.carrying_value(Some(slot), &value))
        }
    }
}

/// The false claim in a reply. What a reply with calls says falsely stands in its words, or else in the last of them.
fn claim_in(reply: &Reply, slot: Slot) -> Option<Claim> {
    let taint = reply.taint.clone()?;
    let call = reply.calls.last().filter(|_| !reply.text.contains(&taint.claim));
    let said = call.map_or(&reply.text, |call| &call.arguments);
    Some(Claim { kind: taint.kind, quote: taint.claim, slot, reply: said.clone() })
}
