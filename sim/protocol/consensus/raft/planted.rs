//! Bugs put in on purpose. Without the feature `planted` every question here is answered by a constant.
//!
//! The rest of the protocol asks what it does, never which bug is planted, so that the correct reading stays the plain
//! one.

use super::{Adoption, Config, Visibility, Write};
use crate::fact::Value;
use crate::id::{Members, NodeId};
use crate::protocol::consensus::log::reworded;

bugs! {
    1 = VoteNotPersisted, "The vote is kept in memory only: a restarted member may vote twice in a term (§5.2; R02).";
    2 = TermNotPersisted,
        "Neither the term nor the vote in it is kept: a restarted member serves leaders of the past (§5.1; R03).";
    3 = CommitsEarlierTerm, "A leader commits an earlier term's entry by counting replicas (§5.4.2, Figure 8; R01).";
    4 = SkipsUpToDateCheck, "Votes go to candidates whatever their logs hold (§5.4.1; R04).";
    5 = AdoptsParaphrase, "A follower writes down in its own words what it must adopt verbatim.";
    6 = NeverStepsDown,
        "A leader heeds no higher term and does not notice that nobody hears it (§5.1, §6.2 of the thesis; R34).";
    7 = AcksLogEnd,
        "A follower acknowledges where its log ends, not what the message showed (Figure 2; R09). No run of a team of \
         these leaders goes wrong by it, though Raft allows leaders that do: a message of theirs ends with an entry of \
         their own term, behind which whoever held it holds nothing of others, or, after a refusal, with the first \
         entry that differs, behind which nothing stays.";
    8 = CountsStaleVotes, "A vote for an earlier candidacy counts for a later one (§5.2; R10).";
    9 = CountsVotesTwice, "A vote that arrives twice counts twice (§5.2; R11).";
    10 = QuorumOffByOne, "Half of an even number of voters is taken for a majority (§5.2; R13).";
    11 = ReadsUnconfirmed, "A leader answers reads without asking whether it still leads (thesis §6.4; R18).";
    12 = ReadsBeforeOwnCommit,
        "A leader answers reads before an entry of its own term is committed (thesis §6.4; R19).";
    13 = ReusesReadRound, "Answers to heartbeats sent before a read came confirm it (thesis §6.4; R20).";
    14 = ReadsWhileHandingOver, "A leader trusts in its lease while it hands leadership over (thesis §3.10; R21).";
    15 = ChangesBeforeOwnCommit,
        "A leader changes who votes before an entry of its own term is committed (the bug of 2015; R22).";
    16 = ChangesSideBySide, "A leader begins a change of voters before the last one is committed (thesis §4.1; R23).";
    17 = CountsLearners, "What members without a vote hold counts for a commit (thesis §4.2.1; R26).";
    18 = InstallsOldSnapshot,
        "A late snapshot takes the place of a log that is further on (Figure 13, step 6; R29).";
    19 = DistrustsSnapshot,
        "What a snapshot holds and cannot be compared any more counts as a conflict and costs the log (§7; R30).";
    20 = ComparesIndexOnly, "Entries are taken after any entry of that index, whatever its term (§5.3; R32).";
    21 = EntriesNotPersisted, "A follower acknowledges entries that it keeps in memory only (Figure 2; R17).";
    22 = OutlivesItsDisk, "A member whose disk took no write goes on as if it had (rule 11).";
    23 = CommitsUnchecked,
        "A follower takes over its leader's commit before it knows that their logs are alike (§5.3; R07).";
    24 = AcksBeforeDisk, "Votes and acknowledgements are sent before they are durable (§5.2; R17).";
    25 = TakesProgressForSorted,
        "A commit counts members in the order of their names, as if it were that of their logs (R28).";
    26 = IgnoresOldAskers,
        "Who asks for a pre-vote in an earlier term gets no answer, so it never hears of a later one (R35).";
    27 = AnswersBeforeCommit, "A leader answers a client as soon as the entry is in its own log.";
    28 = AnswersInOwnWords, "Clients are told a decision in other words than those of the log.";
    29 = ReportsInOwnWords, "Members decide in other words than those of the log, all in the same.";
    30 = DecidesAgain, "A slot is decided anew with each entry for it.";
    31 = StandsUnasked, "A member that hears no leader stands at once: it asks nobody before (rule 3).";
    32 = LeadsWithoutNoop, "A new leader appends nothing of its own term until it is asked for something (rule 5).";
    33 = AppliesLastOnly, "Of what is committed together only the last entry is applied (rule 10).";
    34 = SnapshotForgetsVoters, "A snapshot does not say who votes (rule 14).";
    35 = RemovesTwo, "Whoever is removed takes another voter along (rule 17).";
    36 = StandsByLastSeats,
        "A member from which the log's last entry takes the vote does not stand, though nobody committed that (rule 21).";
}

impl Config {
    /// What of a write reaches the disk.
    pub(super) fn surviving(&self, write: Write) -> Option<Write> {
        match write {
            Write::Ballot { .. } if !unless_planted!(self, TermNotPersisted) => None,
            Write::Ballot { term, .. } if !unless_planted!(self, VoteNotPersisted) => {
                Some(Write::Ballot { term, vote: None })
            }
            Write::Append { .. } if !unless_planted!(self, EntriesNotPersisted) => None,
            sound => Some(sound),
        }
    }

    /// How many of these voters decide.
    pub(super) fn quorum_of(&self, voters: &Members) -> usize {
        if unless_planted!(self, QuorumOffByOne) { voters.majority() } else { voters.len().div_ceil(2) }
    }

    pub(super) fn commits_own_term_only(&self) -> bool {
        unless_planted!(self, CommitsEarlierTerm)
    }

    pub(super) fn compares_logs(&self) -> bool {
        unless_planted!(self, SkipsUpToDateCheck)
    }

    pub(super) fn adopts_verbatim(&self) -> bool {
        self.adoption == Adoption::Verbatim && unless_planted!(self, AdoptsParaphrase)
    }

    pub(super) fn steps_down(&self) -> bool {
        unless_planted!(self, NeverStepsDown)
    }

    pub(super) fn acknowledges_what_was_shown(&self) -> bool {
        unless_planted!(self, AcksLogEnd)
    }

    pub(super) fn heeds_terms_of_votes(&self) -> bool {
        unless_planted!(self, CountsStaleVotes)
    }

    pub(super) fn counts_voters_once(&self) -> bool {
        unless_planted!(self, CountsVotesTwice)
    }

    pub(super) fn asks_before_it_reads(&self) -> bool {
        unless_planted!(self, ReadsUnconfirmed)
    }

    pub(super) fn asks_while_handing_over(&self) -> bool {
        unless_planted!(self, ReadsWhileHandingOver)
    }

    pub(super) fn commits_before_it_reads(&self) -> bool {
        unless_planted!(self, ReadsBeforeOwnCommit)
    }

    pub(super) fn begins_a_round_for_reads(&self) -> bool {
        unless_planted!(self, ReusesReadRound)
    }

    pub(super) fn commits_before_it_changes(&self) -> bool {
        unless_planted!(self, ChangesBeforeOwnCommit)
    }

    pub(super) fn changes_one_at_a_time(&self) -> bool {
        unless_planted!(self, ChangesSideBySide)
    }

    pub(super) fn counts_voters_only(&self) -> bool {
        unless_planted!(self, CountsLearners)
    }

    pub(super) fn heeds_own_commit(&self) -> bool {
        unless_planted!(self, InstallsOldSnapshot)
    }

    pub(super) fn trusts_its_snapshot(&self) -> bool {
        unless_planted!(self, DistrustsSnapshot)
    }

    pub(super) fn checks_before_it_commits(&self) -> bool {
        unless_planted!(self, CommitsUnchecked)
    }

    pub(super) fn waits_for_the_disk(&self) -> bool {
        self.visibility == Visibility::DurableFirst && unless_planted!(self, AcksBeforeDisk)
    }

    pub(super) fn sorts_progress(&self) -> bool {
        unless_planted!(self, TakesProgressForSorted)
    }

    pub(super) fn answers_old_askers(&self) -> bool {
        unless_planted!(self, IgnoresOldAskers)
    }

    pub(super) fn commits_before_it_answers(&self) -> bool {
        unless_planted!(self, AnswersBeforeCommit)
    }

    pub(super) fn decides_once(&self) -> bool {
        unless_planted!(self, DecidesAgain)
    }

    /// What clients are told of a decision.
    pub(super) fn told(&self, value: Value) -> Value {
        if unless_planted!(self, AnswersInOwnWords) { value } else { reworded(&value, 0) }
    }

    /// What members report of a decision.
    pub(super) fn reported(&self, value: Value) -> Value {
        if unless_planted!(self, ReportsInOwnWords) { value } else { reworded(&value, 0) }
    }

    pub(super) fn stops_with_its_disk(&self) -> bool {
        unless_planted!(self, OutlivesItsDisk)
    }

    pub(super) fn compares_terms(&self) -> bool {
        unless_planted!(self, ComparesIndexOnly)
    }

    pub(super) fn asks_before_it_stands(&self) -> bool {
        unless_planted!(self, StandsUnasked)
    }

    pub(super) fn begins_its_term(&self) -> bool {
        unless_planted!(self, LeadsWithoutNoop)
    }

    pub(super) fn applies_every_entry(&self) -> bool {
        unless_planted!(self, AppliesLastOnly)
    }

    pub(super) fn keeps_voters_in_snapshots(&self) -> bool {
        unless_planted!(self, SnapshotForgetsVoters)
    }

    /// Who votes once a member is removed.
    pub(super) fn voters_without(&self, voters: &Members, member: NodeId) -> Members {
        let rest = voters.without(member);
        let another = rest.iter().next().filter(|_| !unless_planted!(self, RemovesTwo) && rest.len() > 1);
        another.map_or(rest.clone(), |another| rest.without(another))
    }

    pub(super) fn stands_until_its_removal_holds(&self) -> bool {
        unless_planted!(self, StandsByLastSeats)
    }
}
