//! What members say to each other, signed, and what timers are called.

use super::Certificate;
use crate::fact::{Phase, Slot, Value};
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
    /// A client asked me about this slot, or I still lack its decision: start, or tell me.
    Wanted {
        /// The slot.
        slot: Slot,
    },
    /// My log is whole up to here, whatever I may have forgotten: send me what is decided from here on.
    Log {
        /// The first slot I lack.
        from: Slot,
    },
    /// My shell lives and my model is generating a proposal.
    Thinking {
        /// The slot.
        slot: Slot,
        /// The round I am the proposer of.
        round: u64,
    },
    /// PROPOSAL (Algorithm 1, line 19).
    Propose(Proposal),
    /// PREVOTE or PRECOMMIT (lines 24 and 40, among others).
    Vote(Vote),
}

crate::digestible! { enum Statement {
    1 = Wanted { slot }, 2 = Thinking { slot, round }, 3 = Propose(proposal), 4 = Vote(vote), 5 = Log { from },
} }

/// A proposer's proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The slot.
    pub slot: Slot,
    /// The round.
    pub round: u64,
    /// The value.
    pub value: Value,
    /// For a value of an earlier round: the prevotes that made it valid there (line 28).
    pub valid: Option<Certificate>,
}

crate::digestible! { struct Proposal { slot, round, value, valid } }

/// A vote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    /// The slot.
    pub slot: Slot,
    /// The round.
    pub round: u64,
    /// Which of the two votes of a round.
    pub phase: Phase,
    /// For what; `None` is the paper's nil.
    pub choice: Option<Value>,
    /// Why not, for the next proposer's prompt.
    pub reason: Option<Reason>,
}

crate::digestible! { struct Vote { slot, round, phase, choice, reason } }

/// Timers, all of the present round of their slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// No proposal, or no finding on it (timeoutPropose, line 57).
    Propose(Slot),
    /// A quorum prevoted, but not alike (timeoutPrevote, line 61).
    Prevote(Slot),
    /// A quorum precommitted, but not alike (timeoutPrecommit, line 65).
    Precommit(Slot),
    /// The own model has had its time.
    Lease(Slot),
    /// Say again what was said.
    Beat(Slot),
    /// Ask for what was decided without this member.
    BeatLog,
}

crate::digestible! { enum Timer {
    1 = Propose(slot), 2 = Prevote(slot), 3 = Precommit(slot), 4 = Lease(slot), 5 = Beat(slot), 6 = BeatLog,
} }

impl Statement {
    /// What it is about.
    #[must_use]
    pub const fn slot(&self) -> Slot {
        match self {
            Statement::Wanted { slot } | Statement::Thinking { slot, .. } => *slot,
            Statement::Log { from } => *from,
            Statement::Propose(proposal) => proposal.slot,
            Statement::Vote(vote) => vote.slot,
        }
    }

    /// The round its speaker is in, if it says so.
    #[must_use]
    pub const fn round(&self) -> Option<u64> {
        match self {
            Statement::Wanted { .. } | Statement::Log { .. } => None,
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
                let value = corruption::value(&certificate.value, draw);
                Message::Proof(Certificate { value, ..certificate.clone() })
            }
        }
    }
}

fn corrupted(statement: &Statement, draw: u64) -> Statement {
    let mut altered = statement.clone();
    match &mut altered {
        Statement::Wanted { slot } | Statement::Log { from: slot } => corruption::word(&mut slot.0, draw),
        Statement::Thinking { round, .. } => corruption::word(round, draw),
        Statement::Propose(proposal) => proposal.value = corruption::value(&proposal.value, draw),
        Statement::Vote(vote) => match &vote.choice {
            Some(value) => vote.choice = Some(corruption::value(value, draw)),
            None => corruption::word(&mut vote.round, draw),
        },
    }
    altered
}
