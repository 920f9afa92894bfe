//! A leader's way from a client's request to an approved value: ask the own model, have a majority of the members
//! check, hear their reasons, try again, yield after a bound. Knows no ballots, no log and no quorums of any protocol.
//!
//! The model writes proposals and opinions only. Which answer counts and how often it may try is decided here; what an
//! approved value then needs to be decided is the business of the protocol that composes [`Drafts`]. A refusal, a
//! silence or a lie costs liveness here and cannot touch safety there.
//!
//! A composing protocol gives its messages and timers a place for this module's ([`Composes`]), hands both back as they
//! come, and acts on [`Progress`]. The validator's half is in `review.rs`.

mod proposal;
mod review;

pub use review::{Opinion, Review, Verdict};

use super::adaptation::{Acceptance, Handover};
use crate::fact::{Slot, Value};
use crate::id::{Members, NodeId};
use crate::protocol::Effects;
use crate::protocol::team::{Answer, TeamProtocol};
use crate::time::Duration;
use proposal::Proposal;
use review::Check;
use std::collections::BTreeMap;

/// A protocol that can carry what drafting sends and arms.
pub trait Composes: TeamProtocol<Message: From<Review> + From<Opinion>, Timer: From<Timer>> {}

impl<P: TeamProtocol<Message: From<Review> + From<Opinion>, Timer: From<Timer>>> Composes for P {}

/// How long drafting may take and how it is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long the leader's model has for one proposal (the progress lease).
    pub lease: Duration,
    /// How long validators have for one proposal.
    pub review: Duration,
    /// Between two requests to a validator that has not answered.
    pub reminder: Duration,
    /// How many proposals a leader puts forward for a slot before it yields.
    pub attempts: u32,
    /// Whether proposals are checked.
    pub acceptance: Acceptance,
    /// What becomes of a leader whose model yields nothing.
    pub handover: Handover,
}

crate::digestible! { struct Rules { lease, review, reminder, attempts, acceptance, handover } }

/// What drafting's timers are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The leader's model has had its time for this slot.
    Lease(Slot),
    /// The validators have had their time for this slot.
    Review(Slot),
    /// Validators that have not answered are asked again.
    Reminder(Slot),
}

crate::digestible! { enum Timer { 1 = Lease(slot), 2 = Review(slot), 3 = Reminder(slot) } }

/// What a step of drafting came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It goes on, or it was none of drafting's business.
    Open,
    /// The members approved this value: it may be put to the vote of the protocol.
    Approved {
        /// What it is for.
        slot: Slot,
        /// The value, byte for byte as the model gave it.
        value: Value,
    },
    /// The lease ran out or the attempts are used up: another member should lead.
    Exhausted,
}

/// The drafts of one member: those it leads and those it checks for others. Volatile: a crash forgets them.
///
/// ```
/// use synod::fact::{Slot, Value};
/// use synod::id::{Members, NodeId};
/// use synod::protocol::consensus::{Paxos, drafting::{Drafts, Progress}, paxos::Config};
/// use synod::protocol::{Effect, Effects, team::Answer};
///
/// let mut drafts = Drafts::new(NodeId::agent(0), &Members::of(1), Config::default().drafting);
/// let mut effects: Effects<Paxos> = Effects::default();
/// drafts.open(7, Slot(0), &mut effects);
/// drafts.answer(1, Answer::Proposal(Value::from("rollback")), &mut effects);
/// let done = drafts.answer(2, Answer::Approved, &mut effects);
/// assert_eq!(done, Progress::Approved { slot: Slot(0), value: Value::from("rollback") });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drafts {
    me: NodeId,
    members: Members,
    rules: Rules,
    /// Proposals under way, for a leader.
    proposals: BTreeMap<Slot, Proposal>,
    /// Proposals of others that this member checks.
    reviews: BTreeMap<Slot, Check>,
    tickets: u64,
}

crate::digestible! { struct Drafts { me, members, rules, proposals, reviews, tickets } }

impl Drafts {
    /// A member without drafts.
    #[must_use]
    pub fn new(me: NodeId, members: &Members, rules: Rules) -> Drafts {
        let (proposals, reviews) = (BTreeMap::new(), BTreeMap::new());
        Drafts { me, members: members.clone(), rules, proposals, reviews, tickets: 0 }
    }

    /// From now on these members' approvals count. What others said so far no longer does.
    pub fn seat(&mut self, members: &Members) {
        if self.members != *members {
            self.members = members.clone();
        }
    }

    /// Whether a proposal for this slot is under way here.
    #[must_use]
    pub fn is_open(&self, slot: Slot) -> bool {
        self.proposals.contains_key(&slot)
    }

    /// Whether the own model is generating a proposal.
    #[must_use]
    pub fn wait_for_own_model(&self) -> bool {
        self.proposals.values().any(Proposal::waits_for_own_model)
    }

    /// An answer of the own agent, to the leader or to the validator.
    pub fn answer<P: Composes>(&mut self, ticket: u64, answer: Answer, effects: &mut Effects<P>) -> Progress {
        match self.slot_of(ticket) {
            Some(slot) => self.answer_to_leader(slot, answer, effects),
            None => {
                self.answer_to_validator(ticket, &answer, effects);
                Progress::Open
            }
        }
    }

    /// One of drafting's timers fired.
    pub fn fire<P: Composes>(&mut self, timer: Timer, effects: &mut Effects<P>) -> Progress {
        match timer {
            Timer::Lease(slot) => self.end_lease(slot),
            Timer::Review(slot) => self.end_review(slot, effects),
            Timer::Reminder(slot) => {
                self.remind(slot, effects);
                Progress::Open
            }
        }
    }

    /// The slot is decided: nothing about it needs drafting or checking any more.
    pub fn close<P: Composes>(&mut self, slot: Slot, effects: &mut Effects<P>) {
        self.reviews.remove(&slot);
        if self.proposals.remove(&slot).is_some() {
            disarm(slot, effects);
        }
    }

    /// This member leads no longer: its own proposals are dropped, reviews for others stay.
    pub fn abandon<P: Composes>(&mut self, effects: &mut Effects<P>) {
        for slot in std::mem::take(&mut self.proposals).into_keys() {
            disarm(slot, effects);
        }
    }

    fn next_ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }
}

/// Stops every timer that a slot's proposal may have.
fn disarm<P: Composes>(slot: Slot, effects: &mut Effects<P>) {
    for timer in [Timer::Lease(slot), Timer::Review(slot), Timer::Reminder(slot)] {
        effects.disarm(timer.into());
    }
}
