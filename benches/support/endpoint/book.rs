//! What the same work adds to a bare `Endpoint`: a digest and a record of everything that happens, and a history that
//! checkers judge. Knows no protocol and no network.
//!
//! Synod's own [`Trace`] and [`History`] are used as they are, because they are as cheap as we could make them; the
//! digest of a message is made anew where it is received, because only its bytes came. Nodes of madsim are `Send`, so
//! the book lies behind a lock, which nobody ever waits for.

use crate::support::ring::NODES;
use madsim::time::TimeHandle;
use std::sync::{Arc, Mutex, MutexGuard};
use synod::check::{Check, by_name};
use synod::digest::{Digest, Digester, digest_of};
use synod::fact::Fact;
use synod::history::{Entry, Environment, Event, History, Operation, Restart};
use synod::id::{NodeId, ProcessId, Role};
use synod::time::{Duration, Time};
use synod::trace::{Cause, Detail, Happening, Mark, Record, Trace};

/// Where everyone writes down what happens.
#[derive(Clone)]
pub struct Book(Arc<Mutex<Pages>>);

struct Pages {
    trace: Trace,
    history: History,
    /// madsim's, once its runtime runs.
    clock: Option<TimeHandle>,
    /// Which life each member lives.
    lives: Vec<u32>,
}

impl Book {
    /// An empty book of a team.
    pub fn new() -> Book {
        let (trace, history, lives) = (Trace::new(Detail::Digest), History::new(), vec![0; usize::from(NODES)]);
        Book(Arc::new(Mutex::new(Pages { trace, history, clock: None, lives })))
    }

    /// A message leaves.
    pub fn sent(&self, member: usize, to: usize, message: &impl Digest) {
        self.open().record(agent(member), Happening::Sent, Some(agent(to)), digest_of(message));
    }

    /// A message arrives.
    pub fn delivered(&self, member: usize, from: usize, message: &impl Digest) {
        self.open().record(agent(member), Happening::Delivered, Some(agent(from)), digest_of(message));
    }

    /// Something else happens to a member.
    pub fn happened(&self, member: usize, happening: Happening, about: u64) {
        self.open().record(agent(member), happening, None, about);
    }

    /// A member reports something of itself.
    pub fn fact(&self, member: usize, fact: Fact) {
        let happening = if matches!(fact, Fact::Decided { .. }) { Happening::Decided } else { Happening::Fact };
        let mut pages = self.open();
        pages.record(agent(member), happening, None, digest_of(&fact));
        pages.enter(agent(member), Event::Fact(fact));
    }

    /// Something happens that no member can lie about.
    pub fn environment(&self, member: usize, environment: Environment) {
        self.open().enter(agent(member), Event::Environment(environment));
    }

    /// The client beside a member sees something.
    pub fn operation(&self, member: usize, operation: Operation) {
        self.open().enter(NodeId::client(u16::try_from(member).expect("a small team")), Event::Operation(operation));
    }

    /// A member starts; says whether it lived before.
    pub fn started(&self, member: usize) -> Restart {
        let mut pages = self.open();
        let again = if pages.lives[member] == 0 { Restart::First } else { Restart::WithDisk };
        pages.lives[member] += 1;
        pages.record(agent(member), Happening::Started, None, 0);
        pages.enter(agent(member), Event::Environment(Environment::Started { again }));
        again
    }

    /// How often a member started.
    pub fn life(&self, member: usize) -> u64 {
        u64::from(self.open().lives[member])
    }

    /// Judges the history by these properties and digests everything.
    pub fn conclude(&self, properties: &[&'static str]) -> u64 {
        let mut pages = self.open();
        pages.enter(agent(0), Event::Environment(Environment::Ended));
        let mut digester = Digester::default();
        digester.word(pages.trace.digest());
        for name in properties {
            let check: &dyn Check = by_name(name).expect("a property of the scenario");
            let verdict = check.check(&pages.history);
            assert!(verdict.witness().is_none(), "{name} does not hold of the baseline: {verdict:?}");
            name.digest(&mut digester);
        }
        digester.finish()
    }

    fn open(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().expect("nobody panics with the book open")
    }
}

impl Pages {
    fn now(&mut self) -> Time {
        let clock = self.clock.get_or_insert_with(TimeHandle::current);
        Time::ZERO + Duration::from(clock.elapsed())
    }

    /// Lives of all members count together: no two processes have one number.
    fn process(&self, node: NodeId) -> ProcessId {
        let life = |life: &u32| life * u32::from(NODES) + u32::try_from(node.index()).expect("a small team");
        let agent = node.role() == Role::Agent;
        ProcessId(self.lives.get(node.index()).filter(|_| agent).map(life).unwrap_or_default())
    }

    fn record(&mut self, node: NodeId, happening: Happening, peer: Option<NodeId>, about: u64) {
        let (at, process) = (self.now(), self.process(node));
        let record = Record { at, node, process, happening, mark: Mark::NONE, peer, cause: Cause::NONE, about };
        self.trace.push(record, String::new);
    }

    fn enter(&mut self, node: NodeId, event: Event) {
        let (at, process) = (self.now(), self.process(node));
        self.history.push(Entry { at, node, process, event });
    }
}

fn agent(member: usize) -> NodeId {
    NodeId::agent(u16::try_from(member).expect("a small team"))
}
