//! When a client may be told what it waits for: not before a quorum holds it. Knows nothing of how heights are decided.
//!
//! An answer must never be taken back by a later read, whoever serves that. So what is told stands in the durable logs
//! of a quorum, and who reads asks a quorum first: any two share a correct member.

use super::{Bft, Statement};
use crate::fact::Slot;
use crate::id::{NodeId, OpId};
use crate::protocol::Effects;
use crate::protocol::consensus::log::Index;
use crate::protocol::team::Outcome;
use std::collections::BTreeMap;

/// How far members' logs reached when they were asked about a read.
pub(super) type Reached = BTreeMap<NodeId, Index>;

impl Bft {
    /// Someone wants to know everything that is decided (rule 12).
    pub(super) fn on_read(&mut self, op: OpId, effects: &mut Effects<Bft>) {
        if !self.config.asks_before_reading() {
            return self.tell(op, self.height(), effects);
        }
        self.reads.entry(op).or_default();
        self.poll(op, effects);
    }

    /// Asks everyone how far its log reaches, for this client.
    pub(super) fn poll(&mut self, op: OpId, effects: &mut Effects<Bft>) {
        self.say(Statement::Poll { op, next: self.height() }, effects);
        self.answer_clients(effects);
    }

    /// Asks again for all that wait for a quorum's logs: one question does for all clients of decided slots.
    pub(super) fn poll_again(&mut self, effects: &mut Effects<Bft>) {
        let unconfirmed = self.clients.iter().find(|(slot, _)| self.has_decided(**slot));
        let unconfirmed = unconfirmed.and_then(|(_, ops)| ops.first().copied());
        let open: Vec<OpId> = self.reads.keys().copied().chain(unconfirmed).collect();
        open.into_iter().for_each(|op| self.say(Statement::Poll { op, next: self.height() }, effects));
    }

    /// A member says how far its log reaches. Who is behind is taught; who is ahead is asked.
    pub(super) fn hear_reach(&mut self, member: NodeId, next: Index, effects: &mut Effects<Bft>) {
        let known = self.reach.entry(member).or_default();
        *known = next.max(*known);
        if next < self.height() {
            self.teach(member, next, effects);
        } else if next > self.height() {
            self.say_to(member, self.own_report(), effects);
        }
        self.answer_clients(effects);
    }

    /// A member answers a question about a client's operation.
    pub(super) fn on_reach(&mut self, member: NodeId, op: OpId, next: Index, effects: &mut Effects<Bft>) {
        if let Some(reached) = self.reads.get_mut(&op) {
            reached.entry(member).or_insert(next);
        }
        self.hear_reach(member, next, effects);
    }

    /// Answers whom it may answer by now.
    pub(super) fn answer_clients(&mut self, effects: &mut Effects<Bft>) {
        let decided = |slot: &Slot| self.places.get(slot).copied();
        let held = |height: &Index| self.is_held(height.next()) || !self.config.waits_for_a_quorum_to_hold();
        let due: Vec<Slot> =
            self.clients.keys().filter(|slot| decided(slot).as_ref().is_some_and(held)).copied().collect();
        for slot in due {
            let value = self.decided(slot).expect("a decided slot").clone();
            for op in self.clients.remove(&slot).unwrap_or_default() {
                effects.respond(op, Outcome::Decided { slot, value: value.clone() });
            }
        }
        let due = self.reads.iter().filter_map(|(op, reached)| Some((*op, self.readable(reached)?)));
        for (op, next) in due.collect::<Vec<_>>() {
            self.reads.remove(&op);
            self.tell(op, next, effects);
        }
    }

    /// Whether the durable logs of a quorum, as far as known here, are whole before this height.
    fn is_held(&self, next: Index) -> bool {
        let others = self.members.others(self.me).filter(|member| self.reach.get(member).is_some_and(|at| *at >= next));
        others.count() + usize::from(self.height() >= next) >= self.quorum()
    }

    /// Up to which height a read may be told: a quorum was asked, what its logs held is in the own one, and a quorum
    /// holds that now. Answers that reach beyond the own log do not count yet: a liar's never does.
    fn readable(&self, reached: &Reached) -> Option<Index> {
        let own = self.height();
        let covered = |next: &Index| *next <= own || !self.config.waits_for_what_others_hold();
        let others = reached.iter().filter(|(member, _)| **member != self.me).map(|(_, next)| *next).filter(covered);
        let mut logs: Vec<Index> = others.chain([own]).map(|next| next.min(own)).collect();
        logs.sort_unstable();
        let next = *logs.get(self.quorum().checked_sub(1)?)?;
        self.is_held(next).then_some(next)
    }

    fn tell(&self, op: OpId, next: Index, effects: &mut Effects<Bft>) {
        let entries = usize::try_from(next.back().0).expect("an entry's place");
        let decisions = self.disk.log.iter().take(entries).map(|proof| proof.decision.clone()).collect();
        effects.respond(op, Outcome::Log { decisions });
    }
}
