//! A member's side of a review: run the health check, say what it found. Knows nothing of how verdicts are counted.

use super::message::{Appended, Message, Review, Verdict};
use super::proposal::verdict_of;
use super::{Raft, Term};
use crate::id::NodeId;
use crate::protocol::Effects;
use crate::protocol::team::{Answer, Ask};
use crate::time::Time;

/// The latest review asked of this member for a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Check {
    leader: NodeId,
    term: Term,
    attempt: u32,
    finding: Finding,
}

crate::digestible! { struct Check { leader, term, attempt, finding } }

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finding {
    /// The own agent was asked under this ticket.
    Awaited { ticket: u64 },
    /// It answered; a reminder gets the same answer without another look.
    Found(Verdict),
}

crate::digestible! { enum Finding { 1 = Awaited { ticket }, 2 = Found(verdict) } }

impl Raft {
    /// A leader wants a proposal checked. The caller has followed its term.
    pub(super) fn on_review(&mut self, now: Time, leader: NodeId, review: Review, effects: &mut Effects<Raft>) {
        let Review { term, slot, attempt, value } = review;
        if term != self.disk.term || self.is_leader() {
            return effects.send(leader, Message::AppendReply { term: self.disk.term, result: Appended::Stale });
        }
        self.hear(now, leader, effects);
        match self.reviews.get(&slot) {
            Some(check) if (check.term, check.attempt) > (term, attempt) => {}
            Some(check) if (check.term, check.attempt) == (term, attempt) => {
                if let Finding::Found(verdict) = check.finding {
                    effects.send(leader, Message::Opinion { term, slot, attempt, verdict });
                }
            }
            _ => {
                let ticket = self.next_ticket();
                self.reviews.insert(slot, Check { leader, term, attempt, finding: Finding::Awaited { ticket } });
                effects.ask(ticket, Ask::Validate { slot, value });
            }
        }
    }

    /// The own agent's verdict goes to the leader that asked. One for an overtaken review or a past term goes nowhere.
    pub(super) fn answer_to_validator(&mut self, ticket: u64, answer: &Answer, effects: &mut Effects<Raft>) {
        let awaited = |check: &Check| check.finding == Finding::Awaited { ticket };
        let Some((slot, check)) = self.reviews.iter_mut().find(|(_, check)| awaited(check)) else { return };
        let Some(verdict) = verdict_of(answer) else { return };
        check.finding = Finding::Found(verdict);
        if check.term == self.disk.term {
            let opinion = Message::Opinion { term: check.term, slot: *slot, attempt: check.attempt, verdict };
            effects.send(check.leader, opinion);
        }
    }
}
