//! Clients: callers of operations. They try one member after another until they hear a decision.
//!
//! A client's history is recorded at the client. What it never hears the end of stays open.

use super::envelope::{Envelope, Invoke, Return};
use super::recorder::Who;
use super::{Due, Phase, World};
use crate::fact::Slot;
use crate::history::Operation;
use crate::id::{NodeId, OpId};
use crate::protocol::team::{Outcome, Request, TeamProtocol};
use crate::seed::Stream;
use crate::time::{Duration, Time, millis};
use crate::trace::{Cause, Happening, Told};

/// Pause before a redirected request goes out again: a leader has to be known first.
const BACKOFF: Duration = millis(300);

/// One client.
pub(super) struct Client {
    draws: Stream,
    /// Operations begun.
    begun: u64,
    /// The one under way.
    open: Option<Open>,
    /// Its last operation begins no earlier.
    last_after: Time,
    /// Only the latest alarm counts.
    alarm: u64,
}

struct Open {
    op: OpId,
    slot: Slot,
    target: u64,
}

/// The client that called an operation.
pub(super) fn client_of(op: OpId, clients: u16) -> NodeId {
    let index = op.0 % u64::from(clients.max(1));
    NodeId::client(u16::try_from(index).expect("a client"))
}

impl<P: TeamProtocol> World<P> {
    /// Every client begins after a drawn pause.
    pub(super) fn start_clients(&mut self) {
        for index in 0..self.setup.clients {
            let draws = self.streams.stream(format_args!("client/{}", NodeId::client(index)));
            let last_after = self.setup.workload.last_after;
            self.clients.push(Client { draws, begun: 0, open: None, last_after, alarm: 0 });
            self.think(index);
        }
    }

    /// The client's next operation comes after a pause; its last one not before the liveness phase.
    fn think(&mut self, index: u16) {
        let workload = self.setup.workload;
        let client = &mut self.clients[usize::from(index)];
        // Whatever the client was waiting for is over.
        client.alarm += 1;
        if client.begun >= workload.decisions {
            return;
        }
        let pause = client.draws.within(Duration::ZERO..=workload.think);
        let mut at = self.recorder.now + pause;
        if client.begun + 1 == workload.decisions {
            at = at.max(client.last_after);
        }
        self.alarm(index, at);
    }

    fn alarm(&mut self, index: u16, at: Time) {
        let client = &mut self.clients[usize::from(index)];
        client.alarm += 1;
        let alarm = client.alarm;
        self.queue.push(at, Due::Client { client: index, alarm });
    }

    /// A client begins an operation, or tries another member.
    pub(super) fn client_alarm(&mut self, index: u16, alarm: u64) {
        let clients = u64::from(self.setup.clients);
        let members = self.members.len() as u64;
        let client = &mut self.clients[usize::from(index)];
        if client.alarm != alarm {
            return;
        }
        match &mut client.open {
            Some(open) => open.target = (open.target + 1) % members,
            None => {
                let number = client.begun * clients + u64::from(index);
                client.begun += 1;
                let target = client.draws.below(members);
                client.open = Some(Open { op: OpId(number), slot: Slot(number), target });
                self.invoked.entry(Slot(number)).or_insert(self.recorder.now);
                let who = Who::only(NodeId::client(index));
                self.recorder.operation(who, Operation::Invoke { op: OpId(number), slot: Slot(number) });
            }
        }
        self.invoke(index);
    }

    /// Sends the open operation to its current target.
    fn invoke(&mut self, index: u16) {
        let Some(open) = &self.clients[usize::from(index)].open else { return };
        let who = Who::only(NodeId::client(index));
        let target = NodeId::agent(u16::try_from(open.target).expect("a member"));
        let invoke = Invoke { op: open.op, request: Request::Propose { slot: open.slot } };
        let note = super::recorder::Note::about(open.slot.0).with(target);
        let slot = open.slot;
        let text = || format!("a decision on {slot}");
        let cause = self.recorder.record_with(who, Happening::Invoked, Cause::NONE, note, text);
        self.send(who, target, Envelope::Invoke(invoke), cause);
        let at = self.after(self.setup.workload.patience);
        self.alarm(index, at);
    }

    /// A client hears from a member.
    pub(super) fn client_hears(&mut self, index: u16, back: Return, cause: Cause) {
        let who = Who::only(NodeId::client(index));
        let client = &mut self.clients[usize::from(index)];
        // An answer to an operation that already ended changes nothing: the client heard its end before.
        let Some(open) = client.open.as_mut().filter(|open| open.op == back.op) else { return };
        let op = open.op;
        let slot = open.slot;
        let text = |what: &str| Told::new(format!("operation {}: {what}", op.0));
        match back.outcome {
            Outcome::Decided { value, .. } => {
                client.open = None;
                let note = super::recorder::Note::about(value.digest_word());
                self.recorder.record_with(who, Happening::Returned, cause, note, || {
                    text(&value.to_string()).carrying_value(Some(slot), &value)
                });
                self.recorder.operation(who, Operation::Ok { op, slot, value });
                self.think(index);
            }
            Outcome::GaveUp { .. } | Outcome::Refused | Outcome::Log { .. } | Outcome::Done => {
                client.open = None;
                self.recorder
                    .record_with(who, Happening::Returned, cause, super::recorder::Note::NONE, || text("gave up"));
                self.recorder.operation(who, Operation::Fail { op });
                self.think(index);
            }
            Outcome::Elsewhere { hint } => {
                let next = hint.map_or(open.target + 1, |node| node.index() as u64);
                // The alarm moves on by one before it sends.
                open.target = (next + self.members.len() as u64 - 1) % self.members.len() as u64;
                let at = self.after(BACKOFF);
                self.alarm(index, at);
            }
        }
        self.end_if_done();
    }

    /// The nemesis has stopped: nobody waits for longer pauses than usual.
    pub(super) fn wake_clients(&mut self) {
        for index in 0..self.setup.clients {
            if self.clients[usize::from(index)].open.is_none() {
                self.think(index);
            }
        }
    }

    /// A member has done with a slot: it decided or abstained.
    pub(super) fn settle(&mut self, node: NodeId, slot: Slot) {
        self.settled.insert((slot, node));
        self.end_if_done();
    }

    /// Ends the run once the nemesis has stopped, every client has its answers, and every core member has done with
    /// every slot.
    fn end_if_done(&mut self) {
        let Phase::Liveness { core } = &self.phase else { return };
        let workload = self.setup.workload;
        let asked = self.clients.iter().all(|client| client.begun >= workload.decisions && client.open.is_none());
        let done = |slot: &Slot| core.iter().all(|member| self.settled.contains(&(*slot, *member)));
        if asked && self.setup.clients > 0 && self.invoked.keys().all(done) {
            self.phase = Phase::Over;
        }
    }
}
