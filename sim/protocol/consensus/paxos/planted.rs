//! Bugs put in on purpose. Without the feature `planted` every question here is answered by a constant.
//!
//! The rest of the protocol asks what it does, never which bug is planted, so that the correct reading stays the plain
//! one.

use super::{Adoption, Ballot, Config, Sizes, Write};
use crate::id::{Members, NodeId};

bugs! {
    1 = PromiseNotPersisted, "A promise is kept in memory only: a restarted acceptor votes in ballots it had forsworn.";
    2 = VoteNotPersisted,
        "A vote is kept in memory only: a restarted acceptor's promise leaves out what may be chosen.";
    3 = KeepsOwnValue, "A new leader keeps to what it knows itself, whatever the promises say (P2c).";
    4 = ReusesBallot, "A member stands again in a ballot it finds on its disk as its own.";
    5 = DisjointQuorums, "A quorum of promises is one short of meeting every quorum of votes.";
    6 = CountsAcrossBallots,
        "A new leader takes a promise's old vote for the same command as a vote in its own ballot.";
    7 = VotesBelowPromise, "An acceptor votes in a ballot below its promise (P1a).";
    8 = AdoptsParaphrase, "A member writes down in its own words what it must adopt verbatim.";
    9 = LeavesGaps, "A new leader leaves gaps as they are, and nothing behind them is ever applied.";
    10 = ReadsAlone, "A leader tells what it knows decided, whoever leads by now (R18).";
    11 = PromisesWithoutVotes, "A promise leaves out what its maker voted for (rule 4).";
    12 = BelievesAnyBallot,
        "What a leader says is chosen is taken for the own vote there, of whatever ballot (rule 8).";
    13 = AppliesOverGaps, "What is chosen behind a gap is applied before the gap is filled (rule 9; P12).";
    14 = OutlivesItsDisk, "A member whose disk took no write goes on as if it had (rule 11).";
    15 = NeverStepsDown, "A leader heeds no higher ballot and does not notice that nobody hears it (rules 2 and 14).";
    16 = StandsUnasked, "A member that hears no leader stands at once: it asks nobody before (rule 12).";
    17 = StandsAgainAtOnce, "Whoever is preempted asks again at once (rule 13).";
}

impl Config {
    /// What of a write reaches the disk.
    pub(super) fn surviving(&self, write: Write) -> Option<Write> {
        match write {
            Write::Promise { .. } if !unless_planted!(self, PromiseNotPersisted) => None,
            Write::Accept { ballot, .. } if !unless_planted!(self, VoteNotPersisted) => Some(Write::Promise { ballot }),
            sound => Some(sound),
        }
    }

    /// The ballot that a member stands in after it promised and met others.
    pub(super) fn next_ballot(&self, promised: Ballot, met: Ballot, me: NodeId, members: &Members) -> Ballot {
        let highest = promised.max(met);
        if unless_planted!(self, ReusesBallot) { highest.above(me, members) } else { highest.at_least(me, members) }
    }

    /// The quorums that are counted, given those that are right.
    pub(super) fn counted(&self, right: Sizes, members: &Members) -> Sizes {
        if unless_planted!(self, DisjointQuorums) {
            return right;
        }
        Sizes { promises: (members.len() - right.votes).max(1), ..right }
    }

    pub(super) fn adopts_the_highest(&self) -> bool {
        unless_planted!(self, KeepsOwnValue)
    }

    pub(super) fn counts_one_ballot_only(&self) -> bool {
        unless_planted!(self, CountsAcrossBallots)
    }

    pub(super) fn keeps_promises(&self) -> bool {
        unless_planted!(self, VotesBelowPromise)
    }

    pub(super) fn adopts_verbatim(&self) -> bool {
        self.adoption == Adoption::Verbatim && unless_planted!(self, AdoptsParaphrase)
    }

    pub(super) fn fills_gaps(&self) -> bool {
        unless_planted!(self, LeavesGaps)
    }

    pub(super) fn promises_with_votes(&self) -> bool {
        unless_planted!(self, PromisesWithoutVotes)
    }

    pub(super) fn believes_its_own_ballot_only(&self) -> bool {
        unless_planted!(self, BelievesAnyBallot)
    }

    pub(super) fn applies_in_order(&self) -> bool {
        unless_planted!(self, AppliesOverGaps)
    }

    pub(super) fn stops_with_its_disk(&self) -> bool {
        unless_planted!(self, OutlivesItsDisk)
    }

    pub(super) fn steps_down(&self) -> bool {
        unless_planted!(self, NeverStepsDown)
    }

    pub(super) fn asks_before_it_stands(&self) -> bool {
        unless_planted!(self, StandsUnasked)
    }

    pub(super) fn waits_before_it_asks_again(&self) -> bool {
        unless_planted!(self, StandsAgainAtOnce)
    }

    pub(super) fn reads_through_the_log(&self) -> bool {
        unless_planted!(self, ReadsAlone)
    }
}
