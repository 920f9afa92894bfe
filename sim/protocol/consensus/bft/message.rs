//! What members say to each other, signed, and what timers are called.

use super::Certificate;
use crate::fact::{Decision, Phase, Slot};
use crate::id::OpId;
use crate::protocol::consensus::log::Index;
use crate::protocol::corruption;
use crate::protocol::signed::Signed;
use crate::protocol::team::Reason;

/// What travels between members. Who delivered it says nothing: signatures do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Something one member says.
    Said(Signed<Statement>),
    /// Something a quorum proves.
    Proof(Certificate),
}

crate::digestible! { enum Message { 1 = Said(signed), 2 = Proof(certificate) } }

/// What one member can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// My log is whole before this height, and durable; my clients wait for these slots.
    Report {
        /// The first height I lack.
        next: Index,
        /// The slots.
        wants: Vec<Slot>,
    },
    /// How far does your log reach? Mine is whole before this height: send me what follows.
    Poll {
        /// The client's operation that waits for the answers. Nobody could ask this before it began.
        op: OpId,
        /// The first height I lack.
        next: Index,
    },
    /// The answer to a [`Poll`](Statement::Poll): my log is whole before this height, and durable.
    Reach {
        /// The operation that the question named.
        op: OpId,
        /// The first height I lack.
        next: Index,
    },
    /// My shell lives and my model is generating a proposal.
    Thinking {
        /// The height.
        height: Index,
        /// The round I am the proposer of.
        round: u64,
    },
    /// PROPOSAL (Algorithm 1, line 19).
    Propose(Proposal),
    /// PREVOTE or PRECOMMIT (lines 24 and 40, among others).
    Vote(Vote),
}

crate::digestible! { enum Statement {
    1 = Report { next, wants }, 2 = Thinking { height, round }, 3 = Propose(proposal), 4 = Vote(vote),
    5 = Poll { op, next }, 6 = Reach { op, next },
} }

/// A proposer's proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The height.
    pub height: Index,
    /// The round.
    pub round: u64,
    /// What stands there if it is decided.
    pub decision: Decision,
    /// For a decision of an earlier round: the prevotes that made it valid there (line 28).
    pub valid: Option<Certificate>,
}

crate::digestible! { struct Proposal { height, round, decision, valid } }

/// A vote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    /// The height.
    pub height: Index,
    /// The round.
    pub round: u64,
    /// Which of the two votes of a round.
    pub phase: Phase,
    /// For what; `None` is the paper's nil.
    pub choice: Option<Decision>,
    /// Why not, for the next proposer's prompt.
    pub reason: Option<Reason>,
}

crate::digestible! { struct Vote { height, round, phase, choice, reason } }

/// Timers; all but the last two are of the present round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// No proposal, or no finding on it (timeoutPropose, line 57).
    Propose,
    /// A quorum prevoted, but not alike (timeoutPrevote, line 61).
    Prevote,
    /// A quorum precommitted, but not alike (timeoutPrecommit, line 65).
    Precommit,
    /// The own model has had its time.
    Lease,
    /// Say again what was said.
    Beat,
    /// Ask for what was decided without this member.
    BeatLog,
}

crate::digestible! { enum Timer { 1 = Propose, 2 = Prevote, 3 = Precommit, 4 = Lease, 5 = Beat, 6 = BeatLog } }

impl Statement {
    /// The height it is said in, if it is of a round.
    #[must_use]
    pub const fn height(&self) -> Option<Index> {
        match self {
            Statement::Report { .. } | Statement::Poll { .. } | Statement::Reach { .. } => None,
            Statement::Thinking { height, .. } => Some(*height),
            Statement::Propose(proposal) => Some(proposal.height),
            Statement::Vote(vote) => Some(vote.height),
        }
    }

    /// The round its speaker is in, if it says so.
    #[must_use]
    pub const fn round(&self) -> Option<u64> {
        match self {
            Statement::Report { .. } | Statement::Poll { .. } | Statement::Reach { .. } => None,
            Statement::Thinking { round, .. } => Some(*round),
            Statement::Propose(proposal) => Some(proposal.round),
            Statement::Vote(vote) => Some(vote.round),
        }
    }
}

impl Message {
    /// The message with one bit of it flipped, under its old seals.
    pub(super) fn corrupted(&self, draw: u64) -> Message {
        match self {
            Message::Said(signed) => Message::Said(signed.altered(corrupted(signed.statement(), draw))),
            Message::Proof(certificate) => {
                let decision = otherwise(&certificate.decision, draw);
                Message::Proof(Certificate { decision, ..certificate.clone() })
            }
        }
    }
}

fn corrupted(statement: &Statement, draw: u64) -> Statement {
    let mut altered = statement.clone();
    match &mut altered {
        Statement::Report { next, .. } | Statement::Poll { next, .. } | Statement::Reach { next, .. } => {
            corruption::word(&mut next.0, draw);
        }
        Statement::Thinking { round, .. } => corruption::word(round, draw),
        Statement::Propose(proposal) => proposal.decision = otherwise(&proposal.decision, draw),
        Statement::Vote(vote) => match &vote.choice {
            Some(decision) => vote.choice = Some(otherwise(decision, draw)),
            None => corruption::word(&mut vote.round, draw),
        },
    }
    altered
}

/// The decision with one bit of its value flipped.
pub(super) fn otherwise(decision: &Decision, draw: u64) -> Decision {
    Decision { slot: decision.slot, value: corruption::value(&decision.value, draw) }
}
