//! Every policy has two planted bugs at least, and no planted bug is without a policy. `tests/corpus` hunts them.

use synod::policy::Planted;

/// What each policy promises, with the bugs that break it.
fn promises() -> Vec<(&'static str, &'static [Planted])> {
    use Planted::*;
    vec![
        ("classes_of_failures_are_looked_at", &[RetriesPermanent, RepeatsOnceOnly]),
        ("retries_wait_and_not_alike", &[NoJitter, NoWait, SaysItAgain]),
        ("retries_are_paid_for", &[IgnoresBudget, PaysWhole, NeverEmpty]),
        ("deadlines_hold_for_all_of_a_request", &[WaitsPastDeadline, DeadlineStartsAfresh]),
        ("breakers_let_one_probe_through_and_nothing_while_open", &[EveryoneProbes, OpenLeaks]),
        (
            "hedges_are_rare_and_only_of_what_may_be_done_twice",
            &[HedgesOnceOnly, HedgesAtOnce, HedgesUnpaid, NeverHedges],
        ),
        ("fallbacks_take_every_rung", &[StopsAtFirstRung, SkipsRung]),
        ("remembered_answers_are_the_last_ones_and_not_too_old", &[RecallsTooOld, KeepsFirst]),
        ("partial_results_say_what_is_missing", &[SilentlyPartial, ForgetsOpen]),
        ("claims_are_one_at_a_time_under_growing_numbers", &[SameToken, ClaimsTwice]),
        ("fences_remember_and_refuse", &[TakesAnyToken, ForgetsSeen]),
        ("detectors_hear_and_suspect", &[HearsNothing, NeverSuspects, NoCeiling]),
        ("health_is_more_than_a_heartbeat", &[ShellVouches, ForgivesGarbage, ForgivesRefuted]),
        ("cross_checks_need_another_model", &[CountsAuthorsModel, DoubtIsConsent]),
        ("bulkheads_count_who_is_in", &[NoSeats, SeatNeverFreed]),
        ("rates_are_shared_and_used_up", &[SharesWhole, ForgetsTaken]),
        ("sagas_end_whole", &[UndoesInOrder, SkipsUnsure, FreshKeys, GivesUpUndoing, ActsFirst]),
    ]
}

#[test]
fn every_policy_has_two_bugs_and_every_bug_a_policy() {
    let promises = promises();
    let orphan = Planted::ALL.iter().find(|bug| !promises.iter().any(|(_, bugs)| bugs.contains(bug)));
    assert!(orphan.is_none(), "{orphan:?} breaks no policy's promise");
    let poor = promises.iter().find(|(_, bugs)| bugs.len() < 2);
    assert!(poor.is_none(), "one bug is too few: {poor:?}");
}
