//! What members send each other, what they keep, and what timers are called.

use crate::digest::{Digest, Digester};
use crate::fact::{Slot, Value};
use crate::id::{Members, NodeId};
use crate::protocol::{Fold, corruption};
use std::collections::BTreeMap;

/// One member's reign: a fencing token. Unique to its member, so no two ever share one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub u64);

impl Epoch {
    /// Before any fence; the epoch of orchestrators that know of none.
    pub const NONE: Epoch = Epoch(0);

    /// The least epoch of a member that is greater than this one.
    #[must_use]
    pub fn next_of(self, me: NodeId, members: &Members) -> Epoch {
        let size = members.len() as u64;
        let rank = members.iter().take_while(|member| *member != me).count() as u64;
        let in_this_round = Epoch(self.0 / size * size + rank);
        if in_this_round > self { in_this_round } else { Epoch(in_this_round.0 + size) }
    }
}

impl Digest for Epoch {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.0);
    }
}

/// A value accepted in an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The epoch of the orchestrator that had it accepted.
    pub epoch: Epoch,
    /// The value.
    pub value: Value,
}

crate::digestible! { struct Accepted { epoch, value } }

/// What a member of a fenced team must not forget. An unfenced one keeps nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Durable {
    /// It refuses every epoch below this.
    pub promised: Epoch,
    /// What it last accepted, by slot.
    pub accepted: BTreeMap<Slot, Accepted>,
}

crate::digestible! { struct Durable { promised, accepted } }

/// One atomic change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Epochs below this are refused from now on.
    Promise(Epoch),
    /// A value is accepted, which promises its epoch too.
    Accept {
        /// The slot.
        slot: Slot,
        /// What.
        accepted: Accepted,
    },
}

crate::digestible! { enum Write { 1 = Promise(epoch), 2 = Accept { slot, accepted } } }

impl Fold<Write> for Durable {
    fn fold(&mut self, write: &Write) {
        match write {
            Write::Promise(epoch) => self.promised = self.promised.max(*epoch),
            Write::Accept { slot, accepted } => {
                self.promised = self.promised.max(accepted.epoch);
                self.accepted.insert(*slot, accepted.clone());
            }
        }
    }
}

/// What a worker's model gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// An answer.
    Answer(Value),
    /// Nothing usable.
    Nothing,
}

crate::digestible! { enum Report { 1 = Answer(value), 2 = Nothing } }

/// What members send each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// The orchestrator is alive.
    Beat {
        /// Its epoch.
        epoch: Epoch,
    },
    /// Ask your model.
    Collect {
        /// The slot.
        slot: Slot,
    },
    /// What the model gave.
    Report {
        /// The slot.
        slot: Slot,
        /// What.
        report: Report,
    },
    /// It is decided.
    Decision {
        /// The slot.
        slot: Slot,
        /// The decision.
        value: Value,
    },
    /// The decision has arrived.
    Heard {
        /// The slot.
        slot: Slot,
    },
    /// Refuse every epoch below mine from now on, and tell me what you accepted.
    Fence {
        /// The sender's epoch.
        epoch: Epoch,
    },
    /// The promise to do so.
    Promised {
        /// The epoch it is given to.
        epoch: Epoch,
        /// What the sender accepted so far.
        accepted: BTreeMap<Slot, Accepted>,
    },
    /// Accept this value.
    Accept {
        /// The sender's epoch.
        epoch: Epoch,
        /// The slot.
        slot: Slot,
        /// The value.
        value: Value,
    },
    /// It is accepted.
    Accepted {
        /// In which epoch.
        epoch: Epoch,
        /// The slot.
        slot: Slot,
    },
    /// Your epoch is over.
    Refused {
        /// What the sender has promised.
        promised: Epoch,
    },
}

crate::digestible! { enum Message {
    1 = Beat { epoch }, 2 = Collect { slot }, 3 = Report { slot, report }, 4 = Decision { slot, value },
    5 = Heard { slot }, 6 = Fence { epoch }, 7 = Promised { epoch, accepted }, 8 = Accept { epoch, slot, value },
    9 = Accepted { epoch, slot }, 10 = Refused { promised },
} }

impl Message {
    /// The message with an epoch, a slot or a value altered by one bit.
    #[must_use]
    pub(super) fn corrupted(&self, draw: u64) -> Message {
        let mut message = self.clone();
        match &mut message {
            Message::Collect { slot } | Message::Heard { slot } | Message::Report { slot, report: Report::Nothing } => {
                corruption::word(&mut slot.0, draw);
            }
            Message::Beat { epoch }
            | Message::Fence { epoch }
            | Message::Promised { epoch, .. }
            | Message::Accepted { epoch, .. }
            | Message::Refused { promised: epoch } => corruption::word(&mut epoch.0, draw),
            Message::Report { report: Report::Answer(value), .. } | Message::Decision { value, .. } => {
                *value = corruption::value(value, draw);
            }
            Message::Accept { epoch, value, .. } => match draw % 2 {
                0 => *value = corruption::value(value, draw / 2),
                _ => corruption::word(&mut epoch.0, draw / 2),
            },
        }
        message
    }
}

/// What timers are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The orchestrator's next sign of life.
    Beat,
    /// The orchestrator was silent for too long, or a fence took too long.
    Silence,
    /// The answers that are there must do.
    Deadline(Slot),
    /// Something was not acknowledged.
    Resend,
}

crate::digestible! { enum Timer { 1 = Beat, 2 = Silence, 3 = Deadline(slot), 4 = Resend } }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_grow_and_no_two_members_share_one() {
        let team = Members::of(3);
        let mut seen = Vec::new();
        for last in [0, 3, 4, 5, 6, 11] {
            for member in team.iter() {
                let next = Epoch(last).next_of(member, &team);
                assert!(next > Epoch(last));
                seen.push((next, member));
            }
        }
        assert!(seen.iter().all(|(epoch, member)| seen.iter().all(|(other, owner)| epoch != other || member == owner)));
    }
}
