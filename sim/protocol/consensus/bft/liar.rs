//! What a member's shell says when it lies. It holds its own key only. Knows nothing of when it lies.

use super::message::{Message, Proposal, Statement, Vote};
use super::{Bft, Certificate};
use crate::fact::{Phase, Slot, Value};
use crate::fault::Kind;
use crate::id::NodeId;
use crate::protocol::corruption;

impl Bft {
    /// What goes to a member in place of a message, under this kind of lie; `None`: the message itself.
    pub(super) fn lie(&self, kind: Kind, to: NodeId, message: &Message) -> Option<Vec<Message>> {
        let Message::Said(signed) = message else {
            return (kind == Kind::SilentShell).then(Vec::new);
        };
        match kind {
            Kind::SilentShell => Some(Vec::new()),
            Kind::EquivocatingShell => self.equivocate(to, signed.statement()),
            Kind::ForgedVoter => self.forge(to, message, signed.statement()),
            _ => None,
        }
    }

    /// Every second member hears of another value, or of none where no other is known.
    fn equivocate(&self, to: NodeId, statement: &Statement) -> Option<Vec<Message>> {
        if to.index().is_multiple_of(2) {
            return None;
        }
        let other = match statement {
            Statement::Propose(proposal) => {
                let value = self.another(proposal.slot, Some(&proposal.value));
                let value = value.unwrap_or_else(|| corruption::value(&proposal.value, proposal.round));
                Statement::Propose(Proposal { value, valid: None, ..proposal.clone() })
            }
            Statement::Vote(vote) => {
                let choice = self.another(vote.slot, vote.choice.as_ref());
                Statement::Vote(Vote { choice, reason: None, ..vote.clone() })
            }
            Statement::Wanted { .. } | Statement::Log { .. } | Statement::Thinking { .. } => return None,
        };
        (other != *statement).then(|| vec![Message::Said(self.key.sign(other))])
    }

    /// With its own vote go the same votes under everyone else's name. Before its own proposal goes another, with votes of
    /// the round before under everyone's name.
    fn forge(&self, to: NodeId, message: &Message, statement: &Statement) -> Option<Vec<Message>> {
        if let Statement::Propose(proposal) = statement {
            let forged = self.forged_proposal(proposal)?;
            return Some(vec![Message::Said(self.key.sign(Statement::Propose(forged))), message.clone()]);
        }
        let Statement::Vote(vote) = statement else { return None };
        let choice = vote.choice.clone().or_else(|| self.another(vote.slot, None));
        let echo = Statement::Vote(Vote { choice, reason: None, ..vote.clone() });
        let victims = self.members.others(self.me).filter(|victim| *victim != to);
        let forged = victims.map(|victim| Message::Said(self.key.impersonate(victim, echo.clone())));
        Some([message.clone()].into_iter().chain(forged).collect())
    }

    fn forged_proposal(&self, proposal: &Proposal) -> Option<Proposal> {
        let (slot, round, phase) = (proposal.slot, proposal.round.checked_sub(1)?, Phase::Prevote);
        let value = self.another(slot, Some(&proposal.value));
        let value = value.unwrap_or_else(|| corruption::value(&proposal.value, proposal.round));
        let vote = Vote { slot, round, phase, choice: Some(value.clone()), reason: None };
        let sign = |member| self.key.impersonate(member, Statement::Vote(vote.clone()));
        let votes = self.members.iter().map(sign).collect();
        let valid = Some(Certificate { slot, round, phase, value: value.clone(), votes });
        Some(Proposal { value, valid, ..proposal.clone() })
    }

    /// A value that was proposed for the slot, other than this one.
    fn another(&self, slot: Slot, than: Option<&Value>) -> Option<Value> {
        let instance = self.slots.get(&slot)?;
        instance.proposals.values().map(|proposal| &proposal.value).find(|value| Some(*value) != than).cloned()
    }
}
