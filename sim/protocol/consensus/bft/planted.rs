//! Bugs put in on purpose. Without the feature `planted` every question here is answered by a constant.

use super::message::Statement;
use super::{Config, Record, Write};
use crate::id::{Members, NodeId};
use crate::protocol::signed::Signed;

bugs! {
    1 = QuorumTooSmall, "A quorum of 2f: two of them need not share a correct member.";
    2 = NoLock, "A member prevotes whatever is proposed, locked or not (line 23).";
    3 = DropsValidValue, "A proposer ignores the valid decision it knows (line 16).";
    4 = CountsVoterTwice, "A vote that arrives twice counts twice.";
    5 = TrustsAnyName, "Signatures are not looked at.";
    6 = LockNotPersisted, "The lock is kept in memory only.";
    8 = UnlocksOnAnyRound, "Prevotes of any earlier round free a member of its lock (line 29, no `lockedRound ≤ vr`).";
    9 = KeepsFirstValid, "A member keeps what it first knew to be valid, whatever becomes valid later (line 42).";
    10 = SkipsCertificateCheck, "A certificate is believed whoever is said to have signed it.";
    11 = ReadsAlone, "A read tells the member's own log and asks nobody (rule 12).";
    12 = ReadsWithoutWaiting, "A read counts answers from logs longer than the own one, and tells that (rule 12).";
    13 = AnswersAlone, "A client hears of a decision before a quorum holds it (rule 11).";
    14 = VoteNotPersisted, "A vote is kept in memory only: a restarted member may vote otherwise (rule 9).";
    15 = DecidesOnPrevotes, "A quorum of prevotes decides: the second vote is left out (line 49).";
    16 = WaitsForEver, "A quorum that does not vote alike is waited for without end (lines 34, 47).";
    17 = TakesNoTurns, "Every round of a height has the same proposer (rule 1).";
    18 = NeverSkips, "A member goes through every round itself, however far the others are (rule 8).";
    19 = LeavesOneOut, "The last member watches and never votes: 3f voters have to bear f liars.";
}

impl Config {
    pub(super) fn asks_for_a_whole_quorum(&self) -> bool {
        unless_planted!(self, QuorumTooSmall)
    }

    /// Of how many members a quorum is one.
    pub(super) fn voters(&self, members: usize) -> usize {
        if unless_planted!(self, LeavesOneOut) { members } else { members - 1 }
    }

    /// Whether this member votes like everyone else.
    pub(super) fn votes_in(&self, me: NodeId, members: &Members) -> bool {
        unless_planted!(self, LeavesOneOut) || members.iter().last() != Some(me)
    }

    pub(super) fn unlocks_on_later_rounds_only(&self) -> bool {
        unless_planted!(self, UnlocksOnAnyRound)
    }

    pub(super) fn renews_valid_values(&self) -> bool {
        unless_planted!(self, KeepsFirstValid)
    }

    pub(super) fn checks_certificates(&self) -> bool {
        unless_planted!(self, SkipsCertificateCheck)
    }

    pub(super) fn keeps_its_lock(&self) -> bool {
        unless_planted!(self, NoLock)
    }

    pub(super) fn votes_twice_before_it_decides(&self) -> bool {
        unless_planted!(self, DecidesOnPrevotes)
    }

    pub(super) fn bounds_its_waiting(&self) -> bool {
        unless_planted!(self, WaitsForEver)
    }

    /// By how many rounds the turn has passed on.
    pub(super) fn turns(&self, round: u64) -> u64 {
        if unless_planted!(self, TakesNoTurns) { round } else { 0 }
    }

    pub(super) fn skips_rounds(&self) -> bool {
        unless_planted!(self, NeverSkips)
    }

    pub(super) fn asks_before_reading(&self) -> bool {
        unless_planted!(self, ReadsAlone)
    }

    pub(super) fn waits_for_what_others_hold(&self) -> bool {
        unless_planted!(self, ReadsWithoutWaiting)
    }

    pub(super) fn waits_for_a_quorum_to_hold(&self) -> bool {
        unless_planted!(self, AnswersAlone)
    }

    pub(super) fn carries_valid_values(&self) -> bool {
        unless_planted!(self, DropsValidValue)
    }

    pub(super) fn counts_voters_once(&self) -> bool {
        unless_planted!(self, CountsVoterTwice)
    }

    /// Whether a statement counts as its signer's.
    pub(super) fn trusts(&self, signed: &Signed<Statement>) -> bool {
        !unless_planted!(self, TrustsAnyName) || signed.is_genuine()
    }

    /// What of a write reaches the disk.
    pub(super) fn surviving(&self, write: Write) -> Write {
        match write {
            Write::Present { height, record } if !unless_planted!(self, LockNotPersisted) => {
                Write::Present { height, record: Record { locked: None, ..record } }
            }
            Write::Present { height, record } if !unless_planted!(self, VoteNotPersisted) => {
                Write::Present { height, record: Record { prevote: None, precommit: None, ..record } }
            }
            write => write,
        }
    }
}
