//! Calls that are given up before their answer: the model stops, its place is free, and what it had not written yet is
//! not paid for. Knows no pieces: of a stream it knows how long it takes.
//!
//! A cancellation is a message like any other: it takes its time, and may be lost. One that comes before its call, or
//! after the answer, changes nothing.

use super::Job;
use crate::agent::Ticket;
use crate::id::{NodeId, ProcessId};
use crate::model::{Spending, Usage};
use crate::protocol::team::TeamProtocol;
use crate::time::{Duration, Time};
use crate::trace::{Cause, Happening};
use crate::world::envelope::{Cancel, Envelope};
use crate::world::process::Body;
use crate::world::recorder::{Note, Who};
use crate::world::{Due, World};

/// An answer under way.
pub(super) struct Working {
    /// Names it among its model's.
    number: u64,
    caller: NodeId,
    process: ProcessId,
    ticket: Ticket,
    began: Time,
    first_token: Duration,
    latency: Duration,
    /// What its caller was charged.
    charged: Option<Usage>,
}

impl Working {
    fn is_of(&self, cancel: Cancel) -> bool {
        (self.process, self.ticket) == (cancel.process, cancel.ticket)
    }

    /// The tokens of the answer that are not written yet: after the first they come evenly.
    fn unwritten(&self, now: Time) -> u32 {
        let Some(usage) = self.charged else { return 0 };
        let writing = u128::from(self.latency.0.saturating_sub(self.first_token.0).max(1));
        let left = u128::from(self.latency.0.saturating_sub(now.since(self.began).0)).min(writing);
        u32::try_from(u128::from(usage.output_tokens) * left / writing).unwrap_or(usage.output_tokens)
    }
}

impl<P: TeamProtocol> World<P> {
    /// A protocol wants no answer to what it asked. An agent that waited in vain has felt why.
    pub(in crate::world) fn cancel(&mut self, process: u32, who: Who, ticket: u64, cause: Cause) {
        if self.take_ask(process, ticket).is_none() {
            return;
        }
        let model = self.model_of(who.node);
        let cancel = Cancel { process: self.processes[process as usize].id, ticket: Ticket(ticket) };
        self.send(who, model, Envelope::Cancel(cancel), cause);
        self.timed_out_call(process, Ticket(ticket));
        self.turn_ended(who.node);
    }

    /// An agent turns away from a call to its model before the answer: it wants it no more.
    pub(in crate::world) fn turn_away(&mut self, process: u32, who: Who, ticket: Ticket, cause: Cause) {
        match &self.processes[process as usize].body {
            Body::Async(task) if task.is_calling(ticket) => {}
            _ => return,
        }
        let cancel = Cancel { process: self.processes[process as usize].id, ticket };
        self.send(who, self.model_of(who.node), Envelope::Cancel(cancel), cause);
    }

    /// A cancellation reaches the model: what waits is forgotten, what is being generated stops.
    pub(in crate::world) fn cancelled(&mut self, node: NodeId, cancel: Cancel, cause: Cause) {
        let model = u16::try_from(node.index()).expect("a model");
        let state = &mut self.models[usize::from(model)];
        state.queue.retain(|job| (job.prompt.process, job.prompt.ticket) != (cancel.process, cancel.ticket));
        let stopped: Vec<Working> = state.working.extract_if(.., |working| working.is_of(cancel)).collect();
        for working in stopped {
            self.models[usize::from(model)].running -= 1;
            let unwritten = self.refund(model, &working);
            let note = Note::about(u64::from(unwritten)).with(working.caller);
            let text = || format!("call {} with {unwritten} tokens to go", cancel.ticket.0);
            self.recorder.record_with(Who::only(node), Happening::Cancelled, cause, note, text);
        }
        self.admit(model);
    }

    /// Gives back what was charged for tokens that will not be written; says how many those are.
    fn refund(&mut self, model: u16, working: &Working) -> u32 {
        let now = self.recorder.now;
        let unwritten = working.unwritten(now);
        let Some(usage) = working.charged else { return unwritten };
        let price = self.setup.model.profile().price;
        let written = Usage { output_tokens: usage.output_tokens - unwritten, ..usage };
        let mut saved = Spending { output_tokens: u64::from(unwritten), ..Spending::default() };
        saved.cost.0 = price.of(usage).0 - price.of(written).0;
        let place = self.providers.place(model);
        self.providers.organisations[place].refund(now, unwritten, saved.cost);
        self.providers.spending.entry(working.caller).or_default().take_back(saved);
        self.recorder.figures.spending.take_back(saved);
        let owed: u64 = self.providers.organisations.iter().map(|organisation| organisation.spent().0).sum();
        debug_assert_eq!(owed, self.recorder.figures.spending.cost.0, "organisations pay what their agents spend");
        unwritten
    }

    /// The answer of a call goes out after so long, if nobody cancels it.
    pub(super) fn serve_after(&mut self, model: u16, job: Job, first_token: Duration, latency: Duration) {
        let number = self.begin_answer(model, &job, first_token, latency);
        self.queue.push(self.after(latency), Due::Serve { model, number, job: Box::new(job) });
    }

    /// A model works on an answer from now on, which can be cancelled under this number.
    pub(super) fn begin_answer(&mut self, model: u16, job: &Job, first_token: Duration, latency: Duration) -> u64 {
        let number = self.providers.whole;
        self.providers.whole += 1;
        let working = Working {
            number,
            caller: job.caller,
            process: job.prompt.process,
            ticket: job.prompt.ticket,
            began: self.recorder.now,
            first_token,
            latency,
            charged: job.charged,
        };
        self.models[usize::from(model)].working.push(working);
        number
    }

    /// Whether a model still works on this: nobody has cancelled it.
    pub(super) fn is_answering(&self, model: u16, number: u64) -> bool {
        self.models[usize::from(model)].working.iter().any(|working| working.number == number)
    }

    /// A call is generated, if it was not cancelled; it is no longer under way.
    pub(super) fn has_done(&mut self, model: u16, number: u64) -> bool {
        let working = &mut self.models[usize::from(model)].working;
        let place = working.iter().position(|working| working.number == number);
        place.map(|place| working.swap_remove(place)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::seconds;

    #[test]
    fn what_is_not_written_yet_shrinks_evenly_after_the_first_token() {
        let working = Working {
            number: 0,
            caller: NodeId::agent(0),
            process: ProcessId(0),
            ticket: Ticket(1),
            began: Time::ZERO,
            first_token: seconds(2),
            latency: seconds(12),
            charged: Some(Usage { input_tokens: 9, output_tokens: 100 }),
        };
        let unwritten = |second| working.unwritten(Time::ZERO + seconds(second));
        assert_eq!([0, 2, 7, 11, 12, 13].map(unwritten), [100, 100, 50, 10, 0, 0]);
        assert_eq!(Working { charged: None, ..working }.unwritten(Time::ZERO), 0, "nothing was charged");
    }
}
