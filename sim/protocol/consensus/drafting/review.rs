//! The validator's half: run the health check, say what it found. Knows nothing of how verdicts are counted.

use super::{Composes, Drafts};
use crate::fact::{Slot, Value};
use crate::id::NodeId;
use crate::protocol::Effects;
use crate::protocol::team::{Answer, Ask, Reason};
use serde::{Deserialize, Serialize};

/// Check this proposal before it is put to the vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The leadership it belongs to: a ballot's or a term's number.
    pub epoch: u64,
    /// What the proposal is for.
    pub slot: Slot,
    /// Which proposal for that slot in that epoch, from 1.
    pub attempt: u32,
    /// The proposal.
    pub value: Value,
}

crate::digestible! { struct Review { epoch, slot, attempt, value } }

/// The answer to a [`Review`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opinion {
    /// The review's epoch.
    pub epoch: u64,
    /// Its slot.
    pub slot: Slot,
    /// Its attempt.
    pub attempt: u32,
    /// What the validator says.
    pub verdict: Verdict,
}

crate::digestible! { struct Opinion { epoch, slot, attempt, verdict } }

/// What a validator says of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It passed the health check.
    Approved,
    /// It did not, or the check could not be done: what was not checked is not approved.
    Refused(Reason),
}

crate::digestible! { enum Verdict { 1 = Approved, 2 = Refused(reason) } }

impl Verdict {
    /// What an answer to a validation says. Nothing usable is a refusal: what was not checked is not approved.
    pub(super) fn of(answer: &Answer) -> Option<Verdict> {
        match answer {
            Answer::Approved => Some(Verdict::Approved),
            Answer::Refused(reason) | Answer::Nothing(reason) => Some(Verdict::Refused(*reason)),
            Answer::Proposal(_) => None,
        }
    }

    pub(super) fn reason(self) -> Option<Reason> {
        match self {
            Verdict::Approved => None,
            Verdict::Refused(reason) => Some(reason),
        }
    }
}

/// The latest review asked of this member for a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Check {
    leader: NodeId,
    epoch: u64,
    attempt: u32,
    finding: Finding,
}

crate::digestible! { struct Check { leader, epoch, attempt, finding } }

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finding {
    /// The own agent was asked under this ticket.
    Awaited { ticket: u64 },
    /// It answered; a reminder gets the same answer without another look.
    Found(Verdict),
}

crate::digestible! { enum Finding { 1 = Awaited { ticket }, 2 = Found(verdict) } }

impl Drafts {
    /// A leader wants a proposal checked. Whether it still leads is for the caller to know.
    pub fn on_review<P: Composes>(&mut self, leader: NodeId, review: Review, effects: &mut Effects<P>) {
        let Review { epoch, slot, attempt, value } = review;
        match self.reviews.get(&slot) {
            Some(check) if (check.epoch, check.attempt) > (epoch, attempt) => {}
            Some(check) if (check.epoch, check.attempt) == (epoch, attempt) => {
                if let Finding::Found(verdict) = check.finding {
                    effects.send(leader, Opinion { epoch, slot, attempt, verdict }.into());
                }
            }
            _ => {
                let ticket = self.next_ticket();
                self.reviews.insert(slot, Check { leader, epoch, attempt, finding: Finding::Awaited { ticket } });
                effects.ask(ticket, Ask::Validate { slot, value });
            }
        }
    }

    /// The own agent's verdict goes to the leader that asked. One for an overtaken review goes nowhere.
    pub(super) fn answer_to_validator<P: Composes>(&mut self, ticket: u64, answer: &Answer, effects: &mut Effects<P>) {
        let awaited = |check: &Check| check.finding == Finding::Awaited { ticket };
        let Some((slot, check)) = self.reviews.iter_mut().find(|(_, check)| awaited(check)) else { return };
        let Some(verdict) = Verdict::of(answer) else { return };
        check.finding = Finding::Found(verdict);
        let opinion = Opinion { epoch: check.epoch, slot: *slot, attempt: check.attempt, verdict };
        effects.send(check.leader, opinion.into());
    }
}
