//! What a vote on one slot is about, and what a member must not forget of it. Knows no message and no chair.

use crate::fact::{Slot, Value};
use crate::protocol::consensus::NOOP;
use crate::protocol::consensus::log::reworded;
use crate::protocol::consensus::paxos::Ballot;
use crate::protocol::team::Outcome;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What can be put to the vote.
///
/// ```
/// use synod::fact::Value;
/// use synod::protocol::consensus::vote::Motion;
/// assert_ne!(Motion::Adopt(Value::from("rollback")).name(), Motion::GiveUp.name());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Motion {
    /// That the team decides this.
    Adopt(Value),
    /// That the team leaves the slot undecided, for good.
    GiveUp,
}

crate::digestible! { enum Motion { 1 = Adopt(value), 2 = GiveUp } }

impl Motion {
    /// How facts name it: giving up is the command that does nothing.
    #[must_use]
    pub fn name(&self) -> u64 {
        match self {
            Motion::Adopt(value) => value.digest_word(),
            Motion::GiveUp => NOOP,
        }
    }

    /// What a client hears if this is what the team voted on a slot.
    #[must_use]
    pub fn outcome(&self, slot: Slot) -> Outcome {
        match self {
            Motion::Adopt(value) => Outcome::Decided { slot, value: value.clone() },
            Motion::GiveUp => Outcome::GaveUp { slot },
        }
    }

    /// The same motion in the words of the `habit`-th member: it means the same and is another motion.
    pub(super) fn reworded(self, habit: usize) -> Motion {
        match self {
            Motion::GiveUp => Motion::GiveUp,
            Motion::Adopt(value) => Motion::Adopt(reworded(&value, habit)),
        }
    }
}

/// A vote that was cast.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cast {
    /// In which ballot.
    pub ballot: Ballot,
    /// For what.
    pub motion: Motion,
}

crate::digestible! { struct Cast { ballot, motion } }

/// What is durable of one member's part in the votes on one slot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    /// It votes in no lower ballot.
    pub promised: Ballot,
    /// Its last vote.
    pub cast: Option<Cast>,
    /// What the team voted, as far as it knows.
    pub outcome: Option<Motion>,
}

crate::digestible! { struct Register { promised, cast, outcome } }

/// The registers of one member.
pub type Registers = BTreeMap<Slot, Register>;

/// One change of a register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Write {
    /// A promise.
    Promise {
        /// The slot.
        slot: Slot,
        /// The ballot.
        ballot: Ballot,
    },
    /// A vote, with the promise that it implies.
    Cast {
        /// The slot.
        slot: Slot,
        /// The vote.
        cast: Cast,
    },
    /// An outcome.
    Outcome {
        /// The slot.
        slot: Slot,
        /// What was voted.
        motion: Motion,
    },
}

crate::digestible! { enum Write {
    1 = Promise { slot, ballot }, 2 = Cast { slot, cast }, 3 = Outcome { slot, motion },
} }

impl Write {
    /// Folds the write into registers.
    pub fn fold_into(&self, registers: &mut Registers) {
        match self {
            Write::Promise { slot, ballot } => registers.entry(*slot).or_default().promised = *ballot,
            Write::Cast { slot, cast } => {
                let register = registers.entry(*slot).or_default();
                register.promised = cast.ballot;
                register.cast = Some(cast.clone());
            }
            Write::Outcome { slot, motion } => registers.entry(*slot).or_default().outcome = Some(motion.clone()),
        }
    }
}
