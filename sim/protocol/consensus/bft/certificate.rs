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
