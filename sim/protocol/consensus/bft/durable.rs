//! What a member must not forget: for each slot its round, what it said in it, its lock, and the decision.

use super::Certificate;
use super::message::Vote;
use crate::fact::{Slot, Value};
use crate::protocol::Fold;
use std::collections::BTreeMap;

/// What survives a crash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Durable {
    /// One record for each slot that was ever started here.
    pub slots: BTreeMap<Slot, Record>,
}

crate::digestible! { struct Durable { slots } }

/// The durable part of one slot (Algorithm 1, lines 2 to 9).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The present round.
    pub round: u64,
    /// What this member proposed in it.
    pub proposed: Option<Value>,
    /// What it prevoted in it.
    pub prevote: Option<Vote>,
    /// What it precommitted in it.
    pub precommit: Option<Vote>,
    /// The value it is locked on, and since which round.
    pub locked: Option<Lock>,
    /// The latest value known to be valid, with the prevotes that show it.
    pub valid: Option<Certificate>,
    /// The decision, with the precommits that show it.
    pub decision: Option<Certificate>,
}

crate::digestible! { struct Record { round, proposed, prevote, precommit, locked, valid, decision } }

/// A lock: having precommitted this, the member prevotes nothing else without proof of a later round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// The round of the precommit.
    pub round: u64,
    /// The value.
    pub value: Value,
}

crate::digestible! { struct Lock { round, value } }

/// One atomic change: a slot's record, whole, so that no crash leaves a vote without its lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The slot.
    pub slot: Slot,
    /// Its record from now on.
    pub record: Record,
}

crate::digestible! { struct Write { slot, record } }

impl Fold<Write> for Durable {
    fn fold(&mut self, write: &Write) {
        self.slots.insert(write.slot, write.record.clone());
    }
}
