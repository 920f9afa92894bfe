//! What a member keeps of the present height in memory: statements heard in it, and what it waits for. All of it may be
//! lost.

use super::message::{Proposal, Statement, Vote};
use super::{Certificate, Config};
use crate::fact::{Decision, Phase, Slot};
use crate::id::NodeId;
use crate::protocol::consensus::log::Index;
use crate::protocol::signed::Signed;
use crate::protocol::team::Reason;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// A height's volatile part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Instance {
    pub(super) stage: Stage,
    /// The proposer's first proposal of each round.
    pub(super) proposals: BTreeMap<u64, Proposal>,
    /// Votes of each round and phase, each member's first, in voter order: in which order they came decides nothing.
    pub(super) votes: BTreeMap<Ballot, Vec<Signed<Statement>>>,
    /// The latest round each member was heard in.
    pub(super) rounds: BTreeMap<NodeId, u64>,
    /// When the present round began.
    pub(super) since: Time,
    /// What the own model was asked to propose.
    pub(super) asked: Option<Asked>,
    /// What the own agent checks or found.
    pub(super) check: Option<Check>,
    /// Which timers of the present round were armed already.
    pub(super) awaited: BTreeSet<Phase>,
    /// Why members refused what was proposed, oldest first.
    pub(super) refusals: Vec<Reason>,
    /// Whom this member has proof against.
    pub(super) accused: BTreeSet<NodeId>,
}

crate::digestible! { struct Instance {
    stage, proposals, votes, rounds, since, asked, check, awaited, refusals, accused,
} }

/// Whether a height has begun here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nobody wants anything.
    #[default]
    Idle,
    /// It goes through its rounds.
    Begun,
}

crate::digestible! { enum Stage { 1 = Idle, 2 = Begun } }

/// Which votes are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ballot {
    pub(super) round: u64,
    pub(super) phase: Phase,
}

crate::digestible! { struct Ballot { round, phase } }

/// A question to the own model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) ticket: u64,
    pub(super) slot: Slot,
    pub(super) attempt: u32,
}

crate::digestible! { struct Asked { ticket, slot, attempt } }

/// A check of a proposal by the own agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) ticket: u64,
    pub(super) decision: Decision,
    pub(super) finding: Finding,
}

crate::digestible! { struct Check { ticket, decision, finding } }

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// Nothing yet.
    Awaited,
    /// It passed.
    Approved,
    /// It did not.
    Refused(Reason),
}

crate::digestible! { enum Finding { 1 = Awaited, 2 = Approved, 3 = Refused(reason) } }

/// What became of a vote that was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    New,
    Known,
    /// The voter had voted otherwise.
    Contradiction,
}

impl Instance {
    /// Keeps a member's first vote of a round and phase (rule 10).
    pub(super) fn hear(&mut self, vote: &Vote, signed: Signed<Statement>, config: &Config) -> Heard {
        let votes = self.votes.entry(Ballot { round: vote.round, phase: vote.phase }).or_default();
        match votes.iter().find(|known| known.signer() == signed.signer()) {
            Some(known) if choice(known) != vote.choice.as_ref() => Heard::Contradiction,
            Some(_) if config.counts_voters_once() => Heard::Known,
            _ => {
                let place = votes.partition_point(|known| known.signer() <= signed.signer());
                votes.insert(place, signed);
                Heard::New
            }
        }
    }

    /// How many voted in a round and phase, for whatever.
    pub(super) fn turnout(&self, ballot: Ballot) -> usize {
        self.votes.get(&ballot).map_or(0, Vec::len)
    }

    /// How many voted nil.
    pub(super) fn nils(&self, ballot: Ballot) -> usize {
        self.votes.get(&ballot).map_or(0, |votes| votes.iter().filter(|vote| choice(vote).is_none()).count())
    }

    /// The certificate of what a quorum voted for, if there is one.
    pub(super) fn certificate(&self, height: Index, ballot: Ballot, quorum: usize) -> Option<Certificate> {
        let votes = self.votes.get(&ballot)?;
        if votes.len() < quorum {
            return None;
        }
        let alike = |decision: &Decision| votes.iter().filter(|vote| choice(vote) == Some(decision)).count();
        let decision = votes.iter().filter_map(choice).find(|decision| alike(decision) >= quorum)?.clone();
        // Reasons go with nil votes only, so votes for a decision say the same word for word.
        let votes = votes.iter().filter(|vote| choice(vote) == Some(&decision)).cloned().collect();
        Some(Certificate { height, round: ballot.round, phase: ballot.phase, decision, votes })
    }

    /// The latest round that this many members have reached.
    pub(super) fn reached_by(&self, members: usize) -> Option<u64> {
        let mut rounds: Vec<u64> = self.rounds.values().copied().collect();
        rounds.sort_unstable_by(|one, other| other.cmp(one));
        rounds.get(members.checked_sub(1)?).copied()
    }
}

/// What a signed vote is for.
fn choice(signed: &Signed<Statement>) -> Option<&Decision> {
    match signed.statement() {
        Statement::Vote(vote) => vote.choice.as_ref(),
        _ => None,
    }
}
