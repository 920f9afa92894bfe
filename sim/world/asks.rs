//! The composing agent of a pure protocol: what the protocol asks becomes a prompt, a reply becomes a typed answer.
//!
//! The shell keeps the protocol, the model supplies content: a reply is validated against the task's schema and checked
//! against local facts, and only the canonical value enters the protocol.

use super::envelope::{Envelope, ModelReply, Prompt};
use super::process::{About, Asked, Body, Incoming};
use super::recorder::{Note, Who};
use super::setup::Validation;
use super::{Due, World};
use crate::agent::{Completion, ModelFailure, Ticket};
use crate::digest::digest_of;
use crate::fact::{Slot, Value};
use crate::fault::Moment;
use crate::history::Environment;
use crate::id::NodeId;
use crate::model::{Evidence, Form, Manner, Opinion, Reply, Request, Speaker, Stop, Turn};
use crate::protocol::Event;
use crate::protocol::team::{Answer, Ask, Reason, Stance, TeamProtocol};
use crate::time::{Duration, millis, seconds};
use crate::trace::{Cause, Happening, Mark, Told};
use std::sync::{Arc, LazyLock};

/// How long a composing agent waits for a reply: beyond the p99 of 44 s measured over 73,963 replies (data of arXiv
/// 2603.12229).
const PATIENCE: Duration = seconds(45);
/// How long the local checks of a validator take.
const LOCAL_CHECK: Duration = millis(1);

/// What follows the peers' answers in a request to think again.
const REVISION: &str = "Above is what the other members answer. Examine it against the evidence, then answer again.";

/// The form of an opinion, compiled once.
static OPINION: LazyLock<Form> = LazyLock::new(Opinion::form);

/// What names a call of a process, and how it wants the reply.
#[derive(Clone, Copy)]
pub(super) struct Calling {
    pub(super) ticket: Ticket,
    /// Which call of its process, from 0.
    pub(super) turn: u64,
    pub(super) manner: Manner,
}

/// What schema and local facts said of a value.
pub(super) struct Checked {
    slot: Slot,
    value: Value,
    outcome: Result<(), Reason>,
}

impl<P: TeamProtocol> World<P> {
    /// A protocol asks.
    pub(super) fn ask(&mut self, process: u32, who: Who, ticket: u64, ask: Ask, cause: Cause) {
        match ask {
            Ask::Propose { slot, refusals } => {
                let request = refused(self.request_of(who.node, slot), refusals);
                self.prompt(process, who, ticket, About::Proposal, request, cause);
            }
            Ask::Revise { slot, own, peers, refusals } => {
                let request = revision(self.request_of(who.node, slot), own, peers, refusals);
                self.prompt(process, who, ticket, About::Proposal, request, cause);
            }
            Ask::Validate { slot, value } => self.validate(process, who, ticket, slot, &value, cause),
        }
    }

    /// What a member asks its model about a slot, with the evidence that it has.
    fn request_of(&mut self, node: NodeId, slot: Slot) -> Request {
        let (evidence, members) = (self.setup.evidence, self.members.len());
        let problem = self.problem(slot);
        match evidence {
            Evidence::Whole => problem.request(),
            Evidence::Spread => problem.request_of(node.index(), members),
        }
    }

    /// Schema and local facts first; a model is asked only about what passes them.
    fn validate(&mut self, process: u32, who: Who, ticket: u64, slot: Slot, value: &Value, cause: Cause) {
        let checked = self.checked(slot, value);
        if checked.is_ok() && self.setup.validation == Validation::WithOpinion {
            let request = Opinion::request(self.problem(slot), value, &OPINION);
            self.prompt(process, who, ticket, About::Opinion, request, cause);
            return;
        }
        let answer = checked.map_or_else(Answer::Refused, |()| Answer::Approved);
        self.queue.push(self.after(LOCAL_CHECK), Due::Answer { process, ticket, answer, cause });
    }

    /// What schema and facts say of a value: the same to every member, so it is found once.
    fn checked(&mut self, slot: Slot, value: &Value) -> Result<(), Reason> {
        if let Some(known) = self.checked.iter().find(|known| known.slot == slot && known.value == *value) {
            return known.outcome;
        }
        let outcome = self.problem(slot).facts(value);
        self.checked.push(Checked { slot, value: value.clone(), outcome });
        outcome
    }

    /// Sends a prompt to the agent's model.
    fn prompt(&mut self, process: u32, who: Who, ticket: u64, about: About, request: Request, cause: Cause) {
        let target = &mut self.processes[process as usize];
        let turn = target.turns;
        target.turns += 1;
        let asked = Asked { ticket, slot: request.slot, about };
        target.asks.push(asked);
        let calling = Calling { ticket: Ticket(ticket), turn, manner: Manner::Whole };
        self.call_model(process, who, calling, request, cause);
        self.queue.push(self.after(PATIENCE), Due::GiveUp { process, ticket: Ticket(ticket) });
    }

    /// A prompt goes over the link to the model that serves this agent.
    pub(super) fn call_model(&mut self, process: u32, who: Who, calling: Calling, request: Request, cause: Cause) {
        let Calling { ticket, turn, manner } = calling;
        let model = self.model_of(who.node);
        let note = Note::about(digest_of(&request)).with(model);
        let cause = self.recorder.record_with(who, Happening::Prompted, cause, note, || {
            Told::new(format!("[{turn}] {request}")).carrying_prose(request.slot, request.to_string())
        });
        self.recorder.figures.model_calls += 1;
        let process = self.processes[process as usize].id;
        let prompt = Prompt { process, ticket, turn: Turn(turn), request: Arc::new(request), manner };
        self.send(who, model, Envelope::Prompt(Box::new(prompt)), cause);
    }

    pub(super) fn model_of(&self, node: NodeId) -> NodeId {
        let models = usize::from(self.setup.models.max(1));
        NodeId::model(u16::try_from(node.index() % models).expect("fewer models than identities"))
    }

    /// A reply reaches the process that asked.
    pub(super) fn hear_reply(&mut self, process: u32, reply: ModelReply, cause: Cause) {
        let who = self.who(process);
        let awaited = self.awaits(process, reply.ticket);
        self.paid(reply.process, reply.ticket);
        let mut mark = if awaited { Mark::NONE } else { Mark::LATE };
        if let Some(kind) = reply.fault {
            mark = mark.with(Mark::FAULT);
            if awaited {
                self.recorder.ledger.felt(kind);
            }
        }
        if matches!(&reply.outcome, Ok(said) if said.taint.is_some()) {
            mark = mark.with(Mark::TAINT);
        }
        let note = Note::about(reply.ticket.0).with(self.model_of(who.node)).marked(mark);
        let cause = self.recorder.record_with(who, Happening::Replied, cause, note, || reply_text(&reply));
        self.moment(Moment::ModelReplied, who.node);
        if let Body::Async(task) = &self.processes[process as usize].body {
            task.desk.open().stamp = reply.stamp;
            if let Ok(said) = &reply.outcome {
                self.requested(who, said);
            }
            let completion = match reply.posted {
                Some(posted) => Completion::Posted(posted),
                None => Completion::Replied(reply.outcome.map_err(ModelFailure::Provider)),
            };
            self.complete(process, reply.ticket, completion, cause);
        } else if let Some(asked) = self.take_ask(process, reply.ticket.0) {
            let answer = self.read_reply(who, &asked, reply.outcome);
            self.step(process, Event::Answer { ticket: asked.ticket, answer }, cause);
        }
        self.turn_ended(who.node);
    }

    pub(super) fn take_ask(&mut self, process: u32, ticket: u64) -> Option<Asked> {
        let asks = &mut self.processes[process as usize].asks;
        let place = asks.iter().position(|asked| asked.ticket == ticket)?;
        Some(asks.remove(place))
    }

    /// What a reply means to the protocol. Nothing that fails a check becomes a value.
    fn read_reply(&mut self, who: Who, asked: &Asked, outcome: Result<Reply, crate::model::ProviderError>) -> Answer {
        let reply = match outcome {
            Err(_) => return Answer::Nothing(Reason::Provider),
            Ok(reply) if matches!(reply.stop, Stop::Refusal | Stop::ContentFilter) => {
                return Answer::Nothing(Reason::Refusal);
            }
            Ok(reply) => reply,
        };
        match asked.about {
            About::Opinion => match crate::model::parse_reply::<Opinion>(&reply) {
                Ok(Opinion { approve: true, .. }) => Answer::Approved,
                // Fail closed: an opinion that cannot be read is none in favour.
                Ok(_) | Err(_) => Answer::Refused(Reason::Opinion),
            },
            About::Proposal => match self.problem(asked.slot).canonical(&reply.text) {
                Err(reason) => Answer::Nothing(reason),
                Ok(value) => {
                    let offered = Environment::Offered { slot: asked.slot, value: value.clone() };
                    self.recorder.environment(who, offered);
                    Answer::Proposal(value)
                }
            },
        }
    }

    /// The composing agent answers by itself.
    pub(super) fn answer(&mut self, process: u32, ticket: u64, answer: Answer, cause: Cause) {
        self.handle(process, Incoming::Event(Event::Answer { ticket, answer }), cause);
    }

    /// Whether a process still waits for what becomes of this ticket.
    fn awaits(&self, process: u32, ticket: Ticket) -> bool {
        let process = &self.processes[process as usize];
        match &process.body {
            Body::Async(task) => task.waits_for(ticket),
            _ => process.asks.iter().any(|asked| asked.ticket == ticket.0),
        }
    }

    /// An agent has waited long enough; it notices once it can.
    pub(super) fn give_up_due(&mut self, process: u32, ticket: Ticket) {
        if self.awaits(process, ticket) {
            self.handle(process, Incoming::GiveUp(ticket), Cause::NONE);
        }
    }

    /// The composing agent, or an async one, waits no longer for its model or sub-agent.
    pub(super) fn give_up(&mut self, process: u32, ticket: Ticket) {
        let who = self.who(process);
        if !self.awaits(process, ticket) {
            return;
        }
        match &self.processes[process as usize].body {
            Body::Async(_) => self.give_up_async(process, ticket),
            Body::Pure(_) => {
                if self.take_ask(process, ticket.0).is_some() {
                    let note = Note::about(ticket.0).marked(Mark::LATE);
                    let text = || "waits no longer for its model".to_owned();
                    let cause = self.recorder.record_with(who, Happening::Woke, Cause::NONE, note, text);
                    let answer = Answer::Nothing(Reason::Timeout);
                    self.step(process, Event::Answer { ticket: ticket.0, answer }, cause);
                    self.timed_out_call(process, ticket);
                    self.turn_ended(who.node);
                }
            }
            Body::Dead => {}
        }
    }

    /// Whether an agent waits for its model.
    pub(super) fn is_in_turn(&self, node: NodeId) -> bool {
        self.live[node.index()].iter().any(|process| {
            let process = &self.processes[*process as usize];
            match &process.body {
                Body::Async(task) => task.is_in_turn(),
                _ => !process.asks.is_empty(),
            }
        })
    }
}

/// The text of a reply as a transcript shows it.
fn reply_text(reply: &ModelReply) -> String {
    let fault = reply.fault.map(|kind| format!(" (injected: {kind})")).unwrap_or_default();
    match &reply.outcome {
        Ok(said) => match &said.taint {
            Some(taint) => format!("[{}]{fault} {said} (false: {taint})", reply.turn),
            None => format!("[{}]{fault} {said}", reply.turn),
        },
        Err(error) => format!("[{}]{fault} {error}", reply.turn),
    }
}

/// The request, with why earlier answers were refused.
fn refused(request: Request, refusals: Vec<Reason>) -> Request {
    refusals.into_iter().fold(request, |request, reason| request.say(Speaker::User, refusal_text(reason)))
}

/// A request to think again: the question, what the model said before, what its peers say now, why what was put to the
/// vote failed.
fn revision(request: Request, own: Option<Value>, peers: Vec<Stance>, refusals: Vec<Reason>) -> Request {
    let request = own.into_iter().fold(request, |request, own| request.say(Speaker::Assistant, own.to_string()));
    let peers = peers.into_iter();
    let request =
        peers.fold(request, |request, Stance { by, value }| request.say(Speaker::Peer(by), value.to_string()));
    refused(request.say(Speaker::User, REVISION), refusals)
}

fn refusal_text(reason: Reason) -> &'static str {
    match reason {
        Reason::Schema => "A validator refused your proposal: it is not of the required form.",
        Reason::Facts => "A validator refused your proposal: it names something the evidence does not mention.",
        Reason::Opinion => "A validator refused your proposal: it disagrees with your conclusion.",
        Reason::Timeout | Reason::Provider | Reason::Refusal => "Your last answer did not arrive. Answer again.",
    }
}
