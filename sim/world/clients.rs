//! Clients: callers of operations. They try one member after another until they hear the end of what they called.
//!
//! A client's history is recorded at the client. What it never hears the end of stays open.

use super::callings::{self, Calling};
use super::envelope::{Envelope, Invoke, Return};
use super::recorder::{Note, Who};
use super::sessions::Session;
use super::{Due, Phase, World};
use crate::digest::digest_of;
use crate::fact::Slot;
use crate::history::{Environment, Holds, Operation};
use crate::id::{NodeId, OpId};
use crate::protocol::team::{Outcome, Request, TeamProtocol};
use crate::seed::Piece::{Node, Number, Text};
use crate::seed::{Ratio, Stream};
use crate::time::{Duration, Time, millis};
use crate::trace::{Cause, Happening, Told};

/// Pause before a redirected request goes out again: a leader has to be known first.
const BACKOFF: Duration = millis(300);

/// One client.
pub(super) struct Client {
    draws: Stream,
    calling: Calling,
    /// Operations begun.
    begun: u64,
    /// How many it begins.
    quota: u64,
    /// The one under way.
    open: Option<Open>,
    /// Its last operation begins no earlier.
    last_after: Time,
    /// Only the latest alarm counts.
    alarm: u64,
    /// The member that it goes to as long as it is content.
    home: Option<u64>,
}

struct Open {
    op: OpId,
    request: Request,
    target: u64,
    /// When it gives up, if it ever does.
    until: Option<Time>,
}

/// The client that called an operation.
pub(super) fn client_of(op: OpId, clients: u16) -> NodeId {
    let index = op.0 % u64::from(clients.max(1));
    NodeId::client(u16::try_from(index).expect("a client"))
}

impl<P: TeamProtocol> World<P> {
    /// Every client begins after a drawn pause.
    pub(super) fn start_clients(&mut self) {
        let workload = self.setup.workload;
        for index in 0..self.setup.clients {
            let calling = Calling::of(index, self.setup.clients, &workload);
            let draws = calling.stream(NodeId::client(index), &self.streams);
            let recovery = match (&calling, workload.sessions) {
                (Calling::Session(_), Some(sessions)) => sessions.recovery,
                _ => Duration::ZERO,
            };
            let last_after = if calling.outlasts_faults() { workload.last_after + recovery } else { Time::ZERO };
            let quota = calling.quota(&workload);
            let client = Client { draws, calling, begun: 0, quota, open: None, last_after, alarm: 0, home: None };
            self.clients.push(client);
            self.think(index);
        }
    }

    /// The client's next operation comes after a pause; its last one not before the liveness phase.
    fn think(&mut self, index: u16) {
        let workload = self.setup.workload;
        let client = &mut self.clients[usize::from(index)];
        // Whatever the client was waiting for is over.
        client.alarm += 1;
        if client.begun >= client.quota {
            return;
        }
        let pause = client.draws.within(Duration::ZERO..=client.calling.think(&workload));
        let mut at = self.recorder.now + pause;
        if client.begun + 1 == client.quota {
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

    /// A client begins an operation, tries another member, or gives up.
    pub(super) fn client_alarm(&mut self, index: u16, alarm: u64) {
        let members = self.members.len() as u64;
        let client = &mut self.clients[usize::from(index)];
        if client.alarm != alarm {
            return;
        }
        match &mut client.open {
            Some(open) if open.until.is_some_and(|until| until <= self.recorder.now) => {
                let op = open.op;
                if let Calling::Session(session) = &mut client.calling {
                    session.give_up();
                    client.home = Some((open.target + 1) % members);
                }
                return self.end_operation(index, Operation::Info { op }, Cause::NONE);
            }
            Some(open) => open.target = (open.target + 1) % members,
            None => self.begin_operation(index),
        }
        self.invoke(index);
        self.end_if_done();
    }

    fn begin_operation(&mut self, index: u16) {
        let Visitors { clients, proposers } = self.visitors();
        let (now, members) = (self.recorder.now, self.members.len() as u64);
        let client = &mut self.clients[usize::from(index)];
        let op = OpId(client.begun * clients + u64::from(index));
        let number = client.begun * proposers + u64::from(index);
        client.begun += 1;
        let target = client.target(members);
        let request = client.calling.request(number, members, &mut client.draws);
        let until = client.calling.waits().map(|span| now + span);
        // Taken out by a pin, an operation is drawn all the same, so that none of the client's others moves.
        let name = [Text("operation/"), Node(NodeId::client(index)), Text("/"), Number(client.begun - 1)];
        if !self.streams.chance(name, Ratio::ALWAYS) {
            return self.think(index);
        }
        if let Request::Propose { slot } = request {
            self.invoked.entry(slot).or_insert(now);
        }
        let begun = callings::begun(op, &request, &client.calling);
        client.open = Some(Open { op, request, target, until });
        self.recorder.operation(Who::only(NodeId::client(index)), begun);
    }

    fn visitors(&self) -> Visitors {
        let (clients, workload) = (self.setup.clients, &self.setup.workload);
        let sessions = workload.sessions.map_or(0, |sessions| sessions.clients);
        let proposers = clients - sessions - workload.visits.readers - workload.visits.administrators;
        Visitors { clients: u64::from(clients), proposers: u64::from(proposers) }
    }

    /// Sends the open operation to its current target.
    fn invoke(&mut self, index: u16) {
        let client = &self.clients[usize::from(index)];
        let Some(Open { op, request, target, until }) = &client.open else { return };
        let (op, request, target, until) = (*op, request.clone(), *target, *until);
        let patience = client.calling.patience(&self.setup.workload);
        let who = Who::only(NodeId::client(index));
        let target = NodeId::agent(u16::try_from(target).expect("a member"));
        let about = match &request {
            Request::Propose { slot } => slot.0,
            other => digest_of(other),
        };
        let text = || match &request {
            Request::Propose { slot } => format!("a decision on {slot}"),
            other => format!("to {other}"),
        };
        let cause =
            self.recorder.record_with(who, Happening::Invoked, Cause::NONE, Note::about(about).with(target), text);
        self.send(who, target, Envelope::Invoke(Invoke { op, request }), cause);
        let at = self.after(patience);
        self.alarm(index, until.map_or(at, |until| until.min(at)));
    }

    /// A client hears from a member.
    pub(super) fn client_hears(&mut self, index: u16, back: Return, cause: Cause) {
        let members = self.members.len() as u64;
        let client = &mut self.clients[usize::from(index)];
        // An answer to an operation that already ended changes nothing: the client heard its end before.
        let Some(open) = client.open.as_mut().filter(|open| open.op == back.op) else { return };
        let op = open.op;
        match back.outcome {
            Outcome::Elsewhere { hint } => {
                let next = hint.map_or(open.target + 1, |node| node.index() as u64);
                // The alarm moves on by one before it sends.
                open.target = (next + members - 1) % members;
                let at = self.after(BACKOFF);
                self.alarm(index, at);
            }
            Outcome::Decided { slot, value } => self.end_operation(index, Operation::Ok { op, slot, value }, cause),
            Outcome::Log { decisions } => self.end_operation(index, Operation::Log { op, decisions }, cause),
            Outcome::Store(response) => {
                let target = open.target;
                let Calling::Session(session) = &mut client.calling else { return };
                let heard = session.hear(*response);
                client.home = Some(target);
                self.recorder.figures.calls += 1;
                self.end_operation(index, Operation::Heard { op, heard }, cause);
            }
            Outcome::Done => self.end_operation(index, Operation::Done { op }, cause),
            Outcome::GaveUp { .. } | Outcome::Refused => {
                if let Calling::Session(session) = &mut client.calling {
                    session.give_up();
                }
                self.end_operation(index, Operation::Fail { op }, cause);
            }
        }
        self.end_if_done();
    }

    /// The client has heard the end of its operation, or no longer waits for it.
    fn end_operation(&mut self, index: u16, end: Operation, cause: Cause) {
        let who = Who::only(NodeId::client(index));
        self.clients[usize::from(index)].open = None;
        let note = match &end {
            Operation::Ok { value, .. } => Note::about(value.digest_word()),
            Operation::Log { decisions, .. } => Note::about(digest_of(decisions)),
            Operation::Heard { heard, .. } => Note::about(digest_of(&(heard.holds == Holds::Yes, &heard.content))),
            _ => Note::NONE,
        };
        self.recorder.record_with(who, Happening::Returned, cause, note, || told(&end));
        self.recorder.operation(who, end);
        self.think(index);
        self.end_if_done();
    }

    /// The nemesis has stopped: nobody waits for longer pauses than usual, and the team is left as it is.
    pub(super) fn wake_clients(&mut self) {
        for index in 0..self.setup.clients {
            let client = &mut self.clients[usize::from(index)];
            if !client.calling.outlasts_faults() {
                client.quota = client.begun;
            }
            if client.open.is_none() {
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
        let asked = self.clients.iter().all(|client| client.begun >= client.quota && client.open.is_none());
        let done = |slot: &Slot| core.iter().all(|member| self.settled.contains(&(*slot, *member)));
        if asked && self.setup.clients > 0 && self.invoked.keys().all(done) {
            match self.setup.workload.sessions {
                Some(sessions) if self.settling == Settling::No => {
                    self.settling = Settling::Yes;
                    self.queue.push(self.after(sessions.settling), Due::Settle);
                }
                Some(_) => {}
                None => self.phase = Phase::Over,
            }
        }
    }

    /// Everything that was under way had time to arrive.
    pub(super) fn settle_down(&mut self) {
        self.recorder.environment(Who::only(NodeId::agent(0)), Environment::Settled);
        self.phase = Phase::Over;
    }
}

impl Client {
    /// Which member its next operation goes to.
    fn target(&mut self, members: u64) -> u64 {
        match (&self.calling, self.home) {
            (Calling::Session(_), Some(home)) if !Session::moves(&mut self.draws) => home,
            _ => self.draws.below(members),
        }
    }
}

/// Whether a run only waits for what is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settling {
    No,
    Yes,
}

/// How many clients there are, and how many of them want decisions.
#[derive(Clone, Copy)]
struct Visitors {
    clients: u64,
    proposers: u64,
}

/// The end of an operation as a replay prints it.
fn told(end: &Operation) -> Told {
    let what = match end {
        Operation::Ok { value, .. } => value.to_string(),
        Operation::Log { decisions, .. } => format!("{} decisions", decisions.len()),
        Operation::Done { .. } => "done".to_owned(),
        Operation::Heard { heard, .. } => match (&heard.content, heard.holds) {
            (Some(content), _) => format!("finds {content}"),
            (None, Holds::Yes) => "done".to_owned(),
            (None, Holds::No) => "refused: it is another version".to_owned(),
        },
        Operation::Info { .. } => "no answer, gives up".to_owned(),
        _ => "gave up".to_owned(),
    };
    let told = Told::new(format!("operation {}: {what}", end.op().0));
    match end {
        Operation::Ok { slot, value, .. } => told.carrying_value(Some(*slot), value),
        _ => told,
    }
}
