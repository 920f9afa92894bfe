//! Tools at work: services that take one call after the other, and what becomes of calls on both ends of their way.
//!
//! A call is carried out in one instant, when its time of work is over: effect, what its key is remembered for, and
//! the record of it are durable together. A crash before that instant loses the call, one right after it the answer.

use super::envelope::Envelope;
use super::inlet::{Asked, Named};
use super::process::Body;
use super::recorder::{Note, Who};
use super::{Due, World};
use crate::agent::{Completion, Ticket};
use crate::digest::digest_of;
use crate::fact::{CallOutcome, Fact, Value};
use crate::fault::{Fault, Kind, Moment};
use crate::history::{Decline, Environment, Extent, Restart};
use crate::id::{NodeId, ProcessId};
use crate::model::{Reply, Stop, ToolCall};
use crate::protocol::team::TeamProtocol;
use crate::seed::Stream;
use crate::time::{Duration, millis};
use crate::tool::{Anew, CallError, Carried, Invocation, Shelf, arguments_of};
use crate::trace::{Cause, Happening, Mark, Told};
use std::collections::VecDeque;

/// How long a service works on a call: an interface that moves money or code answers within a second. A choice of ours.
const WORK: std::ops::RangeInclusive<Duration> = millis(40)..=millis(900);

/// One service.
pub(super) struct ToolNode {
    shelf: Shelf,
    draws: Stream,
    /// Which of its lives this is.
    life: u32,
    standing: Standing,
    /// Calls that wait, oldest first; the first one is being worked on.
    queue: VecDeque<Job>,
    /// Which work is under way: one that a crash ended has another number.
    work: u64,
    /// Faults that pause it.
    pauses: u32,
    /// Whether its work was done while it was paused.
    stalled: Stalled,
    /// Faults that strike after the next effect: how long it is down then.
    after_write: Vec<Duration>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Up,
    Down,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stalled {
    No,
    Yes,
}

/// A call that has reached a tool.
struct Job {
    caller: NodeId,
    call: ToolRequest,
    cause: Cause,
}

/// A call of a tool on its way.
#[derive(Clone, Debug)]
pub(super) struct ToolRequest {
    pub(super) process: ProcessId,
    pub(super) ticket: Ticket,
    pub(super) call: ToolCall,
    pub(super) key: Option<String>,
}

/// What came of it, on its way back.
#[derive(Clone, Debug)]
pub(super) struct ToolAnswer {
    pub(super) process: ProcessId,
    pub(super) ticket: Ticket,
    pub(super) call: String,
    pub(super) outcome: Result<Value, CallError>,
}

/// A call that an agent waits for.
pub(super) struct Waiting {
    ticket: Ticket,
    call: String,
}

impl<P: TeamProtocol> World<P> {
    /// Every tool starts.
    pub(super) fn start_tools(&mut self) {
        for tool in 0..self.setup.tools.len() {
            let node = NodeId::tool(tool);
            self.tools.push(ToolNode {
                shelf: self.setup.tools.shelf(tool),
                draws: self.streams.stream(format_args!("work/{node}")),
                life: 0,
                standing: Standing::Up,
                queue: VecDeque::new(),
                work: 0,
                pauses: 0,
                stalled: Stalled::No,
                after_write: Vec::new(),
            });
            let (name, nature) = self.setup.tools.about(tool);
            let serves = Environment::Serves { tool: name.to_owned(), nature };
            let text = format!("as the tool {name}");
            let who = Who::only(node);
            self.recorder.record_with(who, Happening::Started, Cause::NONE, Note::NONE, || text);
            self.recorder.environment(who, Environment::Started { again: Restart::First });
            self.recorder.environment(who, serves);
        }
    }

    fn tool(&mut self, node: NodeId) -> &mut ToolNode {
        &mut self.tools[node.index()]
    }

    fn tool_who(&self, node: NodeId) -> Who {
        Who { node, process: ProcessId(self.tools[node.index()].life) }
    }

    /// A model's reply asks for calls.
    pub(super) fn requested(&mut self, who: Who, reply: &Reply) {
        let cut = matches!(reply.stop, Stop::MaxTokens | Stop::ContextWindow);
        let asked = reply.calls.iter().enumerate().map(|(place, ToolCall { id, name, .. })| {
            let last = place + 1 == reply.calls.len();
            let extent = if cut && last { Extent::Cut } else { Extent::Whole };
            Asked { named: Named { call: id.clone(), tool: name.clone() }, extent }
        });
        self.asked_for(who, asked.collect());
    }

    /// So much of these calls has reached an agent.
    pub(super) fn asked_for(&mut self, who: Who, asked: Vec<Asked>) {
        for Asked { named: Named { call, tool }, extent } in asked {
            self.recorder.environment(who, Environment::Requested { call, tool, extent });
        }
    }

    /// An agent calls a tool.
    pub(super) fn call_tool(&mut self, process: u32, who: Who, ticket: Ticket, invocation: Invocation, cause: Cause) {
        let Invocation { call, key, within } = invocation;
        let arguments = arguments_of(&call.arguments);
        let called = Fact::Called { call: call.id.clone(), tool: call.name.clone(), arguments };
        let cause = self.recorder.fact(who, called, cause);
        if let Body::Async(task) = &mut self.processes[process as usize].body {
            task.tools.push(Waiting { ticket, call: call.id.clone() });
        }
        let Some(tool) = self.setup.tools.find(&call.name) else {
            self.decline(who, &call, who.node, Decline::NoSuchTool);
            return self.answer_call(process, ticket, Err(CallError::NoSuchTool(call.name)), cause);
        };
        self.queue.push(self.after(within), Due::GiveUp { process, ticket });
        let request = ToolRequest { process: who.process, ticket, call, key };
        self.send(who, NodeId::tool(tool), Envelope::Call(Box::new(request)), cause);
    }

    fn decline(&mut self, who: Who, call: &ToolCall, by: NodeId, why: Decline) {
        let (call, tool) = (call.id.clone(), call.name.clone());
        self.recorder.environment(who, Environment::Declined { call, tool, by, why });
    }

    /// A call reaches a tool, if it is up.
    pub(super) fn tool_called(&mut self, node: NodeId, caller: NodeId, call: ToolRequest, cause: Cause) {
        let tool = self.tool(node);
        tool.queue.push_back(Job { caller, call, cause });
        if tool.queue.len() == 1 {
            self.begin_work(node);
        }
    }

    /// Whether a tool takes calls now.
    pub(super) fn is_serving(&self, node: NodeId) -> bool {
        self.tools.get(node.index()).is_some_and(|tool| tool.standing == Standing::Up)
    }

    fn begin_work(&mut self, node: NodeId) {
        let tool = self.tool(node);
        tool.work += 1;
        let (number, span) = (tool.work, tool.draws.within(WORK));
        self.moment(Moment::PersistPending, node);
        self.queue.push(self.after(span), Due::Work { node, number });
    }

    /// The time of work on a call is over: it is carried out and answered, unless something stopped the tool.
    pub(super) fn work_done(&mut self, node: NodeId, number: u64) {
        let tool = self.tool(node);
        if tool.work != number || tool.standing == Standing::Down {
            return;
        }
        if tool.pauses > 0 {
            tool.stalled = Stalled::Yes;
            return;
        }
        let Some(job) = tool.queue.pop_front() else { return };
        if !tool.queue.is_empty() {
            self.begin_work(node);
        }
        self.carry_out_call(node, job);
    }

    fn carry_out_call(&mut self, node: NodeId, Job { caller, call: request, cause }: Job) {
        let who = self.tool_who(node);
        let place = u16::try_from(node.index()).expect("a tool");
        let ToolRequest { process, ticket, call, key } = request;
        let shelf = &mut self.tools[node.index()].shelf;
        self.running.enter(who);
        let carried = self.setup.tools.carry_out(place, shelf, &call.arguments, key.as_deref());
        self.running.leave();
        let cause = self.record_work(who, caller, &call, key, &carried, cause);
        if carried.anew == Anew::Yes && carried.outcome.is_ok() && self.crashes_after_effect(node) {
            return;
        }
        let answer = ToolAnswer { process, ticket, call: call.id, outcome: carried.outcome };
        self.send(who, caller, Envelope::Answer(Box::new(answer)), cause);
    }

    fn record_work(
        &mut self,
        who: Who,
        caller: NodeId,
        call: &ToolCall,
        key: Option<String>,
        carried: &Carried,
        cause: Cause,
    ) -> Cause {
        let Carried { outcome, anew, fit } = carried;
        let arguments = arguments_of(&call.arguments);
        let note = Note::about(digest_of(call)).with(caller);
        match (outcome, anew) {
            (Ok(result), Anew::Yes) => {
                let text = || Told::new(format!("{call}: {result}")).carrying_value(None, &arguments);
                let cause = self.recorder.record_with(who, Happening::Executed, cause, note, text);
                let (result, fit, by) = (result.clone(), *fit, caller);
                let (call, tool) = (call.id.clone(), call.name.clone());
                self.recorder.environment(who, Environment::Executed { call, tool, key, by, arguments, result, fit });
                cause
            }
            (Ok(result), Anew::Remembered) => {
                let text = || format!("answers {call} as before: {result}");
                self.recorder.record_with(who, Happening::Remembered, cause, note, text)
            }
            (Err(error), _) => {
                let why = if matches!(error, CallError::Arguments(_)) { Decline::Arguments } else { Decline::Refused };
                let text = || format!("{call}: {error}");
                let cause = self.recorder.record_with(who, Happening::Declined, cause, note, text);
                self.decline(who, call, caller, why);
                cause
            }
        }
    }

    /// What came of a call reaches the process that made it, or one that knows nothing of it.
    pub(super) fn hear_answer(&mut self, process: u32, answer: ToolAnswer, cause: Cause) {
        let who = self.who(process);
        let ToolAnswer { process: caller, ticket, call, outcome } = answer;
        let awaits = |waiting: &Waiting| waiting.ticket == ticket;
        let awaited = match &self.processes[process as usize].body {
            Body::Async(task) => caller == who.process && task.tools.iter().any(awaits) && task.waits_for(ticket),
            _ => false,
        };
        if awaited {
            return self.answer_call(process, ticket, outcome, cause);
        }
        let note = Note::about(ticket.0).marked(Mark::LATE);
        let text = || format!("an answer to {call} that nobody waits for");
        self.recorder.record_with(who, Happening::Dropped, cause, note, text);
        self.recorder.environment(who, Environment::Strayed { call });
    }

    /// A call has come to its end as far as its caller knows.
    fn answer_call(&mut self, process: u32, ticket: Ticket, outcome: Result<Value, CallError>, cause: Cause) {
        let who = self.who(process);
        let Some(Waiting { call, .. }) = self.take_waiting(process, ticket) else { return };
        let known = match &outcome {
            Ok(value) => CallOutcome::Result(value.clone()),
            Err(CallError::Timeout) => CallOutcome::Unknown,
            Err(error) => CallOutcome::Declined(Value::from(error.to_string().as_str())),
        };
        let cause = self.recorder.fact(who, Fact::CallEnded { call, outcome: known }, cause);
        self.complete(process, ticket, Completion::Called(outcome), cause);
    }

    fn take_waiting(&mut self, process: u32, ticket: Ticket) -> Option<Waiting> {
        let Body::Async(task) = &mut self.processes[process as usize].body else { return None };
        let place = task.tools.iter().position(|waiting| waiting.ticket == ticket)?;
        Some(task.tools.remove(place))
    }

    /// A call's time is up; says whether the ticket was a call's.
    pub(super) fn give_up_call(&mut self, process: u32, ticket: Ticket) -> bool {
        let Body::Async(task) = &self.processes[process as usize].body else { return false };
        if !task.tools.iter().any(|waiting| waiting.ticket == ticket) {
            return false;
        }
        if task.waits_for(ticket) {
            self.answer_call(process, ticket, Err(CallError::Timeout), Cause::NONE);
        } else {
            // The agent itself turned away earlier: it never took an answer.
            self.take_waiting(process, ticket);
        }
        true
    }

    /// A fault of processes begins at a tool.
    pub(super) fn begin_tool_fault(&mut self, fault: &Fault, node: NodeId, cause: Cause) {
        match fault.kind {
            Kind::Crash if self.crash_tool(node, fault.span, cause) => self.recorder.struck(Kind::Crash),
            Kind::CrashAfterPersist => self.tool(node).after_write.push(fault.span),
            Kind::Pause => {
                self.tool(node).pauses += 1;
                self.recorder.ledger.fired(Kind::Pause);
                let who = self.tool_who(node);
                self.recorder.record(who, Happening::Paused, cause, Note::NONE.marked(Mark::FAULT));
                self.recorder.environment(who, Environment::Paused);
            }
            _ => {}
        }
    }

    /// A fault of processes ends at a tool.
    pub(super) fn end_tool_fault(&mut self, kind: Kind, node: NodeId) {
        if kind != Kind::Pause || self.tool(node).pauses == 0 {
            return;
        }
        self.tool(node).pauses -= 1;
        let who = self.tool_who(node);
        self.recorder.record(who, Happening::Resumed, Cause::NONE, Note::NONE);
        self.recorder.environment(who, Environment::Resumed);
        let tool = self.tool(node);
        if tool.pauses == 0 && std::mem::replace(&mut tool.stalled, Stalled::No) == Stalled::Yes {
            let number = tool.work;
            self.recorder.ledger.felt(Kind::Pause);
            self.work_done(node, number);
        }
    }

    /// A tool that is up goes down for so long; says whether it was up.
    fn crash_tool(&mut self, node: NodeId, span: Duration, cause: Cause) -> bool {
        if self.tool(node).standing == Standing::Down {
            return false;
        }
        let who = self.tool_who(node);
        self.recorder.record(who, Happening::Crashed, cause, Note::NONE.marked(Mark::FAULT));
        self.recorder.environment(who, Environment::Crashed);
        let tool = self.tool(node);
        tool.standing = Standing::Down;
        tool.queue.clear();
        tool.stalled = Stalled::No;
        self.queue.push(self.after(span), Due::Restart { node });
        true
    }

    fn crashes_after_effect(&mut self, node: NodeId) -> bool {
        let Some(down) = self.tool(node).after_write.pop() else { return false };
        self.recorder.struck(Kind::CrashAfterPersist);
        self.crash_tool(node, down, Cause::NONE)
    }

    /// A crashed tool starts again, with all that it had done.
    pub(super) fn restart_tool(&mut self, node: NodeId) {
        let tool = self.tool(node);
        tool.standing = Standing::Up;
        tool.life += 1;
        let who = self.tool_who(node);
        self.recorder.record(who, Happening::Started, Cause::NONE, Note::NONE);
        self.recorder.environment(who, Environment::Started { again: Restart::WithDisk });
    }
}
