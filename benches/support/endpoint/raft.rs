//! Synod's Raft in a shell for madsim: the same state machines, with their effects carried out by tasks and timers.
//!
//! No faults, no history, no digest, no checks: all this costs the baseline nothing.

use super::{Line, Team};
use crate::support::ring::NODES;
use madsim::rand::{Rng, thread_rng};
use madsim::time::{TimeHandle, sleep, timeout};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use synod::fact::{Slot, Value};
use synod::id::{Members, NodeId, OpId};
use synod::protocol::consensus::Raft;
use synod::protocol::consensus::raft::{Durable, Message, Timer};
use synod::protocol::team::{Answer, Ask, Request};
use synod::protocol::{Effect, Effects, Event, Fold, Protocol};
use synod::time::{Duration, Time, micros, millis, seconds};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A write to a flushed disk, as on Synod.
const DISK: RangeInclusive<Duration> = micros(200)..=millis(8);
/// A generation of a model, and the local check of one.
const PROPOSAL: RangeInclusive<Duration> = seconds(1)..=seconds(8);
const VALIDATION: RangeInclusive<Duration> = millis(1)..=millis(20);
/// Between two requests of a client.
const PATIENCE: Duration = seconds(4);

/// Five members of a Raft team until so many messages were sent; returns how many were.
pub fn messages(count: u64, seed: u64) -> u64 {
    let members = Members::of(NODES);
    let team = Team::new(members.len(), seed, count);
    for me in members.iter() {
        let raft = Raft::factory(me, &members);
        team.start(me.index(), move |line| Shell::new(raft, line).live());
    }
    team.run()
}

struct Shell {
    raft: Raft,
    disk: Durable,
    armed: BTreeMap<Timer, Time>,
    effects: Effects<Raft>,
    line: Line,
    clock: TimeHandle,
    mailbox: UnboundedReceiver<Event<Raft>>,
    to_self: UnboundedSender<Event<Raft>>,
}

impl Shell {
    fn new(raft: Raft, line: Line) -> Shell {
        let (to_self, mailbox) = unbounded_channel();
        let (armed, effects) = (BTreeMap::new(), Effects::default());
        Shell { raft, disk: Durable::default(), armed, effects, line, clock: TimeHandle::current(), mailbox, to_self }
    }

    async fn live(mut self) {
        madsim::task::spawn(hear(self.line.clone(), self.to_self.clone()));
        madsim::task::spawn(want(self.to_self.clone()));
        let mut event = Event::Start(None);
        loop {
            self.raft.step(self.now(), event, &mut self.effects);
            let mut wanted = std::mem::take(&mut self.effects);
            for effect in wanted.drain() {
                self.carry_out(effect).await;
            }
            self.effects = wanted;
            event = self.next().await;
        }
    }

    fn now(&self) -> Time {
        Time::ZERO + Duration::from(self.clock.elapsed())
    }

    /// The next timer that is due, or whatever comes before it.
    async fn next(&mut self) -> Event<Raft> {
        loop {
            let first = self.armed.iter().min_by_key(|(_, due)| **due);
            let (timer, due) = first.map(|(timer, due)| (*timer, *due)).expect("a member always waits for a leader");
            let left = due.since(self.now());
            if left == Duration::ZERO {
                self.armed.remove(&timer);
                return Event::Fire(timer);
            }
            if let Ok(event) = timeout(left.into(), self.mailbox.recv()).await {
                return event.expect("the shell holds a sender itself");
            }
        }
    }

    async fn carry_out(&mut self, effect: Effect<Raft>) {
        match effect {
            Effect::Send { to, message } => self.line.send(to.index(), message).await,
            Effect::Arm { timer, within } => _ = self.armed.insert(timer, self.now() + draw(within)),
            Effect::Disarm(timer) => _ = self.armed.remove(&timer),
            Effect::Ask { ticket, ask } => _ = madsim::task::spawn(answer(ticket, ask, self.to_self.clone())),
            Effect::Cancel(_) => {}
            Effect::Persist(write) => {
                sleep(draw(DISK).into()).await;
                self.disk.fold(&write);
            }
            Effect::Return { .. } | Effect::Decide { .. } | Effect::Note(_) => {}
            Effect::Halt => panic!("no write fails here, so no member halts"),
        }
    }
}

/// Hands on what comes over the network.
async fn hear(line: Line, shell: UnboundedSender<Event<Raft>>) {
    loop {
        let (from, message) = line.receive::<Message>().await;
        let from = NodeId::agent(u16::try_from(from).expect("a member"));
        // A shell that is gone was killed, and this task is next.
        _ = shell.send(Event::Deliver { from, message });
    }
}

/// A client beside every member, which wants the one decision there is: only the leader serves it.
async fn want(shell: UnboundedSender<Event<Raft>>) {
    for op in 0.. {
        sleep(PATIENCE.into()).await;
        _ = shell.send(Event::Invoke { op: OpId(op), request: Request::Propose { slot: Slot(0) } });
    }
}

/// The agent and its model, which always agree.
async fn answer(ticket: u64, ask: Ask, shell: UnboundedSender<Event<Raft>>) {
    let (span, answer) = match ask {
        Ask::Propose { .. } | Ask::Revise { .. } => (PROPOSAL, Answer::Proposal(Value::from("roll back the release"))),
        Ask::Validate { .. } => (VALIDATION, Answer::Approved),
    };
    sleep(draw(span).into()).await;
    _ = shell.send(Event::Answer { ticket, answer });
}

fn draw(range: RangeInclusive<Duration>) -> Duration {
    Duration(thread_rng().gen_range(range.start().0..=range.end().0))
}
