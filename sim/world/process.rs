//! Processes: live copies of identities, what they wait for, and what they have not handled yet.

use super::agents::Task;
use super::clock::LocalClock;
use super::envelope::{ModelReply, Return, StreamPiece};
use super::queue::Turn;
use super::saves::Saving;
use super::tools::ToolAnswer;
use crate::agent::{Completion, Letter, Ticket};
use crate::fault::Kind;
use crate::id::{NodeId, ProcessId};
use crate::protocol::{Effects, Event, Protocol};
use crate::time::{Duration, Time};
use crate::trace::Cause;
use std::collections::VecDeque;

/// One live copy of an identity, or what is left of it.
pub(super) struct Process<P: Protocol> {
    pub(super) node: NodeId,
    pub(super) id: ProcessId,
    pub(super) body: Body<P>,
    pub(super) clock: LocalClock,
    /// Armed timers. Few: a search beats a map.
    pub(super) timers: Vec<Armed<P::Timer>>,
    /// What the composing agent was asked and has not answered.
    pub(super) asks: Vec<Asked>,
    /// The number of its next prompt: those of earlier copies of its node are counted too.
    pub(super) turns: u64,
    /// The write under way.
    pub(super) writing: Option<Writing<P::Write>>,
    /// Effects that wait until the write is durable: the rest of one step, since no other begins before.
    pub(super) waiting: Effects<P>,
    /// What caused that step.
    pub(super) stepped: Cause,
    /// Events that wait until the process can handle them.
    pub(super) backlog: VecDeque<(Incoming<P>, Cause)>,
    /// How many active faults pause it.
    pub(super) pauses: u32,
    /// How much longer each event takes it, summed over active faults.
    pub(super) slowness: Duration,
    pub(super) work: Work,
    /// Writes of an async agent under way, oldest first.
    pub(super) saving: VecDeque<Saving>,
    /// Faults of its clock that it has not looked at since they began.
    pub(super) unseen: Vec<Kind>,
}

/// Whether a slow process works on the oldest event of its backlog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// It does not.
    Idle,
    /// It has done with it then.
    Until(Time),
}

/// What a process runs.
pub(super) enum Body<P: Protocol> {
    /// A pure protocol.
    Pure(P),
    /// A user's async agent.
    Async(Box<Task>),
    /// Nothing any more.
    Dead,
}

/// An armed timer. Protocols put timers off with almost every message, so a timer that is put off leaves its alarm in
/// the queue where it is; an alarm that rings too early is set again.
pub(super) struct Armed<T> {
    pub(super) timer: T,
    /// When it is due.
    pub(super) due: Time,
    /// Whose turn it is then; names this arming.
    pub(super) turn: Turn,
    /// What stands in the queue for it.
    pub(super) alarm: Option<Alarm>,
}

/// Something in the queue that looks after a timer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Alarm {
    pub(super) rings: Time,
    pub(super) turn: Turn,
}

/// Something the composing agent was asked.
pub(super) struct Asked {
    pub(super) ticket: u64,
    pub(super) slot: crate::fact::Slot,
    pub(super) about: About,
}

/// What an ask is about.
pub(super) enum About {
    /// A proposal.
    Proposal,
    /// An opinion on a value.
    Opinion,
}

/// A write under way.
pub(super) struct Writing<W> {
    pub(super) write: W,
    pub(super) number: u64,
    pub(super) cause: Cause,
}

/// Something for a process to handle.
pub(super) enum Incoming<P: Protocol> {
    /// For a pure protocol.
    Event(Event<P>),
    /// For the composing agent of a pure protocol.
    Reply(Box<ModelReply>),
    /// For an async agent.
    Piece(Box<StreamPiece>),
    /// For an async agent.
    Called(Box<ToolAnswer>),
    /// For an async agent.
    Consulted(Box<Return>),
    /// For an async agent.
    Letter(Letter),
    /// For an async agent.
    Completed(Ticket, Completion),
    /// The timer armed in this turn is due.
    Timer(Turn),
    /// The agent has waited long enough for its model or sub-agent.
    GiveUp(Ticket),
}

impl<P: Protocol> Process<P> {
    pub(super) fn new(node: NodeId, id: ProcessId, body: Body<P>) -> Process<P> {
        Process {
            node,
            id,
            body,
            clock: LocalClock::default(),
            timers: Vec::new(),
            asks: Vec::new(),
            turns: 0,
            writing: None,
            waiting: Effects::default(),
            stepped: Cause::NONE,
            backlog: VecDeque::new(),
            pauses: 0,
            slowness: Duration::ZERO,
            work: Work::Idle,
            saving: VecDeque::new(),
            unseen: Vec::new(),
        }
    }

    pub(super) fn is_alive(&self) -> bool {
        !matches!(self.body, Body::Dead)
    }

    /// Whether a pure protocol lives here.
    #[inline]
    pub(super) fn is_pure(&self) -> bool {
        matches!(self.body, Body::Pure(_))
    }

    /// Whether neither a write nor a fault keeps it from running.
    #[inline]
    pub(super) fn can_run(&self) -> bool {
        self.writing.is_none() && self.pauses == 0
    }

    /// Whether it can handle an event the moment it comes.
    #[inline]
    pub(super) fn is_free(&self) -> bool {
        self.can_run() && self.slowness == Duration::ZERO && self.work == Work::Idle && self.backlog.is_empty()
    }
}
