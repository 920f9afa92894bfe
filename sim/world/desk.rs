//! An async agent's desk: where its handles put what they want and find what came of it.
//!
//! Shared by the agent's handles, which may be in any task of the agent, and the world; never borrowed while anyone
//! else's code runs.

use super::inlet::{Inlet, Taken};
use super::owned::{Borrowed, Owned};
use crate::agent::{Command, Completion, Delivery, Letter, Parcel, Port, Store, Ticket};
use crate::fact::Value;
use crate::id::{Members, NodeId};
use crate::model::{Chunk, Piece, Request, Stamp, Tool};
use crate::seed::Stream;
use crate::time::Time;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Waker;

/// The desk of one process.
pub(super) struct Desk {
    me: NodeId,
    members: Members,
    given: Given,
    /// What the agent's clock shows, in nanoseconds: read far more often than anything else here.
    now: AtomicU64,
    /// How often the agent was polled: tells readers of now from those of futures that were dropped.
    turn: AtomicU64,
    state: Owned<State>,
}

/// What an agent is given at its start.
pub(super) struct Given {
    /// The request about the team's task.
    pub(super) task: Request,
    /// The evidence it has.
    pub(super) evidence: String,
    /// The tools it may call.
    pub(super) tools: Vec<Tool>,
    /// What it shares with the team.
    pub(super) store: Option<Store>,
}

pub(super) struct State {
    pub(super) commands: VecDeque<Command>,
    pub(super) inbox: VecDeque<Letter>,
    /// Whom a message cannot reach now.
    pub(super) cut: Vec<NodeId>,
    pub(super) saved: Option<Value>,
    /// Whether what is on the disk cannot be read yet.
    pub(super) unreadable: bool,
    /// Of the last response that came.
    pub(super) stamp: Stamp,
    next_ticket: u64,
    /// Tickets somebody waits for, oldest first. Few: a search beats a map.
    open: Vec<Open>,
    /// Who waits for a message.
    readers: Vec<Reader>,
    draws: Stream,
    /// Operations that the agent has recorded.
    operations: u64,
}

struct Open {
    ticket: Ticket,
    wait: Option<Wait>,
    completion: Option<Completion>,
    waker: Option<Waker>,
    /// What came of a stream, if it is one.
    stream: Option<Box<Inlet>>,
}

/// What somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// A message of this type.
    Message(&'static str),
    /// The end of a span.
    Sleep,
    /// The model.
    Reply,
    /// A tool.
    Tool,
    /// The team's store.
    Store,
    /// A write.
    Disk,
    /// The sub-agent started under this ticket.
    SubAgent(Ticket),
}

impl Wait {
    /// What the sender of a command waits for under its ticket.
    fn after(command: &Command) -> Option<(Ticket, Wait)> {
        match command {
            Command::Sleep { ticket, .. } => Some((*ticket, Wait::Sleep)),
            Command::Ask { ticket, .. } => Some((*ticket, Wait::Reply)),
            Command::Call { ticket, .. } => Some((*ticket, Wait::Tool)),
            Command::Consult(consult) => Some((consult.ticket, Wait::Store)),
            Command::Save { ticket, .. } => Some((*ticket, Wait::Disk)),
            Command::Delegate { ticket, .. } => Some((*ticket, Wait::SubAgent(*ticket))),
            Command::Send { .. }
            | Command::Offer { .. }
            | Command::Note(_)
            | Command::Began(_)
            | Command::Ended(_)
            | Command::Forget(_) => None,
        }
    }
}

struct Reader {
    what: &'static str,
    waker: Waker,
    state: Reading,
    /// The turn in which it last asked.
    turn: u64,
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
    pub(super) fn new(me: NodeId, members: Members, given: Given, saved: Option<Value>, draws: Stream) -> Desk {
        let state = State {
            commands: VecDeque::new(),
            inbox: VecDeque::new(),
            cut: Vec::new(),
            saved,
            unreadable: false,
            stamp: Stamp::default(),
            next_ticket: 0,
            open: Vec::new(),
            readers: Vec::new(),
            draws,
            operations: 0,
        };
        Desk { me, members, given, now: AtomicU64::new(0), turn: AtomicU64::new(0), state: Owned::new(state) }
    }

    /// The agent is about to be polled, with this on its clock.
    pub(super) fn begin_turn(&self, now: Time) {
        self.now.store(now.0, Ordering::Relaxed);
        // Only the world's thread writes it, so no atomic addition is needed.
        self.turn.store(self.turn.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// What the agent waits for; nothing if nothing of ours. `root` is the waker that polls the agent as a whole.
    pub(super) fn waits(&self, root: &Waker) -> Vec<Wait> {
        let (state, turn) = (self.open(), self.turn.load(Ordering::Relaxed));
        // Whoever reads under the root's waker reads again in every turn, unless its future was dropped.
        let dropped = |reader: &&Reader| reader.turn < turn && reader.waker.will_wake(root);
        let readers = state.readers.iter().filter(|reader| reader.state == Reading::Waits && !dropped(reader));
        let open = state.open.iter().filter(|open| open.completion.is_none());
        readers.map(|reader| Wait::Message(reader.what)).chain(open.filter_map(|open| open.wait)).collect()
    }

    #[inline]
    pub(super) fn open(&self) -> Borrowed<'_, State> {
        self.state.borrow()
    }
}

impl State {
    /// A message arrives.
    #[inline]
    pub(super) fn deliver(&mut self, from: NodeId, parcel: Parcel) {
        self.inbox.push_back(Letter { from, parcel });
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

    /// A piece of a stream arrives; says what it completes, if anybody still reads.
    pub(super) fn hear(&mut self, ticket: Ticket, place: u32, piece: Piece) -> Taken {
        let awaited = |open: &&mut Open| open.ticket == ticket && open.completion.is_none();
        let Some(open) = self.open.iter_mut().find(awaited) else { return Taken::default() };
        let taken = open.stream.get_or_insert_default().take(place, piece);
        if let Some(waker) = open.waker.take() {
            waker.wake();
        }
        taken
    }

    /// Whether somebody waits for this ticket and nothing has come of it yet.
    pub(super) fn waits_for(&self, ticket: Ticket) -> bool {
        self.open.iter().any(|open| open.ticket == ticket && open.completion.is_none())
    }

    fn add_reader(&mut self, what: &'static str, waker: &Waker, turn: u64) {
        if self.readers.len() >= MOST_READERS {
            self.readers.retain(|reader| reader.state == Reading::Waits);
        }
        self.readers.push(Reader { what, waker: waker.clone(), state: Reading::Waits, turn });
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
        self.given.task.clone()
    }

    fn evidence(&self) -> String {
        self.given.evidence.clone()
    }

    fn tools(&self) -> Vec<Tool> {
        self.given.tools.clone()
    }

    fn store(&self) -> Option<Store> {
        self.given.store.clone()
    }

    fn ticket(&self) -> Ticket {
        let mut state = self.open();
        let ticket = Ticket(state.next_ticket);
        state.next_ticket += 1;
        state.open.push(Open { ticket, wait: None, completion: None, waker: None, stream: None });
        ticket
    }

    fn send(&self, to: NodeId, parcel: Parcel) -> Delivery {
        let mut state = self.open();
        let delivery = if state.cut.contains(&to) { Delivery::Refused } else { Delivery::Accepted };
        // Even a refused message is handed over, so that switching a fault off moves no draw of the link.
        state.commands.push_back(Command::Send { to, parcel });
        delivery
    }

    fn submit(&self, command: Command) {
        let mut state = self.open();
        if let Command::Forget(ticket) = command {
            state.open.retain(|open| open.ticket != ticket);
        } else if let Some((ticket, wait)) = Wait::after(&command) {
            let open = state.open.iter_mut().rfind(|open| open.ticket == ticket);
            open.into_iter().for_each(|open| open.wait = Some(wait));
        }
        state.commands.push_back(command);
    }

    fn completed(&self, ticket: Ticket, waker: &Waker) -> Option<Completion> {
        let mut state = self.open();
        let place = state.open.iter().position(|open| open.ticket == ticket)?;
        match &state.open[place].completion {
            Some(_) => state.open.remove(place).completion,
            None => {
                state.open[place].waker = Some(waker.clone());
                None
            }
        }
    }

    fn chunk(&self, ticket: Ticket, waker: &Waker) -> Option<Chunk> {
        let mut state = self.open();
        let open = state.open.iter_mut().find(|open| open.ticket == ticket)?;
        let chunk = open.stream.as_mut().and_then(|stream| stream.read());
        if chunk.is_none() {
            open.waker = Some(waker.clone());
        }
        chunk
    }

    fn receive(&self, wanted: &dyn Fn(&Parcel) -> bool, what: &'static str, waker: &Waker) -> Option<Letter> {
        let mut state = self.open();
        // Mostly the oldest message is of the wanted type, or there is none.
        if state.inbox.front().is_some_and(|letter| wanted(&letter.parcel)) {
            return state.inbox.pop_front();
        }
        if let Some(place) = state.inbox.iter().position(|letter| wanted(&letter.parcel)) {
            return state.inbox.remove(place);
        }
        let turn = self.turn.load(Ordering::Relaxed);
        match state.readers.iter_mut().find(|reader| reader.waker.will_wake(waker)) {
            Some(reader) => (reader.what, reader.state, reader.turn) = (what, Reading::Waits, turn),
            None => state.add_reader(what, waker, turn),
        }
        None
    }

    fn stamp(&self) -> Stamp {
        self.open().stamp
    }

    fn recall(&self) -> Option<Value> {
        self.open().saved.clone()
    }

    fn disk_is_readable(&self) -> bool {
        !self.open().unreadable
    }

    fn next_operation(&self) -> u64 {
        let mut open = self.open();
        open.operations += 1;
        open.operations - 1
    }

    fn draw(&self, options: u64) -> u64 {
        self.open().draws.below(options)
    }
}
