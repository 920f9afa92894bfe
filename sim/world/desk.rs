//! An async agent's desk: where its handles put what they want and find what came of it.
//!
//! Shared by the agent's handles, which may be on any task of the agent, and the world. One lock, never held while
//! anyone else's code runs.

use crate::agent::{Command, Completion, Delivery, Letter, Parcel, Port, Ticket};
use crate::fact::Value;
use crate::id::{Members, NodeId};
use crate::model::Request;
use crate::seed::Stream;
use crate::time::Time;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// The desk of one process.
pub(super) struct Desk {
    me: NodeId,
    members: Members,
    task: Request,
    /// What the agent's clock shows, in nanoseconds: read far more often than anything else here.
    now: AtomicU64,
    state: Mutex<State>,
}

pub(super) struct State {
    pub(super) commands: Vec<Command>,
    pub(super) inbox: VecDeque<Letter>,
    /// Whom a message cannot reach now.
    pub(super) cut: Vec<NodeId>,
    pub(super) saved: Option<Value>,
    next_ticket: u64,
    /// Tickets somebody waits for, oldest first. Few: a search beats a map.
    open: Vec<Open>,
    /// Who waits for a message.
    readers: Vec<Reader>,
    draws: Stream,
}

struct Open {
    ticket: Ticket,
    completion: Option<Completion>,
    waker: Option<Waker>,
}

struct Reader {
    what: &'static str,
    waker: Waker,
    state: Reading,
}

/// Whether a reader still waits. One that was woken keeps its place: the same task mostly reads again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Waits,
    Woken,
}

/// Readers kept at most after they were woken: an agent with more tasks than this pays for cloning wakers.
const MOST_READERS: usize = 16;

impl Desk {
    pub(super) fn new(me: NodeId, members: Members, task: Request, saved: Option<Value>, draws: Stream) -> Desk {
        let state = State {
            commands: Vec::new(),
            inbox: VecDeque::new(),
            cut: Vec::new(),
            saved,
            next_ticket: 0,
            open: Vec::new(),
            readers: Vec::new(),
            draws,
        };
        Desk { me, members, task, now: AtomicU64::new(0), state: Mutex::new(state) }
    }

    /// The agent's clock moves.
    pub(super) fn set_now(&self, now: Time) {
        self.now.store(now.0, Ordering::Relaxed);
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A message arrives.
    pub(super) fn deliver(&mut self, letter: Letter) {
        self.inbox.push_back(letter);
        for reader in &mut self.readers {
            if std::mem::replace(&mut reader.state, Reading::Woken) == Reading::Waits {
                reader.waker.wake_by_ref();
            }
        }
    }

    /// Something wanted has come to an end; says whether anybody still waits for it.
    pub(super) fn complete(&mut self, ticket: Ticket, completion: Completion) -> bool {
        let awaited = |open: &&mut Open| open.ticket == ticket && open.completion.is_none();
        let Some(open) = self.open.iter_mut().find(awaited) else { return false };
        open.completion = Some(completion);
        if let Some(waker) = open.waker.take() {
            waker.wake();
        }
        true
    }

    /// Whether somebody waits for this ticket and nothing has come of it yet.
    pub(super) fn waits_for(&self, ticket: Ticket) -> bool {
        self.open.iter().any(|open| open.ticket == ticket && open.completion.is_none())
    }

    fn add_reader(&mut self, what: &'static str, waker: &Waker) {
        if self.readers.len() >= MOST_READERS {
            self.readers.retain(|reader| reader.state == Reading::Waits);
        }
        self.readers.push(Reader { what, waker: waker.clone(), state: Reading::Waits });
    }

    /// What the agent waits for, in words; empty if nothing of ours.
    pub(super) fn waits(&self) -> Vec<String> {
        let readers = self.readers.iter().filter(|reader| reader.state == Reading::Waits);
        let readers = readers.map(|reader| format!("a message of type {}", reader.what));
        let open = self.open.iter().filter(|open| open.completion.is_none());
        readers.chain(open.map(|open| format!("ticket {}", open.ticket.0))).collect()
    }
}

impl Port for Desk {
    fn me(&self) -> NodeId {
        self.me
    }

    fn members(&self) -> Members {
        self.members.clone()
    }

    fn now(&self) -> Time {
        Time(self.now.load(Ordering::Relaxed))
    }

    fn task(&self) -> Request {
        self.task.clone()
    }

    fn ticket(&self) -> Ticket {
        let mut state = self.lock();
        let ticket = Ticket(state.next_ticket);
        state.next_ticket += 1;
        state.open.push(Open { ticket, completion: None, waker: None });
        ticket
    }

    fn send(&self, to: NodeId, parcel: Parcel) -> Delivery {
        let mut state = self.lock();
        let delivery = if state.cut.contains(&to) { Delivery::Refused } else { Delivery::Accepted };
        // Even a refused message is handed over, so that switching a fault off moves no draw of the link.
        state.commands.push(Command::Send { to, parcel });
        delivery
    }

    fn submit(&self, command: Command) {
        let mut state = self.lock();
        if let Command::Forget(ticket) = command {
            state.open.retain(|open| open.ticket != ticket);
        } else {
            state.commands.push(command);
        }
    }

    fn completed(&self, ticket: Ticket, waker: &Waker) -> Option<Completion> {
        let mut state = self.lock();
        let place = state.open.iter().position(|open| open.ticket == ticket)?;
        match &state.open[place].completion {
            Some(_) => state.open.remove(place).completion,
            None => {
                state.open[place].waker = Some(waker.clone());
                None
            }
        }
    }

    fn receive(&self, wanted: &dyn Fn(&Parcel) -> bool, what: &'static str, waker: &Waker) -> Option<Letter> {
        let mut state = self.lock();
        if let Some(place) = state.inbox.iter().position(|letter| wanted(&letter.parcel)) {
            return state.inbox.remove(place);
        }
        match state.readers.iter_mut().find(|reader| reader.waker.will_wake(waker)) {
            Some(reader) => (reader.what, reader.state) = (what, Reading::Waits),
            None => state.add_reader(what, waker),
        }
        None
    }

    fn recall(&self) -> Option<Value> {
        self.lock().saved.clone()
    }

    fn draw(&self, options: u64) -> u64 {
        self.lock().draws.below(options)
    }
}
