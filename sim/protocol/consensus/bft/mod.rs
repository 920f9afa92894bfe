//! Byzantine fault-tolerant consensus for teams of language models: Tendermint. Knows rounds, votes and locks; never
//! what a model says beyond its typed answer.
//!
//! After Buchman, Kwon, Milosevic, *The latest gossip on BFT consensus* (arXiv 1807.04938v3); lines are those of its
//! Algorithm 1. A team of n > 3f members decides although f of them lie, each with its own key only.
//!
//! # The rules, one by one
//!
//! 1. Each slot goes through rounds; round r of slot s is proposed by member (s + r) mod n (section III, `proposer`).
//! 2. A proposer proposes the latest value it knows to be valid, with the certificate that shows it; only without one
//!    does it propose anew (lines 14 to 19). Here anew means: by its model.
//! 3. A fresh proposal is prevoted if it passes the check and the member is not locked on another value (lines 22–27).
//! 4. One with a certificate of an earlier round vr is prevoted if the member is unlocked, locked no later than vr, or
//!    locked on this value (lines 28 to 33).
//! 5. A quorum of prevotes for a value in the present round locks the member on it and has it precommit; the value is
//!    valid from then on (lines 36 to 43). A quorum of nil has it precommit nil (lines 44 to 46).
//! 6. A quorum of precommits for a value, of any round, decides it (lines 49 to 54).
//! 7. A quorum that does not vote alike is given some time more (lines 34, 47, 61, 65); a proposer that says nothing is
//!    given some time (lines 21, 57). These times grow with the rounds.
//! 8. f + 1 members in a later round draw a member there: one of them is correct (lines 55 and 56).
//! 9. Round, votes, lock, valid value, own proposal and decision are durable before anything said on their ground, in
//!    one write (section II assumes no amnesia).
//! 10. Only signed statements count, each member's first one per round and phase; a second one that differs is proof
//!     against its signer (accountability; section 3 of Buchman's thesis *Tendermint*, 2016).
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
//!   valid round, and whoever lacks a decision is sent the certificate that proves it.
//! - Slots run side by side, each as one height: the members never change, so no height waits for the one before it.
//! - A slot's number is its place in the log, so the log has neither gaps to fill nor an end: `Read` is refused, as is
//!   what would change the members. Whoever wants to know of a slot asks for that; what is decided there is proved.
//! - Votes of past rounds are not repeated, so a member whose round cannot end any more, and that hears of a later one,
//!   climbs a round each time its patience runs out. Safety never asks why a round was entered.
//! - Votes carry values, so a quorum suffices where lines 36 and 49 also want the proposal. That a value is valid is
//!   then known from the f + 1 correct members among its prevoters, which checked it.

mod certificate;
mod config;
mod durable;
mod exchange;
mod instance;
mod liar;
mod message;
mod planted;
mod proposal;
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

use crate::fact::{Slot, Value};
use crate::fault::{Kind, Tolerance};
use crate::id::{Members, NodeId};
use crate::protocol::signed::Key;
use crate::protocol::team::{Answer, Ask, Outcome, Request};
use crate::protocol::{Effects, Event, Fold, Protocol};
use crate::time::Time;
use instance::Instance;
use std::collections::BTreeMap;

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
    slots: BTreeMap<Slot, Instance>,
    tickets: u64,
}

crate::digestible! { struct Bft { me, key, members, config, disk, late, slots, tickets } }

impl Bft {
    /// A member before its start.
    ///
    /// # Panics
    /// If the configuration cannot work ([`Config::validate`]) or `me` is no member.
    #[must_use]
    pub fn new(me: NodeId, members: &Members, config: Config) -> Bft {
        assert!(members.contains(me), "{me} is no member of the team");
        config.validate().unwrap_or_else(|error| panic!("bft cannot run: {error}"));
        let (key, members) = (Key::of(me), members.clone());
        let (disk, late, slots) = (Durable::default(), Vec::new(), BTreeMap::new());
        Bft { me, key, members, config, disk, late, slots, tickets: 0 }
    }

    /// A member with the default configuration, before its start.
    #[must_use]
    pub fn factory(me: NodeId, members: &Members) -> Bft {
        Bft::new(me, members, Config::default())
    }

    /// The log: every slot decided here, in order, with the certificate that proves it to anyone.
    pub fn log(&self) -> impl Iterator<Item = &Certificate> {
        self.disk.slots.values().filter_map(|record| record.decision.as_ref())
    }

    /// What was decided for a slot, as far as this member knows.
    #[must_use]
    pub fn decided(&self, slot: Slot) -> Option<&Value> {
        Some(&self.disk.slots.get(&slot)?.decision.as_ref()?.value)
    }

    /// The round a slot is in here.
    #[must_use]
    pub fn round(&self, slot: Slot) -> u64 {
        self.disk.slots.get(&slot).map_or(0, |record| record.round)
    }

    fn start(&mut self, now: Time, durable: Option<Durable>, effects: &mut Effects<Bft>) {
        effects.arm(Timer::BeatLog, self.config.log..=self.config.log);
        let Some(durable) = durable else { return };
        self.disk = durable;
        for slot in self.disk.slots.keys().copied().collect::<Vec<_>>() {
            match &self.disk.slots[&slot].decision {
                Some(certificate) => effects.decide(slot, certificate.value.clone()),
                None => self.resume(now, slot, effects),
            }
        }
    }

    fn fire(&mut self, now: Time, timer: Timer, effects: &mut Effects<Bft>) {
        match timer {
            Timer::Propose(slot) | Timer::Lease(slot) => self.give_round_up(now, slot, effects),
            Timer::Prevote(slot) => self.end_prevotes(now, slot, effects),
            Timer::Precommit(slot) => self.end_precommits(now, slot, effects),
            Timer::BeatLog => self.ask_for_log(effects),
            Timer::Beat(slot) => {
                self.beat(slot, effects);
                self.climb(now, slot, effects);
            }
        }
    }

    /// Changes a slot's record. Until the write is through, the driver holds back everything that follows it.
    fn save(&mut self, slot: Slot, change: impl FnOnce(&mut Record), effects: &mut Effects<Bft>) {
        let mut record = self.disk.slots.get(&slot).cloned().unwrap_or_default();
        change(&mut record);
        let write = Write { slot, record };
        self.disk.fold(&write);
        let write = self.config.surviving(write);
        match self.config.visibility {
            Visibility::DurableFirst => effects.persist(write),
            Visibility::SentFirst => self.late.push(write),
        }
    }

    fn record(&self, slot: Slot) -> &Record {
        self.disk.slots.get(&slot).expect("a slot that was started")
    }

    fn instance(&mut self, slot: Slot) -> &mut Instance {
        self.slots.entry(slot).or_default()
    }

    fn quorum(&self) -> usize {
        Size::of(&self.members).quorum(&self.config)
    }

    /// Who proposes in a round (rule 1).
    fn proposer(&self, slot: Slot, round: u64) -> NodeId {
        let place = slot.0.wrapping_add(round) % self.members.len() as u64;
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
            Event::Deliver { from, message } => self.receive(now, from, message, effects),
            Event::Fire(timer) => self.fire(now, timer, effects),
            Event::Invoke { op, request } => {
                if let Some(slot) = request.slot_or_refuse(op, effects) {
                    self.on_request(now, op, slot, effects);
                }
            }
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
