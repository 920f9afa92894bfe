//! Multi-decree Paxos, for teams of language models. Knows ballots, votes and a log; never what a model says beyond its
//! typed answer.
//!
//! After Lamport, *Paxos Made Simple* (2001; cited as PMS), van Renesse and Altinbuken, *Paxos Made Moderately Complex*
//! (ACM Computing Surveys 47(3), 2015; cited as PMMC), and Howard, Malkhi, Spiegelman, *Flexible Paxos* (OPODIS 2016).
//! Each member is proposer, acceptor and learner at once.
//!
//! # The rules, one by one
//!
//! 1. Ballots are ordered, each owned by one member ([`Ballot`]). A member promises a ballot to itself, durably, before
//!    it asks anyone else; the next one it stands in is above every ballot it promised or met. So no ballot is used
//!    twice, across restarts too (PMS §2.2, §3).
//! 2. An acceptor that promised a ballot takes part in no lower one (P1a). It answers lower ones with its promise, so
//!    that their owners give up soon (PMMC §2.3, preemption).
//! 3. Promises and votes are durable before any message that depends on them (PMS §3). A vote and the promise it
//!    implies are one write.
//! 4. A promise carries every vote from the index on that the candidate does not know chosen. The candidate leads with
//!    a quorum of promises (phase 1, once for all indexes: PMS §3).
//! 5. At each index for which a promise names votes, the new leader proposes the command of the highest ballot, byte
//!    for byte (P2c). At each gap below the last of them it proposes a no-op, for commands are applied in order (PMS
//!    §3).
//! 6. An index is chosen when a quorum voted for it *in one ballot*. Distinct voters are counted, and only votes of the
//!    leader's own ballot (P2).
//! 7. A quorum of promises and a quorum of votes share a member ([`Quorums`]); a configuration in which they might not
//!    is refused.
//! 8. A leader says in each message how far its log is chosen. A member believes that of an index it voted for in that
//!    leader's own ballot, since a ballot has one command an index, and fetches the rest.
//! 9. Commands are applied in order; a slot is decided by its first command. A chosen prefix is replaced by what it
//!    came to ([`Snapshot`]), which a member that lags, or a candidate, takes in its place (PMMC §4.2).
//! 10. A read takes a place in the log: its leader proposes a no-op for it and answers, with everything decided, once
//!     that is chosen *in its own ballot* and applied. Whatever was chosen before the read came stands before it (PMMC
//!     §4, *Read-only Commands*, without their lease).
//! 11. A failed write leaves memory ahead of the disk: the member halts and starts again from what is durable.
//!
//! None of this looks at a clock: there is no lease on leadership that safety could depend on. Liveness does:
//!
//! 12. A member that hears no leader first asks whether others do, which changes nothing anywhere, and stands only if a
//!     quorum of promises is to be had. A leader that is heard is thus not deposed by one that was cut off (PMMC §3 has
//!     the preempted watch the leader before it stands again; this is its question to all).
//! 13. Whoever is preempted waits for a span drawn from a range before it asks again, so duels end with probability 1.
//! 14. A leader that has not heard from a quorum for an election timeout stops leading.
//!
//! # What language models add
//!
//! Each can be switched off in [`Config`], to show what it is for.
//!
//! - *Validated acceptance* ([`drafting`]): a value is put to the vote once a majority of the members' agents approved
//!   it. Refusals carry reasons; the leader's model hears them and tries again, a bounded number of times; then the
//!   leader yields. What phase 1 obliges a leader to propose is never reviewed again: that would trade safety away.
//! - *Verbatim adoption* ([`Adoption`]): rule 5 carries bytes, and no model sees a vote in order to write it down.
//! - *The shell's life is not the model's* ([`Heartbeats`], [`Handover`](super::adaptation::Handover)): heartbeats come
//!   from the shell; a lease on the model's progress hands leadership over when nothing comes.
//! - *Durable before visible* ([`Visibility`]): rule 3.
//!
//! # Deviations
//!
//! - PMMC separates replicas, leaders, acceptors, scouts and commanders into processes; here one member is all of them.
//! - Who votes and who leads cannot be changed by request: `Admit`, `Remove` and `Transfer` are refused.
//! - A leader votes for its own proposals before it sends them. The papers allow either order.
//! - Any member answers a request for a slot it knows decided; decisions never change, so this needs no ballot.

mod acceptor;
mod ballot;
mod choosing;
mod config;
mod durable;
mod election;
mod leader;
mod learner;
mod message;
mod planted;
mod quorums;
mod reads;

#[cfg(test)]
mod tests;

pub use ballot::Ballot;
pub use config::{Config, ConfigError};
pub use durable::{Accepted, Durable, Placed, Snapshot, Write};
pub use message::{Message, Timer, Welcome};
#[cfg(feature = "planted")]
pub use planted::Planted;
pub use quorums::{Quorums, Sizes};

pub use super::adaptation::{Adoption, Heartbeats, Visibility};
use super::drafting::{self, Drafts};
use super::{Command, Decisions, Index};
use crate::fact::Fact;
use crate::fault::{Kind, Tolerance};
use crate::id::{Members, NodeId};
use crate::protocol::team::{Answer, Ask, Outcome, Request};
use crate::protocol::{Effects, Event, Fold, Protocol};
use crate::time::Time;
use election::Standing;
use std::collections::BTreeMap;

/// One member of a Paxos team.
///
/// ```
/// use synod::id::{Members, NodeId};
/// use synod::protocol::consensus::paxos::{Config, Paxos, Quorums};
/// let team = Members::of(5);
/// let plain = Paxos::factory(NodeId::agent(0), &team);
/// // Two votes choose, so four promises must elect.
/// let flexible = Config { quorums: Quorums::Sized { promises: 4, votes: 2 }, ..Config::default() };
/// assert_ne!(plain, Paxos::new(NodeId::agent(0), &team, flexible));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paxos {
    me: NodeId,
    members: Members,
    config: Config,
    quorums: Sizes,
    /// What is durable, or will be before the next event.
    disk: Durable,
    /// Writes of the running step that are kept behind its messages; empty between steps.
    late: Vec<Write>,
    standing: Standing,
    /// When a leader was last heard.
    heard: Option<Time>,
    /// The highest ballot met in a message.
    met: Ballot,
    /// What is known chosen above the snapshot, gaps included.
    chosen: BTreeMap<Index, Command>,
    applied: Index,
    decided: Decisions,
    drafts: Drafts,
}

crate::digestible! { struct Paxos {
    me, members, config, quorums, disk, late, standing, heard, met, chosen, applied, decided, drafts,
} }

impl Paxos {
    /// A member before its start.
    ///
    /// # Panics
    /// If the configuration cannot work for this team ([`Config::validate`]) or `me` is no member.
    #[must_use]
    pub fn new(me: NodeId, members: &Members, config: Config) -> Paxos {
        assert!(members.contains(me), "{me} is no member of the team");
        let right = config.validate(members).unwrap_or_else(|error| panic!("paxos cannot run: {error}"));
        Paxos {
            me,
            members: members.clone(),
            quorums: config.counted(right, members),
            drafts: Drafts::new(me, members, config.drafting),
            config,
            disk: Durable::default(),
            late: Vec::new(),
            standing: Standing::Follower { leader: None },
            heard: None,
            met: Ballot::NONE,
            chosen: BTreeMap::new(),
            applied: Index::ORIGIN,
            decided: Decisions::default(),
        }
    }

    /// A member with the default configuration, before its start.
    #[must_use]
    pub fn factory(me: NodeId, members: &Members) -> Paxos {
        Paxos::new(me, members, Config::default())
    }

    /// Whether this member leads, as far as it knows.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        matches!(self.standing, Standing::Leader(_))
    }

    /// The highest ballot this member promised.
    #[must_use]
    pub fn promised(&self) -> Ballot {
        self.disk.promised
    }

    /// Up to where the log is applied.
    #[must_use]
    pub fn applied(&self) -> Index {
        self.applied
    }

    fn start(&mut self, durable: Option<Durable>, effects: &mut Effects<Paxos>) {
        effects.note(Fact::Quorums {
            members: self.members.len() as u64,
            promises: self.quorums.promises as u64,
            votes: self.quorums.votes as u64,
        });
        if let Some(durable) = durable {
            self.disk = durable;
            effects.note(Fact::Recovered { term: self.disk.promised.0 });
            self.report_last_votes(effects);
            let snapshot = self.disk.snapshot.clone();
            self.take_over(snapshot, effects);
        }
        self.await_leader(effects);
    }

    fn receive(&mut self, now: Time, from: NodeId, message: Message, effects: &mut Effects<Paxos>) {
        if !self.members.contains(from) {
            return;
        }
        match message {
            Message::Canvass { promised } => self.on_canvass(now, from, promised, effects),
            Message::CanvassReply { asked, promised, welcome } => {
                self.on_canvass_reply(from, asked, promised, welcome, effects);
            }
            Message::Prepare { ballot, from: first } => self.on_prepare(from, ballot, first, effects),
            Message::Promise { ballot, accepted, snapshot } => {
                self.on_promise(from, ballot, accepted, snapshot, effects);
            }
            Message::Accept { ballot, entries, chosen } => self.on_accept(now, from, ballot, entries, chosen, effects),
            Message::Voted { ballot, indexes } => self.on_voted(from, ballot, &indexes, effects),
            Message::Preempted { promised } => self.on_preempted(promised, effects),
            Message::Fetch { from: first } => self.on_fetch(from, first, effects),
            Message::Learn { snapshot, entries } => self.on_learn(snapshot, entries, effects),
            Message::Review(review) => self.on_review(now, from, review, effects),
            Message::Opinion(opinion) => {
                let progress = self.drafts.on_opinion(from, opinion, effects);
                self.follow_up(progress, effects);
            }
        }
    }

    fn fire(&mut self, timer: Timer, effects: &mut Effects<Paxos>) {
        let drafting = match timer {
            Timer::Election => return self.canvass(effects),
            Timer::Heartbeat => return self.beat(effects),
            Timer::Quorum => return self.check_quorum(effects),
            Timer::Lease(slot) => drafting::Timer::Lease(slot),
            Timer::Review(slot) => drafting::Timer::Review(slot),
            Timer::Reminder(slot) => drafting::Timer::Reminder(slot),
        };
        let progress = self.drafts.fire(drafting, effects);
        self.follow_up(progress, effects);
    }

    /// Changes what is durable. Until the write is through, the driver holds back everything that follows it.
    fn save(&mut self, write: Write, effects: &mut Effects<Paxos>) {
        self.disk.fold(&write);
        let Some(write) = self.config.surviving(write) else { return };
        match self.config.visibility {
            Visibility::DurableFirst => effects.persist(write),
            Visibility::SentFirst => self.late.push(write),
        }
    }
}

impl Protocol for Paxos {
    type Message = Message;
    type Timer = Timer;
    type Durable = Durable;
    type Write = Write;
    type Request = Request;
    type Response = Outcome;
    type Ask = Ask;
    type Answer = Answer;

    fn step(&mut self, now: Time, event: Event<Paxos>, effects: &mut Effects<Paxos>) {
        match event {
            Event::Start(durable) => self.start(durable, effects),
            Event::Deliver { from, message } => self.receive(now, from, message, effects),
            Event::Fire(timer) => self.fire(timer, effects),
            Event::Invoke { op, request: Request::Read } => self.on_read(op, effects),
            Event::Invoke { op, request } => {
                if let Some(slot) = request.slot_or_refuse(op, effects) {
                    self.on_request(op, slot, effects);
                }
            }
            Event::Answer { ticket, answer } => {
                let progress = self.drafts.answer(ticket, answer, effects);
                self.follow_up(progress, effects);
            }
            Event::DiskFailed(_) if self.config.stops_with_its_disk() => effects.halt(),
            Event::DiskFailed(_) => {}
        }
        for write in self.late.drain(..) {
            effects.persist(write);
        }
    }

    fn tolerance(kind: Kind) -> Option<Tolerance> {
        Some(super::tolerance::of_a_durable_majority(kind))
    }

    fn corrupted(message: &Message, draw: u64) -> Option<Message> {
        Some(message.corrupted(draw))
    }
}
