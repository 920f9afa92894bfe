//! Processes handle events, and their effects are carried out in order.

use super::disk::Honesty;
use super::envelope::{Envelope, Flight, Return};
use super::nemesis::Active;
use super::process::{Alarm, Armed, Body, Incoming, Work, Writing};
use super::queue::Turn;
use super::recorder::{Note, Who};
use super::slab::Slab;
use super::{Due, World};
use crate::digest::digest_of;
use crate::fact::{Fact, Slot, Value};
use crate::fault::{Class, Kind, Moment};
use crate::history::Environment;
use crate::id::{NodeId, OpId};
use crate::protocol::team::{Outcome, TeamProtocol};
use crate::protocol::{DiskError, Effect, Event};
use crate::time::Duration;
use crate::trace::{Cause, Happening, Mark, Told};
use std::ops::RangeInclusive;

impl<P: TeamProtocol> World<P> {
    /// Gives a process something to handle, now or when it can.
    #[inline]
    pub(super) fn handle(&mut self, process: u32, incoming: Incoming<P>, cause: Cause) {
        let target = &mut self.processes[process as usize];
        if !target.is_alive() {
            return;
        }
        if target.is_free() {
            self.handle_now(process, incoming, cause);
        } else {
            target.backlog.push_back((incoming, cause));
            self.resume_work(process);
        }
    }

    fn handle_now(&mut self, process: u32, incoming: Incoming<P>, cause: Cause) {
        match incoming {
            Incoming::Event(event) => self.step(process, event, cause),
            Incoming::Reply(reply) => self.hear_reply(process, *reply, cause),
            Incoming::Piece(piece) => self.hear_piece(process, *piece, cause),
            Incoming::Called(answer) => self.hear_answer(process, *answer, cause),
            Incoming::Consulted(back) => self.hear_store(process, *back, cause),
            Incoming::Letter(letter) => self.hand_over(process, letter.from, letter.parcel, cause),
            Incoming::Completed(ticket, completion) => self.complete(process, ticket, completion, cause),
            Incoming::Timer(turn) => self.fire(process, turn),
            Incoming::GiveUp(ticket) => self.give_up(process, ticket),
        }
    }

    /// One step of a pure protocol.
    #[inline(never)]
    pub(super) fn step(&mut self, process: u32, event: Event<P>, cause: Cause) {
        self.step_with(process, cause, |_| event);
    }

    /// One step of a pure protocol on an event that is made where the protocol takes it: to move a message costs more
    /// than most of what is done with it.
    #[inline(always)]
    pub(super) fn step_with(
        &mut self,
        process: u32,
        cause: Cause,
        event: impl FnOnce(&mut Slab<Flight<P::Message>>) -> Event<P>,
    ) {
        self.see_clock(process);
        let target = &mut self.processes[process as usize];
        let who = Who { node: target.node, process: target.id };
        self.running.enter(who);
        let now = target.clock.read(self.recorder.now);
        let mut effects = std::mem::take(&mut self.effects);
        if let Body::Pure(protocol) = &mut target.body {
            protocol.step(now, event(&mut self.flights), &mut effects);
        }
        self.running.leave();
        if self.outlines.is_some() {
            self.note_outline();
        }
        // Faults begin and end between steps.
        let honest = self.is_honest(who.node);
        let mut wanted = effects.drain();
        // An effect is looked at before it is taken: it is large, and to move it costs more than to look.
        while let Some(next) = wanted.as_slice().first() {
            if honest && matches!(next, Effect::Send { .. }) {
                self.send_first(who, cause, &mut wanted);
                continue;
            }
            match wanted.next() {
                Some(Effect::Arm { timer, within }) => self.arm(process, who.node, timer, within),
                Some(Effect::Persist(write)) => {
                    self.persist(process, write, cause);
                    let target = &mut self.processes[process as usize];
                    assert!(target.waiting.is_empty(), "no step begins before the effects of the last are carried out");
                    target.waiting.extend(&mut wanted);
                    target.stepped = cause;
                }
                Some(effect) => {
                    if !self.perform(process, who, effect, cause) {
                        break;
                    }
                }
                None => break,
            }
        }
        drop(wanted);
        self.effects = effects;
    }

    /// Carries out one effect other than a write; says whether the process is still alive.
    fn perform(&mut self, process: u32, who: Who, effect: Effect<P>, cause: Cause) -> bool {
        match effect {
            Effect::Send { to, message } => self.send_or_lie(process, who, to, message, cause),
            Effect::Arm { timer, within } => self.arm(process, who.node, timer, within),
            Effect::Disarm(timer) => {
                self.processes[process as usize].timers.retain(|armed| armed.timer != timer);
            }
            Effect::Ask { ticket, ask } => self.ask(process, who, ticket, ask, cause),
            Effect::Cancel(ticket) => self.cancel(process, who, ticket, cause),
            Effect::Persist(_) => unreachable!("writes are carried out by their caller"),
            Effect::Return { op, response } => self.respond(who, op, response, cause),
            Effect::Decide { slot, value } => self.decide(who, slot, value, cause),
            Effect::Note(fact) => {
                if self.rounds.is_some() {
                    self.note_round(process, &fact);
                }
                self.note(who, fact, cause);
            }
            Effect::Halt => {
                self.halt(process, cause);
                return false;
            }
        }
        true
    }

    /// Whether a node's messages are sent as they are: its shell does not lie, and no round parts its copies.
    #[inline]
    fn is_honest(&self, node: NodeId) -> bool {
        self.rounds.is_none() && !self.active.iter().any(|active| lies(active, node))
    }

    /// Sends a message, or what a lying shell makes of it.
    fn send_or_lie(&mut self, process: u32, who: Who, to: NodeId, message: P::Message, cause: Cause) {
        if self.rounds.is_some() {
            return self.send_in_round(process, who, to, message, cause);
        }
        match self.lie(process, who.node, to, &message) {
            None => self.send(who, to, Envelope::Peer(message), cause),
            Some(lies) => lies.into_iter().for_each(|lie| self.send(who, to, Envelope::Peer(lie), cause)),
        }
    }

    /// The same while rounds part processes.
    #[cold]
    fn send_in_round(&mut self, process: u32, who: Who, to: NodeId, message: P::Message, cause: Cause) {
        let lies = self.lie(process, who.node, to, &message);
        for message in lies.unwrap_or_else(|| vec![message]) {
            let envelope = self.parted(process, to, message);
            self.send(who, to, envelope, cause);
        }
    }

    /// What a shell that lies sends in place of a message: as the latest of the faults that turned it has it.
    fn lie(&mut self, process: u32, node: NodeId, to: NodeId, message: &P::Message) -> Option<Vec<P::Message>> {
        let kind = self.active.iter().rev().find(|active| lies(active, node))?.kind;
        let Body::Pure(protocol) = &self.processes[process as usize].body else { return None };
        let lies = protocol.lied(kind, to, message)?;
        self.recorder.struck(kind);
        Some(lies)
    }

    fn arm(&mut self, process: u32, node: NodeId, timer: P::Timer, within: RangeInclusive<Duration>) {
        let span = self.node_draws[node.index()].timers.within(within);
        let target = &mut self.processes[process as usize];
        let (due, turn) = (self.recorder.now + target.clock.true_span(span), self.queue.turn());
        let place = target.timers.iter().position(|armed| armed.timer == timer);
        let place = place.unwrap_or_else(|| {
            target.timers.push(Armed { timer, due, turn, alarm: None });
            target.timers.len() - 1
        });
        let armed = &mut target.timers[place];
        (armed.due, armed.turn) = (due, turn);
        if armed.alarm.is_none_or(|alarm| alarm.rings > due) {
            armed.alarm = Some(Alarm { rings: due, turn });
            self.queue.push_in_turn(due, turn, Due::Ring { process, alarm: turn });
        }
    }

    /// An alarm rings: its timer is due, unless it was put off, or disarmed. A timer that is due fires once the process
    /// can handle it, if it is still armed then.
    #[inline]
    pub(super) fn alarm_rings(&mut self, process: u32, alarm: Turn) {
        let timers = &mut self.processes[process as usize].timers;
        let looks_after = |armed: &&mut Armed<P::Timer>| armed.alarm.is_some_and(|set| set.turn == alarm);
        let Some(armed) = timers.iter_mut().find(looks_after) else { return };
        let (due, turn) = (armed.due, armed.turn);
        if turn == alarm {
            armed.alarm = None;
            if self.processes[process as usize].is_free() {
                self.fire(process, turn);
            } else {
                self.handle(process, Incoming::Timer(turn), Cause::NONE);
            }
        } else {
            armed.alarm = Some(Alarm { rings: due, turn });
            self.queue.push_in_turn(due, turn, Due::Ring { process, alarm: turn });
        }
    }

    #[inline(never)]
    fn fire(&mut self, process: u32, turn: Turn) {
        let who = self.who(process);
        let timers = &mut self.processes[process as usize].timers;
        let Some(place) = timers.iter().position(|armed| armed.turn == turn) else { return };
        let Armed { timer, .. } = timers.swap_remove(place);
        let about = Note::about(digest_of(&timer));
        let cause = self.recorder.record_with(who, Happening::Fired, Cause::NONE, about, || format!("{timer:?}"));
        self.step_with(process, cause, |_| Event::Fire(timer));
        self.timer_fired(who.node);
    }

    /// A client's answer goes back over the link.
    fn respond(&mut self, who: Who, op: OpId, outcome: Outcome, cause: Cause) {
        let client = self.agent_of(op).unwrap_or_else(|| super::clients::client_of(op, self.setup.clients));
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
            self.recorder.latencies.push(took);
        }
        self.recorder.fact(who, Fact::Decided { slot, value }, cause);
        // A protocol without a log commits by deciding.
        self.moment(Moment::Committed, who.node);
        self.settle(who.node, slot);
    }

    /// A participant reports a fact about itself. Telling ones may set off faults.
    pub(super) fn note(&mut self, who: Who, fact: Fact, cause: Cause) {
        let moment = match &fact {
            Fact::Voted { .. } | Fact::Promised { .. } | Fact::Cast { .. } => Some(Moment::Voted),
            Fact::Elected { .. } => Some(Moment::Won),
            Fact::Appended { .. } | Fact::Accepted { .. } | Fact::Locked { .. } => Some(Moment::Appended),
            Fact::Committed { .. } | Fact::Chosen { .. } => Some(Moment::Committed),
            Fact::Reconfigured { .. } => Some(Moment::Reconfigured),
            Fact::Restored { .. } | Fact::Installed { .. } => Some(Moment::Restored),
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
        let text = || Told::new(format!("{write:?}")).carrying(&write);
        let cause = self.recorder.record_with(who, Happening::Persisting, cause, Note::about(about), text);
        let number = self.write_number;
        self.write_number += 1;
        self.processes[process as usize].writing = Some(Writing { write, number, cause });
        // Faults of this moment come first, even if the write takes no time.
        self.moment(Moment::PersistPending, who.node);
        self.count_write(who.node);
        let took = self.write_span(who.node);
        self.queue.push(self.after(took), Due::Durable { process, number });
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
        if self.is_on(Kind::DiskFull, who.node) {
            let cause = self.refuse_write(who, about, cause);
            let target = &mut self.processes[process as usize];
            target.waiting.clear();
            // A failed write is told before anything that came meanwhile.
            target.backlog.push_front((Incoming::Event(Event::DiskFailed(DiskError::Full)), cause));
            return self.resume_work(process);
        }
        let honesty = self.honesty(who.node);
        self.disks[who.node.index()].write(&write, honesty);
        let cause = self.recorder.record(who, Happening::Persisted, cause, Note::about(about));
        self.recorder.environment(who, Environment::Persisted { write: about });
        if self.strikes_after_write(who.node) {
            return;
        }
        self.carry_on(process, cause);
    }

    /// A write fails for want of space.
    pub(super) fn refuse_write(&mut self, who: Who, about: u64, cause: Cause) -> Cause {
        self.recorder.struck(Kind::DiskFull);
        self.recorder.record(who, Happening::DiskFailed, cause, Note::about(about).marked(Mark::FAULT))
    }

    /// Whether the node's disk keeps what it says it keeps.
    pub(super) fn honesty(&mut self, node: NodeId) -> Honesty {
        if !self.is_on(Kind::LostWrite, node) {
            return Honesty::Honest;
        }
        self.recorder.ledger.fired(Kind::LostWrite);
        Honesty::Lying
    }

    /// Carries out the effects that waited for a write, up to the next one.
    pub(super) fn carry_on(&mut self, process: u32, cause: Cause) {
        let who = self.who(process);
        let target = &mut self.processes[process as usize];
        if target.pauses > 0 {
            return;
        }
        let stepped = target.stepped;
        let mut waiting = std::mem::take(&mut target.waiting);
        let mut wanted = waiting.drain();
        while let Some(effect) = wanted.next() {
            if let Effect::Persist(write) = effect {
                self.persist(process, write, stepped);
                return self.processes[process as usize].waiting.extend(&mut wanted);
            }
            if !self.perform(process, who, effect, cause) {
                return;
            }
        }
        drop(wanted);
        self.processes[process as usize].waiting = waiting;
        self.resume_work(process);
    }

    /// Handles what came while the process could not.
    pub(super) fn resume_work(&mut self, process: u32) {
        while let Some((incoming, cause)) = self.next_work(process) {
            self.handle_now(process, incoming, cause);
        }
        if matches!(self.processes[process as usize].body, Body::Async(_)) {
            self.bell.ring(process);
        }
    }

    /// The oldest event of the backlog, if the process can handle it now. A slow process has to work on it first.
    fn next_work(&mut self, process: u32) -> Option<(Incoming<P>, Cause)> {
        let now = self.recorder.now;
        let target = &mut self.processes[process as usize];
        if !target.is_alive() || !target.can_run() || target.backlog.is_empty() {
            return None;
        }
        match target.work {
            Work::Until(done) if done > now => return None,
            Work::Until(_) => {
                target.work = Work::Idle;
                self.recorder.ledger.felt(Kind::Slow);
            }
            Work::Idle if target.slowness > Duration::ZERO => {
                let done = now + target.slowness;
                target.work = Work::Until(done);
                self.recorder.ledger.fired(Kind::Slow);
                self.queue.push(done, Due::Free { process });
                return None;
            }
            Work::Idle => {}
        }
        target.backlog.pop_front()
    }
}

/// Whether a fault that is on has a node's shell lie.
#[inline]
fn lies(active: &Active, node: NodeId) -> bool {
    active.node == Some(node) && active.kind.class() == Class::Deceit
}
