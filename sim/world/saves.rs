//! What async agents save: writes that complete in the order they were begun, and what a crash leaves of them.

use super::disk::{Honesty, Saved};
use super::process::Body;
use super::recorder::{Note, Who};
use super::{Due, World};
use crate::agent::{Completion, Ticket};
use crate::fact::Value;
use crate::fault::{Kind, Moment};
use crate::history::Environment;
use crate::protocol::DiskError;
use crate::protocol::team::TeamProtocol;
use crate::time::Time;
use crate::trace::{Cause, Happening, Told};

/// A write of an async agent under way.
pub(super) struct Saving {
    ticket: Ticket,
    pub(super) state: Value,
    done: Time,
    cause: Cause,
}

impl<P: TeamProtocol> World<P> {
    /// Begins a write of an async agent; it completes after those before it.
    pub(super) fn begin_save(&mut self, process: u32, who: Who, ticket: Ticket, state: Value, cause: Cause) {
        let about = Note::about(state.digest_word());
        let text = || Told::new(state.to_string()).carrying_value(None, &state);
        let cause = self.recorder.record_with(who, Happening::Persisting, cause, about, text);
        self.moment(Moment::PersistPending, who.node);
        self.count_write(who.node);
        let took = self.write_span(who.node);
        let saving = &mut self.processes[process as usize].saving;
        let done = saving.back().map_or(Time::ZERO, |last| last.done).max(self.recorder.now + took);
        saving.push_back(Saving { ticket, state, done, cause });
        self.queue.push(done, Due::Saved { process, ticket });
    }

    /// A write of an async agent has ended: well, only seemingly, or not.
    pub(super) fn saved(&mut self, process: u32, ticket: Ticket) {
        let who = self.who(process);
        let saving = &mut self.processes[process as usize].saving;
        let Some(Saving { state, cause, .. }) = saving.pop_front_if(|saving| saving.ticket == ticket) else { return };
        let about = state.digest_word();
        if self.is_on(Kind::DiskFull, who.node) {
            let cause = self.refuse_write(who, about, cause);
            return self.wake(process, ticket, Completion::Saved(Err(DiskError::Full)), cause);
        }
        let honesty = self.honesty(who.node);
        self.saves[who.node.index()].write::<Value>(&state, honesty);
        self.remember(process);
        let cause = self.recorder.record(who, Happening::Persisted, cause, Note::about(about));
        self.recorder.environment(who, Environment::Persisted { write: about });
        if !self.strikes_after_write(who.node) {
            self.wake(process, ticket, Completion::Saved(Ok(())), cause);
        }
    }

    /// The agent can recall what is on its disk.
    pub(super) fn remember(&mut self, process: u32) {
        let node = self.processes[process as usize].node;
        let saved: Option<Saved> = self.saves[node.index()].read();
        if let Body::Async(task) = &self.processes[process as usize].body {
            task.recalls(saved.and_then(|saved| saved.0));
        }
    }

    /// An agent that starts again cannot read its disk yet.
    pub(super) fn cannot_recall(&mut self, process: u32) {
        let node = self.processes[process as usize].node;
        if self.saves[node.index()].read().is_none() {
            return;
        }
        self.recorder.struck(Kind::ReadError);
        if let Body::Async(task) = &self.processes[process as usize].body {
            task.cannot_recall();
        }
    }

    /// A write that a crash did not stop.
    pub(super) fn keep_save(&mut self, process: u32, state: &Value) {
        let node = self.processes[process as usize].node;
        self.saves[node.index()].write::<Value>(state, Honesty::Honest);
    }
}
