//! Handing leadership to a chosen member (thesis §3.10). Knows nothing of why.

use super::Raft;
use super::election::Standing;
use super::message::{Message, Timer};
use crate::id::{NodeId, OpId};
use crate::protocol::Effects;
use crate::protocol::team::Outcome;

/// A handover under way. While it lasts the leader takes no requests, so that the other can catch up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Transfer {
    pub(super) op: OpId,
    pub(super) to: NodeId,
    told: Told,
}

crate::digestible! { struct Transfer { op, to, told } }

/// Whether the other was told to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// It still lacks entries, and would not win.
    NotYet,
    /// It has them all and was told.
    Stand,
}

crate::digestible! { enum Told { 1 = NotYet, 2 = Stand } }

impl Transfer {
    /// What the administrator hears when this leader ceases to lead.
    pub(super) fn outcome(self, elsewhere: &Outcome) -> Outcome {
        match self.told {
            Told::Stand => Outcome::Done,
            Told::NotYet => elsewhere.clone(),
        }
    }
}

impl Raft {
    /// An administrator wants another member to lead.
    pub(super) fn on_transfer(&mut self, op: OpId, to: NodeId, effects: &mut Effects<Raft>) {
        let eligible = to != self.me && self.voters.contains(to);
        let here = Outcome::Elsewhere { hint: Some(self.me) };
        let Standing::Leader(leadership) = &mut self.standing else { return self.send_elsewhere(op, effects) };
        if !eligible {
            return effects.respond(op, Outcome::Refused);
        }
        if leadership.transfer.is_some() {
            return effects.respond(op, here);
        }
        leadership.transfer = Some(Transfer { op, to, told: Told::NotYet });
        let span = *self.config.election.start();
        effects.arm(Timer::Transfer, span..=span);
        self.hand_over_if_ready(effects);
    }

    /// Tells the other to stand once it has the whole log.
    pub(super) fn hand_over_if_ready(&mut self, effects: &mut Effects<Raft>) {
        let (term, last) = (self.disk.term, self.disk.log.last().index);
        let Standing::Leader(leadership) = &mut self.standing else { return };
        let Some(Transfer { to, told: Told::NotYet, .. }) = leadership.transfer else { return };
        if leadership.of(to).is_some_and(|progress| progress.matched == last) {
            leadership.transfer = leadership.transfer.map(|transfer| Transfer { told: Told::Stand, ..transfer });
            effects.send(to, Message::TimeoutNow { term });
        }
    }

    /// It did not take leadership in the time of an election: this member leads on, and takes requests again.
    pub(super) fn end_transfer(&mut self, effects: &mut Effects<Raft>) {
        let Standing::Leader(leadership) = &mut self.standing else { return };
        if let Some(transfer) = leadership.transfer.take() {
            effects.respond(transfer.op, Outcome::Refused);
        }
    }

    /// The leader wants this member to lead. It stands without asking first: whoever would refuse because it hears a
    /// leader hears the one that wants this.
    pub(super) fn on_timeout_now(&mut self, effects: &mut Effects<Raft>) {
        if !self.is_leader() && self.may_stand() {
            self.run(effects);
        }
    }

    /// Whom this leader is handing over to.
    pub(super) fn heir(&self) -> Option<NodeId> {
        match &self.standing {
            Standing::Leader(leadership) => leadership.transfer.map(|transfer| transfer.to),
            _ => None,
        }
    }

    pub(super) fn is_handing_over(&self) -> bool {
        self.heir().is_some()
    }
}
