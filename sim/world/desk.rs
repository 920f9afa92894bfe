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
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// The desk of one process.
pub(super) struct Desk {
    me: NodeId,
    members: Members,
    task: Request,
    state: Mutex<State>,
}

pub(super) struct State {
    pub(super) now: Time,
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
}

impl Desk {
    pub(super) fn new(me: NodeId, members: Members, task: Request, saved: Option<Value>, draws: Stream) -> Desk {
        let state = State {
            now: Time::ZERO,
            commands: Vec::new(),
            inbox: VecDeque::new(),
            cut: Vec::new(),
            saved,
            next_ticket: 0,
            open: Vec::new(),
            readers: Vec::new(),
            draws,
        };
        Desk { me, members, task, state: Mutex::new(state) }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A message arrives.
    pub(super) fn deliver(&mut self, letter: Letter) {
        self.inbox.push_back(letter);
        for reader in self.readers.drain(..) {
            reader.waker.wake();
        }
    }

    /// Something wanted has come to an end; says whether anybody still waits for it.
    pub(super) fn complete(&mut self, ticket: Ticket, completion: Completion) -> bool {
        let Some(open) = self.open.iter_mut().find(|open| open.ticket == ticket) else { return false };
        open.completion = Some(completion);
        if let Some(waker) = open.waker.take() {
            waker.wake();
        }
        true
    }

    /// Whether somebody waits for this ticket.
    pub(super) fn waits_for(&self, ticket: Ticket) -> bool {
        self.open.iter().any(|open| open.ticket == ticket)
    }

    /// What the agent waits for, in words; empty if nothing of ours.
    pub(super) fn waits(&self) -> Vec<String> {
        let readers = self.readers.iter().map(|reader| format!("a message of type {}", reader.what));
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
        self.lock().now
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
        if !state.readers.iter().any(|reader| reader.waker.will_wake(waker)) {
            state.readers.push(Reader { what, waker: waker.clone() });
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
