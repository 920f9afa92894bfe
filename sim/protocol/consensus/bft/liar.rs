//! What a member's shell says when it lies. It holds its own key only. Knows nothing of when it lies.

use super::message::{Message, Proposal, Statement, Vote, otherwise};
use super::{Bft, Certificate};
use crate::fact::{Decision, Phase};
use crate::fault::Kind;
use crate::id::NodeId;

/// How many heights too many a liar says its log holds.
const BOAST: usize = 3;

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

    /// Every second member hears of another decision, or of none where no other is known, or of a longer log.
    fn equivocate(&self, to: NodeId, statement: &Statement) -> Option<Vec<Message>> {
        if to.index().is_multiple_of(2) {
            return None;
        }
        let mut other = statement.clone();
        match &mut other {
            Statement::Propose(proposal) => {
                let decision = self.another(Some(&proposal.decision));
                let decision = decision.unwrap_or_else(|| otherwise(&proposal.decision, proposal.round));
                (proposal.decision, proposal.valid) = (decision, None);
            }
            Statement::Vote(vote) => (vote.choice, vote.reason) = (self.another(vote.choice.as_ref()), None),
            Statement::Reach { next, .. } => *next = next.plus(BOAST),
            Statement::Report { .. } | Statement::Poll { .. } | Statement::Thinking { .. } => {}
        }
        (other != *statement).then(|| vec![Message::Said(self.key.sign(other))])
    }

    /// With its own vote go the same votes under everyone else's name. Before its own proposal goes another, with votes
    /// of the round before under everyone's name.
    fn forge(&self, to: NodeId, message: &Message, statement: &Statement) -> Option<Vec<Message>> {
        if let Statement::Propose(proposal) = statement {
            let forged = self.forged_proposal(proposal)?;
            return Some(vec![Message::Said(self.key.sign(Statement::Propose(forged))), message.clone()]);
        }
        let Statement::Vote(vote) = statement else { return None };
        let choice = vote.choice.clone().or_else(|| self.another(None));
        let echo = Statement::Vote(Vote { choice, reason: None, ..vote.clone() });
        let victims = self.members.others(self.me).filter(|victim| *victim != to);
        let forged = victims.map(|victim| Message::Said(self.key.impersonate(victim, echo.clone())));
        Some([message.clone()].into_iter().chain(forged).collect())
    }

    fn forged_proposal(&self, proposal: &Proposal) -> Option<Proposal> {
        let (height, round, phase) = (proposal.height, proposal.round.checked_sub(1)?, Phase::Prevote);
        let decision = self.another(Some(&proposal.decision));
        let decision = decision.unwrap_or_else(|| otherwise(&proposal.decision, proposal.round));
        let vote = Vote { height, round, phase, choice: Some(decision.clone()), reason: None };
        let sign = |member| self.key.impersonate(member, Statement::Vote(vote.clone()));
        let votes = self.members.iter().map(sign).collect();
        let valid = Some(Certificate { height, round, phase, decision: decision.clone(), votes });
        Some(Proposal { decision, valid, ..proposal.clone() })
    }

    /// Something that was proposed for the present height, other than this.
    fn another(&self, than: Option<&Decision>) -> Option<Decision> {
        let proposed = self.present.proposals.values().map(|proposal| &proposal.decision);
        proposed.into_iter().find(|decision| Some(*decision) != than).cloned()
    }
}
