//! From a client's request to an entry: have the value drafted, then append it. Knows nothing of how it is replicated.
//!
//! The way from a request to an approved value is [`drafting`](super::super::drafting)'s.

use super::election::Standing;
use super::message::{Appended, Message};
use super::{Command, Entry, Raft, Term};
use crate::fact::{Slot, Value};
use crate::id::{NodeId, OpId};
use crate::protocol::Effects;
use crate::protocol::consensus::drafting::{Progress, Review};
use crate::protocol::team::{Outcome, Request};
use crate::time::Time;

impl Raft {
    /// What anyone outside the team may ask.
    pub(super) fn on_request(&mut self, op: OpId, request: Request, effects: &mut Effects<Raft>) {
        match request {
            Request::Propose { slot } => self.on_proposal(op, slot, effects),
            Request::Read => self.on_read(op, effects),
            Request::Admit { member } => self.on_admit(op, member, effects),
            Request::Remove { member } => self.on_remove(op, member, effects),
            Request::Transfer { to } => self.on_transfer(op, to, effects),
            Request::Store(_) => effects.respond(op, Outcome::Refused),
        }
    }

    /// A client wants a slot decided. One slot is proposed once, however many ask.
    fn on_proposal(&mut self, op: OpId, slot: Slot, effects: &mut Effects<Raft>) {
        // A decision never changes, so whoever knows it may say it.
        if let Some(value) = self.decided.get(slot) {
            return effects.respond(op, Outcome::Decided { slot, value: self.config.told(value.clone()) });
        }
        if let Some(heir) = self.heir() {
            return effects.respond(op, Outcome::Elsewhere { hint: Some(heir) });
        }
        let on_its_way = self.disk.log.decides_after(self.applied, slot);
        let epoch = self.disk.term.0;
        match &mut self.standing {
            Standing::Leader(leadership) => {
                leadership.requests.entry(slot).or_default().push(op);
                if !on_its_way {
                    self.drafts.open(epoch, slot, effects);
                }
            }
            _ => self.send_elsewhere(op, effects),
        }
    }

    /// Only a leader can serve this.
    pub(super) fn send_elsewhere(&self, op: OpId, effects: &mut Effects<Raft>) {
        let hint = match &self.standing {
            Standing::Follower { leader } => *leader,
            _ => None,
        };
        effects.respond(op, Outcome::Elsewhere { hint });
    }

    /// What drafting came to.
    pub(super) fn follow_up(&mut self, progress: Progress, effects: &mut Effects<Raft>) {
        match progress {
            Progress::Open => {}
            Progress::Exhausted => self.yield_leadership(effects),
            Progress::Approved { slot, value } => self.append_decision(slot, value, effects),
        }
    }

    fn append_decision(&mut self, slot: Slot, value: Value, effects: &mut Effects<Raft>) {
        let (term, last) = (self.disk.term, self.disk.log.last().index);
        self.append(last, vec![Entry { term, command: Command::Decide { slot, value: value.clone() } }], effects);
        if !self.config.commits_before_it_answers() {
            self.answer_requests(slot, &value, effects);
        }
        self.replicate(effects);
        self.commit_what_a_majority_holds(effects);
    }

    /// A leader wants a proposal checked, which shows it alive. The caller has followed its term.
    pub(super) fn on_review(&mut self, now: Time, leader: NodeId, review: Review, effects: &mut Effects<Raft>) {
        if Term(review.epoch) != self.disk.term || self.is_leader() {
            let (term, result) = (self.disk.term, Appended::Stale);
            return effects.send(leader, Message::AppendReply { term, round: 0, result });
        }
        self.hear(now, leader, effects);
        self.drafts.on_review(leader, review, effects);
    }
}
