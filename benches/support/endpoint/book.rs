//! What the same work adds to a bare `Endpoint`: a digest and a record of everything that happens, and a history that
//! checkers judge. Knows no protocol and no network.
//!
//! Synod's own [`Trace`] and [`History`] are used as they are, because they are as cheap as we could make them.
//! Tasks of madsim have to be `Send`, but a run lives on one thread: the book lies in a cell of that thread, so that no
//! lock is taken.

use crate::support::ring::NODES;
use madsim::time::TimeHandle;
use std::cell::RefCell;
use synod::check::{Check, by_name};
use synod::digest::{Digest, Digester, digest_of};
use synod::fact::Fact;
use synod::history::{Entry, Environment, Event, History, Operation, Restart};
use synod::id::{NodeId, ProcessId, Role};
use synod::time::{Duration, Time};
use synod::trace::{Cause, Detail, Happening, Mark, Record, Trace};

thread_local! {
    static PAGES: RefCell<Pages> = RefCell::new(Pages::new());
}

/// Where everyone on this thread writes down what happens.
#[derive(Clone, Copy)]
pub struct Book(());

struct Pages {
    trace: Trace,
    history: History,
    /// madsim's, once its runtime runs.
    clock: Option<TimeHandle>,
    /// Which life each member lives.
    lives: Vec<u32>,
}

impl Book {
    /// This thread's book, empty.
    pub fn new() -> Book {
        PAGES.set(Pages::new());
        Book(())
    }

    /// A message with this digest leaves.
    pub fn sent(self, member: usize, to: usize, message: u64) {
        self.open(|pages| pages.record(agent(member), Happening::Sent, Some(agent(to)), message));
    }

    /// A message with this digest arrives.
    pub fn delivered(self, member: usize, from: usize, message: u64) {
        self.open(|pages| pages.record(agent(member), Happening::Delivered, Some(agent(from)), message));
    }

    /// Something else happens to a member.
    pub fn happened(self, member: usize, happening: Happening, about: u64) {
        self.open(|pages| pages.record(agent(member), happening, None, about));
    }

    /// A member reports something of itself.
    pub fn fact(self, member: usize, fact: Fact) {
        let happening = if matches!(fact, Fact::Decided { .. }) { Happening::Decided } else { Happening::Fact };
        self.open(|pages| {
            pages.record(agent(member), happening, None, digest_of(&fact));
            pages.enter(agent(member), Event::Fact(fact));
        });
    }

    /// Something happens that no member can lie about.
    pub fn environment(self, member: usize, environment: Environment) {
        self.open(|pages| pages.enter(agent(member), Event::Environment(environment)));
    }

    /// The client beside a member sees something.
    pub fn operation(self, member: usize, operation: Operation) {
        let client = NodeId::client(u16::try_from(member).expect("a small team"));
        self.open(|pages| pages.enter(client, Event::Operation(operation)));
    }

    /// A member starts; says whether it lived before.
    pub fn started(self, member: usize) -> Restart {
        self.open(|pages| {
            let again = if pages.lives[member] == 0 { Restart::First } else { Restart::WithDisk };
            pages.lives[member] += 1;
            pages.record(agent(member), Happening::Started, None, 0);
            pages.enter(agent(member), Event::Environment(Environment::Started { again }));
            again
        })
    }

    /// How often a member started.
    pub fn life(self, member: usize) -> u64 {
        self.open(|pages| u64::from(pages.lives[member]))
    }

    /// Judges the history by these properties and digests everything.
    pub fn conclude(self, properties: &[&'static str]) -> u64 {
        let mut pages = PAGES.replace(Pages::new());
        pages.ended();
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

    fn open<R>(self, write: impl FnOnce(&mut Pages) -> R) -> R {
        PAGES.with_borrow_mut(write)
    }
}

impl Pages {
    fn new() -> Pages {
        let lives = vec![0; usize::from(NODES)];
        Pages { trace: Trace::new(Detail::Digest), history: History::new(), clock: None, lives }
    }

    /// The run is over, and with it madsim's clock.
    fn ended(&mut self) {
        let at = self.history.entries().last().map_or(Time::ZERO, |entry| entry.at);
        let event = Event::Environment(Environment::Ended);
        self.history.push(Entry { at, node: agent(0), process: ProcessId(0), event });
    }

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
