//! Processes handle events, and their effects are carried out in order.

use super::disk::Honesty;
use super::envelope::{Envelope, Return};
use super::process::{Armed, Body, Incoming, Writing};
use super::recorder::{Note, Who};
use super::{Due, World};
use crate::digest::digest_of;
use crate::fact::{Fact, Slot, Value};
use crate::fault::{Kind, Moment};
use crate::history::Environment;
use crate::id::{NodeId, OpId};
use crate::protocol::team::{Outcome, TeamProtocol};
use crate::protocol::{DiskError, Effect, Event};
use crate::time::Duration;
use crate::trace::{Cause, Happening, Mark};
use std::ops::RangeInclusive;

impl<P: TeamProtocol> World<P> {
    /// Gives a process something to handle, now or when it can.
    #[inline]
    pub(super) fn handle(&mut self, process: u32, incoming: Incoming<P>, cause: Cause) {
        let now = self.recorder.now;
        let target = &mut self.processes[process as usize];
        if !target.is_alive() {
            return;
        }
        if !target.is_free(now) || !target.backlog.is_empty() {
            target.backlog.push_back((incoming, cause));
            return;
        }
        self.handle_now(process, incoming, cause);
    }

    fn handle_now(&mut self, process: u32, incoming: Incoming<P>, cause: Cause) {
        let slowness = self.processes[process as usize].slowness;
        match incoming {
            Incoming::Event(event) => self.step(process, event, cause),
            Incoming::Reply(reply) => self.hear_reply(process, *reply, cause),
            Incoming::Letter(letter) => self.hand_over(process, letter, cause),
            Incoming::Completed(ticket, completion) => self.complete(process, ticket, completion, cause),
        }
        if slowness > Duration::ZERO {
            let until = self.after(slowness);
            self.processes[process as usize].busy_until = until;
            self.queue.push(until, Due::Free { process });
            self.recorder.struck(Kind::Slow);
        }
    }

    /// One step of a pure protocol.
    #[inline]
    pub(super) fn step(&mut self, process: u32, event: Event<P>, cause: Cause) {
        let mut effects = std::mem::take(&mut self.effects);
        let who = self.who(process);
        self.running = Some(who);
        let target = &mut self.processes[process as usize];
        let now = target.clock.read(self.recorder.now);
        if let Body::Pure(protocol) = &mut target.body {
            protocol.step(now, event, &mut effects);
        }
        self.running = None;
        let mut drained = effects.drain();
        while let Some(effect) = drained.next() {
            if let Effect::Persist(write) = effect {
                self.persist(process, write, cause);
                self.processes[process as usize].waiting.extend(drained.by_ref().map(|effect| (effect, cause)));
                break;
            }
            if !self.perform(process, who, effect, cause) {
                break;
            }
        }
        drop(drained);
        self.effects = effects;
    }

    /// Carries out one effect other than a write; says whether the process is still alive.
    #[inline]
    fn perform(&mut self, process: u32, who: Who, effect: Effect<P>, cause: Cause) -> bool {
        match effect {
            Effect::Send { to, message } => self.send(who, to, Envelope::Peer(message), cause),
            Effect::Arm { timer, within } => self.arm(process, who.node, timer, within),
            Effect::Disarm(timer) => {
                self.processes[process as usize].timers.retain(|armed| armed.timer != timer);
            }
            Effect::Ask { ticket, ask } => self.ask(process, who, ticket, ask, cause),
            Effect::Persist(_) => unreachable!("writes are carried out by their caller"),
            Effect::Return { op, response } => self.respond(who, op, response, cause),
            Effect::Decide { slot, value } => self.decide(who, slot, value, cause),
            Effect::Note(fact) => self.note(who, fact, cause),
            Effect::Halt => {
                self.halt(process, cause);
                return false;
            }
        }
        true
    }

    fn arm(&mut self, process: u32, node: NodeId, timer: P::Timer, within: RangeInclusive<Duration>) {
        let span = self.node_draws[node.index()].timers.within(within);
        let generation = self.timer_generation;
        self.timer_generation += 1;
        let target = &mut self.processes[process as usize];
        match target.timers.iter_mut().find(|armed| armed.timer == timer) {
            Some(armed) => armed.generation = generation,
            None => target.timers.push(Armed { timer: timer.clone(), generation }),
        }
        let span = target.clock.true_span(span);
        self.queue.push(self.after(span), Due::Fire { process, generation, timer });
    }

    /// An armed timer fires, if it still may.
    #[inline]
    pub(super) fn fire(&mut self, process: u32, generation: u64, timer: P::Timer) {
        let target = &mut self.processes[process as usize];
        let Some(place) = target.timers.iter().position(|armed| armed.generation == generation) else { return };
        target.timers.swap_remove(place);
        let who = self.who(process);
        let about = Note::about(digest_of(&timer));
        let cause = self.recorder.record_with(who, Happening::Fired, Cause::NONE, about, || format!("{timer:?}"));
        self.handle(process, Incoming::Event(Event::Fire(timer)), cause);
        self.timer_fired(who.node);
    }

    /// A client's answer goes back over the link.
    fn respond(&mut self, who: Who, op: OpId, outcome: Outcome, cause: Cause) {
        let client = super::clients::client_of(op, self.setup.clients);
        self.send(who, client, Envelope::Return(Box::new(Return { op, outcome })), cause);
    }

    /// A participant decides.
    pub(super) fn decide(&mut self, who: Who, slot: Slot, value: Value, cause: Cause) {
        if let std::collections::btree_map::Entry::Vacant(first) = self.decided.entry(slot) {
            first.insert(value.clone());
            self.recorder.figures.decisions += 1;
            let since = self.invoked.get(&slot).copied().unwrap_or_default();
            let took = self.recorder.now.since(since);
            self.recorder.figures.decision_time = self.recorder.figures.decision_time + took;
        }
        self.recorder.fact(who, Fact::Decided { slot, value }, cause);
        // A protocol without a log commits by deciding.
        self.moment(Moment::Committed, who.node);
        self.settle(who.node, slot);
    }

    /// A participant reports a fact about itself. Telling ones may set off faults.
    pub(super) fn note(&mut self, who: Who, fact: Fact, cause: Cause) {
        let moment = match &fact {
            Fact::Voted { .. } => Some(Moment::Voted),
            Fact::Elected { .. } => Some(Moment::Won),
            Fact::Appended { .. } => Some(Moment::Appended),
            Fact::Committed { .. } => Some(Moment::Committed),
            _ => None,
        };
        let abstained = if let Fact::Abstained { slot } = &fact { Some(*slot) } else { None };
        self.recorder.fact(who, fact, cause);
        if let Some(moment) = moment {
            self.moment(moment, who.node);
        }
        if let Some(slot) = abstained {
            self.settle(who.node, slot);
        }
    }

    /// Begins a write; what follows waits for it.
    fn persist(&mut self, process: u32, write: P::Write, cause: Cause) {
        let who = self.who(process);
        let about = digest_of(&write);
        let text = || format!("{write:?}");
        let cause = self.recorder.record_with(who, Happening::Persisting, cause, Note::about(about), text);
        let number = self.write_number;
        self.write_number += 1;
        let took = self.write_span(who.node);
        self.queue.push(self.after(took), Due::Durable { process, number });
        self.processes[process as usize].writing = Some(Writing { write, number, cause });
        self.moment(Moment::PersistPending, who.node);
        self.count_write(who.node);
    }

    /// How long a write takes.
    pub(super) fn write_span(&mut self, node: NodeId) -> Duration {
        let latency = self.setup.disk;
        self.node_draws[node.index()].disk.within(latency.least..=latency.most)
    }

    /// A write has ended: well, only seemingly, or not.
    pub(super) fn durable(&mut self, process: u32, number: u64) {
        let who = self.who(process);
        let target = &mut self.processes[process as usize];
        if target.writing.as_ref().is_none_or(|writing| writing.number != number) {
            return;
        }
        let Some(Writing { write, cause, .. }) = target.writing.take() else { return };
        let about = digest_of(&write);
        if self.node_faults[who.node.index()].is_on(Kind::DiskFull) {
            self.recorder.struck(Kind::DiskFull);
            self.processes[process as usize].waiting.clear();
            let note = Note::about(about).marked(Mark::FAULT);
            let cause = self.recorder.record(who, Happening::DiskFailed, cause, note);
            self.handle_first(process, Event::DiskFailed(DiskError::Full), cause);
            return;
        }
        let lying = self.node_faults[who.node.index()].is_on(Kind::LostWrite);
        if lying {
            self.recorder.ledger.fired(Kind::LostWrite);
        }
        let honesty = if lying { Honesty::Lying } else { Honesty::Honest };
        self.disks[who.node.index()].write(&write, honesty);
        let cause = self.recorder.record(who, Happening::Persisted, cause, Note::about(about));
        self.recorder.environment(who, Environment::Persisted { write: about });
        if self.strikes_after_write(who.node) {
            return;
        }
        self.carry_on(process, cause);
    }

    /// A failed write is told before anything that came meanwhile.
    fn handle_first(&mut self, process: u32, event: Event<P>, cause: Cause) {
        self.step(process, event, cause);
        self.resume_work(process);
    }

    /// Carries out the effects that waited for a write, up to the next one.
    pub(super) fn carry_on(&mut self, process: u32, cause: Cause) {
        let who = self.who(process);
        if self.processes[process as usize].pauses > 0 {
            return;
        }
        while let Some((effect, first_cause)) = self.processes[process as usize].waiting.pop_front() {
            if let Effect::Persist(write) = effect {
                self.persist(process, write, first_cause);
                return;
            }
            if !self.perform(process, who, effect, cause) {
                return;
            }
        }
        self.resume_work(process);
    }

    /// Handles what came while the process could not.
    pub(super) fn resume_work(&mut self, process: u32) {
        loop {
            let now = self.recorder.now;
            let target = &mut self.processes[process as usize];
            if !target.is_alive() || !target.is_free(now) {
                return;
            }
            let Some((incoming, cause)) = target.backlog.pop_front() else { break };
            self.handle_now(process, incoming, cause);
        }
        if matches!(self.processes[process as usize].body, Body::Async(_)) {
            self.bell.ring(process);
        }
    }
}
