//! Quorum certificates: a decision, the round in which a quorum voted for it, and the signed votes of that quorum.

use super::message::{Statement, Vote};
use super::{Config, Size};
use crate::fact::{Decision, Phase};
use crate::id::{Members, NodeId};
use crate::protocol::consensus::log::Index;
use crate::protocol::signed::Signed;

/// Proof that a quorum voted alike. It names its voters by carrying what each of them signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The height.
    pub height: Index,
    /// The round.
    pub round: u64,
    /// Prevotes make a decision lockable, precommits decide it.
    pub phase: Phase,
    /// What stands at the height.
    pub decision: Decision,
    /// The votes, in voter order.
    pub votes: Vec<Signed<Statement>>,
}

crate::digestible! { struct Certificate { height, round, phase, decision, votes } }

impl Certificate {
    /// Who voted, in voter order.
    #[must_use]
    pub fn voters(&self) -> Vec<NodeId> {
        self.votes.iter().map(Signed::signer).collect()
    }

    /// Whether a quorum of distinct members signed exactly this.
    pub(super) fn is_valid(&self, members: &Members, config: &Config) -> bool {
        if !config.checks_certificates() {
            return true;
        }
        let wanted = Statement::Vote(Vote {
            height: self.height,
            round: self.round,
            phase: self.phase,
            choice: Some(self.decision.clone()),
            reason: None,
        });
        let mut voters = self.voters();
        voters.sort_unstable();
        if config.counts_voters_once() {
            voters.dedup();
        }
        voters.len() >= Size::of(members).quorum(config)
            && voters.iter().all(|voter| members.contains(*voter))
            && self.votes.iter().all(|vote| *vote.statement() == wanted && config.trusts(vote))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Slot, Value};
    use crate::protocol::signed::Key;
    use crate::protocol::team::Reason;

    fn decision() -> Decision {
        Decision { slot: Slot(0), value: Value::from("rollback") }
    }

    fn signed(member: u16, round: u64, reason: Option<Reason>) -> Signed<Statement> {
        let vote = Vote { height: Index(1), round, phase: Phase::Precommit, choice: Some(decision()), reason };
        Key::of(NodeId::agent(member)).sign(Statement::Vote(vote))
    }

    fn holds(votes: Vec<Signed<Statement>>) -> bool {
        let certificate =
            Certificate { height: Index(1), round: 0, phase: Phase::Precommit, decision: decision(), votes };
        certificate.is_valid(&Members::of(4), &Config::default())
    }

    #[test]
    fn it_takes_a_quorum_of_members_that_signed_exactly_this() {
        let plain = |member| signed(member, 0, None);
        assert!(holds(vec![plain(0), plain(1), plain(2)]));
        assert!(!holds(vec![plain(0), plain(1)]), "two of four are no quorum");
        assert!(!holds(vec![plain(0), plain(1), plain(1)]), "nobody counts twice");
        assert!(!holds(vec![plain(0), plain(1), plain(7)]), "a stranger has no vote");
        assert!(!holds(vec![plain(0), plain(1), signed(2, 1, None)]), "a vote of another round");
        assert!(!holds(vec![plain(0), plain(1), signed(2, 0, Some(Reason::Facts))]), "a vote with something besides");
    }
}
