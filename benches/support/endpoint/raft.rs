//! Synod's Raft in a shell for madsim: the same state machines, with their effects carried out by tasks and timers.
//!
//! Bare, there are no faults, no history, no digest and no checks. With the same work there is all of it: the seed's
//! faults are planned, members crash and start again from their disks, the same mock reads the same prompts about the
//! same problem, what it says is validated, facts and operations go into the history, and the round's properties judge
//! it. The model and the client stay beside their member in either case: a sleep each.

use super::book::Book;
use super::mind::Mind;
use super::{Line, Team, Work, calm, trouble};
use crate::support::ring::NODES;
use crate::support::round::{Load, Round};
use madsim::rand::{Rng, thread_rng};
use madsim::time::{TimeHandle, sleep, timeout};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};
use synod::digest::digest_of;
use synod::fact::{Fact, Slot, Value};
use synod::history::{Environment, Operation, Restart};
use synod::id::{Members, NodeId, OpId};
use synod::protocol::consensus::Raft;
use synod::protocol::consensus::raft::{Durable, Message, Timer};
use synod::protocol::team::{Answer, Ask, Outcome, Request};
use synod::protocol::{Effect, Effects, Event, Fold, Protocol};
use synod::time::{Duration, Time, micros, millis, seconds};
use synod::trace::Happening;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A write to a flushed disk, as on Synod.
const DISK: RangeInclusive<Duration> = micros(200)..=millis(8);
/// A generation of a model, and the local check of one.
const PROPOSAL: RangeInclusive<Duration> = seconds(1)..=seconds(8);
const VALIDATION: RangeInclusive<Duration> = millis(1)..=millis(20);
/// Between two requests of a client.
const PATIENCE: Duration = seconds(4);
/// What everyone decides about.
const SLOT: Slot = Slot(0);

/// Five members of a Raft team until so many messages were sent, and nothing else; returns how many were.
pub fn bare(load: &Load) -> u64 {
    team(load, Work::Bare).run(calm)
}

/// The same under faults, digested, recorded, and judged by these properties.
pub fn values(round: &Round, load: &Load, properties: &[&'static str]) -> u64 {
    let book = Book::new();
    judged(round, load, Work::Values(book), book, properties)
}

/// The same in bytes.
pub fn bytes(round: &Round, load: &Load, properties: &[&'static str]) -> u64 {
    let book = Book::new();
    judged(round, load, Work::Bytes(book), book, properties)
}

fn judged(round: &Round, load: &Load, work: Work, book: Book, properties: &[&'static str]) -> u64 {
    let plan = round.plan(load.seed);
    let sent = team(load, work).run(|handle, nodes| trouble::make(handle, nodes, book, plan));
    black_box(book.conclude(properties));
    sent
}

fn team(load: &Load, work: Work) -> Team {
    let members = Members::of(NODES);
    let mind = work.book().map(|_| Arc::new(Mind::of(load.seed)));
    let mut team = Team::new(load.seed, load.messages, work);
    for me in members.iter() {
        let (disk, members, mind) = (Disk::default(), members.clone(), mind.clone());
        team.add(move |line| Shell::new(Raft::factory(me, &members), disk.clone(), mind.clone(), line).live());
    }
    team
}

/// What outlives a member's process.
type Disk = Arc<Mutex<Durable>>;

struct Shell {
    raft: Raft,
    disk: Disk,
    mind: Option<Arc<Mind>>,
    armed: BTreeMap<Timer, Time>,
    effects: Effects<Raft>,
    line: Line,
    clock: TimeHandle,
    mailbox: UnboundedReceiver<Event<Raft>>,
    to_self: UnboundedSender<Event<Raft>>,
}

impl Shell {
    fn new(raft: Raft, disk: Disk, mind: Option<Arc<Mind>>, line: Line) -> Shell {
        let (to_self, mailbox) = unbounded_channel();
        let (armed, effects) = (BTreeMap::new(), Effects::default());
        Shell { raft, disk, mind, armed, effects, line, clock: TimeHandle::current(), mailbox, to_self }
    }

    async fn live(mut self) {
        madsim::task::spawn(hear(self.line.clone(), self.to_self.clone()));
        madsim::task::spawn(want(self.line.clone(), self.to_self.clone()));
        let again = self.line.work.book().map_or(Restart::First, |book| book.started(self.line.me));
        let survived = (again != Restart::First).then(|| self.disk.lock().expect("one process a disk").clone());
        let mut event = Event::Start(survived);
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
                if let Some(book) = self.line.work.book() {
                    book.happened(self.line.me, Happening::Fired, digest_of(&timer));
                }
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
            // The answer may come all the same.
            Effect::Cancel(_) => {}
            Effect::Ask { ticket, ask } => {
                _ = madsim::task::spawn(answer(
                    self.line.clone(),
                    self.mind.clone(),
                    ticket,
                    ask,
                    self.to_self.clone(),
                ));
            }
            Effect::Persist(write) => {
                let about = self.line.work.book().map(|book| {
                    let about = digest_of(&write);
                    book.happened(self.line.me, Happening::Persisting, about);
                    about
                });
                sleep(draw(DISK).into()).await;
                self.disk.lock().expect("one process a disk").fold(&write);
                if let (Some(book), Some(write)) = (self.line.work.book(), about) {
                    book.happened(self.line.me, Happening::Persisted, write);
                    book.environment(self.line.me, Environment::Persisted { write });
                }
            }
            Effect::Return { op, response } => self.operation(|| match response {
                Outcome::Decided { slot, value } => Operation::Ok { op, slot, value },
                Outcome::Elsewhere { .. } | Outcome::GaveUp { .. } | Outcome::Refused => Operation::Fail { op },
                other @ (Outcome::Log { .. } | Outcome::Done | Outcome::Store(_)) => {
                    unreachable!("nobody asks for {other:?} here")
                }
            }),
            Effect::Decide { slot, value } => self.report(Fact::Decided { slot, value }),
            Effect::Note(fact) => self.report(fact),
            Effect::Halt => panic!("no write fails here, so no member halts"),
        }
    }

    fn report(&self, fact: Fact) {
        if let Some(book) = self.line.work.book() {
            book.fact(self.line.me, fact);
        }
    }

    fn operation(&self, operation: impl FnOnce() -> Operation) {
        if let Some(book) = self.line.work.book() {
            book.operation(self.line.me, operation());
        }
    }
}

/// Hands on what comes over the network.
async fn hear(line: Line, shell: UnboundedSender<Event<Raft>>) {
    let mut ear = line.listen();
    loop {
        let (from, message) = ear.receive::<Message>().await;
        let from = NodeId::agent(u16::try_from(from).expect("a member"));
        // A shell that is gone was killed, and this task is next.
        _ = shell.send(Event::Deliver { from, message });
    }
}

/// A client beside every member, which wants the one decision there is: only the leader serves it.
async fn want(line: Line, shell: UnboundedSender<Event<Raft>>) {
    for number in 0.. {
        sleep(PATIENCE.into()).await;
        let life = line.work.book().map_or(0, |book| book.life(line.me));
        let op = OpId((life * 1_000 + number) * u64::from(NODES) + line.me as u64);
        // No two clients, and no two lives of one, share an operation.
        if let Some(book) = line.work.book() {
            book.operation(line.me, Operation::Invoke { op, slot: SLOT });
        }
        _ = shell.send(Event::Invoke { op, request: Request::Propose { slot: SLOT } });
    }
}

/// The agent and its model.
async fn answer(line: Line, mind: Option<Arc<Mind>>, ticket: u64, ask: Ask, shell: UnboundedSender<Event<Raft>>) {
    let (span, answer) = match (ask, mind) {
        (Ask::Propose { .. } | Ask::Revise { .. }, None) => (PROPOSAL, Answer::Proposal(Value::from("roll back"))),
        (Ask::Propose { .. } | Ask::Revise { .. }, Some(mind)) => (PROPOSAL, mind.propose(line.me, ticket)),
        (Ask::Validate { .. }, None) => (VALIDATION, Answer::Approved),
        (Ask::Validate { value, .. }, Some(mind)) => (VALIDATION, mind.validate(&value)),
    };
    sleep(draw(span).into()).await;
    if let (Some(book), Answer::Proposal(value)) = (line.work.book(), &answer) {
        book.environment(line.me, Environment::Offered { slot: SLOT, value: value.clone() });
    }
    _ = shell.send(Event::Answer { ticket, answer });
}

fn draw(range: RangeInclusive<Duration>) -> Duration {
    Duration(thread_rng().gen_range(range.start().0..=range.end().0))
}
