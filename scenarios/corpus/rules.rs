//! What shows that each rule of a protocol is needed, rule by rule as the protocol's own documentation numbers them: a
//! planted bug that breaks it, or, where no property of a run is violated without it, the test that holds it.
//!
//! `tests/corpus` holds the documentation against this table.

/// One rule and what shows it.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Whose, by the folder of its protocol.
    pub protocol: &'static str,
    /// Its number there.
    pub number: u32,
    /// What shows it.
    pub shown: Shown,
}

/// What shows that a rule is needed.
#[derive(Clone, Copy, Debug)]
pub enum Shown {
    /// These bugs of the corpus, planted in the protocol's own folder or in the vote that ends it.
    Bugs(&'static [&'static str]),
    /// Without it answers are worse, later or dearer, and no property of a run is violated; this test holds it.
    Test(&'static str),
}

const fn bugs(protocol: &'static str, number: u32, names: &'static [&'static str]) -> Rule {
    Rule { protocol, number, shown: Shown::Bugs(names) }
}

const fn held(protocol: &'static str, number: u32, test: &'static str) -> Rule {
    Rule { protocol, number, shown: Shown::Test(test) }
}

/// Every rule.
pub const RULES: &[Rule] = &[
    bugs("raft", 1, &["raft/NeverStepsDown", "raft/CountsStaleVotes"]),
    bugs("raft", 2, &["raft/VoteNotPersisted", "raft/TermNotPersisted", "raft/EntriesNotPersisted"]),
    bugs("raft", 3, &["raft/IgnoresOldAskers"]),
    bugs("raft", 4, &["raft/SkipsUpToDateCheck", "raft/CountsVotesTwice", "raft/QuorumOffByOne"]),
    bugs("raft", 5, &["raft/LeadsWithoutNoop"]),
    bugs("raft", 6, &["raft/ComparesIndexOnly"]),
    bugs("raft", 7, &["raft/CommitsUnchecked"]),
    bugs("raft", 8, &["raft/CommitsEarlierTerm", "raft/TakesProgressForSorted"]),
    bugs("raft", 9, &["raft/NeverStepsDown"]),
    bugs("raft", 10, &["raft/AppliesLastOnly", "raft/DecidesAgain"]),
    bugs("raft", 11, &["raft/OutlivesItsDisk"]),
    bugs("raft", 12, &["raft/ReadsUnconfirmed", "raft/ReusesReadRound"]),
    bugs("raft", 13, &["raft/ReadsBeforeOwnCommit"]),
    bugs("raft", 14, &["raft/SnapshotForgetsVoters"]),
    bugs("raft", 15, &["raft/InstallsOldSnapshot"]),
    bugs("raft", 16, &["raft/DistrustsSnapshot"]),
    bugs("raft", 17, &["raft/RemovesTwo"]),
    bugs("raft", 18, &["raft/ChangesBeforeOwnCommit", "raft/ChangesSideBySide"]),
    bugs("raft", 19, &["raft/CountsLearners"]),
    bugs("raft", 20, &["raft/CountsLearners"]),
    bugs("raft", 21, &["raft/StandsByLastSeats"]),
    bugs("raft", 22, &["raft/ReadsWhileHandingOver"]),
    bugs("paxos", 1, &["paxos/ReusesBallot"]),
    bugs("paxos", 2, &["paxos/VotesBelowPromise", "paxos/NeverStepsDown"]),
    bugs("paxos", 3, &["paxos/PromiseNotPersisted", "paxos/VoteNotPersisted"]),
    bugs("paxos", 4, &["paxos/PromisesWithoutVotes"]),
    bugs("paxos", 5, &["paxos/KeepsOwnValue", "paxos/LeavesGaps", "paxos/AdoptsParaphrase"]),
    bugs("paxos", 6, &["paxos/CountsAcrossBallots"]),
    bugs("paxos", 7, &["paxos/DisjointQuorums"]),
    bugs("paxos", 8, &["paxos/BelievesAnyBallot"]),
    bugs("paxos", 9, &["paxos/AppliesOverGaps"]),
    bugs("paxos", 10, &["paxos/ReadsAlone"]),
    bugs("paxos", 11, &["paxos/OutlivesItsDisk"]),
    held("paxos", 12, "whoever_asks_before_it_stands_deposes_no_leader_that_is_heard"),
    held("paxos", 13, "whoever_is_preempted_waits_before_it_asks_again"),
    bugs("paxos", 14, &["paxos/NeverStepsDown"]),
    bugs("bft", 1, &["bft/TakesNoTurns"]),
    bugs("bft", 2, &["bft/DropsValidValue", "bft/KeepsFirstValid"]),
    bugs("bft", 3, &["bft/NoLock"]),
    bugs("bft", 4, &["bft/UnlocksOnAnyRound"]),
    bugs("bft", 5, &["bft/QuorumTooSmall", "bft/LeavesOneOut"]),
    bugs("bft", 6, &["bft/DecidesOnPrevotes"]),
    bugs("bft", 7, &["bft/WaitsForEver"]),
    bugs("bft", 8, &["bft/NeverSkips"]),
    bugs("bft", 9, &["bft/LockNotPersisted", "bft/VoteNotPersisted"]),
    bugs("bft", 10, &["bft/TrustsAnyName", "bft/CountsVoterTwice", "bft/SkipsCertificateCheck"]),
    bugs("bft", 11, &["bft/AnswersAlone"]),
    bugs("bft", 12, &["bft/ReadsAlone", "bft/ReadsWithoutWaiting"]),
    held("debate", 1, "teams_that_no_model_leads_stay_flat"),
    held("debate", 2, "the_first_round_shows_no_peers_and_each_later_one_shows_them_all"),
    bugs("debate", 3, &["debate/SpeechNotPersisted"]),
    bugs("debate", 4, &["debate/CountsStaleRounds"]),
    bugs("debate", 5, &["debate/WaitsForEveryone"]),
    bugs("debate", 6, &["debate/StopsOnVotesCast"]),
    held("debate", 7, "a_split_debate_that_would_give_up_goes_on_as_long_as_it_may"),
    bugs("debate", 8, &["debate/NeverRelieves"]),
    held("debate", 9, "a_split_ends_as_its_rule_says_and_the_same_for_all"),
    bugs("debate", 10, &["debate/KeepsRefused"]),
    bugs("debate", 11, &["debate/vote/VoteNotPersisted", "debate/vote/QuorumOfPresent"]),
    bugs("refine", 1, &["refine/vote/QuorumTooSmall", "refine/vote/PromiseNotPersisted"]),
    held("refine", 2, "a_quorum_of_answers_closes_a_round_and_the_slow_are_cancelled"),
    bugs("refine", 3, &["refine/AnswerNotPersisted"]),
    bugs("refine", 4, &["refine/CountsCancelled", "refine/CountsItselfTwice"]),
    bugs("refine", 5, &["refine/StabilityNotReset", "refine/CountsAcrossTerms"]),
    held("refine", 6, "a_new_leader_goes_on_from_the_latest_set_and_counts_from_the_beginning"),
    bugs("refine", 7, &["refine/vote/IgnoresEarlierVotes"]),
    bugs("refine", 8, &["refine/KeepsRefused"]),
    held("refine", 9, "after_the_last_round_the_answer_of_most_is_put_and_of_several_the_least"),
    bugs("refine", 10, &["refine/vote/VoteNotPersisted", "refine/vote/QuorumOfPresent"]),
    bugs("vote", 1, &["refine/vote/PromiseNotPersisted"]),
    bugs("vote", 2, &["debate/vote/IgnoresEarlierVotes", "debate/vote/AdoptsParaphrase"]),
    bugs("vote", 3, &["refine/vote/PromiseNotPersisted"]),
    bugs("vote", 4, &["debate/vote/CountsVoterTwice", "debate/vote/QuorumTooSmall", "debate/vote/QuorumOfPresent"]),
    held("vote", 5, "enough_refusals_end_in_giving_up"),
    held("vote", 6, "a_member_that_missed_the_outcome_is_told_until_it_knows"),
    bugs("gossip", 1, &["gossip/SkipsGaps"]),
    bugs("gossip", 2, &["gossip/AnswersBeforeDurable"]),
    bugs("gossip", 3, &["gossip/TakesAtOnce", "gossip/OmitsDependency"]),
    bugs("gossip", 4, &["gossip/IgnoresTokens"]),
    bugs(
        "gossip",
        5,
        &["gossip/StampsByWallClock", "gossip/HearsNoStamps", "gossip/LastToComeWins", "gossip/DropsLateEntries"],
    ),
    bugs("gossip", 6, &["gossip/TakesCallsTwice"]),
    bugs("gossip", 7, &["gossip/AnswersNoSummary"]),
    bugs("gossip", 8, &["gossip/DropsLogTooSoon"]),
    bugs("gossip", 9, &["gossip/CollectsTooSoon"]),
    bugs("gossip", 10, &["gossip/IgnoresDiskErrors"]),
    bugs("gossip", 11, &["gossip/WatchesHoldWorkers"]),
    bugs("strong", 1, &["strong/ForgetsCalls"]),
    bugs("strong", 2, &["strong/ComparesBeforehand"]),
    bugs("strong", 3, &["strong/ReadsUnasked"]),
    held("strong", 4, "whoever_watches_is_told_of_the_next_change_and_of_nothing_else"),
    bugs("line", 1, &["line/NumbersAnewAfterRestart"]),
    bugs("line", 2, &["line/SendsOnce"]),
    bugs("line", 3, &["line/TakesRepetitions"]),
    bugs("line", 4, &["line/AcksBeforeDisk"]),
    bugs("line", 5, &["line/TakesAnyLaterNumber", "line/PipelinesPastGaps", "line/DeliversWithoutWaiting"]),
    held("line", 6, "a_letter_beyond_what_may_be_held_comes_again"),
    held("line", 7, "letters_of_a_former_life_change_nothing_after_a_disk_was_lost"),
    held("line", 8, "a_causal_order_does_not_hear_a_member_without_its_disk"),
    held("line", 9, "a_holder_that_takes_nothing_in_stops_its_writers_and_loses_nothing"),
    held("line", 10, "letters_arrive_once_in_order_over_loss_reordering_and_crashes"),
];
