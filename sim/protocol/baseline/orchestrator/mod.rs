//! The orchestrator decides: one member collects everyone's answer and decides alone. Knows no task and no reply.
//!
//! What supervisor and manager agents of today's frameworks do, with the standby that production teams add, and the
//! same mended.
//!
//! # As shipped ([`Succession::Unfenced`])
//!
//! 1. The first member orchestrates. Others point clients to it.
//! 2. For a slot it asks every member's model, waits for all or until a deadline, picks the most frequent answer,
//!    decides and announces it until everyone has heard.
//! 3. It shows its life by heartbeats from the shell. The next in line takes over a silent one, later the later its
//!    turn.
//! 4. The successor knows nothing of what was decided, and the one before goes on if it lives, or begins anew when it
//!    restarts. Everything is in memory only. So two may decide one slot differently: the known defect (bug A11, split
//!    brain without fencing).
//!
//! # Mended ([`Succession::Fenced`])
//!
//! Single-decree Paxos per slot (Lamport, *Paxos Made Simple*, 2001; cited by section) with an orchestrator in the part
//! of the distinguished proposer. An epoch is a ballot; fencing is phase 1 for all slots at once; deciding is phase 2.
//!
//! 5. Epochs are `round · members + rank`: unique, and growing because the own promise is durable before anyone hears
//!    of it.
//! 6. A successor fences first: members durably promise to refuse lower epochs and report what they accepted (§2.2,
//!    phase 1).
//! 7. With a majority's promises it takes up, verbatim, each slot's value of the highest epoch; only for slots without
//!    one does it collect answers (§2.2, P2c). It has one value accepted per slot and epoch.
//! 8. Members accept durably unless they promised a higher epoch. A majority of acceptances decides (§2.2, phase 2).
//! 9. Whoever is told that a higher epoch was promised steps back.
//! 10. A decision that the orchestrator hears of from one before, it announces itself: that one has stopped.
//!
//! Deviations: acceptors tell the orchestrator alone, which announces; a member may be fenced though the orchestrator
//! lives, which costs an epoch and nothing else.

mod collection;
mod config;
mod desk;
mod message;
mod succession;

#[cfg(test)]
mod tests;

pub use config::{Config, ConfigError, Succession};
pub use message::{Accepted, Durable, Epoch, Message, Report, Timer, Write};

use crate::fact::{Slot, Value};
use crate::fault::{Kind, Tolerance};
use crate::id::{Members, NodeId};
use crate::protocol::team::{Answer, Ask, Outcome, Request};
use crate::protocol::{Effects, Event, Fold, Protocol};
use crate::time::Time;
use collection::Own;
use desk::Duty;
use std::collections::BTreeMap;

/// One member of an orchestrated team.
///
/// ```
/// use synod::id::{Members, NodeId};
/// use synod::protocol::baseline::orchestrator::{Config, Orchestrator};
/// let team = Members::of(3);
/// let mended = Orchestrator::new(NodeId::agent(0), &team, Config::fenced());
/// assert_ne!(mended, Orchestrator::factory(NodeId::agent(0), &team));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orchestrator {
    me: NodeId,
    members: Members,
    config: Config,
    /// What is durable, or will be before the next event.
    disk: Durable,
    /// The highest epoch heard of; only to skip those that would be refused.
    seen: Epoch,
    duty: Duty,
    /// Who orchestrates, as far as a worker knows.
    chief: Option<NodeId>,
    decided: BTreeMap<Slot, Value>,
    own: BTreeMap<Slot, Own>,
    tickets: u64,
}

crate::digestible! { struct Orchestrator { me, members, config, disk, seen, duty, chief, decided, own, tickets } }

impl Orchestrator {
    /// A member before its start.
    ///
    /// # Panics
    /// If the configuration cannot work ([`Config::validate`]) or `me` is no member.
    #[must_use]
    pub fn new(me: NodeId, members: &Members, config: Config) -> Orchestrator {
        assert!(members.contains(me), "{me} is no member of the team");
        config.validate().unwrap_or_else(|error| panic!("orchestrator cannot run: {error}"));
        Orchestrator {
            me,
            members: members.clone(),
            config,
            disk: Durable::default(),
            seen: Epoch::NONE,
            duty: Duty::Worker,
            chief: None,
            decided: BTreeMap::new(),
            own: BTreeMap::new(),
            tickets: 0,
        }
    }

    /// A member of a team as shipped today, before its start.
    #[must_use]
    pub fn factory(me: NodeId, members: &Members) -> Orchestrator {
        Orchestrator::new(me, members, Config::default())
    }

    /// A member of a mended team, before its start.
    #[must_use]
    pub fn fenced(me: NodeId, members: &Members) -> Orchestrator {
        Orchestrator::new(me, members, Config::fenced())
    }

    /// Whether this member orchestrates, as far as it knows.
    #[must_use]
    pub fn is_orchestrating(&self) -> bool {
        matches!(self.duty, Duty::Orchestrating(_))
    }

    /// The first in line begins at once. One that starts again does so only if it knows no better: unfenced.
    fn start(&mut self, durable: Option<Durable>, effects: &mut Effects<Orchestrator>) {
        let first_in_line = self.members.iter().next() == Some(self.me);
        let again = durable.is_some();
        self.disk = durable.unwrap_or_default();
        self.chief = self.members.iter().next().filter(|first| *first != self.me);
        match self.config.succession {
            Succession::Unfenced if first_in_line => self.take_over(effects),
            Succession::Fenced if first_in_line && !again => self.take_over(effects),
            _ => self.watch(effects),
        }
    }

    fn receive(&mut self, from: NodeId, message: Message, effects: &mut Effects<Orchestrator>) {
        if !self.members.contains(from) {
            return;
        }
        match message {
            Message::Beat { epoch } => self.on_beat(from, epoch, effects),
            Message::Collect { slot } => self.on_collect(from, slot, effects),
            Message::Report { slot, report } => self.on_report(from, slot, report, effects),
            Message::Decision { slot, value } => self.on_decision(from, slot, &value, effects),
            Message::Heard { slot } => self.on_heard(from, slot),
            Message::Fence { epoch } => self.on_fence(from, epoch, effects),
            Message::Promised { epoch, accepted } => self.on_promised(from, epoch, accepted, effects),
            Message::Accept { epoch, slot, value } => self.on_accept(from, slot, Accepted { epoch, value }, effects),
            Message::Accepted { epoch, slot } => self.on_accepted(from, epoch, slot, effects),
            Message::Refused { promised } => self.on_refused(promised, effects),
        }
    }

    /// Changes what is durable. Until the write is through, the driver holds back everything that follows it.
    fn save(&mut self, write: Write, effects: &mut Effects<Orchestrator>) {
        self.disk.fold(&write);
        effects.persist(write);
    }
}

impl Protocol for Orchestrator {
    type Message = Message;
    type Timer = Timer;
    type Durable = Durable;
    type Write = Write;
    type Request = Request;
    type Response = Outcome;
    type Ask = Ask;
    type Answer = Answer;

    fn step(&mut self, _: Time, event: Event<Orchestrator>, effects: &mut Effects<Orchestrator>) {
        match event {
            Event::Start(durable) => self.start(durable, effects),
            Event::Deliver { from, message } => self.receive(from, message, effects),
            Event::Fire(Timer::Beat) => self.beat(effects),
            Event::Fire(Timer::Silence) => self.take_over(effects),
            Event::Fire(Timer::Deadline(slot)) => self.pick(slot, effects),
            Event::Fire(Timer::Resend) => self.resend(effects),
            Event::Invoke { op, request } => {
                if let Some(slot) = request.slot_or_refuse(op, effects) {
                    self.on_request(op, slot, effects);
                }
            }
            Event::Answer { ticket, answer } => self.on_answer(ticket, answer, effects),
            Event::DiskFailed(_) => effects.halt(),
        }
    }

    fn tolerance(kind: Kind) -> Option<Tolerance> {
        Some(config::fenced(kind))
    }

    fn corrupted(message: &Message, draw: u64) -> Option<Message> {
        Some(message.corrupted(draw))
    }
}
