//! Byzantine fault-tolerant consensus for teams of language models: Tendermint. Knows rounds, votes and locks; never
//! what a model says beyond its typed answer.
//!
//! After Buchman, Kwon, Milosevic, *The latest gossip on BFT consensus* (arXiv 1807.04938v3); lines are those of its
//! Algorithm 1. A team of n > 3f members decides although f of them lie, each with its own key only.
//!
//! # The rules, one by one
//!
//! 1. The log grows height by height. Each height goes through rounds; round r of height h is proposed by member
//!    (h − 1 + r) mod n (section III, `proposer`). A height begins where anyone wants a slot decided.
//! 2. A proposer proposes the latest decision it knows to be valid, with the certificate that shows it; only without
//!    one does it propose anew (lines 14 to 19). Here anew means: by its model, about a slot that a client waits for.
//! 3. A fresh proposal is prevoted if it passes the check and the member is not locked on another (lines 22–27).
//! 4. One with a certificate of an earlier round vr is prevoted if the member is unlocked, locked no later than vr, or
//!    locked on the same (lines 28 to 33).
//! 5. A quorum of prevotes alike in the present round locks the member on what they are for and has it precommit; that
//!    is valid from then on (lines 36 to 43). A quorum of nil has it precommit nil (lines 44 to 46).
//! 6. A quorum of precommits alike, of any round, decides the height (lines 49 to 54).
//! 7. A quorum that does not vote alike is given some time more (lines 34, 47, 61, 65); a proposer that says nothing is
//!    given some time (lines 21, 57). These times grow with the rounds.
//! 8. f + 1 members in a later round draw a member there: one of them is correct (lines 55 and 56).
//! 9. Log, round, votes, lock, valid decision and own proposal are durable before anything said on their ground, in
//!    one write (section II assumes no amnesia).
//! 10. Only signed statements count, each member's first one per round and phase; a second one that differs is proof
//!     against its signer (accountability; section 3 of Buchman's thesis *Tendermint*, 2016).
//! 11. A slot is decided by its first entry of the log. A client hears of it once a quorum says that its durable log
//!     holds the entry: two quorums share a correct member, so no later read misses it.
//! 12. A read asks a quorum how far its logs reach, waits until its own log holds all that, and tells as much of it as
//!     a quorum holds. It takes no place in the log, waits for no model, and needs no clock.
//!
//! # What language models add
//!
//! The check of rule 3 is the member's own agent's (validated acceptance); nil prevotes carry the reason, and the next
//! proposer's model hears it. Bytes are carried, never reworded: votes and certificates hold the value itself. While a
//! proposer's model generates, its shell says so with every beat, and its round goes on up to the lease: the shell's
//! life is not the model's. Each of these rules can be switched off ([`Config`]), to show what it is for.
//!
//! # Deviations
//!
//! - There is no gossip. Members repeat what they said in the present round, a proposal carries the prevotes of its
//!   valid round, and whoever lacks decisions is sent the certificates that prove them.
//! - An entry of the log is one decision, and its transaction pool is what clients wait for: no height is empty.
//!   Statements of a height other than the own one are dropped, for they are repeated.
//! - The members never change, and the log is kept whole: `Admit`, `Remove` and `Transfer` are refused.
//! - Votes of past rounds are not repeated, so a member whose round cannot end any more, and that hears of a later one,
//!   climbs a round each time its patience runs out. Safety never asks why a round was entered.
//! - Votes carry decisions, so a quorum suffices where lines 36 and 49 also want the proposal. That one is valid is
//!   then known from the f + 1 correct members among its prevoters, which checked it.
//! - The paper leaves clients to the application. Rules 11 and 12 are ours, with Castro and Liskov's reason (*Practical
//!   Byzantine Fault Tolerance*, OSDI 1999, section 4.1): what one correct member of each quorum knows, all learn.

mod certificate;
mod config;
mod durable;
mod exchange;
mod instance;
mod liar;
mod message;
mod planted;
mod proposal;
mod reading;
mod round;
mod tolerance;

#[cfg(test)]
mod tests;

pub use certificate::Certificate;
pub use config::{Acceptance, Adoption, Config, ConfigError, Handover, Heartbeats, Size, Visibility};
pub use durable::{Durable, Lock, Record, Write};
pub use message::{Message, Proposal, Statement, Timer, Vote};
#[cfg(feature = "planted")]
pub use planted::Planted;

use super::log::Index;
use crate::fact::{Slot, Value};
use crate::fault::{Kind, Tolerance};
use crate::id::{Members, NodeId, OpId};
use crate::protocol::signed::Key;
use crate::protocol::team::{Answer, Ask, Outcome, Request};
use crate::protocol::{Effects, Event, Fold, Protocol};
use crate::time::Time;
use instance::Instance;
use reading::Reached;
use std::collections::{BTreeMap, BTreeSet};

/// One member of a Byzantine fault-tolerant team.
///
/// ```
/// use synod::id::{Members, NodeId};
/// use synod::protocol::consensus::bft::{Bft, Config, Size};
/// use synod::time::seconds;
/// let team = Members::of(7);
/// let plain = Bft::factory(NodeId::agent(0), &team);
/// let calm = Bft::new(NodeId::agent(0), &team, Config { lease: seconds(60), ..Config::default() });
/// assert_ne!(plain, calm);
/// assert_eq!((Size::of(&team).liars(), Size::of(&team).votes()), (2, 5));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bft {
    me: NodeId,
    key: Key,
    members: Members,
    config: Config,
    /// What is durable, or will be before the next event.
    disk: Durable,
    /// Writes that follow the messages of this step; empty between steps, and always while messages wait for the disk.
    late: Vec<Write>,
    present: Instance,
    /// Where each decided slot stands in the log.
    places: BTreeMap<Slot, Index>,
    /// Proofs of heights whose turn has not come.
    proofs: BTreeMap<Index, Certificate>,
    /// Clients that wait for a slot here.
    clients: BTreeMap<Slot, Vec<OpId>>,
    /// Clients that wait to read here, and who said what of its log since.
    reads: BTreeMap<OpId, Reached>,
    /// The slots that others' clients wait for.
    wants: BTreeMap<NodeId, BTreeSet<Slot>>,
    /// The first height that each other member's durable log lacked when it last said so.
    reach: BTreeMap<NodeId, Index>,
    tickets: u64,
}

crate::digestible! { struct Bft {
    me, key, members, config, disk, late, present, places, proofs, clients, reads, wants, reach, tickets,
} }

impl Bft {
    /// A member before its start.
    ///
    /// # Panics
    /// If the configuration cannot work ([`Config::validate`]) or `me` is no member.
    #[must_use]
    pub fn new(me: NodeId, members: &Members, config: Config) -> Bft {
        assert!(members.contains(me), "{me} is no member of the team");
        config.validate().unwrap_or_else(|error| panic!("bft cannot run: {error}"));
        Bft {
            me,
            key: Key::of(me),
            members: members.clone(),
            config,
            disk: Durable::default(),
            late: Vec::new(),
            present: Instance::default(),
            places: BTreeMap::new(),
            proofs: BTreeMap::new(),
            clients: BTreeMap::new(),
            reads: BTreeMap::new(),
            wants: BTreeMap::new(),
            reach: BTreeMap::new(),
            tickets: 0,
        }
    }

    /// A member with the default configuration, before its start.
    #[must_use]
    pub fn factory(me: NodeId, members: &Members) -> Bft {
        Bft::new(me, members, Config::default())
    }

    /// The log: what was decided, in order, each entry with the certificate that proves it to anyone.
    #[must_use]
    pub fn log(&self) -> &[Certificate] {
        &self.disk.log
    }

    /// What was decided for a slot, as far as this member knows.
    #[must_use]
    pub fn decided(&self, slot: Slot) -> Option<&Value> {
        Some(&self.disk.proof(*self.places.get(&slot)?)?.decision.value)
    }

    fn has_decided(&self, slot: Slot) -> bool {
        self.places.contains_key(&slot)
    }

    /// The height that this member is at: the first that is not decided here.
    #[must_use]
    pub fn height(&self) -> Index {
        self.disk.next()
    }

    /// The round that height is in here.
    #[must_use]
    pub fn round(&self) -> u64 {
        self.disk.record.round
    }

    fn start(&mut self, now: Time, durable: Option<Durable>, effects: &mut Effects<Bft>) {
        effects.arm(Timer::Beat, self.config.beat..=self.config.beat);
        effects.arm(Timer::BeatLog, self.config.log..=self.config.log);
        let Some(durable) = durable else { return };
        self.disk = durable;
        self.disk.log.clone().iter().for_each(|proof| self.apply(proof, effects));
        if self.disk.record != Record::default() {
            self.resume(now, effects);
        }
    }

    fn fire(&mut self, now: Time, timer: Timer, effects: &mut Effects<Bft>) {
        match timer {
            Timer::Propose | Timer::Lease => self.give_round_up(now, effects),
            Timer::Prevote => self.end_prevotes(now, effects),
            Timer::Precommit => self.end_precommits(now, effects),
            Timer::Beat => self.beat(now, effects),
            Timer::BeatLog => {
                // It may have lost its disk, or slept: who is ahead teaches it.
                self.report_log(effects);
                effects.arm(Timer::BeatLog, self.config.log..=self.config.log);
            }
        }
    }

    /// Changes the present height's record.
    fn save(&mut self, change: impl FnOnce(&mut Record), effects: &mut Effects<Bft>) {
        let mut record = self.disk.record.clone();
        change(&mut record);
        self.write(Write::Present { height: self.height(), record }, effects);
    }

    /// Writes. Until the write is through, the driver holds back everything that follows it.
    fn write(&mut self, write: Write, effects: &mut Effects<Bft>) {
        self.disk.fold(&write);
        let write = self.config.surviving(write);
        match self.config.visibility {
            Visibility::DurableFirst => effects.persist(write),
            Visibility::SentFirst => self.late.push(write),
        }
    }

    fn quorum(&self) -> usize {
        Size::of(&self.members).quorum(&self.config)
    }

    /// Who proposes in a round of the present height (rule 1).
    fn proposer(&self, round: u64) -> NodeId {
        let place = self.height().back().0.wrapping_add(self.config.turns(round)) % self.members.len() as u64;
        self.members.iter().nth(usize::try_from(place).expect("a member's place")).expect("a member")
    }

    fn next_ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }
}

impl Protocol for Bft {
    type Message = Message;
    type Timer = Timer;
    type Durable = Durable;
    type Write = Write;
    type Request = Request;
    type Response = Outcome;
    type Ask = Ask;
    type Answer = Answer;

    fn step(&mut self, now: Time, event: Event<Bft>, effects: &mut Effects<Bft>) {
        match event {
            Event::Start(durable) => self.start(now, durable, effects),
            Event::Deliver { message, .. } => self.receive(now, message, effects),
            Event::Fire(timer) => self.fire(now, timer, effects),
            Event::Invoke { op, request } => self.on_request(now, op, request, effects),
            Event::Answer { ticket, answer } => self.on_answer(now, ticket, answer, effects),
            Event::DiskFailed(_) => effects.halt(),
        }
        for write in self.late.drain(..) {
            effects.persist(write);
        }
    }

    fn tolerance(kind: Kind) -> Option<Tolerance> {
        Some(tolerance::tolerance(kind))
    }

    fn core(members: &Members) -> usize {
        Size::of(members).votes()
    }

    fn corrupted(message: &Message, draw: u64) -> Option<Message> {
        Some(message.corrupted(draw))
    }

    fn lied(&self, kind: Kind, to: NodeId, message: &Message) -> Option<Vec<Message>> {
        self.lie(kind, to, message)
    }
}
